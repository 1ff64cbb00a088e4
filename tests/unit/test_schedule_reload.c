/* What a schedule keeps when its targets are others. */
#include "core/schedule.h"
#include "tests/test.h"

#define NONE SCHEDULE_NONE

static schedule_t *make(const schedule_times_t *times, size_t n)
{
    schedule_t *schedule = schedule_new(times, n, 0);
    assert_non_null(schedule);
    return schedule;
}

/* Takes what is due up to UNTIL in order, ends it at once, and asserts who came when. */
static void assert_runs(schedule_t *schedule, int64_t until_us, const int64_t (*runs)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t due_us = schedule_next_us(schedule);
        size_t target = schedule_take(schedule, due_us);
        if (due_us != runs[i][0] || target != (size_t)runs[i][1])
            fail_msg("run %zu: %zu at %lld instead of %lld at %lld", i, target, (long long)due_us,
                     (long long)runs[i][1], (long long)runs[i][0]);
        schedule_finish(schedule, target, due_us, 0);
    }
    assert_true(schedule_next_us(schedule) > until_us);
}

static void the_same_targets_stay_due_when_they_were(void **state)
{
    (void)state;
    const schedule_times_t times[] = {{.interval_us = 1000, .first_us = 30, .phase_us = 300},
                                      {.interval_us = 1000, .first_us = 80, .phase_us = 800}};
    const size_t same[] = {0, 1};
    static const int64_t runs[][2] = {{30, 0}, {80, 1}, {800, 1}, {1300, 0}, {1800, 1}, {2300, 0}};
    for (size_t at = 0; at <= COUNT_OF(runs); at++) { /* a reload after each number of runs */
        schedule_t *schedule = make(times, 2);
        for (size_t i = 0; i <= COUNT_OF(runs); i++) {
            if (i == at)
                assert_int_equal(
                    schedule_reconfigure(schedule, times, 2, same, i ? runs[i - 1][0] : 0), 0);
            if (i < COUNT_OF(runs))
                assert_runs(schedule, runs[i][0] - 1, &runs[i], 1);
        }
        schedule_destroy(&schedule);
    }
}

static void order_changes_and_each_keeps_its_time(void **state)
{
    (void)state;
    const schedule_times_t times[] = {
        {.interval_us = 1000}, {.interval_us = 700}, {.interval_us = 300}};
    const schedule_times_t turned[] = {
        {.interval_us = 300}, {.interval_us = 1000}, {.interval_us = 700}};
    const size_t old_of[] = {2, 0, 1};
    schedule_t *schedule = make(times, 3);
    assert_runs(schedule, 0, (const int64_t[][2]){{0, 0}, {0, 1}, {0, 2}}, 3);
    assert_int_equal(schedule_reconfigure(schedule, turned, 3, old_of, 100), 0);
    assert_runs(schedule, 1000,
                (const int64_t[][2]){{300, 0}, {600, 0}, {700, 2}, {900, 0}, {1000, 1}}, 5);
    schedule_destroy(&schedule);
}

static void one_goes_and_one_comes(void **state)
{
    (void)state;
    const schedule_times_t times[] = {{.interval_us = 1000}, {.interval_us = 1000}};
    const schedule_times_t next[] = {{.interval_us = 1000},
                                     {.interval_us = 1000, .first_us = 20, .phase_us = 200}};
    schedule_t *schedule = make(times, 2);
    assert_runs(schedule, 0, (const int64_t[][2]){{0, 0}, {0, 1}}, 2);
    assert_int_equal(schedule_reconfigure(schedule, next, 2, (const size_t[]){1, NONE}, 400), 0);
    /* The new one: soon, and then at its place on the beat, half an interval later or more. */
    assert_runs(schedule, 1200, (const int64_t[][2]){{420, 1}, {1000, 0}, {1200, 1}}, 3);
    schedule_destroy(&schedule);
}

static void a_new_target_that_is_not_spread_joins_the_beat_of_the_others(void **state)
{
    (void)state;
    const schedule_times_t times[] = {{.interval_us = 1000}, {.interval_us = 1000}};
    schedule_t *schedule = make(times, 1);
    assert_runs(schedule, 0, (const int64_t[][2]){{0, 0}}, 1);
    assert_int_equal(schedule_reconfigure(schedule, times, 2, (const size_t[]){0, NONE}, 300), 0);
    assert_runs(schedule, 2000,
                (const int64_t[][2]){{300, 1}, {1000, 0}, {1000, 1}, {2000, 0}, {2000, 1}}, 5);
    schedule_destroy(&schedule);
}

