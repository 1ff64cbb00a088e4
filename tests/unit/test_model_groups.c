/* Groups in the health model: they turn with their members, in the same snapshot. */
#include <unistd.h>

#include "actors/supervisor/config_load.h"
#include "tests/support/support.h"
#include "tests/unit/model_world.h"

/* Thresholds of 1; "c" is critical. */
static const char yaml[] = "defaults: {failure_threshold: 1, success_threshold: 1}\n"
                           "services:\n"
                           "  - {name: a, url: \"http://a/\"}\n"
                           "  - {name: b, url: \"http://b/\"}\n"
                           "  - {name: c, url: \"http://c/\", critical: true}\n"
                           "infrastructure:\n"
                           "  - {name: d, url: \"redis://d\", critical: false}\n";

static const char *no_variable(const char *name, void *context)
{
    (void)name;
    (void)context;
    return NULL;
}

/* The targets above with GROUPS. */
static config_t *config_with(const char *groups)
{
    FILE *file = fopen("x.yaml", "w");
    assert_non_null(file);
    assert_true(fprintf(file, "%s%s", yaml, groups) > 0);
    assert_int_equal(fclose(file), 0);
    config_load_t load;
    if (config_load("x.yaml", no_variable, NULL, &load))
        fail_msg("%s", load.report);
    config_t *config = load.config;
    load.config = NULL;
    config_load_clear(&load);
    return config;
}

static void begin_with(world_t *world, const char *groups)
{
    model_destroy(&world->model);
    config_destroy(&world->config);
    world->config = config_with(groups);
    begin_anew(world);
}

/* The target NAME among the changes of the last snapshot, or NULL. */
static const target_state_t *changed(const world_t *world, const char *name)
{
    for (size_t i = 0; i < world->snapshot.n_targets; i++)
        if (strcmp(world->snapshot.targets[i].name, name) == 0)
            return &world->snapshot.targets[i];
    return NULL;
}

static void assert_group(const world_t *world, const char *name, status_t status, const char *error)
{
    const target_state_t *group = changed(world, name);
    if (!group)
        fail_msg("%s is not in the snapshot", name);
    assert_int_equal(group->status, status);
    assert_int_equal(group->reason, status == STATUS_OK ? REASON_NONE : REASON_MEMBERS);
    if (error)
        assert_string_equal(group->error, error);
    else
        assert_null(group->error);
    assert_int_equal(group->latency_us, LATENCY_NONE);
    assert_int_equal(group->checked_at_us, 0);
    assert_false(group->is_flapping_unknown);
}

static void give_each(world_t *world, const int statuses[4])
{
    static const char *const names[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++)
        (void)give(world, names[i], (status_t)statuses[i], 10000);
}

static void a_group_turns_with_its_members_in_the_same_snapshot(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups: [{name: g, members: [a, b, d], rule: at_least 2}]\n");
    (void)look(world);
    assert_true(world->snapshot.is_whole);
    assert_group(world, "g", STATUS_UNKNOWN, "0 of 3 members up, 2 needed; UNKNOWN: a, b, d");
    assert_int_equal(changed(world, "g")->since_us, START_WALL_US);
    pass(world, SECOND_US);
    give_each(world, (int[]){0, 0, 0, 0});
    assert_true(look(world));
    assert_group(world, "g", STATUS_OK, NULL);
    assert_int_equal(changed(world, "g")->since_us, world->now.wall_us);
    pass(world, SECOND_US);
    (void)give(world, "a", STATUS_DOWN, NONE);
    assert_true(model_is_due(world->model));
    assert_true(look(world));
    assert_group(world, "g", STATUS_DEGRADED, "2 of 3 members up, 2 needed; DOWN: a");
    assert_int_equal(changed(world, "a")->status, STATUS_DOWN);
    assert_int_equal(world->snapshot.n_targets, 2);
    int64_t since_us = changed(world, "g")->since_us;
    pass(world, SECOND_US);
    (void)give(world, "b", STATUS_DEGRADED, 10000);
    assert_true(look(world));
    assert_group(world, "g", STATUS_DEGRADED, "2 of 3 members up, 2 needed; DOWN: a; DEGRADED: b");
    assert_int_equal(changed(world, "g")->since_us, since_us); /* DEGRADED all the while */
    (void)give(world, "d", STATUS_DOWN, NONE);
    (void)look(world);
    assert_group(world, "g", STATUS_DOWN, "1 of 3 members up, 2 needed; DOWN: a, d; DEGRADED: b");
    (void)give(world, "c", STATUS_DOWN, NONE); /* no member */
    (void)look(world);
    assert_null(changed(world, "g"));
    (void)give(world, "a", STATUS_DOWN, NONE); /* no turn */
    assert_false(look(world));
    assert_null(changed(world, "g"));
}

