/* What the model keeps when the configuration is another. */
#include "tests/unit/model_world.h"

/* A second configuration of the same nine targets. */
static config_t *next_config(void)
{
    return support_config(NULL);
}

/* Drops target NAME. */
static void drop_target(config_t *config, const char *name)
{
    target_t *target = support_target(config, name);
    size_t at = (size_t)(target - config->targets);
    target_clear(target);
    memmove(target, target + 1, (config->n_targets - at - 1) * sizeof *target);
    config->n_targets--;
    assert_int_equal(config_seal(config), 0);
}

/* The world goes over to CONFIG, which it takes. */
static void reconfigure(world_t *world, config_t *config)
{
    assert_int_equal(model_reconfigure(world->model, config, world->now), 0);
    config_destroy(&world->config);
    world->config = config;
}

static const target_state_t *shown(const world_t *world, const char *name)
{
    for (size_t i = 0; i < world->snapshot.n_targets; i++) {
        if (strcmp(world->snapshot.targets[i].name, name) == 0)
            return &world->snapshot.targets[i];
    }
    return NULL;
}

static void an_equal_configuration_changes_nothing_but_is_told_whole(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give(world, "redis", STATUS_DOWN, NONE);
    (void)look(world);
    uint64_t version = world->snapshot.version;
    int64_t since_us = world->now.wall_us;
    pass(world, SECOND_US);
    reconfigure(world, next_config());
    assert_true(look(world)); /* due at once */
    assert_true(world->snapshot.is_whole);
    assert_int_equal(world->snapshot.base_version, 0);
    assert_int_equal(world->snapshot.version, version + 1);
    assert_int_equal(world->snapshot.n_targets, world->config->n_targets);
    assert_false(world->snapshot.is_status_changed);
    assert_true(world->snapshot.has_result);
    assert_int_equal(shown(world, "redis")->status, STATUS_DOWN);
    assert_int_equal(shown(world, "redis")->since_us, since_us);
    assert_int_equal(shown(world, "redis")->checked_at_us, since_us);
    assert_string_equal(shown(world, "redis")->name, "redis");
    assert_false(look(world)); /* once */
    assert_false(world->snapshot.is_whole);
    assert_int_equal(world->snapshot.base_version, version + 1);
    assert_int_equal(world->snapshot.n_targets, 0);
}

static void settings_change_and_what_is_shown_stays(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give(world, "risk_guard", STATUS_DOWN, 5000);
    assert_system(world, "critical", SYSTEM_CRITICAL, "Service: risk_guard");
    config_t *next = next_config();
    target_t *target = support_target(next, "risk_guard");
    target->is_critical = false;
    target->labels = strdup("{\"team\":\"risk\"}");
    target->kind = KIND_INFRASTRUCTURE;
    reconfigure(world, next);
    assert_system(world, "no longer critical", SYSTEM_DEGRADED, "");
    const target_state_t *risk_guard = shown(world, "risk_guard");
    assert_int_equal(risk_guard->status, STATUS_DOWN);
    assert_int_equal(risk_guard->latency_us, 5000);
    assert_int_equal(risk_guard->kind, KIND_INFRASTRUCTURE);
    assert_string_equal(risk_guard->labels, "{\"team\":\"risk\"}");
    next = next_config();
    reconfigure(world, next);
    (void)look(world);
    assert_null(shown(world, "risk_guard")->labels);
    assert_true(shown(world, "risk_guard")->is_critical);
}

