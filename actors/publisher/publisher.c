/*
 * Owns   the public XPUB socket and the newest snapshot as its subscribers get it.
 * Reads  snapshot, alert_event; subscriptions of outsiders.
 * Emits  [topic, msgpack map] with the topics of the contract, section 7. A slow subscriber loses
 *        messages at its high-water mark; it never slows this actor.
 */
#include "actors/publisher/publisher.h"

#include <string.h>

#include <healthd/alert_event.h>

#include "actors/actor.h"
#include "actors/health_reader.h"
#include "proto/render.h"

#define TOPIC_SNAPSHOT       "health.snapshot_updated"
#define TOPIC_ALERT_RAISED   "health.alert_raised"
#define TOPIC_ALERT_RESOLVED "health.alert_resolved"
#define N_TOPICS             3

/* A subscriber sends subscriptions only: a longer frame ends its connection. */
#define SUBSCRIPTION_MAX_BYTES 4096
#define HANDSHAKE_MS           5000
/* A subscriber that is gone without a word is found by the kernel: what it did not acknowledge for
 * so long, or that it does not answer when nothing is sent. ZeroMQ's own heartbeats cost as much as
 * a fifth of what a snapshot each second to a thousand subscribers costs. */
#define UNACKNOWLEDGED_MS 30000
#define KEEPALIVE_IDLE_S  15
#define KEEPALIVE_PAUSE_S 5
#define KEEPALIVE_TRIES   3
/* Subscriptions that are read in one loop turn, at most. */
#define SUBSCRIPTIONS_PER_TURN 1000
/* The last value follows itself no faster: each copy goes to every subscriber of the topic, so a
 * crowd that comes one by one would cost the square of its number. */
#define LAST_VALUE_SPACING_US ((int64_t)50000)

static const char *const topics[N_TOPICS] = {TOPIC_SNAPSHOT, TOPIC_ALERT_RAISED,
                                             TOPIC_ALERT_RESOLVED};

typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    health_reader_t *reader;
    zsock_t *alerts;             /* SUB */
    zsock_t *out;                /* XPUB, public */
    msgpack_sbuffer encoded;     /* payload of the snapshot encoded_version */
    uint64_t encoded_version;    /* 0: none */
    actor_timer_t *spacing;      /* until the last value may be sent again */
    bool is_spacing;             /* it runs */
    bool is_wanted;              /* a subscriber came meanwhile */
    uint64_t n_frames[N_TOPICS]; /* handed to ZeroMQ since the start */
} self_t;

static void send_event(self_t *self, const char *topic, const msgpack_sbuffer *payload)
{
    zmsg_t *message = zmsg_new();
    if (zmsg_addstr(message, topic) || zmsg_addmem(message, payload->data, payload->size) ||
        zmsg_send(&message, self->out)) {
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "publish_failed",
                  "publisher: %s could not be sent: %s", topic, zmq_strerror(zmq_errno()));
        zmsg_destroy(&message);
        return;
    }
    for (size_t i = 0; i < N_TOPICS; i++)
        if (strcmp(topics[i], topic) == 0)
            self->n_frames[i]++;
}

static void on_vitals(void *context, vitals_draft_t *draft)
{
    const self_t *self = context;
    for (size_t i = 0; i < N_TOPICS; i++)
        vitals_add(draft, VITAL_PUBLISH_FRAMES, (double)self->n_frames[i], "topic=\"%s\"",
                   topics[i]);
}

/* --- what comes from inside --- */

/* Sends the state, encoded once for each version; every subscriber of the topic gets it. */
static void send_state(self_t *self, const snapshot_t *state)
{
    if (self->encoded_version != state->version) {
        self->encoded_version = 0;
        msgpack_sbuffer_clear(&self->encoded);
        if (render_system(state, RENDER_MAX_PAYLOAD_BYTES, RENDER_MSGPACK, &self->encoded)) {
            log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                      "publisher: snapshot %llu is not sent", (unsigned long long)state->version);
            return;
        }
        self->encoded_version = state->version;
    }
    send_event(self, TOPIC_SNAPSHOT, &self->encoded);
}

static void on_snapshot(void *context, const snapshot_t *state)
{
    if (state->is_periodic || state->is_status_changed)
        send_state(context, state);
}

static void on_alert(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    self_t *self = context;
    const alert_event_t *event = message;
    bool is_end = event->kind == ALERT_RESOLVED;
    if (event->kind == ALERT_UPDATED || !event->alert)
        return;
    msgpack_sbuffer payload;
    msgpack_sbuffer_init(&payload);
    if (render_alert(event->alert, is_end, event->is_durable, RENDER_MSGPACK, &payload) == 0)
        send_event(self, is_end ? TOPIC_ALERT_RESOLVED : TOPIC_ALERT_RAISED, &payload);
    msgpack_sbuffer_destroy(&payload);
}

static void on_alerts(void *context)
{
    self_t *self = context;
    actor_receive(self->actor, self->alerts, &alert_event_schema, on_alert, self);
}

/* --- subscribers --- */

/* Whether a frame of a subscriber is a new subscription that the snapshot's topic matches. */
static bool wants_snapshot(zframe_t *frame)
{
    const unsigned char *bytes = zframe_data(frame);
    size_t n = zframe_size(frame);
    return n >= 1 && bytes[0] == 1 && n - 1 <= strlen(TOPIC_SNAPSHOT) &&
           memcmp(bytes + 1, TOPIC_SNAPSHOT, n - 1) == 0;
}

