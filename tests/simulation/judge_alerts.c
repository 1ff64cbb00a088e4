/* Alerts: each has its condition, each condition its alert, and what was cleared stays quiet. */
#include <string.h>

#include "core/alert_component.h"
#include "tests/simulation/simulation.h"

#define GRACE_US (30 * SECOND_US)

/* --- conditions --- */

static void settle(simulation_t *sim, const snapshot_t *state)
{
    judge_t *self = &sim->judge;
    bool has_all = true;
    for (size_t i = 0; i < state->n_targets; i++)
        if (judge_component(sim, state->targets[i].name) < WORLD_CHECKED &&
            state->targets[i].checked_at_us == 0)
            has_all = false; /* groups and the emergency stop are not checked */
    if (has_all || clock_mono_us() - sim->daemon.begun_us >= GRACE_US)
        self->is_settled = true;
}

static int level_of_target(const simulation_t *sim, const target_state_t *target)
{
    if (target->kind != KIND_NONE && !sim->judge.is_settled)
        return LEVEL_HOLD;
    if (target->is_flapping) /* its turns tell nothing */
        return LEVEL_HOLD;
    if (target->status == STATUS_UNKNOWN)
        return LEVEL_HOLD;
    if (target->status == STATUS_DOWN)
        return target->is_critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
    if (target->status == STATUS_DEGRADED && sim->world.alert_degraded_targets)
        return SEVERITY_WARNING;
    return LEVEL_NONE;
}

static int level_of_overdue(const simulation_t *sim, const snapshot_t *state)
{
    if (!sim->world.alert_overdue)
        return LEVEL_GONE;
    if (!sim->judge.is_settled)
        return LEVEL_HOLD;
    for (size_t i = 0; i < state->n_targets; i++)
        if (state->targets[i].reason == REASON_STALE)
            return SEVERITY_WARNING;
    return LEVEL_NONE;
}

static int level_of_blindness(const simulation_t *sim, const snapshot_t *state)
{
    if (!sim->world.has_connectivity)
        return LEVEL_GONE;
    if (state->connectivity[0].sight == SIGHT_LOST)
        return SEVERITY_CRITICAL;
    return state->connectivity[0].sight == SIGHT_OK ? LEVEL_NONE : LEVEL_HOLD;
}

/* One notice in, one out; after a start only when enough is known. */
static int level_of_flapping(const simulation_t *sim, const target_state_t *target)
{
    if (!sim->judge.is_settled || target->is_flapping_unknown)
        return LEVEL_HOLD;
    return target->is_flapping ? SEVERITY_WARNING : LEVEL_NONE;
}

static void find_levels(const simulation_t *sim, const snapshot_t *state,
                        int levels[JUDGE_COMPONENTS])
{
    static const int of_system[] = {LEVEL_NONE, SEVERITY_WARNING, SEVERITY_CRITICAL, LEVEL_HOLD};
    for (int at = 0; at < JUDGE_COMPONENTS; at++)
        levels[at] = LEVEL_GONE;
    levels[JUDGE_STORAGE] = LEVEL_ANY;
    levels[JUDGE_OVERDUE] = level_of_overdue(sim, state);
    levels[JUDGE_BLIND] = level_of_blindness(sim, state);
    levels[JUDGE_SYSTEM] = sim->judge.is_settled ? of_system[state->status] : LEVEL_HOLD;
    for (size_t i = 0; i < state->n_targets; i++) {
        int at = judge_component(sim, state->targets[i].name);
        if (at >= 0)
            levels[at] = level_of_target(sim, &state->targets[i]);
        if (at >= 0 && at < WORLD_CHECKED) /* of groups it is never told */
            levels[JUDGE_FLAPPING + at] = level_of_flapping(sim, &state->targets[i]);
    }
}

/* --- what was cleared --- */

