#include <stdlib.h>
#include <string.h>

#include "gateway/routes.h"
#include "tests/test.h"

static slice_t slice(const char *text)
{
    return (slice_t){.text = text, .n = strlen(text)};
}

static void a_target_splits_into_path_and_query(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path, *query;
    } rows[] = {
        {"/health", "/health", ""},
        {"/a?b=c", "/a", "b=c"},
        {"/a?", "/a", ""},
        {"/a?b?c", "/a", "b?c"},
        {"/a?b#c", "/a", "b"},
        {"/a#b?c", "/a", ""},
        {"http://host:80/health/system?x", "/health/system", "x"},
        {"http://host", "/", ""},
        {"http://host?x=1", "/", "x=1"},
        {"*", "*", ""},
        {"/http://x", "/http://x", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice_t path;
        slice_t query;
        path_split(rows[i].target, &path, &query);
        assert_int_equal(path.n, strlen(rows[i].path));
        assert_memory_equal(path.text, rows[i].path, path.n);
        assert_int_equal(query.n, strlen(rows[i].query));
        assert_memory_equal(query.text, rows[i].query, query.n);
    }
}

static void escapes_become_bytes_and_bad_ones_stay(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plus_is_space;
        const char *decoded;
        size_t n;
    } rows[] = {
        {"a%3Ab%3ac", false, "a:b:c", 5},
        {"a+b", false, "a+b", 3},
        {"a+b", true, "a b", 3},
        {"a%2Bb", true, "a+b", 3},
        {"%2f", false, "/", 1},
        {"%", false, "%", 1},
        {"%4", false, "%4", 2},
        {"%zz", false, "%zz", 3},
        {"%00", false, "\0", 1},
        {"%e2%82%ac", false, "\xe2\x82\xac", 3},
        {"%ff", false, "\xef\xbf\xbd", 3},
        {"\xff", false, "\xef\xbf\xbd", 3},
        {"", false, "", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n;
        char *decoded = path_decode(slice(rows[i].text), rows[i].plus_is_space, &n);
        assert_non_null(decoded);
        assert_int_equal(n, rows[i].n);
        assert_memory_equal(decoded, rows[i].decoded, n + 1);
        free(decoded);
    }
}

static void a_path_finds_its_route(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path;
        route_outcome_t outcome;
        const char *pattern, *parameter;
    } rows[] = {
        {"GET", "/health", ROUTE_FOUND, "/health", ""},
        {"HEAD", "/health", ROUTE_FOUND, "/health", ""},
        {"GET", "/he%61lth", ROUTE_FOUND, "/health", ""},
        {"GET", "/health/system", ROUTE_FOUND, "/health/system", ""},
        {"GET", "/health/metrics", ROUTE_FOUND, "/health/metrics", ""},
        {"GET", "/alerts/active", ROUTE_FOUND, "/alerts/active", ""},
        {"GET", "/alerts/history", ROUTE_FOUND, "/alerts/history", ""},
        {"GET", "/livez", ROUTE_FOUND, "/livez", ""},
        {"GET", "/readyz", ROUTE_FOUND, "/readyz", ""},
        {"GET", "/metrics", ROUTE_FOUND, "/metrics", ""},
        {"POST", "/alerts/a_b/clear", ROUTE_FOUND, "/alerts/{alert_id}/clear", "a_b"},
        {"POST", "/alerts/a%2Fb/clear", ROUTE_FOUND, "/alerts/{alert_id}/clear", "a%2Fb"},
        {"POST", "/alerts/active/clear", ROUTE_FOUND, "/alerts/{alert_id}/clear", "active"},
        {"POST", "/alerts/a:b+c/clear", ROUTE_FOUND, "/alerts/{alert_id}/clear", "a:b+c"},
        {"POST", "/alerts/a/b/clear", ROUTE_UNKNOWN, NULL, NULL},
        {"POST", "/alerts//clear", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "/alerts/a/clear", ROUTE_WRONG_METHOD, "/alerts/{alert_id}/clear", NULL},
        {"HEAD", "/alerts/a/clear", ROUTE_WRONG_METHOD, "/alerts/{alert_id}/clear", NULL},
        {"POST", "/health", ROUTE_WRONG_METHOD, "/health", NULL},
        {"OPTIONS", "/health", ROUTE_WRONG_METHOD, "/health", NULL},
        {"get", "/health", ROUTE_WRONG_METHOD, "/health", NULL},
        {"GET", "/health/", ROUTE_SLASH, "/health", NULL},
        {"GET", "/health///", ROUTE_SLASH, "/health", NULL},
        {"POST", "/alerts/a/clear/", ROUTE_SLASH, "/alerts/{alert_id}/clear", NULL},
        {"GET", "/", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "//", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "*", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "//health", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "/health/systems", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "/healt", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "/health%2Fsystem", ROUTE_UNKNOWN, NULL, NULL},
        {"GET", "/Health", ROUTE_UNKNOWN, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int route = -1;
        slice_t parameters[PATH_PARAMETERS_MAX] = {{.text = "", .n = 0}};
        route_outcome_t outcome =
            route_find(rows[i].method, slice(rows[i].path), &route, parameters);
        assert_int_equal(outcome, rows[i].outcome);
        if (rows[i].pattern)
            assert_string_equal(route_at(route)->pattern, rows[i].pattern);
        if (rows[i].parameter) {
            assert_int_equal(parameters[0].n, strlen(rows[i].parameter));
            assert_memory_equal(parameters[0].text, rows[i].parameter, parameters[0].n);
        }
    }
}

