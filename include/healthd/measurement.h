/*
 * What one check measured beside its verdict: where it went, how long each phase took, what its
 * conditions saw. Travels with the result, and with the state that the result made.
 */
#ifndef HEALTHD_MEASUREMENT_H
#define HEALTHD_MEASUREMENT_H

#include <healthd/wire.h>

/* Bytes of an IP address as text, at most: IPv6 with a scope. */
#define ADDRESS_MAX_BYTES 63
/* Bytes of a protocol's version, at most: "1.1", "1.3". */
#define PROTOCOL_VERSION_MAX_BYTES 15
/* Conditions of one target of both lists together, at most. */
#define MEASURED_CONDITIONS_MAX 64
/* Bytes of a condition and of the value that decided it, at most. */
#define CONDITION_TEXT_MAX_BYTES   4096
#define CONDITION_ACTUAL_MAX_BYTES 127
/* Numbers by name of one check, at most, and bytes of a name. */
#define MEASURED_VALUES_MAX  32
#define VALUE_NAME_MAX_BYTES 63
/* A number that was not measured, or has no meaning here. */
#define MEASURED_NONE ((int64_t)-1)

/* What came of one condition. All but the first make it false. */
typedef enum {
    CONDITION_TRUE,
    CONDITION_FALSE,
    CONDITION_MISSING,  /* a value that it needs was not there */
    CONDITION_MISMATCH, /* a value of the answer has a type that cannot be compared so */
    CONDITION_GAVE_UP,  /* a regular expression reached its limit */
    CONDITION_OUTCOME_COUNT
} condition_outcome_t;

/* "true", "false", "missing", "mismatch", "gave_up". */
const char *condition_outcome_name(int outcome);

/* When the pings of a heartbeat came and are to come; Unix time, 0: not, or not known. */
typedef struct {
    int64_t last_ping_at_us;
    int64_t started_at_us; /* the run under way, where its start was told */
    int64_t expected_at_us;
    int64_t deadline_at_us; /* from when on it is DOWN without a ping */
    int64_t exit_code;      /* of the last run; MEASURED_NONE: not told */
} measured_heartbeat_t;

WIRE_MESSAGE(measured_heartbeat)

typedef struct {
    char *text;       /* as it stands in the configuration */
    char *actual;     /* the value that decided: `503`, `"busy"`, `missing` */
    int outcome;      /* condition_outcome_t */
    bool is_degraded; /* of degraded_conditions */
} measured_condition_t;

WIRE_MESSAGE(measured_condition)

/* A number that the answer gave under a name, as a plugin's performance data do. */
typedef struct {
    char *name;
    double number; /* finite */
} measured_value_t;

WIRE_MESSAGE(measured_value)

/* Numbers that some types of probes alone measure. */
typedef enum {
    MEASURED_DNS_ANSWER_RRS, /* records of the three sections of an answer */
    MEASURED_DNS_AUTHORITY_RRS,
    MEASURED_DNS_ADDITIONAL_RRS,
    MEASURED_DNS_SERIAL, /* of an SOA record */
    MEASURED_KIND_COUNT
} measured_kind_t;

/* "dns_answer_rrs", ...: the key that REST shows the number by. */
const char *measured_kind_name(int kind);

typedef struct {
    int kind; /* measured_kind_t */
    int64_t value;
} measured_number_t;

WIRE_MESSAGE(measured_number)

typedef struct {
    char *ip;           /* address that answered, or NULL */
    int64_t http_code;  /* of the last answer; MEASURED_NONE: none came */
    char *http_version; /* "1.0", "1.1", "2", or NULL */
    char *tls_version;  /* "1.2", "1.3", or NULL */
    int64_t resolve_us; /* phases, each MEASURED_NONE where it was not reached */
    int64_t connect_us;
    int64_t tls_us;
    int64_t first_byte_us;
    int64_t transfer_us;
    int64_t cert_expires_at_us;       /* Unix time: the earliest of the chain; 0: no certificate */
    int64_t cert_leaf_expires_at_us;  /* ... the server's own */
    int64_t n_redirects;              /* that were followed */
    int64_t content_length_bytes;     /* as the answer says, or MEASURED_NONE */
    bool was_reused;                  /* a kept connection */
    measured_heartbeat_t *heartbeat;  /* of no other type of probe; or NULL */
    measured_condition_t *conditions; /* of `conditions`, then of `degraded_conditions` */
    size_t n_conditions;
    measured_value_t *values; /* in the order of the answer, each name once */
    size_t n_values;
    measured_number_t *numbers; /* of the type of the probe, each kind once at most */
    size_t n_numbers;
} measurement_t;

WIRE_MESSAGE(measurement)

/* The number of KIND, or MEASURED_NONE. */
int64_t measured_number_of(const measurement_t *measurement, measured_kind_t kind);

#endif
