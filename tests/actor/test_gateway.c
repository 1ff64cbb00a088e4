#include "tests/actor/gateway_world.h"

static int setup(void **state)
{
    *state = world_new(NULL);
    return 0;
}

static int setup_with_token(void **state)
{
    static char token[] = "secret";
    *state = world_new(token);
    return 0;
}

static int setup_quiet(void **state)
{
    *state = world_new_quiet(NULL, NULL);
    return 0;
}

static int teardown(void **state)
{
    world_destroy(*state);
    return 0;
}

static void every_route_answers(void **state)
{
    static const struct {
        const char *method, *target;
        int code;
        const char *start; /* of the body */
    } rows[] = {
        {"GET", "/health", 200,
         "{\"status\":\"healthy\",\"service\":\"monitoring-health-service\",\"timestamp\":\"2"},
        {"GET", "/health/system", 200,
         "{\"status\":\"CRITICAL\",\"timestamp\":\"2026-11-24T02:45:30.289500+00:00\","},
        {"GET", "/health/metrics", 200,
         "{\"timestamp\":\"2026-11-24T02:45:30.289500+00:00\",\"counters\":{\"total_services\":1,"},
        {"GET", "/alerts/active", 200, "{\"alerts\":[{\"alert_id\":\"" ALERT_ID "\","},
        {"GET", "/alerts/history", 200, "{\"alerts\":[{\"alert_id\":\"" ALERT_ID "\","},
        {"POST", "/alerts/" ALERT_ID "/clear", 200,
         "{\"status\":\"ok\",\"message\":\"Alert " ALERT_ID " cleared\"}"},
        {"GET", "/livez", 200, "{\"status\":\"ok\","},
        {"GET", "/readyz", 200,
         "{\"status\":\"ready\",\"actors\":{\"aggregator\":\"ok\",\"alert_manager\":\"ok\"}}"},
        {"GET", "/", 404, "{\"detail\":\"Not Found\"}"},
        {"GET", "/nothing?a=b", 404, "{\"detail\":\"Not Found\"}"},
        {"POST", "/nothing", 404, "{\"detail\":\"Not Found\"}"},
        {"POST", "/health", 405, "{\"detail\":\"Method Not Allowed\"}"},
        {"BREW", "/health", 405, "{\"detail\":\"Method Not Allowed\"}"},
        {"GET", "/alerts/x/clear", 405, "{\"detail\":\"Method Not Allowed\"}"},
        {"GET", "http://a:80/livez", 200, "{\"status\":\"ok\","},
        {"GET", "/alerts/history?limit=abc", 422,
         "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"Input "
         "should "
         "be a valid integer, unable to parse string as an integer\",\"input\":\"abc\"}]}"},
        {"GET", "/alerts/history?limit=", 422,
         "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"Input "
         "should "
         "be a valid integer, unable to parse string as an integer\",\"input\":\"\"}]}"},
        {"GET", "/alerts/history?limit=%22%0a%00", 422,
         "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"Input "
         "should "
         "be a valid integer, unable to parse string as an integer\","
         "\"input\":\"\\\"\\n\\u0000\"}]}"},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t response;
        fetch(world, rows[i].method, rows[i].target, "", &response);
        assert_int_equal(response.code, rows[i].code);
        if (strncmp(response.body, rows[i].start, strlen(rows[i].start)) != 0)
            fail_msg("%s %s answered %s", rows[i].method, rows[i].target, response.body);
        assert_true(has_header(&response, "Content-Type", "application/json"));
        assert_true(has_header(&response, "X-Content-Type-Options", "nosniff"));
        assert_true(has_header(&response, "Cache-Control", "no-cache"));
        char *length = header_of(&response, "Content-Length");
        assert_non_null(length);
        free(length);
    }
}

static void errors_carry_their_headers(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "POST", "/health/system", "", &response);
    assert_true(has_header(&response, "Allow", "GET"));
    fetch(world, "GET", "/alerts/x/clear", "", &response);
    assert_true(has_header(&response, "Allow", "POST"));
    fetch(world, "GET", "/health/", "", &response);
    assert_int_equal(response.code, 307);
    assert_true(has_header(&response, "Location", "/health"));
    fetch(world, "GET", "/alerts/history//?limit=1", "", &response);
    assert_int_equal(response.code, 307);
    assert_true(has_header(&response, "Location", "/alerts/history?limit=1"));
}

