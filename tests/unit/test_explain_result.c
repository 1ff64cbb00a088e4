/* What is told of the result that made a status, and of what judged it. */
#include "tests/unit/explain_world.h"

#define SINCE "2026-11-24T02:45:30.289500+00:00"

/* A result of NAME for REASON whose check measured MEASUREMENT (takes it). */
static void give_measured(world_t *world, const char *name, status_t status, reason_t reason,
                          measurement_t *measurement)
{
    probe_result_t result = {
        .target = support_text(name),
        .status = (int)status,
        .reason = (int)reason,
        .finished_at_us = world->now.wall_us,
        .latency_us = 10,
        .measurement = measurement,
    };
    assert_int_equal(model_apply(world->model, &result, world->now), MODEL_APPLIED);
    measurement_destroy(&result.measurement);
}

static measurement_t *measured(int64_t http_code, size_t n_conditions)
{
    measurement_t *measurement = calloc(1, sizeof *measurement);
    assert_non_null(measurement);
    measurement->http_code = http_code;
    measurement->n_conditions = n_conditions;
    measurement->conditions = calloc(n_conditions + 1, sizeof *measurement->conditions);
    assert_non_null(measurement->conditions);
    return measurement;
}

static void put_condition(measurement_t *measurement, size_t at, const char *text, int outcome,
                          const char *actual, bool is_degraded)
{
    measurement->conditions[at] = (measured_condition_t){.text = strdup(text),
                                                         .outcome = outcome,
                                                         .actual = actual ? strdup(actual) : NULL,
                                                         .is_degraded = is_degraded};
}

/* What RULE says of the result, or NULL. */
static const json_t *judge_of(const json_t *tree, const char *rule)
{
    return node_of(json_object_get(rule_of(tree, "result"), "children"), rule);
}

