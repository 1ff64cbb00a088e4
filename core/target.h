/* A target and its settings; immutable once the configuration stands. */
#ifndef HEALTHD_CORE_TARGET_H
#define HEALTHD_CORE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include <healthd/status.h>

/* How a target is observed. PROBE_PASSIVE: its results arrive by themselves. */
typedef enum { PROBE_HTTP, PROBE_REDIS, PROBE_PASSIVE, PROBE_TYPE_COUNT } probe_type_t;

typedef struct {
    char *name;
    target_kind_t kind;
    probe_type_t type;
    char *url;          /* NULL for a passive one */
    char *error_prefix; /* before the error texts of infrastructure: "Postgres check failed: " */
    bool is_critical;
    uint32_t check_interval_ms;
    uint32_t timeout_ms;
    uint32_t failure_threshold; /* consecutive bad results before the status turns */
    uint32_t success_threshold; /* consecutive good results before it turns back */
} target_t;

const char *probe_type_name(probe_type_t type); /* "http", "redis", "passive" */

#endif
