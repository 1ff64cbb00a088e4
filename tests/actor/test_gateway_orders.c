/* Orders over REST: what reaches the aggregator, and what its answers become. */
#include "tests/actor/gateway_world.h"
#include "tests/support/support_health.h"

static config_t *targets; /* of environment-only mode; the world's configuration shows them */

static int setup(void **state)
{
    targets = support_config(NULL);
    *state = world_new_with(NULL, targets);
    return 0;
}

static int teardown(void **state)
{
    world_destroy(*state);
    config_destroy(&targets);
    return 0;
}

/* The result that the aggregator answers with. */
static probe_result_t *result_of(status_t status)
{
    static probe_result_t result;
    result = (probe_result_t){.target = support_text("risk_guard"),
                              .status = (int)status,
                              .reason = status == STATUS_OK ? REASON_NONE : REASON_STATUS,
                              .finished_at_us = 1795488330289500,
                              .latency_us = 4754,
                              .details = support_text("{\"status_code\":500}")};
    return &result;
}

static void a_result_is_shown_whole(void **state)
{
    world_t *world = *state;
    world->probe_result = result_of(STATUS_DOWN);
    response_t response;
    fetch(world, "POST", "/api/v1/targets/risk_guard/probe", "", &response);
    assert_int_equal(response.code, 200);
    assert_string_equal(response.body,
                        "{\"outcome\":\"finished\",\"target\":\"risk_guard\",\"dry_run\":false,"
                        "\"status\":\"DOWN\",\"reason\":\"status\",\"error\":null,"
                        "\"latency_ms\":4.75,\"finished_at\":\"2026-11-24T02:45:30.289500+00:00\","
                        "\"details\":{\"status_code\":500}}");
    assert_int_equal(world->health.last->verb, QUERY_PROBE);
    assert_string_equal(world->health.last->target, "risk_guard");
    assert_false(world->health.last->is_dry_run);
}

static void a_dry_run_reaches_the_aggregator(void **state)
{
    static const struct {
        const char *query;
        bool is_dry_run;
    } rows[] = {{"?dry_run=true", true}, {"?dry_run=false", false}, {"?other=true", false}};
    world_t *world = *state;
    world->probe_result = result_of(STATUS_OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char target[96];
        (void)snprintf(target, sizeof target, "/api/v1/targets/risk%%5Fguard/probe%s",
                       rows[i].query);
        response_t response;
        fetch(world, "POST", target, "", &response);
        assert_int_equal(response.code, 200);
        assert_int_equal(world->health.last->is_dry_run, rows[i].is_dry_run);
    }
}

static void each_outcome_has_its_code(void **state)
{
    static const struct {
        int outcome, code;
        const char *part;
        bool is_retried;
    } rows[] = {
        {ANSWER_STARTED, 202, "{\"outcome\":\"started\",\"target\":\"risk_guard\"}", false},
        {ANSWER_BUSY, 429, "Too many probes", true},
        {ANSWER_NOT_FOUND, 404, "No such target", false},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world->probe_outcome = rows[i].outcome;
        response_t response;
        fetch(world, "POST", "/api/v1/targets/risk_guard/probe", "", &response);
        assert_int_equal(response.code, rows[i].code);
        assert_non_null(strstr(response.body, rows[i].part));
        assert_int_equal(has_header(&response, "Retry-After", "1"), rows[i].is_retried);
    }
}

static void what_cannot_be_ordered_is_not_asked_for(void **state)
{
    static const struct {
        const char *target;
        int code;
    } rows[] = {
        {"/api/v1/targets/nobody/probe", 404},
        {"/api/v1/targets/risk_guard%00/probe", 404},
        {"/api/v1/targets/emergency_stop_system/probe", 409},
        {"/api/v1/targets/risk_guard/probe?dry_run=yes", 422},
        {"/api/v1/targets/risk_guard/probe?dry_run=", 422},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t response;
        fetch(world, "POST", rows[i].target, "", &response);
        assert_int_equal(response.code, rows[i].code);
    }
    assert_int_equal(world->health.n_queries, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_result_is_shown_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dry_run_reaches_the_aggregator, setup, teardown),
        cmocka_unit_test_setup_teardown(each_outcome_has_its_code, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_ordered_is_not_asked_for, setup, teardown),
    };
    zsys_handler_set(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
