/*
 * The whole configuration as structs. Immutable once made: actors borrow it and never write it.
 * core/config_build.h makes it from what files say and from the contract's variables.
 */
#ifndef HEALTHD_CORE_CONFIG_H
#define HEALTHD_CORE_CONFIG_H

#include <stddef.h>

#include "core/flap.h"
#include "core/log_level.h"
#include "core/target.h"
#include "core/text_pool.h"
#include "core/url.h"

/* What a request without the credential may do; each role may what the one before may. */
typedef enum {
    ROLE_NONE,    /* ask whether the process lives */
    ROLE_VIEWER,  /* read */
    ROLE_OPERATOR /* write, where no token is set */
} role_t;

typedef struct config_index config_index_t;

/* Options of a type, as its row reads them. */
typedef struct {
    const probe_type_row_t *row;
    void *settings;
} shared_options_t;

/* What targets share; everything in it is owned. */
typedef struct {
    http_settings_t **http;
    size_t n_http;
    conditions_t **conditions;
    size_t n_conditions;
    tls_settings_t **tls;
    size_t n_tls;
    shared_options_t **options;
    size_t n_options;
} config_shared_t;

/* Adds a zeroed one; NULL: out of memory. */
http_settings_t *config_shared_http(config_shared_t *shared);
conditions_t *config_shared_conditions(config_shared_t *shared);
tls_settings_t *config_shared_tls(config_shared_t *shared);
/* The settings of a type with options. */
void *config_shared_options(config_shared_t *shared, const probe_type_row_t *row);
void config_shared_clear(config_shared_t *shared);

typedef struct {
    char *instance_name; /* NULL: none */
    char *file;          /* its path; NULL: environment-only mode */
    char *variable_keys; /* JSON list: the keys that variables decide */
    char *overridden;    /* which keys of the file variables override; NULL: none */
    log_level_t log_level;
    bool log_is_json;

    uint32_t check_interval_ms; /* of the periodic snapshot, and of targets without their own */
    double
        latency_degraded_ms; /* a service above it makes the system DEGRADED; NAN: no such rule */
    double latency_critical_ms; /* ... CRITICAL */
    double staleness;           /* intervals after which a result is UNKNOWN, at the least */
    flap_settings_t flap;
    bool alert_degraded_targets; /* a DEGRADED target has an alert of its own */
    bool alert_overdue;          /* checks that are not made in time have one */
    uint32_t notify_after_ms;    /* how long the system must be bad before an alert is raised */

    char *redis_url;         /* of the bus; NULL: no bus */
    char *bus_stream_prefix; /* "quantum:stream:" */
    char *bus_group_prefix;  /* "quantum:group:" */
    char *bus_service_name;  /* who we are: source of what we write, reader of what we read */
    uint32_t bus_max_length; /* entries that a stream keeps, about */
    int64_t spool_max_bytes; /* of events that wait for Redis */

    char *listen; /* address:port of REST */
    char *token;  /* credential of writes; NULL: none is asked for */
    role_t anonymous_role;
    uint32_t max_connections; /* of REST at once */
    char **metric_labels;     /* labels of targets that metrics show */
    size_t n_metric_labels;

    char **publish; /* endpoints of ZeroMQ PUB, at least one */
    size_t n_publish;
    uint32_t publish_high_water_mark;

    uint32_t max_in_flight;          /* probes of each kind at once; 0: as many as can be */
    uint32_t max_in_flight_per_host; /* ... of one host; 0: no bound of its own */

    char *state_dir;

    target_t *targets; /* services, then infrastructure, then the emergency stop; behind these
                          n_targets the internal ones, which are probed and shown nowhere */
    size_t n_targets;
    group_set_t groups;
    size_t n_internal;
    connectivity_check_t *connectivity; /* what the internal targets are for */
    size_t n_connectivity;
    text_pool_t *pool;    /* of the targets' settings */
    char *settings;       /* all that is not a target's, as lines of core/config_settings.h */
    char *settings_shown; /* the same as it may be shown */
    config_shared_t shared;
    config_index_t *index; /* name -> position, made by config_seal */
} config_t;

/* One line that names the variable, the value and what was expected. */
typedef struct {
    char text[768];
} config_error_t;

/* Value of an environment variable, or NULL; as getenv, with a context. */
typedef const char *config_lookup_fn(const char *name, void *context);

/* Makes the index once the targets stand, or anew where they were moved; of two with the same name
 * the first is found. 0, or -1: out of memory. O(n). */
int config_seal(config_t *config);

/* Frees the index. */
void config_unseal(config_t *config);

/* Position of target NAME in targets, or -1. O(1). */
long config_target_at(const config_t *config, const char *name);

/* The same of the internal ones too, whose positions are n_targets and above. */
long config_probed_at(const config_t *config, const char *name);

/* Frees what TARGET owns. */
void target_clear(target_t *target);

void config_destroy(config_t **config);

#endif
