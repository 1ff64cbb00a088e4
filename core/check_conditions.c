/* The verdict of a target's conditions on one check. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check_parts.h"
#include "core/json_text.h"
#include "core/scalar.h"
#include "core/utf8.h"

/* Bytes of a condition that an error text shows; the value that decided stands behind it. */
#define SHOWN_BYTES 280

/* --- what was observed --- */

/* The numbers of an answer as conditions name them. */
typedef struct {
    condition_field_t fields[MEASURED_VALUES_MAX];
    char names[MEASURED_VALUES_MAX][VALUE_NAME_MAX_BYTES + 1];
    char numbers[MEASURED_VALUES_MAX][SCALAR_NUMBER_TEXT_BYTES];
} named_t;

static bool has(const char *text)
{
    return text && text[0];
}

static condition_text_t text_of(const char *text)
{
    return (condition_text_t){.bytes = text, .n = text ? strlen(text) : 0};
}

static void observe_seen(const check_seen_t *seen, int64_t now_us, condition_observed_t *observed)
{
    const struct {
        condition_value_t value;
        bool is_there;
    } rows[] = {
        {CONDITION_IP, has(seen->ip)},
        {CONDITION_TLS_VERSION, has(seen->tls_version)},
        {CONDITION_HTTP_VERSION, has(seen->http_version)},
        {CONDITION_CERT_EXPIRY, seen->cert_expires_at_us != 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        observed->present |= rows[i].is_there ? CONDITION_BIT(rows[i].value) : 0;
    for (size_t i = 0; i < CONDITION_PHASES; i++) {
        observed->phase_us[i] = seen->phase_us[i];
        if (seen->phase_us[i] >= 0)
            observed->present |= CONDITION_BIT(CONDITION_PHASE_RESOLVE + i);
    }
    observed->is_connected = seen->is_connected;
    observed->ip = text_of(seen->ip);
    observed->tls_version = text_of(seen->tls_version);
    observed->http_version = text_of(seen->http_version);
    observed->cert_expiry_us = seen->cert_expires_at_us - now_us;
}

/* What a fault says of it where nobody saw the connection itself. */
static bool is_connected(reason_t fault)
{
    return !check_is_unconnected(fault) && fault != REASON_TIMEOUT_RESOLVE &&
           fault != REASON_TIMEOUT_CONNECT && fault != REASON_RESOURCES;
}

static void observe_answer(const check_answer_t *answer, int64_t now_us,
                           condition_observed_t *observed)
{
    observed->present |= answer->present;
    observed->status = answer->status;
    observed->output = (condition_text_t){.bytes = answer->output, .n = answer->n_output};
    observed->value = text_of(answer->value);
    observed->exit_code = answer->exit_code;
    observed->rcode = text_of(answer->rcode);
    observed->answers = answer->answers;
    observed->n_answers = answer->n_answers;
    observed->dns_ttl_us = answer->dns_ttl_us;
    observed->ttl = answer->ttl;
    observed->loss_ratio = answer->loss_ratio;
    observed->domain_expiry_us = answer->domain_expires_at_us - now_us;
    observed->headers = answer->headers;
    observed->n_headers = answer->n_headers;
}

/* A name as a condition can write it: what has no place in one is `_`. */
static void name_for_condition(const char *name, char written[VALUE_NAME_MAX_BYTES + 1])
{
    size_t n = 0;
    if (name[0] >= '0' && name[0] <= '9')
        written[n++] = '_';
    for (; *name && n < VALUE_NAME_MAX_BYTES; name++) {
        bool is_free = isalnum((unsigned char)*name) || *name == '_' || *name == '-';
        is_free = is_free && (n > 0 || *name != '-');
        written[n++] = (char)(is_free ? *name : '_');
    }
    written[n] = '\0';
}

static void observe_named(const check_answer_t *answer, named_t *named,
                          condition_observed_t *observed)
{
    size_t n = answer->n_values;
    if (n > MEASURED_VALUES_MAX)
        n = MEASURED_VALUES_MAX;
    for (size_t i = 0; i < n; i++) {
        name_for_condition(answer->values[i].name, named->names[i]);
        scalar_number_text(answer->values[i].number, named->numbers[i]);
        named->fields[i] = (condition_field_t){.name = text_of(named->names[i]),
                                               .text = text_of(named->numbers[i])};
    }
    observed->captured = named->fields;
    observed->n_captured = n;
}

/* NAMED is borrowed by what is given. */
static condition_observed_t observe(const target_t *target, const check_outcome_t *outcome,
                                    named_t *named)
{
    condition_observed_t observed = {
        .present = (outcome->latency_us >= 0 ? CONDITION_BIT(CONDITION_LATENCY) : 0) |
                   CONDITION_BIT(CONDITION_CONNECTED),
        .now_us = outcome->finished_at_us,
        .fault = outcome->fault,
        .latency_us = outcome->latency_us,
        .is_connected = is_connected(outcome->fault),
    };
    if (outcome->seen)
        observe_seen(outcome->seen, outcome->finished_at_us, &observed);
    if (outcome->fault)
        return observed;
    if (outcome->answer) {
        observe_answer(outcome->answer, outcome->finished_at_us, &observed);
        observe_named(outcome->answer, named, &observed);
    }
    if (target->type == PROBE_HTTP) {
        observed.present |= CONDITION_BIT(CONDITION_STATUS) | CONDITION_BIT(CONDITION_BODY);
        observed.status = outcome->http_code;
        observed.body = (condition_text_t){.bytes = outcome->body, .n = outcome->n_body};
        observed.is_body_cut = outcome->is_body_cut;
        observed.headers = outcome->seen ? outcome->seen->headers : NULL;
        observed.n_headers = outcome->seen ? outcome->seen->n_headers : 0;
    } else if (target->type == PROBE_REDIS) {
        observed.present |= CONDITION_BIT(CONDITION_OUTPUT);
        observed.output = text_of("PONG"); /* anything else is a fault */
        if (outcome->body)
            observed.present |= CONDITION_BIT(CONDITION_BODY);
        observed.body = (condition_text_t){.bytes = outcome->body, .n = outcome->n_body};
    }
    return observed;
}

/* --- what came of it --- */

static const char *why(condition_outcome_t outcome)
{
    switch (outcome) {
    case CONDITION_MISSING:
        return "lacks a value";
    case CONDITION_MISMATCH:
        return "cannot be compared with what came";
    case CONDITION_GAVE_UP:
        return "took too much work";
    case CONDITION_TRUE:
    case CONDITION_FALSE:
    case CONDITION_OUTCOME_COUNT:
        break;
    }
    return "is false";
}

/* "condition `status == 200` is false: 503". */
static char *error_of(const target_t *target, const condition_result_t *deciding)
{
    char shown[SHOWN_BYTES];
    char text[SHOWN_BYTES + CONDITION_ACTUAL_BYTES + 80];
    size_t n = strlen(deciding->text);
    size_t n_shown = utf8_repair(deciding->text, n, shown, sizeof shown);
    (void)snprintf(text, sizeof text, "condition `%s%s` %s: %s", shown, n_shown < n ? "..." : "",
                   why(deciding->outcome), deciding->actual);
    return check_error_text(check_prefix(target), text);
}

/* The conditions of VERDICT as they travel. */
static int keep_conditions(const conditions_verdict_t *verdict, probe_result_t *ret)
{
    measurement_t *measured = check_measurement(ret);
    if (!measured)
        return -1;
    if (!measured->conditions)
        measured->conditions = calloc(verdict->n_results + 1, sizeof *measured->conditions);
    if (!measured->conditions)
        return -1;
    for (size_t i = 0; i < verdict->n_results; i++) {
        const condition_result_t *result = &verdict->results[i];
        measured_condition_t *condition = &measured->conditions[measured->n_conditions++];
        *condition = (measured_condition_t){.text = strdup(result->text),
                                            .actual = strdup(result->actual),
                                            .outcome = (int)result->outcome,
                                            .is_degraded = result->is_degraded};
        if (!condition->text || !condition->actual)
            return -1;
    }
    return 0;
}

/* What the answer was, whatever the verdict. */
static int keep_answer(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    ret->latency_us = outcome->latency_us;
    return check_details(target, outcome, ret);
}

/* Whether one of `conditions` speaks of what the check itself would say. */
static bool is_spoken_for(const target_t *target, const check_answer_t *answer)
{
    uint64_t values = CONDITION_BIT(answer->said_by) | CONDITION_BIT(CONDITION_REASON);
    if (answer->said_by == CONDITION_CAPTURED) /* `value` is one of them */
        values |= CONDITION_BIT(CONDITION_VALUE);
    for (size_t i = 0; i < target->conditions->n_conditions; i++) {
        if (condition_values(target->conditions->conditions[i]) & values)
            return true;
    }
    return false;
}

/* What the check itself says, where it is worse and nothing speaks for it. */
static int weigh_own_verdict(const target_t *target, const check_outcome_t *outcome,
                             probe_result_t *ret)
{
    if (outcome->fault || !outcome->answer || is_spoken_for(target, outcome->answer))
        return 0;
    return check_own_verdict(target, outcome, ret);
}

static int follow(const target_t *target, const check_outcome_t *outcome,
                  const conditions_verdict_t *verdict, probe_result_t *ret)
{
    if (keep_conditions(verdict, ret))
        return -1;
    if (verdict->status != STATUS_OK && !verdict->deciding)
        return check_no_answer(target, outcome, ret);
    ret->status = (int)verdict->status;
    ret->reason = (int)verdict->reason;
    if (!outcome->fault && keep_answer(target, outcome, ret))
        return -1;
    if (verdict->deciding && !(ret->error = error_of(target, verdict->deciding)))
        return -1;
    return weigh_own_verdict(target, outcome, ret);
}

int check_by_conditions(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    assert(outcome->workspace); /* the collector of each type has one */
    named_t named;
    const condition_observed_t observed = observe(target, outcome, &named);
    conditions_verdict_t verdict;
    condition_workspace_begin(outcome->workspace, &observed);
    int rc = conditions_judge(target->conditions, outcome->workspace, &verdict);
    condition_workspace_end(outcome->workspace);
    return rc ? -1 : follow(target, outcome, &verdict, ret);
}
