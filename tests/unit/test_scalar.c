/* One strict parser for each scalar: what it takes, what it refuses and where. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "core/scalar.h"
#include "tests/test.h"

#define SECOND INT64_C(1000000)

/* A text without its NUL, so that reading past it shows. */
static char *exact(const char *text, size_t *ret_n)
{
    *ret_n = strlen(text);
    char *copy = malloc(*ret_n ? *ret_n : 1);
    assert_non_null(copy);
    memcpy(copy, text, *ret_n);
    return copy;
}

static void durations_have_units_and_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {
        {"0s", 0},
        {"0ms", 0},
        {"250ms", 250000},
        {"1s", SECOND},
        {"1.5s", 1500000},
        {"0.000001s", 1},
        {"0.5ms", 500},
        {"0.001ms", 1},
        {"0.25m", 15 * SECOND},
        {"0.00000005m", 3},
        {"1m", 60 * SECOND},
        {"1h30m", 5400 * SECOND},
        {"1w2d3h4m5s6ms", 788645 * SECOND + 6000},
        {"1h1.5s", 3601500000},
        {"7d", 604800 * SECOND},
        {"2w", 1209600 * SECOND},
        {"36500d", SCALAR_DURATION_MAX_US},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n = 0;
        char *text = exact(rows[i].text, &n);
        int64_t us = -1;
        scalar_error_t error = {0};
        assert_int_equal(scalar_duration(text, n, &us, &error), 0);
        assert_int_equal(us, rows[i].us);
        free(text);
    }
}

typedef int reader_fn(const char *text, size_t n, scalar_error_t *error);

static int read_duration(const char *text, size_t n, scalar_error_t *error)
{
    int64_t us = -7;
    int outcome = scalar_duration(text, n, &us, error);
    assert_true(outcome == 0 || us == -7);
    return outcome;
}

static int read_size(const char *text, size_t n, scalar_error_t *error)
{
    int64_t bytes = -7;
    int outcome = scalar_size(text, n, &bytes, error);
    assert_true(outcome == 0 || bytes == -7);
    return outcome;
}

static int read_count(const char *text, size_t n, scalar_error_t *error)
{
    int64_t count = -7;
    int outcome = scalar_count(text, n, &count, error);
    assert_true(outcome == 0 || count == -7);
    return outcome;
}

static int read_threshold(const char *text, size_t n, scalar_error_t *error)
{
    int64_t needed = -7;
    int64_t window = -7;
    int outcome = scalar_threshold(text, n, &needed, &window, error);
    assert_true(outcome == 0 || (needed == -7 && window == -7));
    return outcome;
}

static int read_ratio(const char *text, size_t n, scalar_error_t *error)
{
    double ratio = -7;
    int outcome = scalar_ratio(text, n, &ratio, error);
    assert_true(outcome == 0 || ratio < -6);
    return outcome;
}

static int read_factor(const char *text, size_t n, scalar_error_t *error)
{
    double factor = -7;
    int outcome = scalar_factor(text, n, &factor, error);
    assert_true(outcome == 0 || factor < -6);
    return outcome;
}

static int read_boolean(const char *text, size_t n, scalar_error_t *error)
{
    bool is_true = true;
    int outcome = scalar_boolean(text, n, &is_true, error);
    assert_true(outcome == 0 || is_true);
    return outcome;
}

static int read_number(const char *text, size_t n, scalar_error_t *error)
{
    scalar_number_t number = {.integer = -7};
    int outcome = scalar_number(text, n, &number, error);
    assert_true(outcome == 0 || number.integer == -7);
    return outcome;
}

/* A digit more than a number may have. */
#define LONG_DIGITS "11111111111111111111111111111111111111111111111111111111111111111"

