/*
 * The real event bus against a real Redis in a folder of its own; the test plays aggregator and
 * alert manager.
 */
#ifndef HEALTHD_TESTS_ACTOR_TEST_EVENT_BUS_RIG_H
#define HEALTHD_TESTS_ACTOR_TEST_EVENT_BUS_RIG_H

#include <hiredis/hiredis.h>
#include <signal.h>

#include <healthd/snapshot.h>

#include "actors/actor.h"
#include "actors/event_bus/event_bus.h"
#include "proto/frame.h"
#include "store/alert_log.h"
#include "store/trip_state.h"
#include "tests/support/support.h"
#include "tests/test.h"

/* Deadline of everything that is waited for: above one BLOCK, one back-off and one claim. */
enum { DEADLINE_MS = 20000 };

typedef struct {
    char folder[64];
    char redis_url[64];
    uint16_t port;
    pid_t redis;          /* 0: not running */
    redisContext *client; /* of the test */
    config_t config;
    log_t log;
    actor_args_t args;
    zactor_t *bus;    /* NULL: not running */
    zsock_t *results; /* PULL */
    zsock_t *health;  /* XPUB */
    zsock_t *alerts;  /* XPUB */
    store_t *store;   /* of the test as alert manager */
    uint64_t version; /* of the last snapshot */
    uint64_t seq;     /* of the last alert event */
} rig_t;

/* --- Redis --- */

static inline void rig_start_redis(rig_t *self)
{
    char port[8];
    (void)snprintf(port, sizeof port, "%u", self->port);
    const char *argv[] = {"redis-server", "--port",       port, "--bind", "127.0.0.1", "--dir",
                          self->folder,   "--appendonly", "no", "--save", "",          NULL};
    self->redis = support_start(argv);
    support_wait_for_port(self->port);
    self->client = redisConnect("127.0.0.1", self->port);
    assert_non_null(self->client);
    assert_int_equal(self->client->err, 0);
}

static inline void rig_stop_redis(rig_t *self)
{
    if (self->client)
        redisFree(self->client);
    self->client = NULL;
    if (self->redis)
        (void)support_stop(self->redis, SIGKILL);
    self->redis = 0;
}

/* Runs a command that must not fail; the caller frees the reply. */
static inline redisReply *rig_redis(rig_t *self, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    redisReply *reply = redisvCommand(self->client, format, args);
    va_end(args);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s: %s", format, reply->str);
    return reply;
}

/* The same where only its integer counts. */
#define RIG_REDIS_NUMBER(self, ...)                                                                \
    __extension__({                                                                                \
        redisReply *reply_ = rig_redis(self, __VA_ARGS__);                                         \
        long long number_ = reply_->integer;                                                       \
        freeReplyObject(reply_);                                                                   \
        number_;                                                                                   \
    })

/* What a wait looks at. */
typedef struct {
    rig_t *rig;
    const char *key;
    const char *group;
    long long number;
} rig_wait_t;

static inline bool rig_has_length(void *context)
{
    const rig_wait_t *wait = context;
    return RIG_REDIS_NUMBER(wait->rig, "XLEN %s", wait->key) >= wait->number;
}

static inline void rig_wait_length(rig_t *self, const char *key, long long number)
{
    rig_wait_t wait = {.rig = self, .key = key, .number = number};
    if (!support_wait_until(rig_has_length, &wait, DEADLINE_MS))
        fail_msg("%s has %lld of %lld entries", key, RIG_REDIS_NUMBER(self, "XLEN %s", key),
                 number);
    assert_int_equal(RIG_REDIS_NUMBER(self, "XLEN %s", key), number);
}

/* Whether the first group of the stream has read everything and nothing is pending. */
static inline bool rig_is_all_acknowledged(void *context)
{
    const rig_wait_t *wait = context;
    redisReply *reply = redisCommand(wait->rig->client, "XINFO GROUPS %s", wait->key);
    bool is_done = false;
    if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
        const redisReply *group = reply->element[0];
        long long pending = -1;
        long long lag = -1;
        for (size_t i = 0; i + 1 < group->elements; i += 2) {
            if (strcmp(group->element[i]->str, "pending") == 0)
                pending = group->element[i + 1]->integer;
            if (strcmp(group->element[i]->str, "lag") == 0)
                lag = group->element[i + 1]->integer;
        }
        is_done = pending == 0 && lag == 0;
    }
    if (reply)
        freeReplyObject(reply);
    return is_done;
}

