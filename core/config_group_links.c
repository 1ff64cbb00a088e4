/* Groups and their members, once all targets are known. */
#include <stdlib.h>
#include <string.h>

#include "core/config_groups.h"
#include "core/nearest.h"

/* Groups of a cycle that a fault names, at most. */
#define CYCLE_NAMED_MAX 10

/* Linking under way. */
typedef struct {
    const config_groups_t *written;
    config_t *config;
    config_faults_t *faults;
    size_t *member_of; /* for each target: the last group that named it, plus 1 */
    bool is_whole;     /* no fault has kept a target out that a group may name */
    size_t n_unknown;
} link_t;

/* --- members --- */

static void refuse_member(link_t *link, const written_group_t *group, size_t i)
{
    const config_t *config = link->config;
    const char *name = group->members[i];
    nearest_t nearest = {.word = name, .n = strlen(name)};
    for (size_t at = 0; link->n_unknown < GROUP_NEAREST_MAX && at < config->n_targets; at++)
        if (config->targets[at].kind != KIND_NONE)
            nearest_offer(&nearest, config->targets[at].name);
    link->n_unknown++;
    if (nearest.nearest)
        config_fault(link->faults, group->nodes[i]->place,
                     "members: there is no target \"%s\"; did you mean \"%s\"?", name,
                     nearest.nearest);
    else
        config_fault(link->faults, group->nodes[i]->place, "members: there is no target \"%s\"",
                     name);
}

/* Finds the members of the group at position OF. */
static void find_members(link_t *link, size_t of)
{
    const written_group_t *written = &link->written->items[of];
    group_t *group = &link->config->groups.items[of];
    for (size_t i = 0; i < written->n_members; i++) {
        long at = config_target_at(link->config, written->members[i]);
        bool is_there = at >= 0 && link->config->targets[at].kind != KIND_NONE;
        if (!is_there && link->is_whole)
            refuse_member(link, written, i);
        if (!is_there)
            continue;
        if (link->member_of[at] == of + 1)
            config_fault(link->faults, written->nodes[i]->place, "members: \"%s\" is named twice",
                         written->members[i]);
        link->member_of[at] = of + 1;
        group->members[group->n_members++] = (size_t)at;
    }
    if (written->n_least > written->n_members)
        config_fault(link->faults, written->rule_node->place,
                     "rule: at_least %zu can never hold with %zu member%s", written->n_least,
                     written->n_members, written->n_members == 1 ? "" : "s");
}

/* --- cycles --- */

/* Tells of the cycle of N groups, each with the next as its member. */
static void refuse_cycle(const link_t *link, const size_t *cycle, size_t n)
{
    const written_group_t *first = &link->written->items[cycle[0]];
    const char *next = link->written->items[cycle[n > 1 ? 1 : 0]].name;
    size_t i = 0;
    while (strcmp(first->members[i], next) != 0)
        i++;
    text_t path = {0};
    for (size_t j = 0; j < n && j < CYCLE_NAMED_MAX; j++)
        text_appendf(&path, "%s -> ", link->written->items[cycle[j]].name);
    if (n > CYCLE_NAMED_MAX)
        text_appendf(&path, "%zu more -> ", n - CYCLE_NAMED_MAX);
    text_append_string(&path, first->name);
    config_fault(link->faults, first->nodes[i]->place, "members: a group cannot be its own: %s",
                 path.bytes ? path.bytes : first->name);
    text_clear(&path);
}

/* --- all of them --- */

/* Whether no other target has the name of a group. */
static bool are_names_their_own(const config_groups_t *groups, const config_t *config)
{
    size_t n = 0;
    for (size_t i = 0; i < groups->n; i++) {
        long at = config_target_at(config, groups->items[i].name);
        if (at < 0 || config->targets[at].type != PROBE_GROUP)
            return false;
    }
    for (size_t i = 0; i < config->n_targets; i++)
        n += config->targets[i].type == PROBE_GROUP &&
             config_target_at(config, config->targets[i].name) == (long)i;
    return n == groups->n;
}

static int begin_groups(link_t *link)
{
    group_set_t *groups = &link->config->groups;
    groups->items = calloc(link->written->n + 1, sizeof *groups->items);
    link->member_of = calloc(link->config->n_targets + 1, sizeof *link->member_of);
    if (!groups->items || !link->member_of)
        return -1;
    for (size_t i = 0; i < link->written->n; i++) {
        const written_group_t *written = &link->written->items[i];
        group_t *group = &groups->items[groups->n++];
        *group = (group_t){.at = (size_t)config_target_at(link->config, written->name),
                           .rule = written->rule,
                           .n_least = written->n_least,
                           .members = calloc(written->n_members + 1, sizeof *group->members)};
        if (!group->members)
            return -1;
        link->config->targets[group->at].group = group;
    }
    return 0;
}

int config_groups_link(const config_groups_t *groups, config_t *config, config_faults_t *faults)
{
    size_t n_before = faults->n_faults;
    link_t link = {
        .written = groups, .config = config, .faults = faults, .is_whole = n_before == 0};
    size_t *cycle = NULL;
    size_t n_cycle = 0;
    if (groups->n == 0 || !are_names_their_own(groups, config))
        return 0;
    int rc = begin_groups(&link);
    for (size_t i = 0; rc == 0 && i < groups->n; i++)
        find_members(&link, i);
    free(link.member_of);
    if (rc || faults->n_faults != n_before)
        return rc;
    rc = group_set_link(&config->groups, config->n_targets, &cycle, &n_cycle);
    if (cycle) {
        refuse_cycle(&link, cycle, n_cycle);
        rc = 0;
    }
    free(cycle);
    return rc;
}
