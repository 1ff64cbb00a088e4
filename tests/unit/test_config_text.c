/* Which texts a configuration takes, by their types. */
#include <string.h>

#include <healthd/snapshot.h>

#include "core/config_text.h"
#include "tests/test.h"

static void each_type_has_its_texts(void **state)
{
    (void)state;
    static const struct {
        schema_type_t type;
        const char *text;
        bool is_taken;
    } rows[] = {
        {SCHEMA_NAME, "a.b_c:/@+-9", true},
        {SCHEMA_NAME, "", false},
        {SCHEMA_NAME, "a b", false},
        {SCHEMA_NAME, "caf\xc3\xa9", false},
        {SCHEMA_WORD, "", true}, /* its length is the row's matter */
        {SCHEMA_WORD, "caf\xc3\xa9", true},
        {SCHEMA_WORD, "a b", false},
        {SCHEMA_WORD, "a\x7f", false},
        {SCHEMA_PATH, "", false},
        {SCHEMA_PATH, "a b/c", true},
        {SCHEMA_TOKEN, "", false},
        {SCHEMA_TOKEN, "a~b", true},
        {SCHEMA_TOKEN, "a b", false},
        {SCHEMA_TOKEN, "a\x7f", false},
        {SCHEMA_FIELD, "", true},
        {SCHEMA_FIELD, "a\tb \xc3\xa9", true},
        {SCHEMA_FIELD, "a\nb", false},
        {SCHEMA_FIELD, "a\x7f", false},
        {SCHEMA_ENDPOINT, "tcp://127.0.0.1:5556", true},
        {SCHEMA_ENDPOINT, "tcp://127.0.0.1", false},
        {SCHEMA_ENDPOINT, "ipc:///tmp/x", true},
        {SCHEMA_ENDPOINT, "ipc://", false},
        {SCHEMA_ENDPOINT, "udp://127.0.0.1:1", false},
        {SCHEMA_ADDRESS, "127.0.0.1:80", true},
        {SCHEMA_ADDRESS, "127.0.0.1", false},
        {SCHEMA_REDIS_URL, "NONE", true},
        {SCHEMA_REDIS_URL, "redis://h", true},
        {SCHEMA_REDIS_URL, "http://h", false},
        {SCHEMA_HTTP_URL, "https://h/x", true},
        {SCHEMA_HTTP_URL, "none", false},
        {SCHEMA_PROXY, "socks5h://u:p@h:1080", true},
        {SCHEMA_PROXY, "HTTP://h", true},
        {SCHEMA_PROXY, "ftp://h", false},
        {SCHEMA_PROXY, "http://", false},
        {SCHEMA_SECRET, "", true},
        {SCHEMA_CONDITION, "any text", true}, /* the compiler says more */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (config_text_is(rows[i].type, rows[i].text) != rows[i].is_taken)
            fail_msg("type %d: \"%s\"", (int)rows[i].type, rows[i].text);
    }
}

static void each_type_has_its_length(void **state)
{
    (void)state;
    static const struct {
        schema_type_t type;
        size_t most; /* bytes */
        const char *start;
    } rows[] = {
        {SCHEMA_NAME, TARGET_NAME_MAX_BYTES, ""},
        {SCHEMA_PATH, SCHEMA_TEXT_MAX_BYTES, ""},
        {SCHEMA_TEXT, SCHEMA_TEXT_MAX_BYTES, ""},
        {SCHEMA_FIELD, SCHEMA_TEXT_MAX_BYTES, ""},
        {SCHEMA_SECRET, SCHEMA_SECRET_MAX_BYTES, ""},
        {SCHEMA_CONDITION, CONDITION_TEXT_MAX_BYTES, ""},
        {SCHEMA_TOKEN, 1024, ""},
        {SCHEMA_ENDPOINT, CONFIG_ENDPOINT_MAX_BYTES, "ipc://"},
    };
    static char text[1 << 17];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(rows[i].most + 1 < sizeof text);
        memset(text, 'a', rows[i].most + 1);
        memcpy(text, rows[i].start, strlen(rows[i].start));
        text[rows[i].most + 1] = '\0';
        if (config_text_is(rows[i].type, text))
            fail_msg("type %d takes %zu bytes", (int)rows[i].type, rows[i].most + 1);
        text[rows[i].most] = '\0';
        if (!config_text_is(rows[i].type, text))
            fail_msg("type %d refuses %zu bytes", (int)rows[i].type, rows[i].most);
    }
}

/* A proxy is a text of some length and an http URL: what is longer than either is none. */
static void a_proxy_that_is_too_long_is_none(void **state)
{
    (void)state;
    static char text[SCHEMA_TEXT_MAX_BYTES + 2];
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "http://", 7);
    assert_int_equal(strlen(text), SCHEMA_TEXT_MAX_BYTES + 1);
    assert_false(config_text_is(SCHEMA_PROXY, text));
}

static void names_of_labels_and_headers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_label, is_header;
    } rows[] = {
        {"", false, false},    {"a", true, true},    {"Z_9", true, true},   {"_x", true, true},
        {"9a", false, true},   {"a-b", false, true}, {"a:b", false, false}, {"a b", false, false},
        {"[a]", false, false}, {"~a|", false, true}, {"{a}", false, false}, {"a@", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (config_text_is_label(rows[i].name) != rows[i].is_label)
            fail_msg("label \"%s\"", rows[i].name);
        if (config_text_is_header(rows[i].name) != rows[i].is_header)
            fail_msg("header \"%s\"", rows[i].name);
    }
    char name[130];
    memset(name, 'a', sizeof name);
    name[129] = '\0';
    assert_false(config_text_is_header(name));
    name[128] = '\0';
    assert_true(config_text_is_header(name));
    name[65] = '\0';
    assert_false(config_text_is_label(name));
    name[64] = '\0';
    assert_true(config_text_is_label(name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_has_its_texts),
        cmocka_unit_test(each_type_has_its_length),
        cmocka_unit_test(a_proxy_that_is_too_long_is_none),
        cmocka_unit_test(names_of_labels_and_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
