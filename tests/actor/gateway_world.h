/*
 * A real gateway between a test that plays the aggregator and the alert manager, and readers with
 * plain sockets. All of the test runs in one thread: while a reader waits for an answer, the
 * questions that come in meanwhile are answered, or held back.
 */
#ifndef HEALTHD_TESTS_ACTOR_GATEWAY_WORLD_H
#define HEALTHD_TESTS_ACTOR_GATEWAY_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/asks.h"
#include "gateway/gateway.h"
#include "proto/frame.h"
#include "tests/support/support.h"
#include "tests/test.h"

/* No wait of these tests takes longer, except those for the cutting of slow readers. */
#define DEADLINE_MS 20000
/* Worlds of one test program, at most. */
#define WORLDS_MAX 40
#define ALERT_ID   "system_CRITICAL_2026-11-24T02:45:54.223844+00:00"

typedef enum { OWNER_ANSWERS, OWNER_HOLDS, OWNER_COUNT } owner_mode_t;

/* What the test plays of one owner. */
typedef struct {
    zsock_t *router;
    zsock_t *news;
    owner_mode_t mode;
    unsigned n_queries;
    query_t *last;      /* the newest question */
    zframe_t *identity; /* who asked; held back where the mode says so */
} played_t;

typedef struct {
    config_t config;
    log_t log;
    actor_args_t args;
    zactor_t *gateway;
    uint16_t port;
    char listen[64];
    played_t health;
    played_t alerts;
    snapshot_t snapshot;
    bool has_snapshot;
    alert_t alert;
    size_t n_alerts; /* 0 or 1 */
    uint64_t alert_seq;
    int clear_outcome;
    int probe_outcome;
    probe_result_t *probe_result; /* borrowed */
    int pause_outcome;
    evidence_t *evidence; /* borrowed */
    size_t n_evidence;
} world_t;

typedef struct {
    int fd;
    size_t n;
    char bytes[1 << 20]; /* received and not yet consumed */
} reader_t;

typedef struct {
    int code;
    char head[4096]; /* with its empty line, NUL-terminated */
    size_t n_body;
    char body[1 << 18]; /* NUL-terminated */
} response_t;

/* --- the world --- */

/* The next thing that GATEWAY says on its pipe is EXPECTED. */
static inline void world_told(zactor_t *gateway, const char *expected)
{
    zsock_set_rcvtimeo(gateway, DEADLINE_MS);
    char *text = zstr_recv(gateway);
    assert_non_null(text);
    assert_string_equal(text, expected);
    zstr_free(&text);
}

static inline void play(played_t *owner, const char *ask, const char *news)
{
    owner->router = actor_socket(ZMQ_ROUTER, ask, true);
    owner->news = actor_socket(ZMQ_XPUB, news, true);
    owner->mode = OWNER_ANSWERS;
}

static inline void play_no_more(played_t *owner, const char *ask, const char *news)
{
    assert_int_equal(zsock_unbind(owner->router, "%s", ask), 0);
    assert_int_equal(zsock_unbind(owner->news, "%s", news), 0);
    zsock_destroy(&owner->router);
    zsock_destroy(&owner->news);
    query_destroy(&owner->last);
    zframe_destroy(&owner->identity);
}

/* A world whose gateway is ready but has not begun; TOKEN (borrows, for good) is NULL or that of
 * writes. TARGETS is NULL or a configuration whose targets it has (borrows). */
static inline world_t *world_new_quiet(char *token, const config_t *targets)
{
    static char service[] = "risk_guard";
    static char infrastructure[] = "redis";
    static char failure[] = "Service: risk_guard";
    static target_state_t states[2] = {{.name = service,
                                        .kind = KIND_SERVICE,
                                        .status = STATUS_DOWN,
                                        .is_critical = true,
                                        .reason = REASON_STATUS,
                                        .latency_us = 5750,
                                        .checked_at_us = 1795488330289500},
                                       {.name = infrastructure,
                                        .kind = KIND_INFRASTRUCTURE,
                                        .status = STATUS_OK,
                                        .is_critical = true,
                                        .latency_us = 1730,
                                        .checked_at_us = 1795488330289500}};
    static critical_failure_t failures[1] = {{.text = failure}};
    static char id[] = ALERT_ID;
    static char component[] = "system";
    static char title[] = "System Health CRITICAL";
    static char message[] = "Critical failures detected: Service: risk_guard";
    static char details[] = "{}";

    /* Each world has a place of its own: that a gateway has ended before its place is used again
     * is known to the sockets alone, not to ThreadSanitizer. */
    static world_t worlds[WORLDS_MAX];
    static size_t n_worlds;
    assert_true(n_worlds < WORLDS_MAX);
    world_t *self = &worlds[n_worlds++];
    play(&self->health, ENDPOINT_ASK_HEALTH, ENDPOINT_HEALTH);
    play(&self->alerts, ENDPOINT_ASK_ALERTS, ENDPOINT_ALERTS);
    self->has_snapshot = true;
    self->snapshot = (snapshot_t){.version = 1,
                                  .is_whole = true,
                                  .has_result = true,
                                  .taken_at_us = 1795488330289500,
                                  .status = SYSTEM_CRITICAL,
                                  .avg_service_latency_ms = 5.75,
                                  .max_service_latency_ms = 5.75,
                                  .critical_failures = failures,
                                  .n_critical_failures = 1,
                                  .targets = states,
                                  .n_targets = 2};
    self->alert = (alert_t){.alert_id = id,
                            .component = component,
                            .level = SEVERITY_CRITICAL,
                            .title = title,
                            .message = message,
                            .details = details,
                            .raised_at_us = 1795488354223844};
    self->n_alerts = 1;
    self->alert_seq = 7;
    self->port = support_free_port();
    (void)snprintf(self->listen, sizeof self->listen, "127.0.0.1:%u", self->port);
    if (targets) {
        self->config.targets = targets->targets;
        self->config.n_targets = targets->n_targets;
        self->config.index = targets->index;
    } else {
        assert_int_equal(config_seal(&self->config), 0);
    }
    self->config.listen = self->listen;
    self->config.token = token;
    self->config.anonymous_role = ROLE_OPERATOR;
    self->config.max_connections = 512;
    self->log.level = LOG_LEVEL_ERROR;
    self->args =
        (actor_args_t){.config = &self->config, .log = &self->log, .start_id = "0123456789abcdef"};
    self->gateway = zactor_new(gateway_actor, &self->args);
    assert_non_null(self->gateway);
    world_told(self->gateway, "ready");
    return self;
}

