#include <stdlib.h>

#include "core/schedule.h"
#include "tests/test.h"

#define SECOND ((int64_t)1000000)

static schedule_t *make(const int64_t *interval_us, size_t n, int64_t now_us)
{
    schedule_times_t *times = calloc(n + 1, sizeof *times);
    assert_non_null(times);
    for (size_t i = 0; i < n; i++)
        times[i] = (schedule_times_t){.interval_us = interval_us[i]};
    schedule_t *schedule = schedule_new(times, n, now_us);
    free(times);
    assert_non_null(schedule);
    return schedule;
}

static void first_round_is_due_at_once_in_order(void **state)
{
    (void)state;
    const int64_t interval_us[] = {3 * SECOND, SECOND, 2 * SECOND};
    schedule_t *schedule = make(interval_us, 3, 100);
    assert_int_equal(schedule_next_us(schedule), 100);
    assert_int_equal(schedule_take(schedule, 99), SCHEDULE_NONE);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(schedule_take(schedule, 100), i);
    assert_int_equal(schedule_take(schedule, 100), SCHEDULE_NONE);
    assert_int_equal(schedule_next_us(schedule), SCHEDULE_NEVER);
    schedule_destroy(&schedule);
    assert_null(schedule);
}

static void no_targets_are_never_due(void **state)
{
    (void)state;
    schedule_t *schedule = make(NULL, 0, 0);
    assert_int_equal(schedule_next_us(schedule), SCHEDULE_NEVER);
    assert_int_equal(schedule_take(schedule, INT64_MAX), SCHEDULE_NONE);
    schedule_destroy(&schedule);
}

/* One target with an interval of 10: taken when due, ended at ENDED, due again at NEXT. */
static void next_run_is_counted_from_the_due_time(void **state)
{
    (void)state;
    static const struct {
        int64_t started, taken, ended, next;
    } rows[] = {
        {0, 0, 0, 10},                      /* ended at once */
        {0, 0, 3, 10},                      /* no drift by its length */
        {0, 4, 6, 10},                      /* ... nor by a late start */
        {0, 0, 10, 10},                     /* ended just when due */
        {0, 0, 11, 20},                     /* one run missed */
        {0, 0, 20, 20},                     /* ... and the second is due now */
        {0, 0, 29, 30},                     /* two missed */
        {0, 25, 1001, 1010}, {-5, 0, 1, 5}, /* a monotonic clock may begin anywhere */
    };
    const int64_t interval_us[] = {10};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        schedule_t *schedule = make(interval_us, 1, rows[i].started);
        assert_int_equal(schedule_take(schedule, rows[i].taken), 0);
        schedule_finish(schedule, 0, rows[i].ended, 0);
        assert_int_equal(schedule_next_us(schedule), rows[i].next);
        assert_int_equal(schedule_take(schedule, rows[i].next - 1), SCHEDULE_NONE);
        assert_int_equal(schedule_take(schedule, rows[i].next), 0);
        schedule_destroy(&schedule);
    }
}

static void target_under_way_is_not_due_and_delays_no_other(void **state)
{
    (void)state;
    const int64_t interval_us[] = {SECOND, SECOND};
    schedule_t *schedule = make(interval_us, 2, 0);
    assert_int_equal(schedule_take(schedule, 0), 0); /* hangs for the rest of the test */
    for (int64_t round = 0; round < 5; round++) {
        assert_int_equal(schedule_take(schedule, round * SECOND), 1);
        assert_int_equal(schedule_take(schedule, round * SECOND), SCHEDULE_NONE);
        schedule_finish(schedule, 1, round * SECOND + 7, 0);
        assert_int_equal(schedule_next_us(schedule), (round + 1) * SECOND);
    }
    schedule_destroy(&schedule);
}

