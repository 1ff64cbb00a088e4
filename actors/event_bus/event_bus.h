/*
 * The event bus: what happened goes out to Redis Streams, in order and without loss; what the
 * streams say about the emergency stop comes in.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_EVENT_BUS_H
#define HEALTHD_ACTORS_EVENT_BUS_EVENT_BUS_H

#include <czmq.h>

/* A zactor function; ARGS is an actor_args_t whose config has a redis_url. */
void event_bus_actor(zsock_t *pipe, void *args);

#endif
