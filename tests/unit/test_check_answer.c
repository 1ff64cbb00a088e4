/* The result of a check whose answer says all of it: core/check.h, check_answer. */
#include <string.h>

#include "core/check.h"
#include "tests/test.h"

#define FINISHED_AT ((int64_t)1795488330289500)

static condition_workspace_t *workspace;

/* Exit code 1 of a plugin, unless a test says otherwise. */
typedef struct {
    target_t target;
    conditions_t conditions;
    check_answer_t answer;
    check_outcome_t outcome;
} world_t;

static void begin(world_t *world, target_kind_t kind)
{
    static char name[] = "raid";
    static char prefix[] = "Plugin failed: ";
    *world = (world_t){
        .target = {.name = name, .kind = kind, .type = PROBE_PASSIVE, .timeout_ms = 5000},
        .answer = {.present = CONDITION_BIT(CONDITION_EXIT_CODE) | CONDITION_BIT(CONDITION_OUTPUT),
                   .exit_code = 1,
                   .output = "one disk is slow",
                   .n_output = strlen("one disk is slow"),
                   .verdict = STATUS_DEGRADED,
                   .reason = REASON_STATUS,
                   .text = "exit code 1",
                   .said_by = CONDITION_EXIT_CODE},
        .outcome = {.latency_us = 1234, .finished_at_us = FINISHED_AT, .workspace = workspace},
    };
    if (kind != KIND_SERVICE)
        world->target.error_prefix = prefix;
    world->outcome.answer = &world->answer;
}

static void add(world_t *world, bool is_degraded, const char *text)
{
    const condition_vocabulary_t vocabulary = {.probe = "exec",
                                               .values = condition_values_of("exec")};
    condition_error_t error;
    world->target.conditions = &world->conditions;
    assert_int_equal(
        conditions_add(&world->conditions, is_degraded, text, strlen(text), &vocabulary, &error),
        0);
}

static probe_result_t check(world_t *world)
{
    probe_result_t result;
    assert_int_equal(check_answer(&world->target, &world->outcome, &result), 0);
    conditions_clear(&world->conditions);
    return result;
}

static void assert_result(world_t *world, int status, int reason, const char *error)
{
    probe_result_t result = check(world);
    assert_int_equal(result.status, status);
    assert_int_equal(result.reason, reason);
    assert_int_equal(result.latency_us, 1234);
    if (error)
        assert_string_equal(result.error, error);
    else
        assert_null(result.error);
    probe_result_clear(&result);
}

static void check_itself_decides_where_no_condition_does(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_INFRASTRUCTURE);
    assert_result(&world, STATUS_DEGRADED, REASON_STATUS, "Plugin failed: exit code 1");
    begin(&world, KIND_SERVICE);
    assert_result(&world, STATUS_DEGRADED, REASON_STATUS, "exit code 1");
    begin(&world, KIND_SERVICE);
    world.answer.text = NULL;
    assert_result(&world, STATUS_DEGRADED, REASON_STATUS, "status");
    begin(&world, KIND_SERVICE);
    world.answer.verdict = STATUS_OK;
    assert_result(&world, STATUS_OK, REASON_NONE, NULL);
    begin(&world, KIND_SERVICE);
    world.outcome.answer = NULL;
    assert_result(&world, STATUS_OK, REASON_NONE, NULL);
}

static void the_worse_of_both_counts_where_conditions_speak_of_something_else(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_SERVICE);
    add(&world, false, "output =~ \"disk\"");
    assert_result(&world, STATUS_DEGRADED, REASON_STATUS, "exit code 1");
    begin(&world, KIND_SERVICE);
    add(&world, false, "output =~ \"tape\"");
    assert_result(&world, STATUS_DOWN, REASON_CONDITION,
                  "condition `output =~ \"tape\"` is false: \"one disk is slow\"");
    begin(&world, KIND_SERVICE);
    world.answer.verdict = STATUS_DOWN;
    add(&world, true, "output =~ \"tape\"");
    assert_result(&world, STATUS_DOWN, REASON_STATUS, "exit code 1");
    begin(&world, KIND_SERVICE);
    add(&world, true, "exit_code == 0"); /* of degraded_conditions: it excuses nothing */
    assert_result(&world, STATUS_DEGRADED, REASON_CONDITION,
                  "condition `exit_code == 0` is false: 1");
}

static void condition_that_speaks_of_it_decides(void **state)
{
    (void)state;
    static const char *const conditions[] = {"exit_code <= 1", "reason == none"};
    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        world_t world;
        begin(&world, KIND_SERVICE);
        add(&world, false, conditions[i]);
        assert_result(&world, STATUS_OK, REASON_NONE, NULL);
    }
}

static void fault_says_more_than_an_answer(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_INFRASTRUCTURE);
    world.outcome.fault = REASON_REFUSED;
    world.outcome.fault_text = "Connection refused";
    probe_result_t result = check(&world);
    assert_int_equal(result.status, STATUS_DOWN);
    assert_int_equal(result.reason, REASON_REFUSED);
    assert_string_equal(result.error, "Plugin failed: Connection refused");
    assert_null(strstr(result.evidence, "one disk is slow"));
    probe_result_clear(&result);
}

static void output_is_the_details_of_a_service_and_evidence(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_SERVICE);
    probe_result_t result = check(&world);
    assert_string_equal(result.details, "{\"raw\":\"one disk is slow\"}");
    assert_non_null(strstr(result.evidence, "\"output\": \"one disk is slow\""));
    probe_result_clear(&result);
    begin(&world, KIND_INFRASTRUCTURE);
    result = check(&world);
    assert_null(result.details);
    probe_result_clear(&result);
}

static int set_up(void **state)
{
    (void)state;
    workspace = condition_workspace_new();
    return workspace ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    condition_workspace_destroy(&workspace);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_itself_decides_where_no_condition_does),
        cmocka_unit_test(the_worse_of_both_counts_where_conditions_speak_of_something_else),
        cmocka_unit_test(condition_that_speaks_of_it_decides),
        cmocka_unit_test(fault_says_more_than_an_answer),
        cmocka_unit_test(output_is_the_details_of_a_service_and_evidence),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