static void counters_go_on_unless_another_thing_is_probed(void **state)
{
    world_t *world = *state;
    static const struct {
        const char *what;
        const char *url;
        bool turns; /* with the second bad result */
    } rows[] = {{"the same URL", NULL, true}, {"another URL", "http://elsewhere:1/", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_target(world->config, "scheduler")->failure_threshold = 2;
        begin_anew(world);
        give_all_ok(world);
        assert_int_equal(give(world, "scheduler", STATUS_DOWN, NONE), MODEL_UNCONFIRMED);
        config_t *next = next_config();
        target_t *target = support_target(next, "scheduler");
        target->failure_threshold = 2;
        if (rows[i].url) {
            free(target->url);
            target->url = strdup(rows[i].url);
        }
        reconfigure(world, next);
        (void)look(world);
        assert_int_equal(shown(world, "scheduler")->status, STATUS_OK);
        bool turns = give(world, "scheduler", STATUS_DOWN, NONE) == MODEL_APPLIED;
        if (turns != rows[i].turns)
            fail_msg("%s: the second bad result %s", rows[i].what, turns ? "turns" : "counts");
    }
}

static void a_removed_target_vanishes_and_a_new_one_is_unknown(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give(world, "redis", STATUS_DOWN, NONE);
    assert_system(world, "critical", SYSTEM_CRITICAL, "Infrastructure: redis");
    config_t *next = next_config();
    drop_target(next, "redis");
    reconfigure(world, next);
    assert_system(world, "the failure went with its target", SYSTEM_OK, "");
    assert_null(shown(world, "redis"));
    assert_int_equal(give(world, "redis", STATUS_DOWN, NONE), MODEL_UNKNOWN_TARGET);
    pass(world, SECOND_US);
    reconfigure(world, next_config());
    assert_system(world, "back, with no result yet", SYSTEM_UNKNOWN, "");
    assert_int_equal(shown(world, "redis")->status, STATUS_UNKNOWN);
    assert_int_equal(shown(world, "redis")->checked_at_us, 0);
    assert_int_equal(shown(world, "redis")->since_us, world->now.wall_us);
    assert_int_equal(give(world, "redis", STATUS_OK, 1000), MODEL_APPLIED);
    assert_system(world, "one result", SYSTEM_OK, "");
}

static void order_follows_the_new_configuration(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give(world, "main_backend", STATUS_DOWN, NONE);
    (void)give(world, "risk_guard", STATUS_DOWN, NONE);
    config_t *next = next_config();
    size_t n = 0; /* the services the other way round */
    while (next->targets[n].kind == KIND_SERVICE)
        n++;
    for (size_t i = 0; i < n / 2; i++) {
        target_t target = next->targets[i];
        next->targets[i] = next->targets[n - 1 - i];
        next->targets[n - 1 - i] = target;
    }
    assert_int_equal(config_seal(next), 0);
    reconfigure(world, next);
    assert_system(world, "turned", SYSTEM_CRITICAL, "Service: risk_guard|Service: main_backend");
    for (size_t i = 0; i < next->n_targets; i++)
        assert_string_equal(world->snapshot.targets[i].name, next->targets[i].name);
}

static void the_stop_stays_tripped_or_cleared(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give_stop(world, STATUS_DOWN, "7-0", "loss");
    reconfigure(world, next_config());
    assert_system(world, "tripped", SYSTEM_CRITICAL, "Emergency Stop System: loss");
    assert_int_equal(clear_stop(world, "7-0"), MODEL_APPLIED);
    reconfigure(world, next_config());
    assert_int_equal(give_stop(world, STATUS_DOWN, "7-0", "loss"), MODEL_OUTDATED);
    assert_system(world, "cleared", SYSTEM_OK, "");
}

static void age_goes_on(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)look(world);
    pass(world, 180 * SECOND_US);
    reconfigure(world, next_config());
    model_expire(world->model, world->now);
    assert_system(world, "to the microsecond", SYSTEM_OK, "");
    pass(world, 1);
    model_expire(world->model, world->now);
    assert_system(world, "stale", SYSTEM_UNKNOWN, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(an_equal_configuration_changes_nothing_but_is_told_whole),
        WORLD_TEST(settings_change_and_what_is_shown_stays),
        WORLD_TEST(counters_go_on_unless_another_thing_is_probed),
        WORLD_TEST(a_removed_target_vanishes_and_a_new_one_is_unknown),
        WORLD_TEST(order_follows_the_new_configuration),
        WORLD_TEST(the_stop_stays_tripped_or_cleared),
        WORLD_TEST(age_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
