/*
 * The connection that writes: events out, one XADD in flight at a time so that their order holds;
 * and the care for what other consumers of our groups left behind. For ever, as the readers.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_STREAM_WRITER_H
#define HEALTHD_ACTORS_EVENT_BUS_STREAM_WRITER_H

#include "actors/event_bus/stream_reader.h"
#include "store/outbound.h"

typedef struct stream_writer stream_writer_t;

typedef struct {
    /* The event to send now, the same until `sent`; false: none. Context of streams_t. */
    bool (*next)(void *context, const outbound_t **ret);
    /* Redis has it. */
    void (*sent)(void *context);
} stream_writer_handlers_t;

/* Begins to connect. Never NULL (memory that runs out at start ends the process). */
stream_writer_t *stream_writer_new(const streams_t *streams,
                                   const stream_writer_handlers_t *handlers);

/* Not from inside one of its callbacks. Takes NULL. */
void stream_writer_destroy(stream_writer_t **self);

/* There is something to send. */
void stream_writer_wake(stream_writer_t *self);

bool stream_writer_is_connected(const stream_writer_t *self);

#endif
