/* notify_after: no alert before a condition has lasted so long, and none later. */
#include "tests/simulation/simulation.h"

/* Notes since when each component is bad; a snapshot says of those that it shows for the first time
 * how long they have been so. */
static uint32_t configured_wait_ms(const simulation_t *sim, int at)
{
    const config_t *config = &sim->daemon.config;
    for (size_t i = 0; i < config->n_targets; i++)
        if (judge_component(sim, config->targets[i].name) == at)
            return config->targets[i].notify_after_ms;
    return 0;
}

void judge_note_bad(simulation_t *sim, const snapshot_t *state, const int *levels)
{
    judge_t *self = &sim->judge;
    for (int at = 0; at < JUDGE_COMPONENTS; at++) {
        if (levels[at] == LEVEL_NONE || levels[at] == LEVEL_GONE)
            self->bad_since_us[at] = 0;
        else if (levels[at] >= 0 && self->bad_since_us[at] == 0)
            self->bad_since_us[at] = sim->daemon.stepped_mono_us;
        else
            continue;
        const target_state_t *target =
            at < WORLD_TARGETS ? snapshot_target_at(state, sim->world.places[at].settings.name)
                               : NULL;
        int64_t age_us = target ? sim->daemon.stepped_wall_us - target->since_us : 0;
        if (self->bad_since_us[at] && age_us > 0)
            self->bad_since_us[at] -= age_us;
    }
}

static int64_t wait_us(const simulation_t *sim, int at)
{
    uint32_t wait_ms = at < WORLD_TARGETS   ? configured_wait_ms(sim, at)
                       : at == JUDGE_SYSTEM ? sim->daemon.config.notify_after_ms
                                            : 0;
    return (int64_t)wait_ms * 1000;
}

/* Whether its alert need not wait, seen for itself. */
static bool is_due(const simulation_t *sim, int at)
{
    const judge_t *self = &sim->judge;
    return self->is_known[at] || wait_us(sim, at) == 0 ||
           sim->daemon.stepped_mono_us - self->bad_since_us[at] >= wait_us(sim, at);
}

/* The system's does not wait for longer than that of a target which explains it. */
bool judge_is_due(const simulation_t *sim, int at, const int *levels)
{
    bool is_so = is_due(sim, at);
    for (int other = 0; at == JUDGE_SYSTEM && !is_so && other <= JUDGE_STOP; other++)
        is_so = other != JUDGE_SYSTEM && levels[other] >= levels[at] && levels[at] >= 0 &&
                is_due(sim, other);
    return is_so;
}

/* Of which component someone was told, or has cleared what was told. */
void judge_note_known(simulation_t *sim)
{
    judge_t *self = &sim->judge;
    for (int at = 0; at < JUDGE_COMPONENTS; at++) {
        self->is_known[at] = false;
        for (int level = 0; level < SEVERITY_COUNT; level++)
            self->is_known[at] = self->is_known[at] || self->marks[at][level].is_set;
    }
    const alert_book_t *book = sim->daemon.book;
    for (size_t i = 0; i < alert_book_count(book); i++) {
        int at = judge_component(sim, alert_book_at(book, i)->component);
        if (at >= 0 && alert_book_at(book, i)->resolution == RESOLUTION_NONE)
            self->is_known[at] = true;
    }
}

void judge_alert_restart(simulation_t *sim)
{
    for (int at = 0; at < JUDGE_COMPONENTS; at++)
        sim->judge.bad_since_us[at] = 0;
    judge_note_known(sim);
}
