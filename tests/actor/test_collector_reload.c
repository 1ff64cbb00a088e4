/* A collector takes another configuration: what it probes then, and until when it holds the old. */
#include "tests/actor/http_world.h"

#define N_MANY 40

/* A configuration of the test's own, and the arguments made of it. */
typedef struct {
    config_t config;
    log_t log;
    actor_args_t args;
} next_t;

static void init_next(next_t *next, target_t *targets, size_t n)
{
    *next = (next_t){.config = {.targets = targets, .n_targets = n},
                     .log = {.level = LOG_LEVEL_WARNING}};
    next->args = (actor_args_t){.config = &next->config, .log = &next->log};
    assert_int_equal(config_seal(&next->config), 0);
}

/* Frees the index, which alone is owned. */
static void clear_next(next_t *next)
{
    config_t *shell = calloc(1, sizeof *shell);
    assert_non_null(shell);
    shell->index = next->config.index;
    config_destroy(&shell);
}

static void an_unchanged_target_is_not_probed_and_a_gone_one_is_not_told(void **state)
{
    (void)state;
    support_tcp_t *fast = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    support_tcp_t *slow = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char urls[3][64];
    target_t targets[] = {target_at("same", KIND_SERVICE, support_tcp_port(fast), urls[0]),
                          target_at("gone", KIND_SERVICE, support_tcp_port(slow), urls[1])};
    targets[1].timeout_ms = 1500;
    support_collector_t *collector =
        support_collector_start(http_collector_actor, targets, COUNT_OF(targets));
    (void)support_collector_result_of(collector, "same", DEADLINE_MS);

    target_t others[] = {target_at("new", KIND_SERVICE, support_tcp_port(fast), urls[2]),
                         targets[0]};
    next_t next;
    init_next(&next, others, COUNT_OF(others));
    support_collector_reload(collector, &next.args);
    assert_null(support_collector_word(collector, "reloaded", DEADLINE_MS));
    const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
    assert_string_equal(result->target, "new");
    assert_int_equal(result->status, STATUS_OK);
    /* The check of the target that is gone still holds the old configuration. */
    assert_ptr_equal(support_collector_word(collector, "released", DEADLINE_MS),
                     support_collector_args(collector));
    assert_false(support_collector_has_more(collector, 100)); /* its result is nobody's */
    assert_int_equal(support_tcp_n_connections(fast), 2);

    support_collector_stop(&collector, STOP_DEADLINE_MS);
    clear_next(&next);
    support_tcp_stop(&fast);
    support_tcp_stop(&slow);
    free(others[0].name);
    free(targets[0].name);
    free(targets[1].name);
}

static void another_url_is_probed_anew_and_the_old_answer_dropped(void **state)
{
    (void)state;
    support_tcp_t *slow = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    support_tcp_t *fast = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    char urls[2][64];
    target_t before = target_at("risk_guard", KIND_SERVICE, support_tcp_port(slow), urls[0]);
    before.timeout_ms = 1500;
    support_collector_t *collector = support_collector_start(http_collector_actor, &before, 1);
    while (support_tcp_n_connections(slow) == 0)
        zclock_sleep(1);
    target_t now = before;
    (void)snprintf(urls[1], sizeof urls[1], "http://127.0.0.1:%u/", support_tcp_port(fast));
    now.url = urls[1];
    next_t next;
    init_next(&next, &now, 1);
    support_collector_reload(collector, &next.args);
    (void)support_collector_word(collector, "reloaded", DEADLINE_MS);
    assert_int_equal(support_collector_next(collector, DEADLINE_MS)->status, STATUS_OK);
    (void)support_collector_word(collector, "released", DEADLINE_MS);
    assert_false(support_collector_has_more(collector, 100));
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    clear_next(&next);
    support_tcp_stop(&fast);
    support_tcp_stop(&slow);
    free(before.name);
}

