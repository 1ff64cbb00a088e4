/* How long a configuration lives after the next one has come. */
#include <stdlib.h>

#include "actors/supervisor/generations.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

static const actor_args_t *add(generations_t *generations)
{
    static const actor_args_t like = {.n_alert_readers = 7};
    config_t *config = support_config(NULL);
    const config_t *made = config;
    assert_int_equal(generations_add(generations, &config, &like), 0);
    assert_null(config); /* taken */
    assert_ptr_equal(generations->newest->args.config, made);
    assert_int_equal(generations->newest->args.n_alert_readers, 7);
    return &generations->newest->args;
}

static void an_old_one_lives_until_its_last_holder_has_released_it(void **state)
{
    (void)state;
    generations_t generations = {.n = 0};
    const actor_args_t *first = add(&generations);
    generations_hold(&generations, 0);
    generations_hold(&generations, 31);
    const actor_args_t *second = add(&generations);
    generations_hold(&generations, 0);
    generations_release(&generations, 0, first);
    assert_int_equal(generations.n, 2);
    generations_release(&generations, 0, first); /* twice changes nothing */
    assert_int_equal(generations.n, 2);
    generations_release(&generations, 31, first);
    assert_int_equal(generations.n, 1);
    generations_release(&generations, 0, second); /* the newest stays all the same */
    assert_int_equal(generations.n, 1);
    assert_ptr_equal(&generations.newest->args, second);
    generations_clear(&generations);
    assert_int_equal(generations.n, 0);
}

static void one_in_the_middle_goes_first_where_nobody_holds_it(void **state)
{
    (void)state;
    generations_t generations = {.n = 0};
    const actor_args_t *first = add(&generations);
    generations_hold(&generations, 1);
    const actor_args_t *second = add(&generations);
    generations_hold(&generations, 2);
    const actor_args_t *third = add(&generations);
    generations_release(&generations, 2, second);
    assert_int_equal(generations.n, 2);
    assert_ptr_equal(&generations.newest->args, third);
    assert_ptr_equal(&generations.newest->older->args, first);
    generations_clear(&generations);
}

static void an_actor_that_returned_holds_nothing(void **state)
{
    (void)state;
    generations_t generations = {.n = 0};
    for (size_t i = 0; i < GENERATIONS_MAX; i++) {
        (void)add(&generations);
        generations_hold(&generations, 3);
    }
    assert_int_equal(generations.n, GENERATIONS_MAX);
    generations_forget(&generations, 2);
    assert_int_equal(generations.n, GENERATIONS_MAX);
    generations_forget(&generations, 3);
    assert_int_equal(generations.n, 1);
    generations_clear(&generations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_one_lives_until_its_last_holder_has_released_it),
        cmocka_unit_test(one_in_the_middle_goes_first_where_nobody_holds_it),
        cmocka_unit_test(an_actor_that_returned_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
