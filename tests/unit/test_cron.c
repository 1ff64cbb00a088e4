/* Schedules of crontab(5): what is read, what is refused, and when they come. */
#include "core/civil.h"
#include "core/cron.h"
#include "tests/support/support_zone.h"
#include "tests/test.h"

static cron_t parsed(const char *text)
{
    cron_t cron;
    cron_error_t error;
    if (cron_parse(text, strlen(text), &cron, &error))
        fail_msg("%s: %s", text, error.reason);
    return cron;
}

static void each_form_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        cron_t cron;
    } rows[] = {
        {"30 2 * * *", {1ULL << 30, 1 << 2, 0xFFFFFFFE, 0x1FFE, 0x7F, true, true, false}},
        {" 0\t0  1 1 0 ", {1, 1, 2, 2, 1, false, false, false}},
        {"@daily", {1, 1, 0xFFFFFFFE, 0x1FFE, 0x7F, true, true, false}},
        {"@hourly", {1, 0xFFFFFF, 0xFFFFFFFE, 0x1FFE, 0x7F, true, true, true}},
        {"@weekly", {1, 1, 0xFFFFFFFE, 0x1FFE, 1, true, false, false}},
        {"1,3-5,50-59/4 * * jan-MAR Sun,5-7",
         {1ULL << 1 | 7ULL << 3 | 1ULL << 50 | 1ULL << 54 | 1ULL << 58, 0xFFFFFF, 0xFFFFFFFE, 0xE,
          1 | 1 << 5 | 1 << 6, true, false, true}},
        {"*/20 0-23/12 31 12 7",
         {1 | 1 << 20 | 1ULL << 40, 1 | 1 << 12, 1U << 31, 1 << 12, 1, false, false, true}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const cron_t cron = parsed(rows[i].text);
        const cron_t *wanted = &rows[i].cron;

        if (cron.minutes != wanted->minutes || cron.hours != wanted->hours ||
            cron.days != wanted->days || cron.months != wanted->months ||
            cron.weekdays != wanted->weekdays || cron.is_any_day != wanted->is_any_day ||
            cron.is_any_weekday != wanted->is_any_weekday || cron.is_steady != wanted->is_steady)
            fail_msg("%s is read otherwise", rows[i].text);
    }
}

static void anything_else_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset, length;
        const char *reason;
    } rows[] = {
        {"", 0, 0, "there are fewer than five fields"},
        {"* * * *", 7, 0, "there are fewer than five fields"},
        {"* * * * * *", 10, 1, "there are more than five fields"},
        {"60 * * * *", 0, 2, "a minute is 0 to 59"},
        {"* 24 * * *", 2, 2, "an hour is 0 to 23"},
        {"* * 0 * *", 4, 1, "a day of the month is 1 to 31"},
        {"* * 32 * *", 4, 2, "a day of the month is 1 to 31"},
        {"* * * 13 *", 6, 2, "a month is 1 to 12 or jan to dec"},
        {"* * * januar *", 6, 6, "a month is 1 to 12 or jan to dec"},
        {"* * * * 8", 8, 1, "a weekday is 0 to 7 or sun to sat"},
        {"* * * * sat-sun", 8, 7, "the range goes backwards"},
        {"5/10 * * * *", 0, 4, "a step stands behind * or a range"},
        {"*/0 * * * *", 0, 3, "a step is a number from 1 on"},
        {"*/ * * * *", 0, 2, "a step is a number from 1 on"},
        {"*/1000 * * * *", 0, 6, "a step is a number from 1 on"},
        {"1,,2 * * * *", 2, 0, "a minute is 0 to 59"},
        {"1, * * * *", 2, 0, "a minute is 0 to 59"},
        {"- * * * *", 0, 1, "a minute is 0 to 59"},
        {"-1 * * * *", 0, 2, "a minute is 0 to 59"},
        {"+1 * * * *", 0, 2, "a minute is 0 to 59"},
        {"1-2-3 * * * *", 0, 5, "a minute is 0 to 59"},
        {"** * * * *", 0, 2, "a minute is 0 to 59"},
        {"*,* * * * 9", 10, 1, "a weekday is 0 to 7 or sun to sat"},
        {"mon * * * *", 0, 3, "a minute is 0 to 59"},
        {"@reboot", 0, 7,
         "it is none of @hourly @daily @midnight @weekly @monthly @yearly @annually"},
        {"@dail", 0, 5,
         "it is none of @hourly @daily @midnight @weekly @monthly @yearly @annually"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        cron_t cron;
        cron_error_t error = {0};
        if (cron_parse(rows[i].text, strlen(rows[i].text), &cron, &error) == 0)
            fail_msg("%s is taken", rows[i].text);
        if (error.offset != rows[i].offset || error.length != rows[i].length ||
            strcmp(error.reason, rows[i].reason) != 0)
            fail_msg("%s: %zu+%zu %s", rows[i].text, error.offset, error.length, error.reason);
    }
    char long_text[CRON_MAX_BYTES + 2];
    cron_t cron;
    cron_error_t error;
    memset(long_text, ' ', sizeof long_text);
    memcpy(long_text, "* * * * *", 9);
    assert_int_equal(cron_parse(long_text, CRON_MAX_BYTES, &cron, &error), 0);
    assert_int_equal(cron_parse(long_text, CRON_MAX_BYTES + 1, &cron, &error), -1);
}

