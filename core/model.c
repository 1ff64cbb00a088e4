#include "core/model.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/confirm.h"
#include "core/entry_id.h"
#include "core/pace.h"
#include "core/pause_book.h"

/* Counting towards a threshold, and age, of one target; what is shown stands in model_t.shown. */
typedef struct {
    confirm_t confirm;
    int64_t last_result_mono_us;
    bool has_result;
    bool is_cleared; /* emergency stop: an operator cleared the shown entry */
    bool is_changed; /* since the last snapshot */
} progress_t;

struct model {
    const config_t *config;
    target_state_t *shown; /* one for each target, in configuration order; owned */
    progress_t *progress;
    target_state_t *changes; /* room for the changed targets of one snapshot; borrow from shown */
    bool has_result;         /* of any probed target */
    bool is_due;             /* something differs that makes a snapshot due at once */
    bool may_be_due;         /* an evaluation may find that one is */
    bool is_new_list;        /* the targets are others than in the last snapshot */

    int status; /* system_status_t, of the last evaluation */
    double avg_service_latency_ms;
    double max_service_latency_ms;
    critical_failure_t *failures; /* owned */
    size_t n_failures;

    snapshot_t last; /* verdict of the last snapshot made; its lists are empty */
};

/* --- life --- */

static int init_target(const target_t *target, target_state_t *shown, now_t now)
{
    bool is_passive = target->type == PROBE_PASSIVE;
    *shown = (target_state_t){
        .name = strdup(target->name),
        .kind = (int)target->kind,
        .status = is_passive ? STATUS_OK : STATUS_UNKNOWN,
        .is_critical = target->is_critical,
        .latency_us = LATENCY_NONE,
        .since_us = now.wall_us,
        .labels = target->labels ? strdup(target->labels) : NULL,
    };
    return shown->name && (shown->labels || !target->labels) ? 0 : -1;
}

model_t *model_new(const config_t *config, now_t now)
{
    model_t *model = calloc(1, sizeof *model);
    if (!model)
        return NULL;
    size_t n = config->n_targets;
    model->config = config;
    model->shown = calloc(n + 1, sizeof *model->shown);
    model->progress = calloc(n + 1, sizeof *model->progress);
    model->changes = calloc(n + 1, sizeof *model->changes);
    bool is_complete = model->shown && model->progress && model->changes;
    for (size_t i = 0; is_complete && i < n; i++) {
        model->progress[i].is_changed = true;
        is_complete = init_target(&config->targets[i], &model->shown[i], now) == 0;
    }
    if (!is_complete) {
        model_destroy(&model);
        return NULL;
    }
    model->is_new_list = true;
    model->may_be_due = true;
    model->status = SYSTEM_UNKNOWN;
    model->last.status = SYSTEM_UNKNOWN;
    model->avg_service_latency_ms = (double)NAN;
    model->max_service_latency_ms = (double)NAN;
    return model;
}

static void free_failures(critical_failure_t *failures, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(failures[i].text);
    free(failures);
}

static void free_shown(target_state_t *shown, size_t n)
{
    for (size_t i = 0; shown && i < n; i++)
        target_state_clear(&shown[i]);
    free(shown);
}

void model_destroy(model_t **model_p)
{
    model_t *model = *model_p;
    if (!model)
        return;
    free_shown(model->shown, model->config->n_targets);
    free(model->progress);
    free(model->changes);
    free_failures(model->failures, model->n_failures);
    free(model);
    *model_p = NULL;
}

/* --- another configuration --- */

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Position in the old configuration of what TARGET goes on from, or -1. */
static long predecessor_of(const model_t *model, const target_t *target)
{
    long at = config_target_at(model->config, target->name);
    bool is_passive = target->type == PROBE_PASSIVE;
    if (at >= 0 && (model->config->targets[at].type == PROBE_PASSIVE) != is_passive)
        return -1;
    return at;
}

/* Moves what OLD shows to SHOWN; the name, kind and labels of SHOWN are those of now. */
static void take_shown(target_state_t *shown, target_state_t *old)
{
    target_state_t now = *shown;
    *shown = *old;
    shown->name = now.name;
    shown->kind = now.kind;
    shown->is_critical = now.is_critical;
    shown->labels = now.labels;
    free(old->name);
    free(old->labels);
    *old = (target_state_t){.name = NULL};
}

/* Target I of the new configuration goes on from what the model knows, if it does. */
static void take_over(model_t *model, const target_t *target, target_state_t *shown,
                      progress_t *progress)
{
    long at = predecessor_of(model, target);
    if (at >= 0) {
        const target_t *old = &model->config->targets[at];
        *progress = model->progress[at];
        if (old->type != target->type || !is_same_text(old->url, target->url))
            progress->confirm = (confirm_t){.n_unconfirmed = 0};
        take_shown(shown, &model->shown[at]);
    }
    progress->is_changed = true; /* the next snapshot is whole */
}

