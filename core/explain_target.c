/* One target's status: the result that is shown, and every rule that has a say in it. */
#include <math.h>

#include "core/explain_parts.h"
#include "core/pace.h"

/* --- what is known --- */

/* Results of the side IS_WORSE that were counted. */
static uint32_t counted(const explain_case_t *it, bool is_worse)
{
    confirm_t side = it->progress->confirm;
    if (side.is_worse != is_worse)
        side.n_unconfirmed = 0;
    side.is_worse = is_worse;
    return confirm_count(&side, it->target);
}

/* Whether results of that side can turn the status by being counted. */
static bool can_turn(const explain_case_t *it, bool is_worse)
{
    if (!target_is_probed(it->target) || it->shown->status == STATUS_UNKNOWN)
        return false;
    return it->shown->status != (is_worse ? STATUS_DOWN : STATUS_OK);
}

static uint32_t threshold_of(const target_t *target, bool is_worse)
{
    return is_worse ? target->failure_threshold : target->success_threshold;
}

/* --- rows --- */

static void put_pause(const explain_case_t *it, text_t *out)
{
    const pause_t *pause = it->shown->pause;
    text_t sentence = {0};
    text_append_string(&sentence, "it is not probed, and left out of every rule: ");
    explain_say(&sentence, it->shown->error ? it->shown->error : "paused");
    explain_begin(out, "pause", true, &sentence);
    explain_string(out, "by", pause->by);
    explain_string(out, "reason", pause->reason);
    explain_time(out, "since", pause->since_us);
    explain_time(out, "until", pause->until_us);
    explain_children(out);
    explain_end(out);
}

static void put_threshold(const explain_case_t *it, bool is_worse, text_t *out)
{
    uint32_t n = counted(it, is_worse);
    uint32_t threshold = threshold_of(it->target, is_worse);
    uint32_t window = is_worse ? it->target->failure_window : it->target->success_window;
    text_t sentence = {0};
    text_appendf(&sentence, "%u of the %u results that turn it %s have come", n, threshold,
                 is_worse ? "worse" : "better");
    if (window > 0)
        text_appendf(&sentence, ", among the last %u", window);
    else
        text_append_string(&sentence, ", one after another");
    explain_begin(out, is_worse ? "failure_threshold" : "success_threshold", n > 0, &sentence);
    explain_integer(out, "counted", n);
    explain_integer(out, "results", threshold);
    explain_number(out, "of", window > 0 ? window : (double)NAN);
    explain_children(out);
    explain_end(out);
}

/* One row for each connectivity check that applies: whether it fails, and since when. */
static void put_connectivity(const explain_case_t *it, text_t *out)
{
    const config_t *config = it->model->config;
    for (size_t i = 0; i < config->n_connectivity; i++) {
        const check_sight_t *check = &it->model->blindness.checks[i];
        if ((it->target->connectivity >> i & 1) == 0)
            continue;
        text_t sentence = {0};
        text_append_string(&sentence, "connectivity check ");
        explain_say(&sentence, config->connectivity[i].name);
        text_append_string(&sentence, check->sight == SIGHT_LOST
                                          ? " fails: what fails meanwhile is UNKNOWN"
                                      : check->sight == SIGHT_OK
                                          ? " sees: what fails counts once it has seen again"
                                          : " has not seen since the start: it says nothing");
        explain_begin(out, "connectivity", check->sight == SIGHT_LOST, &sentence);
        explain_string(out, "check", config->connectivity[i].name);
        explain_string(out, "sight", sight_name((int)check->sight));
        explain_time(out, "since", check->since_wall_us);
        explain_boolean(out, "is_waiting", it->progress->held != NULL);
        explain_children(out);
        explain_end(out);
    }
}

