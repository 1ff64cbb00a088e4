/* The result that made the status of a target, and what judged it. */
#include <math.h>

#include "core/explain_parts.h"
#include "core/pace.h"

int64_t explain_result_age_us(const explain_case_t *it)
{
    bool has_result = target_is_probed(it->target) && it->progress->has_result;
    return has_result ? it->now.mono_us - it->progress->last_result_mono_us : -1;
}

/* Whether what is shown came of a result: not of none, nor of its age, nor of a pause. */
static bool shows_result(const explain_case_t *it)
{
    return it->shown->checked_at_us != 0 && it->shown->status != STATUS_UNKNOWN;
}

/* The condition that made the status, or NULL. */
static const measured_condition_t *deciding_condition(const explain_case_t *it)
{
    const measurement_t *measured = it->shown->measurement;
    bool is_condition =
        it->shown->reason == REASON_CONDITION || it->shown->reason == REASON_MISSING_VALUE;
    for (size_t i = 0; is_condition && measured && i < measured->n_conditions; i++) {
        const measured_condition_t *condition = &measured->conditions[i];
        if (condition->outcome != CONDITION_TRUE &&
            condition->is_degraded == (it->shown->status == STATUS_DEGRADED))
            return condition;
    }
    return NULL;
}

static void say_condition(text_t *sentence, const measured_condition_t *condition)
{
    explain_say(sentence, condition->text);
    text_appendf(sentence, " is %s", condition->outcome == CONDITION_TRUE ? "true" : "false");
    if (condition->outcome != CONDITION_TRUE && condition->outcome != CONDITION_FALSE)
        text_appendf(sentence, " (%s)", condition_outcome_name(condition->outcome));
    if (condition->actual && *condition->actual) {
        text_append_string(sentence, " with ");
        explain_say(sentence, condition->actual);
    }
}

static void put_condition(const measured_condition_t *condition, text_t *out)
{
    text_t sentence = {0};
    say_condition(&sentence, condition);
    explain_begin(out, condition->is_degraded ? "degraded_condition" : "condition",
                  condition->outcome == CONDITION_TRUE, &sentence);
    explain_string(out, "condition", condition->text);
    explain_string(out, "outcome", condition_outcome_name(condition->outcome));
    explain_string(out, "actual", condition->actual);
    explain_children(out);
    explain_end(out);
}

/* What says what an answer means: the conditions, or the rule of status codes. */
static void put_judges(const explain_case_t *it, text_t *out)
{
    const measurement_t *measured = it->shown->measurement;
    for (size_t i = 0; measured && i < measured->n_conditions; i++)
        put_condition(&measured->conditions[i], out);
    if (it->target->expects_failure) {
        text_t sentence = {0};
        text_append_string(&sentence, "expect_failure: DOWN counts as OK, anything else as DOWN");
        explain_begin(out, "expect_failure", true, &sentence);
        explain_children(out);
        explain_end(out);
    }
    if (it->target->type != PROBE_HTTP || it->target->conditions)
        return;
    bool is_platform = it->target->status_rule == RULE_PLATFORM;
    text_t sentence = {0};
    text_append_string(&sentence,
                       is_platform ? "status_rule platform: 200 is OK, 5xx of a service DOWN, any "
                                     "other code DEGRADED, no answer DOWN"
                                   : "status_rule success: 200 to 299 is OK, anything else DOWN");
    explain_begin(out, "status_rule", true, &sentence);
    explain_string(out, "status_rule", is_platform ? "platform" : "success");
    explain_number(out, "http_code",
                   measured && measured->http_code != MEASURED_NONE ? (double)measured->http_code
                                                                    : (double)NAN);
    explain_children(out);
    explain_end(out);
}

static void say_result(const explain_case_t *it, text_t *sentence)
{
    if (it->shown->kind == KIND_NONE && it->shown->status == STATUS_OK) {
        text_append_string(sentence, it->shown->entry_id
                                         ? "the newest entry of the emergency stop ends its trip"
                                         : "no entry has tripped the emergency stop");
    } else if (!shows_result(it)) {
        text_append_string(sentence, !target_is_probed(it->target)
                                         ? "its results come by themselves; none has come yet"
                                         : "no result decides: what comes next does at once");
    } else {
        text_appendf(sentence, "the result that is shown: %s", status_name(it->shown->status));
        explain_say_reason(sentence, it->shown);
        if (it->shown->latency_us != LATENCY_NONE)
            text_appendf(sentence, " in %.2f ms", explain_latency_ms(it->shown));
        text_append_string(sentence, ", ");
        explain_say_seconds(sentence, explain_age_us(it->shown->checked_at_us, it->now));
        text_append_string(sentence, " ago");
    }
}

void explain_result(const explain_case_t *it, text_t *out)
{
    const target_state_t *shown = it->shown;
    text_t sentence = {0};
    say_result(it, &sentence);
    explain_begin(out, "result", shows_result(it), &sentence);
    explain_time(out, "checked_at", shown->checked_at_us);
    explain_age(out, "age_ms",
                shown->checked_at_us ? explain_age_us(shown->checked_at_us, it->now) : -1);
    explain_number(out, "latency_ms", explain_latency_ms(shown));
    if (shown->kind == KIND_NONE)
        explain_string(out, "entry_id", shown->entry_id);
    explain_children(out);
    if (shows_result(it))
        put_judges(it, out);
    explain_end(out);
}

void explain_say_why(const explain_case_t *it, text_t *sentence)
{
    const measured_condition_t *condition = deciding_condition(it);
    if (it->target->group) {
        explain_say_group(it, sentence);
    } else if (it->shown->reason == REASON_STALE) {
        text_append_string(sentence, ": its last result is ");
        explain_say_seconds(sentence, explain_result_age_us(it));
        text_append_string(sentence, " old, older than ");
        explain_say_seconds(sentence,
                            pace_stale_after_us(it->target, it->model->config->staleness));
    } else if (it->shown->reason == REASON_BLIND) {
        text_append_string(sentence, ": its check failed while healthd's own network was lost, "
                                     "which says nothing of it (");
        explain_say(sentence, it->shown->error ? it->shown->error : "blind");
        text_append_string(sentence, ")");
    } else if (it->shown->status == STATUS_UNKNOWN && !it->shown->pause) {
        text_append_string(sentence, ": no result decides it yet");
    } else if (condition) {
        text_append_string(sentence, " because ");
        say_condition(sentence, condition);
    } else {
        if (!it->shown->pause) /* its text says it already */
            explain_say_reason(sentence, it->shown);
        text_append_string(sentence, it->shown->error ? ": " : "");
        explain_say(sentence, it->shown->error ? it->shown->error : "");
    }
}
