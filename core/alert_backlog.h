/*
 * Alert events that wait because the disk refuses them, with the quiet changes between them.
 * Bounded in bytes; where the bound is passed events are shed in this order, oldest first, down to
 * half:
 *   1. updates (each event holds its whole alert, so what is lost is the text on disk until the
 *      alert's next event),
 *   2. the raise of an alert whose end waits too (its end brings the alert into the history),
 *   3. the ends that are then left without their raise (the alert is missing in the history on
 *      disk; everyone who listened heard of it).
 * Never shed is what a restart depends on: raises of alerts that are active, and ends of alerts
 * that are active on disk. There are as many of these as components, at most.
 */
#ifndef HEALTHD_CORE_ALERT_BACKLOG_H
#define HEALTHD_CORE_ALERT_BACKLOG_H

#include <healthd/alert_event.h>

#include "core/quiet.h"

/* Bytes that wait, at most, texts and structs together. */
#define ALERT_BACKLOG_MAX_BYTES ((size_t)16 << 20)

/* Zero it to begin. */
typedef struct {
    alert_event_t *events; /* in order; owned, as all below */
    size_t n_events;
    size_t events_capacity;
    bool *is_orphan;         /* of each event: the raise of its alert was shed */
    quiet_change_t *changes; /* in order */
    size_t n_changes;
    size_t changes_capacity;
    size_t bytes;            /* of the events */
    size_t shed_at_bytes;    /* the next shedding: so that what cannot be shed is not looked at each
                                time; 0: ALERT_BACKLOG_MAX_BYTES */
    uint64_t n_shed_updates; /* since the backlog was empty */
    uint64_t n_shed_others;
} alert_backlog_t;

/* Appends a deep copy of EVENT, then sheds. 0, or -1: out of memory, nothing was added. */
int alert_backlog_add(alert_backlog_t *self, const alert_event_t *event);

/* Appends a deep copy of CHANGE. 0, or -1: out of memory, nothing was added. */
int alert_backlog_add_change(alert_backlog_t *self, const quiet_change_t *change);

bool alert_backlog_is_empty(const alert_backlog_t *self);

/* Frees everything that waits; the counts begin anew. */
void alert_backlog_clear(alert_backlog_t *self);

#endif
