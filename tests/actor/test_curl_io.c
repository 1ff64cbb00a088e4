/* Requests as the settings of a check want them, judged by what the servers received. */
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

/* --- what is sent --- */

static void request_is_what_the_settings_say(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {{"*", OK, 0}, {NULL, NULL, 0}};
    http_header_t headers[] = {{(char[]){"X-Key"}, (char[]){"k1"}},
                               {(char[]){"Host"}, (char[]){"other.example"}},
                               {(char[]){"User-Agent"}, (char[]){"mine"}},
                               {(char[]){"X-Empty"}, (char[]){""}}};
    http_header_t authorization[] = {{(char[]){"Authorization"}, (char[]){"Own abc"}}};
    const struct {
        http_settings_t settings;
        const char *bearer;
        const char *holds[4];
        const char *lacks[3];
    } table[] = {
        {{.method = NULL},
         NULL,
         {"GET / HTTP/1.1\r\n", "User-Agent: healthd/", "Accept: */*\r\n"},
         {"Authorization", "Content-", "Accept-Encoding"}},
        {{.method = (char[]){"POST"}, .body = (char[]){"a\0b"}, .n_body = 3},
         NULL,
         {"POST / HTTP/1.1\r\n", "Content-Length: 3\r\n"},
         {"Content-Type", "Expect"}},
        {{.method = (char[]){"POST"}}, NULL, {"POST / ", "Content-Length: 0\r\n"}, {"Expect"}},
        {{.method = (char[]){"PUT"}, .body = (char[]){"xy"}, .n_body = 2},
         NULL,
         {"PUT / HTTP/1.1\r\n", "\r\n\r\nxy"},
         {"Content-Type"}},
        {{.method = (char[]){"DELETE"}}, NULL, {"DELETE / HTTP/1.1\r\n"}, {"Content-Length"}},
        {{.headers = headers, .n_headers = COUNT_OF(headers)},
         NULL,
         {"X-Key: k1\r\n", "Host: other.example\r\n", "User-Agent: mine\r\n", "X-Empty:\r\n"},
         {"healthd", "127.0.0.1"}},
        {{.user_agent = (char[]){"agent/1"}}, NULL, {"User-Agent: agent/1\r\n"}, {"healthd"}},
        {{.auth = HTTP_AUTH_BASIC, .username = (char[]){"u"}, .password = (char[]){"p:q"}},
         NULL,
         {"Authorization: Basic dTpwOnE=\r\n"},
         {NULL}},
        {{.auth = HTTP_AUTH_BEARER, .token = (char[]){"t1"}},
         NULL,
         {"Authorization: Bearer t1\r\n"},
         {"Basic"}},
        {{.auth = HTTP_AUTH_BASIC, .username = (char[]){"u"}, .password = (char[]){"p"}},
         "t2",
         {"Authorization: Bearer t2\r\n"},
         {"Basic"}},
        {{.headers = authorization, .n_headers = 1},
         NULL,
         {"Authorization: Own abc\r\n"},
         {"Bearer"}},
        {{.headers = authorization, .n_headers = 1},
         "t3",
         {"Authorization: Bearer t3\r\n"},
         {"Own"}},
        {{.decompresses = true}, NULL, {"Accept-Encoding: gzip, deflate\r\n"}, {NULL}},
    };
    curl_server_t server;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char url[96];
        http_settings_t settings = table[i].settings;
        settings.body_limit_bytes = 1000;
        curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
        url_at(url, "127.0.0.1", server.port, "/");
        (void)curl_world_ask(world, url, &settings, table[i].bearer, CURL_WORLD_TIMEOUT_US);
        assert_answered(world, 200);
        for (size_t j = 0; j < COUNT_OF(table[i].holds) && table[i].holds[j]; j++)
            assert_holds(server.log, table[i].holds[j]);
        for (size_t j = 0; j < COUNT_OF(table[i].lacks) && table[i].lacks[j]; j++)
            assert_lacks(server.log, table[i].lacks[j]);
        curl_server_end(&server);
    }
}