/* The heap against a search through all: the same order over many random rounds. */
static void order_is_that_of_a_search_through_all(void **state)
{
    (void)state;
    enum { N = 97 };
    int64_t interval_us[N], due_us[N];
    unsigned seed = 7;
    for (size_t i = 0; i < N; i++) {
        interval_us[i] = 1 + rand_r(&seed) % 50;
        due_us[i] = 0;
    }
    schedule_t *schedule = make(interval_us, N, 0);
    size_t n_taken = 0;
    for (int64_t now = 0; now < 500; now++) {
        for (;;) {
            size_t expected = SCHEDULE_NONE;
            for (size_t i = 0; i < N; i++)
                if (due_us[i] <= now && (expected == SCHEDULE_NONE || due_us[i] < due_us[expected]))
                    expected = i;
            size_t taken = schedule_take(schedule, now);
            assert_int_equal(taken, expected);
            if (taken == SCHEDULE_NONE)
                break;
            n_taken++;
            int64_t ended = now + rand_r(&seed) % 2;
            due_us[taken] += interval_us[taken];
            while (due_us[taken] < ended)
                due_us[taken] += interval_us[taken];
            schedule_finish(schedule, taken, ended, 0);
        }
    }
    assert_true(n_taken > 500);
    schedule_destroy(&schedule);
}

/* A retry comes sooner than the regular run, which keeps its place. */
static void retries_come_between_regular_runs(void **state)
{
    (void)state;
    static const struct {
        int64_t due, ended, retry, next;
    } rows[] = {
        {0, 3, 20, 20},                            /* sooner than 100 */
        {20, 21, 20, 40},                          /* again */
        {40, 75, 20, 80},                          /* one was missed */
        {80, 81, 20, 100},                         /* the regular run is as soon */
        {100, 100, 0, 200},                        /* confirmed: regular again */
        {200, 201, 500, 300}, {300, 430, 50, 450}, /* a slow run, then a retry */
        {450, 451, 0, 500},
    };
    const int64_t interval_us[] = {100};
    schedule_t *schedule = make(interval_us, 1, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(schedule_next_us(schedule), rows[i].due);
        assert_int_equal(schedule_take(schedule, rows[i].due), 0);
        schedule_finish(schedule, 0, rows[i].ended, rows[i].retry);
        assert_int_equal(schedule_next_us(schedule), rows[i].next);
    }
    schedule_destroy(&schedule);
}

/* The first run, then the regular ones at the phase, the first of them half an interval later. */
static void first_round_is_pressed_and_then_each_has_its_place(void **state)
{
    (void)state;
    static const struct {
        int64_t first, phase, second;
    } rows[] = {{0, 0, 100}, {1, 10, 110}, {2, 51, 151}, {5, 60, 60}, {9, 99, 99}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const schedule_times_t times = {
            .interval_us = 100, .first_us = rows[i].first, .phase_us = rows[i].phase};
        schedule_t *schedule = schedule_new(&times, 1, 1000);
        assert_non_null(schedule);
        int64_t next[] = {1000 + rows[i].first, 1000 + rows[i].second, 1100 + rows[i].second};
        for (size_t run = 0; run < COUNT_OF(next); run++) {
            assert_int_equal(schedule_next_us(schedule), next[run]);
            assert_int_equal(schedule_take(schedule, next[run]), 0);
            schedule_finish(schedule, 0, next[run], 0);
        }
        schedule_destroy(&schedule);
    }
}

static void jitter_moves_runs_within_its_bound_and_never_adds_up(void **state)
{
    (void)state;
    const schedule_times_t times = {.interval_us = 1000, .jitter_us = 100, .seed = 7};
    int64_t seen[200];
    for (int turn = 0; turn < 2; turn++) {
        schedule_t *schedule = schedule_new(&times, 1, 0);
        assert_non_null(schedule);
        int64_t sum = 0;
        for (int64_t run = 0; run < (int64_t)COUNT_OF(seen); run++) {
            int64_t late = schedule_next_us(schedule) - run * 1000;
            assert_true(late >= 0 && late <= (run == 0 ? 0 : 100));
            if (turn == 0)
                seen[run] = late;
            assert_int_equal(late, seen[run]); /* the same after each start */
            sum += late;
            assert_int_equal(schedule_take(schedule, run * 1000 + late), 0);
            schedule_finish(schedule, 0, run * 1000 + late + 1, 0);
        }
        assert_true(sum > 200 * 40 && sum < 200 * 60);
        schedule_destroy(&schedule);
    }
}

