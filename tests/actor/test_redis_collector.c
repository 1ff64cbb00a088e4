/* The Redis collector against a real redis-server and against peers that behave badly. */
#include "tests/actor/redis_world.h"

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

/* --- conditions over INFO --- */

/* The result of one check of URL whose only condition is TEXT. */
static void check_condition(char *url, const char *text, int status, int reason)
{
    conditions_t conditions = {.n_conditions = 0};
    const condition_vocabulary_t vocabulary = {.probe = "redis",
                                               .values = condition_values_of("redis")};
    condition_error_t error;
    assert_int_equal(conditions_add(&conditions, false, text, strlen(text), &vocabulary, &error),
                     0);
    target_t target = target_at(url);
    target.conditions = &conditions;
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    const probe_result_t *result = support_collector_result_of(collector, name, DEADLINE_MS);
    if (result->status != status || result->reason != reason)
        fail_msg("%s: %s, %s, %s", text, status_name(result->status), reason_name(result->reason),
                 result->error ? result->error : "no error");
    assert_in_range(result->latency_us, 1, TIMEOUT_MS * 1000);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    conditions_clear(&conditions);
}

static void conditions_look_at_info(void **state)
{
    (void)state;
    server_t server = start_server("--requirepass", "geheim");
    static const struct {
        const char *condition;
        int status, reason;
    } rows[] = {
        {"body.role == \"master\"", STATUS_OK, REASON_NONE},
        {"body.role == \"slave\"", STATUS_DOWN, REASON_CONDITION},
        {"body.used_memory < 1000000000", STATUS_OK, REASON_NONE},
        {"body.used_memory < 1000", STATUS_DOWN, REASON_CONDITION},
        {"body.no_such_field == 1", STATUS_DOWN, REASON_MISSING_VALUE},
        {"output == \"PONG\"", STATUS_OK, REASON_NONE},
        {"latency < 5s", STATUS_OK, REASON_NONE},
    };
    char url[96];
    (void)snprintf(url, sizeof url, "redis://:geheim@127.0.0.1:%u/3", (unsigned)server.port);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_condition(url, rows[i].condition, rows[i].status, rows[i].reason);
    stop_server(&server);
}

/* Writes the rights of a server's only user, "probe". */
static void write_rights(const char *path, const char *rights)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "user default off\nuser probe on >geheim %s\n", rights) > 0);
    assert_int_equal(fclose(file), 0);
}

static void a_user_has_the_rights_of_its_acl(void **state)
{
    (void)state;
    char folder[64];
    char path[96];
    char url[96];
    support_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/users.acl", folder);
    write_rights(path, "+ping +select");
    server_t server = start_server("--aclfile", path);
    (void)snprintf(url, sizeof url, "redis://probe:geheim@127.0.0.1:%u/3", (unsigned)server.port);
    check_once(url, TIMEOUT_MS, STATUS_OK, REASON_NONE, NULL);
    check_condition(url, "output == \"PONG\"", STATUS_OK, REASON_NONE);
    check_condition(url, "body.role == \"master\"", STATUS_DOWN, REASON_MISSING_VALUE);
    (void)snprintf(url, sizeof url, "redis://:geheim@127.0.0.1:%u/3", (unsigned)server.port);
    check_once(url, TIMEOUT_MS, STATUS_DOWN, REASON_AUTHENTICATION, NULL);
    stop_server(&server);
    write_rights(path, "+info");
    server = start_server("--aclfile", path);
    (void)snprintf(url, sizeof url, "redis://probe:geheim@127.0.0.1:%u", (unsigned)server.port);
    check_once(url, TIMEOUT_MS, STATUS_DOWN, REASON_AUTHENTICATION, NULL);
    stop_server(&server);
    support_remove_folder(folder);
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
        cmocka_unit_test(conditions_look_at_info),
        cmocka_unit_test(a_user_has_the_rights_of_its_acl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
