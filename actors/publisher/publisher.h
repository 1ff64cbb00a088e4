/*
 * The publisher: sends snapshots and alert events to SUB clients outside (contract, section 7), and
 * the latest snapshot to each new one at once.
 */
#ifndef HEALTHD_ACTORS_PUBLISHER_PUBLISHER_H
#define HEALTHD_ACTORS_PUBLISHER_PUBLISHER_H

#include <czmq.h>

/* A zactor function; ARGS is an actor_args_t. */
void publisher_actor(zsock_t *pipe, void *args);

#endif
