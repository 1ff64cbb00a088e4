/*
 * The collectors: one actor for each type of probe, which drives all targets of that type and
 * PUSHes their results to ENDPOINT_RESULTS. Zactor functions; ARGS is an actor_args_t.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_COLLECTORS_H
#define HEALTHD_ACTORS_COLLECTORS_COLLECTORS_H

#include <czmq.h>

/* GET of a URL: targets of PROBE_HTTP. */
void http_collector_actor(zsock_t *pipe, void *args);

/* PING: targets of PROBE_REDIS. */
void redis_collector_actor(zsock_t *pipe, void *args);

#endif
