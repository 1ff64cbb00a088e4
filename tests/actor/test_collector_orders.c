/* Orders to a collector: a probe now, pause, resume. */
#include "tests/actor/redis_world.h"

/* --- probes --- */

static order_t probe_order(uint64_t id, bool is_dry_run)
{
    return (order_t){.kind = ORDER_PROBE, .target = name, .order_id = id, .is_dry_run = is_dry_run};
}

static void assert_next(support_collector_t *collector, uint64_t order_id, bool is_dry_run)
{
    const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
    assert_int_equal(result->order_id, order_id);
    assert_int_equal(result->is_dry_run, is_dry_run);
}

static void an_order_is_carried_out_at_once(void **state)
{
    (void)state;
    server_t server = start_server("--databases", "16");
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)server.port);
    target_t target = target_at(url); /* whose interval is a minute */
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    assert_next(collector, 0, false);
    order_t order = probe_order(7, false);
    support_collector_order(collector, &order);
    assert_next(collector, 7, false);
    order = probe_order(8, true);
    support_collector_order(collector, &order);
    assert_next(collector, 8, true);
    order = (order_t){.kind = ORDER_PROBE, .target = support_text("other"), .order_id = 9};
    support_collector_order(collector, &order); /* another collector's */
    order = probe_order(10, false);
    support_collector_order(collector, &order);
    assert_next(collector, 10, false);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    stop_server(&server);
}

/* A probe under way answers every order that came meanwhile; it counts if it is the schedule's or
 * if one of them wants it to. */
static void a_probe_under_way_answers_orders(void **state)
{
    (void)state;
    static const struct {
        bool is_scheduled; /* what is under way; else an order's dry run */
        bool is_dry_run;   /* the order that comes meanwhile */
        bool result;
    } rows[] = {
        {true, true, false}, {true, false, false}, {false, true, true}, {false, false, false}};
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)support_tcp_port(server));
    target_t target = target_at(url);
    target.timeout_ms = SHORT_TIMEOUT_MS;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
        if (!rows[i].is_scheduled) {
            assert_next(collector, 0, false);
            order_t first = probe_order(1, true);
            support_collector_order(collector, &first);
        }
        order_t order = probe_order(2, rows[i].is_dry_run);
        support_collector_order(collector, &order);
        assert_next(collector, 2, rows[i].result);
        support_collector_stop(&collector, STOP_DEADLINE_MS);
    }
    support_tcp_stop(&server);
}

/* --- pauses --- */

static void a_paused_target_is_probed_by_order_alone(void **state)
{
    (void)state;
    server_t server = start_server("--databases", "16");
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)server.port);
    target_t target = target_at(url);
    target.check_interval_ms = 50;
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    assert_next(collector, 0, false);
    order_t order = {.kind = ORDER_PAUSE, .target = name};
    support_collector_order(collector, &order);
    support_collector_order(collector, &order);
    order = probe_order(1, false);
    support_collector_order(collector, &order);
    while (support_collector_next(collector, DEADLINE_MS)->order_id != 1)
        ; /* those from before the pause */
    assert_false(support_collector_has_more(collector, 500));
    order = probe_order(2, true);
    support_collector_order(collector, &order);
    assert_next(collector, 2, true);
    assert_false(support_collector_has_more(collector, 200));
    order = (order_t){.kind = ORDER_RESUME, .target = name};
    support_collector_order(collector, &order);
    for (int i = 0; i < 3; i++) /* at once, and then by the schedule */
        assert_next(collector, 0, false);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    stop_server(&server);
}

static void pause_and_resume_while_a_probe_is_under_way(void **state)
{
    (void)state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    char url[64];
    (void)snprintf(url, sizeof url, "redis://127.0.0.1:%u", (unsigned)support_tcp_port(server));
    target_t target = target_at(url);
    target.timeout_ms = SHORT_TIMEOUT_MS;
    support_collector_t *collector = support_collector_start(redis_collector_actor, &target, 1);
    static const int kinds[] = {ORDER_PAUSE, ORDER_RESUME, ORDER_PAUSE};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        order_t order = {.kind = kinds[i], .target = name};
        support_collector_order(collector, &order);
    }
    assert_next(collector, 0, false);
    assert_false(support_collector_has_more(collector, 500));
    order_t order = {.kind = ORDER_RESUME, .target = name};
    support_collector_order(collector, &order);
    assert_next(collector, 0, false);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&server);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_carried_out_at_once),
        cmocka_unit_test(a_probe_under_way_answers_orders),
        cmocka_unit_test(a_paused_target_is_probed_by_order_alone),
        cmocka_unit_test(pause_and_resume_while_a_probe_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
