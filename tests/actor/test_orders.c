/* Orders to probe, from a question to the real aggregator to its answer; the test collects. */
#include <stdlib.h>

#include "actors/aggregator/aggregator.h"
#include "core/orders.h"
#include "core/snapshot_view.h"
#include "proto/order.h"
#include "tests/support/support_actor.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

typedef struct {
    config_t *config;
    log_t log;
    actor_args_t args;
    zactor_t *actor;
    zsock_t *results; /* PUSH */
    zsock_t *health;  /* SUB */
    zsock_t *orders;  /* SUB */
    zsock_t *ask;     /* DEALER */
} world_t;

static order_t *next_order(world_t *world)
{
    return support_receive(world->orders, &order_schema, NULL);
}

static int setup(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    *state = world;
    zsys_handler_set(NULL);
    support_wait_for_endpoint(ENDPOINT_RESULTS);
    support_wait_for_endpoint(ENDPOINT_HEALTH);
    support_wait_for_endpoint(ENDPOINT_ORDERS);
    support_wait_for_endpoint(ENDPOINT_ASK_HEALTH);
    world->config = support_config(NULL);
    support_target(world->config, "risk_guard")->timeout_ms = 100;
    world->log = (log_t){.level = LOG_LEVEL_COUNT}; /* says nothing */
    world->args =
        (actor_args_t){.config = world->config, .log = &world->log, .n_health_readers = 1};
    world->actor = support_actor_start(aggregator_actor, &world->args);
    world->results = support_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    world->health = support_socket(ZMQ_SUB, ENDPOINT_HEALTH, false);
    world->ask = support_socket(ZMQ_DEALER, ENDPOINT_ASK_HEALTH, false);
    support_actor_expect(world->actor, "ready");
    assert_int_equal(zstr_send(world->actor, "begin"), 0);
    world->orders = support_socket(ZMQ_SUB, ENDPOINT_ORDERS, false);
    order_t *order = next_order(world);
    assert_int_equal(order->kind, ORDER_BEGIN);
    order_destroy(&order);
    return 0;
}

static int teardown(void **state)
{
    world_t *world = *state;
    support_actor_stop(&world->actor, &world->args);
    zsock_destroy(&world->results);
    zsock_destroy(&world->health);
    zsock_destroy(&world->orders);
    zsock_destroy(&world->ask);
    config_destroy(&world->config);
    free(world);
    return 0;
}

static void ask(world_t *world, uint64_t request_id, const char *target, bool is_dry_run)
{
    const query_t query = {.request_id = request_id,
                           .verb = QUERY_PROBE,
                           .target = target ? support_text(target) : NULL,
                           .is_dry_run = is_dry_run};
    support_send(world->ask, &query_schema, &query, NULL);
}

/* The next order must be a probe of TARGET; gives its id. */
static uint64_t expect_order(world_t *world, const char *target, bool is_dry_run)
{
    order_t *order = next_order(world);
    assert_int_equal(order->kind, ORDER_PROBE);
    assert_string_equal(order->target, target);
    assert_int_equal(order->is_dry_run, is_dry_run);
    uint64_t id = order->order_id;
    order_destroy(&order);
    return id;
}

static void send_result(world_t *world, const char *name, status_t status, uint64_t order_id,
                        bool is_dry_run)
{
    probe_result_t result = {
        .target = support_text(name),
        .status = (int)status,
        .reason = status == STATUS_OK ? REASON_NONE : REASON_STATUS,
        .finished_at_us = clock_wall_us(),
        .latency_us = 4750,
        .order_id = order_id,
        .is_dry_run = is_dry_run,
    };
    const probe_results_t batch = {.results = &result, .n_results = 1};
    support_send(world->results, &probe_results_schema, &batch, NULL);
}

static void expect_answer(world_t *world, uint64_t request_id, answer_outcome_t outcome,
                          status_t status)
{
    answer_t *answer = support_receive(world->ask, &answer_schema, NULL);
    assert_int_equal(answer->request_id, request_id);
    assert_int_equal(answer->outcome, outcome);
    if (outcome == ANSWER_OK) {
        assert_non_null(answer->result);
        assert_int_equal(answer->result->status, status);
        assert_int_equal(answer->result->latency_us, 4750);
    } else {
        assert_null(answer->result);
    }
    answer_destroy(&answer);
}

