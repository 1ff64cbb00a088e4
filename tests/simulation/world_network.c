/* The daemon's own network, and the connectivity check that tells of it. */
#include <string.h>

#include "tests/simulation/simulation.h"
#include "tests/simulation/world.h"

#define ADDRESS_TIMEOUT_MS 3000

static char names[WORLD_ADDRESSES][24] = {"connectivity one", "connectivity two"};

static int64_t around(random_t *random, int64_t mean_us)
{
    return random_between(random, mean_us / 8, mean_us * 2);
}

void world_begin_network(simulation_t *sim)
{
    world_t *world = &sim->world;
    random_t *random = &world->network_random;
    random->state = sim->seed * 31 + 7;
    world->has_connectivity = !world->is_contract && random_is(random, 600);
    world->network_us = world->has_connectivity ? around(random, 2 * HOUR_US) : NEVER_US;
    for (int at = 0; at < WORLD_CHECKED; at++)
        world->places[at].settings.connectivity = world->has_connectivity && random_is(random, 600);
}

void world_configure_network(const simulation_t *sim, config_t *config)
{
    static connectivity_check_t check = {
        .name = names[0], .n_urls = WORLD_ADDRESSES, .timeout_ms = ADDRESS_TIMEOUT_MS};
    static char url[] = "http://outside/";
    static char nothing[] = "";
    if (!sim->world.has_connectivity)
        return;
    config->connectivity = &check;
    config->n_connectivity = 1;
    for (size_t i = 0; i < WORLD_ADDRESSES; i++)
        config->targets[config->n_targets + config->n_internal++] = (target_t){
            .name = names[i],
            .kind = KIND_INFRASTRUCTURE,
            .type = PROBE_HTTP,
            .url = url,
            .error_prefix = nothing,
            .status_rule = RULE_SUCCESS,
            .check_interval_ms = sim->world.interval_ms / 2,
            .timeout_ms = ADDRESS_TIMEOUT_MS,
            .failure_threshold = 1,
            .success_threshold = 1,
        };
}

bool world_is_address(const char *name, size_t *ret_number)
{
    for (size_t i = 0; i < WORLD_ADDRESSES; i++) {
        *ret_number = i;
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* A lost network refuses or swallows. */
static fate_t unreachable(random_t *random)
{
    return world_no_answer(random, random_is(random, 500) ? MOOD_REFUSES : MOOD_HANGS);
}

fate_t world_fate_by_network(simulation_t *sim, const target_t *target, fate_t fate)
{
    if (!sim->world.is_network_lost || target->connectivity == 0)
        return fate;
    fate_t lost = unreachable(&sim->world.network_random);
    lost.is_lost = fate.is_lost;
    return lost;
}

fate_t world_fate_of_address(simulation_t *sim)
{
    random_t *random = &sim->world.network_random;
    /* One of them is away now and then. */
    if (sim->world.is_network_lost || random_is(random, 20))
        return unreachable(random);
    int64_t us = random_between(random, 500, 50000);
    return (fate_t){.outcome = {.latency_us = us, .http_code = 200, .body = ""}, .duration_us = us};
}

void world_turn_network(simulation_t *sim)
{
    world_t *world = &sim->world;
    world->is_network_lost = !world->is_network_lost;
    story("the network %s", world->is_network_lost ? "is lost" : "is back");
    world->network_us =
        clock_mono_us() +
        around(&world->network_random, world->is_network_lost ? 10 * MINUTE_US : 2 * HOUR_US);
}
