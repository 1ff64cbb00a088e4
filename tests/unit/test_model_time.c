/* What the model does with time, order and change: staleness, the emergency stop, snapshots. */
#include "tests/unit/model_world.h"

static const target_state_t *changed_target(const world_t *world, const char *name)
{
    for (size_t i = 0; i < world->snapshot.n_targets; i++) {
        if (strcmp(world->snapshot.targets[i].name, name) == 0)
            return &world->snapshot.targets[i];
    }
    return NULL;
}

/* --- staleness --- */

static void a_result_is_stale_after_three_intervals_or_a_late_check(void **state)
{
    world_t *world = *state;
    static const struct {
        uint32_t interval_ms, timeout_ms;
        int64_t stale_after_us;
    } rows[] = {
        {60000, 5000, 180 * SECOND_US}, /* 3 intervals */
        {1000, 5000, 8 * SECOND_US},    /* interval + time-out + 2 s */
        {3500, 5000, 10500000},         /* both are the same */
        {3501, 5000, 10503000},         {3499, 5000, 10499000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        target_t *target = support_target(world->config, "risk_guard");
        target->check_interval_ms = rows[i].interval_ms;
        target->timeout_ms = rows[i].timeout_ms;
        begin_anew(world);
        give_all_ok(world);
        assert_system(world, "fresh", SYSTEM_OK, "");
        pass(world, rows[i].stale_after_us);
        give_all_ok(world); /* the others stay fresh */
        (void)give(world, "risk_guard", STATUS_OK, 10000);
        pass(world, rows[i].stale_after_us);
        for (size_t j = 0; j < world->config->n_targets; j++) {
            const target_t *other = &world->config->targets[j];
            if (other != target && other->type != PROBE_PASSIVE)
                (void)give(world, other->name, STATUS_OK, 10000);
        }
        model_expire(world->model, world->now);
        assert_system(world, "to the microsecond", SYSTEM_OK, "");
        pass(world, 1);
        model_expire(world->model, world->now);
        assert_true(look(world));
        assert_int_equal(world->snapshot.status, SYSTEM_UNKNOWN);
        const target_state_t *stale = changed_target(world, "risk_guard");
        assert_non_null(stale);
        assert_int_equal(stale->status, STATUS_UNKNOWN);
        assert_int_equal(stale->reason, REASON_STALE);
        assert_int_equal(stale->latency_us, LATENCY_NONE);
        assert_int_equal(stale->since_us, world->now.wall_us);
        model_expire(world->model, world->now);
        assert_false(look(world)); /* said once */
    }
}

static void a_stale_target_leaves_every_rule_and_comes_back_with_one_result(void **state)
{
    world_t *world = *state;
    support_target(world->config, "risk_guard")->failure_threshold = 3;
    begin_anew(world);
    (void)give(world, "risk_guard", STATUS_DOWN, 6000000);
    assert_system(world, "DOWN", SYSTEM_CRITICAL, "Service: risk_guard");
    pass(world, 180 * SECOND_US + 1);
    model_expire(world->model, world->now);
    assert_system(world, "stale", SYSTEM_UNKNOWN, "");
    assert_true(isnan(world->snapshot.max_service_latency_ms));
    assert_int_equal(give(world, "risk_guard", STATUS_DOWN, NONE), MODEL_APPLIED);
    assert_system(world, "back", SYSTEM_CRITICAL, "Service: risk_guard");
}

static void an_unconfirmed_result_is_a_result_for_the_age(void **state)
{
    world_t *world = *state;
    support_target(world->config, "risk_guard")->failure_threshold = 3;
    begin_anew(world);
    give_all_ok(world);
    pass(world, 180 * SECOND_US);
    give_all_ok(world);
    pass(world, 180 * SECOND_US);
    give_all_ok(world);
    (void)give(world, "risk_guard", STATUS_DOWN, NONE);
    pass(world, 1);
    model_expire(world->model, world->now);
    assert_system(world, "one bad result of three", SYSTEM_OK, "");
}

static void the_wall_clock_makes_nothing_stale(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    world->now.wall_us += 86400 * SECOND_US;
    model_expire(world->model, world->now);
    assert_system(world, "a day later by the wall", SYSTEM_OK, "");
}

static void a_passive_target_starts_ok_and_is_never_stale(void **state)
{
    world_t *world = *state;
    (void)look(world);
    assert_int_equal(changed_target(world, EMERGENCY_STOP)->status, STATUS_OK);
    assert_int_equal(give_stop(world, STATUS_DOWN, "5-0", "limit"), MODEL_APPLIED);
    pass(world, 400 * 86400 * SECOND_US);
    give_all_ok(world);
    model_expire(world->model, world->now);
    assert_system(world, "a year later", SYSTEM_CRITICAL, "Emergency Stop System: limit");
}

/* --- the emergency stop --- */

static void a_tripped_stop_is_critical_and_stands_last(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give_stop(world, STATUS_DOWN, "5-0", "Daily loss limit exceeded");
    (void)give(world, "scheduler", STATUS_OK, 6000000);
    (void)give(world, "postgres", STATUS_DOWN, NONE);
    (void)give(world, "ai_system", STATUS_DOWN, NONE);
    assert_system(world, "all kinds", SYSTEM_CRITICAL,
                  "Service: ai_system|Infrastructure: postgres|Latency: scheduler|"
                  "Emergency Stop System: Daily loss limit exceeded");
    begin_anew(world);
    (void)give_stop(world, STATUS_DOWN, "5-0", NULL);
    assert_system(world, "before any check", SYSTEM_CRITICAL, "Emergency Stop System: Unknown");
    assert_false(world->snapshot.has_result); /* what arrives is no probed result */
}

static void the_newest_entry_wins_in_any_order(void **state)
{
    world_t *world = *state;
    typedef enum { TRIP, RESET, CLEAR } act_t;
    static const struct {
        const char *what;
        struct {
            act_t act;
            const char *entry_id;
            model_outcome_t outcome;
        } steps[4];
        size_t n_steps;
        const char *failures;
    } rows[] = {
        {"newer reset", {{TRIP, "5-0", MODEL_APPLIED}, {RESET, "6-0", MODEL_APPLIED}}, 2, ""},
        {"older reset", {{TRIP, "6-0", MODEL_APPLIED}, {RESET, "5-0", MODEL_OUTDATED}}, 2, "6-0"},
        {"older trip", {{RESET, "6-0", MODEL_APPLIED}, {TRIP, "5-0", MODEL_OUTDATED}}, 2, ""},
        {"sequence decides", {{TRIP, "5-9", MODEL_APPLIED}, {RESET, "5-10", MODEL_APPLIED}}, 2, ""},
        {"numbers, not texts",
         {{TRIP, "10-0", MODEL_APPLIED}, {RESET, "9-0", MODEL_OUTDATED}},
         2,
         "10-0"},
        {"clear of the trip", {{TRIP, "5-0", MODEL_APPLIED}, {CLEAR, "5-0", MODEL_APPLIED}}, 2, ""},
        {"clear of an older entry",
         {{TRIP, "6-0", MODEL_APPLIED}, {CLEAR, "5-0", MODEL_OUTDATED}},
         2,
         "6-0"},
        {"older trip after a clear",
         {{TRIP, "5-0", MODEL_APPLIED},
          {CLEAR, "5-0", MODEL_APPLIED},
          {TRIP, "4-0", MODEL_OUTDATED}},
         3,
         ""},
        {"the cleared trip again",
         {{TRIP, "5-0", MODEL_APPLIED},
          {CLEAR, "5-0", MODEL_APPLIED},
          {TRIP, "5-0", MODEL_OUTDATED}},
         3,
         ""},
        {"newer trip after a clear",
         {{TRIP, "5-0", MODEL_APPLIED},
          {CLEAR, "5-0", MODEL_APPLIED},
          {TRIP, "5-1", MODEL_APPLIED}},
         3,
         "5-1"},
        {"a trip of another stream has the id of the reset",
         {{RESET, "5-0", MODEL_APPLIED}, {TRIP, "5-0", MODEL_APPLIED}},
         2,
         "5-0"},
        {"a reset of another stream has the id of the trip",
         {{TRIP, "5-0", MODEL_APPLIED}, {RESET, "5-0", MODEL_OUTDATED}},
         2,
         "5-0"},
        {"clear, reset and trip of one id",
         {{RESET, "5-0", MODEL_APPLIED},
          {TRIP, "5-0", MODEL_APPLIED},
          {CLEAR, "5-0", MODEL_APPLIED},
          {TRIP, "5-0", MODEL_OUTDATED}},
         4,
         ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin_anew(world);
        give_all_ok(world);
        for (size_t j = 0; j < rows[i].n_steps; j++) {
            const char *entry_id = rows[i].steps[j].entry_id;
            model_outcome_t outcome = rows[i].steps[j].act == CLEAR ? clear_stop(world, entry_id)
                                      : rows[i].steps[j].act == TRIP
                                          ? give_stop(world, STATUS_DOWN, entry_id, entry_id)
                                          : give_stop(world, STATUS_OK, entry_id, NULL);
            if (outcome != rows[i].steps[j].outcome)
                fail_msg("%s: step %zu gives %d", rows[i].what, j, (int)outcome);
        }
        char failures[64] = "";
        if (*rows[i].failures)
            (void)snprintf(failures, sizeof failures, "Emergency Stop System: %s",
                           rows[i].failures);
        assert_system(world, rows[i].what, *failures ? SYSTEM_CRITICAL : SYSTEM_OK, failures);
    }
}

static void a_second_trip_tells_its_own_reason_at_once(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give_stop(world, STATUS_DOWN, "5-0", "one");
    assert_true(look(world));
    assert_false(look(world));
    (void)give_stop(world, STATUS_DOWN, "6-0", "two");
    assert_true(look(world));
    assert_string_equal(world->snapshot.critical_failures[0].text, "Emergency Stop System: two");
    assert_string_equal(changed_target(world, EMERGENCY_STOP)->entry_id, "6-0");
    (void)give_stop(world, STATUS_DOWN, "7-0", "two"); /* word for word: still another trip */
    assert_true(look(world));
    assert_string_equal(changed_target(world, EMERGENCY_STOP)->entry_id, "7-0");
}

/* --- snapshots --- */

static void versions_chain_and_carry_what_changed(void **state)
{
    world_t *world = *state;
    (void)look(world);
    assert_int_equal(world->snapshot.version, 1);
    assert_int_equal(world->snapshot.base_version, 0);
    assert_true(world->snapshot.is_whole);
    assert_int_equal(world->snapshot.n_targets, world->config->n_targets);
    for (size_t i = 0; i < world->config->n_targets; i++)
        assert_string_equal(world->snapshot.targets[i].name, world->config->targets[i].name);
    (void)look(world);
    assert_int_equal(world->snapshot.version, 2);
    assert_int_equal(world->snapshot.base_version, 1);
    assert_false(world->snapshot.is_whole);
    assert_int_equal(world->snapshot.n_targets, 0);
    pass(world, 7);
    (void)give(world, "postgres", STATUS_OK, 2000);
    (void)give(world, "scheduler", STATUS_OK, 1000);
    (void)look(world);
    assert_int_equal(world->snapshot.taken_at_us, START_WALL_US + 7);
    assert_int_equal(world->snapshot.n_targets, 2); /* in configuration order */
    assert_string_equal(world->snapshot.targets[0].name, "scheduler");
    assert_string_equal(world->snapshot.targets[1].name, "postgres");
    assert_int_equal(world->snapshot.targets[0].since_us, START_WALL_US + 7);
    assert_int_equal(world->snapshot.targets[0].checked_at_us, START_WALL_US + 7);
}

static void a_snapshot_is_due_when_something_to_be_told_differs(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    assert_true(look(world));
    assert_true(world->snapshot.is_status_changed);
    static const struct {
        const char *what;
        change_t change;
        bool is_due, is_status_changed;
    } rows[] = {
        {"the same again", {"scheduler", STATUS_OK, 10000}, false, false},
        {"another latency", {"scheduler", STATUS_OK, 999000}, false, false},
        {"a latency that degrades", {"scheduler", STATUS_OK, 1001000}, true, true},
        {"the latency of another too", {"ai_system", STATUS_OK, 1001000}, false, false},
        {"a status, not the system's", {"postgres", STATUS_DEGRADED, 10}, true, false},
        {"a failure", {"risk_guard", STATUS_DOWN, NONE}, true, true},
        {"a failure more", {"redis", STATUS_DOWN, NONE}, true, false},
        {"a latency that is a failure", {"scheduler", STATUS_OK, 5000010}, true, false},
        {"the same failure", {"redis", STATUS_DOWN, NONE}, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)give(world, rows[i].change.name, rows[i].change.status, rows[i].change.latency_us);
        bool is_due = look(world);
        if (is_due != rows[i].is_due ||
            world->snapshot.is_status_changed != rows[i].is_status_changed)
            fail_msg("%s: due %d, status changed %d", rows[i].what, is_due,
                     world->snapshot.is_status_changed);
    }
}

/* A twin that works the verdict out after each result says when the shorter question is wrong. */
static void the_short_question_has_the_answer_of_the_long_one(void **state)
{
    world_t *world = *state;
    world_t twin = *world;
    static const int64_t latencies_us[] = {NONE, 10000, 999990, 1000000, 1000010, 4999990, 5000010};
    twin.model = model_new(world->config, world->now);
    assert_non_null(twin.model);
    unsigned random = 1;
    size_t n_due = 0;
    for (int step = 0; step < 20000; step++) {
        random = random * 1103515245 + 12345;
        unsigned pick = random >> 16;
        const char *name = world->config->targets[pick % (world->config->n_targets - 1)].name;
        status_t status = pick / 16 % 64 ? STATUS_OK : STATUS_DOWN;
        int64_t latency_us = latencies_us[pick / 1024 % COUNT_OF(latencies_us)];
        (void)give(world, name, status, latency_us);
        (void)give(&twin, name, status, latency_us);
        bool is_due = model_evaluate(twin.model);
        if (model_is_due(world->model) != is_due)
            fail_msg("step %d: %s is due %d", step, name, is_due);
        n_due += is_due;
        if (pick % 3 == 0) {
            (void)look(world);
            (void)look(&twin);
            assert_int_equal(world->snapshot.status, twin.snapshot.status);
        }
    }
    model_destroy(&twin.model);
    assert_in_range(n_due, 1000, 19000);
}

static void what_was_measured_goes_with_the_result_that_is_shown(void **state)
{
    world_t *world = *state;
    support_target(world->config, "redis")->failure_threshold = 2;
    begin_anew(world);
    for (int64_t tls_us = 1; tls_us <= 3; tls_us++) {
        probe_result_t result = {
            .target = support_text("redis"),
            .status = tls_us == 1 ? STATUS_OK : STATUS_DOWN,
            .finished_at_us = world->now.wall_us,
            .latency_us = LATENCY_NONE,
            .measurement = calloc(1, sizeof(measurement_t)),
        };
        assert_non_null(result.measurement);
        result.measurement->tls_us = tls_us;
        model_outcome_t outcome = model_apply(world->model, &result, world->now);
        measurement_destroy(&result.measurement);
        (void)look(world);
        const target_state_t *redis = changed_target(world, "redis");
        if (tls_us == 2) { /* unconfirmed: it only counts */
            assert_int_equal(outcome, MODEL_UNCONFIRMED);
            assert_null(redis);
            continue;
        }
        assert_int_equal(outcome, MODEL_APPLIED);
        assert_non_null(redis);
        assert_non_null(redis->measurement);
        assert_int_equal(redis->measurement->tls_us, tls_us);
    }
}

static void a_reason_alone_makes_a_snapshot_due(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give(world, "redis", STATUS_DOWN, NONE);
    (void)look(world);
    int64_t since_us = world->now.wall_us;
    pass(world, SECOND_US);
    probe_result_t refused = {
        .target = support_text("redis"),
        .status = STATUS_DOWN,
        .reason = REASON_REFUSED,
        .finished_at_us = world->now.wall_us,
        .latency_us = LATENCY_NONE,
        .error = strdup("Redis ping failed: Connection refused"),
    };
    char *error = refused.error;
    assert_int_equal(model_apply(world->model, &refused, world->now), MODEL_APPLIED);
    assert_null(refused.error); /* moved, not copied */
    assert_true(look(world));
    const target_state_t *redis = changed_target(world, "redis");
    assert_ptr_equal(redis->error, error);
    assert_int_equal(redis->since_us, since_us); /* the status began then */
    assert_int_equal(redis->checked_at_us, world->now.wall_us);
}

static void a_result_for_no_target_changes_nothing(void **state)
{
    world_t *world = *state;
    (void)look(world);
    assert_int_equal(give(world, "nobody", STATUS_DOWN, NONE), MODEL_UNKNOWN_TARGET);
    assert_int_equal(give(world, "", STATUS_DOWN, NONE), MODEL_UNKNOWN_TARGET);
    assert_false(look(world));
    assert_false(world->snapshot.has_result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_result_is_stale_after_three_intervals_or_a_late_check),
        WORLD_TEST(a_stale_target_leaves_every_rule_and_comes_back_with_one_result),
        WORLD_TEST(an_unconfirmed_result_is_a_result_for_the_age),
        WORLD_TEST(the_wall_clock_makes_nothing_stale),
        WORLD_TEST(a_passive_target_starts_ok_and_is_never_stale),
        WORLD_TEST(a_tripped_stop_is_critical_and_stands_last),
        WORLD_TEST(the_newest_entry_wins_in_any_order),
        WORLD_TEST(a_second_trip_tells_its_own_reason_at_once),
        WORLD_TEST(versions_chain_and_carry_what_changed),
        WORLD_TEST(a_snapshot_is_due_when_something_to_be_told_differs),
        WORLD_TEST(the_short_question_has_the_answer_of_the_long_one),
        WORLD_TEST(what_was_measured_goes_with_the_result_that_is_shown),
        WORLD_TEST(a_reason_alone_makes_a_snapshot_due),
        WORLD_TEST(a_result_for_no_target_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
