/*
 * Reads one stream as a consumer of our group, over a connection of its own: a group belongs to one
 * stream, and the command blocks. For ever: a connection that is lost or hangs is opened again with
 * back-off, a group that is gone (Redis was emptied) is made again.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_STREAM_READER_H
#define HEALTHD_ACTORS_EVENT_BUS_STREAM_READER_H

#include "actors/event_bus/redis_streams.h"

typedef struct stream_reader stream_reader_t;

/* What the readers and the writer of one bus share; borrowed by each. */
typedef struct {
    actor_t *actor;
    resolve_t *resolve;
    const redis_url_t *url;
    const config_t *config; /* how streams are named and how long they get */
    const char *consumer;
    stream_entries_fn *entries; /* gets what was read */
    void *context;              /* of every function */
} streams_t;

/* Begins to read stream TYPE. Never NULL (memory that runs out at start ends the process). */
stream_reader_t *stream_reader_new(const streams_t *streams, trip_event_type_t type);

/* Not from inside one of its callbacks. Takes NULL. */
void stream_reader_destroy(stream_reader_t **self);

#endif
