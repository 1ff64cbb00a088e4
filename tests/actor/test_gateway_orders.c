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
    } rows[] = {{"?dry_run=true", true}, {"?dry_run=false", false}, {"", false}};
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
        {"/api/v1/targets/risk_guard/probe?dry=true", 400},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t response;
        fetch(world, "POST", rows[i].target, "", &response);
        assert_int_equal(response.code, rows[i].code);
    }
    assert_int_equal(world->health.n_queries, 0);
}

/* --- pause and resume --- */

/* Posts BODY to TARGET. */
static void post(world_t *world, const char *target, const char *body, response_t *ret)
{
    char headers[96];
    (void)snprintf(headers, sizeof headers,
                   "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
    reader_t *reader = reader_new(world);
    reader_ask(reader, "POST", target, headers);
    reader_send(reader, body);
    reader_receive(reader, world, false, ret);
    reader_destroy(&reader);
}

#define PAUSE  "/api/v1/targets/risk_guard/pause"
#define RESUME "/api/v1/targets/risk_guard/resume"

static void a_pause_reaches_the_alert_manager_whole(void **state)
{
    world_t *world = *state;
    response_t response;
    post(world, PAUSE, "{\"reason\":\"new \\\"disks\\\"\",\"until\":4000000000}", &response);
    assert_int_equal(response.code, 422); /* more than a year away */
    assert_int_equal(world->alerts.n_queries, 0);
    post(world, PAUSE, "{\"reason\":\"new \\\"disks\\\"\",\"until\":\"+1h\"}", &response);
    assert_int_equal(response.code, 200);
    const query_t *query = world->alerts.last;
    assert_int_equal(query->verb, QUERY_PAUSE);
    assert_string_equal(query->target, "risk_guard");
    assert_string_equal(query->pause->reason, "new \"disks\"");
    assert_string_equal(query->pause->by, "anonymous");
    assert_int_equal(query->pause->until_us - query->pause->since_us, INT64_C(3600000000));
    static const char start[] =
        "{\"outcome\":\"paused\",\"target\":\"risk_guard\",\"reason\":\"new "
        "\\\"disks\\\"\",\"by\":\"anonymous\",\"since\":\"2";
    assert_memory_equal(response.body, start, sizeof start - 1);
    post(world, PAUSE, "", &response);
    assert_int_equal(response.code, 200);
    assert_int_equal(world->alerts.last->pause->until_us, 0);
    assert_non_null(strstr(response.body, "\"until\":null}"));
    post(world, RESUME, "", &response);
    assert_int_equal(response.code, 200);
    assert_int_equal(world->alerts.last->verb, QUERY_RESUME);
    assert_string_equal(response.body, "{\"outcome\":\"resumed\",\"target\":\"risk_guard\"}");
}

static void each_outcome_of_a_pause_has_its_code(void **state)
{
    static const struct {
        int outcome, code;
        bool is_retried;
    } rows[] = {
        {ANSWER_REFUSED, 503, true},
        {ANSWER_BUSY, 429, true},
        {ANSWER_CONFLICT, 409, false},
        {ANSWER_NOT_FOUND, 404, false},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world->pause_outcome = rows[i].outcome;
        response_t response;
        post(world, i % 2 ? PAUSE : RESUME, "", &response);
        assert_int_equal(response.code, rows[i].code);
        assert_int_equal(has_header(&response, "Retry-After", "1"), rows[i].is_retried);
    }
}

static void a_pause_that_cannot_be_is_not_asked_for(void **state)
{
    static const struct {
        const char *target, *body;
        int code;
    } rows[] = {
        {PAUSE, "[", 400},
        {PAUSE, "{\"until\":\"yesterday\"}", 422},
        {PAUSE, "{\"comment\":\"x\"}", 422},
        {"/api/v1/targets/nobody/pause", "", 404},
        {"/api/v1/targets/nobody/resume", "", 404},
        {"/api/v1/targets/emergency_stop_system/pause", "", 409},
        {"/api/v1/targets/emergency_stop_system/resume", "", 409},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t response;
        post(world, rows[i].target, rows[i].body, &response);
        assert_int_equal(response.code, rows[i].code);
    }
    assert_int_equal(world->alerts.n_queries, 0);
}

static int setup_with_token(void **state)
{
    static char token[] = "secret";
    targets = support_config(NULL);
    *state = world_new_with(token, targets);
    return 0;
}

static void who_pauses_is_named_by_the_credential(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "POST", PAUSE, "", &response);
    assert_int_equal(response.code, 401);
    fetch(world, "POST", PAUSE, "Authorization: Bearer secret\r\n", &response);
    assert_int_equal(response.code, 200);
    assert_string_equal(world->alerts.last->pause->by, "token");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_result_is_shown_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dry_run_reaches_the_aggregator, setup, teardown),
        cmocka_unit_test_setup_teardown(each_outcome_has_its_code, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_ordered_is_not_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pause_reaches_the_alert_manager_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(each_outcome_of_a_pause_has_its_code, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pause_that_cannot_be_is_not_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(who_pauses_is_named_by_the_credential, setup_with_token,
                                        teardown),
    };
    zsys_handler_set(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
