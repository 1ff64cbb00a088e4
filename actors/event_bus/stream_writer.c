#include "actors/event_bus/stream_writer.h"

#include <stdlib.h>
#include <string.h>

#include "actors/event_bus/backoff.h"
#include "actors/event_bus/stream_care.h"
#include "core/timestamp.h"

struct stream_writer {
    const streams_t *streams;
    stream_writer_handlers_t handlers;
    redis_io_t *redis;
    stream_care_t *care;
    actor_timer_t *retry;
    backoff_t backoff;
    bool is_sending;      /* an answer is awaited before the next event may go */
    bool is_fault_logged; /* since the last success */
};

/* --- failure --- */

static void on_fault(stream_writer_t *self, const char *what, const char *text)
{
    self->is_sending = false;
    stream_care_stop(self->care, false);
    int64_t after_us = backoff_next_us(&self->backoff);
    if (!self->is_fault_logged)
        log_write(actor_log(self->streams->actor), LOG_LEVEL_WARNING, "redis_lost",
                  "event bus: %s: %.200s; events wait on disk, next try in %lld ms", what, text,
                  (long long)(after_us / 1000));
    self->is_fault_logged = true;
    actor_timer_set(self->retry, after_us);
}

static void on_closed(void *context, reason_t reason, const char *text)
{
    stream_writer_t *self = context;
    stream_care_stop(self->care, reason == REASON_PROTOCOL);
    on_fault(self, reason_name((int)reason), text);
}

static void on_retry(void *context)
{
    stream_writer_t *self = context;
    redis_io_open(self->redis, self->streams->url, STREAMS_TIMEOUT_US);
}

/* --- sending --- */

static void on_added(void *context, const redisReply *reply)
{
    stream_writer_t *self = context;
    if (!reply)
        return; /* on_closed follows */
    if (reply->type == REDIS_REPLY_ERROR) {
        /* A new connection finds its way also where the server became a replica. */
        redis_io_close(self->redis);
        on_fault(self, "Redis refuses an event", reply->str);
        return;
    }
    if (self->is_fault_logged)
        log_write(actor_log(self->streams->actor), LOG_LEVEL_INFO, "redis_back",
                  "event bus: Redis takes events again");
    self->backoff = (backoff_t){0};
    self->is_fault_logged = false;
    self->is_sending = false;
    self->handlers.sent(self->streams->context);
    stream_writer_wake(self);
}

static int send_event(stream_writer_t *self, const outbound_t *event)
{
    char key[STREAMS_NAME_BYTES];
    char timestamp[TIMESTAMP_BYTES];
    const config_t *config = self->streams->config;
    char max_length[16];
    (void)snprintf(max_length, sizeof max_length, "%u", config->bus_max_length);
    streams_key(config, event->event_type, key);
    timestamp_naive(event->event_time_us, timestamp);
    const char *args[] = {
        "XADD",           key,
        "MAXLEN",         "~",
        max_length,       "*",
        "event_type",     event->event_type,
        "payload",        event->body,
        "trace_id",       "",
        "correlation_id", event->correlation_id,
        "timestamp",      timestamp,
        "source",         config->bus_service_name,
    };
    return redis_io_command(self->redis, sizeof args / sizeof args[0], args, NULL,
                            STREAMS_TIMEOUT_US, on_added, self);
}

void stream_writer_wake(stream_writer_t *self)
{
    const outbound_t *event = NULL;
    if (self->is_sending || !redis_io_is_ready(self->redis) ||
        !self->handlers.next(self->streams->context, &event))
        return;
    self->is_sending = true;
    if (send_event(self, event)) {
        redis_io_close(self->redis);
        on_fault(self, "an event cannot be sent", "out of memory");
    }
}

static void on_pong(void *context, const redisReply *reply)
{
    stream_writer_t *self = context;
    if (!reply)
        return;                             /* on_closed follows */
    if (reply->type == REDIS_REPLY_ERROR) { /* LOADING */
        redis_io_close(self->redis);
        on_fault(self, "Redis is not ready", reply->str);
        return;
    }
    self->is_sending = false;
    stream_care_start(self->care);
    stream_writer_wake(self);
}

/*
 * A Redis that hangs still takes connections, and when it goes on it runs what was sent on each. So
 * the first event goes only after an answer, or every try would leave a copy of it behind.
 */
static void on_ready(void *context)
{
    stream_writer_t *self = context;
    const char *args[] = {"PING"};
    self->is_sending = true;
    if (redis_io_command(self->redis, 1, args, NULL, STREAMS_TIMEOUT_US, on_pong, self)) {
        redis_io_close(self->redis);
        on_fault(self, "Redis cannot be asked", "out of memory");
    }
}

bool stream_writer_is_connected(const stream_writer_t *self)
{
    return redis_io_is_ready(self->redis);
}

/* --- life --- */

stream_writer_t *stream_writer_new(const streams_t *streams,
                                   const stream_writer_handlers_t *handlers)
{
    static const redis_io_handlers_t redis_handlers = {.ready = on_ready, .closed = on_closed};
    stream_writer_t *self = actor_must(streams->actor, calloc(1, sizeof *self));
    self->streams = streams;
    self->handlers = *handlers;
    self->redis = redis_io_new(streams->actor, streams->resolve, &redis_handlers, self);
    self->care = stream_care_new(streams, self->redis);
    self->retry = actor_timer_new(streams->actor, on_retry, self);
    redis_io_open(self->redis, streams->url, STREAMS_TIMEOUT_US);
    return self;
}

void stream_writer_destroy(stream_writer_t **self_p)
{
    stream_writer_t *self = *self_p;
    if (!self)
        return;
    actor_timer_destroy(&self->retry);
    stream_care_destroy(&self->care);
    redis_io_destroy(&self->redis);
    free(self);
    *self_p = NULL;
}
