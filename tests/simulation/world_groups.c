/* Groups of the world: some of the targets that are watched, and one group in the other. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/simulation.h"

/* The group among services, which the one among infrastructure may have as its member. */
#define INNER WORLD_CHECKED
#define OUTER (WORLD_CHECKED + 1)

static void choose_members(simulation_t *sim, int at)
{
    world_group_t *group = &sim->world.groups[at - WORLD_CHECKED];
    random_t *random = &sim->world.group_random;
    *group = (world_group_t){.rule = (group_rule_t)random_below(random, GROUP_RULE_COUNT)};
    for (int member = 0; member < at; member++) {
        group->has[member] = sim->world.places[member].is_watched && random_is(random, 400);
        group->n += group->has[member];
    }
    group->n_least = group->n ? 1 + (size_t)random_below(random, group->n) : 0;
}

void world_settle_groups(simulation_t *sim)
{
    random_t *random = &sim->world.group_random;
    for (int at = WORLD_CHECKED; at < WORLD_TARGETS; at++) {
        place_t *place = &sim->world.places[at];
        choose_members(sim, at);
        place->is_watched = sim->world.groups[at - WORLD_CHECKED].n > 0;
        place->settings.is_critical = random_is(random, 500);
        place->settings.notify_after_ms = sim->world.is_contract || random_is(random, 300)
                                              ? 0
                                              : (uint32_t)random_between(random, 1000, 600000);
    }
}

void world_make_groups(simulation_t *sim)
{
    static char names[WORLD_GROUPS][8] = {"inner", "outer"};
    static char nothing[] = "";
    /* A stream of its own: the rest of each life stays as it was. */
    sim->world.group_random.state = sim->seed ^ 0x67726f757073u;
    for (int at = WORLD_CHECKED; at < WORLD_TARGETS; at++) {
        sim->world.places[at] = (place_t){
            .next_mood_us = NEVER_US,
            .settings = {.name = names[at - WORLD_CHECKED],
                         .kind = at == OUTER ? KIND_INFRASTRUCTURE : KIND_SERVICE,
                         .type = PROBE_GROUP,
                         .error_prefix = nothing,
                         .check_interval_ms = sim->world.interval_ms,
                         .failure_threshold = 1,
                         .success_threshold = 1},
        };
    }
    world_settle_groups(sim);
}

static size_t position_of(const config_t *config, const char *name)
{
    size_t i = 0;
    while (strcmp(config->targets[i].name, name) != 0)
        i++;
    return i;
}

static void add_group(const simulation_t *sim, config_t *config, int at)
{
    const world_group_t *from = &sim->world.groups[at - WORLD_CHECKED];
    group_t *group = &config->groups.items[config->groups.n++];
    *group = (group_t){.at = position_of(config, sim->world.places[at].settings.name),
                       .rule = from->rule,
                       .n_least = from->n_least,
                       .members = calloc(from->n, sizeof *group->members)};
    assert(group->members);
    for (int member = 0; member < at; member++)
        if (from->has[member])
            group->members[group->n_members++] =
                position_of(config, sim->world.places[member].settings.name);
    config->targets[group->at].group = group;
}

void world_configure_groups(const simulation_t *sim, config_t *config)
{
    size_t *cycle = NULL;
    size_t n_cycle = 0;
    config->groups.items = calloc(WORLD_GROUPS, sizeof *config->groups.items);
    assert(config->groups.items);
    /* The outer one first: the order is to be found. */
    for (int at = WORLD_TARGETS - 1; at >= WORLD_CHECKED; at--)
        if (sim->world.places[at].is_watched)
            add_group(sim, config, at);
    int rc = group_set_link(&config->groups, config->n_targets, &cycle, &n_cycle);
    assert(rc == 0);
}
