/* The Redis collector against a real redis-server and against peers that behave badly. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/collectors.h"
#include "tests/support/support.h"
#include "tests/support/support_collector.h"
#include "tests/support/support_health.h"
#include "tests/support/support_tcp.h"
#include "tests/test.h"

enum {
    DEADLINE_MS = 15000,
    STOP_DEADLINE_MS = 1000,
    INTERVAL_MS = 60000,
    TIMEOUT_MS = 5000,
    SHORT_TIMEOUT_MS = 300
};

#define PREFIX "Redis ping failed: "

static char name[] = "redis";
static char error_prefix[] = PREFIX;

static target_t target_at(char *url)
{
    return (target_t){.name = name,
                      .kind = KIND_INFRASTRUCTURE,
                      .type = PROBE_REDIS,
                      .url = url,
                      .error_prefix = error_prefix,
                      .check_interval_ms = INTERVAL_MS,
                      .timeout_ms = TIMEOUT_MS};
}

/* --- a real server --- */

typedef struct {
    char folder[64];
    uint16_t port;
    pid_t pid;
} server_t;

static server_t start_server(const char *option, const char *value)
{
    server_t server = {.port = support_free_port()};
    support_make_folder(server.folder);
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)server.port);
    const char *const argv[] = {"redis-server", "--port",      port,     "--bind", "127.0.0.1",
                                "--dir",        server.folder, "--save", "",       "--appendonly",
                                "no",           option,        value,    NULL};
    server.pid = support_start(argv);
    support_wait_for_port(server.port);
    return server;
}

static void stop_server(const server_t *server)
{
    (void)support_stop(server->pid, SIGTERM);
    support_remove_folder(server->folder);
}

/* The result of one check of URL. */
static void check_once(char *url, uint32_t timeout_ms, int status, int reason, const char *error)
{
    target_t target = target_at(url);
    target.timeout_ms = timeout_ms;
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    const probe_result_t *result = support_collector_result_of(collector, name, DEADLINE_MS);
    assert_int_equal(result->status, status);
    assert_int_equal(result->reason, reason);
    assert_null(result->details);
    if (status == STATUS_OK) {
        assert_in_range(result->latency_us, 1, timeout_ms * 1000);
        assert_null(result->error);
    } else {
        assert_int_equal(result->latency_us, LATENCY_NONE);
        assert_non_null(result->error);
        assert_int_equal(strncmp(result->error, PREFIX, strlen(PREFIX)), 0);
        assert_true(strlen(result->error) > strlen(PREFIX));
        assert_null(strstr(result->error, "geheim"));
        if (error)
            assert_string_equal(result->error + strlen(PREFIX), error);
    }
    support_collector_stop(&collector, STOP_DEADLINE_MS);
}

/* --- the delivered cases --- */

static void redis_ok(void **state)
{
    (void)state;
    static const struct {
        const char *host, *path;
    } rows[] = {{"127.0.0.1", ""}, {"localhost", ""}, {"127.0.0.1", "/0"}, {"127.0.0.1", "/15"}};
    server_t server = start_server("--databases", "16");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char url[64];
        (void)snprintf(url, sizeof url, "redis://%s:%u%s", rows[i].host, (unsigned)server.port,
                       rows[i].path);
        check_once(url, TIMEOUT_MS, STATUS_OK, REASON_NONE, NULL);
    }
    stop_server(&server);
}

static void redis_down(void **state)
{
    (void)state;
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)support_free_port());
    check_once(url, TIMEOUT_MS, STATUS_DOWN, REASON_REFUSED, "Connection refused");
    (void)snprintf(url, sizeof url, "redis://localhost:%u", (unsigned)support_free_port());
    check_once(url, TIMEOUT_MS, STATUS_DOWN, REASON_REFUSED, "Connection refused");
    (void)snprintf(url, sizeof url, "rediss://127.0.0.1:1");
    check_once(url, TIMEOUT_MS, STATUS_DOWN, REASON_PROTOCOL, "Not a redis URL");
}

