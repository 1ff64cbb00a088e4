/*
 * What the outcome of one check says about its target (contract, section 3): status, reason, error
 * text, latency and details. Pure.
 */
#ifndef HEALTHD_CORE_CHECK_H
#define HEALTHD_CORE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <healthd/probe_result.h>

#include "core/target.h"

/* A time-out's latency is at least the time-out plus this. */
#define CHECK_TIMEOUT_MARGIN_US 10

/* How a check ended, as its collector saw it. All texts are borrowed. */
typedef struct {
    reason_t fault;         /* REASON_NONE: an answer came; else why none did */
    const char *fault_text; /* for people; bytes from outside are allowed, NULL: none */
    int64_t latency_us;     /* monotonic, from the start of the check to its end */
    int64_t finished_at_us; /* Unix time */

    long http_code;   /* of the last answer, where fault is REASON_NONE */
    const char *body; /* n_body bytes, not terminated */
    size_t n_body;
    bool is_body_cut; /* there was more, which was not read */
} check_outcome_t;

/*
 * The result of an HTTP check of TARGET. Gives RET in place (what it held is not freed), to be
 * ended with probe_result_clear. 0, or -1 where memory ran out.
 */
int check_http(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* The same of a Redis check: without a fault its PING was answered by PONG. */
int check_redis(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* What an error answer of Redis (N bytes without the "-") means: REASON_REDIS_LOADING,
 * _REDIS_MASTERDOWN, _AUTHENTICATION or _REDIS_ERROR for any other. */
reason_t check_redis_error_reason(const char *text, size_t n);

#endif
