/* What is kept of the owners' answers, for whom, and what is shown where none come. */
#include <zlib.h>

#include "tests/actor/gateway_world.h"

static int setup(void **state)
{
    *state = world_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    world_destroy(*state);
    return 0;
}

static void the_read_after_a_clear_shows_it(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "GET", "/alerts/active", "", &response);
    assert_non_null(strstr(response.body, "\"count\":1"));
    fetch(world, "GET", "/health/system", "", &response);
    assert_int_equal(world->alerts.n_queries, 1);
    assert_int_equal(world->health.n_queries, 1);

    world->snapshot.version = 2; /* no news is sent: the answer alone tells */
    world->snapshot.status = SYSTEM_OK;
    world->alert_seq = 8;
    world->n_alerts = 0;
    fetch(world, "POST", "/alerts/" ALERT_ID "/clear", "", &response);
    assert_int_equal(response.code, 200);
    fetch(world, "GET", "/alerts/active", "", &response);
    assert_string_equal(response.body, "{\"alerts\":[],\"count\":0}");
    fetch(world, "GET", "/health/system", "", &response);
    assert_non_null(strstr(response.body, "{\"status\":\"OK\""));
}

static void a_thousand_readers_cost_one_question(void **state)
{
    enum { N_READERS = 100, N_PIPELINED = 10 };
    world_t *world = *state;
    world->health.mode = OWNER_HOLDS;
    reader_t *readers[N_READERS];
    for (size_t i = 0; i < N_READERS; i++) {
        readers[i] = reader_new(world);
        for (size_t k = 0; k < N_PIPELINED; k++)
            reader_ask(readers[i], "GET", "/health/system", "");
    }
    world_wait_queries(world, &world->health, 1);
    world_settle(world);
    assert_false(reader_has_something(readers[0]));
    world->health.mode = OWNER_ANSWERS;
    world_answer(world, &world->health);
    response_t first;
    reader_receive(readers[0], world, false, &first);
    for (size_t i = 0; i < N_READERS; i++) {
        for (size_t k = i == 0 ? 1 : 0; k < N_PIPELINED; k++) {
            response_t response;
            reader_receive(readers[i], world, false, &response);
            assert_int_equal(response.code, 200);
            assert_string_equal(response.body, first.body);
        }
        reader_destroy(&readers[i]);
    }
    assert_int_equal(world->health.n_queries, 1);
}

static void a_new_version_is_asked_for_once(void **state)
{
    world_t *world = *state;
    response_t response;
    for (uint64_t version = 2; version < 5; version++) {
        world_publish(world, version);
        for (int i = 0; i < 3; i++) {
            fetch(world, "GET", "/health/system", "", &response);
            assert_int_equal(response.code, 200);
        }
        assert_int_equal(world->health.n_queries, version - 1);
    }
    world_publish_alert(world, 50); /* says nothing about /health/system */
    fetch(world, "GET", "/health/system", "", &response);
    assert_int_equal(world->health.n_queries, 3);
    fetch(world, "GET", "/health/metrics", "", &response);
    world_publish_alert(world, 51);
    fetch(world, "GET", "/health/metrics", "", &response);
    assert_int_equal(world->health.n_queries, 5);
    assert_int_equal(world->alerts.n_queries, 2);
}

static void no_reader_is_shown_less_than_was_known(void **state)
{
    world_t *world = *state;
    world->health.mode = OWNER_HOLDS;
    reader_t *early = reader_new(world);
    reader_t *late = reader_new(world);
    reader_ask(early, "GET", "/health/system", "");
    world_wait_queries(world, &world->health, 1);
    uint64_t first_id = world->health.last->request_id;

    const snapshot_t old = world->snapshot;
    world->snapshot.status = SYSTEM_OK;
    world_publish(world, 2);
    reader_ask(late, "GET", "/health/system", "");
    world_settle(world);
    assert_int_equal(world->health.n_queries, 1);

    answer_t answer = {.request_id = first_id, .snapshot_version = 1};
    snapshot_t shown = old;
    answer.snapshot = &shown;
    assert_int_equal(
        frame_send(world->health.router, &answer_schema, &answer, world->health.identity), 0);
    response_t response;
    reader_receive(early, world, false, &response);
    assert_non_null(strstr(response.body, "{\"status\":\"CRITICAL\""));
    world_wait_queries(world, &world->health, 2);
    world_answer(world, &world->health);
    reader_receive(late, world, false, &response);
    assert_non_null(strstr(response.body, "{\"status\":\"OK\""));
    reader_destroy(&early);
    reader_destroy(&late);
}