static void put_staleness(const explain_case_t *it, text_t *out)
{
    int64_t limit_us = pace_stale_after_us(it->target, it->model->config->staleness);
    int64_t age_us = explain_result_age_us(it);
    text_t sentence = {0};
    text_append_string(&sentence, "it is UNKNOWN once no result has come for ");
    explain_say_seconds(&sentence, limit_us);
    if (age_us >= 0) {
        text_append_string(&sentence, "; the last one came ");
        explain_say_seconds(&sentence, age_us);
        text_append_string(&sentence, " ago");
    }
    explain_begin(out, "staleness", it->shown->reason == REASON_STALE, &sentence);
    explain_age(out, "limit_ms", limit_us);
    explain_age(out, "last_result_age_ms", age_us);
    explain_children(out);
    explain_end(out);
}

/* When a heartbeat was heard of, and until when it must be again. */
static void put_heartbeat(const measured_heartbeat_t *heartbeat, text_t *out)
{
    text_t sentence = {0};
    text_append_string(&sentence, "its last ping came at ");
    explain_say_time(&sentence, heartbeat->last_ping_at_us);
    if (heartbeat->started_at_us != 0) {
        text_append_string(&sentence, "; a run is under way since ");
        explain_say_time(&sentence, heartbeat->started_at_us);
    }
    if (heartbeat->deadline_at_us != 0) {
        text_append_string(&sentence, "; without another one it is DOWN from ");
        explain_say_time(&sentence, heartbeat->deadline_at_us);
        text_append_string(&sentence, " on");
    }
    explain_begin(out, "heartbeat", true, &sentence);
    explain_time(out, "last_ping_at", heartbeat->last_ping_at_us);
    explain_time(out, "started_at", heartbeat->started_at_us);
    explain_time(out, "next_expected_at", heartbeat->expected_at_us);
    explain_time(out, "deadline_at", heartbeat->deadline_at_us);
    explain_children(out);
    explain_end(out);
}

static void put_flapping(const explain_case_t *it, text_t *out)
{
    const flap_settings_t *settings = &it->model->config->flap;
    const flap_t *flap = &it->progress->flap;
    double ratio = flap_ratio(flap, settings);
    text_t sentence = {0};
    text_appendf(&sentence,
                 "%.1f %% of the last %u results are changes; it flaps above %.1f %% until it is "
                 "below %.1f %%",
                 ratio * 100, settings->window, settings->high * 100, settings->low * 100);
    if (!flap_is_known(flap, settings))
        text_appendf(&sentence, "; only %u results were seen", flap->n_results);
    explain_begin(out, "flapping", flap->is_flapping, &sentence);
    explain_number(out, "ratio", ratio);
    explain_number(out, "high", settings->high);
    explain_number(out, "low", settings->low);
    explain_integer(out, "window", settings->window);
    explain_integer(out, "n_results",
                    flap->n_results < settings->window ? flap->n_results : settings->window);
    explain_children(out);
    explain_end(out);
}

static void put_notify_after(const explain_case_t *it, text_t *out)
{
    int64_t wait_us = (int64_t)it->target->notify_after_ms * 1000;
    int64_t age_us = explain_age_us(it->shown->since_us, it->now);
    text_t sentence = {0};
    text_append_string(&sentence, "no alert is raised before it was bad for ");
    explain_say_seconds(&sentence, wait_us);
    text_appendf(&sentence, "; %s for ", status_name(it->shown->status));
    explain_say_seconds(&sentence, age_us);
    explain_begin(out, "notify_after", age_us < wait_us, &sentence);
    explain_age(out, "notify_after_ms", wait_us);
    explain_age(out, "status_age_ms", age_us);
    explain_children(out);
    explain_end(out);
}

static void put_row_of_system(verdict_row_t row, text_t *out)
{
    text_t sentence = {0};
    if (row == VERDICT_NO_ROW)
        text_append_string(&sentence, "its status makes no rule of the system hold");
    else
        text_appendf(&sentence, "it makes a rule of the system hold (%s): %s",
                     system_status_name(explain_row_makes(row)), explain_row_title(row));
    explain_begin(out, "system", row != VERDICT_NO_ROW, &sentence);
    explain_string(out, "makes",
                   row == VERDICT_NO_ROW ? NULL : system_status_name(explain_row_makes(row)));
    explain_children(out);
    explain_end(out);
}

