/* The real aggregator: results in, snapshots and answers out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/aggregator/aggregator.h"
#include "core/snapshot_view.h"
#include "tests/support/support_actor.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define SPACING_US 100000
/* The wall clock that snapshots carry may be slewed against the monotonic one that spaces them. */
#define SLEW_US 2000

typedef struct {
    config_t *config;
    log_t log;
    actor_args_t args;
    zactor_t *actor;
    zsock_t *results; /* PUSH */
    zsock_t *health;  /* SUB */
    zsock_t *ask;     /* DEALER */
    snapshot_view_t view;
    uint64_t request_id;
} world_t;

/* Starts the actor for INTERVAL seconds; it is ready, but "begin" is not said. */
static void start(world_t *world, const char *interval)
{
    const support_variable_t variables[] = {{"HEALTH_CHECK_INTERVAL", interval}, {NULL, NULL}};
    if (!world->config)
        world->config = support_config(variables);
    world->log = (log_t){.level = LOG_LEVEL_COUNT}; /* says nothing */
    world->args =
        (actor_args_t){.config = world->config, .log = &world->log, .n_health_readers = 1};
    world->actor = support_actor_start(aggregator_actor, &world->args);
    world->results = support_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    world->health = support_socket(ZMQ_SUB, ENDPOINT_HEALTH, false);
    world->ask = support_socket(ZMQ_DEALER, ENDPOINT_ASK_HEALTH, false);
    support_actor_expect(world->actor, "ready");
}

static void begin(world_t *world)
{
    assert_int_equal(zstr_send(world->actor, "begin"), 0);
}

static int setup(void **state)
{
    *state = calloc(1, sizeof(world_t));
    if (!*state)
        return -1;
    zsys_handler_set(NULL);
    support_wait_for_endpoint(ENDPOINT_RESULTS);
    support_wait_for_endpoint(ENDPOINT_HEALTH);
    support_wait_for_endpoint(ENDPOINT_ASK_HEALTH);
    return 0;
}

static int teardown(void **state)
{
    world_t *world = *state;
    support_actor_stop(&world->actor, &world->args);
    zsock_destroy(&world->results);
    zsock_destroy(&world->health);
    zsock_destroy(&world->ask);
    snapshot_view_clear(&world->view);
    config_destroy(&world->config);
    free(world);
    return 0;
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* --- what goes in --- */

static void send_result(world_t *world, const char *name, status_t status, int64_t latency_us)
{
    probe_result_t result = {
        .target = support_text(name),
        .status = (int)status,
        .reason = status == STATUS_OK ? REASON_NONE : REASON_STATUS,
        .finished_at_us = clock_wall_us(),
        .latency_us = latency_us,
    };
    const probe_results_t batch = {.results = &result, .n_results = 1};
    support_send(world->results, &probe_results_schema, &batch, NULL);
}

/* One batch: every probed target OK in 10 ms. */
static void send_all_ok(world_t *world)
{
    probe_result_t results[16] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < world->config->n_targets; i++) {
        if (world->config->targets[i].type != PROBE_PASSIVE)
            results[n++] = (probe_result_t){.target = world->config->targets[i].name,
                                            .finished_at_us = clock_wall_us(),
                                            .latency_us = 10000};
    }
    const probe_results_t batch = {.results = results, .n_results = n};
    support_send(world->results, &probe_results_schema, &batch, NULL);
}

static void send_stop(world_t *world, status_t status, const char *entry_id, bool is_clear)
{
    probe_result_t result = {
        .target = support_text(EMERGENCY_STOP),
        .status = (int)status,
        .reason = status == STATUS_OK ? REASON_NONE : REASON_EMERGENCY_STOP,
        .finished_at_us = clock_wall_us(),
        .latency_us = LATENCY_NONE,
        .error = support_text(entry_id),
        .entry_id = support_text(entry_id),
        .is_clear = is_clear,
    };
    const probe_results_t batch = {.results = &result, .n_results = 1};
    support_send(world->results, &probe_results_schema, &batch, NULL);
}

/* --- what comes out --- */

/* The next snapshot, applied to the view: versions must chain. */
static const snapshot_t *next(world_t *world)
{
    snapshot_t *snapshot = support_receive(world->health, &snapshot_schema, NULL);
    assert_int_equal(snapshot->version, world->view.whole.version + 1);
    assert_int_equal(snapshot->base_version, snapshot->is_whole ? 0 : world->view.whole.version);
    assert_int_equal(snapshot_view_apply(&world->view, snapshot), SNAPSHOT_APPLIED);
    snapshot_destroy(&snapshot);
    return &world->view.whole;
}

