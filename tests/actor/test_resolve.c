/* Name lookups on an actor's loop, against a name server of our own on the same loop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/io/resolve.h"
#include "tests/actor/loop_world.h"
#include "tests/test.h"

enum { LONG_US = 10 * 1000 * 1000, SHORT_US = 200 * 1000, ANSWERS_MAX = 8 };

typedef struct world world_t;

/* Who waits for an answer. */
typedef struct {
    world_t *world;
    resolve_waiter_t *waiter;
    unsigned n_calls;
    resolve_answer_t answer;
    resolve_waiter_t **cancels; /* another one, ended from inside the call */
} asker_t;

struct world {
    loop_world_t loop;
    bool is_in_start;
    asker_t askers[ANSWERS_MAX];
    unsigned n_awaited;
};

/* --- the world --- */

static int set_up(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    assert_non_null(world);
    loop_world_begin(&world->loop);
    for (size_t i = 0; i < ANSWERS_MAX; i++)
        world->askers[i].world = world;
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_t *world = *state;
    loop_world_end(&world->loop);
    free(world);
    return 0;
}

static void on_answer(void *context, const resolve_answer_t *answer)
{
    asker_t *asker = context;
    world_t *world = asker->world;
    assert_false(world->is_in_start);
    asker->waiter = NULL;
    asker->n_calls++;
    asker->answer = *answer;
    if (asker->cancels)
        resolve_cancel(asker->cancels);
    if (--world->n_awaited == 0)
        actor_stop(world->loop.actor);
}

static void ask_family(world_t *world, size_t i, const char *host, resolve_family_t family,
                       int64_t timeout_us)
{
    asker_t *asker = &world->askers[i];
    world->is_in_start = true;
    asker->waiter = resolve_start(world->loop.resolve, host, family, timeout_us, on_answer, asker);
    world->is_in_start = false;
    assert_non_null(asker->waiter);
    world->n_awaited++;
}

static void ask(world_t *world, size_t i, const char *host, int64_t timeout_us)
{
    ask_family(world, i, host, RESOLVE_ANY, timeout_us);
}

/* Runs the loop until every answer that is awaited has come. */
static void run(world_t *world)
{
    loop_world_run(&world->loop);
    assert_int_equal(world->n_awaited, 0);
}

/* --- tests --- */

static void numeric_host_is_known_at_once(void **state)
{
    world_t *world = *state;
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0", "::1", "2001:db8::1",
                                        "::ffff:255.255.255.255"};
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        const resolve_answer_t *answer = resolve_known(world->loop.resolve, hosts[i], RESOLVE_ANY);
        assert_non_null(answer);
        assert_int_equal(answer->failure, REASON_NONE);
        assert_int_equal(answer->n_addresses, 1);
        assert_string_equal(answer->addresses[0], hosts[i]);
    }
    static const char *const names[] = {"localhost", "good.test", "127.0.0", "256.0.0.1", ""};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_null(resolve_known(world->loop.resolve, names[i], RESOLVE_ANY));
}

static void localhost_needs_no_name_server(void **state)
{
    world_t *world = *state;
    ask(world, 0, "localhost", LONG_US);
    run(world);
    const resolve_answer_t *answer = &world->askers[0].answer;
    assert_int_equal(answer->failure, REASON_NONE);
    assert_true(answer->n_addresses > 0);
    bool has_v4 = false;
    for (size_t i = 0; i < answer->n_addresses; i++)
        has_v4 |= strcmp(answer->addresses[i], "127.0.0.1") == 0;
    assert_true(has_v4);
    assert_int_equal(world->loop.names.n_questions, 0);
}

static void name_is_asked_for_once_and_kept(void **state)
{
    world_t *world = *state;
    for (size_t i = 0; i < 3; i++)
        ask(world, i, "good.test", LONG_US);
    run(world);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(world->askers[i].n_calls, 1);
        assert_int_equal(world->askers[i].answer.failure, REASON_NONE);
        assert_int_equal(world->askers[i].answer.n_addresses, 1);
        assert_string_equal(world->askers[i].answer.addresses[0], "127.0.0.9");
    }
    assert_int_equal(world->loop.names.n_questions, 1);
    const resolve_answer_t *known = resolve_known(world->loop.resolve, "good.test", RESOLVE_ANY);
    assert_non_null(known);
    assert_string_equal(known->addresses[0], "127.0.0.9");
}

static void every_address_of_a_name_is_given(void **state)
{
    world_t *world = *state;
    ask(world, 0, "two.test", LONG_US);
    run(world);
    assert_int_equal(world->askers[0].answer.n_addresses, 2);
    assert_string_equal(world->askers[0].answer.addresses[0], "127.0.0.9");
    assert_string_equal(world->askers[0].answer.addresses[1], "127.0.0.1");
}

