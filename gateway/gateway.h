/*
 * The gateway: REST in, questions to the aggregator and the alert manager out. It keeps nothing but
 * rendered answers, and starts no check.
 */
#ifndef HEALTHD_GATEWAY_GATEWAY_H
#define HEALTHD_GATEWAY_GATEWAY_H

#include "actors/actor.h"

/* The zactor function; ARGS is an actor_args_t. */
void gateway_actor(zsock_t *pipe, void *args);

#endif
