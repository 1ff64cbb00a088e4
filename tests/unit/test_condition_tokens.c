/* Bytes of a condition as tokens: what no token begins with, numbers, quoted sources; and values
 * whose text is odd. */
#include <stdio.h>

#include "core/utf8.h"
#include "tests/unit/condition_world.h"

static void refuse(const char *text, condition_error_t *error,
                   char line[CONDITION_ERROR_LINE_BYTES])
{
    const condition_vocabulary_t vocabulary = world_vocabulary("http");
    condition_t *condition = NULL;
    if (condition_compile(text, strlen(text), &vocabulary, &condition, error) == 0)
        fail_msg("%s is taken", text);
    assert_null(condition);
    condition_error_line(error, line);
}

static void a_byte_that_begins_no_token_is_told_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "$",
        "status $",
        "status == $",
        "status in $",
        "status in ($",
        "status in (200 $",
        "status in (200, $",
        "status in (200) $",
        "not $",
        "($",
        "(connected $",
        "connected and $",
        "connected or $",
        "len$",
        "len($",
        "len(body$",
        "has(body)$",
        "5 $",
        "\"a\" $",
        "body =~ $",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        condition_error_t error;
        char line[CONDITION_ERROR_LINE_BYTES];
        refuse(texts[i], &error, line);
        if (strcmp(line, "$ is no part of the language") != 0)
            fail_msg("%s: %s", texts[i], line);
        assert_int_equal(error.offset, strlen(texts[i]) - 1);
        assert_int_equal(error.length, 1);
    }
}

static void what_a_refusal_quotes_is_legible(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } rows[] = {
        {"status == 200 [5]", "only body has parts, header a name and phase a phase"},
        {"status == \x7F", "a control character cannot stand here"},
        {"status == -x", "- is no part of the language"},
        {"status == 5+3", "+ is no part of the language"},
        {"status == 5-3", "-3 cannot stand here; expected and, or or the end"},
        {"body == \"a\\", "the text has no closing quote"},
        {"has(5)", "5 cannot stand here; expected the name of a value"},
        {"has(and)", "and cannot stand here; expected the name of a value"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_error_t error;
        char line[CONDITION_ERROR_LINE_BYTES];
        refuse(rows[i].text, &error, line);
        if (strcmp(line, rows[i].line) != 0)
            fail_msg("%s: %s", rows[i].text, line);
    }
    condition_error_t error;
    char line[CONDITION_ERROR_LINE_BYTES];
    refuse("len(\tbody)", &error, line);
    if (!strstr(line, "len( body) alone is neither true nor false"))
        fail_msg("%s", line);
}

/* A long text is cut between characters, wherever they lie. */
static void a_long_quoted_text_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t n_before = 0; n_before < 3; n_before++) {
        char text[1024] = "status == \"";
        for (size_t i = 0; i < n_before; i++)
            strncat(text, "x", 2);
        for (size_t i = 0; i < 200; i++)
            strncat(text, "\xE2\x82\xAC", 4);
        strncat(text, "\"", 2);
        condition_error_t error;
        char line[CONDITION_ERROR_LINE_BYTES];
        refuse(text, &error, line);
        assert_true(utf8_is_text(error.text, strlen(error.text)));
        assert_true(strlen(error.text) < strlen(text));
        if (!strstr(error.text, "status is a number"))
            fail_msg("%s", error.text);
    }
}

static void an_unknown_name_is_told_on_either_side(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "frob",           "frob == 5", "5 == frob",     "frob in (5)", "frob =~ \"x\"",
        "frob in body.x", "5 in frob", "len(frob) > 1", "not frob",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        condition_error_t error;
        char line[CONDITION_ERROR_LINE_BYTES];
        refuse(texts[i], &error, line);
        if (!strstr(line, "know no name frob"))
            fail_msg("%s: %s", texts[i], line);
        assert_int_equal(strncmp(texts[i] + error.offset, "frob", error.length), 0);
    }
}

static condition_observed_t answer(void)
{
    static const char body[] =
        "{\"quoted\":\"a\\\"b\\\\c\\u007f\",\"sum\":0.30000000000000004,\"yes\":true,\"no\":false,"
        "\"none\":\"\",\"other\":\"\",\"list\":[1,true,\"\"]}";
    static const condition_text_t answers[] = {{"\xFF", 1}};
    return (condition_observed_t){
        .present = UINT64_MAX,
        .status = 500,
        .body = TEXT(body),
        .answers = answers,
        .n_answers = 1,
    };
}

typedef struct {
    const char *probe, *text;
    condition_outcome_t outcome;
    const char *actual;
} row_t;

static void numbers_have_exponents_and_odd_texts_are_shown(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"http", "status == 5e2", CONDITION_TRUE, "500"},
        {"http", "status == 5e+2", CONDITION_TRUE, "500"},
        {"http", "status == 5E+2", CONDITION_TRUE, "500"},
        {"http", "status == 50000e-2", CONDITION_TRUE, "500"},
        {"http", "body.quoted == \"z\"", CONDITION_FALSE, "\"a\\\"b\\\\c\\u007f\""},
        {"http", "body.sum == 1", CONDITION_FALSE, "0.30000000000000004"},
        {"http", "body.yes == true", CONDITION_TRUE, "true"},
        {"http", "body.yes == body.no", CONDITION_FALSE, NULL},
        {"http", "body.yes == body.none", CONDITION_FALSE, NULL},
        {"http", "body.none == body.other", CONDITION_TRUE, NULL},
        {"http", "body.sum < body.none", CONDITION_MISMATCH, NULL},
        {"http", "body.none < body.sum", CONDITION_MISMATCH, NULL},
        {"dns", "answers == 1", CONDITION_TRUE, "1 \xE2\x80\xA6"},
    };
    const condition_observed_t observed = answer();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_result_t result = world_evaluate(rows[i].probe, rows[i].text, &observed);
        if (result.outcome != rows[i].outcome)
            fail_msg("%s: %d", rows[i].text, (int)result.outcome);
        if (rows[i].actual)
            assert_string_equal(result.actual, rows[i].actual);
    }
}

static void a_version_has_one_or_two_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        bool is_good;
    } rows[] = {
        {"2", true},     {"1.2", true},   {"TLSv1.2", true}, {"TLSv2", true},  {"1.", false},
        {"1x2", false},  {"1234", false}, {"1.2345", false}, {"1.2.3", false}, {"x", false},
        {"TLSv", false}, {"1.x", false},  {"/", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_observed_t observed = answer();
        observed.tls_version =
            (condition_text_t){.bytes = rows[i].version, .n = strlen(rows[i].version)};
        condition_result_t result = world_evaluate("http", "tls_version >= 1.2", &observed);
        if ((result.outcome == CONDITION_TRUE) != rows[i].is_good)
            fail_msg("%s: %d", rows[i].version, (int)result.outcome);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_byte_that_begins_no_token_is_told_wherever_it_stands),
        cmocka_unit_test(what_a_refusal_quotes_is_legible),
        cmocka_unit_test(a_long_quoted_text_is_cut_between_characters),
        cmocka_unit_test(an_unknown_name_is_told_on_either_side),
        cmocka_unit_test(numbers_have_exponents_and_odd_texts_are_shown),
        cmocka_unit_test(a_version_has_one_or_two_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
