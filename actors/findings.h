/*
 * The sending side of inproc://findings: an actor says what it found out, and that it is over; the
 * alert manager makes an alert of it and resolves it. What holds is repeated by itself.
 */
#ifndef HEALTHD_ACTORS_FINDINGS_H
#define HEALTHD_ACTORS_FINDINGS_H

#include <czmq.h>

#include <healthd/finding.h>

#include "actors/io/log.h"

/* Findings that one source may hold at once; further ones are refused and logged. */
#define FINDINGS_OF_SOURCE_MAX 256

typedef struct findings findings_t;

typedef struct {
    const char *component; /* "healthd:storage": at most one finding of a source for each */
    alert_kind_t kind;
    severity_t severity;
    const char *title;
    const char *message;
    const char *details; /* JSON text of an object, or NULL */
} finding_words_t;

/* LOOP is the actor's, LOG and SOURCE (its name) are borrowed. Never NULL (memory that runs out at
 * start ends the process). */
findings_t *findings_new(zloop_t *loop, const log_t *log, const char *source);

/* WORDS (borrows) hold from now on, until other words for their component or findings_over. */
void findings_say(findings_t *self, const finding_words_t *words);

/* The finding about COMPONENT is over; nothing happens where there is none. */
void findings_over(findings_t *self, const char *component);

/* What still holds ends with its life (FINDING_LIFE_US). Takes NULL. */
void findings_destroy(findings_t **self);

#endif