static void a_limit_reaches_the_owner_clamped(void **state)
{
    static const struct {
        const char *target;
        int64_t limit;
    } rows[] = {
        {"/alerts/history", 100},
        {"/alerts/history?limit=5", 5},
        {"/alerts/history?limit=0", 1},
        {"/alerts/history?limit=-7", 1},
        {"/alerts/history?limit=501", 500},
        {"/alerts/history?limit=99999999999999999999999999", 500},
        {"/alerts/history?limit=+6", 6},
        {"/alerts/history?limit=1_2", 12},
        {"/alerts/history?limit=abc&limit=3", 3},
        {"/alerts/history?other=1", 100},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_publish_alert(world, 100 + i);
        response_t response;
        fetch(world, "GET", rows[i].target, "", &response);
        assert_int_equal(response.code, 200);
        assert_int_equal(world->alerts.last->limit, rows[i].limit);
        char end[64];
        (void)snprintf(end, sizeof end, "\"count\":1,\"limit\":%d}", (int)rows[i].limit);
        assert_non_null(strstr(response.body, end));
    }
}

static void head_answers_as_get_without_the_body(void **state)
{
    static const char *const targets[] = {"/health", "/health/system", "/alerts/active", "/nothing",
                                          "/livez"};
    world_t *world = *state;
    reader_t *reader = reader_new(world);
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        response_t get;
        response_t head;
        reader_ask(reader, "GET", targets[i], "");
        reader_receive(reader, world, false, &get);
        reader_ask(reader, "HEAD", targets[i], "");
        reader_receive(reader, world, true, &head);
        assert_int_equal(head.code, get.code);
        char *length = header_of(&get, "Content-Length");
        assert_non_null(length);
        assert_true(has_header(&head, "Content-Length", length));
        free(length);
    }
    assert_false(reader_has_something(reader));
    reader_destroy(&reader);
}

static void an_id_reaches_the_owner_decoded(void **state)
{
    static const struct {
        const char *target, *id;
    } rows[] = {
        {"/alerts/a:b+c/clear", "a:b+c"},
        {"/alerts/a%3Ab%2Bc/clear", "a:b+c"},
        {"/alerts/a%2Fb/clear?x=1", "a/b"},
        {"/alerts/a%20%22b/clear", "a \"b"},
        {"/alerts/%c3%a4%ff/clear", "\xc3\xa4\xef\xbf\xbd"},
    };
    world_t *world = *state;
    world->clear_outcome = ANSWER_NOT_FOUND;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t response;
        fetch(world, "POST", rows[i].target, "Content-Length: 0\r\n", &response);
        assert_int_equal(response.code, 404);
        assert_int_equal(world->alerts.last->verb, QUERY_ALERT_CLEAR);
        assert_string_equal(world->alerts.last->alert_id, rows[i].id);
    }
    response_t response;
    fetch(world, "POST", "/alerts/a%20%22b/clear", "", &response);
    assert_string_equal(response.body, "{\"detail\":\"Alert not found: a \\\"b\"}");
}

static void an_id_that_none_can_have_is_not_asked_for(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "POST", "/alerts/a%00b/clear", "", &response);
    assert_int_equal(response.code, 404);
    assert_string_equal(response.body, "{\"detail\":\"Alert not found: a\\u0000b\"}");
    char target[1024];
    char id[ALERT_ID_MAX_BYTES + 2];
    memset(id, 'a', sizeof id);
    id[sizeof id - 1] = '\0';
    (void)snprintf(target, sizeof target, "/alerts/%s/clear", id);
    fetch(world, "POST", target, "", &response);
    assert_int_equal(response.code, 404);
    assert_int_equal(world->alerts.n_queries, 0);
}

static void a_refused_clear_is_503_with_a_time(void **state)
{
    world_t *world = *state;
    world->clear_outcome = ANSWER_REFUSED;
    response_t response;
    fetch(world, "POST", "/alerts/x/clear", "", &response);
    assert_int_equal(response.code, 503);
    assert_true(has_header(&response, "Retry-After", "1"));
    assert_memory_equal(response.body, "{\"detail\":\"", 11);
}

static void before_the_first_result_there_is_no_data(void **state)
{
    world_t *world = *state;
    response_t response;
    world->has_snapshot = false;
    fetch(world, "GET", "/health/system", "", &response);
    assert_int_equal(response.code, 503);
    fetch(world, "GET", "/health/metrics", "", &response);
    assert_int_equal(response.code, 200);
    assert_non_null(strstr(response.body,
                           "\"status\":\"no_data\",\"message\":\"No health data collected yet\"}"));
    world->has_snapshot = true;
    world->snapshot.has_result = false;
    fetch(world, "GET", "/health/metrics", "", &response);
    assert_string_equal(
        response.body, "{\"timestamp\":\"2026-11-24T02:45:30.289500+00:00\",\"status\":\"no_data\","
                       "\"message\":\"No health data collected yet\"}");
    world->snapshot.has_result = true;
    world_publish(world, 2);
    fetch(world, "GET", "/health/metrics", "", &response);
    assert_non_null(strstr(response.body, "\"counters\""));
}

