/*
 * What the outcome of one check says about its target: status, reason, error text, latency and
 * details, by its conditions (docs/conditions.md) or, where it has none, by the code of the answer
 * (contract, section 3) or what the check itself says; beside it what was measured and, where it is
 * not OK, the evidence. Pure.
 */
#ifndef HEALTHD_CORE_CHECK_H
#define HEALTHD_CORE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <healthd/measurement.h>
#include <healthd/probe_result.h>

#include "core/condition.h"
#include "core/target.h"

/* A time-out's latency is at least the time-out plus this. */
#define CHECK_TIMEOUT_MARGIN_US 10

/* Bytes of an answer's body that are kept as evidence. */
#define CHECK_EVIDENCE_BODY_BYTES ((size_t)4 << 10)
/* Bytes of the headers in an evidence, as JSON; those that do not fit are left out. */
#define CHECK_EVIDENCE_HEADERS_BYTES ((size_t)8 << 10)

/* What a check saw on its way, as far as it came. All texts are borrowed; NULL or "": none. */
typedef struct {
    const char *ip;
    bool is_connected; /* a connection stood */
    bool was_reused;   /* ... from an earlier check */
    const char *http_version;
    const char *tls_version;
    const char *status_line; /* bytes from outside */
    const condition_field_t *headers;
    size_t n_headers;
    int64_t phase_us[CONDITION_PHASES]; /* in the order of the values; LATENCY_NONE: not reached */
    int64_t cert_expires_at_us;         /* Unix time; 0: no certificate */
    int64_t cert_leaf_expires_at_us;
    int64_t n_redirects;
    int64_t content_length_bytes; /* or MEASURED_NONE */
    const measured_number_t *numbers;
    size_t n_numbers;
} check_seen_t;

/* A number that an answer gives under a name. */
typedef struct {
    const char *name;
    double number; /* finite */
} check_value_t;

/*
 * What an answer says beside a code and a body; all texts are borrowed. Each value of the
 * conditions is there where its bit (CONDITION_BIT) is in PRESENT.
 */
typedef struct {
    uint64_t present;
    int64_t status;     /* of another protocol than HTTP */
    const char *output; /* n_output bytes, not terminated; the details of a service */
    size_t n_output;
    const char *value; /* a number as text, or any text */
    int64_t exit_code;
    const char *rcode; /* condition_rcode_name */
    const condition_text_t *answers;
    size_t n_answers;
    int64_t dns_ttl_us;
    int64_t ttl;
    double loss_ratio;
    int64_t domain_expires_at_us;     /* Unix time */
    const condition_field_t *headers; /* as those of CHECK_SEEN */
    size_t n_headers;
    const check_value_t *values; /* each name once; the first MEASURED_VALUES_MAX travel */
    size_t n_values;

    /* What the check itself makes of it, as an exit code does: STATUS_OK, or worse with its reason
     * and a text for people. A condition of `conditions` that names SAID_BY, or `reason`, decides
     * instead. */
    status_t verdict;
    reason_t reason;
    const char *text;
    condition_value_t said_by; /* CONDITION_REASON: by nothing else */
} check_answer_t;

/* How a check ended, as its collector saw it. All texts are borrowed. */
typedef struct {
    reason_t fault;         /* REASON_NONE: an answer came; else why none did */
    status_t fault_status;  /* what it makes of the target; STATUS_OK: DOWN */
    const char *fault_text; /* for people; bytes from outside are allowed, NULL: none */
    int64_t latency_us;     /* monotonic, from the start of the check to its end */
    int64_t finished_at_us; /* Unix time */

    long http_code;   /* of the last answer, where fault is REASON_NONE */
    const char *body; /* n_body bytes, not terminated */
    size_t n_body;
    bool is_body_cut; /* there was more, which was not read */

    const check_answer_t *answer;     /* NULL: nothing else; counts where fault is REASON_NONE */
    const check_seen_t *seen;         /* NULL: nothing was measured but the latency */
    condition_workspace_t *workspace; /* needed where the target has conditions */
} check_outcome_t;

/*
 * The result of an HTTP check of TARGET. Gives RET in place (what it held is not freed), to be
 * ended with probe_result_clear. 0, or -1 where memory ran out.
 */
int check_http(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* The same of a Redis check: without a fault its PING was answered by PONG; the body is what INFO
 * answered as JSON, or NULL. */
int check_redis(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* The same of a check of any other type, whose answer says all of it. */
int check_answer(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* What an error answer of Redis (N bytes without the "-") means: REASON_REDIS_LOADING,
 * _REDIS_MASTERDOWN, _AUTHENTICATION or _REDIS_ERROR for any other. */
reason_t check_redis_error_reason(const char *text, size_t n);

#endif
