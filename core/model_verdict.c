/* The status of the system, from the status of its targets (contract, section 4). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model_parts.h"

/* Evaluation under way: the list of critical failures and what else the rules need. */
typedef struct {
    critical_failure_t *failures;
    size_t n_failures;
    size_t capacity;
    bool is_out_of_memory;
    bool is_degraded; /* a row that makes the system DEGRADED holds */
    bool is_unknown;  /* a probed target is UNKNOWN */
    size_t n_judged;  /* targets that the rules look at */
    double sum_latency_ms;
    size_t n_latencies;
    double max_latency_ms;
} evaluation_t;

static void add_failure(evaluation_t *evaluation, const char *prefix, const char *text)
{
    if (evaluation->n_failures == evaluation->capacity) {
        size_t capacity = evaluation->capacity ? 2 * evaluation->capacity : 8;
        critical_failure_t *grown =
            realloc(evaluation->failures, capacity * sizeof *evaluation->failures);
        if (!grown) {
            evaluation->is_out_of_memory = true;
            return;
        }
        evaluation->failures = grown;
        evaluation->capacity = capacity;
    }
    char *line = NULL;
    if (asprintf(&line, "%s%s", prefix, text) < 0) {
        evaluation->is_out_of_memory = true;
        return;
    }
    evaluation->failures[evaluation->n_failures++].text = line;
}

bool verdict_counts_latency(const target_state_t *shown)
{
    bool is_run_time = shown->measurement && shown->measurement->heartbeat;
    return shown->kind == KIND_SERVICE && shown->latency_us != LATENCY_NONE && !is_run_time;
}

static void count_latency(evaluation_t *evaluation, const target_state_t *shown)
{
    if (!verdict_counts_latency(shown))
        return;
    double latency_ms = (double)shown->latency_us / 1000;
    evaluation->sum_latency_ms += latency_ms;
    evaluation->n_latencies++;
    evaluation->max_latency_ms = fmax(evaluation->max_latency_ms, latency_ms);
}

bool verdict_leaves_out(const target_state_t *shown)
{
    bool is_open_group = shown->status == STATUS_UNKNOWN && shown->reason == REASON_MEMBERS;
    return shown->pause || shown->reason == REASON_NO_PING || is_open_group;
}

verdict_row_t verdict_row_of(const target_state_t *shown)
{
    if (verdict_leaves_out(shown))
        return VERDICT_NO_ROW;
    if (shown->kind == KIND_NONE)
        return shown->status == STATUS_DOWN ? VERDICT_EMERGENCY_STOP : VERDICT_NO_ROW;
    bool is_service = shown->kind == KIND_SERVICE;
    if (shown->status == STATUS_DOWN && shown->is_critical)
        return is_service ? VERDICT_SERVICE_DOWN : VERDICT_INFRASTRUCTURE_DOWN;
    if (shown->status == STATUS_DOWN || shown->status == STATUS_DEGRADED)
        return is_service ? VERDICT_SERVICE_DEGRADED : VERDICT_INFRASTRUCTURE_DEGRADED;
    return shown->status == STATUS_UNKNOWN ? VERDICT_TARGET_UNKNOWN : VERDICT_NO_ROW;
}

bool verdict_is_slow(const target_state_t *shown, double limit_ms)
{
    return verdict_counts_latency(shown) && (double)shown->latency_us / 1000 > limit_ms;
}

/* Rows of the status rules that look at one service or infrastructure target. */
static void evaluate_target(evaluation_t *evaluation, const target_state_t *shown)
{
    if (verdict_leaves_out(shown))
        return;
    evaluation->n_judged++;
    count_latency(evaluation, shown);
    verdict_row_t row = verdict_row_of(shown);
    if (row == VERDICT_SERVICE_DOWN)
        add_failure(evaluation, "Service: ", shown->name);
    else if (row == VERDICT_INFRASTRUCTURE_DOWN)
        add_failure(evaluation, "Infrastructure: ", shown->name);
    else if (row == VERDICT_TARGET_UNKNOWN)
        evaluation->is_unknown = true;
    else if (row != VERDICT_NO_ROW)
        evaluation->is_degraded = true;
}

/* Names each service above the critical latency that is not named as down already. */
static void add_latency_failures(const model_t *model, evaluation_t *evaluation)
{
    for (size_t i = 0; i < model->config->n_targets; i++) {
        const target_state_t *shown = &model->shown[i];
        if (verdict_is_slow(shown, model->config->latency_critical_ms) &&
            verdict_row_of(shown) != VERDICT_SERVICE_DOWN)
            add_failure(evaluation, "Latency: ", shown->name);
    }
}

static evaluation_t evaluate(const model_t *model)
{
    evaluation_t evaluation = {.max_latency_ms = (double)NAN};
    for (size_t i = 0; i < model->config->n_targets; i++) {
        if (model->shown[i].kind != KIND_NONE)
            evaluate_target(&evaluation, &model->shown[i]);
    }
    if (evaluation.n_judged == 0 && model->config->n_targets > 1) /* all are paused, or wait */
        evaluation.is_unknown = true;
    /* A comparison with NAN is false: where no limit is set, or no latency known, no row holds. */
    if (evaluation.max_latency_ms > model->config->latency_critical_ms)
        add_latency_failures(model, &evaluation);
    if (evaluation.max_latency_ms > model->config->latency_degraded_ms)
        evaluation.is_degraded = true;
    for (size_t i = 0; i < model->config->n_targets; i++) {
        const target_state_t *shown = &model->shown[i];
        if (verdict_row_of(shown) == VERDICT_EMERGENCY_STOP)
            add_failure(&evaluation,
                        "Emergency Stop System: ", shown->error ? shown->error : "Unknown");
    }
    return evaluation;
}

static bool is_same_failures(const model_t *model, const evaluation_t *evaluation)
{
    if (model->n_failures != evaluation->n_failures)
        return false;
    for (size_t i = 0; i < model->n_failures; i++) {
        if (strcmp(model->failures[i].text, evaluation->failures[i].text) != 0)
            return false;
    }
    return true;
}

bool model_evaluate(model_t *model)
{
    model_settle_groups(model);
    evaluation_t evaluation = evaluate(model);
    if (evaluation.is_out_of_memory) {
        model_free_failures(evaluation.failures, evaluation.n_failures);
        return false;
    }
    /* Every latency above the critical limit is a failure or belongs to a target that is one, so
     * the list is empty exactly where no CRITICAL row holds. */
    int status = evaluation.n_failures    ? SYSTEM_CRITICAL
                 : evaluation.is_degraded ? SYSTEM_DEGRADED
                 : evaluation.is_unknown  ? SYSTEM_UNKNOWN
                                          : SYSTEM_OK;
    model->may_be_due = false;
    if (status != model->status || !is_same_failures(model, &evaluation))
        model->is_due = true;
    model->status = status;
    model_free_failures(model->failures, model->n_failures);
    model->failures = evaluation.failures;
    model->n_failures = evaluation.n_failures;
    model->max_service_latency_ms = evaluation.max_latency_ms;
    model->avg_service_latency_ms = evaluation.n_latencies > 0
                                        ? evaluation.sum_latency_ms / (double)evaluation.n_latencies
                                        : (double)NAN;
    return model->is_due;
}

bool model_is_due(model_t *model)
{
    return model->is_due || (model->may_be_due && model_evaluate(model));
}