static void end_marks(simulation_t *sim, const snapshot_t *state, const int *levels)
{
    judge_t *self = &sim->judge;
    for (int at = 0; at < JUDGE_COMPONENTS; at++)
        for (int level = 0; level < SEVERITY_COUNT; level++)
            if (levels[at] != LEVEL_HOLD && levels[at] != level)
                self->marks[at][level].is_set = false;
    /* The clear of an emergency stop is about the trips that it knew. */
    mark_t *mark = &self->marks[JUDGE_STOP][SEVERITY_CRITICAL];
    const target_state_t *stop = snapshot_target_at(state, EMERGENCY_STOP);
    entry_id_t shown = {0};
    if (mark->is_set && stop && stop->status == STATUS_DOWN && stop->entry_id &&
        entry_id_parse(stop->entry_id, &shown) == 0 && entry_id_compare(shown, mark->entry_id) > 0)
        mark->is_set = false;
}

void judge_clear(simulation_t *sim, const alert_t *alert, const alert_event_t *events,
                 size_t n_events)
{
    judge_t *self = &sim->judge;
    if (n_events == 0) { /* refused: the next step shows that nothing has changed */
        self->is_trouble = true;
        return;
    }
    if (n_events != 1 || events[0].kind != ALERT_RESOLVED || !events[0].is_durable ||
        events[0].alert->resolution != RESOLUTION_CLEARED) {
        judge_fail(sim, "clear", "a clear of %s told %zu events", alert->alert_id, n_events);
        return;
    }
    judge_tell(sim, &events[0]);
    int at = judge_component(sim, alert->component);
    if (at < 0)
        return;
    if (at == JUDGE_STORAGE) {
        self->was_storage_cleared = true;
        return;
    }
    mark_t *mark = &self->marks[at][alert->level];
    *mark = (mark_t){.is_set = true};
    if (at == JUDGE_STOP && alert->entry_id &&
        entry_id_parse(alert->entry_id, &mark->entry_id) == 0)
        judge_heard(sim, mark->entry_id, SAYS_CLEAR);
}

void judge_all_written(simulation_t *sim)
{
    sim->judge.n_durable = sim->judge.n_told;
    sim->judge.n_refusals_seen = disk_n_refusals();
    sim->judge.is_suspect = false;
    sim->judge.is_trouble = false;
}

/* --- a step --- */

/* The word that an end at LEVEL must have. */
static int resolution_at(int at, int level)
{
    if (level == LEVEL_ANY)
        return RESOLUTION_RECOVERED;
    if (level == LEVEL_GONE)
        return RESOLUTION_TARGET_REMOVED;
    if (level != LEVEL_NONE)
        return RESOLUTION_REPLACED;
    return at == JUDGE_STOP ? RESOLUTION_RESET : RESOLUTION_RECOVERED;
}

static void check_event(simulation_t *sim, const alert_event_t *event, const int *levels)
{
    int at = judge_component(sim, event->alert->component);
    if (at < 0) {
        judge_fail(sim, "condition", "an alert about %s, which is nothing",
                   event->alert->component);
        return;
    }
    if (levels[at] == LEVEL_HOLD)
        judge_fail(sim, "unknown", "event %llu about %s, of which nothing is known",
                   (unsigned long long)event->seq, event->alert->alert_id);
    if (event->kind == ALERT_RAISED && !judge_is_due(sim, at, levels))
        judge_fail(sim, "waits", "%s is raised too early", event->alert->alert_id);
    if (event->kind == ALERT_RESOLVED && event->alert->resolution != resolution_at(at, levels[at]))
        judge_fail(sim, "one_end", "%s ends as %s instead of %s", event->alert->alert_id,
                   resolution_name(event->alert->resolution),
                   resolution_name(resolution_at(at, levels[at])));
}