static void the_code_of_the_answer_is_named_with_its_rule(void **state)
{
    world_t *world = *state;
    support_target(world->config, "scheduler")->status_rule = RULE_SUCCESS;
    give_measured(world, "main_backend", STATUS_DOWN, REASON_STATUS, measured(503, 0));
    give_measured(world, "scheduler", STATUS_DOWN, REASON_STATUS, measured(MEASURED_NONE, 0));
    give_measured(world, "risk_guard", STATUS_OK, REASON_NONE, NULL);
    assert_sentence(world, "main_backend",
                    "main_backend is DOWN since " SINCE " for status (HTTP 503).");
    assert_sentence(world, "scheduler", "scheduler is DOWN since " SINCE " for status.");
    static const struct {
        const char *name, *rule;
        int code; /* 0: none */
    } rows[] = {{"main_backend", "platform", 503},
                {"scheduler", "success", 0},
                {"risk_guard", "platform", 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *tree = explained(world, rows[i].name);
        const json_t *values = json_object_get(judge_of(tree, "status_rule"), "values");
        assert_string_equal(text_at(values, "status_rule"), rows[i].rule);
        assert_int_equal(json_integer_value(json_object_get(values, "http_code")), rows[i].code);
        json_decref(tree);
    }
}

static void a_target_with_conditions_has_no_rule_of_codes(void **state)
{
    world_t *world = *state;
    static const conditions_t none = {.n_conditions = 0};
    target_t *target = support_target(world->config, "main_backend");
    target->conditions = &none;
    target->expects_failure = true;
    give_measured(world, "main_backend", STATUS_OK, REASON_NONE, measured(500, 0));
    json_t *tree = explained(world, "main_backend");
    target->conditions = NULL;
    assert_null(judge_of(tree, "status_rule"));
    const json_t *turned = judge_of(tree, "expect_failure");
    assert_string_equal(text_at(turned, "text"),
                        "expect_failure: DOWN counts as OK, anything else as DOWN");
    json_decref(tree);
}

static void the_first_condition_of_the_status_decides(void **state)
{
    world_t *world = *state;
    measurement_t *measurement = measured(200, 3);
    put_condition(measurement, 0, "a == 1", CONDITION_TRUE, "1", false);
    put_condition(measurement, 1, "b == 2", CONDITION_FALSE, "", false);
    put_condition(measurement, 2, "c == 3", CONDITION_MISSING, NULL, true);
    give_measured(world, "redis", STATUS_DEGRADED, REASON_MISSING_VALUE, measurement);
    assert_sentence(world, "redis",
                    "redis is DEGRADED since " SINCE " because c == 3 is false (missing).");
    json_t *tree = explained(world, "redis");
    const json_t *judge = judge_of(tree, "degraded_condition");
    assert_string_equal(text_at(judge, "text"), "c == 3 is false (missing)");
    assert_true(json_is_null(json_object_get(json_object_get(judge, "values"), "actual")));
    assert_string_equal(text_at(judge_of(tree, "condition"), "text"), "a == 1 is true with 1");
    json_decref(tree);

    /* None of them is of the status: the reason alone is told. */
    measurement = measured(200, 1);
    put_condition(measurement, 0, "a == 1", CONDITION_FALSE, "2", true);
    give_measured(world, "redis", STATUS_DOWN, REASON_CONDITION, measurement);
    assert_sentence(world, "redis", "redis is DOWN since " SINCE " for condition.");
    give_measured(world, "redis", STATUS_DOWN, REASON_CONDITION, NULL);
    assert_sentence(world, "redis", "redis is DOWN since " SINCE " for condition.");
}

static void the_emergency_stop_tells_its_entry(void **state)
{
    world_t *world = *state;
    json_t *tree = explained(world, EMERGENCY_STOP);
    assert_string_equal(text_at(rule_of(tree, "result"), "text"),
                        "no entry has tripped the emergency stop");
    json_decref(tree);
    give_stop(world, STATUS_DOWN, "5-0", "drill");
    tree = explained(world, EMERGENCY_STOP);
    assert_string_equal(text_at(json_object_get(rule_of(tree, "result"), "values"), "entry_id"),
                        "5-0");
    json_decref(tree);
    give_stop(world, STATUS_OK, "6-0", NULL);
    tree = explained(world, EMERGENCY_STOP);
    assert_string_equal(text_at(rule_of(tree, "result"), "text"),
                        "the newest entry of the emergency stop ends its trip");
    json_decref(tree);
}

static void the_latency_of_a_service_is_put_beside_the_limits(void **state)
{
    world_t *world = *state;
    world->config->latency_degraded_ms = 100;
    world->config->latency_critical_ms = 200;
    static const struct {
        int64_t latency_us;
        const char *text;
    } rows[] = {
        {100000, "its latency of 100.00 ms is not above a limit of the system"},
        {100010, "its latency of 100.01 ms makes the system DEGRADED"},
        {200010, "its latency of 200.01 ms makes the system CRITICAL"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        give(world, "scheduler", STATUS_OK, rows[i].latency_us);
        json_t *tree = explained(world, "scheduler");
        assert_string_equal(text_at(rule_of(tree, "latency"), "text"), rows[i].text);
        assert_int_equal(holds(tree, "latency"), i > 0);
        json_decref(tree);
    }
    give(world, "redis", STATUS_OK, 300000); /* infrastructure never counts */
    json_t *tree = explained(world, "redis");
    assert_null(node_of(json_object_get(tree, "derivation"), "latency"));
    json_decref(tree);
}

static void flapping_is_not_known_of_few_results(void **state)
{
    world_t *world = *state;
    world->config->flap = (flap_settings_t){.window = 6, .high = 0.5, .low = 0.2};
    give(world, "redis", STATUS_OK, 10);
    give(world, "redis", STATUS_OK, 10);
    json_t *tree = explained(world, "redis");
    assert_non_null(
        strstr(text_at(rule_of(tree, "flapping"), "text"), "; only 2 results were seen"));
    assert_int_equal(integer_of(tree, "flapping", "n_results"), 2);
    json_decref(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_code_of_the_answer_is_named_with_its_rule),
        WORLD_TEST(a_target_with_conditions_has_no_rule_of_codes),
        WORLD_TEST(the_first_condition_of_the_status_decides),
        WORLD_TEST(the_emergency_stop_tells_its_entry),
        WORLD_TEST(the_latency_of_a_service_is_put_beside_the_limits),
        WORLD_TEST(flapping_is_not_known_of_few_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
