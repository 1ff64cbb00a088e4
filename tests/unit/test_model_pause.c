/* Paused targets in the health model. */
#include "tests/unit/model_world.h"

static model_outcome_t set_pause(world_t *world, const char *name, bool is_paused)
{
    pause_t *pause = NULL;
    if (is_paused) {
        pause = calloc(1, sizeof *pause);
        assert_non_null(pause);
        pause->reason = strdup("disks");
        pause->by = strdup("token");
        pause->since_us = world->now.wall_us;
    }
    model_outcome_t outcome = model_pause(world->model, name, &pause, world->now);
    bool is_taken = !pause;
    pause_destroy(&pause);
    assert_true(is_taken || outcome == MODEL_UNKNOWN_TARGET);
    return outcome;
}

static const target_state_t *shown(const world_t *world, const char *name)
{
    for (size_t i = 0; i < world->snapshot.n_targets; i++)
        if (strcmp(world->snapshot.targets[i].name, name) == 0)
            return &world->snapshot.targets[i];
    fail_msg("%s is not in the snapshot", name);
    return NULL;
}

static void a_paused_target_is_unknown_and_in_no_rule(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    give(world, "risk_guard", STATUS_DOWN, 6000000);
    assert_system(world, "down", SYSTEM_CRITICAL, "Service: risk_guard");
    pass(world, SECOND_US);
    assert_int_equal(set_pause(world, "risk_guard", true), MODEL_APPLIED);
    assert_true(model_is_due(world->model));
    assert_system(world, "paused", SYSTEM_OK, "");
    assert_true(world->snapshot.max_service_latency_ms == 10);
    const target_state_t *target = shown(world, "risk_guard");
    assert_int_equal(target->status, STATUS_UNKNOWN);
    assert_int_equal(target->reason, REASON_PAUSED);
    assert_int_equal(target->since_us, world->now.wall_us);
    assert_string_equal(target->error, "paused by token: disks");
    assert_string_equal(target->pause->reason, "disks");
    assert_true(model_is_paused(world->model, "risk_guard"));
    assert_false(model_is_paused(world->model, "scheduler"));
    assert_false(model_is_paused(world->model, "nobody"));
}

static void results_of_a_paused_target_count_for_nothing(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    assert_int_equal(set_pause(world, "redis", true), MODEL_APPLIED);
    assert_system(world, "paused", SYSTEM_OK, "");
    assert_int_equal(give(world, "redis", STATUS_DOWN, NONE), MODEL_PAUSED);
    assert_system(world, "a result of before", SYSTEM_OK, "");
    pass(world, 3600 * SECOND_US);
    give(world, "scheduler", STATUS_OK, 10000);
    model_expire(world->model, world->now);
    (void)look(world);
    for (size_t i = 0; i < world->snapshot.n_targets; i++) /* it does not go stale */
        assert_string_not_equal(world->snapshot.targets[i].name, "redis");
}

static void resumed_it_has_no_result_until_the_next_one(void **state)
{
    world_t *world = *state;
    support_target(world->config, "redis")->failure_threshold = 3;
    give_all_ok(world);
    assert_int_equal(set_pause(world, "redis", true), MODEL_APPLIED);
    assert_system(world, "paused", SYSTEM_OK, "");
    pass(world, SECOND_US);
    assert_int_equal(set_pause(world, "redis", false), MODEL_APPLIED);
    assert_system(world, "resumed", SYSTEM_UNKNOWN, "");
    assert_int_equal(shown(world, "redis")->reason, REASON_NONE);
    assert_null(shown(world, "redis")->error);
    assert_null(shown(world, "redis")->pause);
    assert_int_equal(give(world, "redis", STATUS_DOWN, NONE), MODEL_APPLIED);
    assert_system(world, "down", SYSTEM_CRITICAL, "Infrastructure: redis");
}

static void where_all_are_paused_nothing_is_known(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    for (size_t i = 0; i < world->config->n_targets; i++)
        if (world->config->targets[i].type != PROBE_PASSIVE)
            assert_int_equal(set_pause(world, world->config->targets[i].name, true), MODEL_APPLIED);
    assert_system(world, "all", SYSTEM_UNKNOWN, "");
    give_stop(world, STATUS_DOWN, "5-0", "Loss");
    assert_system(world, "tripped", SYSTEM_CRITICAL, "Emergency Stop System: Loss");
    assert_int_equal(set_pause(world, "scheduler", false), MODEL_APPLIED);
    clear_stop(world, "5-0");
    give(world, "scheduler", STATUS_OK, 10000);
    assert_system(world, "one of all", SYSTEM_OK, "");
}

static void what_is_no_probed_target_cannot_be_paused(void **state)
{
    world_t *world = *state;
    assert_int_equal(set_pause(world, "nobody", true), MODEL_UNKNOWN_TARGET);
    assert_int_equal(set_pause(world, EMERGENCY_STOP, true), MODEL_UNKNOWN_TARGET);
    assert_int_equal(set_pause(world, "scheduler", false), MODEL_APPLIED); /* nothing to end */
    give_all_ok(world);
    assert_system(world, "all", SYSTEM_OK, "");
    assert_int_equal(set_pause(world, "scheduler", false), MODEL_APPLIED);
    assert_false(model_is_due(world->model));
}

static void a_pause_goes_over_to_another_configuration(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    assert_int_equal(set_pause(world, "redis", true), MODEL_APPLIED);
    config_t *next = support_config(NULL);
    assert_int_equal(model_reconfigure(world->model, next, world->now), 0);
    config_destroy(&world->config);
    world->config = next;
    assert_system(world, "reloaded", SYSTEM_OK, "");
    assert_int_equal(shown(world, "redis")->reason, REASON_PAUSED);
    assert_int_equal(give(world, "redis", STATUS_DOWN, NONE), MODEL_PAUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_paused_target_is_unknown_and_in_no_rule),
        WORLD_TEST(results_of_a_paused_target_count_for_nothing),
        WORLD_TEST(resumed_it_has_no_result_until_the_next_one),
        WORLD_TEST(where_all_are_paused_nothing_is_known),
        WORLD_TEST(what_is_no_probed_target_cannot_be_paused),
        WORLD_TEST(a_pause_goes_over_to_another_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
