/*
 * The collectors: one actor for each type of probe, which drives all targets of that type and
 * PUSHes their results to ENDPOINT_RESULTS. Zactor functions; ARGS is an actor_args_t.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_COLLECTORS_H
#define HEALTHD_ACTORS_COLLECTORS_COLLECTORS_H

#include <czmq.h>

#include "core/probe_type.h"

/* http_collector_actor: targets of PROBE_HTTP, and so on. */
#define COLLECTOR_ACTOR(NAME, name) void name##_collector_actor(zsock_t *pipe, void *args);
PROBE_TYPES(COLLECTOR_ACTOR, COLLECTOR_ACTOR)
#undef COLLECTOR_ACTOR

/* The actor for targets of TYPE, which is not passive. */
zactor_fn *collector_actor_of(probe_type_t type);

#endif