/* --- the same target over its ups and downs --- */

static void stopped_server_times_out_and_comes_back(void **state)
{
    (void)state;
    server_t server = start_server("--databases", "16");
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)server.port);
    target_t target = target_at(url);
    target.timeout_ms = SHORT_TIMEOUT_MS;
    target.check_interval_ms = 50;
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    assert_int_equal(support_collector_next(collector, DEADLINE_MS)->status, STATUS_OK);

    assert_int_equal(kill(server.pid, SIGSTOP), 0);
    const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
    while (result->status == STATUS_OK) /* those that ended before it stopped */
        result = support_collector_next(collector, DEADLINE_MS);
    assert_int_equal(result->status, STATUS_DOWN);
    assert_int_equal(result->reason, REASON_TIMEOUT_RESPONSE);
    assert_string_equal(result->error, PREFIX "Request timeout");
    assert_int_equal(result->latency_us, LATENCY_NONE);

    assert_int_equal(kill(server.pid, SIGCONT), 0);
    do
        result = support_collector_next(collector, DEADLINE_MS);
    while (result->status != STATUS_OK);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    stop_server(&server);
}

static void password_is_asked_for_and_never_told(void **state)
{
    (void)state;
    server_t server = start_server("--requirepass", "geheim");
    static const struct {
        const char *credentials, *path;
        int status, reason;
        const char *error;
    } rows[] = {
        {"", "", STATUS_DOWN, REASON_AUTHENTICATION, "NOAUTH Authentication required."},
        {":geheim@", "", STATUS_OK, REASON_NONE, NULL},
        {"default:geheim@", "/3", STATUS_OK, REASON_NONE, NULL},
        {":falsch@", "", STATUS_DOWN, REASON_AUTHENTICATION, NULL},
        {"nobody:geheim@", "", STATUS_DOWN, REASON_AUTHENTICATION, NULL},
        {":geheim@", "/99", STATUS_DOWN, REASON_REDIS_ERROR, "ERR DB index is out of range"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char url[96];
        (void)snprintf(url, sizeof url, "redis://%s127.0.0.1:%u%s", rows[i].credentials,
                       (unsigned)server.port, rows[i].path);
        check_once(url, TIMEOUT_MS, rows[i].status, rows[i].reason, rows[i].error);
    }
    stop_server(&server);
}

/* --- peers that are no Redis, or not one that works --- */

static void strange_peers_have_their_reason(void **state)
{
    (void)state;
    static const struct {
        support_tcp_behaviour_t behaviour;
        const char *credentials;
        int status, reason;
        const char *error;
    } rows[] = {
        {{.answer = "+PONG\r\n", .is_kept_open = true}, "", STATUS_OK, REASON_NONE, NULL},
        {{.answer = "-LOADING Redis is loading the dataset in memory\r\n", .is_kept_open = true},
         "",
         STATUS_DOWN,
         REASON_REDIS_LOADING,
         "LOADING Redis is loading the dataset in memory"},
        {{.answer = "-MASTERDOWN Link with MASTER is down\r\n", .is_kept_open = true},
         "",
         STATUS_DOWN,
         REASON_REDIS_MASTERDOWN,
         "MASTERDOWN Link with MASTER is down"},
        {{.answer = "-NOPERM this user has no permissions\r\n", .is_kept_open = true},
         "",
         STATUS_DOWN,
         REASON_AUTHENTICATION,
         "NOPERM this user has no permissions"},
        {{.answer = "-ERR max number of clients reached\r\n", .is_unasked = true},
         "",
         STATUS_DOWN,
         REASON_REDIS_ERROR,
         "ERR max number of clients reached"},
        {{.answer = "-ERR unknown command `AUTH`, with args beginning with: `geheim`\r\n"},
         ":geheim@",
         STATUS_DOWN,
         REASON_REDIS_ERROR,
         "AUTH refused"},
        {{.answer = ":1\r\n", .is_kept_open = true}, "", STATUS_DOWN, REASON_PROTOCOL, NULL},
        {{.answer = "$-1\r\n", .is_kept_open = true}, "", STATUS_DOWN, REASON_PROTOCOL, NULL},
        {{.answer = "*0\r\n", .is_kept_open = true}, "", STATUS_DOWN, REASON_PROTOCOL, NULL},
        {{.answer = "*2147483647\r\n", .is_kept_open = true},
         "",
         STATUS_DOWN,
         REASON_PROTOCOL,
         NULL},
        {{.answer = "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
          .is_kept_open = true},
         "",
         STATUS_DOWN,
         REASON_PROTOCOL,
         NULL},
        {{.answer = "HTTP/1.1 400 Bad Request\r\n\r\n", .is_kept_open = true},
         "",
         STATUS_DOWN,
         REASON_PROTOCOL,
         NULL},
        {{.answer = NULL}, "", STATUS_DOWN, REASON_RESET, NULL},
        {{.answer = NULL, .is_reset = true}, "", STATUS_DOWN, REASON_RESET, NULL},
        {{.answer = "+PO"}, "", STATUS_DOWN, REASON_RESET, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_tcp_t *server = support_tcp_start(&rows[i].behaviour);
        char url[64];
        (void)snprintf(url, sizeof url, "redis://%s127.0.0.1:%u", rows[i].credentials,
                       (unsigned)support_tcp_port(server));
        check_once(url, TIMEOUT_MS, rows[i].status, rows[i].reason, rows[i].error);
        support_tcp_stop(&server);
    }
}

static void every_step_is_within_the_time_out(void **state)
{
    (void)state;
    static const struct {
        support_tcp_behaviour_t behaviour;
        const char *credentials;
    } rows[] = {
        {{.is_kept_open = true}, ""},
        {{.is_kept_open = true}, ":geheim@"},
        {{.answer = "$1000000\r\n", .is_dripping = true}, ""},
        {{.answer = "+", .is_dripping = true}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_tcp_t *server = support_tcp_start(&rows[i].behaviour);
        char url[64];
        (void)snprintf(url, sizeof url, "redis://%s127.0.0.1:%u", rows[i].credentials,
                       (unsigned)support_tcp_port(server));
        check_once(url, SHORT_TIMEOUT_MS, STATUS_DOWN, REASON_TIMEOUT_RESPONSE, "Request timeout");
        support_tcp_stop(&server);
    }
}

static void endless_answer_is_cut_off(void **state)
{
    (void)state;
    support_tcp_t *server = support_tcp_start(
        &(support_tcp_behaviour_t){.answer = "$500000000\r\n", .n_fill = (size_t)500000000});
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)support_tcp_port(server));
    check_once(url, TIMEOUT_MS, STATUS_DOWN, REASON_PROTOCOL, "Answer out of bounds");
    assert_true(support_tcp_n_sent_bytes(server) < (size_t)100000000);
    support_tcp_stop(&server);
}

static bool has_connection(void *server)
{
    return support_tcp_n_connections(server) > 0;
}

static void term_ends_at_once_while_redis_hangs(void **state)
{
    (void)state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)support_tcp_port(server));
    target_t target = target_at(url);
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    assert_true(support_wait_until(has_connection, server, DEADLINE_MS));
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&server);
}

