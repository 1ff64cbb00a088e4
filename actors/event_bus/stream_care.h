/*
 * What other consumers of our groups left behind: entries that they took and never acknowledged are
 * claimed, and those that are long gone are deleted. Stream by stream, at once and every 5 s.
 * After an answer that was too large, entries are claimed one by one, the id first; one that is too
 * large by itself is acknowledged unread, with a line in the log.
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

/* The connection is gone; IS_TOO_MUCH: because an answer was more than it takes. */
void stream_care_stop(stream_care_t *self, bool is_too_much);

#endif