static void another_interval_counts_from_the_same_start(void **state)
{
    (void)state;
    static const struct {
        int64_t interval_us, phase_us, now_us;
        int64_t next_us;
    } rows[] = {
        {100, 0, 450, 500},    /* shorter: the next one of the new beat */
        {100, 30, 450, 530},   /* ... with its phase */
        {100, 50, 450, 450},   /* ... which may be now */
        {5000, 0, 450, 5000},  /* longer */
        {1000, 0, 450, 1000},  /* the same */
        {1000, 700, 450, 700}, /* the same with another place */
        {1000, 300, 450, 1300},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const schedule_times_t times = {.interval_us = 1000};
        const schedule_times_t next = {.interval_us = rows[i].interval_us,
                                       .phase_us = rows[i].phase_us};
        schedule_t *schedule = make(&times, 1);
        assert_runs(schedule, 0, (const int64_t[][2]){{0, 0}}, 1);
        assert_int_equal(
            schedule_reconfigure(schedule, &next, 1, (const size_t[]){0}, rows[i].now_us), 0);
        assert_int_equal(schedule_next_us(schedule), rows[i].next_us);
        assert_runs(
            schedule, rows[i].next_us,
            (const int64_t[][2]){{rows[i].next_us, 0}, {rows[i].next_us + rows[i].interval_us, 0}},
            2);
        schedule_destroy(&schedule);
    }
}

static void a_retry_stays_due(void **state)
{
    (void)state;
    const schedule_times_t times = {.interval_us = 1000};
    static const int64_t intervals_us[] = {1000, 5000, 200};

    for (size_t i = 0; i < COUNT_OF(intervals_us); i++) {
        const schedule_times_t next = {.interval_us = intervals_us[i]};
        schedule_t *schedule = make(&times, 1);
        assert_int_equal(schedule_take(schedule, 0), 0);
        schedule_finish(schedule, 0, 10, 150);
        assert_int_equal(schedule_reconfigure(schedule, &next, 1, (const size_t[]){0}, 20), 0);
        assert_int_equal(schedule_next_us(schedule), 150);
        schedule_destroy(&schedule);
    }
}

static void runs_under_way_go_on_and_are_not_due_twice(void **state)
{
    (void)state;
    const schedule_times_t times[] = {{.interval_us = 1000}, {.interval_us = 1000}};
    const schedule_times_t faster[] = {{.interval_us = 100}, {.interval_us = 1000}};
    schedule_t *schedule = make(times, 2);
    assert_int_equal(schedule_take(schedule, 0), 0);
    assert_int_equal(schedule_take(schedule, 0), 1);
    assert_int_equal(schedule_reconfigure(schedule, faster, 2, (const size_t[]){1, NONE}, 40), 0);
    assert_int_equal(schedule_take(schedule, 40), 1); /* the new one */
    assert_int_equal(schedule_take(schedule, 1000000), NONE);
    schedule_finish(schedule, 0, 150, 0);
    assert_int_equal(schedule_next_us(schedule), 200);
    schedule_destroy(&schedule);
}

static void all_may_go_and_come(void **state)
{
    (void)state;
    const schedule_times_t times[] = {{.interval_us = 1000}, {.interval_us = 1000}};
    schedule_t *schedule = make(times, 2);
    assert_int_equal(schedule_take(schedule, 0), 0);
    assert_int_equal(schedule_reconfigure(schedule, NULL, 0, NULL, 10), 0);
    assert_int_equal(schedule_next_us(schedule), SCHEDULE_NEVER);
    assert_int_equal(schedule_reconfigure(schedule, times, 2, (const size_t[]){NONE, NONE}, 20), 0);
    assert_runs(schedule, 20, (const int64_t[][2]){{20, 0}, {20, 1}}, 2);
    schedule_destroy(&schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_targets_stay_due_when_they_were),
        cmocka_unit_test(order_changes_and_each_keeps_its_time),
        cmocka_unit_test(one_goes_and_one_comes),
        cmocka_unit_test(a_new_target_that_is_not_spread_joins_the_beat_of_the_others),
        cmocka_unit_test(another_interval_counts_from_the_same_start),
        cmocka_unit_test(a_retry_stays_due),
        cmocka_unit_test(runs_under_way_go_on_and_are_not_due_twice),
        cmocka_unit_test(all_may_go_and_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