static void groups_of_groups_turn_at_once(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups:\n"
                      "  - {name: top, members: [middle, c]}\n"
                      "  - {name: middle, members: [low, d], rule: any_up}\n"
                      "  - {name: low, members: [a, b], rule: any_up}\n");
    give_each(world, (int[]){0, 0, 0, 0});
    (void)look(world);
    assert_group(world, "top", STATUS_OK, NULL);
    give_each(world, (int[]){2, 2, 0, 2});
    (void)look(world);
    assert_group(world, "low", STATUS_DOWN, "0 of 2 members up, 1 needed; DOWN: a, b");
    assert_group(world, "middle", STATUS_DOWN, "0 of 2 members up, 1 needed; DOWN: low, d");
    assert_group(world, "top", STATUS_DOWN, "1 of 2 members up, 2 needed; DOWN: middle");
    (void)give(world, "b", STATUS_OK, 10000);
    (void)look(world);
    assert_group(world, "low", STATUS_DEGRADED, "1 of 2 members up, 1 needed; DOWN: a");
    assert_group(world, "middle", STATUS_DEGRADED,
                 "1 of 2 members up, 1 needed; DOWN: d; DEGRADED: low");
    assert_group(world, "top", STATUS_DEGRADED, "2 of 2 members up, 2 needed; DEGRADED: middle");
}

static void the_system_follows_groups_as_any_target(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups:\n"
                      "  - {name: pair, members: [a, b], rule: any_up, critical: true}\n"
                      "  - {name: store, members: d, kind: infrastructure, critical: false}\n");
    assert_system(world, "nothing known", SYSTEM_UNKNOWN, "");
    give_each(world, (int[]){0, 0, 0, 0});
    assert_system(world, "all is well", SYSTEM_OK, "");
    (void)give(world, "a", STATUS_DOWN, NONE);
    assert_system(world, "one is enough", SYSTEM_DEGRADED, "");
    (void)give(world, "b", STATUS_DOWN, NONE);
    assert_system(world, "none is left", SYSTEM_CRITICAL, "Service: pair");
    (void)give(world, "d", STATUS_DOWN, NONE);
    assert_system(world, "not critical", SYSTEM_CRITICAL, "Service: pair");
    support_target(world->config, "store")->is_critical = true;
    begin_anew(world);
    give_each(world, (int[]){0, 0, 0, 2});
    assert_system(world, "critical", SYSTEM_CRITICAL, "Infrastructure: store");
}

static void pause_target(world_t *world, const char *name)
{
    pause_t *pause = calloc(1, sizeof *pause);
    assert_non_null(pause);
    pause->by = strdup("token");
    pause->reason = strdup("disks");
    pause->since_us = world->now.wall_us;
    assert_int_equal(model_pause(world->model, name, &pause, world->now), MODEL_APPLIED);
    pause_destroy(&pause);
}

/* A pause makes the system neither better nor worse, by way of a group neither. */
static void a_group_that_paused_members_decide_is_left_out(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups:\n"
                      "  - {name: both, members: [a, b], critical: true}\n"
                      "  - {name: one, members: [a, b], rule: any_up}\n");
    give_each(world, (int[]){0, 0, 0, 0});
    pause_target(world, "a");
    assert_system(world, "one is paused", SYSTEM_OK, "");
    assert_group(world, "both", STATUS_UNKNOWN, "1 of 2 members up, 2 needed; UNKNOWN: a");
    assert_null(changed(world, "one")->error); /* one up is enough, whatever the other is */
    (void)give(world, "b", STATUS_DOWN, NONE);
    assert_system(world, "the other fails", SYSTEM_CRITICAL, "Service: both");
    assert_group(world, "one", STATUS_UNKNOWN, "0 of 2 members up, 1 needed; DOWN: b; UNKNOWN: a");
    (void)give(world, "b", STATUS_OK, 10000);
    pause_target(world, "b");
    pause_target(world, "c");
    pause_target(world, "d");
    assert_system(world, "all are paused", SYSTEM_UNKNOWN, "");
}

static void a_stale_member_is_unknown_to_its_group(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups: [{name: g, members: [a, b]}]\n");
    give_each(world, (int[]){0, 0, 0, 0});
    (void)look(world);
    pass(world, 170 * SECOND_US);
    (void)give(world, "b", STATUS_OK, 10000);
    pass(world, 20 * SECOND_US);
    model_expire(world->model, world->now);
    assert_true(look(world));
    assert_group(world, "g", STATUS_UNKNOWN, "1 of 2 members up, 2 needed; UNKNOWN: a");
    assert_int_equal(world->snapshot.status, SYSTEM_UNKNOWN);
}

static void nobody_gives_a_group_a_result_or_pauses_it(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups: [{name: g, members: [a, b]}]\n");
    assert_int_equal(give(world, "g", STATUS_OK, 10000), MODEL_UNKNOWN_TARGET);
    pause_t *pause = NULL;
    assert_int_equal(model_pause(world->model, "g", &pause, world->now), MODEL_UNKNOWN_TARGET);
    pass(world, 3600 * SECOND_US);
    give_each(world, (int[]){0, 0, 0, 0});
    model_expire(world->model, world->now);
    (void)look(world);
    assert_group(world, "g", STATUS_OK, NULL); /* it is never stale */
}

/* Ten turns: it flaps. */
static void make_flap(world_t *world, const char *name)
{
    for (int i = 0; i < 21; i++)
        (void)give(world, name, i % 2 ? STATUS_DOWN : STATUS_OK, 10000);
}

