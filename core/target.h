/* A target and its settings; immutable once the configuration stands. */
#ifndef HEALTHD_CORE_TARGET_H
#define HEALTHD_CORE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include <healthd/status.h>

#include "core/condition.h"
#include "core/connectivity.h"
#include "core/group.h"
#include "core/http_settings.h"
#include "core/probe_type.h"

/* Results that a threshold of the form "3 of 5" can look back on, at most. */
#define THRESHOLD_WINDOW_MAX 64

/* What a status code of HTTP means. RULE_PLATFORM is that of the contract, section 3: 200 is OK,
 * 5xx of a service DOWN, any other code DEGRADED. */
typedef enum {
    RULE_PLATFORM,
    RULE_SUCCESS /* 200 to 299 is OK, any other code DOWN */
} status_rule_t;

typedef struct {
    char *name;
    target_kind_t kind;
    probe_type_t type;
    char *url;          /* NULL for a passive one and a group */
    char *error_prefix; /* before the error texts of infrastructure: "Postgres check failed: " */
    char *labels;       /* JSON object of texts, or NULL */
    bool is_critical;
    bool is_spread; /* its checks have a place of their own in the interval */
    status_rule_t status_rule;
    uint32_t check_interval_ms;
    uint32_t timeout_ms;
    uint32_t retry_interval_ms; /* to the next check while the status is unconfirmed */
    double jitter_ratio;        /* of the interval, by which a check may start later */
    uint32_t failure_threshold; /* bad results before the status turns, ... */
    uint32_t failure_window;    /* ... of so many last ones; 0: one after another */
    uint32_t success_threshold; /* good results before it turns back, ... */
    uint32_t success_window;    /* ... likewise */
    /* What the file says of all this but name, kind, url, error_prefix and labels, as lines of
     * core/config_settings.h: whole, and as it may be shown. Borrowed from the configuration's
     * pool; NULL where no file said it. */
    const char *settings;
    const char *settings_shown;

    /* Owned by the configuration, as many targets may share them. */
    const http_settings_t *http;    /* NULL: a plain GET */
    const tls_settings_t *tls;      /* of other types that speak TLS; NULL: none are given */
    const void *options;            /* of the type: the struct of core/probes/NAME.h, or NULL */
    const conditions_t *conditions; /* NULL: status_rule, or what the check itself says, decides */
    const group_t *group;           /* of PROBE_GROUP: its members; else NULL */
    ip_protocol_t ip_protocol;
    bool expects_failure;    /* DOWN is OK, anything else DOWN */
    int64_t cert_warning_us; /* time left of a certificate below which one is told; 0: none */
    int64_t cert_critical_us;
    uint32_t notify_after_ms;         /* how long it must be bad before an alert is raised */
    connectivity_mask_t connectivity; /* the checks whose failure explains its own */
} target_t;

/* Whether a collector makes its results; else they arrive by themselves. */
bool target_is_probed(const target_t *target);

#endif
