/*
 * Failures while healthd's own network may be lost (docs/status.md): a failure of a target that
 * connectivity checks apply to waits until they have answered a question that was asked after it.
 * It counts where they see, and makes the target UNKNOWN where they do not.
 */
#include <stdlib.h>
#include <string.h>

#include "core/model_parts.h"
#include "core/text.h"

/* --- what a failure is worth --- */

/* Whether the check itself failed: with expect_failure that is what makes a target OK. */
static bool has_failed(const target_t *target, const probe_result_t *result)
{
    return result->status == (target->expects_failure ? STATUS_OK : STATUS_DOWN);
}

/* "blind: connectivity check uplink fails; this one: connection refused" */
static char *blind_text(const connectivity_check_t *check, const char *error)
{
    text_t text = {0};
    text_appendf(&text, "blind: connectivity check %s fails", check->name);
    if (error)
        text_appendf(&text, "; this one: %s", error);
    char *line = text_take(&text);
    if (line && strlen(line) > ERROR_MAX_BYTES) {
        size_t n = ERROR_MAX_BYTES;
        while (n > 0 && ((unsigned char)line[n] & 0xC0) == 0x80)
            n--;
        line[n] = '\0';
    }
    return line;
}

/* Target I is UNKNOWN because CHECK, and RESULT, failed. */
static void show_blind(model_t *model, size_t i, size_t check, const probe_result_t *result,
                       now_t now)
{
    probe_result_t nothing = {
        .status = STATUS_UNKNOWN,
        .reason = REASON_BLIND,
        .latency_us = LATENCY_NONE,
        .finished_at_us = result->finished_at_us,
        .error = blind_text(&model->config->connectivity[check], result->error),
    };
    model->progress[i].confirm = (confirm_t){.n_unconfirmed = 0};
    model_show(model, i, &nothing, now);
}

static failure_t judge(const model_t *model, size_t i, int64_t started_us, int64_t arrived_us,
                       size_t *ret_check)
{
    connectivity_mask_t checks = model->config->targets[i].connectivity;
    return blindness_judge(&model->blindness, model->config, checks,
                           started_us ? started_us : arrived_us, arrived_us, ret_check);
}

/* --- failures that wait --- */

void model_forget_held(model_t *model, size_t i)
{
    progress_t *progress = &model->progress[i];
    if (!progress->held)
        return;
    probe_result_destroy(&progress->held);
    model->n_held--;
}

void model_free_held(progress_t *progress, size_t n)
{
    for (size_t i = 0; progress && i < n; i++)
        probe_result_destroy(&progress[i].held);
}

/* Takes the contents of RESULT; -1 where memory ran out. */
static int hold(model_t *model, size_t i, probe_result_t *result, now_t now)
{
    probe_result_t *held = malloc(sizeof *held);
    if (!held)
        return -1;
    *held = *result;
    held->target = held->evidence = NULL; /* what the caller still looks at */
    *result = (probe_result_t){
        .target = result->target,
        .finished_at_us = result->finished_at_us,
        .evidence = result->evidence,
    };
    model->progress[i].held = held;
    model->progress[i].held_at_us = now.mono_us;
    model->n_held++;
    return 0;
}

bool model_is_unseen(model_t *model, size_t i, probe_result_t *result, now_t now,
                     model_outcome_t *ret)
{
    const target_t *target = &model->config->targets[i];
    if (target->connectivity == 0)
        return false;
    blindness_want_sight(&model->blindness, model->config, target->connectivity, now.mono_us);
    if (!has_failed(target, result)) {
        model_forget_held(model, i); /* it would have been outdone now */
        return false;
    }
    size_t check = 0;
    failure_t failure = judge(model, i, result->started_mono_us, now.mono_us, &check);
    if (failure == FAILURE_IS_BLIND) {
        model_forget_held(model, i);
        show_blind(model, i, check, result, now);
        *ret = MODEL_APPLIED;
        return true;
    }
    /* What confirms a status that is shown already turns nothing. */
    if (failure == FAILURE_IS_SEEN || result->status == model->shown[i].status)
        return false;
    /* Of two that wait the older one does: its answer is on its way. */
    if (!model->progress[i].held && hold(model, i, result, now))
        return false;
    blindness_want(&model->blindness, model->config, target->connectivity,
                   model->progress[i].held_at_us);
    *ret = MODEL_WAITING;
    return true;
}