/* Unix time of a UTC date and time. */
static int64_t utc(int64_t year, int month, int day, int hour, int minute)
{
    return civil_days_of(year, month, day) * CIVIL_DAY_S + (int64_t)hour * 3600 +
           (int64_t)minute * 60;
}

static void check_next(const zone_t *zone, const char *text, int64_t after_s, int64_t wanted_s)
{
    const cron_t cron = parsed(text);
    int64_t next_s = 0;
    if (!cron_next(&cron, zone, after_s, &next_s) || next_s != wanted_s)
        fail_msg("%s after %lld comes at %lld, not at %lld", text, (long long)after_s,
                 (long long)next_s, (long long)wanted_s);
}

static void it_comes_at_the_first_time_that_fits(void **state)
{
    (void)state;
    int64_t now_s = utc(2026, 11, 24, 2, 45); /* a Tuesday */
    check_next(NULL, "* * * * *", now_s, now_s + 60);
    check_next(NULL, "* * * * *", now_s + 59, now_s + 60);
    check_next(NULL, "45 2 * * *", now_s - 1, now_s);
    check_next(NULL, "45 2 * * *", now_s, utc(2026, 11, 25, 2, 45));
    check_next(NULL, "0 0 29 2 *", now_s, utc(2028, 2, 29, 0, 0));
    check_next(NULL, "0 0 29 2 */7", now_s, utc(2032, 2, 29, 0, 0)); /* both: a Sunday */
    check_next(NULL, "0 0 13 * 5", now_s, utc(2026, 11, 27, 0, 0));  /* either: the Friday */
    check_next(NULL, "0 0 */2 * 5", now_s, utc(2026, 11, 27, 0, 0)); /* both: an odd Friday */
    check_next(NULL, "0 0 31 * *", now_s, utc(2026, 12, 31, 0, 0));
    check_next(NULL, "@yearly", now_s, utc(2027, 1, 1, 0, 0));
    check_next(NULL, "0 0 29 2 *", utc(2096, 3, 1, 0, 0), utc(2104, 2, 29, 0, 0));
}

static void what_never_comes_is_found_out(void **state)
{
    (void)state;
    static const char *const texts[] = {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * 30 2 *"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const cron_t cron = parsed(texts[i]);
        int64_t next_s;
        assert_false(cron_next(&cron, NULL, 0, &next_s));
    }
}

/* Oslo jumps from 02:00 to 03:00 at 01:00 UTC on 2026-03-29. */
static void a_time_that_is_jumped_over_comes_when_it_has_jumped(void **state)
{
    (void)state;
    zone_t *zone = support_zone("Europe/Oslo");
    check_next(zone, "30 2 * * *", utc(2026, 3, 28, 12, 0), utc(2026, 3, 29, 1, 0));
    check_next(zone, "30 2 * * *", utc(2026, 3, 29, 1, 0), utc(2026, 3, 30, 0, 30));
    check_next(zone, "15,45 2 * * *", utc(2026, 3, 28, 12, 0), utc(2026, 3, 29, 1, 0));
    check_next(zone, "0 3 * * *", utc(2026, 3, 28, 12, 0), utc(2026, 3, 29, 1, 0));
    /* A steady one goes on by the time that passes. */
    check_next(zone, "*/30 2 * * *", utc(2026, 3, 28, 12, 0), utc(2026, 3, 30, 0, 0));
    check_next(zone, "*/30 * * * *", utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1, 0));
    zone_destroy(&zone);
}

/* Oslo turns back from 03:00 to 02:00 at 01:00 UTC on 2026-10-25. */
static void a_time_that_comes_twice_counts_the_first_time(void **state)
{
    (void)state;
    zone_t *zone = support_zone("Europe/Oslo");
    check_next(zone, "30 2 * * *", utc(2026, 10, 24, 12, 0), utc(2026, 10, 25, 0, 30));
    check_next(zone, "30 2 * * *", utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30));
    check_next(zone, "0 3 * * *", utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 2, 0));
    check_next(zone, "30 * * * *", utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30));
    check_next(zone, "*/30 2 * * *", utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 0));
    check_next(zone, "*/30 2 * * *", utc(2026, 10, 25, 1, 30), utc(2026, 10, 26, 1, 0));
    zone_destroy(&zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_read),
        cmocka_unit_test(anything_else_is_refused_at_its_place),
        cmocka_unit_test(it_comes_at_the_first_time_that_fits),
        cmocka_unit_test(what_never_comes_is_found_out),
        cmocka_unit_test(a_time_that_is_jumped_over_comes_when_it_has_jumped),
        cmocka_unit_test(a_time_that_comes_twice_counts_the_first_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
