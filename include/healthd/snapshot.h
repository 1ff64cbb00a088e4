/*
 * The state of everything at one instant. Inside the process a snapshot carries the verdict whole
 * and, unless is_whole, only the targets that changed since base_version; `core/snapshot_view.h`
 * merges it into a reader's table. What SUB clients and REST show is rendered by `proto/render.h`.
 */
#ifndef HEALTHD_SNAPSHOT_H
#define HEALTHD_SNAPSHOT_H

#include <healthd/probe_result.h>
#include <healthd/status.h>
#include <healthd/wire.h>

/* Name of the emergency stop: the passive target of KIND_NONE. */
#define EMERGENCY_STOP "emergency_stop_system"
/* What the component of the alert about a flapping target has behind the target's name. */
#define FLAPPING_SUFFIX ":flapping"
/* Bytes of a target's name, at most. */
#define TARGET_NAME_MAX_BYTES 255
/* Targets in one process, at most. */
#define TARGETS_MAX 200000
/* Lines of critical_failures, at most: each target once, each service once more for its latency. */
#define CRITICAL_FAILURES_MAX ((size_t)2 * TARGETS_MAX)
/* Bytes of one such line, at most: words, and a name or an error text. */
#define CRITICAL_FAILURE_MAX_BYTES 1024

/* Bytes of the details and conditions of all targets, at most: with names, labels and numbers the
 * whole state must stay below WIRE_MAX_BYTES. */
#define SNAPSHOT_BULK_MAX_BYTES ((size_t)24 << 20)

/* Bytes of a target's labels as JSON text, at most. */
#define LABELS_MAX_BYTES ((size_t)32 << 10)

/* One target as it is shown: the result that last confirmed its status. */
typedef struct {
    char *name;
    int kind;   /* target_kind_t */
    int status; /* status_t */
    bool is_critical;
    bool is_flapping;           /* its results change so often that its turns say little */
    bool is_flapping_unknown;   /* too few results since the start to say that it does not */
    int reason;                 /* reason_t */
    int64_t latency_us;         /* or LATENCY_NONE */
    int64_t checked_at_us;      /* when that result came, Unix time; 0: none yet */
    int64_t since_us;           /* when the status began, Unix time */
    char *error;                /* or NULL */
    char *details;              /* JSON text (or a note, core/model.h), or NULL */
    char *entry_id;             /* emergency stop: the stream entry that decided; else NULL */
    char *labels;               /* JSON object of texts, or NULL */
    measurement_t *measurement; /* of that result, or NULL */
    pause_t *pause;             /* it is paused: UNKNOWN for REASON_PAUSED; NULL: it is not */
} target_state_t;

WIRE_MESSAGE(target_state)

/* One line of critical_failures: "Service: risk_guard". */
typedef struct {
    char *text;
} critical_failure_t;

WIRE_MESSAGE(critical_failure)

/* Connectivity checks, at most; addresses of one. */
#define CONNECTIVITY_CHECKS_MAX 16
#define CONNECTIVITY_URLS_MAX   8

/* What one connectivity check says of healthd's own network. */
typedef struct {
    char *name;
    int sight;        /* sight_t */
    int64_t since_us; /* when that began, Unix time */
} connectivity_t;

WIRE_MESSAGE(connectivity)

typedef struct {
    uint64_t version;              /* grows by one; begins anew with each start of the process */
    uint64_t base_version;         /* the version that the changes are against; 0 where is_whole */
    bool is_whole;                 /* targets holds every target, in configuration order */
    bool is_periodic;              /* made because the check interval passed */
    bool is_status_changed;        /* the system's status differs from the version before */
    bool has_result;               /* at least one probed target ever had a result */
    int64_t taken_at_us;           /* Unix time, UTC */
    int status;                    /* system_status_t */
    double avg_service_latency_ms; /* or NAN */
    double max_service_latency_ms; /* or NAN */
    critical_failure_t *critical_failures;
    size_t n_critical_failures;
    target_state_t *targets; /* services, then infrastructure, then the emergency stop */
    size_t n_targets;
    connectivity_t *connectivity; /* all checks, whole in each snapshot; SIGHT_LOST: blind */
    size_t n_connectivity;
} snapshot_t;

WIRE_MESSAGE(snapshot)

#endif
