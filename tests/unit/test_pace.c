/* Where the checks of targets lie, and how results make them come sooner. */
#include <stdio.h>
#include <stdlib.h>

#include "core/pace.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

static target_t target_named(const char *name)
{
    return (target_t){.name = support_text(name),
                      .check_interval_ms = 60000,
                      .retry_interval_ms = 10000,
                      .failure_threshold = 3,
                      .success_threshold = 2,
                      .is_spread = true,
                      .jitter_ratio = 0.1};
}

static void all_at_once_unless_spread(void **state)
{
    (void)state;
    target_t target = target_named("a");
    target.is_spread = false;
    target.jitter_ratio = 0;
    schedule_times_t times = pace_times(&target, 8);
    assert_int_equal(times.interval_us, 60000000);
    assert_int_equal(times.first_us, 0);
    assert_int_equal(times.phase_us, 0);
    assert_int_equal(times.jitter_us, 0);
}

/* Over 10,000 names: tenths of the interval are filled alike, the first round keeps the order and
 * its bound. */
static void names_spread_over_the_interval(void **state)
{
    (void)state;
    unsigned tenths[10] = {0};
    for (int i = 0; i < 10000; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "target-%d", i);
        target_t target = target_named(name);
        schedule_times_t times = pace_times(&target, 10000);
        assert_true(times.phase_us >= 0 && times.phase_us < 60000000);
        assert_true(times.first_us >= 0 && times.first_us < PACE_FIRST_MAX_US);
        assert_int_equal(times.first_us / 10, times.phase_us / 120);
        assert_int_equal(times.jitter_us, 6000000);
        tenths[times.phase_us / 6000000]++;
        schedule_times_t again = pace_times(&target, 10000);
        assert_int_equal(again.phase_us, times.phase_us);
    }
    for (size_t i = 0; i < COUNT_OF(tenths); i++)
        assert_true(tenths[i] > 850 && tenths[i] < 1150);
}

static void few_targets_wait_hardly_for_their_first_check(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "shop", "postgres", "x-9"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        target_t target = target_named(names[i]);
        assert_true(pace_times(&target, 1).first_us < 10000);
        assert_true(pace_times(&target, 20).first_us < 200000);
        target.check_interval_ms = 1000;
        assert_true(pace_times(&target, 100000).first_us < 1000000);
    }
}

static void an_unconfirmed_status_is_asked_again_soon(void **state)
{
    (void)state;
    static const struct {
        status_t status;
        bool is_soon;
    } rows[] = {
        {STATUS_OK, false},                            /* the first one is confirmed at once */
        {STATUS_DOWN, true},                           /* 1 of 3 */
        {STATUS_DOWN, true},                           /* 2 of 3 */
        {STATUS_OK, false},                            /* back where it was */
        {STATUS_DOWN, true},  {STATUS_DEGRADED, true}, /* counts as worse too */
        {STATUS_DOWN, false},                          /* 3 of 3: turned */
        {STATUS_DOWN, false}, {STATUS_OK, true},       /* 1 of 2 */
        {STATUS_DOWN, false}, {STATUS_OK, true},       {STATUS_OK, false},
    };
    target_t target = target_named("a");
    pace_t pace = {.has_result = false};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(pace_retry_us(&pace, &target, (int)rows[i].status),
                         rows[i].is_soon ? 10000000 : 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_at_once_unless_spread),
        cmocka_unit_test(names_spread_over_the_interval),
        cmocka_unit_test(few_targets_wait_hardly_for_their_first_check),
        cmocka_unit_test(an_unconfirmed_status_is_asked_again_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
