/* Whom a request connects to: kept connections, families, sockets, proxies. */
#include <sys/resource.h>

#include "tests/actor/curl_world.h"

#define OK "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nhi"

static char *text_of(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

static void url_at(char url[96], const char *host, uint16_t port, const char *path)
{
    (void)snprintf(url, 96, "http://%s:%u%s", host, (unsigned)port, path);
}

/* --- connections --- */

/* That healthd has no descriptor left says nothing about the target. */
static void lack_of_descriptors_is_our_own_fault(void **state)
{
    curl_world_t *world = *state;
    enum { FILLERS_MAX = 1024 };
    static int fillers[FILLERS_MAX];
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = before;
    few.rlim_cur = FILLERS_MAX / 2;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    size_t n = 0;
    while (n < FILLERS_MAX && (fillers[n] = dup(STDOUT_FILENO)) >= 0)
        n++;
    const curl_io_answer_t *answer = curl_world_get(world, "http://127.0.0.1:1/", NULL);
    curl_io_end_t end = answer->end;
    while (n-- > 0)
        close(fillers[n]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(end, CURL_IO_END_RESOURCES);
    assert_string_equal(world->text, "Too many open files");
    assert_int_equal(curl_world_get(world, "http://127.0.0.1:1/", NULL)->end, CURL_IO_END_CURL);
    assert_int_equal(world->answer.os_errno, ECONNREFUSED);
}

static void connection_is_kept_where_wanted(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {{"*", OK, 0}, {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    http_settings_t settings = curl_world_settings();
    settings.reuses_connection = true;
    curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
    server.is_kept_open = true;
    url_at(url, "127.0.0.1", server.port, "/");
    for (int round = 0; round < 3; round++) {
        const curl_io_answer_t *answer = curl_world_get(world, url, &settings);
        assert_answered(world, 200);
        assert_int_equal(answer->was_reused, round > 0);
        assert_int_equal(answer->phase_us[CURL_IO_PHASE_CONNECT] == -1, round > 0);
        assert_true(answer->is_connected);
    }
    assert_int_equal(server.n_connections, 1);
    settings.ip_protocol = IP_V4;
    assert_false(curl_world_get(world, url, &settings)->was_reused);
    assert_false(curl_world_get(world, url, NULL)->was_reused);
    assert_int_equal(server.n_connections, 3);
    curl_server_end(&server);
}

static void addresses_are_chosen_by_family_and_source(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {{"*", OK, 0}, {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    curl_server_begin(&server, world->loop.actor, "127.0.0.9", 0, rows);
    http_settings_t settings = curl_world_settings();
    settings.ip_protocol = IP_V6;
    url_at(url, "good.test", server.port, "/");
    assert_int_equal(curl_world_get(world, url, &settings)->end, CURL_IO_END_LOOKUP);
    assert_int_equal(world->answer.lookup_failure, REASON_DNS_NXDOMAIN);
    url_at(url, "127.0.0.9", server.port, "/");
    assert_int_equal(curl_world_get(world, url, &settings)->end, CURL_IO_END_LOOKUP);
    assert_string_equal(world->text, "Not an IPv6 address");

    settings.ip_protocol = IP_ANY;
    settings.source_address = text_of("127.0.0.77");
    url_at(url, "dual.test", server.port, "/");
    (void)curl_world_get(world, url, &settings);
    assert_answered(world, 200);
    assert_string_equal(world->ip, "127.0.0.9");
    settings.source_address = text_of("192.0.2.1"); /* not ours */
    assert_int_equal(curl_world_get(world, url, &settings)->code, CURLE_INTERFACE_FAILED);
    settings.source_address = text_of("no-such-interface");
    assert_int_not_equal(curl_world_get(world, url, &settings)->code, CURLE_OK);
    curl_server_end(&server);
}

/* two.test is 127.0.0.9 and 127.0.0.1. */
static void each_address_is_asked_and_the_worst_answer_told(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t good[] = {{"*", OK, 0}, {NULL, NULL, 0}};
    static const curl_row_t bad[] = {{"*", "HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nbad", 0},
                                     {NULL, NULL, 0}};
    curl_server_t first;
    curl_server_t second;
    char url[96];
    http_settings_t settings = curl_world_settings();
    settings.ip_protocol = IP_EACH;
    curl_server_begin(&first, world->loop.actor, "127.0.0.9", 0, good);
    curl_server_begin(&second, world->loop.actor, "127.0.0.1", first.port, bad);
    url_at(url, "two.test", first.port, "/");
    for (int round = 0; round < 3; round++) {
        (void)curl_world_get(world, url, &settings);
        assert_answered(world, 500);
        assert_string_equal(world->ip, "127.0.0.1");
        assert_string_equal(world->body, "bad");
        assert_holds(first.log, "Host: two.test");
        assert_int_equal(first.n_connections, round + 1);
        assert_int_equal(second.n_connections, round + 1);
    }
    second.rows = good;
    (void)curl_world_get(world, url, &settings);
    assert_answered(world, 200);
    curl_server_end(&second); /* now one of them refuses */
    const curl_io_answer_t *answer = curl_world_get(world, url, &settings);
    assert_int_equal(answer->code, CURLE_COULDNT_CONNECT);
    assert_int_equal(answer->os_errno, ECONNREFUSED);
    assert_string_equal(world->ip, "127.0.0.1");
    assert_false(answer->is_connected);
    curl_server_end(&first);
}

static void unix_socket_is_asked_in_place_of_the_host(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {{"*", OK, 0}, {NULL, NULL, 0}};
    curl_server_t server;
    char folder[] = "/tmp/healthd_unix_XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%s/s", folder);
    curl_server_listen(&server, world->loop.actor, socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0),
                       (struct sockaddr *)&at, sizeof at);
    server.rows = rows;
    http_settings_t settings = curl_world_settings();
    settings.unix_socket = at.sun_path;
    const curl_io_answer_t *answer = curl_world_get(world, "http://docker/info", &settings);
    assert_answered(world, 200);
    assert_holds(server.log, "GET /info HTTP/1.1\r\nHost: docker\r\n");
    assert_string_equal(world->ip, "");
    assert_int_equal(answer->phase_us[CURL_IO_PHASE_RESOLVE], -1);
    curl_server_end(&server);
    unlink(at.sun_path);
    assert_int_equal(curl_world_get(world, "http://docker/", &settings)->code,
                     CURLE_COULDNT_CONNECT);
    rmdir(folder);
}

static void proxy_is_asked_but_where_it_is_not_wanted(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t direct[] = {{"/", OK, 0}, {NULL, NULL, 0}};
    static const curl_row_t through[] = {
        {"http://far.test/", OK, 0},
        {"far.test:443", "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", 0},
        {"away.test:443", "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", 0},
        {NULL, NULL, 0}};
    curl_server_t server;
    curl_server_t proxy;
    char url[96];
    char proxy_url[96];
    curl_server_begin(&server, world->loop.actor, "127.0.0.9", 0, direct);
    curl_server_begin(&proxy, world->loop.actor, "127.0.0.9", 0, through);
    (void)snprintf(proxy_url, sizeof proxy_url, "http://u:p@good.test:%u", (unsigned)proxy.port);
    http_settings_t settings = curl_world_settings();
    settings.proxy = proxy_url;
    settings.no_proxy = text_of("127.0.0.0/8");
    settings.auth = HTTP_AUTH_BEARER;
    settings.token = text_of("secret");
    (void)curl_world_get(world, "http://far.test/", &settings);
    assert_answered(world, 200);
    assert_string_equal(world->ip, "127.0.0.9");
    assert_holds(proxy.log, "Proxy-Authorization: Basic dTpw\r\n");

    proxy.n_log = 0;
    assert_int_equal(curl_world_get(world, "https://far.test/", &settings)->end,
                     CURL_IO_END_PROXY_CREDENTIALS);
    assert_holds(proxy.log, "CONNECT far.test:443 HTTP/1.1\r\n");
    assert_lacks(proxy.log, "secret");
    assert_int_equal(curl_world_get(world, "https://away.test/", &settings)->end,
                     CURL_IO_END_PROXY);

    url_at(url, "127.0.0.9", server.port, "/");
    (void)curl_world_get(world, url, &settings);
    assert_answered(world, 200);
    assert_int_equal(server.n_connections, 1);
    settings.proxy = text_of("http://missing.test:3128");
    assert_int_equal(curl_world_get(world, "http://far.test/", &settings)->end, CURL_IO_END_LOOKUP);
    curl_server_end(&server);
    curl_server_end(&proxy);
}

static void version_that_is_demanded_is_held_to(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {{"*", OK, 0}, {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
    url_at(url, "127.0.0.1", server.port, "/");
    http_settings_t settings = curl_world_settings();
    settings.version = HTTP_VERSION_1_1;
    (void)curl_world_get(world, url, &settings);
    assert_answered(world, 200);
    settings.version = HTTP_VERSION_2;
    assert_int_equal(curl_world_get(world, url, &settings)->end, CURL_IO_END_VERSION);
    assert_string_equal(world->text, "The answer is not in HTTP/2");
    curl_server_end(&server);
}

int main(void)
{
    zsys_handler_set(NULL);
#define ROW(name) cmocka_unit_test_setup_teardown(name, curl_world_set_up, curl_world_tear_down)
    const struct CMUnitTest tests[] = {
        ROW(lack_of_descriptors_is_our_own_fault),
        ROW(connection_is_kept_where_wanted),
        ROW(addresses_are_chosen_by_family_and_source),
        ROW(each_address_is_asked_and_the_worst_answer_told),
        ROW(unix_socket_is_asked_in_place_of_the_host),
        ROW(proxy_is_asked_but_where_it_is_not_wanted),
        ROW(version_that_is_demanded_is_held_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
