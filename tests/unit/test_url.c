/* http, https and redis URLs, addresses to listen on, and what is shown of a password. */
#include <stdlib.h>
#include <string.h>

#include "core/url.h"
#include "tests/test.h"

static void http_urls_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        uint16_t port;
        bool is_https, is_address;
    } rows[] = {
        {"http://localhost:8000", "localhost", 8000, false, false},
        {"https://api.binance.com/api/v3/ping", "api.binance.com", 443, true, false},
        {"http://localhost", "localhost", 80, false, false},
        {"HTTP://LOCALHOST/", "LOCALHOST", 80, false, false},
        {"hTTps://h", "h", 443, true, false},
        {"http://127.0.0.1:1/x", "127.0.0.1", 1, false, true},
        {"http://[::1]:65535/x?y#z", "::1", 65535, false, true},
        {"https://[2001:db8::7]", "2001:db8::7", 443, true, true},
        {"http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1", 80, false, true},
        {"http://h?x=/y:9", "h", 80, false, false},
        {"http://h#/y:9@z", "h", 80, false, false},
        {"http://user:pa:ss@h:81/", "h", 81, false, false},
        {"http://a@b@h/", "h", 80, false, false}, /* the last @ of the authority */
        {"http://h/a@b:9", "h", 80, false, false},
        {"http://under_score-1.example.", "under_score-1.example.", 80, false, false},
        {"http://b\xc3\xbc"
         "cher.example",
         "b\xc3\xbc"
         "cher.example",
         80, false, false},
        {"http://1.2.3", "1.2.3", 80, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        http_url_t url;
        if (http_url_parse(rows[i].text, &url))
            fail_msg("%s is refused", rows[i].text);
        assert_string_equal(url.host, rows[i].host);
        assert_int_equal(url.port, rows[i].port);
        assert_int_equal(url.is_https, rows[i].is_https);
        assert_int_equal(url.is_address, rows[i].is_address);
    }
}

static void what_is_no_http_url_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "localhost",
        "localhost:8000",
        "//localhost",
        "http:/localhost",
        "http:localhost",
        "ftp://localhost",
        "redis://localhost",
        "file:///etc/passwd",
        "http://",
        "https://",
        "http:///path",
        "http://?x",
        "http://:80",
        "http://h:",
        "http://h:0",
        "http://h:65536",
        "http://h:99999",
        "http://h:000080",
        "http://h:8o",
        "http://h:-1",
        "http://h:+1",
        "http://h:80:81",
        "http://h h",
        "http://h/a b",
        "http://h/\t",
        "http://h\n",
        "\nhttp://h",
        "http://h/\x7f",
        "http://[::1",
        "http://::1",
        "http://[::1]80",
        "http://[]",
        "http://[::g]",
        "http://[localhost]",
        "http://[127.0.0.1]",
        "http://[::1]]",
        "http://h\\x",
        "http://h\"",
        "http://h;x",
        "http://h,i",
        "http://h<",
        "http://u:p@",
        "http://h%41",
        "http://[fe80::1%25eth0]/",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        http_url_t url = {.port = 42};
        if (http_url_parse(texts[i], &url) != -1)
            fail_msg("%s is taken for a URL", texts[i]);
        assert_int_equal(url.port, 42); /* nothing was written */
    }
}

/* PREFIX and as many 'a' as make N bytes; to be freed. */
static char *long_text(const char *prefix, size_t n)
{
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, 'a', n);
    memcpy(text, prefix, strlen(prefix));
    text[n] = '\0';
    return text;
}

static void urls_and_hosts_have_a_longest_length(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        size_t n;
        int rc;
    } rows[] = {
        {"http://h/", URL_MAX_BYTES, 0},
        {"http://h/", URL_MAX_BYTES + 1, -1},
        {"http://", 7 + HOST_BYTES - 1, 0},
        {"http://", 7 + HOST_BYTES, -1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        http_url_t url;
        char *text = long_text(rows[i].prefix, rows[i].n);
        assert_int_equal(http_url_parse(text, &url), rows[i].rc);
        free(text);
    }
    redis_url_t url;
    char *text = long_text("redis://", 8 + HOST_BYTES);
    assert_int_equal(redis_url_parse(text, &url), -1);
    free(text);
    text = long_text("redis://:", 9 + 255 + 3); /* a password of 255 bytes, and of 256 */
    memcpy(text + 9 + 255, "@h", 3);
    assert_int_equal(redis_url_parse(text, &url), 0);
    assert_int_equal(strlen(url.password), 255);
    memcpy(text + 9 + 255, "a@h", 4);
    assert_int_equal(redis_url_parse(text, &url), -1);
    free(text);
}