/* --- orders --- */

static order_t probe_order(uint64_t id, bool is_dry_run)
{
    return (order_t){.kind = ORDER_PROBE, .target = name, .order_id = id, .is_dry_run = is_dry_run};
}

static void assert_next(support_collector_t *collector, uint64_t order_id, bool is_dry_run)
{
    const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
    assert_int_equal(result->order_id, order_id);
    assert_int_equal(result->is_dry_run, is_dry_run);
}

static void an_order_is_carried_out_at_once(void **state)
{
    (void)state;
    server_t server = start_server("--databases", "16");
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)server.port);
    target_t target = target_at(url); /* whose interval is a minute */
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    assert_next(collector, 0, false);
    order_t order = probe_order(7, false);
    support_collector_order(collector, &order);
    assert_next(collector, 7, false);
    order = probe_order(8, true);
    support_collector_order(collector, &order);
    assert_next(collector, 8, true);
    order = (order_t){.kind = ORDER_PROBE, .target = support_text("other"), .order_id = 9};
    support_collector_order(collector, &order); /* another collector's */
    order = probe_order(10, false);
    support_collector_order(collector, &order);
    assert_next(collector, 10, false);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    stop_server(&server);
}

/* A probe under way answers every order that came meanwhile; it counts if it is the schedule's or
 * if one of them wants it to. */