static void a_group_flaps_where_flapping_members_decide(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups:\n"
                      "  - {name: top, members: [both, c]}\n"
                      "  - {name: both, members: [a, b]}\n"
                      "  - {name: any, members: [a, b], rule: any_up}\n");
    give_each(world, (int[]){0, 0, 0, 0});
    make_flap(world, "a");
    (void)look(world);
    assert_true(changed(world, "a")->is_flapping);
    assert_int_equal(changed(world, "both")->status, STATUS_OK);
    assert_true(changed(world, "both")->is_flapping);
    assert_true(changed(world, "top")->is_flapping);
    assert_false(changed(world, "any")->is_flapping); /* b is up, and that is enough */
    (void)give(world, "a", STATUS_DOWN, NONE);
    (void)look(world);
    assert_true(changed(world, "any")->is_flapping); /* DEGRADED by a alone */
    (void)give(world, "b", STATUS_DOWN, NONE);
    (void)look(world);
    assert_int_equal(changed(world, "both")->status, STATUS_DOWN);
    assert_false(changed(world, "both")->is_flapping); /* DOWN by b, whatever a does */
    assert_false(changed(world, "top")->is_flapping);
    assert_int_equal(changed(world, "any")->status, STATUS_DOWN);
    assert_true(changed(world, "any")->is_flapping);
    for (int i = 0; i < 21; i++) /* a is calm again, and says so without a turn */
        (void)give(world, "a", STATUS_DOWN, NONE);
    (void)look(world);
    assert_false(changed(world, "a")->is_flapping);
    assert_false(changed(world, "any")->is_flapping);
}

/* The world goes over to the targets above with GROUPS. */
static void reconfigure(world_t *world, const char *groups)
{
    config_t *config = config_with(groups);
    assert_int_equal(model_reconfigure(world->model, config, world->now), 0);
    config_destroy(&world->config);
    world->config = config;
}

static void other_members_count_at_once_after_a_reload(void **state)
{
    world_t *world = *state;
    begin_with(world, "groups: [{name: g, members: [a, b], critical: true}]\n");
    give_each(world, (int[]){0, 0, 2, 2});
    (void)look(world);
    assert_group(world, "g", STATUS_OK, NULL);
    int64_t since_us = world->now.wall_us;
    pass(world, SECOND_US);
    reconfigure(world, "groups: [{name: g, members: [b, a], critical: true}]\n");
    (void)look(world);
    assert_group(world, "g", STATUS_OK, NULL);
    assert_int_equal(changed(world, "g")->since_us, since_us);
    reconfigure(world, "groups: [{name: g, members: [a, d], critical: true},\n"
                       "         {name: new, members: [g, c], rule: any_up}]\n");
    assert_true(look(world));
    assert_group(world, "g", STATUS_DOWN, "1 of 2 members up, 2 needed; DOWN: d");
    assert_group(world, "new", STATUS_DOWN, "0 of 2 members up, 1 needed; DOWN: g, c");
    assert_int_equal(changed(world, "new")->since_us, world->now.wall_us);
    reconfigure(world, "");
    (void)look(world);
    assert_null(changed(world, "g"));
    (void)give(world, "a", STATUS_DOWN, NONE); /* nobody's member any more */
    assert_true(look(world));
}

/* A name that was a probed target, and one that becomes one, begin anew. */
static void a_target_that_becomes_a_group_begins_anew(void **state)
{
    world_t *world = *state;
    begin_with(world, "targets: [{name: t, url: \"http://t/\"}]\n");
    give_each(world, (int[]){0, 0, 0, 0});
    (void)give(world, "t", STATUS_DOWN, 7000);
    (void)look(world);
    pass(world, SECOND_US);
    reconfigure(world, "groups: [{name: t, members: [a, b]}]\n");
    (void)look(world);
    assert_group(world, "t", STATUS_OK, NULL);
    assert_int_equal(changed(world, "t")->since_us, world->now.wall_us);
    reconfigure(world, "targets: [{name: t, url: \"http://t/\"}]\n");
    (void)look(world);
    assert_int_equal(changed(world, "t")->status, STATUS_UNKNOWN);
    assert_int_equal(changed(world, "t")->reason, REASON_NONE);
    assert_true(changed(world, "t")->is_flapping_unknown);
}

int main(void)
{
    char folder[64];
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_group_turns_with_its_members_in_the_same_snapshot),
        WORLD_TEST(groups_of_groups_turn_at_once),
        WORLD_TEST(the_system_follows_groups_as_any_target),
        WORLD_TEST(a_group_that_paused_members_decide_is_left_out),
        WORLD_TEST(a_stale_member_is_unknown_to_its_group),
        WORLD_TEST(nobody_gives_a_group_a_result_or_pauses_it),
        WORLD_TEST(a_group_flaps_where_flapping_members_decide),
        WORLD_TEST(other_members_count_at_once_after_a_reload),
        WORLD_TEST(a_target_that_becomes_a_group_begins_anew),
    };
    support_make_folder(folder);
    if (chdir(folder))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    support_remove_folder(folder);
    return rc;
}
