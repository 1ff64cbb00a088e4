/* Probes of one host take turns. */
#include "core/host_turns.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define N COUNT_OF(urls)

static const char *const urls[] = {
    "http://a.example/1",
    "http://b.example/",
    "https://A.example:8443/2",
    "redis://user:pass@a.example/3",
    "http://a.example:81",
    "http://[::1]:9/",
    NULL,
    "tcp://A.example:7",
    "exec:a.example",
    "exec:a.example",
};

static void make(host_turns_t *turns, size_t max)
{
    static target_t targets[N];
    const target_t *list[N];
    for (size_t i = 0; i < N; i++) {
        targets[i] = (target_t){.url = urls[i] ? support_text(urls[i]) : NULL};
        list[i] = &targets[i];
    }
    assert_int_equal(host_turns_init(turns, list, N, max), 0);
}

static void a_full_host_waits_in_order_and_holds_up_no_other(void **state)
{
    (void)state;
    host_turns_t turns;
    make(&turns, 2);
    assert_true(host_turns_take(&turns, 0));
    assert_true(host_turns_take(&turns, 2)); /* the same host on another port, in capitals */
    assert_false(host_turns_take(&turns, 4));
    assert_false(host_turns_take(&turns, 3)); /* ... by another protocol */
    assert_true(host_turns_take(&turns, 1));
    assert_true(host_turns_take(&turns, 5));
    assert_true(host_turns_take(&turns, 6));
    assert_int_equal(host_turns_give(&turns, 1), TURN_NONE);
    assert_int_equal(host_turns_give(&turns, 2), 4);
    assert_false(host_turns_take(&turns, 2));
    assert_int_equal(host_turns_give(&turns, 0), 3);
    assert_int_equal(host_turns_give(&turns, 4), 2);
    assert_int_equal(host_turns_give(&turns, 3), TURN_NONE);
    assert_int_equal(host_turns_give(&turns, 2), TURN_NONE);
    assert_true(host_turns_take(&turns, 0));
    host_turns_clear(&turns);
}

/* More run than the bound allows when the bound has become smaller: nobody's turn comes until
 * enough of them have ended. */
static void what_began_before_counts(void **state)
{
    (void)state;
    host_turns_t turns;
    make(&turns, 1);
    host_turns_count(&turns, 0);
    host_turns_count(&turns, 2);
    assert_false(host_turns_take(&turns, 4));
    assert_int_equal(host_turns_give(&turns, 0), TURN_NONE);
    assert_int_equal(host_turns_give(&turns, 2), 4);
    assert_int_equal(host_turns_give(&turns, 4), TURN_NONE);
    host_turns_clear(&turns);
}

static void without_a_bound_nothing_waits(void **state)
{
    (void)state;
    host_turns_t turns;
    make(&turns, 0);
    for (int i = 0; i < 100; i++)
        assert_true(host_turns_take(&turns, 0));
    host_turns_count(&turns, 0);
    assert_int_equal(host_turns_give(&turns, 0), TURN_NONE);
    host_turns_clear(&turns);
}

static void a_url_of_any_scheme_has_its_host(void **state)
{
    (void)state;
    host_turns_t turns;
    make(&turns, 1);
    assert_true(host_turns_take(&turns, 0));
    assert_false(host_turns_take(&turns, 7));
    assert_true(host_turns_take(&turns, 6)); /* those without a host wait for nobody */
    assert_true(host_turns_take(&turns, 8));
    assert_true(host_turns_take(&turns, 9));
    assert_int_equal(host_turns_give(&turns, 0), 7);
    host_turns_clear(&turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_host_waits_in_order_and_holds_up_no_other),
        cmocka_unit_test(what_began_before_counts),
        cmocka_unit_test(without_a_bound_nothing_waits),
        cmocka_unit_test(a_url_of_any_scheme_has_its_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