static void what_is_not_the_scalar_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        reader_fn *read;
        const char *text;
        size_t offset;
        size_t length;
    } rows[] = {
        {read_duration, "", 0, 0},
        {read_duration, "60", 2, 0},
        {read_duration, "s", 0, 1},
        {read_duration, "-1s", 0, 3},
        {read_duration, " 1s", 0, 3},
        {read_duration, "1s ", 2, 1},
        {read_duration, "1 s", 1, 0},
        {read_duration, "1S", 1, 0},
        {read_duration, "1sec", 1, 3},
        {read_duration, "01s", 0, 3},
        {read_duration, "1.s", 0, 3},
        {read_duration, ".5s", 0, 3},
        {read_duration, "1e3s", 1, 1},
        {read_duration, "1m1h", 2, 2},
        {read_duration, "1s1s", 2, 2},
        {read_duration, "1.5h30m", 4, 3},
        {read_duration, "0.0000001s", 0, 10},
        {read_duration, "0.00000001s", 0, 11},
        {read_duration, "1{", 1, 0},
        {read_duration, "0.0005ms", 0, 8},
        {read_duration, "0.00000001m", 0, 11},
        {read_duration, "36501d", 0, 6},
        {read_duration, "36500d1ms", 6, 3},
        {read_duration, "9223372036854775808ms", 0, 21},
        {read_duration, "99999999999999999999999s", 0, 24},
        {read_size, "", 0, 0},
        {read_size, "16", 2, 0},
        {read_size, "16KB", 2, 2},
        {read_size, "16kib", 2, 3},
        {read_size, "1.5MiB", 1, 5},
        {read_size, "-1B", 0, 3},
        {read_size, "010B", 0, 4},
        {read_size, "8589934592GiB", 0, 13},
        {read_size, "9223372036854775808B", 0, 20},
        {read_count, "", 0, 0},
        {read_count, "3s", 1, 1},
        {read_count, "-3", 0, 2},
        {read_count, "+3", 0, 2},
        {read_count, "1.0", 1, 2},
        {read_count, "010", 0, 3},
        {read_count, "0x10", 1, 3},
        {read_count, "9223372036854775808", 0, 19},
        {read_threshold, "", 0, 0},
        {read_threshold, "x", 0, 1},
        {read_threshold, "3 ", 1, 1},
        {read_threshold, "3 of", 1, 3},
        {read_threshold, "3 of ", 1, 4},
        {read_threshold, "3of5", 1, 3},
        {read_threshold, "3 of 05", 5, 2},
        {read_threshold, "3 of 5 ", 5, 2},
        {read_threshold, "3  of 5", 1, 6},
        {read_threshold, "3 of 0", 0, 6},
        {read_threshold, "3 of 9223372036854775808", 0, 24},
        {read_threshold, "9223372036854775808", 0, 19},
        {read_ratio, "", 0, 0},
        {read_ratio, "30", 2, 0},
        {read_ratio, "0.3", 3, 0},
        {read_ratio, "%", 0, 1},
        {read_ratio, "101%", 0, 4},
        {read_ratio, "100.00001%", 0, 10},
        {read_ratio, "30 %", 2, 2},
        {read_factor, "", 0, 0},
        {read_factor, "3", 1, 0},
        {read_factor, "0x", 0, 2},
        {read_factor, "3X", 1, 1},
        {read_factor, "1000001x", 0, 8},
        {read_boolean, "", 0, 0},
        {read_boolean, "True", 0, 4},
        {read_boolean, "yes", 0, 3},
        {read_boolean, "maybe", 0, 5},
        {read_boolean, "truee", 0, 5},
        {read_number, "", 0, 0},
        {read_number, "-", 0, 1},
        {read_number, "+1", 0, 2},
        {read_number, LONG_DIGITS, 0, 65},
        {read_number, "1.", 0, 2},
        {read_number, "01", 0, 2},
        {read_number, "1e", 0, 2},
        {read_number, "0x1", 0, 3},
        {read_number, "nan", 0, 3},
        {read_number, "1e309", 0, 5},
        {read_number, "9223372036854775808", 0, 19},
        {read_number, "-9223372036854775809", 0, 20},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n = 0;
        char *text = exact(rows[i].text, &n);
        scalar_error_t error = {0};
        assert_int_equal(rows[i].read(text, n, &error), -1);
        assert_non_null(error.expected);
        if (error.offset != rows[i].offset || error.length != rows[i].length)
            fail_msg("%s: at %zu + %zu", rows[i].text, error.offset, error.length);
        free(text);
    }
}

