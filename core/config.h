/*
 * The whole configuration as structs. Immutable once made: actors borrow it and never write it.
 * Today it is filled from the environment and a table of targets ("environment-only mode").
 */
#ifndef HEALTHD_CORE_CONFIG_H
#define HEALTHD_CORE_CONFIG_H

#include <stddef.h>

#include "core/log_level.h"
#include "core/target.h"
#include "core/url.h"

typedef struct config_index config_index_t;

typedef struct {
    log_level_t log_level;
    bool log_is_json;

    uint32_t check_interval_ms; /* of the periodic snapshot, and of targets without their own */
    double
        latency_degraded_ms; /* a service above it makes the system DEGRADED; NAN: no such rule */
    double latency_critical_ms;  /* ... CRITICAL */
    bool alert_degraded_targets; /* a DEGRADED target has an alert of its own */

    char *redis_url; /* of the bus; NULL: no bus */
    char *listen;    /* address:port of REST */
    char *publish;   /* endpoint of ZeroMQ PUB */
    char *state_dir;
    char *token; /* credential of writes; NULL: none is asked for */

    target_t *targets; /* services, then infrastructure, then the emergency stop */
    size_t n_targets;
    config_index_t *index; /* name -> position, made by config_seal */
} config_t;

/* One line that names the variable, the value and what was expected. */
typedef struct {
    char text[768];
} config_error_t;

/* Value of an environment variable, or NULL; as getenv, with a context. */
typedef const char *config_lookup_fn(const char *name, void *context);

/*
 * The configuration of environment-only mode (contract, sections 1 and 2). Gives *RET, to be ended
 * with config_destroy. Returns 0, or -1 with *RETERR.
 */
int config_from_environment(config_lookup_fn *lookup, void *context, config_t **ret,
                            config_error_t *reterr);

/* Position of target NAME in targets, or -1. O(1). */
long config_target_at(const config_t *config, const char *name);

void config_destroy(config_t **config);

#endif