static void redis_urls_are_split_and_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        uint16_t port;
        const char *user, *password;
        unsigned database;
        bool is_address;
    } rows[] = {
        {"redis://localhost:6379", "localhost", 6379, "", "", 0, false},
        {"redis://localhost", "localhost", 6379, "", "", 0, false},
        {"REDIS://h/", "h", 6379, "", "", 0, false},
        {"redis://h/15", "h", 6379, "", "", 15, false},
        {"redis://h:1/65535", "h", 1, "", "", 65535, false},
        {"redis://10.0.0.1/00003", "10.0.0.1", 6379, "", "", 3, true},
        {"redis://[::1]:7000/2", "::1", 7000, "", "", 2, true},
        {"redis://:secret@h", "h", 6379, "", "secret", 0, false},
        {"redis://user@h", "h", 6379, "user", "", 0, false},
        {"redis://user:pass@h:1/2", "h", 1, "user", "pass", 2, false},
        {"redis://:@h", "h", 6379, "", "", 0, false},
        {"redis://@h", "h", 6379, "", "", 0, false},
        {"redis://u%3a:p%40%2F%25:x@h", "h", 6379, "u:", "p@/%:x", 0, false},
        {"redis://:p@q@h", "h", 6379, "", "p@q", 0, false},
        {"redis://:%C3%BC+%20@h", "h", 6379, "", "\xc3\xbc+ ", 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        redis_url_t url;
        if (redis_url_parse(rows[i].text, &url))
            fail_msg("%s is refused", rows[i].text);
        assert_string_equal(url.host, rows[i].host);
        assert_int_equal(url.port, rows[i].port);
        assert_string_equal(url.user, rows[i].user);
        assert_string_equal(url.password, rows[i].password);
        assert_int_equal(url.database, rows[i].database);
        assert_int_equal(url.is_address, rows[i].is_address);
    }
}

static void host_is_found_whatever_the_scheme(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
    } rows[] = {
        {"https://u:p@shop.example.org:8443/a", "shop.example.org"},
        {"udp://[::1]", "::1"},
        {"redis://cache/3", "cache"},
        {"exec:/bin/true", ""},
        {"a-scheme-of-more-than-sixteen-bytes://h", ""},
        {"no url", ""},
        {NULL, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char host[HOST_BYTES];
        url_host(rows[i].url, host);
        assert_string_equal(host, rows[i].host);
    }
}

static void endpoint_is_split(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host, *user, *password, *path;
        uint16_t port;
        bool is_address;
    } rows[] = {
        {"tcp://h:1", "h", "", "", "", 1, false},
        {"TCP://h", "h", "", "", "", 7, false},
        {"tcp://[::1]:65535/a?b#c", "::1", "", "", "/a?b#c", 65535, true},
        {"tcp://u:p%40w@10.0.0.1?x", "10.0.0.1", "u", "p@w", "?x", 7, true},
        {"tcp://a@b@h:2", "h", "a@b", "", "", 2, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        endpoint_url_t url;
        assert_int_equal(endpoint_url_parse(rows[i].text, "tcp", 7, &url), 0);
        assert_string_equal(url.host, rows[i].host);
        assert_int_equal(url.port, rows[i].port);
        assert_int_equal(url.is_address, rows[i].is_address);
        assert_string_equal(url.user, rows[i].user);
        assert_string_equal(url.password, rows[i].password);
        assert_string_equal(url.path, rows[i].path);
    }
}

static void what_is_no_endpoint_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "tcp",
        "tcp:h:1",
        "tcp:/h:1",
        "tcps://h:1",
        "udp://h:1",
        "tcp://",
        "tcp://:1",
        "tcp://h:0",
        "tcp://h:65536",
        "tcp://h:",
        "tcp://[h]:1",
        "tcp://::1:1",
        "tcp://h:1 ",
        "tcp://h\n:1",
        "tcp://%4@h:1",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        endpoint_url_t url;
        assert_int_equal(endpoint_url_parse(texts[i], "tcp", 7, &url), -1);
    }
    endpoint_url_t url;
    assert_int_equal(endpoint_url_parse("tcp://h", "tcp", 0, &url), -1); /* a port must be said */
}

static void what_is_no_redis_url_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "none",
        "localhost",
        "http://h",
        "rediss://h",
        "redis:h",
        "redis://",
        "redis:///0",
        "redis://h/x",
        "redis://h/1/2",
        "redis://h/-1",
        "redis://h/65536",
        "redis://h/000001",
        "redis://h/0?x",
        "redis://h?db=1",
        "redis://h#0",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:",
        "redis://:p@",
        "redis://u:%4@h",
        "redis://u:%@h",
        "redis://u:%zz@h",
        "redis://u:%1g@h",
        "redis://u:%-1@h",
        "redis://u:%@1@h",
        "redis://u:%00@h",
        "redis://%00@h",
        "redis://h /0",
        "redis://h/ 0",
        "redis://::1/0",
        "redis:///var/run/redis.sock",
        "unix:///var/run/redis.sock",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        redis_url_t url = {.port = 42};
        if (redis_url_parse(texts[i], &url) != -1)
            fail_msg("%s is taken for a URL of Redis", texts[i]);
        assert_int_equal(url.port, 42);
    }
}

