#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_text.h"
#include "tests/test.h"

/* Text and length of a literal, NULs in it included. */
#define BYTES(literal) (literal), sizeof(literal) - 1

static void check_row(const char *body, size_t n, const char *expected)
{
    char *copy = malloc(n + 1); /* exactly as long as the body: reading past it shows */
    assert_non_null(copy);
    memcpy(copy, body, n);
    char *shorter = realloc(copy, n ? n : 1);
    assert_non_null(shorter);
    char *text = json_text_of_body(shorter, n, false);
    assert_string_equal(text, expected);
    free(text);
    free(shorter);
}

static void json_of_any_type_is_kept_as_it_was_without_blanks(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *details;
    } rows[] = {
        {"{\"status\":\"ok\"}", "{\"status\":\"ok\"}"},
        {" { \"a\" : [ 1 , 2.50 ,\t-0 ] ,\r\n\"b\" : { } } \n", "{\"a\":[1,2.50,-0],\"b\":{}}"},
        {"[]", "[]"},
        {"[ ]", "[]"},
        {"42", "42"},
        {"-1.0E+2", "-1.0E+2"},
        {"1e-999", "1e-999"},
        {"0.10000000000000000000000000001", "0.10000000000000000000000000001"},
        {"\"text  with blanks\"", "\"text  with blanks\""},
        {"\"\\u00e4\\n\\\\\\\"\\/\"", "\"\\u00e4\\n\\\\\\\"\\/\""},
        {"\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""},
        {"\"\\uABCD\\uFFfe\"", "\"\\uABCD\\uFFfe\""},
        {"\"\\uDBFF\\uDFFF\"", "\"\\uDBFF\\uDFFF\""},
        {"\"\\u0000\"", "\"\\u0000\""},
        {"true", "true"},
        {"false", "false"},
        {" null ", "null"},
        {"{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"1e308", "1e308"},
        {"9223372036854775808.0", "9223372036854775808.0"},
        {"\"\xC3\xA4\"", "\"\xC3\xA4\""},
        {"\"\xFF\"", "\"\xEF\xBF\xBD\""}, /* repaired, and then it is JSON */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_row(rows[i].body, strlen(rows[i].body), rows[i].details);
}

static void what_is_not_json_is_shown_as_text(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t n;
        const char *details;
    } rows[] = {
        {BYTES(""), "{\"raw\":\"\"}"},
        {BYTES(" "), "{\"raw\":\" \"}"},
        {BYTES("OK"), "{\"raw\":\"OK\"}"},
        {BYTES("{\"a\":NaN}"), "{\"raw\":\"{\\\"a\\\":NaN}\"}"},
        {BYTES("Infinity"), "{\"raw\":\"Infinity\"}"},
        {BYTES("-Infinity"), "{\"raw\":\"-Infinity\"}"},
        {BYTES("1e999"), "{\"raw\":\"1e999\"}"},
        {BYTES("9223372036854775808"), "{\"raw\":\"9223372036854775808\"}"},
        {BYTES("-9223372036854775809"), "{\"raw\":\"-9223372036854775809\"}"},
        {BYTES("{} {}"), "{\"raw\":\"{} {}\"}"},
        {BYTES("{"), "{\"raw\":\"{\"}"},
        {BYTES("[1,]"), "{\"raw\":\"[1,]\"}"},
        {BYTES("{\"a\":1,}"), "{\"raw\":\"{\\\"a\\\":1,}\"}"},
        {BYTES("{a:1}"), "{\"raw\":\"{a:1}\"}"},
        {BYTES("[1 2]"), "{\"raw\":\"[1 2]\"}"},
        {BYTES("01"), "{\"raw\":\"01\"}"},
        {BYTES("1."), "{\"raw\":\"1.\"}"},
        {BYTES(".5"), "{\"raw\":\".5\"}"},
        {BYTES("1e"), "{\"raw\":\"1e\"}"},
        {BYTES("+1"), "{\"raw\":\"+1\"}"},
        {BYTES("-"), "{\"raw\":\"-\"}"},
        {BYTES("0x1p3"), "{\"raw\":\"0x1p3\"}"},
        {BYTES("tru"), "{\"raw\":\"tru\"}"},
        {BYTES("truex"), "{\"raw\":\"truex\"}"},
        {BYTES("\"open"), "{\"raw\":\"\\\"open\"}"},
        {BYTES("\"\\x\""), "{\"raw\":\"\\\"\\\\x\\\"\"}"},
        {BYTES("\"\\"), "{\"raw\":\"\\\"\\\\\"}"},
        {BYTES("\"\\u12"), "{\"raw\":\"\\\"\\\\u12\"}"},
        {BYTES("\"\\ud800\""), "{\"raw\":\"\\\"\\\\ud800\\\"\"}"},
        {BYTES("\"\\ud800\\u0041\""), "{\"raw\":\"\\\"\\\\ud800\\\\u0041\\\"\"}"},
        {BYTES("\"\\ud800\\n\""), "{\"raw\":\"\\\"\\\\ud800\\\\n\\\"\"}"},
        {BYTES("\"\\ud800\\ue000\""), "{\"raw\":\"\\\"\\\\ud800\\\\ue000\\\"\"}"},
        {BYTES("\"\\u00g0\""), "{\"raw\":\"\\\"\\\\u00g0\\\"\"}"},
        {BYTES("\"\\u00G0\""), "{\"raw\":\"\\\"\\\\u00G0\\\"\"}"},
        {BYTES("\"\\u00/0\""), "{\"raw\":\"\\\"\\\\u00/0\\\"\"}"},
        {BYTES("\"\\u00:0\""), "{\"raw\":\"\\\"\\\\u00:0\\\"\"}"},
        {BYTES("\"\\udc00\""), "{\"raw\":\"\\\"\\\\udc00\\\"\"}"},
        {BYTES("\"a\nb\""), "{\"raw\":\"\\\"a\\u000ab\\\"\"}"},
        {BYTES("1\0"), "{\"raw\":\"1\\u0000\"}"},
        {BYTES("\"\0\""), "{\"raw\":\"\\\"\\u0000\\\"\"}"},
        {BYTES("\xEF\xBB\xBF{}"), "{\"raw\":\"\xEF\xBB\xBF{}\"}"},
        {BYTES("a\xFF"
               "b\xC3"),
         "{\"raw\":\"a\xEF\xBF\xBD"
         "b\xEF\xBF\xBD\"}"},
        {BYTES("\xE2\x82"
               "x"),
         "{\"raw\":\"\xEF\xBF\xBDx\"}"},                               /* one for a cut character */
        {BYTES("\xC0\xAF"), "{\"raw\":\"\xEF\xBF\xBD\xEF\xBF\xBD\"}"}, /* overlong */
        {BYTES("\xED\xA0\x80"), "{\"raw\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"}"},
        {BYTES("\xF4\x90"), "{\"raw\":\"\xEF\xBF\xBD\xEF\xBF\xBD\"}"}, /* beyond U+10FFFF */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_row(rows[i].body, rows[i].n, rows[i].details);
}

static void raw_holds_200_characters_not_bytes(void **state)
{
    (void)state;
    char body[4 * 300];
    char expected[sizeof body + 32];
    for (int i = 0; i < 300; i++)
        memcpy(body + 4 * i, "\xF0\x9F\x98\x80", 4);
    (void)snprintf(expected, sizeof expected, "{\"raw\":\"%.*s\"}", 4 * 200, body);
    check_row(body, sizeof body, expected);
}

static void nesting_is_json_up_to_24(void **state)
{
    (void)state;
    for (size_t depth = 23; depth <= 26; depth++) {
        char body[64] = {0};
        memset(body, '[', depth);
        memset(body + depth, ']', depth);
        char *text = json_text_of_body(body, 2 * depth, false);
        assert_non_null(text);
        assert_int_equal(text[0], depth <= JSON_TEXT_MAX_DEPTH ? '[' : '{');
        free(text);
    }
}

static void body_is_json_up_to_256_kib_and_only_if_whole(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        bool is_cut;
        bool is_json;
    } rows[] = {
        {262143, false, true}, {262144, false, true}, {262145, false, false},
        {262144, true, false}, {2, true, false},      {2, false, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *body = malloc(rows[i].n);
        assert_non_null(body);
        memset(body, 'a', rows[i].n);
        body[0] = '"';
        body[rows[i].n - 1] = '"';
        char *text = json_text_of_body(body, rows[i].n, rows[i].is_cut);
        assert_non_null(text);
        assert_int_equal(text[0], rows[i].is_json ? '"' : '{');
        assert_int_equal(strlen(text) == rows[i].n, rows[i].is_json);
        free(text);
        free(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_any_type_is_kept_as_it_was_without_blanks),
        cmocka_unit_test(what_is_not_json_is_shown_as_text),
        cmocka_unit_test(raw_holds_200_characters_not_bytes),
        cmocka_unit_test(nesting_is_json_up_to_24),
        cmocka_unit_test(body_is_json_up_to_256_kib_and_only_if_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