static void wait_for_status(world_t *world, system_status_t status, const char *failures)
{
    while (next(world)->status != (int)status)
        ;
    char text[512] = "";
    for (size_t i = 0; i < world->view.whole.n_critical_failures; i++) {
        (void)strncat(text, i ? "|" : "", sizeof text - strlen(text) - 1);
        (void)strncat(text, world->view.whole.critical_failures[i].text,
                      sizeof text - strlen(text) - 1);
    }
    assert_string_equal(text, failures);
}

static answer_t *ask(world_t *world)
{
    const query_t query = {.request_id = ++world->request_id, .verb = QUERY_WHOLE_STATE};
    return support_ask(world->ask, &query);
}

/* --- the delivered cases --- */

static void begin_with_all_ok(world_t *world)
{
    start(world, "60");
    begin(world);
    send_all_ok(world);
    wait_for_status(world, SYSTEM_OK, "");
}

static void all_healthy_is_ok(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    assert_true(world->view.whole.is_status_changed);
    assert_true(world->view.whole.has_result);
    assert_true(world->view.whole.avg_service_latency_ms == 10);
    for (size_t i = 0; i < world->view.whole.n_targets; i++)
        assert_int_equal(world->view.whole.targets[i].status, STATUS_OK);
}

static void service_degraded_is_degraded(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    send_result(world, "scheduler", STATUS_DEGRADED, 5000);
    wait_for_status(world, SYSTEM_DEGRADED, "");
    assert_int_equal(snapshot_target_at(&world->view.whole, "scheduler")->status, STATUS_DEGRADED);
}

static void critical_service_down_is_critical(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    send_result(world, "risk_guard", STATUS_DOWN, LATENCY_NONE);
    wait_for_status(world, SYSTEM_CRITICAL, "Service: risk_guard");
}

static void infrastructure_down_is_critical(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    send_result(world, "postgres", STATUS_DOWN, LATENCY_NONE);
    wait_for_status(world, SYSTEM_CRITICAL, "Infrastructure: postgres");
}

static void high_latency_is_degraded(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    send_result(world, "main_backend", STATUS_OK, 1500000);
    wait_for_status(world, SYSTEM_DEGRADED, "");
    assert_true(world->view.whole.max_service_latency_ms == 1500);
    assert_int_equal(snapshot_target_at(&world->view.whole, "main_backend")->status, STATUS_OK);
}

/* --- start --- */

static void it_is_ready_with_its_last_reader_and_silent_until_begin(void **state)
{
    world_t *world = *state;
    world->config = support_config(NULL);
    world->log = (log_t){.level = LOG_LEVEL_COUNT};
    world->args =
        (actor_args_t){.config = world->config, .log = &world->log, .n_health_readers = 2};
    world->actor = support_actor_start(aggregator_actor, &world->args);
    world->health = support_socket(ZMQ_SUB, ENDPOINT_HEALTH, false);
    world->ask = support_socket(ZMQ_DEALER, ENDPOINT_ASK_HEALTH, false);
    answer_t *answer = ask(world); /* it is up, has its first reader, and knows nothing */
    assert_int_equal(answer->outcome, ANSWER_NOT_FOUND);
    assert_null(answer->snapshot);
    answer_destroy(&answer);
    support_actor_ping(world->actor); /* "ready" was not said before the "pong" */
    zsock_t *second = support_socket(ZMQ_SUB, ENDPOINT_HEALTH, false);
    support_actor_expect(world->actor, "ready");

    world->results = support_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    send_all_ok(world);
    send_stop(world, STATUS_DOWN, "5-0", false);
    support_actor_settle(world->actor);
    assert_false(support_is_readable(world->health, 0));
    begin(world);
    const snapshot_t *first = next(world); /* what had come before is in the first one */
    assert_true(first->is_whole);
    assert_int_equal(first->version, 1);
    assert_int_equal(first->status, SYSTEM_CRITICAL);
    assert_true(first->has_result);
    snapshot_t *seconds = support_receive(second, &snapshot_schema, NULL);
    assert_int_equal(seconds->version, 1);
    snapshot_destroy(&seconds);
    zsock_destroy(&second);
}

/* --- versions --- */

static void the_whole_state_is_what_was_published(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    for (size_t i = 0; i < 8; i++) {
        /* Results that wait for the next version must not show in an answer of this one. */
        send_result(world, "scheduler", i % 2 ? STATUS_OK : STATUS_DOWN, 1000 * (int64_t)(i + 1));
        send_result(world, "ai_system", STATUS_OK, 1000 * (int64_t)(i + 1));
        for (size_t j = 0; j < 5; j++) {
            answer_t *answer = ask(world);
            assert_int_equal(answer->outcome, ANSWER_OK);
            assert_int_equal(answer->snapshot->version, answer->snapshot_version);
            while (world->view.whole.version < answer->snapshot_version)
                (void)next(world);
            zframe_t *answered = support_encoded(&snapshot_schema, answer->snapshot);
            zframe_t *published = support_encoded(&snapshot_schema, &world->view.whole);
            assert_true(zframe_eq(answered, published));
            zframe_destroy(&answered);
            zframe_destroy(&published);
            answer_destroy(&answer);
        }
        uint64_t version = world->view.whole.version;
        while (world->view.whole.version == version)
            (void)next(world);
    }
}

