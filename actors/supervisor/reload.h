/*
 * Another configuration while the process runs: read at SIGHUP or when asked for over
 * ENDPOINT_ASK_SUPERVISOR, compared with the one in force, handed to every actor. One with a fault
 * in it changes nothing.
 */
#ifndef HEALTHD_ACTORS_SUPERVISOR_RELOAD_H
#define HEALTHD_ACTORS_SUPERVISOR_RELOAD_H

#include <czmq.h>
#include <stdbool.h>
#include <stdint.h>

#include "actors/findings.h"

typedef struct supervisor supervisor_t;
typedef struct child child_t;

/* Who is being handed the new configuration. */
typedef enum {
    RELOAD_IDLE,
    RELOAD_MODEL,     /* first who knows the targets, so that they are there before their results */
    RELOAD_OTHERS,    /* everyone else but ... */
    RELOAD_COLLECTORS /* ... collectors */
} reload_step_t;

typedef struct {
    zsock_t *ask;         /* ROUTER */
    findings_t *findings; /* a configuration that was refused */
    reload_step_t step;
    bool is_wanted_again; /* a signal came meanwhile */
    zframe_t *asker;      /* who waits for the answer; NULL: a signal asked */
    uint64_t request_id;
    char *answer;       /* JSON, for when it is done */
    char *told;         /* what the log says then */
    char *restart_keys; /* "a, b": keys that take a restart; NULL: none */
} reload_t;

/* Binds ENDPOINT_ASK_SUPERVISOR in the supervisor's loop. */
void reload_open(supervisor_t *self);
void reload_close(supervisor_t *self);

/* SIGHUP came. */
void reload_on_signal(supervisor_t *self);

/* CHILD has taken the new configuration, or will begin anew with it. */
void reload_on_taken(child_t *child);

#endif