static inline void rig_wait_acknowledged(rig_t *self, const char *key)
{
    rig_wait_t wait = {.rig = self, .key = key};
    if (!support_wait_until(rig_is_all_acknowledged, &wait, DEADLINE_MS))
        fail_msg("%s is not acknowledged", key);
}

/* --- the bus --- */

/* Starts the bus and waits until it is ready and has subscribed. */
static inline void rig_start_bus(rig_t *self)
{
    self->results = actor_socket(ZMQ_PULL, ENDPOINT_RESULTS, true);
    self->health = actor_socket(ZMQ_XPUB, ENDPOINT_HEALTH, true);
    self->alerts = actor_socket(ZMQ_XPUB, ENDPOINT_ALERTS, true);
    zsock_set_rcvtimeo(self->results, DEADLINE_MS);
    zsock_set_rcvtimeo(self->health, DEADLINE_MS);
    zsock_set_rcvtimeo(self->alerts, DEADLINE_MS);
    self->bus = zactor_new(event_bus_actor, &self->args);
    assert_non_null(self->bus);
    zsock_set_rcvtimeo(zactor_sock(self->bus), DEADLINE_MS);
    char *word = zstr_recv(self->bus);
    assert_non_null(word);
    assert_string_equal(word, "ready");
    zstr_free(&word);
    zsock_t *publishers[] = {self->health, self->alerts};
    for (size_t i = 0; i < COUNT_OF(publishers); i++) {
        zframe_t *subscription = zframe_recv(publishers[i]);
        assert_non_null(subscription);
        zframe_destroy(&subscription);
    }
}

/* Destroying alone frees the name some time later, in libzmq's own thread. */
static inline void rig_unbind(zsock_t **socket, const char *endpoint)
{
    if (*socket)
        (void)zsock_unbind(*socket, "%s", endpoint);
    zsock_destroy(socket);
}

static inline void rig_stop_bus(rig_t *self)
{
    zactor_destroy(&self->bus);
    rig_unbind(&self->results, ENDPOINT_RESULTS);
    rig_unbind(&self->health, ENDPOINT_HEALTH);
    rig_unbind(&self->alerts, ENDPOINT_ALERTS);
}

static inline void rig_open_store(rig_t *self)
{
    store_error_t error = {.text = ""};
    if (store_open(self->folder, &self->store, &error))
        fail_msg("%s", error.text);
}

