/*
 * What other consumers of our groups left behind: entries that they took and never acknowledged are
 * claimed, and those that are long gone are deleted. Stream by stream, at once and every 5 s.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_STREAM_CARE_H
#define HEALTHD_ACTORS_EVENT_BUS_STREAM_CARE_H

#include "actors/event_bus/stream_reader.h"

typedef struct stream_care stream_care_t;

/* Borrows STREAMS and the connection. Never NULL (memory that runs out at start ends the
 * process).*/
stream_care_t *stream_care_new(const streams_t *streams, redis_io_t *redis);
void stream_care_destroy(stream_care_t **self);

/* The connection is ready: begins. */
void stream_care_start(stream_care_t *self);

/* The connection is gone. */
void stream_care_stop(stream_care_t *self);

#endif