static void head_has_no_body(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {{"*", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 0},
                                      {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    http_settings_t settings = curl_world_settings();
    settings.method = text_of("HEAD");
    curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
    url_at(url, "127.0.0.1", server.port, "/");
    const curl_io_answer_t *answer = curl_world_get(world, url, &settings);
    assert_answered(world, 200);
    assert_int_equal(answer->content_length, 500);
    assert_int_equal(answer->n_body, 0);
    assert_holds(server.log, "HEAD / HTTP/1.1\r\n");
    curl_server_end(&server);
}

/* --- redirects --- */

/* Two origins: the first, asked with every kind of credential, sends to the second. */
static void secrets_never_leave_their_origin(void **state)
{
    curl_world_t *world = *state;
    http_header_t headers[] = {{(char[]){"X-Api-Key"}, (char[]){"secret1"}},
                               {(char[]){"Cookie"}, (char[]){"c=secret2"}},
                               {(char[]){"Accept"}, (char[]){"text/plain"}}};
    const http_settings_t table[] = {
        {.auth = HTTP_AUTH_BASIC, .username = text_of("u"), .password = text_of("secret3")},
        {.auth = HTTP_AUTH_BEARER, .token = text_of("secret4")},
        {.headers = headers, .n_headers = COUNT_OF(headers), .keeps_cookies = true},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        curl_server_t first;
        curl_server_t second;
        char to_second[512];
        char to_first[256];
        char url[96];
        curl_row_t first_rows[] = {{"/", to_second, 0}, {"/back", OK, 0}, {NULL, NULL, 0}};
        curl_row_t second_rows[] = {{"*", to_first, 0}, {NULL, NULL, 0}};
        curl_server_begin(&first, world->loop.actor, "127.0.0.1", 0, first_rows);
        curl_server_begin(&second, world->loop.actor, "127.0.0.1", 0, second_rows);
        (void)snprintf(to_second, sizeof to_second,
                       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/\r\n"
                       "Set-Cookie: s=secret5\r\nContent-Length: 0\r\n\r\n",
                       (unsigned)second.port);
        (void)snprintf(to_first, sizeof to_first,
                       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/back\r\n"
                       "Content-Length: 0\r\n\r\n",
                       (unsigned)first.port);
        http_settings_t settings = table[i];
        settings.follows_redirects = true;
        settings.redirects_max = 5;
        settings.body_limit_bytes = 1000;
        url_at(url, "127.0.0.1", first.port, "/");
        const curl_io_answer_t *answer = curl_world_get(world, url, &settings);
        assert_answered(world, 200);
        assert_int_equal(answer->n_redirects, 2);
        char *way_back = strstr(first.log, "GET /back");
        assert_non_null(way_back);
        assert_true(strstr(first.log, "Authorization") || strstr(first.log, "secret1"));
        assert_lacks(way_back, "Authorization");
        assert_lacks(way_back, "secret");
        assert_lacks(second.log, "Authorization");
        assert_lacks(second.log, "Cookie");
        assert_lacks(second.log, "secret");
        if (i == 2)
            assert_holds(second.log, "Accept: text/plain\r\n");
        curl_server_end(&first);
        curl_server_end(&second);
    }
}

static void cookies_last_one_check(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {
        {"/login",
         "HTTP/1.1 302 Found\r\nLocation: /home\r\nSet-Cookie: s=42\r\nContent-Length: "
         "0\r\n\r\n",
         0},
        {"/home", OK, 0},
        {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    http_settings_t settings = curl_world_settings();
    for (int round = 0; round < 3; round++) { /* with, then twice without */
        curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
        url_at(url, "127.0.0.1", server.port, round == 1 ? "/home" : "/login");
        settings.keeps_cookies = round < 2;
        (void)curl_world_get(world, url, &settings);
        assert_answered(world, 200);
        if (round == 0)
            assert_holds(strstr(server.log, "GET /home"), "Cookie: s=42\r\n");
        else
            assert_lacks(server.log, "Cookie");
        curl_server_end(&server);
    }
}

static void methods_change_over_redirects_as_in_browsers(void **state)
{
    curl_world_t *world = *state;
    static const struct {
        int code;
        const char *method;
        const char *holds, *lacks;
    } table[] = {{301, "POST", "GET /to ", "BODY"},    {302, "POST", "GET /to ", "Content-"},
                 {303, "PUT", "GET /to ", "BODY"},     {307, "POST", "POST /to ", "GET /to"},
                 {308, "PUT", "PUT /to ", "GET /to"},  {302, "PUT", "PUT /to ", "GET /to"},
                 {303, "HEAD", "HEAD /to ", "GET /to"}};
    http_header_t headers[] = {{(char[]){"Content-Type"}, (char[]){"text/plain"}}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        curl_server_t server;
        char redirect[128];
        char url[96];
        const curl_row_t rows[] = {
            {"/", redirect, 0}, {"/to", "HTTP/1.1 204 No Content\r\n\r\n", 0}, {NULL, NULL, 0}};
        (void)snprintf(redirect, sizeof redirect,
                       "HTTP/1.1 %d Go\r\nLocation: /to\r\nContent-Length: 0\r\n\r\n",
                       table[i].code);
        http_settings_t settings = curl_world_settings();
        settings.method = text_of(table[i].method);
        settings.body = text_of("BODY");
        settings.n_body = 4;
        settings.headers = headers;
        settings.n_headers = 1;
        curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
        url_at(url, "127.0.0.1", server.port, "/");
        (void)curl_world_get(world, url, &settings);
        assert_answered(world, 204);
        const char *second = strstr(server.log, "/to ");
        assert_non_null(second);
        assert_holds(server.log, table[i].holds);
        while (second > server.log && second[-1] != '\n' && second[-1] != 'Y')
            second--;
        assert_lacks(second, table[i].lacks);
        curl_server_end(&server);
    }
}

static void redirects_stay_in_their_bounds(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {
        {"/far", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:1/\r\n\r\n", 0},
        {"/near", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", 0},
        {"/two", "HTTP/1.1 302 Found\r\nLocation: /near\r\nContent-Length: 4\r\n\r\nbody", 0},
        {"/ok", OK, 0},
        {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
    http_settings_t settings = curl_world_settings();
    settings.redirect_scope = REDIRECT_SAME_HOST;
    url_at(url, "127.0.0.1", server.port, "/far");
    assert_int_equal(curl_world_get(world, url, &settings)->end, CURL_IO_END_BAD_REDIRECT);
    assert_string_equal(world->text, "Redirect to another host");
    url_at(url, "127.0.0.1", server.port, "/near");
    (void)curl_world_get(world, url, &settings);
    assert_answered(world, 200);

    settings.redirects_max = 1;
    url_at(url, "127.0.0.1", server.port, "/two");
    assert_int_equal(curl_world_get(world, url, &settings)->end, CURL_IO_END_TOO_MANY_REDIRECTS);

    settings.follows_redirects = false;
    (void)curl_world_get(world, url, &settings);
    assert_answered(world, 302);
    assert_string_equal(world->body, "body");
    curl_server_end(&server);
}

int main(void)
{
    zsys_handler_set(NULL);
#define ROW(name) cmocka_unit_test_setup_teardown(name, curl_world_set_up, curl_world_tear_down)
    const struct CMUnitTest tests[] = {
        ROW(request_is_what_the_settings_say),
        ROW(head_has_no_body),
        ROW(secrets_never_leave_their_origin),
        ROW(cookies_last_one_check),
        ROW(methods_change_over_redirects_as_in_browsers),
        ROW(redirects_stay_in_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