static inline int rig_setup(void **state)
{
    rig_t *self = calloc(1, sizeof *self);
    if (!self)
        return -1;
    zsys_handler_set(NULL);
    support_make_folder(self->folder);
    self->port = support_free_port();
    (void)snprintf(self->redis_url, sizeof self->redis_url, "redis://localhost:%u", self->port);
    self->config.redis_url = self->redis_url;
    self->config.state_dir = self->folder;
    static char stream_prefix[] = "quantum:stream:";
    static char group_prefix[] = "quantum:group:";
    static char service_name[] = "monitoring_health_service";
    self->config.bus_stream_prefix = stream_prefix;
    self->config.bus_group_prefix = group_prefix;
    self->config.bus_service_name = service_name;
    self->config.bus_max_length = 10000;
    self->config.spool_max_bytes = OUTBOUND_MAX_BYTES;
    self->log = (log_t){.level = getenv("RIG_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_CRITICAL};
    self->args =
        (actor_args_t){.config = &self->config, .log = &self->log, .start_id = "0123456789abcdef"};
    rig_open_store(self);
    *state = self;
    return 0;
}

static inline int rig_teardown(void **state)
{
    rig_t *self = *state;
    rig_stop_bus(self);
    rig_stop_redis(self);
    store_close(&self->store);
    support_remove_folder(self->folder);
    free(self);
    return 0;
}

/* --- what the test's aggregator and alert manager say --- */

/* Publishes a whole snapshot that was taken at AT_US. */
static inline void rig_publish_snapshot(rig_t *self, int64_t at_us, bool is_periodic)
{
    const snapshot_t snapshot = {.version = ++self->version,
                                 .is_whole = true,
                                 .is_periodic = is_periodic,
                                 .has_result = true,
                                 .taken_at_us = at_us,
                                 .status = SYSTEM_OK,
                                 .avg_service_latency_ms = (double)NAN,
                                 .max_service_latency_ms = (double)NAN};
    assert_int_equal(frame_send(self->health, &snapshot_schema, &snapshot, NULL), 0);
}

/* An event of the alert ID of COMPONENT; ENTRY_ID may be NULL. Its alert is in ALERT. */
static inline alert_event_t rig_event(rig_t *self, alert_t *alert, alert_event_kind_t kind,
                                      const char *id, const char *component)
{
    static char text[] = "text";
    static char details[] = "{\"a\":1}";
    static char ids[2][ALERT_ID_MAX_BYTES];
    (void)snprintf(ids[0], sizeof ids[0], "%s", id);
    (void)snprintf(ids[1], sizeof ids[1], "%s", component);
    int64_t now_us = clock_wall_us();
    bool is_end = kind == ALERT_RESOLVED;
    *alert = (alert_t){.alert_id = ids[0],
                       .component = ids[1],
                       .level = SEVERITY_CRITICAL,
                       .title = text,
                       .message = text,
                       .details = details,
                       .raised_at_us = now_us,
                       .resolved_at_us = is_end ? now_us : 0,
                       .resolution = is_end ? RESOLUTION_RECOVERED : RESOLUTION_NONE};
    return (alert_event_t){
        .seq = ++self->seq, .kind = (int)kind, .is_durable = true, .at_us = now_us, .alert = alert};
}

static inline void rig_log(rig_t *self, const alert_event_t *event)
{
    store_error_t error = {.text = ""};
    if (alert_log_append(self->store, event, 1, NULL, 0, &error))
        fail_msg("%s", error.text);
}

static inline void rig_publish_event(rig_t *self, const alert_event_t *event)
{
    assert_int_equal(frame_send(self->alerts, &alert_event_schema, event, NULL), 0);
}

/* Logs and publishes step KIND of alert ID. */
static inline void rig_alert(rig_t *self, alert_event_kind_t kind, const char *id)
{
    alert_t alert;
    alert_event_t event = rig_event(self, &alert, kind, id, "db");
    rig_log(self, &event);
    rig_publish_event(self, &event);
}

/* The next result; the caller ends it with probe_results_destroy. */
static inline probe_results_t *rig_result(rig_t *self)
{
    zpoller_t *poller = zpoller_new(self->results, NULL);
    void *which = zpoller_wait(poller, DEADLINE_MS);
    zpoller_destroy(&poller);
    assert_ptr_equal(which, self->results);
    frame_t frame;
    void *results = NULL;
    wire_error_t error;
    assert_int_equal(frame_recv(self->results, &frame), 1);
    assert_int_equal(frame_decode(&frame, &probe_results_schema, &results, &error), 0);
    frame_clear(&frame);
    return results;
}

/* The next result is about the emergency stop and says this; the texts may be NULL. */
static inline void rig_expect_trip(rig_t *self, const char *reason, const char *details,
                                   const char *entry_id)
{
    probe_results_t *results = rig_result(self);
    assert_int_equal(results->n_results, 1);
    const probe_result_t *result = &results->results[0];
    assert_string_equal(result->target, EMERGENCY_STOP);
    assert_int_equal(result->status, reason ? STATUS_DOWN : STATUS_OK);
    assert_int_equal(result->reason, reason ? REASON_EMERGENCY_STOP : REASON_NONE);
    assert_int_equal(result->latency_us, LATENCY_NONE);
    assert_false(result->is_clear);
    if (reason) {
        assert_string_equal(result->error, reason);
        assert_string_equal(result->details, details);
    } else {
        assert_null(result->error);
        assert_null(result->details);
    }
    if (entry_id)
        assert_string_equal(result->entry_id, entry_id);
    probe_results_destroy(&results);
}

/* --- what Redis has --- */

/* Text of field AT (from 0, in order) of entry N of the stream, "" where there is none. */
static inline const char *rig_field(const redisReply *range, size_t n, size_t at)
{
    const redisReply *fields = range->element[n]->element[1];
    return 2 * at + 1 < fields->elements ? fields->element[2 * at + 1]->str : "";
}

static inline const char *rig_field_name(const redisReply *range, size_t n, size_t at)
{
    return range->element[n]->element[1]->element[2 * at]->str;
}

#endif