static void an_unchanged_body_is_304(void **state)
{
    world_t *world = *state;
    response_t response;
    fetch(world, "GET", "/health/system", "", &response);
    char *etag = header_of(&response, "ETag");
    assert_non_null(etag);
    assert_string_equal(etag, "\"0123456789abcdef-1-0\"");
    char headers[256];
    (void)snprintf(headers, sizeof headers, "If-None-Match: \"x\", W/%s\r\n", etag);
    free(etag);
    reader_t *reader = reader_new(world);
    reader_ask(reader, "GET", "/health/system", headers);
    reader_receive(reader, world, false, &response);
    assert_int_equal(response.code, 304);
    assert_true(has_header(&response, "ETag", "\"0123456789abcdef-1-0\""));
    assert_true(has_header(&response, "Vary", "Accept-Encoding"));
    reader_ask(reader, "GET", "/livez", ""); /* the 304 had no body */
    reader_receive(reader, world, false, &response);
    assert_int_equal(response.code, 200);
    world_publish(world, 2);
    reader_ask(reader, "GET", "/health/system", headers);
    reader_receive(reader, world, false, &response);
    assert_int_equal(response.code, 200);
    reader_destroy(&reader);
    fetch(world, "GET", "/health", "", &response);
    assert_null(header_of(&response, "ETag"));
}

static void who_wants_gzip_gets_it(void **state)
{
    world_t *world = *state;
    char failure[900];
    memset(failure, 'x', sizeof failure);
    failure[sizeof failure - 1] = '\0';
    critical_failure_t failures[] = {{.text = failure}, {.text = failure}};
    world->snapshot.critical_failures = failures;
    world->snapshot.n_critical_failures = COUNT_OF(failures);
    response_t plain;
    fetch(world, "GET", "/health/system", "", &plain);
    assert_null(header_of(&plain, "Content-Encoding"));
    response_t packed;
    fetch(world, "GET", "/health/system", "Accept-Encoding: br, gzip;q=0.8\r\n", &packed);
    assert_true(has_header(&packed, "Content-Encoding", "gzip"));
    assert_true(has_header(&packed, "Vary", "Accept-Encoding"));
    assert_true(has_header(&packed, "ETag", "\"0123456789abcdef-1-0-gzip\""));
    char unpacked[8192];
    z_stream stream = {.next_in = (Bytef *)packed.body,
                       .avail_in = (uInt)packed.n_body,
                       .next_out = (Bytef *)unpacked,
                       .avail_out = sizeof unpacked};
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, plain.n_body);
    assert_memory_equal(unpacked, plain.body, plain.n_body);
    assert_int_equal(inflateEnd(&stream), Z_OK);
    assert_int_equal(world->health.n_queries, 1);
}

