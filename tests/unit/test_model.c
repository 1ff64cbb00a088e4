/* The rules of the system's status (contract, section 4) and the thresholds. */
#include "tests/unit/model_world.h"

/* --- status rules --- */

static void the_first_rule_that_holds_wins(void **state)
{
    world_t *world = *state;
    static const struct {
        const char *what;
        change_t changes[4];
        system_status_t status;
        const char *failures;
    } rows[] = {
        {"all OK", {{0}}, SYSTEM_OK, ""},
        {"critical service DOWN",
         {{"risk_guard", STATUS_DOWN, 5750}},
         SYSTEM_CRITICAL,
         "Service: risk_guard"},
        {"critical service DEGRADED", {{"risk_guard", STATUS_DEGRADED, 5750}}, SYSTEM_DEGRADED, ""},
        {"other service DOWN", {{"system_health_monitor", STATUS_DOWN, NONE}}, SYSTEM_DEGRADED, ""},
        {"other service DEGRADED",
         {{"system_health_monitor", STATUS_DEGRADED, 10}},
         SYSTEM_DEGRADED,
         ""},
        {"infra DOWN",
         {{"binance_api", STATUS_DOWN, NONE}},
         SYSTEM_CRITICAL,
         "Infrastructure: binance_api"},
        {"infra DEGRADED", {{"postgres", STATUS_DEGRADED, 10}}, SYSTEM_DEGRADED, ""},
        {"services before infra, each in target order",
         {{"redis", STATUS_DOWN, NONE},
          {"ai_system", STATUS_DOWN, NONE},
          {"postgres", STATUS_DOWN, NONE},
          {"main_backend", STATUS_DOWN, NONE}},
         SYSTEM_CRITICAL,
         "Service: main_backend|Service: ai_system|Infrastructure: redis|Infrastructure: postgres"},
        {"CRITICAL wins over DEGRADED",
         {{"main_backend", STATUS_DEGRADED, 10}, {"redis", STATUS_DOWN, NONE}},
         SYSTEM_CRITICAL,
         "Infrastructure: redis"},
        {"latency after infra",
         {{"main_backend", STATUS_OK, 6000000}, {"redis", STATUS_DOWN, NONE}},
         SYSTEM_CRITICAL,
         "Infrastructure: redis|Latency: main_backend"},
        {"5000 ms are not above 5000", {{"scheduler", STATUS_OK, 5000000}}, SYSTEM_DEGRADED, ""},
        {"5000.004 ms are shown as 5000", {{"scheduler", STATUS_OK, 5000004}}, SYSTEM_DEGRADED, ""},
        {"5000.01 ms", {{"scheduler", STATUS_OK, 5000010}}, SYSTEM_CRITICAL, "Latency: scheduler"},
        {"5000 ms beside 5000.01 ms",
         {{"scheduler", STATUS_OK, 5000010}, {"main_backend", STATUS_OK, 5000000}},
         SYSTEM_CRITICAL,
         "Latency: scheduler"},
        {"1000 ms are not above 1000", {{"scheduler", STATUS_OK, 1000000}}, SYSTEM_OK, ""},
        {"1000.004 ms are shown as 1000", {{"scheduler", STATUS_OK, 1000004}}, SYSTEM_OK, ""},
        {"1000.01 ms", {{"scheduler", STATUS_OK, 1000010}}, SYSTEM_DEGRADED, ""},
        {"time-out of another service",
         {{"system_health_monitor", STATUS_DOWN, 5000010}},
         SYSTEM_CRITICAL,
         "Latency: system_health_monitor"},
        {"time-out of a critical service is named once",
         {{"risk_guard", STATUS_DOWN, 5000010}},
         SYSTEM_CRITICAL,
         "Service: risk_guard"},
        {"a slow critical service that is DEGRADED",
         {{"risk_guard", STATUS_DEGRADED, 5000010}},
         SYSTEM_CRITICAL,
         "Latency: risk_guard"},
        {"each slow service, in target order",
         {{"ai_system", STATUS_OK, 7000000},
          {"main_backend", STATUS_OK, 5100000},
          {"risk_guard", STATUS_DOWN, 5200000},
          {"scheduler", STATUS_OK, 4900000}},
         SYSTEM_CRITICAL,
         "Service: risk_guard|Latency: main_backend|Latency: ai_system"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin_anew(world);
        give_all_ok(world);
        for (size_t j = 0; j < COUNT_OF(rows[i].changes) && rows[i].changes[j].name; j++) {
            const change_t *change = &rows[i].changes[j];
            assert_int_equal(give(world, change->name, change->status, change->latency_us),
                             MODEL_APPLIED);
        }
        assert_system(world, rows[i].what, rows[i].status, rows[i].failures);
    }
}

static void a_target_without_result_makes_unknown_unless_something_is_wrong(void **state)
{
    world_t *world = *state;
    assert_system(world, "nothing seen", SYSTEM_UNKNOWN, "");
    assert_false(world->snapshot.has_result);
    assert_true(isnan(world->snapshot.avg_service_latency_ms));
    assert_true(isnan(world->snapshot.max_service_latency_ms));
    static const struct {
        change_t change;
        system_status_t status;
        const char *failures;
    } rows[] = {
        {{"main_backend", STATUS_OK, 10}, SYSTEM_UNKNOWN, ""},
        {{"main_backend", STATUS_DEGRADED, 10}, SYSTEM_DEGRADED, ""},
        {{"system_health_monitor", STATUS_DOWN, NONE}, SYSTEM_DEGRADED, ""},
        {{"postgres", STATUS_DEGRADED, 10}, SYSTEM_DEGRADED, ""},
        {{"main_backend", STATUS_OK, 1000010}, SYSTEM_DEGRADED, ""},
        {{"main_backend", STATUS_DOWN, NONE}, SYSTEM_CRITICAL, "Service: main_backend"},
        {{"redis", STATUS_DOWN, NONE}, SYSTEM_CRITICAL, "Infrastructure: redis"},
        {{"main_backend", STATUS_OK, 5000010}, SYSTEM_CRITICAL, "Latency: main_backend"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin_anew(world);
        (void)give(world, rows[i].change.name, rows[i].change.status, rows[i].change.latency_us);
        assert_system(world, rows[i].change.name, rows[i].status, rows[i].failures);
        assert_true(world->snapshot.has_result);
    }
}

static void one_missing_result_keeps_the_system_unknown(void **state)
{
    world_t *world = *state;
    for (size_t left_out = 0; left_out < world->config->n_targets; left_out++) {
        const target_t *missing = &world->config->targets[left_out];
        begin_anew(world);
        for (size_t i = 0; i < world->config->n_targets; i++) {
            if (i != left_out && world->config->targets[i].type != PROBE_PASSIVE)
                (void)give(world, world->config->targets[i].name, STATUS_OK, 10);
        }
        bool is_passive = missing->type == PROBE_PASSIVE;
        assert_system(world, missing->name, is_passive ? SYSTEM_OK : SYSTEM_UNKNOWN, "");
        (void)give(world, missing->name, STATUS_OK, is_passive ? NONE : 10);
        assert_system(world, missing->name, SYSTEM_OK, "");
    }
}

static void latencies_are_those_of_services_whatever_their_status(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    (void)give(world, "main_backend", STATUS_DOWN, 20004);  /* shown as 20.00 */
    (void)give(world, "scheduler", STATUS_DEGRADED, 30005); /* shown as 30.01 */
    (void)give(world, "risk_guard", STATUS_DOWN, NONE);
    (void)look(world);
    assert_true(world->snapshot.avg_service_latency_ms == (20.0 + 30.01 + 10 + 10) / 4);
    assert_true(world->snapshot.max_service_latency_ms == 30.01);
    for (size_t i = 0; i < world->config->n_targets; i++) {
        if (world->config->targets[i].kind == KIND_SERVICE)
            (void)give(world, world->config->targets[i].name, STATUS_DOWN, NONE);
    }
    (void)look(world);
    assert_true(isnan(world->snapshot.avg_service_latency_ms));
    assert_true(isnan(world->snapshot.max_service_latency_ms));
}

static void a_file_may_leave_out_the_latency_rules(void **state)
{
    world_t *world = *state;
    world->config->latency_degraded_ms = (double)NAN;
    world->config->latency_critical_ms = (double)NAN;
    give_all_ok(world);
    (void)give(world, "main_backend", STATUS_OK, 60000000);
    assert_system(world, "no latency rule", SYSTEM_OK, "");
    world->config->latency_critical_ms = 50000;
    assert_system(world, "critical alone", SYSTEM_CRITICAL, "Latency: main_backend");
}

static void infrastructure_that_is_not_critical_only_degrades(void **state)
{
    world_t *world = *state;
    support_target(world->config, "redis")->is_critical = false;
    begin_anew(world);
    give_all_ok(world);
    (void)give(world, "redis", STATUS_DOWN, NONE);
    assert_system(world, "redis", SYSTEM_DEGRADED, "");
}

/* --- thresholds --- */

static void a_status_turns_when_its_threshold_is_reached(void **state)
{
    world_t *world = *state;
    /* One letter a result: o OK, d DEGRADED, x DOWN; and the status shown after each. */
    static const struct {
        uint32_t failure_threshold, success_threshold;
        const char *results, *shown;
        uint32_t failure_window, success_window; /* 0: one after another */
    } rows[] = {
        {1, 1, "oxoxdo", "oxoxdo", 0, 0},
        {3, 2, "oxxxoo", "oooxxo", 0, 0},
        {3, 1, "oxxoxxx", "oooooox", 0, 0},     /* a good one begins the count anew */
        {2, 3, "oxxooxooo", "ooxxxxxxo", 0, 0}, /* so does a bad one */
        {2, 1, "oxd", "ood", 0, 0},             /* two bad ones, whichever: the last is shown */
        {2, 2, "oddxoxo", "ooddddd", 0, 0},     /* worse, better, worse: never twice running */
        {3, 3, "x", "x", 0, 0},                 /* the first result always decides */
        {3, 1, "oxoxox", "ooooox", 5, 0},       /* 3 of 5, which others lie between */
        {3, 1, "oxooxox", "ooooooo", 5, 0},     /* the first one is 6 results ago */
        {3, 1, "oxxxoxox", "oooxoooo", 5, 0},   /* a turn begins the count anew */
        {3, 1, "oxdx", "ooox", 3, 0},           /* 3 of 3 is 3 one after another */
        {1, 2, "oxoxxo", "oxxxxx", 1, 3},       /* 4 results lie between the two good ones */
        {1, 2, "oxoxo", "oxxxo", 1, 3},
        {2, 2, "dxoxo", "dddxx", 3, 3}, /* worse and better ones are counted apart */
        {3, 2, "dxoxo", "ddddo", 5, 4}, /* and do not undo each other */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        target_t *target = support_target(world->config, "scheduler");
        target->failure_threshold = rows[i].failure_threshold;
        target->failure_window = rows[i].failure_window;
        target->success_threshold = rows[i].success_threshold;
        target->success_window = rows[i].success_window;
        begin_anew(world);
        char shown[16] = "";
        for (size_t j = 0; rows[i].results[j]; j++) {
            char letter = rows[i].results[j];
            status_t status = letter == 'o'   ? STATUS_OK
                              : letter == 'd' ? STATUS_DEGRADED
                                              : STATUS_DOWN;
            static const char letters[STATUS_COUNT] = {'o', 'd', 'x', '?'};
            model_outcome_t outcome = give(world, "scheduler", status, 1000 * (int64_t)(j + 1));
            (void)look(world);
            const target_state_t *now = NULL;
            for (size_t k = 0; k < world->snapshot.n_targets; k++) {
                if (strcmp(world->snapshot.targets[k].name, "scheduler") == 0)
                    now = &world->snapshot.targets[k];
            }
            /* Shown, latency included, is the result that last confirmed the status. */
            assert_int_equal(now != NULL, outcome == MODEL_APPLIED);
            if (now)
                assert_int_equal(now->latency_us, 1000 * (int64_t)(j + 1));
            shown[j] = now ? letters[now->status] : j ? shown[j - 1] : '?';
        }
        if (strcmp(shown, rows[i].shown) != 0)
            fail_msg("%s shows %s instead of %s", rows[i].results, shown, rows[i].shown);
    }
}

static const target_state_t *changed_target(const world_t *world, const char *name)
{
    for (size_t i = 0; i < world->snapshot.n_targets; i++) {
        if (strcmp(world->snapshot.targets[i].name, name) == 0)
            return &world->snapshot.targets[i];
    }
    return NULL;
}

static void results_that_turn_nothing_flap_too(void **state)
{
    world_t *world = *state;
    target_t *target = support_target(world->config, "scheduler");
    target->failure_threshold = 3;
    world->config->flap = (flap_settings_t){.window = 5, .high = 0.5, .low = 0.3};
    begin_anew(world);
    give_all_ok(world);
    (void)look(world);
    assert_true(changed_target(world, "scheduler")->is_flapping_unknown);
    static const struct {
        status_t status;
        bool is_due, is_flapping;
    } rows[] = {
        {STATUS_DOWN, false, false}, {STATUS_OK, false, false}, {STATUS_DOWN, true, true},
        {STATUS_OK, false, true},    {STATUS_OK, false, true},  {STATUS_OK, false, true},
        {STATUS_OK, false, true},    {STATUS_OK, true, false}, /* two changes are left */
        {STATUS_OK, false, false},
    };
    bool is_flapping = false;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        (void)give(world, "scheduler", rows[i].status, NONE);
        assert_int_equal(look(world), rows[i].is_due);
        const target_state_t *shown = changed_target(world, "scheduler");
        is_flapping = shown ? shown->is_flapping : is_flapping;
        assert_int_equal(is_flapping, rows[i].is_flapping);
        assert_true(!shown || shown->status == STATUS_OK);
        assert_true(!shown || !is_flapping || !shown->is_flapping_unknown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_first_rule_that_holds_wins),
        WORLD_TEST(a_target_without_result_makes_unknown_unless_something_is_wrong),
        WORLD_TEST(one_missing_result_keeps_the_system_unknown),
        WORLD_TEST(latencies_are_those_of_services_whatever_their_status),
        WORLD_TEST(a_file_may_leave_out_the_latency_rules),
        WORLD_TEST(infrastructure_that_is_not_critical_only_degrades),
        WORLD_TEST(a_status_turns_when_its_threshold_is_reached),
        WORLD_TEST(results_that_turn_nothing_flap_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