/* XPUB cannot address one subscriber, so the last value goes to every one of the topic; one copy
 * serves all who came since the one before. */
static void send_last_value(void *context)
{
    self_t *self = context;
    self->is_spacing = false;
    const snapshot_t *state = health_reader_state(self->reader);
    if (!self->is_wanted || !state)
        return;
    self->is_wanted = false;
    self->is_spacing = true;
    actor_timer_set(self->spacing, LAST_VALUE_SPACING_US);
    send_state(self, state);
}

static void on_subscription(void *context)
{
    self_t *self = context;
    for (int i = 0; i < SUBSCRIPTIONS_PER_TURN && zsock_events(self->out) & ZMQ_POLLIN; i++) {
        CLEANUP(zframe_destroy) zframe_t *frame = zframe_recv(self->out);
        self->is_wanted = self->is_wanted || (frame && wants_snapshot(frame));
    }
    if (!self->is_spacing)
        send_last_value(self);
}

/* Makes and binds the public socket; 0, or -1 with the supervisor told. */
static int bind_public(self_t *self)
{
    const config_t *config = self->args->config;
    self->out = zsock_new(ZMQ_XPUB);
    assert(self->out);
    zsock_set_sndhwm(self->out, (int)self->args->config->publish_high_water_mark);
    zsock_set_linger(self->out, 0);
    zsock_set_maxmsgsize(self->out, SUBSCRIPTION_MAX_BYTES);
    zsock_set_handshake_ivl(self->out, HANDSHAKE_MS);
    zsock_set_tcp_maxrt(self->out, UNACKNOWLEDGED_MS);
    zsock_set_tcp_keepalive(self->out, 1);
    zsock_set_tcp_keepalive_idle(self->out, KEEPALIVE_IDLE_S);
    zsock_set_tcp_keepalive_intvl(self->out, KEEPALIVE_PAUSE_S);
    zsock_set_tcp_keepalive_cnt(self->out, KEEPALIVE_TRIES);
    zsock_set_ipv6(self->out, 1);
    zsock_set_xpub_verbose(self->out, 1); /* a second subscriber of a topic is seen too */
    for (size_t i = 0; i < config->n_publish; i++) {
        if (zsock_bind(self->out, "%s", config->publish[i]) == -1) {
            actor_failed(self->actor, "%s: cannot bind %s: %s",
                         config->file ? "publish.endpoints" : "HEALTHD_PUBLISH", config->publish[i],
                         zmq_strerror(zmq_errno()));
            return -1;
        }
    }
    return 0;
}

static void warn_if_open(const self_t *self, const char *endpoint)
{
    if (strncmp(endpoint, "ipc://", 6) != 0 && strncmp(endpoint, "tcp://127.", 10) != 0 &&
        strncmp(endpoint, "tcp://localhost:", 16) != 0 && strncmp(endpoint, "tcp://[::1]", 11) != 0)
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "publish_open",
                  "%s is open to everyone who can reach it: snapshots are sent without "
                  "encryption or credentials",
                  endpoint);
}

/* Off loopback anyone may subscribe: said once, at the start. */
static void on_begin(void *context)
{
    self_t *self = context;
    for (size_t i = 0; i < self->args->config->n_publish; i++)
        warn_if_open(self, self->args->config->publish[i]);
}

/* Where it sends to is bound at the start alone. */
static actor_reload_t on_reload(void *context, const actor_args_t *args)
{
    self_t *self = context;
    const config_t *old = self->args->config;
    const config_t *now = args->config;
    bool is_same = old->n_publish == now->n_publish &&
                   old->publish_high_water_mark == now->publish_high_water_mark;
    for (size_t i = 0; is_same && i < now->n_publish; i++)
        is_same = strcmp(old->publish[i], now->publish[i]) == 0;
    if (!is_same)
        return ACTOR_NEEDS_RESTART;
    self->args = args;
    return ACTOR_RELOADED;
}

void publisher_actor(zsock_t *pipe, void *args)
{
    self_t self = {.args = args};
    self.actor = actor_new(pipe, "publisher", args);
    self.spacing = actor_timer_new(self.actor, send_last_value, &self);
    msgpack_sbuffer_init(&self.encoded);
    actor_on_begin(self.actor, on_begin, &self);
    actor_on_reload(self.actor, on_reload, &self);
    actor_on_vitals(self.actor, on_vitals, &self);
    if (bind_public(&self) == 0) {
        self.reader = health_reader_new(self.actor, on_snapshot, &self);
        self.alerts = actor_socket(ZMQ_SUB, ENDPOINT_ALERTS, false);
        actor_read(self.actor, self.alerts, on_alerts, &self);
        actor_read(self.actor, self.out, on_subscription, &self);
        if (self.reader)
            actor_run(self.actor);
        else
            actor_failed(self.actor, "publisher: out of memory");
    }
    health_reader_destroy(&self.reader);
    zsock_destroy(&self.alerts);
    zsock_destroy(&self.out);
    actor_timer_destroy(&self.spacing);
    msgpack_sbuffer_destroy(&self.encoded);
    actor_destroy(&self.actor);
}