static void changes_make_at_most_ten_snapshots_a_second(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    int64_t last_us = world->view.whole.taken_at_us;
    for (size_t i = 0; i < 11; i++) {
        send_result(world, "scheduler", i % 2 ? STATUS_OK : STATUS_DOWN, 10000);
        const snapshot_t *snapshot = next(world);
        assert_false(snapshot->is_periodic);
        assert_int_equal(snapshot->status, i % 2 ? SYSTEM_OK : SYSTEM_CRITICAL);
        if (snapshot->taken_at_us - last_us < SPACING_US - SLEW_US)
            fail_msg("%lld us between two snapshots", (long long)(snapshot->taken_at_us - last_us));
        last_us = snapshot->taken_at_us;
    }
}

static void what_is_not_due_waits_for_the_interval(void **state)
{
    world_t *world = *state;
    start(world, "1");
    begin(world);
    send_all_ok(world);
    wait_for_status(world, SYSTEM_OK, "");
    send_result(world, "scheduler", STATUS_OK, 999000); /* a latency that changes no status */
    const snapshot_t *snapshot = next(world);
    assert_true(snapshot->is_periodic);
    assert_false(snapshot->is_status_changed);
    assert_true(snapshot->max_service_latency_ms == 999);
}

static void a_snapshot_goes_out_each_interval_even_of_what_is_unknown(void **state)
{
    world_t *world = *state;
    start(world, "1");
    begin(world);
    assert_false(next(world)->is_periodic);
    int64_t last_us = 0;
    for (size_t n = 0; n < 3;) {
        /* Questions wake its loop at every fraction of a millisecond: no timer may come early. */
        answer_t *answer = ask(world);
        answer_destroy(&answer);
        if (!support_is_readable(world->health, 0))
            continue;
        const snapshot_t *snapshot = next(world);
        assert_true(snapshot->is_periodic);
        assert_int_equal(snapshot->status, SYSTEM_UNKNOWN);
        int64_t gap_us = snapshot->taken_at_us - last_us;
        if (last_us && (gap_us < 900000 || gap_us > 1900000))
            fail_msg("%lld us between two snapshots of the interval", (long long)gap_us);
        last_us = snapshot->taken_at_us;
        n++;
    }
}

/* --- more than a message holds --- */

/* Bodies of N_LARGE services make more than WIRE_MAX_BYTES. */
#define N_LARGE     80
#define LARGE_BYTES ((size_t)1000000)

static void send_large(world_t *world, size_t i, char *body)
{
    char name[32];
    (void)snprintf(name, sizeof name, "many-%03zu", i);
    probe_result_t result = {
        .target = name, .finished_at_us = clock_wall_us(), .latency_us = 1000, .details = body};
    const probe_results_t batch = {.results = &result, .n_results = 1};
    support_send(world->results, &probe_results_schema, &batch, NULL);
}

static void a_state_larger_than_a_message_is_sent_without_the_largest_details(void **state)
{
    world_t *world = *state;
    world->config = support_config(NULL);
    support_add_services(world->config, N_LARGE);
    start(world, "60");
    char *body = malloc(LARGE_BYTES + 1);
    assert_non_null(body);
    memset(body, '1', LARGE_BYTES);
    body[LARGE_BYTES] = '\0';
    for (size_t i = 0; i < N_LARGE; i++)
        send_large(world, i, body);
    free(body);
    begin(world);
    while (snapshot_target_at(next(world), "many-079")->checked_at_us == 0)
        ;
    assert_int_equal(strlen(snapshot_target_at(&world->view.whole, "many-000")->details),
                     LARGE_BYTES);
    assert_string_equal(snapshot_target_at(&world->view.whole, "many-079")->details,
                        "{\"left_out_bytes\":1000000}");
    answer_t *answer = ask(world);
    assert_int_equal(answer->outcome, ANSWER_OK);
    assert_int_equal(answer->snapshot->n_targets, world->config->n_targets);
    answer_destroy(&answer);
}

/* --- what should not be there --- */

