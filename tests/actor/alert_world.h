/* A real alert manager with a real state.db; the test plays the aggregator, a reader and the
 * gateway. */
#ifndef HEALTHD_TESTS_ACTOR_ALERT_WORLD_H
#define HEALTHD_TESTS_ACTOR_ALERT_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/alert_manager/alert_manager.h"
#include "store/alert_log.h"
#include "tests/support/support.h"
#include "tests/support/support_actor.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

typedef struct {
    char folder[64];
    config_t *config;
    log_t log;
    actor_args_t args;
    zactor_t *actor;
    zsock_t *health;     /* XPUB: the aggregator's */
    zsock_t *ask_health; /* ROUTER: the aggregator's */
    zsock_t *results;    /* PULL: the aggregator's */
    zsock_t *alerts;     /* SUB */
    zsock_t *ask;        /* DEALER */
    store_t *store;      /* another connection */
    uint64_t version;    /* of the last snapshot sent */
    uint64_t request_id;
} world_t;

/* Starts the actor and waits until it is ready; it has seen no snapshot yet. */
static inline void world_start(world_t *world)
{
    support_wait_for_endpoint(ENDPOINT_ALERTS);
    support_wait_for_endpoint(ENDPOINT_ASK_ALERTS);
    world->actor = support_actor_start(alert_manager_actor, &world->args);
    world->alerts = support_socket(ZMQ_SUB, ENDPOINT_ALERTS, false);
    world->ask = support_socket(ZMQ_DEALER, ENDPOINT_ASK_ALERTS, false);
    support_actor_expect(world->actor, "ready");
    support_wait_for_subscriber(world->health);
    assert_int_equal(zstr_send(world->actor, "begin"), 0);
    world->version = 0;
}

static inline void world_stop(world_t *world)
{
    support_actor_stop(&world->actor, &world->args);
    zsock_destroy(&world->alerts);
    zsock_destroy(&world->ask);
}

static inline int world_setup(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    *state = world;
    support_make_folder(world->folder);
    const support_variable_t variables[] = {{"HEALTHD_STATE_DIR", world->folder}, {NULL, NULL}};
    world->config = support_config(variables);
    world->log = (log_t){.level = LOG_LEVEL_COUNT}; /* says nothing */
    world->args = (actor_args_t){.config = world->config, .log = &world->log, .n_alert_readers = 1};
    store_error_t error;
    if (store_open(world->folder, &world->store, &error))
        fail_msg("%s", error.text);
    zsys_handler_set(NULL);
    world->health = support_socket(ZMQ_XPUB, ENDPOINT_HEALTH, true);
    world->ask_health = support_socket(ZMQ_ROUTER, ENDPOINT_ASK_HEALTH, true);
    world->results = support_socket(ZMQ_PULL, ENDPOINT_RESULTS, true);
    world_start(world);
    return 0;
}

static inline int world_teardown(void **state)
{
    world_t *world = *state;
    store_close(&world->store);
    world_stop(world);
    zsock_destroy(&world->health);
    zsock_destroy(&world->ask_health);
    zsock_destroy(&world->results);
    config_destroy(&world->config);
    support_remove_folder(world->folder);
    free(world);
    return 0;
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* Publishes the next version: whole, as LINE says. */
static inline void world_show(world_t *world, const char *line)
{
    snapshot_t snapshot = support_snapshot(line);
    snapshot.version = ++world->version;
    support_send(world->health, &snapshot_schema, &snapshot, NULL);
    snapshot_clear(&snapshot);
}

/* The next event: KIND of COMPONENT's alert. To be ended with alert_event_destroy. */
static inline alert_event_t *world_event(world_t *world, alert_event_kind_t kind,
                                         const char *component)
{
    alert_event_t *event = support_receive(world->alerts, &alert_event_schema, NULL);
    if (event->kind != (int)kind || strcmp(event->alert->component, component) != 0)
        fail_msg("event %llu is %d of %s", (unsigned long long)event->seq, event->kind,
                 event->alert->alert_id);
    return event;
}

/* The same, where nothing but that is to be known. */
static inline void world_expect(world_t *world, alert_event_kind_t kind, const char *component)
{
    alert_event_t *event = world_event(world, kind, component);
    alert_event_destroy(&event);
}

static inline answer_t *world_ask(world_t *world, query_verb_t verb, const char *alert_id,
                                  int64_t limit)
{
    const query_t query = {
        .request_id = ++world->request_id,
        .verb = (int)verb,
        .limit = limit,
        .alert_id = alert_id ? support_text(alert_id) : NULL,
    };
    return support_ask(world->ask, &query);
}

/* Asks to clear ALERT_ID and gives the outcome. */
static inline int world_clear(world_t *world, const char *alert_id)
{
    answer_t *answer = world_ask(world, QUERY_ALERT_CLEAR, alert_id, 0);
    int outcome = answer->outcome;
    answer_destroy(&answer);
    return outcome;
}

/* Number of the newest event on disk. */
static inline uint64_t world_last_seq(world_t *world)
{
    uint64_t seq = 0;
    store_error_t error;
    if (alert_log_last_seq(world->store, &seq, &error))
        fail_msg("%s", error.text);
    return seq;
}

#endif