/* The status that a question of the whole state shows. */
static int shown(world_t *world, const char *name)
{
    const query_t query = {.request_id = 99, .verb = QUERY_WHOLE_STATE};
    answer_t *answer = support_ask(world->ask, &query);
    int status = snapshot_target_at(answer->snapshot, name)->status;
    answer_destroy(&answer);
    return status;
}

static void the_state_shows_the_result_when_it_is_answered(void **state)
{
    world_t *world = *state;
    for (uint64_t i = 1; i <= 3; i++) { /* the third changes nothing but its time */
        status_t status = i == 1 ? STATUS_OK : STATUS_DOWN;
        ask(world, i, "scheduler", false);
        uint64_t id = expect_order(world, "scheduler", false);
        send_result(world, "scheduler", status, id, false);
        expect_answer(world, i, ANSWER_OK, status);
        assert_int_equal(shown(world, "scheduler"), status);
    }
}

static void a_dry_run_is_answered_and_changes_nothing(void **state)
{
    world_t *world = *state;
    ask(world, 1, "scheduler", true);
    uint64_t id = expect_order(world, "scheduler", true);
    send_result(world, "scheduler", STATUS_DOWN, id, true);
    expect_answer(world, 1, ANSWER_OK, STATUS_DOWN);
    assert_int_equal(shown(world, "scheduler"), STATUS_UNKNOWN);
}

static void one_result_answers_all_who_asked_before(void **state)
{
    world_t *world = *state;
    ask(world, 1, "scheduler", false);
    ask(world, 2, "redis", false);
    ask(world, 3, "scheduler", false);
    (void)expect_order(world, "scheduler", false);
    uint64_t redis = expect_order(world, "redis", false);
    uint64_t newest = expect_order(world, "scheduler", false);
    send_result(world, "scheduler", STATUS_OK, 0, false); /* the schedule's, from before */
    send_result(world, "redis", STATUS_OK, redis, false);
    expect_answer(world, 2, ANSWER_OK, STATUS_OK);
    send_result(world, "scheduler", STATUS_DOWN, newest, false);
    expect_answer(world, 1, ANSWER_OK, STATUS_DOWN);
    expect_answer(world, 3, ANSWER_OK, STATUS_DOWN);
}

static void without_a_result_it_is_started(void **state)
{
    world_t *world = *state;
    int64_t asked_ms = zclock_mono();
    ask(world, 1, "risk_guard", false); /* whose time-out is 100 ms */
    (void)expect_order(world, "risk_guard", false);
    expect_answer(world, 1, ANSWER_STARTED, STATUS_OK);
    assert_in_range(zclock_mono() - asked_ms, 1099, 1099 + SUPPORT_DEADLINE_MS);
}

static void what_is_not_probed_is_not_found(void **state)
{
    world_t *world = *state;
    static const char *const names[] = {"nobody", "", EMERGENCY_STOP, NULL};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        ask(world, i, names[i], false);
        expect_answer(world, i, ANSWER_NOT_FOUND, STATUS_OK);
    }
}

static void beyond_the_bound_is_busy(void **state)
{
    world_t *world = *state;
    uint64_t id = 0;
    for (uint64_t i = 0; i < ORDERS_MAX; i++) {
        ask(world, i, "scheduler", false);
        id = expect_order(world, "scheduler", false);
    }
    ask(world, 1000, "redis", false);
    expect_answer(world, 1000, ANSWER_BUSY, STATUS_OK);
    send_result(world, "scheduler", STATUS_OK, id, false);
    for (uint64_t i = 0; i < ORDERS_MAX; i++)
        expect_answer(world, i, ANSWER_OK, STATUS_OK);
    ask(world, 1001, "redis", false);
    id = expect_order(world, "redis", false);
    send_result(world, "redis", STATUS_OK, id, false);
    expect_answer(world, 1001, ANSWER_OK, STATUS_OK);
}