static void a_probe_under_way_answers_orders(void **state)
{
    (void)state;
    static const struct {
        bool is_scheduled; /* what is under way; else an order's dry run */
        bool is_dry_run;   /* the order that comes meanwhile */
        bool result;
    } rows[] = {
        {true, true, false}, {true, false, false}, {false, true, true}, {false, false, false}};
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)support_tcp_port(server));
    target_t target = target_at(url);
    target.timeout_ms = SHORT_TIMEOUT_MS;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
        if (!rows[i].is_scheduled) {
            assert_next(collector, 0, false);
            order_t first = probe_order(1, true);
            support_collector_order(collector, &first);
        }
        order_t order = probe_order(2, rows[i].is_dry_run);
        support_collector_order(collector, &order);
        assert_next(collector, 2, rows[i].result);
        support_collector_stop(&collector, STOP_DEADLINE_MS);
    }
    support_tcp_stop(&server);
}

/* --- pauses --- */

static void a_paused_target_is_probed_by_order_alone(void **state)
{
    (void)state;
    server_t server = start_server("--databases", "16");
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)server.port);
    target_t target = target_at(url);
    target.check_interval_ms = 50;
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    assert_next(collector, 0, false);
    order_t order = {.kind = ORDER_PAUSE, .target = name};
    support_collector_order(collector, &order);
    support_collector_order(collector, &order);
    order = probe_order(1, false);
    support_collector_order(collector, &order);
    while (support_collector_next(collector, DEADLINE_MS)->order_id != 1)
        ; /* those from before the pause */
    assert_false(support_collector_has_more(collector, 500));
    order = probe_order(2, true);
    support_collector_order(collector, &order);
    assert_next(collector, 2, true);
    assert_false(support_collector_has_more(collector, 200));
    order = (order_t){.kind = ORDER_RESUME, .target = name};
    support_collector_order(collector, &order);
    for (int i = 0; i < 3; i++) /* at once, and then by the schedule */
        assert_next(collector, 0, false);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    stop_server(&server);
}

static void pause_and_resume_while_a_probe_is_under_way(void **state)
{
    (void)state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)support_tcp_port(server));
    target_t target = target_at(url);
    target.timeout_ms = SHORT_TIMEOUT_MS;
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    static const int kinds[] = {ORDER_PAUSE, ORDER_RESUME, ORDER_PAUSE};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        order_t order = {.kind = kinds[i], .target = name};
        support_collector_order(collector, &order);
    }
    assert_next(collector, 0, false);
    assert_false(support_collector_has_more(collector, 500));
    order_t order = {.kind = ORDER_RESUME, .target = name};
    support_collector_order(collector, &order);
    assert_next(collector, 0, false);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&server);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redis_ok),
        cmocka_unit_test(redis_down),
        cmocka_unit_test(stopped_server_times_out_and_comes_back),
        cmocka_unit_test(password_is_asked_for_and_never_told),
        cmocka_unit_test(strange_peers_have_their_reason),
        cmocka_unit_test(every_step_is_within_the_time_out),
        cmocka_unit_test(endless_answer_is_cut_off),
        cmocka_unit_test(term_ends_at_once_while_redis_hangs),
        cmocka_unit_test(an_order_is_carried_out_at_once),
        cmocka_unit_test(a_probe_under_way_answers_orders),
        cmocka_unit_test(a_paused_target_is_probed_by_order_alone),
        cmocka_unit_test(pause_and_resume_while_a_probe_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
