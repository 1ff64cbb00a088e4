/*
 * The newest state as the gateway keeps it itself, from the changes that the aggregator publishes:
 * what is asked for with many filters is answered from it, without a question and without a copy.
 * Nobody is shown a state older than what was known when they asked.
 */
#ifndef HEALTHD_GATEWAY_LIVE_H
#define HEALTHD_GATEWAY_LIVE_H

#include <healthd/snapshot.h>

#include "gateway/asks.h"

/* Requests that wait for a state at once, at most; beyond, they are told that there is none. */
#define LIVE_WAITERS_MAX 1024

typedef struct live live_t;

/* STATE is whole and borrowed for the call; NULL where none came in time. */
typedef void live_fn(void *context, const snapshot_t *state);

/* Begins to follow what ASKS (borrows) hears. NULL where memory ran out. */
live_t *live_new(asks_t *asks);

/* Call it after asks_destroy: who still waits has then been told that there is none. Takes NULL. */
void live_destroy(live_t **self);

/*
 * Calls FN(CONTEXT) once, at once or when the state is there. 0, or -1 where nothing can be had: FN
 * is then not called.
 */
int live_show(live_t *self, live_fn *fn, void *context);

#endif
