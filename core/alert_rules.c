#include "core/alert_rules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert_book.h"
#include "core/alert_condition.h"
#include "core/cleanup.h"
#include "core/entry_id.h"
#include "core/text.h"
#include "core/timestamp.h"

/* --- effects --- */

void book_add_effect(alert_book_t *book, alert_effect_t effect)
{
    if (book->n_effects == book->effects_capacity) {
        size_t capacity = book->effects_capacity ? 2 * book->effects_capacity : 16;
        alert_effect_t *grown = realloc(book->effects, capacity * sizeof *grown);
        if (!grown) {
            book->is_out_of_memory = true;
            return;
        }
        book->effects = grown;
        book->effects_capacity = capacity;
    }
    book->effects[book->n_effects++] = effect;
}

static void add_event(alert_book_t *book, alert_event_kind_t kind, alert_t *alert, int64_t now_us)
{
    book_add_effect(book, (alert_effect_t){
                              .type = EFFECT_EVENT, .kind = kind, .at_us = now_us, .alert = alert});
}

/* --- one component --- */

void book_resolve(alert_book_t *book, kept_alert_t *kept, resolution_t resolution, int64_t now_us)
{
    kept->alert.resolution = (int)resolution;
    kept->alert.resolved_at_us = now_us;
    add_event(book, ALERT_RESOLVED, &kept->alert, now_us);
}

static void swap_text(char **a, char **b)
{
    char *text = *a;
    *a = *b;
    *b = text;
}

/* An active alert follows its condition; says so only where something differs. */
static void update(alert_book_t *book, kept_alert_t *kept, alert_t *now, int64_t now_us)
{
    alert_t *alert = &kept->alert;
    bool is_same_entry =
        !now->entry_id || (alert->entry_id && strcmp(alert->entry_id, now->entry_id) == 0);
    if (strcmp(alert->message, now->message) == 0 && strcmp(alert->details, now->details) == 0 &&
        alert->reason == now->reason && is_same_entry)
        return;
    swap_text(&alert->message, &now->message);
    swap_text(&alert->details, &now->details);
    swap_text(&alert->entry_id, &now->entry_id);
    alert->reason = now->reason;
    alert->kind = now->kind;
    add_event(book, ALERT_UPDATED, alert, now_us);
}

/* Whether an alert of NEWEST's component and level was raised AT_US. */
static bool is_time_used(const kept_alert_t *newest, int64_t at_us)
{
    while (newest && newest->alert.raised_at_us != at_us)
        newest = newest->older;
    return newest != NULL;
}

static int raise_alert(alert_book_t *book, kept_alert_t *kept, int level,
                       const kept_alert_t *newest, int64_t now_us)
{
    alert_t *alert = &kept->alert;
    alert->level = level;
    alert->raised_at_us = now_us;
    while (is_time_used(newest, alert->raised_at_us))
        alert->raised_at_us++; /* an id is never used twice, whatever the wall clock does */
    char time[TIMESTAMP_BYTES];
    timestamp_iso(alert->raised_at_us, time);
    text_t id = {0};
    text_appendf(&id, "%s_%s_%s", alert->component, severity_name(level), time);
    alert->alert_id = text_take(&id);
    kept->is_seen = true;
    if (!alert->alert_id || book_list_add(&book->alerts, kept))
        return -1;
    add_event(book, ALERT_RAISED, alert, now_us);
    return 0;
}

/* A clear of the emergency stop keeps quiet only the trips that it knew. */
static bool is_quiet(const kept_quiet_t *kept, const alert_condition_t *condition)
{
    if (!kept || kept->is_ended)
        return false;
    if (!condition->is_trip)
        return true;
    return entry_id_compare_texts(condition->entry_id, kept->entry_id) <= 0;
}

static void end_quiet(alert_book_t *book, kept_quiet_t *kept)
{
    if (!kept || kept->is_ended)
        return;
    kept->is_ended = true;
    book_add_effect(book, (alert_effect_t){.type = EFFECT_QUIET_END, .quiet = &kept->quiet});
}

/* CONDITION holds: the active alert follows it, or one is raised. */
static void hold(alert_book_t *book, const alert_view_t *view, const alert_condition_t *condition)
{
    book_slot_t *slot = book_slot_at(book, condition->component, condition->level);
    if (!kept_is_active(slot->newest)) {
        if (is_quiet(slot->quiet, condition))
            return;
        end_quiet(book, slot->quiet);
    }
    CLEANUP(kept_alert_destroy) kept_alert_t *now = calloc(1, sizeof *now);
    bool is_described = now && alert_describe(view, condition, &now->alert) == 0;
    if (is_described && kept_is_active(slot->newest))
        update(book, slot->newest, &now->alert, view->now_us);
    else if (is_described &&
             raise_alert(book, now, condition->level, slot->newest, view->now_us) == 0)
        now = NULL; /* the book has it */
    else
        book->is_out_of_memory = true;
}

