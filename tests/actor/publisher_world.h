/*
 * A real publisher with its public socket; the test plays the aggregator, the alert manager and the
 * subscribers outside.
 */
#ifndef HEALTHD_TESTS_ACTOR_PUBLISHER_WORLD_H
#define HEALTHD_TESTS_ACTOR_PUBLISHER_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/publisher/publisher.h"
#include "tests/support/support.h"
#include "tests/support/support_actor.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define SNAPSHOT "health.snapshot_updated"
#define RAISED   "health.alert_raised"
#define RESOLVED "health.alert_resolved"

typedef struct {
    char folder[64];
    char endpoint[96];
    config_t *config;
    log_t log;
    actor_args_t args;
    zactor_t *actor;
    zsock_t *health;     /* XPUB: the aggregator's */
    zsock_t *ask_health; /* ROUTER: the aggregator's */
    zsock_t *alerts;     /* XPUB: the alert manager's */
    uint64_t version;
} world_t;

/* Starts the actor at ENDPOINT; it must become ready unless it fails on purpose. */
static inline void start(world_t *world, const char *endpoint, bool is_to_fail)
{
    const support_variable_t variables[] = {{"HEALTHD_PUBLISH", endpoint}, {NULL, NULL}};
    (void)snprintf(world->endpoint, sizeof world->endpoint, "%s", endpoint);
    world->config = support_config(variables);
    world->log = (log_t){.level = LOG_LEVEL_COUNT}; /* says nothing */
    world->args = (actor_args_t){.config = world->config, .log = &world->log};
    world->actor = support_actor_start(publisher_actor, &world->args);
    if (is_to_fail)
        return;
    support_actor_expect(world->actor, "ready");
    support_wait_for_subscriber(world->health);
    support_wait_for_subscriber(world->alerts);
    assert_int_equal(zstr_send(world->actor, "begin"), 0);
}

static inline void start_on_free_port(world_t *world)
{
    char endpoint[64];
    (void)snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", support_free_port());
    start(world, endpoint, false);
}

static inline int setup(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    *state = world;
    support_make_folder(world->folder);
    zsys_handler_set(NULL);
    world->health = support_socket(ZMQ_XPUB, ENDPOINT_HEALTH, true);
    world->ask_health = support_socket(ZMQ_ROUTER, ENDPOINT_ASK_HEALTH, true);
    world->alerts = support_socket(ZMQ_XPUB, ENDPOINT_ALERTS, true);
    return 0;
}

static inline int teardown(void **state)
{
    world_t *world = *state;
    support_actor_stop(&world->actor, &world->args);
    zsock_destroy(&world->health);
    zsock_destroy(&world->ask_health);
    zsock_destroy(&world->alerts);
    config_destroy(&world->config);
    support_remove_folder(world->folder);
    free(world);
    return 0;
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* --- inside --- */

/* Sends the next version: whole, as LINE says. */
static inline void show(world_t *world, const char *line, bool is_periodic, bool is_status_changed)
{
    snapshot_t snapshot = support_snapshot(line);
    snapshot.version = ++world->version;
    snapshot.is_periodic = is_periodic;
    snapshot.is_status_changed = is_status_changed;
    support_send(world->health, &snapshot_schema, &snapshot, NULL);
    snapshot_clear(&snapshot);
}

static inline alert_t alert_of(const char *title, resolution_t resolution)
{
    return (alert_t){
        .alert_id = support_text("redis_CRITICAL_2026-11-24T02:45:30.289500+00:00"),
        .component = support_text("redis"),
        .level = SEVERITY_CRITICAL,
        .title = support_text(title),
        .message = support_text("Infrastructure component redis is unavailable"),
        .details = support_text("{\"n\": 1}"),
        .raised_at_us = 1795488330289500,
        .resolved_at_us = resolution == RESOLUTION_NONE ? 0 : 1795488331289500,
        .resolution = (int)resolution,
    };
}

static inline void tell(world_t *world, alert_event_kind_t kind, const char *title, bool is_durable)
{
    alert_t alert =
        alert_of(title, kind == ALERT_RESOLVED ? RESOLUTION_RECOVERED : RESOLUTION_NONE);
    const alert_event_t event = {
        .seq = 1, .kind = (int)kind, .is_durable = is_durable, .at_us = 1, .alert = &alert};
    support_send(world->alerts, &alert_event_schema, &event, NULL);
}

/* --- outside --- */

static inline zsock_t *subscriber(const world_t *world, const char *prefix)
{
    zsock_t *sub = zsock_new(ZMQ_SUB);
    assert_non_null(sub);
    zsock_set_linger(sub, 0);
    zsock_set_rcvtimeo(sub, SUPPORT_DEADLINE_MS);
    zsock_set_subscribe(sub, prefix);
    assert_int_equal(zsock_connect(sub, "%s", world->endpoint), 0);
    return sub;
}

/* The next message must be of TOPIC and hold the text NEEDLE; gives the map's bytes. */
static inline zframe_t *receive(zsock_t *sub, const char *topic, const char *needle)
{
    zmsg_t *message = zmsg_recv(sub);
    if (!message)
        fail_msg("no %s came", topic);
    assert_int_equal(zmsg_size(message), 2);
    char *heard = zmsg_popstr(message);
    zframe_t *payload = zmsg_pop(message);
    zmsg_destroy(&message);
    if (strcmp(heard, topic) != 0)
        fail_msg("%s came instead of %s", heard, topic);
    zstr_free(&heard);
    assert_true(wire_well_formed(zframe_data(payload), zframe_size(payload)));
    if (!memmem(zframe_data(payload), zframe_size(payload), needle, strlen(needle)))
        fail_msg("%s does not hold %s", topic, needle);
    return payload;
}

static inline void expect(zsock_t *sub, const char *topic, const char *needle)
{
    zframe_t *payload = receive(sub, topic, needle);
    zframe_destroy(&payload);
}

/* A subscriber that is known to be there: it has the last value, once. */
static inline zsock_t *settled_subscriber(const world_t *world, const char *prefix)
{
    support_actor_settle(world->actor); /* what was shown before is the last value by now */
    zsock_t *sub = subscriber(world, prefix);
    expect(sub, SNAPSHOT, "status");
    return sub;
}

#endif