int model_reconfigure(model_t *model, const config_t *config, now_t now)
{
    size_t n = config->n_targets;
    target_state_t *shown = calloc(n + 1, sizeof *shown);
    progress_t *progress = calloc(n + 1, sizeof *progress);
    target_state_t *changes = calloc(n + 1, sizeof *changes);
    bool is_complete = shown && progress && changes;
    for (size_t i = 0; is_complete && i < n; i++)
        is_complete = init_target(&config->targets[i], &shown[i], now) == 0;
    if (!is_complete) {
        free_shown(shown, n);
        free(progress);
        free(changes);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        take_over(model, &config->targets[i], &shown[i], &progress[i]);
    free_shown(model->shown, model->config->n_targets);
    free(model->progress);
    free(model->changes);
    model->config = config;
    model->shown = shown;
    model->progress = progress;
    model->changes = changes;
    model->is_due = true;
    model->is_new_list = true;
    return 0;
}

/* --- results --- */

/* Latencies are shown with two decimals of a millisecond, and the rules see what is shown. */
static int64_t shown_latency_us(int64_t latency_us)
{
    return latency_us < 0 ? LATENCY_NONE : (latency_us + 5) / 10 * 10;
}

/* Moves *FROM to *TO and frees what was there. */
static void move_text(char **to, char **from)
{
    free(*to);
    *to = *from;
    *from = NULL;
}

/* Whether a service goes over LIMIT_MS, or comes back; never where the limit is NAN. */
static bool crosses(int64_t from_us, int64_t to_us, double limit_ms)
{
    return ((double)from_us / 1000 > limit_ms) != ((double)to_us / 1000 > limit_ms);
}

/* Shows RESULT as the state of target I. */
static void show(model_t *model, size_t i, probe_result_t *result, now_t now)
{
    target_state_t *shown = &model->shown[i];
    int64_t latency_us = shown_latency_us(result->latency_us);
    if (shown->status != result->status || shown->reason != result->reason)
        model->is_due = true;
    if (crosses(shown->latency_us, latency_us, model->config->latency_degraded_ms) ||
        crosses(shown->latency_us, latency_us, model->config->latency_critical_ms))
        model->may_be_due = true;
    /* A newer entry that says the same is another trip: a clear must name it. */
    if (shown->kind == KIND_NONE && (!is_same_text(shown->details, result->details) ||
                                     !is_same_text(shown->entry_id, result->entry_id)))
        model->is_due = true;
    if (shown->status != result->status)
        shown->since_us = now.wall_us;
    shown->status = result->status;
    shown->reason = result->reason;
    shown->latency_us = latency_us;
    shown->checked_at_us = result->finished_at_us;
    move_text(&shown->error, &result->error);
    move_text(&shown->details, &result->details);
    measurement_destroy(&shown->measurement);
    shown->measurement = result->measurement;
    result->measurement = NULL;
    if (result->entry_id)
        move_text(&shown->entry_id, &result->entry_id);
    model->progress[i].is_changed = true;
}

/*
 * The emergency stop has no common order of arrival: the entry decides, the newest wins. A clear
 * ends the trip of the entry that it names and of older ones. Entries of two streams may carry the
 * same id: then the trip wins, and a clear over both (core/trip.h).
 */
static bool is_outdated(const target_state_t *shown, bool is_cleared, const probe_result_t *result)
{
    int order = entry_id_compare_texts(result->entry_id, shown->entry_id);
    if (result->is_clear || order != 0)
        return order < 0 && (result->is_clear || result->entry_id);
    return shown->entry_id && (is_cleared || result->status == STATUS_OK);
}

model_outcome_t model_apply(model_t *model, probe_result_t *result, now_t now)
{
    long at = config_target_at(model->config, result->target);
    if (at < 0)
        return MODEL_UNKNOWN_TARGET;
    size_t i = (size_t)at;
    const target_t *target = &model->config->targets[i];
    progress_t *progress = &model->progress[i];
    if (target->type == PROBE_PASSIVE) {
        if (is_outdated(&model->shown[i], progress->is_cleared, result))
            return MODEL_OUTDATED;
        progress->is_cleared = result->is_clear;
        show(model, i, result, now);
        return MODEL_APPLIED;
    }
    if (model->shown[i].pause)
        return MODEL_PAUSED;
    progress->last_result_mono_us = now.mono_us;
    progress->has_result = true;
    model->has_result = true;
    if (!confirm_step(&progress->confirm, target, model->shown[i].status, result->status))
        return MODEL_UNCONFIRMED;
    show(model, i, result, now);
    return MODEL_APPLIED;
}

model_outcome_t model_pause(model_t *model, const char *name, pause_t **pause, now_t now)
{
    long at = config_target_at(model->config, name);
    if (at < 0 || model->config->targets[at].type == PROBE_PASSIVE)
        return MODEL_UNKNOWN_TARGET;
    target_state_t *shown = &model->shown[at];
    if (!*pause == !shown->pause && (!*pause || (*pause)->since_us == shown->pause->since_us))
        return MODEL_APPLIED; /* told again */
    probe_result_t nothing = pause_result(*pause, shown->checked_at_us);
    pause_destroy(&shown->pause);
    shown->pause = *pause;
    *pause = NULL;
    model->is_due = true;
    show(model, (size_t)at, &nothing, now);
    return MODEL_APPLIED;
}

bool model_is_paused(const model_t *model, const char *name)
{
    long at = config_target_at(model->config, name);
    return at >= 0 && model->shown[at].pause;
}

void model_expire(model_t *model, now_t now)
{
    for (size_t i = 0; i < model->config->n_targets; i++) {
        const target_t *target = &model->config->targets[i];
        const progress_t *progress = &model->progress[i];
        if (target->type == PROBE_PASSIVE || !progress->has_result ||
            model->shown[i].status == STATUS_UNKNOWN ||
            now.mono_us - progress->last_result_mono_us <=
                pace_stale_after_us(target, model->config->staleness))
            continue;
        probe_result_t nothing = {
            .status = STATUS_UNKNOWN,
            .reason = REASON_STALE,
            .latency_us = LATENCY_NONE,
            .finished_at_us = model->shown[i].checked_at_us,
        };
        model->progress[i].confirm = (confirm_t){.n_unconfirmed = 0};
        show(model, i, &nothing, now);
    }
}

/* --- the verdict --- */

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

static void count_latency(evaluation_t *evaluation, const target_state_t *shown)
{
    if (shown->latency_us == LATENCY_NONE)
        return;
    double latency_ms = (double)shown->latency_us / 1000;
    evaluation->sum_latency_ms += latency_ms;
    evaluation->n_latencies++;
    evaluation->max_latency_ms = fmax(evaluation->max_latency_ms, latency_ms);
}

/* Rows of the status rules that look at one service or infrastructure target. */
static void evaluate_target(evaluation_t *evaluation, const target_state_t *shown)
{
    if (shown->pause)
        return;
    evaluation->n_judged++;
    bool is_service = shown->kind == KIND_SERVICE;
    if (is_service)
        count_latency(evaluation, shown);
    if (shown->status == STATUS_DOWN && shown->is_critical)
        add_failure(evaluation, is_service ? "Service: " : "Infrastructure: ", shown->name);
    else if (shown->status == STATUS_DOWN || shown->status == STATUS_DEGRADED)
        evaluation->is_degraded = true;
    else if (shown->status == STATUS_UNKNOWN)
        evaluation->is_unknown = true;
}

/* Names each service above the critical latency that is not named as down already. */
static void add_latency_failures(const model_t *model, evaluation_t *evaluation)
{
    for (size_t i = 0; i < model->config->n_targets; i++) {
        const target_state_t *shown = &model->shown[i];
        bool is_slow = shown->kind == KIND_SERVICE &&
                       (double)shown->latency_us / 1000 > model->config->latency_critical_ms;
        if (is_slow && !(shown->status == STATUS_DOWN && shown->is_critical))
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
    if (evaluation.n_judged == 0 && model->config->n_targets > 1) /* all are paused */
        evaluation.is_unknown = true;
    /* A comparison with NAN is false: where no limit is set, or no latency known, no row holds. */
    if (evaluation.max_latency_ms > model->config->latency_critical_ms)
        add_latency_failures(model, &evaluation);
    if (evaluation.max_latency_ms > model->config->latency_degraded_ms)
        evaluation.is_degraded = true;
    for (size_t i = 0; i < model->config->n_targets; i++) {
        const target_state_t *shown = &model->shown[i];
        if (shown->kind == KIND_NONE && shown->status == STATUS_DOWN)
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
    evaluation_t evaluation = evaluate(model);
    if (evaluation.is_out_of_memory) {
        free_failures(evaluation.failures, evaluation.n_failures);
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
    free_failures(model->failures, model->n_failures);
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

/* --- snapshots --- */

void model_next_snapshot(model_t *model, bool is_periodic, now_t now, snapshot_t *ret)
{
    snapshot_t next = {
        .version = model->last.version + 1,
        .base_version = model->is_new_list ? 0 : model->last.version,
        .is_whole = model->is_new_list,
        .is_periodic = is_periodic,
        .is_status_changed = model->status != model->last.status,
        .has_result = model->has_result,
        .taken_at_us = now.wall_us,
        .status = model->status,
        .avg_service_latency_ms = model->avg_service_latency_ms,
        .max_service_latency_ms = model->max_service_latency_ms,
    };
    model->last = next;
    next.critical_failures = model->failures;
    next.n_critical_failures = model->n_failures;
    next.targets = model->changes;
    for (size_t i = 0; i < model->config->n_targets; i++) {
        if (model->progress[i].is_changed)
            model->changes[next.n_targets++] = model->shown[i];
        model->progress[i].is_changed = false;
    }
    model->is_due = false;
    model->is_new_list = false;
    *ret = next;
}
