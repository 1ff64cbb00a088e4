/* The HTTP collector against real sockets, and against peers that behave badly. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "actors/io/curl_io.h"
#include "tests/actor/http_world.h"

/* --- the delivered cases --- */

static void all_services_ok(void **state)
{
    (void)state;
    static const char *const names[] = {"main_backend", "scheduler", "risk_guard", "ai_system",
                                        "system_health_monitor"};
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    target_t targets[COUNT_OF(names)];
    char urls[COUNT_OF(names)][64];
    for (size_t i = 0; i < COUNT_OF(names); i++)
        targets[i] = target_at(names[i], KIND_SERVICE, support_tcp_port(server), urls[i]);
    int64_t before_us = clock_wall_us();
    support_collector_t *collector =
        support_collector_start(http_collector_actor, targets, COUNT_OF(targets));
    bool was_seen[COUNT_OF(names)] = {false};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
        assert_int_equal(result->status, STATUS_OK);
        assert_int_equal(result->reason, REASON_NONE);
        assert_string_equal(result->details, "{\"status\":\"ok\"}");
        assert_null(result->error);
        assert_in_range(result->latency_us, 1, TIMEOUT_MS * 1000);
        assert_true(result->finished_at_us >= before_us);
        assert_true(result->finished_at_us <= clock_wall_us());
        for (size_t j = 0; j < COUNT_OF(names); j++)
            if (strcmp(result->target, names[j]) == 0) {
                assert_false(was_seen[j]);
                was_seen[j] = true;
            }
    }
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_true(was_seen[i]);
    assert_int_equal(support_tcp_n_connections(server), COUNT_OF(names));
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&server);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        free(targets[i].name);
}

static void service_down_on_timeout(void **state)
{
    (void)state;
    scene_t *scene =
        play(&(support_tcp_behaviour_t){.is_kept_open = true}, KIND_SERVICE, SHORT_TIMEOUT_MS);
    assert_timeout(scene->result, REASON_TIMEOUT_RESPONSE);
    end_scene(scene);
}

static void status_503_is_down_and_404_is_degraded(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        target_kind_t kind;
        status_t status;
        const char *details, *error;
    } rows[] = {
        {CODE_ANSWER("503 Service Unavailable"), KIND_SERVICE, STATUS_DOWN, "{\"status_code\":503}",
         NULL},
        {CODE_ANSWER("404 Not Found"), KIND_SERVICE, STATUS_DEGRADED, "{\"status_code\":404}",
         NULL},
        {CODE_ANSWER("301 Moved"), KIND_SERVICE, STATUS_DEGRADED, "{\"status_code\":301}", NULL},
        {"HTTP/1.1 204 No Content\r\n\r\n", KIND_SERVICE, STATUS_DEGRADED, "{\"status_code\":204}",
         NULL},
        {CODE_ANSWER("503 Service Unavailable"), KIND_INFRASTRUCTURE, STATUS_DEGRADED, NULL,
         "Status code: 503"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        scene_t *scene =
            play(&(support_tcp_behaviour_t){.answer = rows[i].answer}, rows[i].kind, TIMEOUT_MS);
        const probe_result_t *result = scene->result;
        assert_int_equal(result->status, rows[i].status);
        assert_int_equal(result->reason, REASON_STATUS);
        assert_in_range(result->latency_us, 1, TIMEOUT_MS * 1000);
        assert_string_equal(rows[i].details ? result->details : result->error,
                            rows[i].details ? rows[i].details : rows[i].error);
        end_scene(scene);
    }
}

/* --- peers that give no answer --- */

static void refused_connection_fails_without_latency(void **state)
{
    (void)state;
    static const struct {
        target_kind_t kind;
        const char *start;
    } rows[] = {{KIND_SERVICE, "Connection failed: "},
                {KIND_INFRASTRUCTURE, "Postgres check failed: "}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char url[64];
        target_t target = target_at("a", rows[i].kind, support_free_port(), url);
        support_collector_t *collector = support_collector_start(http_collector_actor, &target, 1);
        const probe_result_t *result = support_collector_result_of(collector, "a", DEADLINE_MS);
        assert_int_equal(result->status, STATUS_DOWN);
        assert_int_equal(result->reason, REASON_REFUSED);
        assert_int_equal(result->latency_us, LATENCY_NONE);
        assert_starts(result->error, rows[i].start);
        assert_true(strlen(result->error) > strlen(rows[i].start));
        support_collector_stop(&collector, STOP_DEADLINE_MS);
        free(target.name);
    }
}

