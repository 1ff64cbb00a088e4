/* Matchers: what their texts mean, where a text that is none is wrong, and what they match. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/matcher.h"
#include "tests/test.h"

/* What is matched: region is missing, empty is there and empty. */
static const char *fact_of(const char *name, void *context)
{
    static const char *const facts[][2] = {{"component", "risk_guard"},
                                           {"kind", "service"},
                                           {"team", "ml"},
                                           {"host", "web12.example"},
                                           {"quote", "say \"hi\"\nnow"},
                                           {"path", "C:\\new"},
                                           {"empty", ""},
                                           {"greek", "\xCE\xA0\xCF\x81"}};
    (void)context;
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        if (strcmp(facts[i][0], name) == 0)
            return facts[i][1];
    }
    return NULL;
}

static matchers_t parse(const char *text)
{
    matchers_t matchers = {.n = 0};
    condition_error_t error;
    if (matchers_add(&matchers, text, strlen(text), &error))
        fail_msg("%s: %s at %zu", text, error.text, error.offset);
    return matchers;
}

static bool is_match(const matchers_t *matchers)
{
    condition_matcher_t *regexes = condition_matcher_new();
    assert_non_null(regexes);
    bool is_match = matchers_match(matchers, regexes, fact_of, NULL);
    condition_matcher_destroy(&regexes);
    return is_match;
}

static char *text_of(const matchers_t *matchers)
{
    text_t text = {0};
    for (size_t i = 0; i < matchers->n; i++) {
        text_append_string(&text, i > 0 ? "," : "");
        matcher_append(&text, &matchers->items[i]);
    }
    char *bytes = text_take(&text);
    assert_non_null(bytes);
    return bytes;
}

static void texts_mean_what_they_mean_to_alertmanager(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *means;
        bool is_match;
    } rows[] = {
        {"kind=\"service\"", "kind=\"service\"", true},
        {"kind=service", "kind=\"service\"", true},
        {" kind\t= service ", "kind=\"service\"", true},
        {"\"kind\"=\"service\"", "kind=\"service\"", true},
        {"kind=\"Service\"", "kind=\"Service\"", false},
        {"kind!=\"service\"", "kind!=\"service\"", false},
        {"kind!=infrastructure", "kind!=\"infrastructure\"", true},
        /* what is missing is empty */
        {"region=\"\"", "region=\"\"", true},
        {"region!=\"\"", "region!=\"\"", false},
        {"region!=eu", "region!=\"eu\"", true},
        {"region=~\".*\"", "region=~\".*\"", true},
        {"region=~\".+\"", "region=~\".+\"", false},
        {"region!~\".+\"", "region!~\".+\"", true},
        {"empty=\"\"", "empty=\"\"", true},
        /* a regular expression matches the whole text */
        {"team=~\"ml|data\"", "team=~\"ml|data\"", true},
        {"team=~\"m\"", "team=~\"m\"", false},
        {"team=~\"l|data\"", "team=~\"l|data\"", false},
        {"team!~\"m|l\"", "team!~\"m|l\"", true},
        {"host=~\"web\\d+\\.example\"", "host=~\"web\\d+\\.example\"", true},
        {"host=~\"web\\\\d+\\\\.example\"", "host=~\"web\\d+\\.example\"", true},
        {"host=~web.*", "host=~\"web.*\"", true},
        {"host=~[a-z]+12[.]example", "host=~\"[a-z]+12[.]example\"", true},
        {"component=~\"(?i)RISK_.*\"", "component=~\"(?i)RISK_.*\"", true},
        {"quote=~\"say.*\"", "quote=~\"say.*\"", false}, /* a dot is no line feed */
        {"quote=~\"(?s)say.*\"", "quote=~\"(?s)say.*\"", true},
        /* quotes and escapes */
        {"quote=\"say \\\"hi\\\"\\nnow\"", "quote=\"say \\\"hi\\\"\\nnow\"", true},
        {"path=\"C:\\\\new\"", "path=\"C:\\\\new\"", true},
        {"path=\"C:\\new\"", "path=\"C:\\new\"", false}, /* a line feed */
        {"path=\"C:\\q\"", "path=\"C:\\q\"", false},
        {"path=\"C:\\\\\"", "path=\"C:\\\\\"", false},
        {"greek=\xCE\xA0\xCF\x81", "greek=\"\xCE\xA0\xCF\x81\"", true},
        {"team=\"a,b={}\"", "team=\"a,b={}\"", false},
        /* several */
        {"kind=service,team=\"ml\"", "kind=\"service\",team=\"ml\"", true},
        {"kind=service,team=\"data\"", "kind=\"service\",team=\"data\"", false},
        {"{kind = service , team != data , }", "kind=\"service\",team!=\"data\"", true},
        {"kind=service,", "kind=\"service\"", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        matchers_t matchers = parse(rows[i].text);
        char *text = text_of(&matchers);
        assert_string_equal(text, rows[i].means);
        if (is_match(&matchers) != rows[i].is_match)
            fail_msg("%s: %d", rows[i].text, !rows[i].is_match);
        matchers_t again = parse(text);
        char *text_again = text_of(&again);
        assert_string_equal(text_again, text);
        free(text_again);
        free(text);
        matchers_clear(&again);
        matchers_clear(&matchers);
    }
}

