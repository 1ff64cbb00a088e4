/*
 * The aggregator: owns the health model. Reads results, makes snapshot versions, publishes each,
 * answers questions about the state.
 */
#ifndef HEALTHD_ACTORS_AGGREGATOR_AGGREGATOR_H
#define HEALTHD_ACTORS_AGGREGATOR_AGGREGATOR_H

#include <czmq.h>

/* A zactor function; ARGS is an actor_args_t. */
void aggregator_actor(zsock_t *pipe, void *args);

#endif