static void what_cannot_be_understood_harms_nobody(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    assert_int_equal(zstr_send(world->results, "one frame"), 0);
    assert_int_equal(zstr_sendx(world->results, "probe_results", "\xc1", NULL), 0);
    assert_int_equal(zstr_sendx(world->results, "query", "\x80", NULL), 0);
    assert_int_equal(zstr_sendx(world->results, "a", "b", "c", NULL), 0);
    assert_int_equal(zstr_send(world->ask, "one frame"), 0);
    assert_int_equal(zstr_sendx(world->ask, "query", "\x80", NULL), 0);
    send_result(world, "nobody", STATUS_DOWN, LATENCY_NONE);
    send_result(world, "scheduler", STATUS_DOWN, LATENCY_NONE);
    wait_for_status(world, SYSTEM_CRITICAL, "Service: scheduler");
    answer_t *answer = ask(world);
    assert_int_equal(answer->outcome, ANSWER_OK);
    answer_destroy(&answer);
    const query_t other = {.request_id = 77, .verb = QUERY_ALERTS_ACTIVE};
    answer = support_ask(world->ask, &other); /* not its own to answer */
    assert_int_equal(answer->outcome, ANSWER_NOT_FOUND);
    answer_destroy(&answer);
}

static void a_clear_of_the_stop_shows_at_once(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    send_stop(world, STATUS_DOWN, "5-0", false);
    wait_for_status(world, SYSTEM_CRITICAL, "Emergency Stop System: 5-0");
    send_stop(world, STATUS_OK, "4-0", true); /* of an older trip: nothing */
    send_stop(world, STATUS_DOWN, "6-0", false);
    wait_for_status(world, SYSTEM_CRITICAL, "Emergency Stop System: 6-0");
    send_stop(world, STATUS_OK, "6-0", true);
    wait_for_status(world, SYSTEM_OK, "");
}

static answer_t *ask_evidence(world_t *world, const char *name)
{
    const query_t query = {
        .request_id = ++world->request_id, .verb = QUERY_EVIDENCE, .target = support_text(name)};
    return support_ask(world->ask, &query);
}

/* One batch: failed checks of risk_guard at 1, 2, ..., N, and a dry run after them. */
static void send_evidence(world_t *world, int64_t n)
{
    probe_result_t results[16] = {{0}};
    assert_true(n < 16);
    for (int64_t i = 0; i <= n; i++)
        results[i] = (probe_result_t){
            .target = support_text("risk_guard"),
            .status = STATUS_DOWN,
            .reason = REASON_STATUS,
            .finished_at_us = i + 1,
            .latency_us = 10000,
            .evidence = support_text("{}"),
            .is_dry_run = i == n,
        };
    const probe_results_t batch = {.results = results, .n_results = (size_t)n + 1};
    support_send(world->results, &probe_results_schema, &batch, NULL);
}

static void evidence_of_the_last_failures_is_given_newest_first(void **state)
{
    world_t *world = *state;
    begin_with_all_ok(world);
    answer_t *answer = ask_evidence(world, "risk_guard");
    assert_int_equal(answer->outcome, ANSWER_OK);
    assert_int_equal(answer->n_evidence, 0);
    answer_destroy(&answer);
    send_evidence(world, EVIDENCE_PER_TARGET + 1);
    wait_for_status(world, SYSTEM_CRITICAL, "Service: risk_guard");
    answer = ask_evidence(world, "risk_guard");
    assert_int_equal(answer->outcome, ANSWER_OK);
    assert_int_equal(answer->n_evidence, EVIDENCE_PER_TARGET);
    for (int64_t i = 0; i < EVIDENCE_PER_TARGET; i++) {
        assert_int_equal(answer->evidence[i].at_us, EVIDENCE_PER_TARGET + 1 - i);
        assert_string_equal(answer->evidence[i].json, "{}");
    }
    answer_destroy(&answer);
    answer = ask_evidence(world, "scheduler");
    assert_int_equal(answer->n_evidence, 0);
    answer_destroy(&answer);
    answer = ask_evidence(world, "nobody");
    assert_int_equal(answer->outcome, ANSWER_NOT_FOUND);
    answer_destroy(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(evidence_of_the_last_failures_is_given_newest_first),
        WORLD_TEST(all_healthy_is_ok),
        WORLD_TEST(service_degraded_is_degraded),
        WORLD_TEST(critical_service_down_is_critical),
        WORLD_TEST(infrastructure_down_is_critical),
        WORLD_TEST(high_latency_is_degraded),
        WORLD_TEST(it_is_ready_with_its_last_reader_and_silent_until_begin),
        WORLD_TEST(the_whole_state_is_what_was_published),
        WORLD_TEST(changes_make_at_most_ten_snapshots_a_second),
        WORLD_TEST(what_is_not_due_waits_for_the_interval),
        WORLD_TEST(a_snapshot_goes_out_each_interval_even_of_what_is_unknown),
        WORLD_TEST(a_state_larger_than_a_message_is_sent_without_the_largest_details),
        WORLD_TEST(what_cannot_be_understood_harms_nobody),
        WORLD_TEST(a_clear_of_the_stop_shows_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