static resolution_t resolution_of(const alert_condition_t *condition)
{
    if (condition->level != ALERT_LEVEL_NONE)
        return RESOLUTION_REPLACED;
    return condition->is_trip ? RESOLUTION_RESET : RESOLUTION_RECOVERED;
}

void alert_book_tell(alert_book_t *book, const alert_view_t *view,
                     const alert_condition_t *condition)
{
    bool is_raised = condition->level >= 0 && alert_book_is_due(book, view, condition);
    alert_wait_follow(book, condition, is_raised);
    for (int other = SEVERITY_INFO; other < SEVERITY_COUNT; other++) {
        book_slot_t *slot = book_slot_at(book, condition->component, other);
        if (slot->newest)
            slot->newest->is_seen = true;
        if (slot->quiet)
            slot->quiet->is_seen = true;
        if (condition->level == ALERT_LEVEL_HOLD || other == condition->level)
            continue;
        if (kept_is_active(slot->newest))
            book_resolve(book, slot->newest, resolution_of(condition), view->now_us);
        end_quiet(book, slot->quiet);
    }
    if (is_raised)
        hold(book, view, condition);
}

/* --- a step --- */

static alert_maker_fn *const makers[] = {
    alert_make_blindness,    alert_make_system,  alert_make_targets, alert_make_flapping,
    alert_make_certificates, alert_make_overdue, alert_make_findings};

/* A group has no result of its own. */
static bool is_group(const config_t *config, const target_state_t *target)
{
    long at = config_target_at(config, target->name);
    return at >= 0 && config->targets[at].type == PROBE_GROUP;
}

static bool has_all_results(const config_t *config, const snapshot_t *snapshot)
{
    for (size_t i = 0; i < snapshot->n_targets; i++) {
        const target_state_t *target = &snapshot->targets[i];
        if (target->kind != KIND_NONE && target->checked_at_us == 0 && !target->pause &&
            !is_group(config, target))
            return false;
    }
    return true;
}

static bool is_of_finding(int kind)
{
    switch ((alert_kind_t)kind) {
    case ALERT_KIND_STORAGE_TROUBLE:
    case ALERT_KIND_CONFIGURATION_TROUBLE:
    case ALERT_KIND_RECEIVER_TROUBLE:
    case ALERT_KIND_PREDICTION:
    case ALERT_KIND_HEALING:
        return true;
    case ALERT_KIND_STATUS:
    case ALERT_KIND_OVERDUE:
    case ALERT_KIND_FLAPPING:
    case ALERT_KIND_CERTIFICATE:
    case ALERT_KIND_BLIND:
    case ALERT_KIND_COUNT:
        break;
    }
    return false;
}

/* Whether a component of KIND that nobody tells of may still be told of: who found it out before
 * the restart has some time to say so again. */
static bool is_awaited(alert_book_t *book, const alert_view_t *view, int kind)
{
    bool is_so = is_of_finding(kind) && view->since_start_us < FINDING_LIFE_US;
    if (is_so)
        alert_book_wake_at(book, FINDING_LIFE_US);
    return is_so;
}

/* Alerts and quiet marks of components that nobody tells of any more. */
static void step_untold(alert_book_t *book, const alert_view_t *view)
{
    for (size_t i = 0; i < book->alerts.n; i++) {
        kept_alert_t *kept = book_alert_at(book, i);
        if (kept_is_active(kept) && !kept->is_seen && !is_awaited(book, view, kept->alert.kind))
            book_resolve(book, kept,
                         is_of_finding(kept->alert.kind) ? RESOLUTION_RECOVERED
                                                         : RESOLUTION_TARGET_REMOVED,
                         view->now_us);
    }
    for (size_t i = 0; i < book->quiets.n; i++) {
        kept_quiet_t *kept = book_quiet_at(book, i);
        if (!kept->is_seen && !is_awaited(book, view, kept->kind))
            end_quiet(book, kept);
    }
}

void alert_book_wake_at(alert_book_t *book, int64_t since_start_us)
{
    if (since_start_us < book->next_us)
        book->next_us = since_start_us;
}

int64_t alert_book_next_us(const alert_book_t *book)
{
    return book->next_us;
}

int alert_book_step(alert_book_t *book, const snapshot_t *snapshot, int64_t now_us,
                    int64_t since_start_us, alert_effects_t *ret)
{
    assert(!book->to_clear);
    book->n_effects = 0;
    book->is_out_of_memory = false;
    book->next_us = INT64_MAX;
    book_sweep(book);
    if (book_make_slots(book))
        return -1;
    if (!book->is_settled)
        book->is_settled =
            since_start_us >= ALERT_START_GRACE_US || has_all_results(book->config, snapshot);
    const alert_view_t view = {
        .config = book->config,
        .snapshot = snapshot,
        .is_settled = book->is_settled,
        .now_us = now_us,
        .since_start_us = since_start_us,
    };
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        makers[i](book, &view);
    step_untold(book, &view);
    alert_wait_sweep(book);
    *ret = (alert_effects_t){.effects = book->effects, .n_effects = book->n_effects};
    return book->is_out_of_memory ? -1 : 0;
}
