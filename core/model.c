#include "core/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry_id.h"
#include "core/model_parts.h"
#include "core/pace.h"
#include "core/pause_book.h"

/* --- life --- */

/* Whether results are told of TARGET that thresholds and flapping count. */
static bool has_results(const target_t *target)
{
    return target->type != PROBE_PASSIVE && target->type != PROBE_GROUP;
}

static int init_target(const config_t *config, size_t i, target_state_t *shown, now_t now)
{
    const target_t *target = &config->targets[i];
    bool is_passive = target->type == PROBE_PASSIVE;
    *shown = (target_state_t){
        .name = strdup(target->name),
        .kind = (int)target->kind,
        .status = is_passive ? STATUS_OK : STATUS_UNKNOWN,
        .is_critical = target->is_critical,
        .is_flapping_unknown = has_results(target) && config->flap.window > 0,
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
    model->is_group_marked = calloc(config->groups.n + 1, sizeof *model->is_group_marked);
    bool is_complete = model->shown && model->progress && model->changes && model->is_group_marked;
    for (size_t i = 0; is_complete && i < n; i++) {
        model->progress[i].is_changed = true;
        is_complete = init_target(config, i, &model->shown[i], now) == 0;
    }
    if (!is_complete) {
        model_destroy(&model);
        return NULL;
    }
    blindness_reconfigure(&model->blindness, NULL, config, now.wall_us);
    model->is_new_list = true;
    model->may_be_due = true;
    model->status = SYSTEM_UNKNOWN;
    model->last.status = SYSTEM_UNKNOWN;
    model->avg_service_latency_ms = (double)NAN;
    model->max_service_latency_ms = (double)NAN;
    model_mark_all_groups(model, now);
    return model;
}

void model_free_failures(critical_failure_t *failures, size_t n)
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
    model_free_held(model->progress, model->config->n_targets);
    free(model->progress);
    free(model->changes);
    free(model->is_group_marked);
    model_free_failures(model->failures, model->n_failures);
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
    if (at >= 0 && has_results(&model->config->targets[at]) != has_results(target))
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

/* Shows whether the target flaps; whether that is news. */
static bool show_flapping(const flap_t *flap, const flap_settings_t *settings,
                          target_state_t *shown)
{
    bool is_unknown = !flap_is_known(flap, settings);
    if (shown->is_flapping == flap->is_flapping && shown->is_flapping_unknown == is_unknown)
        return false;
    shown->is_flapping = flap->is_flapping;
    shown->is_flapping_unknown = is_unknown;
    return true;
}

/* TARGET of the new configuration goes on from what the model knows, if it does. */
static void take_over(model_t *model, const config_t *config, const target_t *target,
                      target_state_t *shown, progress_t *progress)
{
    long at = predecessor_of(model, target);
    if (at >= 0) {
        const target_t *old = &model->config->targets[at];
        *progress = model->progress[at];
        progress->held = NULL; /* its next check says it again */
        if (old->type != target->type || !is_same_text(old->url, target->url))
            progress->confirm = (confirm_t){.n_unconfirmed = 0};
        if (config->flap.window == 0)
            progress->flap = (flap_t){.is_flapping = false};
        take_shown(shown, &model->shown[at]);
        if (has_results(target))
            (void)show_flapping(&progress->flap, &config->flap, shown);
    }
    progress->is_changed = true; /* the next snapshot is whole */
}

int model_reconfigure(model_t *model, const config_t *config, now_t now)
{
    size_t n = config->n_targets;
    target_state_t *shown = calloc(n + 1, sizeof *shown);
    progress_t *progress = calloc(n + 1, sizeof *progress);
    target_state_t *changes = calloc(n + 1, sizeof *changes);
    bool *is_group_marked = calloc(config->groups.n + 1, sizeof *is_group_marked);
    bool is_complete = shown && progress && changes && is_group_marked;
    for (size_t i = 0; is_complete && i < n; i++)
        is_complete = init_target(config, i, &shown[i], now) == 0;
    if (!is_complete) {
        free_shown(shown, n);
        free(progress);
        free(changes);
        free(is_group_marked);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        take_over(model, config, &config->targets[i], &shown[i], &progress[i]);
    blindness_reconfigure(&model->blindness, model->config, config, now.wall_us);
    free_shown(model->shown, model->config->n_targets);
    model_free_held(model->progress, model->config->n_targets);
    free(model->progress);
    free(model->changes);
    free(model->is_group_marked);
    model->n_held = model->next_wanted = 0;
    model->config = config;
    model->shown = shown;
    model->progress = progress;
    model->changes = changes;
    model->is_group_marked = is_group_marked;
    model_mark_all_groups(model, now);
    model_sum_bulk(model);
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

void model_show(model_t *model, size_t i, probe_result_t *result, now_t now)
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
    if (shown->status != result->status) {
        shown->since_us = now.wall_us;
        model_mark_groups(model, i, now);
    }
    shown->status = result->status;
    shown->reason = result->reason;
    shown->latency_us = latency_us;
    shown->checked_at_us = result->finished_at_us;
    move_text(&shown->error, &result->error);
    move_text(&shown->details, &result->details);
    measurement_destroy(&shown->measurement);
    shown->measurement = result->measurement;
    if (shown->measurement && shown->measurement->heartbeat)
        model->is_due = true; /* a ping is news also where it changes no status */
    result->measurement = NULL;
    if (result->entry_id)
        move_text(&shown->entry_id, &result->entry_id);
    model_count_bulk(model, i);
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

model_outcome_t model_count_result(model_t *model, size_t i, probe_result_t *result, now_t now)
{
    progress_t *progress = &model->progress[i];
    const target_t *target = &model->config->targets[i];
    if (result->status != STATUS_UNKNOWN)
        flap_step(&progress->flap, &model->config->flap, result->status);
    if (show_flapping(&progress->flap, &model->config->flap, &model->shown[i])) {
        progress->is_changed = model->is_due = true;
        model_mark_groups(model, i, now);
    }
    if (!confirm_step(&progress->confirm, target, model->shown[i].status, result->status))
        return MODEL_UNCONFIRMED;
    model_show(model, i, result, now);
    return MODEL_APPLIED;
}

model_outcome_t model_apply(model_t *model, probe_result_t *result, now_t now)
{
    long at = config_probed_at(model->config, result->target);
    if (at < 0 || model->config->targets[at].type == PROBE_GROUP)
        return MODEL_UNKNOWN_TARGET;
    size_t i = (size_t)at;
    if (i >= model->config->n_targets) {
        model_take_sight(model, i - model->config->n_targets, result, now);
        return MODEL_APPLIED;
    }
    const target_t *target = &model->config->targets[i];
    progress_t *progress = &model->progress[i];
    if (target->type == PROBE_PASSIVE) {
        if (is_outdated(&model->shown[i], progress->is_cleared, result))
            return MODEL_OUTDATED;
        progress->is_cleared = result->is_clear;
        model_show(model, i, result, now);
        return MODEL_APPLIED;
    }
    if (model->shown[i].pause)
        return MODEL_PAUSED;
    progress->last_result_mono_us = now.mono_us;
    progress->has_result = true;
    model->has_result = true;
    model_outcome_t outcome;
    if (model_is_unseen(model, i, result, now, &outcome))
        return outcome;
    return model_count_result(model, i, result, now);
}

model_outcome_t model_pause(model_t *model, const char *name, pause_t **pause, now_t now)
{
    long at = config_target_at(model->config, name);
    if (at < 0 || !has_results(&model->config->targets[at]))
        return MODEL_UNKNOWN_TARGET;
    target_state_t *shown = &model->shown[at];
    if (!*pause == !shown->pause && (!*pause || (*pause)->since_us == shown->pause->since_us))
        return MODEL_APPLIED; /* told again */
    model_forget_held(model, (size_t)at);
    probe_result_t nothing = pause_result(*pause, shown->checked_at_us);
    pause_destroy(&shown->pause);
    shown->pause = *pause;
    *pause = NULL;
    model->is_due = true;
    model_show(model, (size_t)at, &nothing, now);
    return MODEL_APPLIED;
}

bool model_is_paused(const model_t *model, const char *name)
{
    long at = config_target_at(model->config, name);
    return at >= 0 && model->shown[at].pause;
}

void model_expire(model_t *model, now_t now)
{
    model_release_overdue(model, now);
    for (size_t i = 0; i < model->config->n_targets; i++) {
        const target_t *target = &model->config->targets[i];
        const progress_t *progress = &model->progress[i];
        if (!target_is_probed(target) || !progress->has_result ||
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
        model_show(model, i, &nothing, now);
    }
}

/* --- snapshots --- */

void model_show_whole(model_t *model)
{
    model->is_new_list = true;
}

void model_next_snapshot(model_t *model, bool is_periodic, now_t now, snapshot_t *ret)
{
    model_settle_groups(model);
    model_fit_bulk(model);
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
        if (next.is_whole || model->progress[i].is_changed)
            model->changes[next.n_targets++] = model->shown[i];
        model->progress[i].is_changed = false;
    }
    model_put_connectivity(model, &next);
    model->is_due = false;
    model->is_new_list = false;
    *ret = next;
}
