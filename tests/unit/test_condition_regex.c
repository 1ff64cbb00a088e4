/* Regular expressions: what they match, and that none of them takes long. */
#include <stdlib.h>
#include <string.h>

#include "core/condition_regex.h"
#include "tests/test.h"

/* The longest body that a check reads. */
#define SUBJECT_BYTES ((size_t)256 << 10)

static condition_regex_t *compile(const char *pattern)
{
    condition_regex_t *regex = NULL;
    condition_regex_error_t error;
    if (condition_regex_compile(pattern, strlen(pattern), &regex, &error) != 0)
        fail_msg("%s: %s", pattern, error.text);
    return regex;
}

/* SUBJECT_BYTES of UNIT again and again; the caller frees it. */
static char *subject_of(const char *unit)
{
    char *subject = malloc(SUBJECT_BYTES);
    assert_non_null(subject);
    size_t n = strlen(unit);
    for (size_t i = 0; i < SUBJECT_BYTES; i++)
        subject[i] = unit[i % n];
    return subject;
}

static void texts_match_as_pcre_says(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *subject;
        size_t n;
        regex_outcome_t outcome;
    } rows[] = {
        {"ok", "it is ok", 8, REGEX_MATCH},
        {"^ok", "it is ok", 8, REGEX_NO_MATCH},
        {"", "", 0, REGEX_MATCH},
        {"^$", "", 0, REGEX_MATCH},
        {"v\\d+\\.\\d+", "v1.20", 5, REGEX_MATCH},
        {"(?i)\xC3\xA4", "\xC3\x84", 2, REGEX_MATCH},
        {"^.$", "\xF0\x9F\x98\x80", 4, REGEX_MATCH}, /* one character */
        {"a.c", "a\0c", 3, REGEX_MATCH},
        {"^a.c$",
         "a\xFF"
         "c",
         3, REGEX_NO_MATCH}, /* what is not UTF-8 matches nothing */
        {"c$",
         "a\xFF"
         "c",
         3, REGEX_MATCH},
        {"say \\\"hi\\\"", "say \"hi\"", 8, REGEX_MATCH},
        {"(?:a|b)(?=c)", "bc", 2, REGEX_MATCH},
        {"(?<!x)y", "xy", 2, REGEX_NO_MATCH},
        {"\\p{Lu}", "\xC3\x84", 2, REGEX_MATCH},
        {"(?C7)a", "a", 1, REGEX_MATCH}, /* a callout of the pattern is one of ours */
        {"(?s)a.b", "a\nb", 3, REGEX_MATCH},
    };
    condition_matcher_t *matcher = condition_matcher_new();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_regex_t *regex = compile(rows[i].pattern);
        condition_matcher_begin(matcher);
        assert_int_equal(condition_regex_match(regex, matcher, rows[i].subject, rows[i].n),
                         rows[i].outcome);
        condition_regex_destroy(&regex);
        assert_null(regex);
    }
    condition_matcher_destroy(&matcher);
    assert_null(matcher);
}

static void patterns_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        size_t offset;
        const char *text;
    } rows[] = {
        {"(a", 2, "missing closing parenthesis"},
        {"a{3,1}", 5, "numbers out of order in {} quantifier"},
        {"[z-a]", 3, "range out of order in character class"},
        {"\\C", 2, "using \\C is disabled by the application"},
        {"(a)\\1", 4, "reference to non-existent subpattern"},
        {"(?<q>a)\\k<q>", 0, "back-references are not allowed"},
        {"(?<q>a)\\g{q}", 0, "back-references are not allowed"},
        {"((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))", 33,
         "parentheses are too deeply nested"},
        {"(((a{1,1000}){1,1000}){1,1000}){1,1000}", 39, "regular expression is too large"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_regex_t *regex = NULL;
        condition_regex_error_t error;
        assert_int_equal(
            condition_regex_compile(rows[i].pattern, strlen(rows[i].pattern), &regex, &error), -1);
        assert_null(regex);
        assert_string_equal(error.text, rows[i].text);
        if (error.offset != rows[i].offset)
            fail_msg("%s: at %zu", rows[i].pattern, error.offset);
    }
    char longer[CONDITION_REGEX_MAX_BYTES + 1];
    memset(longer, 'a', sizeof longer);
    condition_regex_t *regex = NULL;
    condition_regex_error_t error;
    assert_int_equal(condition_regex_compile(longer, sizeof longer, &regex, &error), -1);
    assert_string_equal(error.text, "longer than 1024 bytes");
    assert_int_equal(condition_regex_compile(longer, sizeof longer - 1, &regex, &error), 0);
    condition_regex_destroy(&regex);
}

