/*
 * Events that wait in memory because the disk refuses; in order, and bounded: the oldest snapshots
 * are dropped first, alerts last.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_WAITING_H
#define HEALTHD_ACTORS_EVENT_BUS_WAITING_H

#include "store/outbound.h"

/* Bytes of bodies that wait, at most, each with OUTBOUND_ROW_BYTES. */
#define WAITING_MAX_BYTES ((size_t)8 << 20)

typedef struct waiting_event waiting_event_t;
struct waiting_event {
    outbound_t row;
    waiting_event_t *next;
};

/* Zero it to begin. */
typedef struct {
    waiting_event_t *first, *last;
    size_t bytes;
    size_t n;
} waiting_t;

/*
 * Appends ROW and takes its texts; then drops events until the bound holds, but neither the first
 * (it may be on its way) nor the new one. Adds what went to *DROPS. 0, or -1 where memory ran out:
 * ROW is then as it was.
 */
int waiting_add(waiting_t *self, outbound_t *row, outbound_drops_t *drops);

/* Takes the first event out and gives its row, to be ended with outbound_clear; there must be
 * one.*/
outbound_t waiting_take_first(waiting_t *self);

void waiting_clear(waiting_t *self);

#endif
