#include "core/check.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check_parts.h"
#include "core/json_text.h"
#include "core/url.h"
#include "core/utf8.h"

static bool is_timeout(reason_t fault)
{
    return fault == REASON_TIMEOUT_RESOLVE || fault == REASON_TIMEOUT_CONNECT ||
           fault == REASON_TIMEOUT_TLS || fault == REASON_TIMEOUT_RESPONSE;
}

bool check_is_unconnected(reason_t fault)
{
    return fault == REASON_REFUSED || fault == REASON_UNREACHABLE || fault == REASON_DNS_NXDOMAIN ||
           fault == REASON_DNS_FAILURE;
}

char *check_error_text(const char *prefix, const char *text)
{
    char joined[4 * ERROR_MAX_BYTES]; /* a password that the cut would show is still whole here */
    (void)snprintf(joined, sizeof joined, "%s%s", prefix, text);
    char repaired[sizeof joined * UTF8_REPAIR_FACTOR];
    size_t n = utf8_repair(joined, strlen(joined), repaired, sizeof repaired);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)repaired[i] < 0x20 || repaired[i] == 0x7F)
            repaired[i] = ' ';
    char redacted[ERROR_MAX_BYTES + 1];
    url_redact(repaired, redacted, sizeof redacted);
    return strdup(redacted);
}

const char *check_prefix(const target_t *target)
{
    return target->kind != KIND_SERVICE && target->error_prefix ? target->error_prefix : "";
}

static const char *prefix_of(const target_t *target, reason_t fault)
{
    if (target->kind != KIND_SERVICE || is_timeout(fault))
        return check_prefix(target);
    return check_is_unconnected(fault) ? "Connection failed: " : "Unexpected error: ";
}

int check_no_answer(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    ret->status = outcome->fault_status ? (int)outcome->fault_status : STATUS_DOWN;
    ret->reason = (int)outcome->fault;
    const char *text = outcome->fault_text;
    if (is_timeout(outcome->fault))
        text = "Request timeout";
    else if (!text || !text[0])
        text = reason_name((int)outcome->fault);
    ret->error = check_error_text(prefix_of(target, outcome->fault), text);
    if (is_timeout(outcome->fault) && target->kind == KIND_SERVICE) {
        int64_t least_us = (int64_t)target->timeout_ms * 1000 + CHECK_TIMEOUT_MARGIN_US;
        ret->latency_us = outcome->latency_us > least_us ? outcome->latency_us : least_us;
    }
    return ret->error ? 0 : -1;
}

static int bad_code(const target_t *target, long code, probe_result_t *ret)
{
    bool is_service = target->kind == KIND_SERVICE;
    bool is_down =
        target->status_rule == RULE_SUCCESS || (is_service && code >= 500 && code <= 599);
    ret->status = is_down ? STATUS_DOWN : STATUS_DEGRADED;
    ret->reason = REASON_STATUS;
    char text[64];
    (void)snprintf(text, sizeof text, is_service ? "{\"status_code\":%ld}" : "Status code: %ld",
                   code);
    char **place = is_service ? &ret->details : &ret->error;
    *place = strdup(text);
    return *place ? 0 : -1;
}

static int begin(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    assert(target->kind != KIND_NONE);
    *ret = (probe_result_t){.status = STATUS_OK,
                            .reason = REASON_NONE,
                            .finished_at_us = outcome->finished_at_us,
                            .latency_us = LATENCY_NONE};
    ret->target = strdup(target->name);
    return ret->target ? 0 : -1;
}

static bool is_good_code(const target_t *target, long code)
{
    return target->status_rule == RULE_SUCCESS ? code >= 200 && code <= 299 : code == 200;
}

/* The rule of the status code. */
static int decide_by_code(const target_t *target, const check_outcome_t *outcome,
                          probe_result_t *ret)
{
    if (outcome->fault)
        return check_no_answer(target, outcome, ret);
    ret->latency_us = outcome->latency_us;
    if (!is_good_code(target, outcome->http_code))
        return bad_code(target, outcome->http_code, ret);
    return check_details(target, outcome, ret);
}