/* Each would take minutes to years; none may end in a match or in none. */
static void patterns_that_explode_give_up(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *unit;
    } rows[] = {
        {"(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaab"},
        {"(x+x+)+[yz]", "x"},
        {"^(.*a){20}$", "a!"},
        {"a*+[bc]", "a"},      /* PCRE2 counts one step for each reading of the whole */
        {"a{60000}[bc]", "a"}, /* ... and none for what fails inside an item */
        {".*?.*?a*+[bc]", "a"},
        {"(?=(?:(?=a*+)a)*)[bc]", "a"},
        {"[\\p{L}\\p{N}]*+[!?]", "\xC3\xA4"},
        {"(*LIMIT_MATCH=4000000000)(*NO_AUTO_POSSESS)a*[bc]", "a"},
    };
    condition_matcher_t *matcher = condition_matcher_new();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_regex_t *regex = compile(rows[i].pattern);
        char *subject = subject_of(rows[i].unit);
        condition_matcher_begin(matcher);
        assert_int_equal(condition_regex_match(regex, matcher, subject, SUBJECT_BYTES),
                         REGEX_GAVE_UP);
        free(subject);
        condition_regex_destroy(&regex);
    }
    condition_matcher_destroy(&matcher);
}

/* An item that reads 39,999 characters before it fails, from every place, and no callout sees it.
 */
static void what_no_callout_sees_is_paid_for(void **state)
{
    (void)state;
    char *subject = subject_of("a");
    for (size_t i = 39999; i < SUBJECT_BYTES; i += 40000)
        subject[i] = '!';
    condition_matcher_t *matcher = condition_matcher_new();
    condition_regex_t *regex = compile("a{40000}");
    assert_int_equal(condition_regex_match(regex, matcher, subject, SUBJECT_BYTES), REGEX_GAVE_UP);
    condition_regex_destroy(&regex);
    condition_matcher_destroy(&matcher);
    free(subject);
}

/* What people write ends within the budget on the longest body. */
static void plain_patterns_read_the_longest_body(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "(?i)out of memory",
        "\"status\"\\s*:\\s*\"(?:down|error)\"",
        "(?:error|failed|panic|timeout|refused|broken)[:;]",
        "(?m)^\\s*ERROR\\b",
        "version: v\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}",
    };
    char *subject = subject_of("{\"status\": \"failing\", \"version\": \"v1.2\", \"n\": 12345},\n");
    condition_matcher_t *matcher = condition_matcher_new();
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        condition_regex_t *regex = compile(patterns[i]);
        condition_matcher_begin(matcher);
        assert_int_equal(condition_regex_match(regex, matcher, subject, SUBJECT_BYTES),
                         REGEX_NO_MATCH);
        condition_regex_destroy(&regex);
    }
    condition_matcher_destroy(&matcher);
    free(subject);
}

/* Many expressions on one result cost no more than one. */
static void the_budget_is_one_for_all_of_a_result(void **state)
{
    (void)state;
    condition_matcher_t *matcher = condition_matcher_new();
    condition_regex_t *explodes = compile("a*+[bc]");
    condition_regex_t *plain = compile("a");
    char *subject = subject_of("a");
    condition_matcher_begin(matcher);
    assert_int_equal(condition_regex_match(plain, matcher, "a", 1), REGEX_MATCH);
    assert_int_equal(condition_regex_match(explodes, matcher, subject, SUBJECT_BYTES),
                     REGEX_GAVE_UP);
    assert_int_equal(condition_regex_match(plain, matcher, "a", 1), REGEX_GAVE_UP);
    condition_matcher_begin(matcher);
    assert_int_equal(condition_regex_match(plain, matcher, "a", 1), REGEX_MATCH);
    free(subject);
    condition_regex_destroy(&plain);
    condition_regex_destroy(&explodes);
    condition_matcher_destroy(&matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_match_as_pcre_says),
        cmocka_unit_test(patterns_that_are_none_are_refused),
        cmocka_unit_test(patterns_that_explode_give_up),
        cmocka_unit_test(what_no_callout_sees_is_paid_for),
        cmocka_unit_test(plain_patterns_read_the_longest_body),
        cmocka_unit_test(the_budget_is_one_for_all_of_a_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
