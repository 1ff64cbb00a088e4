/* Orders that wait for their result. */
#include <stdio.h>
#include <string.h>

#include "core/orders.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define SECOND ((int64_t)1000000)

static probe_result_t result_of(const char *target, uint64_t order_id)
{
    return (probe_result_t){.target = support_text(target), .order_id = order_id};
}

static void a_result_answers_the_orders_of_its_target_that_are_not_newer(void **state)
{
    (void)state;
    orders_t orders = {.last_id = 0};
    assert_int_equal(orders_add(&orders, "a", SECOND, 0), 0);
    assert_int_equal(orders_add(&orders, "b", SECOND, 0), 1);
    assert_int_equal(orders_add(&orders, "a", SECOND, 0), 2);
    assert_int_equal(orders_add(&orders, "a", SECOND, 0), 3);
    static const struct {
        const char *target;
        uint64_t order_id;
        size_t first, second; /* place, and the next one */
    } rows[] = {
        {"a", 0, ORDERS_NONE, ORDERS_NONE},                 /* of no order */
        {"a", 1, 0, ORDERS_NONE},           {"a", 3, 0, 2}, /* two at once, but not the newest */
        {"b", 4, 1, ORDERS_NONE},           {"c", 4, ORDERS_NONE, ORDERS_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        probe_result_t result = result_of(rows[i].target, rows[i].order_id);
        size_t first = orders_answered_by(&orders, &result, 0);
        assert_int_equal(first, rows[i].first);
        if (first != ORDERS_NONE)
            assert_int_equal(orders_answered_by(&orders, &result, first + 1), rows[i].second);
    }
}

static void an_order_waits_for_the_time_out_and_a_second_but_not_for_ever(void **state)
{
    (void)state;
    orders_t orders = {.last_id = 0};
    assert_int_equal(orders_next_deadline_us(&orders), INT64_MAX);
    assert_int_equal(orders_overdue(&orders, INT64_MAX), ORDERS_NONE);
    size_t slow = orders_add(&orders, "slow", 600 * SECOND, 100);
    size_t fast = orders_add(&orders, "fast", 5 * SECOND, 100);
    assert_int_equal(orders_next_deadline_us(&orders), 6 * SECOND + 100);
    assert_int_equal(orders_overdue(&orders, 6 * SECOND + 99), ORDERS_NONE);
    assert_int_equal(orders_overdue(&orders, 6 * SECOND + 100), fast);
    orders_end(&orders, fast);
    assert_int_equal(orders_overdue(&orders, 6 * SECOND + 100), ORDERS_NONE);
    assert_int_equal(orders_next_deadline_us(&orders), ORDER_WAIT_MAX_US + 100);
    assert_int_equal(orders_overdue(&orders, ORDER_WAIT_MAX_US + 100), slow);
    orders_end(&orders, slow);
    assert_int_equal(orders_next_deadline_us(&orders), INT64_MAX);
}

static void places_are_bounded_and_used_again_under_a_new_id(void **state)
{
    (void)state;
    orders_t orders = {.last_id = 0};
    for (size_t i = 0; i < ORDERS_MAX; i++)
        assert_int_equal(orders_add(&orders, "a", SECOND, 0), i);
    assert_int_equal(orders_add(&orders, "a", SECOND, 0), ORDERS_NONE);
    orders_end(&orders, 7);
    assert_int_equal(orders_add(&orders, "b", SECOND, 0), 7);
    assert_int_equal(orders.places[7].id, ORDERS_MAX + 1);
    /* What answered the order that was there does not answer the one that is. */
    probe_result_t result = result_of("b", 8);
    assert_int_equal(orders_answered_by(&orders, &result, 0), ORDERS_NONE);
}

static void a_name_that_no_target_can_have_is_refused(void **state)
{
    (void)state;
    orders_t orders = {.last_id = 0};
    char name[TARGET_NAME_MAX_BYTES + 2];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(orders_add(&orders, name, SECOND, 0), ORDERS_NONE);
    name[sizeof name - 2] = '\0';
    assert_int_equal(orders_add(&orders, name, SECOND, 0), 0);
    assert_string_equal(orders.places[0].target, name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_answers_the_orders_of_its_target_that_are_not_newer),
        cmocka_unit_test(an_order_waits_for_the_time_out_and_a_second_but_not_for_ever),
        cmocka_unit_test(places_are_bounded_and_used_again_under_a_new_id),
        cmocka_unit_test(a_name_that_no_target_can_have_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