int check_details(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    const check_answer_t *answer = outcome->answer;
    bool has_output = answer && answer->present & CONDITION_BIT(CONDITION_OUTPUT);
    if (target->kind != KIND_SERVICE || (target->type != PROBE_HTTP && !has_output))
        return 0;
    ret->details = has_output
                       ? json_text_of_body(answer->output, answer->n_output, false)
                       : json_text_of_body(outcome->body, outcome->n_body, outcome->is_body_cut);
    return ret->details ? 0 : -1;
}

static bool is_worse(status_t verdict, int status)
{
    return verdict == STATUS_DOWN ? status != STATUS_DOWN
                                  : verdict != STATUS_OK && status == STATUS_OK;
}

int check_own_verdict(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    const check_answer_t *answer = outcome->answer;
    if (!answer || !is_worse(answer->verdict, ret->status))
        return 0;
    ret->status = (int)answer->verdict;
    ret->reason = (int)answer->reason;
    free(ret->error);
    ret->error = check_error_text(check_prefix(target),
                                  answer->text ? answer->text : reason_name(ret->reason));
    return ret->error ? 0 : -1;
}

static int decide_by_answer(const target_t *target, const check_outcome_t *outcome,
                            probe_result_t *ret)
{
    if (outcome->fault)
        return check_no_answer(target, outcome, ret);
    ret->latency_us = outcome->latency_us;
    return check_own_verdict(target, outcome, ret) || check_details(target, outcome, ret) ? -1 : 0;
}

/* Turns the verdict round: what is DOWN is as it should be. A check that healthd itself could not
 * make says nothing about its target and stays as it is. */
static int expect_failure(const target_t *target, probe_result_t *ret)
{
    if (ret->reason == REASON_RESOURCES)
        return 0;
    bool has_failed = ret->status == STATUS_DOWN;
    free(ret->error);
    ret->error = NULL;
    ret->status = has_failed ? STATUS_OK : STATUS_DOWN;
    ret->reason = has_failed ? REASON_NONE : REASON_UNEXPECTED_SUCCESS;
    if (has_failed)
        return 0;
    ret->error =
        check_error_text(check_prefix(target), "the check succeeded, but expect_failure is set");
    return ret->error ? 0 : -1;
}

static int check(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret,
                 int (*decide)(const target_t *, const check_outcome_t *, probe_result_t *))
{
    int rc = begin(target, outcome, ret) || check_measure(outcome, ret) ? -1 : 0;
    if (rc == 0)
        rc = target->conditions ? check_by_conditions(target, outcome, ret)
                                : decide(target, outcome, ret);
    if (rc == 0 && target->expects_failure)
        rc = expect_failure(target, ret);
    if (rc == 0 && (ret->status == STATUS_DEGRADED || ret->status == STATUS_DOWN))
        rc = check_keep_evidence(target, outcome, ret);
    if (rc == 0)
        return 0;
    probe_result_clear(ret);
    *ret = (probe_result_t){.latency_us = LATENCY_NONE};
    return -1;
}

int check_http(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    return check(target, outcome, ret, decide_by_code);
}

int check_redis(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    return check(target, outcome, ret, decide_by_answer);
}

int check_answer(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    return check(target, outcome, ret, decide_by_answer);
}

reason_t check_redis_error_reason(const char *text, size_t n)
{
    static const struct {
        const char *start;
        reason_t reason;
    } rows[] = {
        {"LOADING", REASON_REDIS_LOADING},
        {"MASTERDOWN", REASON_REDIS_MASTERDOWN},
        {"NOAUTH", REASON_AUTHENTICATION},
        {"NOPERM", REASON_AUTHENTICATION},
        {"WRONGPASS", REASON_AUTHENTICATION},
        {"ERR invalid password", REASON_AUTHENTICATION},
        {"ERR Client sent AUTH", REASON_AUTHENTICATION},
        {"ERR AUTH ", REASON_AUTHENTICATION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n_start = strlen(rows[i].start);
        if (n >= n_start && memcmp(text, rows[i].start, n_start) == 0)
            return rows[i].reason;
    }
    return REASON_REDIS_ERROR;
}