/* MUST: a condition must have its alert by now. */
static void check_component(simulation_t *sim, int at, int level, bool must,
                            const unsigned *n_active)
{
    const char *name = at == JUDGE_SYSTEM    ? "system"
                       : at == JUDGE_STOP    ? EMERGENCY_STOP
                       : at == JUDGE_STORAGE ? STORAGE_TROUBLE_COMPONENT
                       : at == JUDGE_OVERDUE ? ALERT_OVERDUE
                       : at == JUDGE_BLIND   ? ALERT_BLIND
                                             : sim->world.places[at % JUDGE_FLAPPING].settings.name;
    for (int other = 0; other < SEVERITY_COUNT; other++) {
        bool is_quiet = sim->judge.marks[at][other].is_set;
        if (n_active[other] > 1)
            judge_fail(sim, "one_active", "%s has %u active alerts of level %s", name,
                       n_active[other], severity_name(other));
        if (n_active[other] && is_quiet)
            judge_fail(sim, "quiet", "%s %s was cleared and is active", name, severity_name(other));
        if (level == LEVEL_HOLD || level == LEVEL_ANY)
            continue;
        if (n_active[other] && other != level)
            judge_fail(sim, "condition", "%s has an alert of level %s without its condition", name,
                       severity_name(other));
        if (!n_active[other] && other == level && !is_quiet && must)
            judge_fail(sim, "raised", "%s has no alert of level %s", name, severity_name(other));
    }
}

/* Of what is UNKNOWN no clear is forgotten either. */
static void check_quiet_ends(simulation_t *sim, const alert_effects_t *effects, const int *levels)
{
    for (size_t i = 0; i < effects->n_effects; i++) {
        const alert_effect_t *effect = &effects->effects[i];
        int at = effect->type == EFFECT_EVENT ? -1 : judge_component(sim, effect->quiet->component);
        if (at >= 0 && levels[at] == LEVEL_HOLD)
            judge_fail(sim, "unknown", "the clear of %s ends, of which nothing is known",
                       effect->quiet->component);
    }
}

void judge_alert_step(simulation_t *sim, const snapshot_t *state, const alert_effects_t *effects,
                      const alert_event_t *events, size_t n_events)
{
    int levels[JUDGE_COMPONENTS];
    unsigned n_active[JUDGE_COMPONENTS][SEVERITY_COUNT] = {{0}};
    sim->judge.n_checks++;
    settle(sim, state);
    find_levels(sim, state, levels);
    judge_note_bad(sim, state, levels);
    end_marks(sim, state, levels);
    check_quiet_ends(sim, effects, levels);
    for (size_t i = 0; i < n_events; i++) {
        judge_tell(sim, &events[i]);
        check_event(sim, &events[i], levels);
    }
    const alert_book_t *book = sim->daemon.book;
    for (size_t i = 0; i < alert_book_count(book); i++) {
        const alert_t *alert = alert_book_at(book, i);
        int at = judge_component(sim, alert->component);
        if (alert->resolution == RESOLUTION_NONE && at >= 0)
            n_active[at][alert->level]++;
    }
    for (int at = 0; at < JUDGE_COMPONENTS; at++)
        check_component(sim, at, levels[at], judge_is_due(sim, at, levels), n_active[at]);
    judge_note_known(sim);
}

/* One alert says that the disk refuses, as long as it does. Of an earlier run it may stay for a
 * minute. */
void judge_alert_steps(simulation_t *sim)
{
    unsigned n_active = 0;
    const alert_book_t *book = sim->daemon.book;
    for (size_t i = 0; i < alert_book_count(book); i++) {
        const alert_t *alert = alert_book_at(book, i);
        n_active += alert->resolution == RESOLUTION_NONE &&
                    judge_component(sim, alert->component) == JUDGE_STORAGE;
    }
    if (sim->judge.is_trouble && n_active == 0 && !sim->judge.was_storage_cleared)
        judge_fail(sim, "raised", "the disk refuses and no alert says so");
    if (!sim->judge.is_trouble && n_active > 0 &&
        clock_mono_us() - sim->daemon.begun_us > FINDING_LIFE_US)
        judge_fail(sim, "condition", "an alert says that the disk refuses, which it does not");
}