static void a_text_that_is_none_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset, length;
        const char *says;
    } rows[] = {
        {"", 0, 0, "ends too early"},
        {"  ", 2, 0, "ends too early"},
        {"kind", 4, 0, "ends too early"},
        {"kind=", 5, 0, "ends too early"},
        {"kind=,", 5, 1, ", cannot stand here"},
        {"=service", 0, 1, "= cannot stand here"},
        {"kind==service", 5, 1, "= cannot stand here"},
        {"kind>service", 0, 12, "no name"},
        {"kind service", 5, 1, "s cannot stand here"},
        {"kind=my service", 8, 1, "s cannot stand here"},
        {"kind=a{2}", 6, 1, "{ cannot stand here"},
        {"kind=it's", 7, 1, "' cannot stand here"},
        {"kind=\"service", 5, 8, "closing quote"},
        {"kind=\"service\\\"", 5, 10, "closing quote"},
        {"kind=\"a\"b", 8, 1, "b cannot stand here"},
        {"my-kind=a", 0, 7, "no name"},
        {"\"my kind\"=a", 1, 7, "no name"},
        {"\"\"=a", 1, 0, "no name"},
        {"kind=\xC3\xA4 \xC3\xA4", 8, 2, "\xC3\xA4 cannot stand here"},
        {"kind=a\xFF", 0, 0, "not UTF-8"},
        {"kind=~\"a(b\"", 10, 0, "regular expression: "},
        {"kind=~\"a[\\\"\"", 7, 4, "regular expression: "},
        {"kind=~(a)\\1", 9, 1, "\\ cannot stand here"},
        {"kind=~\"(?<a>a)\\1\"", 7, 1, "back-references"},
        {"{kind=a", 7, 0, "ends too early"},
        {"{kind=a}}", 8, 1, "} cannot stand here"},
        {"kind=a}", 6, 1, "} cannot stand here"},
        {"{}", 1, 1, "} cannot stand here"},
        {",", 0, 1, ", cannot stand here"},
        {"a=b,,c=d", 4, 1, ", cannot stand here"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        matchers_t matchers = parse("team=ml");
        condition_error_t error = {0};
        if (matchers_add(&matchers, rows[i].text, strlen(rows[i].text), &error) == 0)
            fail_msg("%s is taken", rows[i].text);
        if (!strstr(error.text, rows[i].says) || error.offset != rows[i].offset ||
            error.length != rows[i].length)
            fail_msg("%s: %s at %zu, %zu", rows[i].text, error.text, error.offset, error.length);
        assert_int_equal(matchers.n, 1); /* as it was */
        assert_true(is_match(&matchers));
        matchers_clear(&matchers);
    }
}

static void sizes_are_bounded(void **state)
{
    (void)state;
    matchers_t matchers = {.n = 0};
    condition_error_t error = {0};
    for (size_t i = 0; i < MATCHERS_MAX; i++)
        assert_int_equal(matchers_add(&matchers, "kind=service", 12, &error), 0);
    assert_int_equal(matchers_add(&matchers, "kind=service", 12, &error), -1);
    assert_non_null(strstr(error.text, "more than 32"));
    assert_int_equal(matchers.n, MATCHERS_MAX);
    assert_true(is_match(&matchers));
    matchers_clear(&matchers);

    char text[MATCHER_TEXT_MAX_BYTES + 1];
    memset(text, 'a', sizeof text);
    memcpy(text, "kind=", 5);
    assert_int_equal(matchers_add(&matchers, text, sizeof text, &error), -1);
    assert_non_null(strstr(error.text, "longer than 3072"));
    assert_int_equal(matchers_add(&matchers, text, sizeof text - 1, &error), 0);
    matchers_clear(&matchers);
    char name[80];
    (void)snprintf(name, sizeof name, "%.*s=b", MATCHER_NAME_MAX_BYTES + 1, text + 5);
    assert_int_equal(matchers_add(&matchers, name, strlen(name), &error), -1);
    assert_int_equal(matchers_add(&matchers, name + 1, strlen(name + 1), &error), 0);
    matchers_clear(&matchers);
}

/* Also a regular expression that gives up is no match, negated or not. */
static void what_gives_up_matches_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"team=~\"(a*)*(a*)*(a*)*b\"", "team!~\"(a*)*(a*)*(a*)*b\""};
    condition_matcher_t *regexes = condition_matcher_new();
    assert_non_null(regexes);
    condition_matcher_begin(regexes);
    condition_regex_t *costly = NULL;
    condition_regex_error_t error;
    assert_int_equal(condition_regex_compile("(a*)*(a*)*b", 11, &costly, &error), 0);
    char subject[64];
    memset(subject, 'a', sizeof subject);
    while (condition_regex_match_whole(costly, regexes, subject, sizeof subject) != REGEX_GAVE_UP)
        continue; /* the budget of one result ends */
    while (condition_regex_match(costly, regexes, subject, 1) != REGEX_GAVE_UP)
        continue;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        matchers_t matchers = parse(texts[i]);
        assert_false(matchers_match(&matchers, regexes, fact_of, NULL));
        matchers_clear(&matchers);
    }
    condition_regex_destroy(&costly);
    condition_matcher_destroy(&regexes);
}

static void no_matcher_matches_everything(void **state)
{
    (void)state;
    matchers_t matchers = {.n = 0};
    assert_true(matchers_match(&matchers, NULL, fact_of, NULL));
    matchers = parse("kind=service,team=~ml");
    assert_true(matchers_ask_for(&matchers, "team"));
    assert_false(matchers_ask_for(&matchers, "status"));
    matchers_clear(&matchers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_mean_what_they_mean_to_alertmanager),
        cmocka_unit_test(a_text_that_is_none_is_refused_with_its_place),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(what_gives_up_matches_nothing),
        cmocka_unit_test(no_matcher_matches_everything),
    };
    return cmocka_run_group_tests_name("matcher", tests, NULL, NULL);
}
