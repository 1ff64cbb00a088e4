/* Texts that grow, and what they make of JSON. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tests/test.h"

static void a_text_is_what_was_appended_in_order(void **state)
{
    (void)state;
    text_t text = {0};
    text_append(&text, "abcdef", 3);
    text_append(&text, "", 0);
    text_append(&text, NULL, 0);
    text_append_string(&text, "-");
    text_append_string(&text, "");
    text_appendf(&text, "%s %d%%", "x", 7);
    assert_string_equal(text.bytes, "abc-x 7%");
    assert_int_equal(text.size, 8);
    char *taken = text_take(&text);
    assert_string_equal(taken, "abc-x 7%");
    assert_null(text.bytes);
    assert_int_equal(text.size, 0);
    free(taken);
}

static void an_empty_text_is_taken_as_an_empty_string(void **state)
{
    (void)state;
    text_t text = {0};
    char *taken = text_take(&text);
    assert_string_equal(taken, "");
    free(taken);
}

static void a_text_grows_over_every_size(void **state)
{
    (void)state;
    text_t text = {0};
    char chunk[97];
    memset(chunk, 'x', sizeof chunk);
    size_t total = 0;
    for (size_t n = 0; n < sizeof chunk; n++) {
        text_append(&text, chunk, n);
        total += n;
        assert_int_equal(text.size, total);
        assert_true(text.capacity > text.size);
        if (total)
            assert_int_equal(strlen(text.bytes), total);
    }
    text_clear(&text);
    assert_null(text.bytes);
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *json;
    } rows[] = {
        {"", "\"\""},
        {"risk_guard", "\"risk_guard\""},
        {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
        {"\"", "\"\\\"\""},
        {"\n\r\t\b\f", "\"\\u000a\\u000d\\u0009\\u0008\\u000c\""},
        {"\x01\x1f ~\x7f", "\"\\u0001\\u001f ~\x7f\""},
        {"Größe 世界 😀", "\"Größe 世界 😀\""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text_t text = {0};
        text_append_json(&text, rows[i].plain);
        assert_string_equal(text.bytes, rows[i].json);
        text_clear(&text);
    }
}

static void a_failed_text_stays_failed_and_gives_nothing(void **state)
{
    (void)state;
    text_t text = {0};
    text_append_string(&text, "abc");
    text_append(&text, "x", SIZE_MAX / 2 + 10); /* too large to count; nothing is read */
    assert_true(text.is_failed);
    text_append_string(&text, "def");
    assert_string_equal(text.bytes, "abc");
    assert_null(text_take(&text));
    assert_false(text.is_failed); /* empty again */
    text_append_string(&text, "anew");
    assert_string_equal(text.bytes, "anew");
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_what_was_appended_in_order),
        cmocka_unit_test(an_empty_text_is_taken_as_an_empty_string),
        cmocka_unit_test(a_text_grows_over_every_size),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(a_failed_text_stays_failed_and_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