/* A run beside the schedule leaves the regular one where it is. */
static void a_run_beside_the_schedule_moves_nothing(void **state)
{
    (void)state;
    static const struct {
        int64_t ended, retry, next, after; /* due then, and again after a run until 150 */
    } rows[] = {
        {20, 0, 100, 200},  /* ended before the regular run */
        {130, 0, 100, 200}, /* ... after it: that is due now */
        {20, 30, 50, 200},  /* unconfirmed: a retry is sooner */
        {20, 90, 100, 200}, /* ... or not */
    };
    const int64_t interval_us[] = {100};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        schedule_t *schedule = make(interval_us, 1, 0);
        assert_int_equal(schedule_take(schedule, 0), 0);
        assert_false(schedule_take_early(schedule, 0));
        schedule_finish(schedule, 0, 1, 0);
        assert_true(schedule_take_early(schedule, 0));
        assert_int_equal(schedule_take(schedule, 1000), SCHEDULE_NONE);
        schedule_put_back(schedule, 0, rows[i].ended, rows[i].retry);
        assert_int_equal(schedule_next_us(schedule), rows[i].next);
        assert_int_equal(schedule_take(schedule, 150), 0);
        schedule_finish(schedule, 0, 150, 0);
        assert_int_equal(schedule_next_us(schedule), rows[i].after);
        schedule_destroy(&schedule);
    }
}

/* Taken out of the middle of the heap and put back, the others keep their order. */
static void the_others_keep_their_order_around_an_early_run(void **state)
{
    (void)state;
    enum { N = 31 };
    int64_t interval_us[N];
    for (size_t i = 0; i < N; i++)
        interval_us[i] = (int64_t)(1 + i * 7 % N) * 10;
    for (size_t early = 0; early < N; early++) {
        schedule_t *schedule = make(interval_us, N, 0);
        for (size_t i = 0; i < N; i++)
            schedule_finish(schedule, schedule_take(schedule, 0), 0, 0);
        assert_true(schedule_take_early(schedule, early));
        int64_t last_us = 0;
        for (size_t n = 0; n < N - 1; n++) {
            assert_true(schedule_next_us(schedule) >= last_us);
            last_us = schedule_next_us(schedule);
            size_t taken = schedule_take(schedule, INT64_MAX - 1);
            assert_int_not_equal(taken, early);
            assert_int_equal(interval_us[taken], last_us);
        }
        assert_int_equal(schedule_next_us(schedule), SCHEDULE_NEVER);
        schedule_put_back(schedule, early, 5, 0);
        assert_int_equal(schedule_next_us(schedule), interval_us[early]);
        schedule_destroy(&schedule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_round_is_due_at_once_in_order),
        cmocka_unit_test(no_targets_are_never_due),
        cmocka_unit_test(next_run_is_counted_from_the_due_time),
        cmocka_unit_test(target_under_way_is_not_due_and_delays_no_other),
        cmocka_unit_test(order_is_that_of_a_search_through_all),
        cmocka_unit_test(retries_come_between_regular_runs),
        cmocka_unit_test(first_round_is_pressed_and_then_each_has_its_place),
        cmocka_unit_test(jitter_moves_runs_within_its_bound_and_never_adds_up),
        cmocka_unit_test(a_run_beside_the_schedule_moves_nothing),
        cmocka_unit_test(the_others_keep_their_order_around_an_early_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