static void broken_answers_are_unexpected_errors(void **state)
{
    (void)state;
    static const struct {
        support_tcp_behaviour_t behaviour;
        reason_t reason;
        const char *error;
    } rows[] = {
        {{.answer = NULL}, REASON_RESET, NULL},
        {{.answer = NULL, .is_reset = true}, REASON_RESET, NULL},
        {{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"}, REASON_RESET, NULL},
        {{.answer = "SSH-2.0-OpenSSH_9.2\r\n"}, REASON_PROTOCOL, NULL},
        {{.answer = "\x01\x02\xFF\xFE garbage\n\n"}, REASON_PROTOCOL, NULL},
        {{.answer = "HTTP/1.1 200 OK\r\nX: ", .n_fill = (size_t)4 << 20},
         REASON_PROTOCOL,
         "Unexpected error: Headers too long"},
        {{.answer = "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"},
         REASON_REDIRECT,
         "Unexpected error: Exceeded maximum allowed redirects."},
        {{.answer = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"},
         REASON_REDIRECT,
         "Unexpected error: Redirect to an address that is not allowed"},
        {{.answer =
              "HTTP/1.1 307 Go\r\nLocation: gopher://127.0.0.1/\r\nContent-Length: 4\r\n\r\nbody"},
         REASON_REDIRECT,
         "Unexpected error: Redirect to an address that is not allowed"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        scene_t *scene = play(&rows[i].behaviour, KIND_SERVICE, TIMEOUT_MS);
        const probe_result_t *result = scene->result;
        assert_int_equal(result->status, STATUS_DOWN);
        assert_int_equal(result->latency_us, LATENCY_NONE);
        assert_starts(result->error, "Unexpected error: ");
        assert_int_equal(result->reason, rows[i].reason);
        if (rows[i].error)
            assert_string_equal(result->error, rows[i].error);
        end_scene(scene);
    }
}

static void redirect_loop_ends_after_20_redirects(void **state)
{
    (void)state;
    scene_t *scene = play(
        &(support_tcp_behaviour_t){
            .answer = "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"},
        KIND_SERVICE, TIMEOUT_MS);
    assert_int_equal(scene->result->reason, REASON_REDIRECT);
    assert_int_equal(support_tcp_n_connections(scene->server), 21);
    end_scene(scene);
}

static void redirect_is_followed_to_a_name(void **state)
{
    (void)state;
    support_tcp_t *second = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    char answer[256];
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 301 Moved\r\nLocation: http://localhost:%u/new\r\n"
                   "Content-Length: 9\r\n\r\nover here",
                   (unsigned)support_tcp_port(second));
    scene_t *scene = play(&(support_tcp_behaviour_t){.answer = answer}, KIND_SERVICE, TIMEOUT_MS);
    assert_int_equal(scene->result->status, STATUS_OK);
    assert_string_equal(scene->result->details, "{\"status\":\"ok\"}");
    assert_int_equal(support_tcp_n_connections(second), 1);
    end_scene(scene);
    support_tcp_stop(&second);
}

/* As a sign-on sends them: a query of some kilobytes. */
static void redirect_with_a_long_query_is_followed(void **state)
{
    (void)state;
    enum { N_QUERY = 6000 };
    support_tcp_t *second = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    char answer[N_QUERY + 256];
    int n_head = snprintf(answer, sizeof answer,
                          "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
                          "Location: http://127.0.0.1:%u/?state=",
                          (unsigned)support_tcp_port(second));
    memset(answer + n_head, '0', N_QUERY);
    memcpy(answer + n_head + N_QUERY, "\r\n\r\n", sizeof "\r\n\r\n");
    scene_t *scene = play(&(support_tcp_behaviour_t){.answer = answer}, KIND_SERVICE, TIMEOUT_MS);
    assert_int_equal(scene->result->status, STATUS_OK);
    assert_int_equal(support_tcp_n_connections(second), 1);
    end_scene(scene);
    support_tcp_stop(&second);
}

static void time_outs_name_their_phase(void **state)
{
    (void)state;
    static const struct {
        support_tcp_behaviour_t behaviour;
        const char *scheme;
        reason_t reason;
    } rows[] = {
        {{.answer = "HTTP/1.1 200 OK\r\n\r\n", .is_dripping = true},
         "http",
         REASON_TIMEOUT_RESPONSE},
        {{.is_dripping = true, .answer = "HTTP/1.1 200 OK\r\nX-"}, "http", REASON_TIMEOUT_RESPONSE},
        {{.is_kept_open = true}, "https", REASON_TIMEOUT_TLS},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_tcp_t *server = support_tcp_start(&rows[i].behaviour);
        char url[64];
        target_t target = target_at("slow", KIND_SERVICE, support_tcp_port(server), url);
        (void)snprintf(url, sizeof url, "%s://127.0.0.1:%u/", rows[i].scheme,
                       (unsigned)support_tcp_port(server));
        target.timeout_ms = SHORT_TIMEOUT_MS;
        target.check_interval_ms = SHORT_TIMEOUT_MS;
        support_collector_t *collector = support_collector_start(http_collector_actor, &target, 1);
        for (int round = 0; round < 2; round++) /* the second uses the same handle again */
            assert_timeout(support_collector_result_of(collector, "slow", DEADLINE_MS),
                           rows[i].reason);
        support_collector_stop(&collector, STOP_DEADLINE_MS);
        support_tcp_stop(&server);
        free(target.name);
    }
}

/* The kernel drops the SYNs to a listener whose queue is full. */
static void full_listener_times_out_while_connecting(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    int fillers[4];
    for (size_t i = 0; i < COUNT_OF(fillers); i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        assert_true(fillers[i] >= 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, size);
    }
    char url[64];
    target_t target = target_at("full", KIND_SERVICE, ntohs(address.sin_port), url);
    target.timeout_ms = SHORT_TIMEOUT_MS;
    support_collector_t *collector = support_collector_start(http_collector_actor, &target, 1);
    assert_timeout(support_collector_result_of(collector, "full", DEADLINE_MS),
                   REASON_TIMEOUT_CONNECT);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    for (size_t i = 0; i < COUNT_OF(fillers); i++)
        close(fillers[i]);
    close(listener);
    free(target.name);
}

/* --- the schedule --- */

static void hanging_target_delays_no_other(void **state)
{
    (void)state;
    enum { OTHERS_INTERVAL_MS = 100, HANG_TIMEOUT_MS = 2000 };
    support_tcp_t *good = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    support_tcp_t *bad = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char urls[3][64];
    target_t targets[] = {
        target_at("first", KIND_SERVICE, support_tcp_port(good), urls[0]),
        target_at("hangs", KIND_SERVICE, support_tcp_port(bad), urls[1]),
        target_at("third", KIND_SERVICE, support_tcp_port(good), urls[2]),
    };
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        targets[i].check_interval_ms = OTHERS_INTERVAL_MS;
    targets[1].timeout_ms = HANG_TIMEOUT_MS;
    support_collector_t *collector =
        support_collector_start(http_collector_actor, targets, COUNT_OF(targets));
    unsigned n_first = 0, n_third = 0;
    for (;;) {
        const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
        if (strcmp(result->target, "hangs") == 0) {
            assert_int_equal(result->reason, REASON_TIMEOUT_RESPONSE);
            break;
        }
        assert_int_equal(result->status, STATUS_OK);
        n_first += strcmp(result->target, "first") == 0;
        n_third += strcmp(result->target, "third") == 0;
    }
    /* 20 intervals passed, more or less on a busy machine; one that waits would show 1. */
    assert_in_range(n_first, 5, 22);
    assert_in_range(n_third, 5, 22);
    assert_int_equal(support_tcp_n_connections(bad), 1); /* no two checks under way */
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&good);
    support_tcp_stop(&bad);
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        free(targets[i].name);
}

static void more_targets_than_probes_each_have_one_result(void **state)
{
    (void)state;
    enum { N = 400 };
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    target_t *targets = calloc(N, sizeof *targets);
    char(*urls)[64] = calloc(N, sizeof *urls);
    assert_non_null(targets);
    assert_non_null(urls);
    bool was_seen[N] = {false};
    for (unsigned i = 0; i < N; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%u", i);
        targets[i] = target_at(name, KIND_SERVICE, support_tcp_port(server), urls[i]);
    }
    support_collector_t *collector = support_collector_start(http_collector_actor, targets, N);
    for (unsigned i = 0; i < N; i++) {
        const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
        assert_int_equal(result->status, STATUS_OK);
        unsigned long at = strtoul(result->target, NULL, 10);
        assert_in_range(at, 0, N - 1);
        assert_false(was_seen[at]);
        was_seen[at] = true;
    }
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&server);
    for (unsigned i = 0; i < N; i++)
        free(targets[i].name);
    free(targets);
    free(urls);
}

static bool has_connection(void *server)
{
    return support_tcp_n_connections(server) > 0;
}

static void term_ends_at_once_while_a_check_hangs(void **state)
{
    (void)state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char url[64];
    target_t target = target_at("hangs", KIND_SERVICE, support_tcp_port(server), url);
    support_collector_t *collector = support_collector_start(http_collector_actor, &target, 1);
    assert_true(support_wait_until(has_connection, server, DEADLINE_MS));
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&server);
    free(target.name);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_services_ok),
        cmocka_unit_test(service_down_on_timeout),
        cmocka_unit_test(status_503_is_down_and_404_is_degraded),
        cmocka_unit_test(refused_connection_fails_without_latency),
        cmocka_unit_test(broken_answers_are_unexpected_errors),
        cmocka_unit_test(redirect_loop_ends_after_20_redirects),
        cmocka_unit_test(redirect_is_followed_to_a_name),
        cmocka_unit_test(redirect_with_a_long_query_is_followed),
        cmocka_unit_test(time_outs_name_their_phase),
        cmocka_unit_test(full_listener_times_out_while_connecting),
        cmocka_unit_test(hanging_target_delays_no_other),
        cmocka_unit_test(more_targets_than_probes_each_have_one_result),
        cmocka_unit_test(term_ends_at_once_while_a_check_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