static inline world_t *world_new_with(char *token, const config_t *targets)
{
    world_t *self = world_new_quiet(token, targets);
    assert_int_equal(zstr_send(self->gateway, "begin"), 0);
    return self;
}

static inline world_t *world_new(char *token)
{
    return world_new_with(token, NULL);
}

static inline void world_destroy(world_t *self)
{
    zactor_destroy(&self->gateway);
    if (self->config.n_targets == 0)
        config_unseal(&self->config);
    play_no_more(&self->health, ENDPOINT_ASK_HEALTH, ENDPOINT_HEALTH);
    play_no_more(&self->alerts, ENDPOINT_ASK_ALERTS, ENDPOINT_ALERTS);
}

/* Answers the question that OWNER was asked last. */
static inline void world_answer(world_t *self, played_t *owner)
{
    assert_non_null(owner->last);
    answer_t answer = {.request_id = owner->last->request_id,
                       .snapshot_version = self->snapshot.version,
                       .alert_seq = owner == &self->alerts ? self->alert_seq : 0};
    switch (owner->last->verb) {
    case QUERY_WHOLE_STATE:
        answer.snapshot = self->has_snapshot ? &self->snapshot : NULL;
        break;
    case QUERY_ALERT_CLEAR:
        answer.outcome = self->clear_outcome;
        break;
    case QUERY_EVIDENCE:
        answer.evidence = self->evidence;
        answer.n_evidence = self->n_evidence;
        break;
    case QUERY_PAUSE:
    case QUERY_RESUME:
        answer.outcome = self->pause_outcome;
        break;
    case QUERY_PROBE:
        answer.outcome = self->probe_outcome;
        answer.result = answer.outcome == ANSWER_OK ? self->probe_result : NULL;
        break;
    default:
        answer.alerts = &self->alert;
        answer.n_alerts = self->n_alerts;
    }
    assert_int_equal(frame_send(owner->router, &answer_schema, &answer, owner->identity), 0);
}

static inline void world_hear(world_t *self, played_t *owner)
{
    frame_t frame = {0};
    while (frame_recv(owner->router, &frame) == 1) {
        void *query = NULL;
        wire_error_t error;
        assert_int_equal(frame_decode(&frame, &query_schema, &query, &error), 0);
        query_destroy(&owner->last);
        owner->last = query;
        zframe_destroy(&owner->identity);
        owner->identity = zframe_dup(frame.identity);
        frame_clear(&frame);
        owner->n_queries++;
        if (owner->mode == OWNER_ANSWERS)
            world_answer(self, owner);
    }
    frame_clear(&frame);
}

/* Waits for a question, or for something to read from FD (-1: none), and handles the questions. */
static inline void world_turn(world_t *self, int fd)
{
    zmq_pollitem_t items[] = {
        {.socket = zsock_resolve(self->health.router), .events = ZMQ_POLLIN},
        {.socket = zsock_resolve(self->alerts.router), .events = ZMQ_POLLIN},
        {.fd = fd, .events = ZMQ_POLLIN},
    };
    int n = zmq_poll(items, fd == -1 ? 2 : 3, DEADLINE_MS);
    if (n == 0)
        fail_msg("nothing happened for %d ms", DEADLINE_MS);
    assert_true(n > 0);
    world_hear(self, &self->health);
    world_hear(self, &self->alerts);
}

/* Waits until OWNER has been asked N questions in all. */
static inline void world_wait_queries(world_t *self, const played_t *owner, unsigned n)
{
    while (owner->n_queries < n)
        world_turn(self, -1);
}