static void put_latency(const explain_case_t *it, text_t *out)
{
    const config_t *config = it->model->config;
    double latency_ms = explain_latency_ms(it->shown);
    bool is_critical = verdict_is_slow(it->shown, config->latency_critical_ms);
    bool is_slow = is_critical || verdict_is_slow(it->shown, config->latency_degraded_ms);
    text_t sentence = {0};
    text_appendf(&sentence, "its latency of %.2f ms %s", latency_ms,
                 is_critical ? "makes the system CRITICAL"
                 : is_slow   ? "makes the system DEGRADED"
                             : "is not above a limit of the system");
    explain_begin(out, "latency", is_slow, &sentence);
    explain_number(out, "latency_ms", latency_ms);
    explain_number(out, "degraded_limit_ms", config->latency_degraded_ms);
    explain_number(out, "critical_limit_ms", config->latency_critical_ms);
    explain_children(out);
    explain_end(out);
}

/* --- the whole --- */

/* "risk_guard is DOWN since ... because ...; 1 of the 2 results that turn it better have come." */
static void say_target(const explain_case_t *it, text_t *sentence)
{
    explain_say(sentence, it->shown->name);
    text_appendf(sentence, " is %s since ", status_name(it->shown->status));
    explain_say_time(sentence, it->shown->since_us);
    explain_say_why(it, sentence);
    for (int is_worse = 0; is_worse <= 1; is_worse++)
        if (can_turn(it, is_worse) && counted(it, is_worse) > 0)
            text_appendf(sentence, "; %u of the %u results that turn it %s have come",
                         counted(it, is_worse), threshold_of(it->target, is_worse),
                         is_worse ? "worse" : "better");
    if (it->shown->is_flapping)
        text_append_string(sentence, it->target->group ? "; members that flap decide it, so that "
                                                         "its turns are not told"
                                                       : "; it flaps");
    text_append_string(sentence, ".");
}

static void put_rows(const explain_case_t *it, text_t *out)
{
    const config_t *config = it->model->config;
    bool is_probed = target_is_probed(it->target);
    bool is_bad = it->shown->status == STATUS_DOWN || it->shown->status == STATUS_DEGRADED;
    if (it->shown->pause) {
        put_pause(it, out);
        return;
    }
    if (it->target->group)
        explain_group(it, out);
    else
        explain_result(it, out);
    put_connectivity(it, out);
    for (int is_worse = 1; is_worse >= 0; is_worse--)
        if (can_turn(it, is_worse))
            put_threshold(it, is_worse, out);
    const measurement_t *measured = it->shown->measurement;
    if (measured && measured->heartbeat && measured->heartbeat->last_ping_at_us != 0)
        put_heartbeat(measured->heartbeat, out);
    if (is_probed)
        put_staleness(it, out);
    if (is_probed && config->flap.window > 0)
        put_flapping(it, out);
    if (is_bad && it->target->notify_after_ms > 0)
        put_notify_after(it, out);
    if (it->shown->kind == KIND_SERVICE && it->shown->latency_us != LATENCY_NONE)
        put_latency(it, out);
    put_row_of_system(verdict_row_of(it->shown), out);
}

void explain_target(const model_t *model, size_t at, now_t now, text_t *out)
{
    const explain_case_t it = {.model = model,
                               .target = &model->config->targets[at],
                               .shown = &model->shown[at],
                               .progress = &model->progress[at],
                               .now = now};
    text_t sentence = {0};
    text_append_string(out, "{");
    explain_string(out, "name", it.shown->name);
    explain_string(out, "kind", target_kind_name(it.shown->kind));
    explain_string(out, "type", probe_type_name(it.target->type));
    explain_boolean(out, "critical", it.shown->is_critical);
    explain_string(out, "status", status_name(it.shown->status));
    explain_string(out, "reason", reason_name(it.shown->reason));
    explain_string(out, "error", it.shown->error);
    explain_time(out, "since", it.shown->since_us);
    explain_integer(out, "version", (int64_t)model->last.version);
    explain_time(out, "at", now.wall_us);
    say_target(&it, &sentence);
    explain_sentence(out, &sentence);
    put_rows(&it, out);
    text_append_string(out, "]}");
}
