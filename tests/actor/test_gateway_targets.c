/* What is known of targets, over REST, from snapshots that a test plays. */
#include "tests/actor/gateway_world.h"
#include "tests/support/support_health.h"

static config_t *targets;

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

static void get(world_t *world, const char *target, const char *headers, response_t *response)
{
    fetch(world, "GET", target, headers, response);
}

static void the_state_is_asked_for_once_and_then_followed(void **state)
{
    world_t *world = *state;
    response_t response;
    get(world, "/api/v1/targets", "", &response);
    assert_int_equal(response.code, 200);
    assert_non_null(strstr(response.body, "\"total\":2,\"version\":1"));
    assert_int_equal(world->health.n_queries, 1);
    world_publish(world, 2);
    get(world, "/api/v1/targets?status=DOWN", "", &response);
    assert_non_null(strstr(response.body, "{\"items\":[{\"name\":\"risk_guard\""));
    assert_non_null(strstr(response.body, "\"total\":1,\"version\":2"));
    assert_int_equal(world->health.n_queries, 1);
}

static void a_gap_is_healed_by_a_question(void **state)
{
    world_t *world = *state;
    world_publish(world, 2);
    world->snapshot.is_whole = false;
    world->snapshot.base_version = 4;
    world_publish(world, 5); /* versions 3 and 4 never came */
    world->snapshot.is_whole = true;
    response_t response;
    get(world, "/api/v1/targets", "", &response);
    assert_int_equal(response.code, 200);
    assert_non_null(strstr(response.body, "\"version\":5"));
    assert_int_equal(world->health.n_queries, 1);
}

static void without_a_state_the_answer_is_a_problem(void **state)
{
    world_t *world = *state;
    world->has_snapshot = false;
    response_t response;
    get(world, "/api/v1/targets", "", &response);
    assert_int_equal(response.code, 503);
    assert_true(has_header(&response, "Content-Type", "application/problem+json"));
    assert_true(has_header(&response, "Retry-After", "1"));
}

static void one_target_is_shown_whole_and_by_its_tag(void **state)
{
    world_t *world = *state;
    response_t response;
    get(world, "/api/v1/targets/risk%5Fguard", "", &response);
    assert_int_equal(response.code, 200);
    assert_non_null(strstr(response.body,
                           "\"type\":\"http\",\"critical\":true,"
                           "\"status\":\"DOWN\",\"flapping\":false,\"reason\":\"status\""));
    assert_non_null(strstr(response.body, "\"timeout_ms\":5000"));
    assert_true(has_header(&response, "ETag", "\"0123456789abcdef-1\""));
    get(world, "/api/v1/targets/risk_guard", "If-None-Match: \"0123456789abcdef-1\"\r\n",
        &response);
    assert_int_equal(response.code, 304);
    world_publish(world, 2);
    get(world, "/api/v1/targets/risk_guard", "If-None-Match: \"0123456789abcdef-1\"\r\n",
        &response);
    assert_int_equal(response.code, 200);
}

static void one_target_shows_its_pause_and_its_evidence(void **state)
{
    static char json[] =
        "{\"at\": \"2026-11-24T02:45:30.289500+00:00\", \"status_line\":\"HTTP/1.1 503\"}";
    static char reason[] = "new disks";
    static char by[] = "token";
    static evidence_t evidence[] = {{.at_us = 1795488330289500, .json = json}};
    world_t *world = *state;
    response_t response;
    get(world, "/api/v1/targets/risk_guard", "", &response);
    assert_non_null(strstr(response.body, "\"pause\":null,\"evidence\":[]}"));
    world->evidence = evidence;
    world->n_evidence = 1;
    get(world, "/api/v1/targets/risk_guard", "If-None-Match: \"0123456789abcdef-1\"\r\n",
        &response);
    assert_int_equal(response.code, 200); /* of the same version, but there is evidence now */
    assert_non_null(strstr(response.body, "\"evidence\":["));
    assert_non_null(strstr(response.body, json));
    assert_true(has_header(&response, "ETag", "\"0123456789abcdef-1-1795488330289500-1\""));
    pause_t pause = {
        .reason = reason, .by = by, .since_us = 1795488330289500, .until_us = 1795488331289500};
    world->snapshot.targets[0].pause = &pause;
    world_publish(world, 2);
    world->snapshot.targets[0].pause = NULL;
    get(world, "/api/v1/targets/risk_guard", "", &response);
    assert_non_null(strstr(response.body,
                           "\"pause\":{\"reason\":\"new disks\",\"by\":\"token\","
                           "\"since\":\"2026-11-24T02:45:30.289500+00:00\","
                           "\"until\":\"2026-11-24T02:45:31.289500+00:00\"},\"evidence\":["));
}

static void without_evidence_in_time_the_answer_is_a_problem(void **state)
{
    world_t *world = *state;
    response_t response;
    world->health.mode = OWNER_HOLDS;
    get(world, "/api/v1/targets/risk_guard", "", &response);
    assert_int_equal(response.code, 503);
    assert_int_equal(world->health.n_queries, 1);
    assert_int_equal(world->health.last->verb, QUERY_EVIDENCE);
}

static void errors_below_the_api_are_problems(void **state)
{
    static const struct {
        const char *method, *target;
        int code;
        const char *part;
    } rows[] = {
        {"GET", "/api/v1/targets/nobody", 404, "\"detail\":\"No such target\""},
        {"GET", "/api/v1/targets/a%00b", 404, "\"instance\":\"/api/v1/targets/a%00b\""},
        {"GET", "/api/v1/nothing", 404, "\"title\":\"Not Found\""},
        {"DELETE", "/api/v1/targets", 405, "\"status\":405"},
        {"GET", "/api/v1/targets?limit=x", 422, "\"pointer\":\"?limit\""},
        {"GET", "/api/v1/targets?nothing=x", 400, "\"pointer\":\"?nothing\""},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t response;
        fetch(world, rows[i].method, rows[i].target, "", &response);
        assert_int_equal(response.code, rows[i].code);
        assert_true(has_header(&response, "Content-Type", "application/problem+json"));
        assert_non_null(strstr(response.body, rows[i].part));
        assert_int_equal(has_header(&response, "Allow", "GET"), rows[i].code == 405);
    }
    response_t response;
    get(world, "/nothing", "", &response);
    assert_true(has_header(&response, "Content-Type", "application/json"));
    assert_string_equal(response.body, "{\"detail\":\"Not Found\"}");
}

static void the_description_of_the_routes_is_served(void **state)
{
    world_t *world = *state;
    response_t response;
    get(world, "/api/v1/openapi.yaml", "", &response);
    assert_int_equal(response.code, 200);
    assert_true(has_header(&response, "Content-Type", "application/yaml"));
    FILE *file = fopen(HEALTHD_SOURCE_DIR "/gateway/openapi.yaml", "r");
    assert_non_null(file);
    static char expected[sizeof response.body];
    size_t n = fread(expected, 1, sizeof expected, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(response.n_body, n);
    assert_memory_equal(response.body, expected, n);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_state_is_asked_for_once_and_then_followed),
        WORLD_TEST(a_gap_is_healed_by_a_question),
        WORLD_TEST(without_a_state_the_answer_is_a_problem),
        WORLD_TEST(one_target_is_shown_whole_and_by_its_tag),
        WORLD_TEST(one_target_shows_its_pause_and_its_evidence),
        WORLD_TEST(without_evidence_in_time_the_answer_is_a_problem),
        WORLD_TEST(errors_below_the_api_are_problems),
        WORLD_TEST(the_description_of_the_routes_is_served),
    };
    zsys_handler_set(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
