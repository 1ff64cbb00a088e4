#include "core/histogram.h"
#include "tests/test.h"

static void a_time_counts_up_to_its_bound(void **state)
{
    (void)state;
    histogram_t histogram = {.n = 0};
    static const int64_t times_us[] = {-5, 0, 1000, 1001, 5000, 29999999, 30000000, 30000001};
    for (size_t i = 0; i < COUNT_OF(times_us); i++)
        histogram_add(&histogram, times_us[i]);
    assert_int_equal(histogram.n, 8);
    assert_int_equal(histogram.sum_us, 90007001);
    assert_string_equal(histogram_bound(0), "0.001");
    assert_int_equal(histogram_up_to(&histogram, 0), 3);
    assert_int_equal(histogram_up_to(&histogram, 1), 5);
    assert_int_equal(histogram_up_to(&histogram, 10), 5);
    assert_string_equal(histogram_bound(11), "30.0");
    assert_int_equal(histogram_up_to(&histogram, 11), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_counts_up_to_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