/* As behind a name server that drops questions it does not know. */
static void family_without_answer_holds_up_no_other(void **state)
{
    world_t *world = *state;
    int64_t started_us = clock_mono_us();
    ask(world, 0, "half.test", LONG_US);
    run(world);
    assert_in_range(clock_mono_us() - started_us, 50 * 1000, 1000 * 1000);
    assert_int_equal(world->askers[0].answer.failure, REASON_NONE);
    assert_int_equal(world->askers[0].answer.n_addresses, 1);
    assert_non_null(resolve_known(world->loop.resolve, "half.test", RESOLVE_ANY));
    assert_non_null(resolve_known(world->loop.resolve, "half.test", RESOLVE_V4));
    assert_null(resolve_known(world->loop.resolve, "half.test", RESOLVE_V6));
    assert_null(resolve_known(world->loop.resolve, "half.test", RESOLVE_BOTH));

    ask_family(world, 1, "half.test", RESOLVE_V6, SHORT_US);
    ask_family(world, 2, "half.test", RESOLVE_BOTH, SHORT_US);
    ask_family(world, 3, "half.test", RESOLVE_V4, SHORT_US);
    run(world);
    assert_int_equal(world->askers[1].answer.failure, REASON_TIMEOUT_RESOLVE);
    assert_int_equal(world->askers[2].answer.failure, REASON_TIMEOUT_RESOLVE);
    assert_int_equal(world->askers[3].answer.failure, REASON_NONE);
    assert_int_equal(world->loop.names.n_questions, 1);
}