static void sizes_counts_ratios_factors_and_booleans(void **state)
{
    (void)state;
    scalar_error_t error;
    int64_t whole = -1;
    assert_int_equal(scalar_size("0B", 2, &whole, &error), 0);
    assert_int_equal(whole, 0);
    assert_int_equal(scalar_size("16KiB", 5, &whole, &error), 0);
    assert_int_equal(whole, 16384);
    assert_int_equal(scalar_size("2GiB", 4, &whole, &error), 0);
    assert_int_equal(whole, INT64_C(2147483648));
    assert_int_equal(scalar_size("8589934591GiB", 13, &whole, &error), 0);
    assert_int_equal(whole, INT64_C(8589934591) << 30);
    assert_int_equal(scalar_count("0", 1, &whole, &error), 0);
    assert_int_equal(whole, 0);
    assert_int_equal(scalar_count("9223372036854775807", 19, &whole, &error), 0);
    assert_true(whole == INT64_MAX);

    int64_t window = -1;
    assert_int_equal(scalar_threshold("3", 1, &whole, &window, &error), 0);
    assert_int_equal(whole, 3);
    assert_int_equal(window, 0);
    assert_int_equal(scalar_threshold("3 of 5", 6, &whole, &window, &error), 0);
    assert_int_equal(whole, 3);
    assert_int_equal(window, 5);

    static const struct {
        const char *text;
        double value;
    } ratios[] = {{"0%", 0}, {"30%", 0.3}, {"99.95%", 0.9995}, {"100%", 1}, {"0.1%", 0.001}};
    for (size_t i = 0; i < COUNT_OF(ratios); i++) {
        double ratio = -1;
        assert_int_equal(scalar_ratio(ratios[i].text, strlen(ratios[i].text), &ratio, &error), 0);
        assert_true(ratio == ratios[i].value); /* the nearest double, not one beside it */
    }
    double factor = 0;
    assert_int_equal(scalar_factor("3x", 2, &factor, &error), 0);
    assert_true(factor == 3.0);
    assert_int_equal(scalar_factor("0.5x", 4, &factor, &error), 0);
    assert_true(factor == 0.5);
    bool is_true = false;
    assert_int_equal(scalar_boolean("true", 4, &is_true, &error), 0);
    assert_true(is_true);
    assert_int_equal(scalar_boolean("false", 5, &is_true, &error), 0);
    assert_false(is_true);
}

static scalar_number_t number_of(const char *text)
{
    scalar_number_t number = {0};
    scalar_error_t error;
    assert_int_equal(scalar_number(text, strlen(text), &number, &error), 0);
    return number;
}

static void numbers_compare_without_losing_a_digit(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        int order;
    } rows[] = {
        {"1", "1.0", 0},
        {"-0", "0.0", 0},
        {"1e3", "1000", 0},
        {"1E+3", "1000.0", 0},
        {"9007199254740993", "9007199254740992.0", 1}, /* no double holds the first */
        {"9007199254740993", "9007199254740994.0", -1},
        {"9007199254740993", "9007199254740992", 1},
        {"9223372036854775807", "9223372036854775808.0", -1},
        {"-9223372036854775808", "-9223372036854775808.0", 0},
        {"-9223372036854775808", "-1e300", 1},
        {"9223372036854775807", "1e308", -1},
        {"5", "5.5", -1},
        {"-5", "-5.5", 1},
        {"0", "1e-300", -1},
        {"2.5", "2.4999", 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        scalar_number_t a = number_of(rows[i].a);
        scalar_number_t b = number_of(rows[i].b);
        assert_int_equal(scalar_number_compare(&a, &b), rows[i].order);
        assert_int_equal(scalar_number_compare(&b, &a), -rows[i].order);
    }
}

