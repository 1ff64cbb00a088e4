/* The real aggregator is asked why a status is what it is. */
#include <stdlib.h>
#include <string.h>

#include "actors/aggregator/aggregator.h"
#include "tests/support/support_actor.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

typedef struct {
    zsock_t *ask;
    uint64_t request_id;
} asker_t;

static answer_t *ask_why(asker_t *asker, const char *name)
{
    const query_t query = {.request_id = ++asker->request_id,
                           .verb = QUERY_EXPLAIN,
                           .target = name ? support_text(name) : NULL};
    return support_ask(asker->ask, &query);
}

/* Asserts that the answer about NAME (NULL: the system) holds TEXT. */
static void assert_explained(asker_t *asker, const char *name, const char *text)
{
    answer_t *answer = ask_why(asker, name);
    assert_int_equal(answer->outcome, ANSWER_OK);
    if (!strstr(answer->text, text))
        fail_msg("%s is not in %s", text, answer->text);
    answer_destroy(&answer);
}

static void send_down(zsock_t *results, const char *name)
{
    probe_result_t result = {.target = support_text(name),
                             .status = STATUS_DOWN,
                             .reason = REASON_STATUS,
                             .finished_at_us = clock_wall_us(),
                             .latency_us = 10000};
    const probe_results_t batch = {.results = &result, .n_results = 1};
    support_send(results, &probe_results_schema, &batch, NULL);
}

static void a_status_is_explained(void **state)
{
    (void)state;
    zsys_handler_set(NULL);
    config_t *config = support_config(NULL);
    log_t log = {.level = LOG_LEVEL_COUNT}; /* says nothing */
    actor_args_t args = {.config = config, .log = &log, .n_health_readers = 1};
    zactor_t *actor = support_actor_start(aggregator_actor, &args);
    zsock_t *results = support_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    zsock_t *health = support_socket(ZMQ_SUB, ENDPOINT_HEALTH, false);
    asker_t asker = {.ask = support_socket(ZMQ_DEALER, ENDPOINT_ASK_HEALTH, false)};
    support_actor_expect(actor, "ready");
    assert_explained(&asker, NULL, "The system is UNKNOWN because a target is UNKNOWN: ");
    assert_explained(&asker, "risk_guard", ": no result decides it yet.");
    assert_int_equal(zstr_send(actor, "begin"), 0);
    send_down(results, "risk_guard");
    support_actor_settle(actor);
    assert_explained(&asker, NULL,
                     "The system is CRITICAL because a critical service is DOWN: risk_guard.");
    assert_explained(&asker, "risk_guard", "\"sentence\":\"risk_guard is DOWN since ");
    answer_t *answer = ask_why(&asker, "nobody");
    assert_int_equal(answer->outcome, ANSWER_NOT_FOUND);
    assert_null(answer->text);
    answer_destroy(&answer);
    support_actor_stop(&actor, &args);
    zsock_destroy(&results);
    zsock_destroy(&health);
    zsock_destroy(&asker.ask);
    config_destroy(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_status_is_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