static void the_last_value_of_a_key_counts(void **state)
{
    (void)state;
    static const struct {
        const char *query, *value;
    } rows[] = {
        {"limit=5", "5"},
        {"a=1&limit=5&b=2", "5"},
        {"limit=5&limit=6", "6"},
        {"limit=5&limit=", ""},
        {"limit", ""},
        {"limit=a=b", "a=b"},
        {"lim%69t=7", "7"},
        {"", NULL},
        {"limits=5", NULL},
        {"limi=5", NULL},
        {"&&=&", NULL},
        {"Limit=5", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice_t value;
        bool is_there = query_value(slice(rows[i].query), "limit", &value);
        assert_int_equal(is_there, rows[i].value != NULL);
        if (!is_there)
            continue;
        assert_int_equal(value.n, strlen(rows[i].value));
        assert_memory_equal(value.text, rows[i].value, value.n);
    }
}

static void a_limit_is_a_whole_number_of_any_length(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t limit; /* -1: refused */
    } rows[] = {
        {"5", 5},
        {"0", 1},
        {"-3", 1},
        {"+5", 5},
        {" 5", 5},
        {"5\t\n", 5},
        {" -5 ", 1},
        {"007", 7},
        {"500", 500},
        {"501", 500},
        {"1_0", 10},
        {"1_0_0", 100},
        {"9223372036854775807", 500},
        {"9223372036854775808", 500},
        {"-9223372036854775809", 1},
        {"123456789012345678901234567890123456789012345678901234567890", 500},
        {"-123456789012345678901234567890123456789012345678901234567890", 1},
        {"", -1},
        {" ", -1},
        {"+", -1},
        {"-", -1},
        {"abc", -1},
        {"1.5", -1},
        {"1.0", -1},
        {"1e3", -1},
        {"0x10", -1},
        {"1__0", -1},
        {"_1", -1},
        {"1_", -1},
        {"+_1", -1},
        {"+-1", -1},
        {"+ 1", -1},
        {"1 0", -1},
        {"5a", -1},
        {"\xd9\xa5", -1}, /* an Arabic five */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t limit = -1;
        int rc = integer_clamped(rows[i].text, strlen(rows[i].text), 1, 500, &limit);
        assert_int_equal(rc, rows[i].limit == -1 ? -1 : 0);
        assert_int_equal(limit, rows[i].limit);
    }
    int64_t limit;
    assert_int_equal(integer_clamped("5\0", 2, 1, 500, &limit), -1);
}

static void a_long_limit_clamps_whatever_its_length(void **state)
{
    (void)state;
    enum { N_DIGITS = 60000 };
    char *digits = malloc(N_DIGITS);
    assert_non_null(digits);
    memset(digits, '9', N_DIGITS);
    int64_t limit = 0;
    assert_int_equal(integer_clamped(digits, N_DIGITS, 1, 500, &limit), 0);
    assert_int_equal(limit, 500);
    memset(digits, '0', N_DIGITS);
    assert_int_equal(integer_clamped(digits, N_DIGITS, 1, 500, &limit), 0);
    assert_int_equal(limit, 1);
    free(digits);
}

static void a_flag_is_true_or_false_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        int rc;
        bool flag;
    } rows[] = {{"", 0, false},
                {"force=true", 0, true},
                {"force=false", 0, false},
                {"force", -1, false},
                {"force=", -1, false},
                {"force=1", -1, false},
                {"force=TRUE", -1, false},
                {"other=true", 0, false},
                {"a=b&force=true", 0, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool flag = true;
        if (query_flag(slice(rows[i].query), "force", &flag) != rows[i].rc || flag != rows[i].flag)
            fail_msg("\"%s\"", rows[i].query);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_is_true_or_false_or_refused),
        cmocka_unit_test(a_target_splits_into_path_and_query),
        cmocka_unit_test(escapes_become_bytes_and_bad_ones_stay),
        cmocka_unit_test(a_path_finds_its_route),
        cmocka_unit_test(the_last_value_of_a_key_counts),
        cmocka_unit_test(a_limit_is_a_whole_number_of_any_length),
        cmocka_unit_test(a_long_limit_clamps_whatever_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