static void a_quoted_text_says_what_its_escapes_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says; /* NULL: refused */
        size_t place;     /* bytes read, or where it is refused */
    } rows[] = {
        {"\"\"", "", 2},
        {"\"ok\" rest", "ok", 4},
        {"\"a\\\"b\\\\c\\/\\n\\r\\t\"", "a\"b\\c/\n\r\t", 17},
        {"\"\\u00e4\\u20AC\"", "\xC3\xA4\xE2\x82\xAC", 14},
        {"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80", 14},
        {"\"\xC3\xA4\"", "\xC3\xA4", 4},
        {"", NULL, 0},
        {"ok", NULL, 0},
        {"\"ok", NULL, 3},
        {"\"ok\\\"", NULL, 5},
        {"\"a\\d\"", NULL, 2},
        {"\"\\u12", NULL, 1},
        {"\"\\u0000\"", NULL, 1},
        {"\"\\ud83d\"", NULL, 1},
        {"\"\\ude00\"", NULL, 1},
        {"\"\\u00e", NULL, 1},
        {"\"\\u12g4\"", NULL, 1},
        {"\"\\uE000\\uffff\"", "\xEE\x80\x80\xEF\xBF\xBF", 14}, /* beyond the pairs */
        {"\"\\u0041\\u07ff\"", "A\xDF\xBF", 14},
        {"\"\\ud83d\\n12345\"", NULL, 1}, /* no second half */
        {"\"\\ud83dabcdef\"", NULL, 1},
        {"\"\\ud83d\\ue000\"", NULL, 1},
        {"\"\\ud83d\\u0041\"", NULL, 1},
        {"\"a\nb\"", NULL, 2},
        {"\"\x7F\"", NULL, 1},
        {"\"\\", NULL, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n = 0;
        char *text = exact(rows[i].text, &n);
        char *says = malloc(n ? n : 1);
        size_t n_says = 0;
        size_t used = 0;
        scalar_error_t error = {0};
        int outcome = scalar_quoted(text, n, says, &n_says, &used, &error);
        assert_int_equal(outcome, rows[i].says ? 0 : -1);
        assert_int_equal(outcome == 0 ? used : error.offset, rows[i].place);
        if (outcome == 0) {
            assert_int_equal(n_says, strlen(rows[i].says));
            assert_memory_equal(says, rows[i].says, n_says);
        }
        free(says);
        free(text);
    }
}

static void the_nearest_word_is_near(void **state)
{
    (void)state;
    static const char *const candidates[] = {"status", "latency", "phase.tls", "phase.transfer"};
    static const struct {
        const char *word;
        const char *nearest;
    } rows[] = {
        {"status", "status"},
        {"stauts", "status"},
        {"Status", "status"},
        {"latencies", "latency"},
        {"phase.tsl", "phase.tls"},
        {"rcode", NULL},
        {"", NULL},
        {"x", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        nearest_t nearest = {.word = rows[i].word, .n = strlen(rows[i].word)};
        for (size_t k = 0; k < COUNT_OF(candidates); k++)
            nearest_offer(&nearest, candidates[k]);
        assert_int_equal(!nearest.nearest, !rows[i].nearest);
        if (rows[i].nearest)
            assert_string_equal(nearest.nearest, rows[i].nearest);
    }
    char longer[NEAREST_MAX_BYTES + 2];
    memset(longer, 'a', sizeof longer);
    nearest_t nearest = {.word = longer, .n = sizeof longer};
    nearest_offer(&nearest, "aaaa");
    assert_null(nearest.nearest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_units_and_are_exact),
        cmocka_unit_test(what_is_not_the_scalar_is_refused_at_its_place),
        cmocka_unit_test(sizes_counts_ratios_factors_and_booleans),
        cmocka_unit_test(numbers_compare_without_losing_a_digit),
        cmocka_unit_test(a_quoted_text_says_what_its_escapes_say),
        cmocka_unit_test(the_nearest_word_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