static void silence_is_503_and_ends_with_the_next_answer(void **state)
{
    static const char *const targets[] = {"/health/system", "/health/metrics", "/alerts/active",
                                          "/metrics"};
    world_t *world = *state;
    world->health.mode = OWNER_HOLDS;
    world->alerts.mode = OWNER_HOLDS;
    reader_t *readers[COUNT_OF(targets)];
    int64_t begun_us = clock_mono_us();
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        readers[i] = reader_new(world);
        reader_ask(readers[i], "GET", targets[i], "");
    }
    response_t response;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        reader_receive(readers[i], world, false, &response);
        assert_int_equal(response.code, 503);
        assert_true(has_header(&response, "Retry-After", "1"));
        assert_memory_equal(response.body, "{\"detail\":\"", 11);
        reader_destroy(&readers[i]);
    }
    assert_true(clock_mono_us() - begun_us >= ASK_ANSWER_US);
    fetch(world, "GET", "/readyz", "", &response);
    assert_int_equal(response.code, 503);
    assert_string_equal(response.body,
                        "{\"status\":\"not_ready\",\"actors\":{\"aggregator\":\"no_answer\","
                        "\"alert_manager\":\"no_answer\"}}");
    fetch(world, "POST", "/alerts/x/clear", "", &response);
    assert_int_equal(response.code, 503);
    fetch(world, "GET", "/livez", "", &response);
    assert_int_equal(response.code, 200);

    world->health.mode = OWNER_ANSWERS;
    world->alerts.mode = OWNER_ANSWERS;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        fetch(world, "GET", targets[i], "", &response);
        assert_int_equal(response.code, 200);
    }
    fetch(world, "GET", "/readyz", "", &response);
    assert_int_equal(response.code, 200);
}

static void readiness_names_who_is_silent(void **state)
{
    world_t *world = *state;
    world->alerts.mode = OWNER_HOLDS;
    response_t response;
    fetch(world, "GET", "/readyz", "", &response);
    assert_int_equal(response.code, 503);
    assert_non_null(strstr(response.body, "\"aggregator\":\"ok\",\"alert_manager\":\"no_answer\""));
}

static bool is_not_ready(void *context)
{
    static response_t response;
    fetch(context, "GET", "/readyz", "", &response);
    return response.code == 503;
}

static void readiness_ends_when_the_owners_fall_silent(void **state)
{
    world_t *world = *state;
    assert_false(is_not_ready(world));
    world->health.mode = OWNER_HOLDS;
    world->alerts.mode = OWNER_HOLDS;
    assert_true(support_wait_until(is_not_ready, world, DEADLINE_MS));
}

static void the_limits_used_last_are_kept(void **state)
{
    world_t *world = *state;
    response_t response;
    for (unsigned limit = 1; limit <= 20; limit++) {
        char target[64];
        (void)snprintf(target, sizeof target, "/alerts/history?limit=%u", limit);
        fetch(world, "GET", target, "", &response);
        assert_int_equal(world->alerts.n_queries, limit);
    }
    fetch(world, "GET", "/alerts/history?limit=20", "", &response);
    fetch(world, "GET", "/alerts/history?limit=13", "", &response);
    assert_int_equal(world->alerts.n_queries, 20);
    fetch(world, "GET", "/alerts/history?limit=1", "", &response);
    assert_int_equal(world->alerts.n_queries, 21);
}

static void an_answer_too_late_or_unasked_is_dropped(void **state)
{
    world_t *world = *state;
    world->health.mode = OWNER_HOLDS;
    response_t response;
    fetch(world, "GET", "/health/system", "", &response);
    assert_int_equal(response.code, 503);
    world_answer(world, &world->health); /* too late */
    answer_t unasked = {.request_id = 987654321, .snapshot = &world->snapshot};
    assert_int_equal(
        frame_send(world->health.router, &answer_schema, &unasked, world->health.identity), 0);
    world_settle(world);
    world->health.mode = OWNER_ANSWERS;
    fetch(world, "GET", "/health/system", "", &response);
    assert_int_equal(response.code, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_read_after_a_clear_shows_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_thousand_readers_cost_one_question, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_version_is_asked_for_once, setup, teardown),
        cmocka_unit_test_setup_teardown(no_reader_is_shown_less_than_was_known, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unchanged_body_is_304, setup, teardown),
        cmocka_unit_test_setup_teardown(who_wants_gzip_gets_it, setup, teardown),
        cmocka_unit_test_setup_teardown(silence_is_503_and_ends_with_the_next_answer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(readiness_names_who_is_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(readiness_ends_when_the_owners_fall_silent, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_limits_used_last_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_too_late_or_unasked_is_dropped, setup, teardown),
    };
    zsys_handler_set(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