static void a_collector_that_comes_later_may_begin_too(void **state)
{
    world_t *world = *state;
    zsock_t *second = support_socket(ZMQ_SUB, ENDPOINT_ORDERS, false);
    order_t *order = support_receive(second, &order_schema, NULL);
    assert_int_equal(order->kind, ORDER_BEGIN);
    order_destroy(&order);
    zsock_destroy(&second);
    order = next_order(world); /* the first hears it again */
    assert_int_equal(order->kind, ORDER_BEGIN);
    order_destroy(&order);
}

/* --- pauses --- */

static void send_pause(world_t *world, const char *name, bool is_paused)
{
    pause_t pause = {.reason = support_text("disks"), .by = support_text("token"), .since_us = 5};
    pause_change_t change = {.target = support_text(name), .pause = is_paused ? &pause : NULL};
    const probe_results_t batch = {.pauses = &change, .n_pauses = 1};
    support_send(world->results, &probe_results_schema, &batch, NULL);
}

static void expect_pause(world_t *world, const char *target, order_kind_t kind)
{
    order_t *order = next_order(world);
    assert_int_equal(order->kind, kind);
    assert_string_equal(order->target, target);
    order_destroy(&order);
}

static void wait_for_snapshot(world_t *world)
{
    snapshot_t *snapshot = support_receive(world->health, &snapshot_schema, NULL);
    snapshot_destroy(&snapshot);
}

static void collectors_hear_of_a_pause_and_later_ones_too(void **state)
{
    world_t *world = *state;
    wait_for_snapshot(world); /* of the begin */
    send_pause(world, "redis", true);
    expect_pause(world, "redis", ORDER_PAUSE);
    wait_for_snapshot(world);
    assert_int_equal(shown(world, "redis"), STATUS_UNKNOWN);
    zsock_t *second = support_socket(ZMQ_SUB, ENDPOINT_ORDERS, false);
    static const order_kind_t kinds[] = {ORDER_PAUSE, ORDER_BEGIN};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        order_t *order = support_receive(second, &order_schema, NULL);
        assert_int_equal(order->kind, kinds[i]);
        order_destroy(&order);
    }
    zsock_destroy(&second);
    expect_pause(world, "redis", ORDER_PAUSE);
    order_t *order = next_order(world);
    assert_int_equal(order->kind, ORDER_BEGIN);
    order_destroy(&order);
    send_pause(world, "nobody", true); /* a target of yesterday */
    send_pause(world, "redis", false);
    expect_pause(world, "redis", ORDER_RESUME);
}

static void an_ordered_result_of_a_paused_target_is_for_who_asked(void **state)
{
    world_t *world = *state;
    send_pause(world, "scheduler", true);
    expect_pause(world, "scheduler", ORDER_PAUSE);
    ask(world, 1, "scheduler", false);
    uint64_t id = expect_order(world, "scheduler", false);
    send_result(world, "scheduler", STATUS_DOWN, id, false);
    answer_t *answer = support_receive(world->ask, &answer_schema, NULL);
    assert_int_equal(answer->outcome, ANSWER_OK);
    assert_int_equal(answer->result->status, STATUS_DOWN);
    assert_true(answer->result->is_dry_run);
    answer_destroy(&answer);
    assert_int_equal(shown(world, "scheduler"), STATUS_UNKNOWN);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_state_shows_the_result_when_it_is_answered),
        WORLD_TEST(a_dry_run_is_answered_and_changes_nothing),
        WORLD_TEST(one_result_answers_all_who_asked_before),
        WORLD_TEST(without_a_result_it_is_started),
        WORLD_TEST(what_is_not_probed_is_not_found),
        WORLD_TEST(beyond_the_bound_is_busy),
        WORLD_TEST(a_collector_that_comes_later_may_begin_too),
        WORLD_TEST(collectors_hear_of_a_pause_and_later_ones_too),
        WORLD_TEST(an_ordered_result_of_a_paused_target_is_for_who_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
