/* The daemon's own network: what it may say of targets behind it. */
#include "tests/simulation/simulation.h"

/* A failure waits for the time-out of an address and 2 s; so old are failures of one moment. */
#define WAIT_US     (5 * SECOND_US)
#define TOGETHER_US SECOND_US
/* Longer than any check takes that is under way, with its wait. */
#define LONG_UP_US (30 * SECOND_US)

static void make_blind(expected_t *expected, int64_t finished_at_us)
{
    expected->is_known = false;
    expected->n_sides = 0;
    expected->status = STATUS_UNKNOWN;
    expected->reason = REASON_BLIND;
    expected->latency_us = -1;
    expected->checked_at_us = finished_at_us;
}

/* Whether a check that began at STARTED_US and failed says nothing of its target. */
static bool is_blind(const network_t *network, int64_t started_us)
{
    return network->sight == SIGHT_LOST ||
           (network->sight != SIGHT_NEVER && started_us < network->returned_us);
}

/* Whether what failed at AT_US failed by itself, as the network was seen later. */
static bool is_seen(const network_t *network, int64_t at_us)
{
    return network->sight == SIGHT_NEVER || network->seen_us >= at_us;
}

bool judge_is_unseen(simulation_t *sim, int at, const target_t *target,
                     const probe_result_t *result)
{
    const network_t *network = &sim->judge.network;
    expected_t *expected = &sim->judge.expected[at];
    if (target->connectivity == 0)
        return false;
    if (result->status != STATUS_DOWN || is_blind(network, result->started_mono_us))
        expected->waits = false;
    if (result->status != STATUS_DOWN)
        return false;
    if (is_blind(network, result->started_mono_us)) {
        make_blind(expected, result->finished_at_us);
        return true;
    }
    if (is_seen(network, clock_mono_us()) || expected->status == STATUS_DOWN)
        return false;
    if (!expected->waits) {
        expected->waits = true;
        expected->waiting = (probe_result_t){
            .status = result->status,
            .reason = result->reason,
            .latency_us = result->latency_us,
            .finished_at_us = result->finished_at_us,
            .started_mono_us = result->started_mono_us,
        };
        expected->waits_since_us = clock_mono_us();
    }
    return true;
}

/* Judges what waits; what IS_OVER has waited for too long. */
static void end_wait(simulation_t *sim, int at, bool is_over)
{
    const network_t *network = &sim->judge.network;
    expected_t *expected = &sim->judge.expected[at];
    const target_t *target = judge_settings(sim, sim->world.places[at].settings.name);
    if (!expected->waits || !target)
        return;
    bool says_nothing = is_blind(network, expected->waiting.started_mono_us);
    if (!says_nothing && !is_over && !is_seen(network, expected->waits_since_us))
        return;
    expected->waits = false;
    if (says_nothing)
        make_blind(expected, expected->waiting.finished_at_us);
    else
        judge_count(sim, at, target, &expected->waiting);
}

void judge_end_waits(simulation_t *sim)
{
    for (int at = 0; at < WORLD_CHECKED; at++) {
        const expected_t *expected = &sim->judge.expected[at];
        if (expected->waits && clock_mono_us() - expected->waits_since_us >= WAIT_US)
            end_wait(sim, at, true);
    }
}

static bool have_all_failed(const network_t *network)
{
    int64_t newest_us = 0;
    for (int i = 0; i < WORLD_ADDRESSES; i++)
        if (network->started_us[i] > newest_us)
            newest_us = network->started_us[i];
    for (int i = 0; i < WORLD_ADDRESSES; i++)
        if (!network->has_failed[i] || network->arrived_us[i] + TOGETHER_US < newest_us)
            return false;
    return true;
}

void judge_address(simulation_t *sim, size_t number, const probe_result_t *result)
{
    network_t *network = &sim->judge.network;
    network->has_failed[number] = result->status == STATUS_DOWN;
    network->started_us[number] = result->started_mono_us;
    network->arrived_us[number] = clock_mono_us();
    if (!network->has_failed[number]) {
        if (network->sight == SIGHT_LOST)
            network->returned_us = clock_mono_us();
        if (network->seen_us < result->started_mono_us)
            network->seen_us = result->started_mono_us;
        network->sight = SIGHT_OK;
    } else if (have_all_failed(network)) {
        network->sight = network->seen_us == 0 ? SIGHT_NEVER : SIGHT_LOST;
    }
    for (int at = 0; at < WORLD_CHECKED; at++)
        end_wait(sim, at, false);
}

void judge_network(simulation_t *sim, const snapshot_t *whole)
{
    judge_t *self = &sim->judge;
    if (whole->n_connectivity != (sim->world.has_connectivity ? 1 : 0) ||
        (sim->world.has_connectivity && whole->connectivity[0].sight != self->network.sight))
        judge_fail(sim, "blind", "version %llu is wrong about what the connectivity check says",
                   (unsigned long long)whole->version);
    for (size_t i = 0; i < whole->n_targets; i++) {
        int at = judge_component(sim, whole->targets[i].name);
        if (at < 0 || at >= WORLD_CHECKED)
            continue;
        const place_t *place = &sim->world.places[at];
        bool is_up = place->mood == MOOD_UP && clock_mono_us() - place->mood_since_us > LONG_UP_US;
        bool can_know = self->network.seen_us != 0; /* else the check is most likely wrong */
        bool turned_down =
            whole->targets[i].status == STATUS_DOWN && self->shown_status[at] != STATUS_DOWN;
        self->shown_status[at] = whole->targets[i].status;
        if (turned_down && is_up && can_know && sim->world.is_network_lost &&
            place->settings.connectivity)
            judge_fail(sim, "blind", "%s is DOWN because the daemon's own network is lost",
                       place->settings.name);
    }
}
