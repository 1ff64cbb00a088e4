/* When results change so often that their turns say little. */
#include <math.h>
#include <string.h>

#include "core/flap.h"
#include "tests/test.h"

static const flap_settings_t usual = {.window = 20, .high = 0.3, .low = 0.25};

/* One letter a result: o OK, x DOWN; gives after which results the target flaps, as 0 and 1. */
static void check(const flap_settings_t *settings, const char *results, const char *expected)
{
    char flapping[128] = "";
    flap_t flap = {.n_results = 0};
    for (size_t i = 0; results[i]; i++) {
        flap_step(&flap, settings, results[i] == 'x' ? 2 : 0);
        flapping[i] = flap.is_flapping ? '1' : '0';
    }
    if (strcmp(flapping, expected) != 0)
        fail_msg("%s: %s instead of %s", results, flapping, expected);
}

static void newer_changes_weigh_more(void **state)
{
    (void)state;
    flap_t flap = {.n_results = 0};
    flap_step(&flap, &usual, 0);
    assert_true(flap_ratio(&flap, &usual) == 0);
    flap_step(&flap, &usual, 2);
    assert_true(fabs(flap_ratio(&flap, &usual) - 1.2 / 20) < 1e-12);
    for (int i = 0; i < 19; i++)
        flap_step(&flap, &usual, 2);
    assert_true(fabs(flap_ratio(&flap, &usual) - 0.8 / 20) < 1e-12);
    flap_step(&flap, &usual, 2); /* the change is 21 results ago */
    assert_true(flap_ratio(&flap, &usual) == 0);
    for (int i = 0; i < 20; i++)
        flap_step(&flap, &usual, i % 2 ? 2 : 0);
    assert_true(fabs(flap_ratio(&flap, &usual) - 1) < 1e-12);
}

static void a_target_flaps_between_two_thresholds(void **state)
{
    (void)state;
    /* 5 changes weigh 0.29 at most, 6 of them more than 0.3; calm comes below 0.25. */
    check(&usual, "oxoxox", "000000");
    check(&usual, "oxoxoxo", "0000001");
    check(&usual, "oxoxoxoooooooo", "00000011111111");
    check(&usual, "ooooooooooooooo", "000000000000000");
    check(&usual, "xxxxxxxxxxoooooooooo", "00000000000000000000");
    const flap_settings_t narrow = {.window = 5, .high = 0.5, .low = 0.3};
    check(&narrow, "oxoxxxxx", "00011110");
    /* Exactly at a threshold nothing turns. */
    const flap_settings_t all = {.window = 5, .high = 1, .low = 1};
    check(&all, "oxoxoxoxox", "0000000000");
}

static void no_window_no_flapping(void **state)
{
    (void)state;
    const flap_settings_t off = {.window = 0, .high = 0, .low = 0};
    check(&off, "oxoxoxoxoxox", "000000000000");
    flap_t flap = {.n_results = 0};
    assert_true(flap_is_known(&flap, &off));
}

static void calm_is_known_after_a_whole_window(void **state)
{
    (void)state;
    flap_t flap = {.n_results = 0};
    for (int i = 0; i < 20; i++) {
        assert_false(flap_is_known(&flap, &usual));
        flap_step(&flap, &usual, 0);
    }
    assert_true(flap_is_known(&flap, &usual));
    flap = (flap_t){.n_results = 0};
    for (int i = 0; i < 7; i++)
        flap_step(&flap, &usual, i % 2);
    assert_true(flap.is_flapping);
    assert_true(flap_is_known(&flap, &usual));
}

static void the_longest_window_takes_every_bit(void **state)
{
    (void)state;
    const flap_settings_t longest = {.window = FLAP_WINDOW_MAX, .high = 0.9, .low = 0.5};
    flap_t flap = {.n_results = 0};
    for (int i = 0; i < 200; i++)
        flap_step(&flap, &longest, i % 2);
    assert_true(fabs(flap_ratio(&flap, &longest) - 1) < 1e-12);
    assert_int_equal(flap.n_results, FLAP_WINDOW_MAX);
    assert_true(flap.is_flapping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newer_changes_weigh_more),
        cmocka_unit_test(a_target_flaps_between_two_thresholds),
        cmocka_unit_test(no_window_no_flapping),
        cmocka_unit_test(calm_is_known_after_a_whole_window),
        cmocka_unit_test(the_longest_window_takes_every_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