/* The failure of target I counts, or makes it UNKNOWN, where that can be told. */
static void release(model_t *model, size_t i, bool is_overdue, now_t now)
{
    progress_t *progress = &model->progress[i];
    probe_result_t *held = progress->held;
    size_t check = 0;
    failure_t failure = judge(model, i, held->started_mono_us, progress->held_at_us, &check);
    if (failure == FAILURE_WAITS && !is_overdue) {
        blindness_want(&model->blindness, model->config, model->config->targets[i].connectivity,
                       progress->held_at_us);
        return;
    }
    progress->held = NULL;
    model->n_held--;
    if (failure == FAILURE_IS_BLIND)
        show_blind(model, i, check, held, now);
    else
        (void)model_count_result(model, i, held, now);
    probe_result_destroy(&held);
}

void model_release_overdue(model_t *model, now_t now)
{
    for (size_t i = 0; model->n_held > 0 && i < model->config->n_targets; i++) {
        const progress_t *progress = &model->progress[i];
        connectivity_mask_t checks = model->config->targets[i].connectivity;
        if (progress->held &&
            now.mono_us - progress->held_at_us >= blindness_wait_us(model->config, checks))
            release(model, i, true, now);
    }
}

/* --- the checks --- */

/* What was made UNKNOWN by CHECK, which sees again, is to be probed at once. */
static void want_unseen(model_t *model, size_t check)
{
    for (size_t i = 0; i < model->config->n_targets; i++) {
        const target_state_t *shown = &model->shown[i];
        if (shown->reason == REASON_BLIND && (model->config->targets[i].connectivity >> check & 1))
            model->progress[i].is_wanted = true;
    }
    model->next_wanted = 0;
}

void model_take_sight(model_t *model, size_t address, const probe_result_t *result, now_t now)
{
    const address_result_t said = {
        .is_ok = result->status != STATUS_DOWN,
        .started_us = result->started_mono_us ? result->started_mono_us : now.mono_us,
        .arrived_us = now.mono_us,
        .wall_us = now.wall_us,
    };
    if (blindness_take(&model->blindness, model->config, address, &said)) {
        model->is_due = true;
        if (said.is_ok)
            want_unseen(model, blindness_check_of(model->config, address));
    }
    for (size_t i = 0; model->n_held > 0 && i < model->config->n_targets; i++) {
        if (model->progress[i].held)
            release(model, i, false, now);
    }
}

const target_t *model_next_ask(model_t *model)
{
    size_t address;
    if (blindness_ask(&model->blindness, model->config, &address))
        return &model->config->targets[model->config->n_targets + address];
    for (; model->next_wanted < model->config->n_targets; model->next_wanted++) {
        progress_t *progress = &model->progress[model->next_wanted];
        if (!progress->is_wanted)
            continue;
        progress->is_wanted = false;
        return &model->config->targets[model->next_wanted];
    }
    return NULL;
}

void model_put_connectivity(model_t *model, snapshot_t *ret)
{
    for (size_t i = 0; i < model->config->n_connectivity; i++) {
        model->connectivity[i] = (connectivity_t){
            .name = model->config->connectivity[i].name,
            .sight = (int)model->blindness.checks[i].sight,
            .since_us = model->blindness.checks[i].since_wall_us,
        };
    }
    ret->connectivity = model->connectivity;
    ret->n_connectivity = model->config->n_connectivity;
}
