/* Groups: each is what its rule makes of its members, in the very snapshot that shows them. */
#include <string.h>

#include "tests/simulation/simulation.h"

/* How many members are up, UNKNOWN, and fail. */
typedef struct {
    size_t n_members, n_up, n_unknown, n_failing;
} members_t;

/* IS_CALM: those that flap count as UNKNOWN. */
static members_t members_of(const simulation_t *sim, const world_group_t *group,
                            const snapshot_t *whole, bool is_calm)
{
    members_t members = {0};
    for (int at = 0; at < WORLD_TARGETS; at++) {
        if (!group->has[at])
            continue;
        const target_state_t *member =
            snapshot_target_at(whole, sim->world.places[at].settings.name);
        bool is_known = member && !(is_calm && member->is_flapping);
        int status = is_known ? member->status : STATUS_UNKNOWN;
        members.n_members++;
        members.n_up += status == STATUS_OK || status == STATUS_DEGRADED;
        members.n_unknown += status == STATUS_UNKNOWN;
        members.n_failing += status == STATUS_DOWN || status == STATUS_DEGRADED;
    }
    return members;
}

/* Whether N members that are up satisfy the rule. */
static bool is_held(const world_group_t *group, size_t n, size_t n_members)
{
    if (group->rule == GROUP_ALL_UP)
        return n == n_members;
    return group->rule == GROUP_ANY_UP ? n > 0 : n >= group->n_least;
}

static int expected_status(const world_group_t *group, const members_t *members)
{
    bool is_surely = is_held(group, members->n_up, members->n_members);
    bool is_possibly = is_held(group, members->n_up + members->n_unknown, members->n_members);
    if (!is_possibly)
        return STATUS_DOWN;
    if (!is_surely)
        return STATUS_UNKNOWN;
    return members->n_failing ? STATUS_DEGRADED : STATUS_OK;
}

void judge_groups(simulation_t *sim, const snapshot_t *whole)
{
    for (int at = WORLD_CHECKED; at < WORLD_TARGETS; at++) {
        const place_t *place = &sim->world.places[at];
        const world_group_t *group = &sim->world.groups[at - WORLD_CHECKED];
        const target_state_t *shown = snapshot_target_at(whole, place->settings.name);
        if (!shown != !place->is_watched)
            judge_fail(sim, "groups", "%s is %s", place->settings.name,
                       shown ? "shown and has no members" : "not shown");
        if (!shown)
            continue;
        members_t members = members_of(sim, group, whole, false);
        members_t calm = members_of(sim, group, whole, true);
        int status = expected_status(group, &members);
        int reason = status == STATUS_OK ? REASON_NONE : REASON_MEMBERS;
        if (shown->status != status || shown->reason != reason)
            judge_fail(sim, "groups", "%s is %s for %s, but its members make it %s", shown->name,
                       status_name(shown->status), reason_name(shown->reason), status_name(status));
        if (shown->is_flapping != (status != expected_status(group, &calm)))
            judge_fail(sim, "groups", "%s is wrong about members that flap", shown->name);
        if (shown->latency_us != LATENCY_NONE || shown->checked_at_us != 0 ||
            shown->is_flapping_unknown || !shown->error != (status == STATUS_OK))
            judge_fail(sim, "groups", "%s shows what no group has", shown->name);
    }
}