static void family_that_is_wanted_is_given(void **state)
{
    world_t *world = *state;
    static const struct {
        const char *host;
        resolve_family_t family;
        reason_t failure;
        const char *addresses; /* in the order of the alphabet */
    } rows[] = {
        {"dual.test", RESOLVE_V4, REASON_NONE, "127.0.0.9"},
        {"dual.test", RESOLVE_V6, REASON_NONE, "::1"},
        {"dual.test", RESOLVE_BOTH, REASON_NONE, "127.0.0.9 ::1"},
        {"dual.test", RESOLVE_ANY, REASON_NONE, "127.0.0.9 ::1"},
        {"good.test", RESOLVE_V6, REASON_DNS_NXDOMAIN, ""},
        {"good.test", RESOLVE_BOTH, REASON_NONE, "127.0.0.9"},
        {"missing.test", RESOLVE_BOTH, REASON_DNS_NXDOMAIN, ""},
        {"broken.test", RESOLVE_V4, REASON_DNS_FAILURE, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask_family(world, 0, rows[i].host, rows[i].family, LONG_US);
        run(world);
        const resolve_answer_t *answer = &world->askers[0].answer;
        char both[2 * INET6_ADDRSTRLEN] = "";
        if (answer->n_addresses == 1)
            (void)snprintf(both, sizeof both, "%s", answer->addresses[0]);
        bool is_ordered = strcmp(answer->addresses[0], answer->addresses[1]) < 0;
        if (answer->n_addresses == 2)
            (void)snprintf(both, sizeof both, "%s %s", answer->addresses[!is_ordered],
                           answer->addresses[is_ordered]);
        assert_int_equal(answer->failure, rows[i].failure);
        assert_string_equal(both, rows[i].addresses);
        resolve_forget(world->loop.resolve, rows[i].host);
    }
}

static void numeric_host_of_the_other_family_is_refused(void **state)
{
    world_t *world = *state;
    const resolve_answer_t *answer = resolve_known(world->loop.resolve, "127.0.0.1", RESOLVE_V6);
    assert_int_equal(answer->failure, REASON_DNS_NXDOMAIN);
    assert_string_equal(answer->text, "Not an IPv6 address");
    answer = resolve_known(world->loop.resolve, "::1", RESOLVE_V4);
    assert_int_equal(answer->failure, REASON_DNS_NXDOMAIN);
    assert_string_equal(answer->text, "Not an IPv4 address");
    assert_int_equal(resolve_known(world->loop.resolve, "::1", RESOLVE_BOTH)->failure, REASON_NONE);
}

static void forgotten_name_is_asked_for_anew(void **state)
{
    world_t *world = *state;
    resolve_forget(world->loop.resolve, "never.test");
    for (unsigned round = 1; round <= 2; round++) {
        ask(world, 0, "good.test", LONG_US);
        run(world);
        assert_int_equal(world->loop.names.n_questions, round);
        resolve_forget(world->loop.resolve, "good.test");
        assert_null(resolve_known(world->loop.resolve, "good.test", RESOLVE_ANY));
    }
    /* Who waits for what is forgotten meanwhile hears of it all the same. */
    ask(world, 0, "good.test", LONG_US);
    resolve_forget(world->loop.resolve, "good.test");
    ask(world, 1, "good.test", LONG_US);
    run(world);
    assert_int_equal(world->askers[0].answer.failure, REASON_NONE);
    assert_int_equal(world->askers[1].answer.failure, REASON_NONE);
    assert_int_equal(world->loop.names.n_questions, 4);
}

static void failure_is_told_and_not_kept(void **state)
{
    world_t *world = *state;
    static const struct {
        const char *host;
        reason_t failure;
    } rows[] = {{"missing.test", REASON_DNS_NXDOMAIN}, {"broken.test", REASON_DNS_FAILURE}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (int round = 0; round < 2; round++) {
            unsigned n_before = world->loop.names.n_questions;
            ask(world, 0, rows[i].host, LONG_US);
            run(world);
            assert_int_equal(world->askers[0].answer.failure, rows[i].failure);
            assert_non_null(world->askers[0].answer.text);
            assert_int_equal(world->askers[0].answer.n_addresses, 0);
            assert_true(world->loop.names.n_questions > n_before);
            assert_null(resolve_known(world->loop.resolve, rows[i].host, RESOLVE_ANY));
        }
}

static void silent_server_ends_by_the_waiters_own_deadline(void **state)
{
    world_t *world = *state;
    int64_t started_us = clock_mono_us();
    ask(world, 0, "silent.test", SHORT_US);
    ask(world, 1, "silent.test", 2 * SHORT_US);
    ask(world, 2, "good.test", LONG_US); /* is not held up */
    run(world);
    assert_in_range(clock_mono_us() - started_us, 2 * SHORT_US, LONG_US / 2);
    assert_int_equal(world->askers[0].answer.failure, REASON_TIMEOUT_RESOLVE);
    assert_int_equal(world->askers[1].answer.failure, REASON_TIMEOUT_RESOLVE);
    assert_int_equal(world->askers[2].answer.failure, REASON_NONE);
}

static void cancelled_waiter_is_not_called(void **state)
{
    world_t *world = *state;
    ask(world, 0, "good.test", LONG_US);
    ask(world, 1, "good.test", LONG_US);
    ask(world, 2, "good.test", LONG_US);
    resolve_cancel(&world->askers[0].waiter);
    assert_null(world->askers[0].waiter);
    /* Whichever of the others is called first ends the second. */
    world->askers[1].cancels = &world->askers[2].waiter;
    world->askers[2].cancels = &world->askers[1].waiter;
    world->n_awaited = 1;
    run(world);
    assert_int_equal(world->askers[0].n_calls, 0);
    assert_int_equal(world->askers[1].n_calls + world->askers[2].n_calls, 1);
}

/* 127.0.0.8 answers nothing: as after a start without a network. */
static void changed_name_servers_are_asked_at_once(void **state)
{
    world_t *world = *state;
    name_server_write_file(&world->loop.names, "nameserver 127.0.0.8\n");
    ask(world, 0, "good.test", SHORT_US);
    run(world);
    assert_int_not_equal(world->askers[0].answer.failure, REASON_NONE);
    assert_int_equal(world->loop.names.n_questions, 0);

    ask(world, 1, "two.test", LONG_US); /* under way when the file changes */
    name_server_write_file(&world->loop.names, "nameserver 127.0.0.1\n");
    ask(world, 2, "missing.test", LONG_US);
    run(world);
    assert_int_equal(world->askers[1].answer.failure, REASON_NONE);
    assert_int_equal(world->askers[1].answer.n_addresses, 2);
    assert_int_equal(world->askers[2].answer.failure, REASON_DNS_NXDOMAIN);
}

static void waiters_are_bounded_and_end_with_the_resolver(void **state)
{
    world_t *world = *state;
    for (size_t i = 0; i < RESOLVE_WAITERS_MAX; i++)
        assert_non_null(resolve_start(world->loop.resolve, "silent.test", RESOLVE_ANY, LONG_US,
                                      on_answer, &world->askers[0]));
    assert_null(resolve_start(world->loop.resolve, "silent.test", RESOLVE_ANY, LONG_US, on_answer,
                              &world->askers[0]));
    resolve_destroy(&world->loop.resolve);
    assert_null(world->loop.resolve);
    assert_int_equal(world->askers[0].n_calls, 0);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numeric_host_is_known_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(localhost_needs_no_name_server, set_up, tear_down),
        cmocka_unit_test_setup_teardown(name_is_asked_for_once_and_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_address_of_a_name_is_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(family_without_answer_holds_up_no_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(family_that_is_wanted_is_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numeric_host_of_the_other_family_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(forgotten_name_is_asked_for_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failure_is_told_and_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silent_server_ends_by_the_waiters_own_deadline, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(cancelled_waiter_is_not_called, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changed_name_servers_are_asked_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waiters_are_bounded_and_end_with_the_resolver, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
