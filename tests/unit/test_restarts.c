/* When a thing that ended by itself is started again. */
#include "core/restarts.h"
#include "tests/test.h"

#define SECOND_US ((int64_t)1000000)
#define ROWS_MAX  9

static void waits_double_and_the_fifth_end_within_a_minute_is_too_many(void **state)
{
    (void)state;
    static const struct {
        int64_t at_us[ROWS_MAX];
        int64_t wait_us[ROWS_MAX];
        size_t n;
    } rows[] = {
        {{0, 1, 2, 3, 4}, {500000, 1000000, 2000000, 4000000, -1}, 5},
        /* the first leaves the window exactly a minute later */
        {{0, 1, 2, 3, 60 * SECOND_US}, {500000, 1000000, 2000000, 4000000, 4000000}, 5},
        {{0, 1, 2, 3, 60 * SECOND_US - 1}, {500000, 1000000, 2000000, 4000000, -1}, 5},
        /* a long life before the next end: the wait begins anew */
        {{0, 60 * SECOND_US, 120 * SECOND_US}, {500000, 500000, 500000}, 3},
        /* one each 15 s: never five within a minute */
        {{0, 15 * SECOND_US, 30 * SECOND_US, 45 * SECOND_US, 60 * SECOND_US, 75 * SECOND_US},
         {500000, 1000000, 2000000, 4000000, 4000000, 4000000},
         6},
        /* after the verdict the count begins anew */
        {{0, 1, 2, 3, 4, 5}, {500000, 1000000, 2000000, 4000000, -1, 500000}, 6},
        /* times of a machine that was up for long */
        {{INT64_MAX - 1, INT64_MAX}, {500000, 1000000}, 2},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        restarts_t restarts = {0};
        for (size_t j = 0; j < rows[i].n; j++)
            assert_int_equal(restarts_note(&restarts, rows[i].at_us[j]), rows[i].wait_us[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_and_the_fifth_end_within_a_minute_is_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