static void with_nothing_under_way_the_old_one_is_released_at_once(void **state)
{
    (void)state;
    support_tcp_t *fast = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    char url[64];
    target_t target = target_at("a", KIND_SERVICE, support_tcp_port(fast), url);
    support_collector_t *collector = support_collector_start(http_collector_actor, &target, 1);
    (void)support_collector_result_of(collector, "a", DEADLINE_MS);
    next_t nexts[3];
    const actor_args_t *held = support_collector_args(collector);
    for (size_t i = 0; i < COUNT_OF(nexts); i++) {
        init_next(&nexts[i], &target, 1);
        support_collector_reload(collector, &nexts[i].args);
        (void)support_collector_word(collector, "reloaded", DEADLINE_MS);
        assert_ptr_equal(support_collector_word(collector, "released", DEADLINE_MS), held);
        held = &nexts[i].args;
    }
    assert_false(support_collector_has_more(collector, 100));
    assert_int_equal(support_tcp_n_connections(fast), 1);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    for (size_t i = 0; i < COUNT_OF(nexts); i++)
        clear_next(&nexts[i]);
    support_tcp_stop(&fast);
    free(target.name);
}

static void a_paused_target_stays_so_with_another_url(void **state)
{
    (void)state;
    support_tcp_t *fast = support_tcp_start(&(support_tcp_behaviour_t){.answer = OK_ANSWER});
    char urls[2][64];
    target_t before = target_at("a", KIND_SERVICE, support_tcp_port(fast), urls[0]);
    support_collector_t *collector = support_collector_start(http_collector_actor, &before, 1);
    (void)support_collector_result_of(collector, "a", DEADLINE_MS);
    const order_t pause = {.kind = ORDER_PAUSE, .target = before.name};
    support_collector_order(collector, &pause);
    target_t now = before;
    (void)snprintf(urls[1], sizeof urls[1], "http://127.0.0.1:%u/b", support_tcp_port(fast));
    now.url = urls[1];
    next_t next;
    init_next(&next, &now, 1);
    support_collector_settle(collector);
    support_collector_reload(collector, &next.args);
    (void)support_collector_word(collector, "reloaded", DEADLINE_MS);
    assert_false(support_collector_has_more(collector, 200));
    const order_t resume = {.kind = ORDER_RESUME, .target = before.name};
    support_collector_order(collector, &resume);
    assert_int_equal(support_collector_next(collector, DEADLINE_MS)->status, STATUS_OK);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    clear_next(&next);
    support_tcp_stop(&fast);
    free(before.name);
}

static void one_target_becomes_many_and_many_are_probed_at_once(void **state)
{
    (void)state;
    support_tcp_t *slow = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    static char urls[N_MANY][64];
    static target_t targets[N_MANY];
    for (size_t i = 0; i < N_MANY; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%zu", i);
        targets[i] = target_at(name, KIND_SERVICE, support_tcp_port(slow), urls[i]);
        targets[i].timeout_ms = 1000;
    }
    support_collector_t *collector = support_collector_start(http_collector_actor, targets, 1);
    next_t next;
    init_next(&next, targets, N_MANY);
    support_collector_reload(collector, &next.args);
    bool is_told[N_MANY] = {false};
    int64_t began_ms = zclock_mono();
    for (size_t n = 0; n < N_MANY; n++) {
        size_t at = 0;
        const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
        assert_int_equal(sscanf(result->target, "t%zu", &at), 1);
        assert_true(at < N_MANY && !is_told[at]);
        is_told[at] = true;
    }
    assert_true(zclock_mono() - began_ms < 8000); /* one after the other it were 40 s */
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    clear_next(&next);
    support_tcp_stop(&slow);
    for (size_t i = 0; i < N_MANY; i++)
        free(targets[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unchanged_target_is_not_probed_and_a_gone_one_is_not_told),
        cmocka_unit_test(another_url_is_probed_anew_and_the_old_answer_dropped),
        cmocka_unit_test(with_nothing_under_way_the_old_one_is_released_at_once),
        cmocka_unit_test(a_paused_target_stays_so_with_another_url),
        cmocka_unit_test(one_target_becomes_many_and_many_are_probed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