/* Returns when the gateway has handled everything that was sent to it before. */
static inline void world_settle(world_t *self)
{
    for (int i = 0; i < 3; i++) {
        assert_int_equal(zstr_send(self->gateway, "ping"), 0);
        world_told(self->gateway, "pong");
    }
}

/* Publishes that there is a newer snapshot. */
static inline void world_publish(world_t *self, uint64_t version)
{
    self->snapshot.version = version;
    assert_int_equal(frame_send(self->health.news, &snapshot_schema, &self->snapshot, NULL), 0);
    world_settle(self);
}

static inline void world_publish_alert(world_t *self, uint64_t seq)
{
    self->alert_seq = seq;
    const alert_event_t event = {
        .seq = seq, .kind = ALERT_RAISED, .is_durable = true, .alert = &self->alert};
    assert_int_equal(frame_send(self->alerts.news, &alert_event_schema, &event, NULL), 0);
    world_settle(self);
}

/* --- readers --- */

static inline reader_t *reader_new(const world_t *world)
{
    reader_t *self = malloc(sizeof *self);
    assert_non_null(self);
    self->n = 0;
    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(self->fd != -1);
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(world->port),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(connect(self->fd, (const struct sockaddr *)&address, sizeof address), 0);
    return self;
}

static inline void reader_destroy(reader_t **self)
{
    assert_int_equal(close((*self)->fd), 0);
    free(*self);
    *self = NULL;
}

static inline void reader_send_bytes(const reader_t *self, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(self->fd, bytes, n, MSG_NOSIGNAL);
        assert_true(sent > 0);
        bytes += sent;
        n -= (size_t)sent;
    }
}

static inline void reader_send(const reader_t *self, const char *text)
{
    reader_send_bytes(self, text, strlen(text));
}

/* Sends METHOD TARGET with HEADERS, each ended by CRLF. */
static inline void reader_ask(const reader_t *self, const char *method, const char *target,
                              const char *headers)
{
    char text[4096];
    int n = snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: a:80\r\n%s\r\n", method, target,
                     headers);
    assert_true(n > 0 && (size_t)n < sizeof text);
    reader_send(self, text);
}

/* Reads what is there; false at the end of the connection. */
static inline bool reader_fill(reader_t *self)
{
    ssize_t n =
        recv(self->fd, self->bytes + self->n, sizeof self->bytes - self->n - 1, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0)
        return false;
    self->n += (size_t)n;
    return true;
}

/* Value of header NAME in RESPONSE, to be freed; NULL where it has none. */
static inline char *header_of(const response_t *response, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = strstr(response->head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
            line += n + 1;
            line += strspn(line, " ");
            return strndup(line, strcspn(line, "\r"));
        }
    }
    return NULL;
}

static inline bool has_header(const response_t *response, const char *name, const char *value)
{
    char *found = header_of(response, name);
    bool is_equal = found && strcmp(found, value) == 0;
    free(found);
    return is_equal;
}

static inline bool reader_take(reader_t *self, bool is_head, response_t *ret)
{
    const char *end = memmem(self->bytes, self->n, "\r\n\r\n", 4);
    if (!end)
        return false;
    size_t n_head = (size_t)(end - self->bytes) + 4;
    assert_true(n_head < sizeof ret->head);
    memcpy(ret->head, self->bytes, n_head);
    ret->head[n_head] = '\0';
    assert_int_equal(sscanf(ret->head, "HTTP/1.1 %d", &ret->code), 1);
    if (ret->code == 100) {
        memmove(self->bytes, self->bytes + n_head, self->n - n_head);
        self->n -= n_head;
        return reader_take(self, is_head, ret);
    }
    char *length = header_of(ret, "Content-Length");
    ret->n_body = length && !is_head && ret->code != 304 ? strtoul(length, NULL, 10) : 0;
    free(length);
    assert_true(ret->n_body < sizeof ret->body);
    if (self->n < n_head + ret->n_body)
        return false;
    memcpy(ret->body, self->bytes + n_head, ret->n_body);
    ret->body[ret->n_body] = '\0';
    size_t used = n_head + ret->n_body;
    memmove(self->bytes, self->bytes + used, self->n - used);
    self->n -= used;
    return true;
}

/* The next response to SELF; questions that come meanwhile are handled. */
static inline void reader_receive(reader_t *self, world_t *world, bool is_head, response_t *ret)
{
    while (!reader_take(self, is_head, ret)) {
        world_turn(world, self->fd);
        if (!reader_fill(self) && !reader_take(self, is_head, ret))
            fail_msg("the connection ended after %zu bytes", self->n);
    }
}

/* Whether anything has come that was not taken, without waiting. */
static inline bool reader_has_something(reader_t *self)
{
    (void)reader_fill(self);
    return self->n > 0;
}

/* Asks on a connection of its own. */
static inline void fetch(world_t *world, const char *method, const char *target,
                         const char *headers, response_t *ret)
{
    reader_t *reader = reader_new(world);
    reader_ask(reader, method, target, headers);
    reader_receive(reader, world, strcmp(method, "HEAD") == 0, ret);
    reader_destroy(&reader);
}

#endif
