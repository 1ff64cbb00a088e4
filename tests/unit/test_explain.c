/* Why a status is what it is: the sentence and the rules, for targets and for the system. */
#include "proto/query.h"
#include "tests/unit/explain_world.h"

/* --- the system --- */

static void the_sentence_names_the_rule_and_its_targets(void **state)
{
    world_t *world = *state;
    static const struct {
        change_t changes[5];
        const char *sentence;
        const char *decides; /* NULL: no row does */
    } rows[] = {
        {{{0}},
         "The system is OK: no rule that makes it worse holds (targets judged: 8, paused: 0).",
         NULL},
        {{{"risk_guard", STATUS_DOWN, 5750}, {"postgres", STATUS_DEGRADED, 10}},
         "The system is CRITICAL because a critical service is DOWN: risk_guard.",
         "service_down"},
        {{{"main_backend", STATUS_DOWN, NONE},
          {"ai_system", STATUS_DOWN, NONE},
          {"risk_guard", STATUS_DOWN, NONE},
          {"scheduler", STATUS_DOWN, NONE},
          {"redis", STATUS_DOWN, NONE}},
         "The system is CRITICAL because a critical service is DOWN: main_backend, scheduler, "
         "risk_guard and 1 more; and a critical infrastructure target is DOWN: redis.",
         "service_down"},
        {{{"scheduler", STATUS_OK, 5000010}},
         "The system is CRITICAL because the latency of a service is above the critical limit: "
         "scheduler.",
         "latency_critical"},
        {{{"scheduler", STATUS_OK, 1000010}},
         "The system is DEGRADED because the latency of a service is above the limit: scheduler.",
         "latency_degraded"},
        {{{"system_health_monitor", STATUS_DOWN, NONE}},
         "The system is DEGRADED because a service is DEGRADED, or one that is not critical DOWN: "
         "system_health_monitor.",
         "service_degraded"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        begin_anew(world);
        give_all_ok(world);
        for (size_t j = 0; j < COUNT_OF(rows[i].changes) && rows[i].changes[j].name; j++)
            give(world, rows[i].changes[j].name, rows[i].changes[j].status,
                 rows[i].changes[j].latency_us);
        json_t *tree = explained(world, NULL);
        assert_string_equal(text_at(tree, "sentence"), rows[i].sentence);
        const char *decides = NULL;
        size_t at;
        json_t *node;
        json_array_foreach(json_object_get(tree, "derivation"), at, node)
        {
            if (!json_is_true(json_object_get(json_object_get(node, "values"), "decides")))
                continue;
            assert_null(decides);
            assert_true(json_is_true(json_object_get(node, "holds")));
            decides = text_at(node, "rule");
        }
        assert_true(!decides == !rows[i].decides);
        if (decides)
            assert_string_equal(decides, rows[i].decides);
        json_decref(tree);
    }
}

static void a_rule_shows_its_values_and_targets(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    give(world, "risk_guard", STATUS_DOWN, NONE);
    give(world, "scheduler", STATUS_OK, 1500000);
    json_t *tree = explained(world, NULL);
    const json_t *row = rule_of(tree, "latency_degraded");
    const json_t *values = json_object_get(row, "values");
    assert_true(json_number_value(json_object_get(values, "limit_ms")) == 1000);
    assert_true(json_number_value(json_object_get(values, "max_service_latency_ms")) == 1500);
    assert_false(holds(tree, "latency_critical"));
    assert_int_equal(integer_of(tree, "service_down", "n_targets"), 1);
    json_t *guilty = json_array_get(json_object_get(rule_of(tree, "service_down"), "children"), 0);
    assert_string_equal(text_at(guilty, "text"), "risk_guard is DOWN for status");
    assert_string_equal(text_at(json_object_get(guilty, "values"), "name"), "risk_guard");
    json_decref(tree);
}

/* The tree and the verdict are two readings of the same rules. */
static void explanation_and_verdict_agree_whatever_came(void **state)
{
    world_t *world = *state;
    static const int64_t latencies[] = {NONE, 10000, 1000010, 5000000, 5000010};
    uint32_t random = 1;
    size_t n_seen[SYSTEM_STATUS_COUNT] = {0};
    for (int round = 0; round < 2000; round++) {
        begin_anew(world);
        for (size_t i = 0; i < world->config->n_targets; i++) {
            random = random * 1664525 + 1013904223;
            uint32_t dice = random >> 8;
            const char *name = world->config->targets[i].name;
            if (strcmp(name, EMERGENCY_STOP) == 0) {
                if (dice % 8 == 0)
                    give_stop(world, STATUS_DOWN, "5-0", "drill");
            } else if (dice % 64 != 0) {
                give(world, name, dice % 10 < 8 ? STATUS_OK : (status_t)(dice / 64 % 3),
                     latencies[dice / 1024 % 12 < 8 ? 1 : dice / 1024 % 5]);
            }
        }
        (void)look(world);
        json_t *tree = explained(world, NULL);
        assert_string_equal(text_at(tree, "status"), system_status_name(world->snapshot.status));
        n_seen[world->snapshot.status]++;
        json_decref(tree);
    }
    for (int i = 0; i < SYSTEM_STATUS_COUNT; i++)
        assert_true(n_seen[i] > 0);
}

static void set_pause(world_t *world, const char *name)
{
    pause_t *pause = calloc(1, sizeof *pause);
    assert_non_null(pause);
    pause->reason = strdup("new \"disks\"");
    pause->by = strdup("token");
    pause->since_us = world->now.wall_us;
    (void)model_pause(world->model, name, &pause, world->now);
    assert_null(pause);
}

static void pauses_are_told(void **state)
{
    world_t *world = *state;
    give_all_ok(world);
    set_pause(world, "redis");
    assert_sentence(world, NULL,
                    "The system is OK: no rule that makes it worse holds (targets "
                    "judged: 7, paused: 1).");
    assert_sentence(world, "redis",
                    "redis is UNKNOWN since 2026-11-24T02:45:30.289500+00:00: paused by "
                    "token: new \"disks\".");
    json_t *tree = explained(world, "redis");
    assert_int_equal(json_array_size(json_object_get(tree, "derivation")), 1);
    assert_string_equal(text_at(json_object_get(rule_of(tree, "pause"), "values"), "reason"),
                        "new \"disks\"");
    json_decref(tree);
    for (size_t i = 0; i < world->config->n_targets; i++) {
        const char *name = world->config->targets[i].name;
        if (strcmp(name, EMERGENCY_STOP) != 0 && !model_is_paused(world->model, name))
            set_pause(world, name);
    }
    assert_system(world, "all paused", SYSTEM_UNKNOWN, "");
    tree = explained(world, NULL);
    assert_string_equal(text_at(tree, "status"), "UNKNOWN");
    assert_true(holds(tree, "all_paused"));
    assert_int_equal(integer_of(tree, "all_paused", "n_targets"), 8);
    assert_false(holds(tree, "target_unknown"));
    json_decref(tree);
}

/* --- a target --- */

#define SINCE "2026-11-24T02:45:30.289500+00:00"

static void the_sentence_says_why_a_target_is_what_it_is(void **state)
{
    world_t *world = *state;
    target_t *target = support_target(world->config, "redis");
    target->failure_threshold = 3;
    target->success_threshold = 2;
    assert_sentence(world, "redis", "redis is UNKNOWN since " SINCE ": no result decides it yet.");
    give(world, "redis", STATUS_OK, 10);
    assert_sentence(world, "redis", "redis is OK since " SINCE ".");
    give(world, "redis", STATUS_DOWN, NONE);
    give(world, "redis", STATUS_DOWN, NONE);
    assert_sentence(world, "redis",
                    "redis is OK since " SINCE
                    "; 2 of the 3 results that turn it worse have come.");
    give(world, "redis", STATUS_DOWN, NONE);
    assert_sentence(world, "redis", "redis is DOWN since " SINCE " for status.");
    give(world, "redis", STATUS_OK, 10);
    assert_sentence(world, "redis",
                    "redis is DOWN since " SINCE
                    " for status; 1 of the 2 results that turn it better have come.");
    assert_sentence(world, EMERGENCY_STOP, EMERGENCY_STOP " is OK since " SINCE ".");
    give_stop(world, STATUS_DOWN, "5-0", "drill");
    assert_sentence(world, EMERGENCY_STOP,
                    EMERGENCY_STOP " is DOWN since " SINCE " for emergency_stop: drill.");
}

static void thresholds_among_the_last_results_are_counted(void **state)
{
    world_t *world = *state;
    target_t *target = support_target(world->config, "redis");
    target->failure_threshold = 3;
    target->failure_window = 5;
    give_all_ok(world);
    static const status_t results[] = {STATUS_DOWN, STATUS_OK, STATUS_DOWN, STATUS_OK};
    static const int counted[] = {1, 1, 2, 2};
    for (size_t i = 0; i < COUNT_OF(results); i++) {
        give(world, "redis", results[i], 10);
        json_t *tree = explained(world, "redis");
        assert_int_equal(integer_of(tree, "failure_threshold", "counted"), counted[i]);
        assert_int_equal(integer_of(tree, "failure_threshold", "results"), 3);
        assert_int_equal(integer_of(tree, "failure_threshold", "of"), 5);
        assert_null(node_of(json_object_get(tree, "derivation"), "success_threshold"));
        json_decref(tree);
    }
    give(world, "redis", STATUS_DOWN, NONE);
    json_t *tree = explained(world, "redis");
    assert_string_equal(text_at(tree, "status"), "DOWN");
    assert_int_equal(integer_of(tree, "success_threshold", "counted"), 0);
    assert_null(node_of(json_object_get(tree, "derivation"), "failure_threshold"));
    assert_true(holds(tree, "system"));
    json_decref(tree);
}

static void staleness_tells_the_age_and_its_limit(void **state)
{
    world_t *world = *state;
    world->config->staleness = 3;
    target_t *target = support_target(world->config, "redis");
    target->check_interval_ms = 30000;
    target->timeout_ms = 5000;
    give_all_ok(world);
    pass(world, 90 * SECOND_US);
    model_expire(world->model, world->now);
    json_t *tree = explained(world, "redis");
    assert_false(holds(tree, "staleness"));
    assert_int_equal(integer_of(tree, "staleness", "limit_ms"), 90000);
    assert_int_equal(integer_of(tree, "staleness", "last_result_age_ms"), 90000);
    json_decref(tree);
    pass(world, SECOND_US);
    model_expire(world->model, world->now);
    tree = explained(world, "redis");
    assert_true(holds(tree, "staleness"));
    assert_false(holds(tree, "result"));
    assert_non_null(
        strstr(text_at(tree, "sentence"), ": its last result is 91.0 s old, older than 90.0 s."));
    json_decref(tree);
}

static void flapping_and_the_wait_for_an_alert_are_told(void **state)
{
    world_t *world = *state;
    world->config->flap = (flap_settings_t){.window = 6, .high = 0.5, .low = 0.2};
    target_t *target = support_target(world->config, "redis");
    target->failure_threshold = target->success_threshold = 1;
    target->notify_after_ms = 30000;
    for (int i = 0; i < 6; i++)
        give(world, "redis", i % 2 ? STATUS_DOWN : STATUS_OK, 10);
    pass(world, 12 * SECOND_US);
    json_t *tree = explained(world, "redis");
    assert_true(holds(tree, "flapping"));
    assert_int_equal(integer_of(tree, "flapping", "window"), 6);
    assert_non_null(strstr(text_at(tree, "sentence"), "; it flaps."));
    assert_true(holds(tree, "notify_after"));
    assert_int_equal(integer_of(tree, "notify_after", "status_age_ms"), 12000);
    json_decref(tree);
    pass(world, 18 * SECOND_US);
    tree = explained(world, "redis");
    assert_false(holds(tree, "notify_after"));
    json_decref(tree);
}

/* --- texts from outside --- */

/* N conditions of CHARACTER in their longest form; the last one decides. */
static void give_conditions(world_t *world, size_t n, char character)
{
    probe_result_t result = {
        .target = support_text("redis"),
        .status = STATUS_DOWN,
        .reason = REASON_CONDITION,
        .finished_at_us = world->now.wall_us,
        .latency_us = NONE,
        .error = calloc(1, ERROR_MAX_BYTES + 1),
        .measurement = calloc(1, sizeof(measurement_t)),
    };
    assert_true(result.error && result.measurement);
    memset(result.error, character, ERROR_MAX_BYTES);
    result.measurement->http_code = MEASURED_NONE;
    result.measurement->conditions = calloc(n, sizeof(measured_condition_t));
    assert_non_null(result.measurement->conditions);
    for (size_t i = 0; i < n; i++) {
        measured_condition_t *condition = &result.measurement->conditions[i];
        condition->text = calloc(1, CONDITION_TEXT_MAX_BYTES + 1);
        condition->actual = calloc(1, CONDITION_ACTUAL_MAX_BYTES + 1);
        assert_true(condition->text && condition->actual);
        memset(condition->text, character, CONDITION_TEXT_MAX_BYTES);
        memset(condition->actual, character, CONDITION_ACTUAL_MAX_BYTES);
        condition->outcome = i + 1 == n ? CONDITION_FALSE : CONDITION_TRUE;
    }
    result.measurement->n_conditions = n;
    (void)model_apply(world->model, &result, world->now);
    free(result.error);
    measurement_destroy(&result.measurement);
}

static void the_condition_that_decides_is_named(void **state)
{
    world_t *world = *state;
    begin_anew(world);
    give_conditions(world, 2, 'a');
    json_t *tree = explained(world, "redis");
    const char *sentence = text_at(tree, "sentence");
    assert_non_null(strstr(sentence, " because aaaa"));
    assert_non_null(strstr(sentence, "... is false with aaaa"));
    const json_t *judges = json_object_get(rule_of(tree, "result"), "children");
    assert_int_equal(json_array_size(judges), 2);
    assert_true(json_is_true(json_object_get(json_array_get(judges, 0), "holds")));
    assert_true(json_is_false(json_object_get(json_array_get(judges, 1), "holds")));
    json_decref(tree);
}

static void an_explanation_is_bounded_whatever_came(void **state)
{
    world_t *world = *state;
    static const char characters[] = {'a', '"', '\x01', '\xff'};
    for (size_t i = 0; i < sizeof characters; i++) {
        begin_anew(world);
        give_conditions(world, MEASURED_CONDITIONS_MAX, characters[i]);
        for (int is_system = 0; is_system <= 1; is_system++) {
            char *text = NULL;
            assert_int_equal(explain(world->model, is_system ? NULL : "redis", world->now, &text),
                             EXPLAINED);
            assert_true(strlen(text) <= ANSWER_TEXT_MAX_BYTES);
            json_t *tree = json_loads(text, 0, NULL);
            assert_non_null(tree);
            json_decref(tree);
            free(text);
        }
    }
}

/* --- groups --- */

/* The last service becomes a group of two others, of which one must be up. */
static void make_pair(world_t *world)
{
    config_t *config = world->config;
    target_t *pair = support_target(config, "system_health_monitor");
    group_set_t *groups = &config->groups;
    size_t pair_members[2];
    size_t *cycle = NULL;
    size_t n = 0;
    pair_members[0] = (size_t)(support_target(config, "scheduler") - config->targets);
    pair_members[1] = (size_t)(support_target(config, "risk_guard") - config->targets);
    groups->items = calloc(1, sizeof *groups->items);
    assert_non_null(groups->items);
    groups->n = 1;
    groups->items[0] = (group_t){.at = (size_t)(pair - config->targets),
                                 .rule = GROUP_AT_LEAST,
                                 .n_least = 1,
                                 .members = calloc(2, sizeof(size_t)),
                                 .n_members = 2};
    assert_non_null(groups->items[0].members);
    memcpy(groups->items[0].members, pair_members, sizeof pair_members);
    pair->type = PROBE_GROUP;
    pair->group = &groups->items[0];
    assert_int_equal(group_set_link(groups, config->n_targets, &cycle, &n), 0);
    begin_anew(world);
}

static void a_group_is_explained_by_its_members(void **state)
{
    world_t *world = *state;
    make_pair(world);
    assert_sentence(
        world, "system_health_monitor",
        "system_health_monitor is UNKNOWN since 2026-11-24T02:45:30.289500+00:00 because "
        "at_least 1: 1 of 2 members must be up, 0 are; UNKNOWN: scheduler, risk_guard.");
    (void)give(world, "scheduler", STATUS_OK, 10000);
    (void)give(world, "risk_guard", STATUS_OK, 10000);
    assert_sentence(world, "system_health_monitor",
                    "system_health_monitor is OK since 2026-11-24T02:45:30.289500+00:00 because "
                    "at_least 1: 1 of 2 members must be up, 2 are.");
    (void)give(world, "risk_guard", STATUS_DOWN, NONE); /* not looked at before it is explained */
    json_t *tree = explained(world, "system_health_monitor");
    assert_string_equal(text_at(tree, "status"), "DEGRADED");
    assert_true(holds(tree, "group"));
    assert_string_equal(text_at(rule_of(tree, "group"), "text"),
                        "at_least 1: 1 of 2 members must be up, 1 is: it holds, but a member fails "
                        "(up is OK or DEGRADED)");
    assert_int_equal(integer_of(tree, "group", "members"), 2);
    assert_int_equal(integer_of(tree, "group", "needed"), 1);
    assert_int_equal(integer_of(tree, "group", "up"), 1);
    assert_int_equal(integer_of(tree, "group", "down"), 1);
    json_t *members = json_object_get(rule_of(tree, "group"), "children");
    assert_int_equal(json_array_size(members), 2);
    json_t *first = json_object_get(json_array_get(members, 0), "values"); /* it decides */
    assert_string_equal(text_at(first, "name"), "risk_guard");
    assert_true(json_is_true(json_object_get(first, "decides")));
    json_t *second = json_object_get(json_array_get(members, 1), "values");
    assert_string_equal(text_at(second, "name"), "scheduler");
    assert_true(json_is_false(json_object_get(second, "decides")));
    static const char *const not_of_groups[] = {"result", "staleness", "flapping",
                                                "failure_threshold", "success_threshold"};
    for (size_t i = 0; i < COUNT_OF(not_of_groups); i++)
        assert_null(node_of(json_object_get(tree, "derivation"), not_of_groups[i]));
    json_decref(tree);
    (void)give(world, "scheduler", STATUS_DOWN, NONE);
    tree = explained(world, "system_health_monitor");
    assert_false(holds(tree, "group"));
    assert_string_equal(text_at(tree, "status"), "DOWN");
    assert_true(holds(tree, "system"));
    json_decref(tree);
}

static void nobody_is_not_explained(void **state)
{
    world_t *world = *state;
    char *text = NULL;
    assert_int_equal(explain(world->model, "nobody", world->now, &text), EXPLAIN_NO_SUCH_TARGET);
    assert_int_equal(explain(world->model, "", world->now, &text), EXPLAIN_NO_SUCH_TARGET);
    assert_null(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_sentence_names_the_rule_and_its_targets),
        WORLD_TEST(a_rule_shows_its_values_and_targets),
        WORLD_TEST(explanation_and_verdict_agree_whatever_came),
        WORLD_TEST(pauses_are_told),
        WORLD_TEST(the_sentence_says_why_a_target_is_what_it_is),
        WORLD_TEST(thresholds_among_the_last_results_are_counted),
        WORLD_TEST(staleness_tells_the_age_and_its_limit),
        WORLD_TEST(flapping_and_the_wait_for_an_alert_are_told),
        WORLD_TEST(the_condition_that_decides_is_named),
        WORLD_TEST(an_explanation_is_bounded_whatever_came),
        WORLD_TEST(a_group_is_explained_by_its_members),
        WORLD_TEST(nobody_is_not_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