static void listen_addresses_need_a_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        uint16_t port;
    } good[] = {
        {"0.0.0.0:8080", "0.0.0.0", 8080}, {"127.0.0.1:1", "127.0.0.1", 1},
        {"[::]:8080", "::", 8080},         {"[::1]:65535", "::1", 65535},
        {"localhost:80", "localhost", 80}, {"*:5556", "0.0.0.0", 5556},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        char host[HOST_BYTES] = "";
        uint16_t port = 0;
        if (listen_address_parse(good[i].text, host, &port))
            fail_msg("%s is refused", good[i].text);
        assert_string_equal(host, good[i].host);
        assert_int_equal(port, good[i].port);
    }
    static const char *const bad[] = {
        "",
        ":",
        ":8080",
        "8080",
        "0.0.0.0",
        "0.0.0.0:",
        "0.0.0.0:0",
        "0.0.0.0:65536",
        "0.0.0.0:80 ",
        "::1:80",
        "[::1]",
        "[::]8080",
        "[::1:80",
        "*",
        "*:",
        "*:0",
        "*8080",
        "**:80",
        "http://0.0.0.0:80",
        "0.0.0.0:http",
        "0.0.0.0:80/x",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char host[HOST_BYTES] = "";
        uint16_t port = 42;
        if (listen_address_parse(bad[i], host, &port) != -1)
            fail_msg("%s is taken for an address", bad[i]);
        assert_int_equal(port, 42);
    }
}

static void a_password_is_never_shown(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
        size_t size;
    } rows[] = {
        {"nothing to hide", "nothing to hide", 80},
        {"", "", 80},
        {"redis://h:6379/0", "redis://h:6379/0", 80},
        {"redis://u:secret@h:6379/0", "redis://u:***@h:6379/0", 80},
        {"redis://:secret@h", "redis://:***@h", 80},
        {"redis://u@h", "redis://u@h", 80},
        {"redis://u@h:6379", "redis://u@h:6379", 80},
        {"redis://:@h", "redis://:***@h", 80}, /* nor that there is none */
        {"connect to redis://u:p:q@h failed", "connect to redis://u:***@h failed", 80},
        {"a://u:p@h b://v:q@i", "a://u:***@h b://v:***@i", 80},
        {"\"a://u:p@h\" 'b://v:q@i'", "\"a://u:***@h\" 'b://v:***@i'", 80},
        {"a://u:p@q@h", "a://u:***@h", 80},
        {"a://u:b://c@h", "a://u:***@h", 80},
        {"http://h:80/x@y", "http://h:80/x@y", 80},
        {"http://h:80/x:y@z", "http://h:80/x:y@z", 80},
        {"https://h/npm/@scope:1", "https://h/npm/@scope:1", 80},
        {"http://[::1]:80/x@y", "http://[::1]:80/x@y", 80},
        /* delimiters that should have been percent-encoded, but were not */
        {"redis://u:se/cret@h/0", "redis://u:***@h/0", 80},
        {"redis://:/secret@h", "redis://:***@h", 80},
        {"redis://u:se?cr#et@h", "redis://u:***@h", 80},
        {"redis://u:s@e/cret@h", "redis://u:***@h", 80},
        /* cut: the mask whole, characters whole, never a piece of the password */
        {"redis://u:secret@h", "redis://u:***@", 15},
        {"redis://u:secret@h", "redis://u:***", 14},
        {"redis://u:secret@h", "redis://u:", 13},
        {"abcdefgh\xc3\xbc"
         "ijkl",
         "abcdefgh", 10},
        {"abcdefgh\xe4\xb8\x96ijkl", "abcdefgh", 11},
        {"abcdefgh\xe4\xb8\x96ijkl", "abcdefgh\xe4\xb8\x96", 12},
        {"abcdefgh\xf0\x9f\x98\x80ijkl", "abcdefgh", 12},
        {"abcdefgh\xf0\x9f\x98\x80ijkl", "abcdefgh\xf0\x9f\x98\x80", 13},
        {"abc", "ab", 3},
        {"abc", "", 1},
        {"x", "x", 80},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char shown[80];
        memset(shown, '#', sizeof shown);
        url_redact(rows[i].text, shown, rows[i].size);
        if (strncmp(shown, rows[i].shown, strlen(rows[i].shown)) != 0 ||
            strlen(shown) > rows[i].size - 1)
            fail_msg("%s is shown as %s", rows[i].text, shown);
        if (rows[i].size == sizeof shown)
            assert_string_equal(shown, rows[i].shown);
        assert_null(strstr(shown, "secret"));
        assert_null(strstr(shown, "cret"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_urls_are_split),
        cmocka_unit_test(what_is_no_http_url_is_refused),
        cmocka_unit_test(urls_and_hosts_have_a_longest_length),
        cmocka_unit_test(redis_urls_are_split_and_decoded),
        cmocka_unit_test(host_is_found_whatever_the_scheme),
        cmocka_unit_test(endpoint_is_split),
        cmocka_unit_test(what_is_no_endpoint_is_refused),
        cmocka_unit_test(what_is_no_redis_url_is_refused),
        cmocka_unit_test(listen_addresses_need_a_port),
        cmocka_unit_test(a_password_is_never_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
