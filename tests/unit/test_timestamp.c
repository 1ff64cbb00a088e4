/* Instants as the wire shows them. */
#include <stdbool.h>
#include <stdio.h>

#include "core/timestamp.h"
#include "tests/test.h"

static const struct {
    int64_t at_us;
    const char *naive;
} rows[] = {
    {1795488330289500, "2026-11-24T02:45:30.289500"},
    {1795488330000000, "2026-11-24T02:45:30.000000"}, /* always six digits */
    {1795488330000001, "2026-11-24T02:45:30.000001"},
    {1795488330999999, "2026-11-24T02:45:30.999999"},
    {0, "1970-01-01T00:00:00.000000"},
    {-1, "1969-12-31T23:59:59.999999"},
    {-86400000001, "1969-12-30T23:59:59.999999"},
    {951782400000000, "2000-02-29T00:00:00.000000"}, /* leap in a year of 400 */
    {951868799999999, "2000-02-29T23:59:59.999999"},
    {951868800000000, "2000-03-01T00:00:00.000000"},
    {1709164800000000, "2024-02-29T00:00:00.000000"},
    {1735689599999999, "2024-12-31T23:59:59.999999"},
    {1735689600000000, "2025-01-01T00:00:00.000000"},
    {4107542400000000, "2100-03-01T00:00:00.000000"}, /* no leap in a year of 100 */
    {4107542399000000, "2100-02-28T23:59:59.000000"},
    {253402300799999999, "9999-12-31T23:59:59.999999"},
};

static void an_instant_is_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[TIMESTAMP_BYTES];
        int64_t back_us = 42;
        timestamp_naive(rows[i].at_us, text);
        assert_string_equal(text, rows[i].naive);
        assert_int_equal(timestamp_parse(text, &back_us), 0);
        assert_int_equal(back_us, rows[i].at_us);
        timestamp_iso(rows[i].at_us, text);
        assert_memory_equal(text, rows[i].naive, 26);
        assert_string_equal(text + 26, "+00:00");
        back_us = 42;
        assert_int_equal(timestamp_parse(text, &back_us), 0);
        assert_int_equal(back_us, rows[i].at_us);
    }
}

static void every_day_of_four_centuries_follows_the_one_before(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1900;
    int month = 1;
    int day = 1;
    for (int64_t at_us = -2208988800000000; year < 2301; at_us += 86400000000) {
        char text[TIMESTAMP_BYTES];
        char expected[TIMESTAMP_BYTES];
        timestamp_naive(at_us, text);
        (void)snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00.000000", year, month,
                       day);
        assert_string_equal(text, expected);
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (++day > lengths[month - 1] + (month == 2 && is_leap)) {
            day = 1;
            month++;
        }
        if (month > 12) {
            month = 1;
            year++;
        }
    }
}

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2026-11-24",
        "2026-11-24T02:45:30",
        "2026-11-24T02:45:30+00:00",
        "2026-11-24T02:45:30.28950",        /* five digits */
        "2026-11-24T02:45:30.2895000",      /* seven */
        "2026-11-24T02:45:30.289500Z",      /* neither ISO nor NAIVE of the contract */
        "2026-11-24T02:45:30.289500+01:00", /* another offset */
        "2026-11-24T02:45:30.289500+00:00 ",
        "2026-11-24 02:45:30.289500",
        "2026/11/24T02:45:30.289500",
        "2026-00-24T02:45:30.289500",
        "2026-13-24T02:45:30.289500",
        "2026-11-00T02:45:30.289500",
        "2026-11-32T02:45:30.289500",
        "2026-11-31T02:45:30.289500", /* November has 30 days */
        "2026-02-29T02:45:30.289500", /* no leap year */
        "2026-11-24T24:00:00.000000",
        "2026-11-24T02:60:30.289500",
        "2026-11-24T02:45:60.289500",
        "2026-11-24T02:45:30,289500",
        "+026-11-24T02:45:30.289500",
        "-026-11-24T02:45:30.289500",
        " 2026-11-24T02:45:30.28950",
        "2026-11-2aT02:45:30.289500",
        "xxxxxxxxxxxxxxxxxxxxxxxxxx",
        "2026-11-24T02:45:30.289500+00:00+00:00+00:00+00:00",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t at_us = 42;
        if (timestamp_parse(texts[i], &at_us) != -1)
            fail_msg("%s is read as %lld", texts[i], (long long)at_us);
        assert_int_equal(at_us, 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instant_is_written_and_read_back),
        cmocka_unit_test(every_day_of_four_centuries_follows_the_one_before),
        cmocka_unit_test(what_is_no_instant_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
