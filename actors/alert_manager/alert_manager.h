/*
 * The alert manager: owns the alerts and their durable log. What it publishes is on disk first; if
 * the disk refuses, it is published all the same and says so.
 */
#ifndef HEALTHD_ACTORS_ALERT_MANAGER_ALERT_MANAGER_H
#define HEALTHD_ACTORS_ALERT_MANAGER_ALERT_MANAGER_H

#include <czmq.h>

/* A zactor function; ARGS is an actor_args_t. */
void alert_manager_actor(zsock_t *pipe, void *args);

#endif
