/* Every type of probe: its row, and which URLs are its. */
#include <string.h>

#include "core/condition_values.h"
#include "core/probe_type.h"
#include "tests/test.h"

/* The type whose URL TEXT is, whole; PROBE_TYPE_COUNT: of none. */
static probe_type_t type_of(const char *text)
{
    probe_type_t type = probe_type_of_url(text);
    return type != PROBE_TYPE_COUNT && probe_type_row(type)->is_url(text) ? type : PROBE_TYPE_COUNT;
}

static void url_has_the_type_of_its_scheme(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        probe_type_t type;
    } rows[] = {
        {"http://h", PROBE_HTTP},
        {"HTTPS://h:1/a", PROBE_HTTP},
        {"redis://u:p@h/1", PROBE_REDIS},
        {"heartbeat:", PROBE_HEARTBEAT},
        {"dns://10.0.0.53", PROBE_DNS},
        {"dns://[::1]:5353", PROBE_DNS},
        {"postgresql://h/db", PROBE_POSTGRES},
        {"postgres://h", PROBE_POSTGRES},
        {"exec:/bin/true", PROBE_EXEC},
        {"tcp://h:22", PROBE_TCP},
        {"tls://h", PROBE_TLS},
        {"tls://h:8443", PROBE_TLS},
        {"host:load", PROBE_HOST},
        {"host:disk/var", PROBE_HOST},
        {"udp://h:53", PROBE_UDP},
        {"ws://h/a", PROBE_WEBSOCKET},
        {"wss://h:1/a?b", PROBE_WEBSOCKET},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(type_of(rows[i].url), rows[i].type);
}

static void what_is_not_whole_is_of_none(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "h",
        "://h",
        "ftp://h",
        "http:h",
        "http://",
        "redis:",
        "heartbeat:x",
        "heartbeat://h",
        "dns://",
        "dns://h:0",
        "postgres:h",
        "exec:true",
        "exec:",
        "tcp://h",
        "tcp://u:p@h:1",
        "tcp://h:1/path",
        "tls://",
        "tls://u@h",
        "tls://:p@h",
        "tls://h/path",
        "host:",
        "host:moon",
        "udp://h",
        "udp://u:p@h:1",
        "udp://h:1/path",
        "ws://",
        "wss:h",
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++)
        if (type_of(urls[i]) != PROBE_TYPE_COUNT)
            fail_msg("%s is one of the type %s", urls[i], probe_type_name(type_of(urls[i])));
}

static void each_row_is_whole(void **state)
{
    (void)state;
    for (int i = 0; i < PROBE_PASSIVE; i++) {
        const probe_type_row_t *row = probe_type_row((probe_type_t)i);
        assert_true(strlen(row->name) > 0);
        assert_non_null(row->schemes);
        assert_non_null(row->schemes[0]);
        assert_non_null(row->is_url);
        assert_true(strlen(row->url_form) > 0);
        assert_non_null(row->error_prefix);
        assert_true((row->keys != NULL) == (row->n_keys > 0));
        assert_true((row->keys != NULL) == (row->read != NULL && row->settings_bytes > 0));
        assert_true(row->values & CONDITION_BIT(CONDITION_REASON));
        assert_int_equal(probe_type_is_probed((probe_type_t)i), !row->is_pushed);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(row->name, probe_type_name((probe_type_t)j));
    }
    assert_false(probe_type_is_probed(PROBE_PASSIVE));
}

static void form_of_a_url_names_every_scheme(void **state)
{
    (void)state;
    text_t form = {0};
    probe_type_url_form(&form);
    assert_false(form.is_failed);
    for (int i = 0; i < PROBE_PASSIVE; i++)
        for (const char *const *scheme = probe_type_row((probe_type_t)i)->schemes; *scheme;
             scheme++)
            assert_non_null(strstr(form.bytes, *scheme));
    text_clear(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url_has_the_type_of_its_scheme),
        cmocka_unit_test(what_is_not_whole_is_of_none),
        cmocka_unit_test(each_row_is_whole),
        cmocka_unit_test(form_of_a_url_names_every_scheme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
