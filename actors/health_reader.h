/*
 * A reader of inproc://health: keeps the newest state from the changes that are published, and asks
 * the aggregator for the whole of it at its own start (an actor that was started again) and where a
 * version is missing (a message that no memory was there for).
 */
#ifndef HEALTHD_ACTORS_HEALTH_READER_H
#define HEALTHD_ACTORS_HEALTH_READER_H

#include <healthd/snapshot.h>

#include "actors/actor.h"

typedef struct health_reader health_reader_t;

/* WHOLE is the state after each snapshot that came, with that snapshot's flags; of a state that was
 * asked for is_status_changed says whether the reader knew another status. Borrowed. */
typedef void health_reader_fn(void *context, const snapshot_t *whole);

/* Makes the sockets and reads them in ACTOR's loop. NULL: out of memory. */
health_reader_t *health_reader_new(actor_t *actor, health_reader_fn *fn, void *context);

/* The newest state, or NULL before the first snapshot; borrowed until the loop runs again. */
const snapshot_t *health_reader_state(const health_reader_t *self);

/* Reads at once what waits, as the loop would; for what must not be answered before it is known. */
void health_reader_drain(health_reader_t *self);

/* Ends the sockets; call it before actor_destroy. Takes NULL. */
void health_reader_destroy(health_reader_t **self);

#endif