static void prometheus_reads_model_and_process(void **state)
{
    static const char *const lines[] = {
        "\nhealthd_system_status_code 2\n",
        "\nprobe_success{target=\"risk_guard\",kind=\"service\"} 0\n",
        "\nprobe_failure_info{target=\"risk_guard\",kind=\"service\",reason=\"status\"} 1\n",
        "\nhealthd_alerts{severity=\"critical\",state=\"firing\"} 1\n",
        "\nhealthd_http_requests_total{route=\"/livez\",method=\"GET\",code=\"200\"} 2\n",
        "\nhealthd_http_requests_total{route=\"other\",method=\"GET\",code=\"404\"} 1\n",
        "\nprocess_threads ",
    };
    world_t *world = *state;
    response_t response;
    fetch(world, "GET", "/livez", "", &response);
    fetch(world, "GET", "/livez", "", &response);
    fetch(world, "GET", "/nothing", "", &response);
    fetch(world, "GET", "/metrics", "", &response);
    assert_int_equal(response.code, 200);
    assert_true(has_header(&response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8"));
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (!strstr(response.body, lines[i]))
            fail_msg("no %s in %s", lines[i], response.body);
    assert_null(header_of(&response, "ETag"));
    fetch(world, "GET", "/metrics", "", &response);
    assert_int_equal(world->health.n_queries, 1);
    assert_non_null(strstr(response.body, "{route=\"/metrics\",method=\"GET\",code=\"200\"} 1\n"));
}

static void a_sane_request_id_is_echoed(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "GET", "/health/system", "X-Request-Id: abc-1.2_3\r\n", &response);
    assert_true(has_header(&response, "X-Request-Id", "abc-1.2_3"));
    fetch(world, "GET", "/nothing", "X-Request-Id: abc\r\n", &response);
    assert_true(has_header(&response, "X-Request-Id", "abc"));
    fetch(world, "GET", "/health", "X-Request-Id: a b\r\n", &response);
    assert_null(header_of(&response, "X-Request-Id"));
}

static void a_foreign_page_may_not_write(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "POST", "/alerts/x/clear", "Origin: http://evil:80\r\n", &response);
    assert_int_equal(response.code, 403);
    assert_int_equal(world->alerts.n_queries, 0);
    fetch(world, "POST", "/alerts/x/clear", "Origin: http://a:80\r\n", &response);
    assert_int_equal(response.code, 200);
    fetch(world, "GET", "/alerts/active", "Origin: http://evil:80\r\n", &response);
    assert_int_equal(response.code, 200);
    assert_null(header_of(&response, "Access-Control-Allow-Origin"));
}

static void writes_need_the_token(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "POST", "/alerts/x/clear", "", &response);
    assert_int_equal(response.code, 401);
    assert_string_equal(response.body, "{\"detail\":\"Not authenticated\"}");
    assert_true(has_header(&response, "WWW-Authenticate", "Bearer"));
    fetch(world, "POST", "/alerts/x/clear", "Authorization: Bearer wrong\r\n", &response);
    assert_int_equal(response.code, 401);
    assert_int_equal(world->alerts.n_queries, 0);
    fetch(world, "POST", "/alerts/x/clear", "Authorization: Bearer secret\r\n", &response);
    assert_int_equal(response.code, 200);
    fetch(world, "GET", "/alerts/active", "", &response);
    assert_int_equal(response.code, 200);
}

static void nobody_is_answered_before_the_begin(void **state)
{
    world_t *world = *state;
    reader_t *reader = reader_new(world); /* the kernel takes it */
    reader_ask(reader, "GET", "/livez", "");
    world_settle(world);
    assert_false(reader_has_something(reader));
    assert_int_equal(zstr_send(world->gateway, "begin"), 0);
    response_t response;
    reader_receive(reader, world, false, &response);
    assert_int_equal(response.code, 200);
    reader_destroy(&reader);
}

static void an_address_in_use_fails_the_start(void **state)
{
    world_t *world = *state;
    zactor_t *second = zactor_new(gateway_actor, &world->args);
    assert_non_null(second);
    world_told(second, "failed");
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "HEALTHD_LISTEN: cannot listen on %s: Address already in use", world->listen);
    world_told(second, expected);
    zactor_destroy(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_route_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_carry_their_headers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_limit_reaches_the_owner_clamped, setup, teardown),
        cmocka_unit_test_setup_teardown(head_answers_as_get_without_the_body, setup, teardown),
        cmocka_unit_test_setup_teardown(an_id_reaches_the_owner_decoded, setup, teardown),
        cmocka_unit_test_setup_teardown(an_id_that_none_can_have_is_not_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_refused_clear_is_503_with_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(before_the_first_result_there_is_no_data, setup, teardown),
        cmocka_unit_test_setup_teardown(prometheus_reads_model_and_process, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sane_request_id_is_echoed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_foreign_page_may_not_write, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_need_the_token, setup_with_token, teardown),
        cmocka_unit_test_setup_teardown(nobody_is_answered_before_the_begin, setup_quiet, teardown),
        cmocka_unit_test_setup_teardown(an_address_in_use_fails_the_start, setup, teardown),
    };
    zsys_handler_set(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
