#include "actors/event_bus/stream_reader.h"

#include <stdlib.h>
#include <string.h>

#include "actors/event_bus/backoff.h"

/* How long a read waits for an entry, in Redis and, with its time-out, here. */
#define BLOCK_MS         "5000"
#define BLOCK_TIMEOUT_US ((int64_t)5 * 1000 * 1000 + STREAMS_TIMEOUT_US)
/* After an answer that was too large so many entries are read one by one: those of it that are not
 * too large by themselves come to us so, and the others are left to stream_care. */
#define CAREFUL_READS 20

struct stream_reader {
    const streams_t *streams;
    trip_event_type_t type;
    char key[STREAMS_NAME_BYTES];
    char group[STREAMS_NAME_BYTES];
    redis_io_t *redis;
    actor_timer_t *retry;
    backoff_t backoff;
    bool is_fault_logged; /* since the last success */
    unsigned n_careful;   /* reads that ask for one entry alone */
};

static void read_more(stream_reader_t *self);

/* --- failure --- */

static void retry_later(stream_reader_t *self)
{
    redis_io_close(self->redis);
    actor_timer_set(self->retry, backoff_next_us(&self->backoff));
}

/* Redis answers, but not as it should. A lost connection is for the writer to tell: it loses its
 * own at the same time. */
static void on_fault(stream_reader_t *self, const char *text)
{
    if (!self->is_fault_logged)
        log_write(actor_log(self->streams->actor), LOG_LEVEL_WARNING, "stream_not_read",
                  "event bus: %s cannot be read: %.200s; trying again until it can", self->key,
                  text);
    self->is_fault_logged = true;
    retry_later(self);
}

static void on_closed(void *context, reason_t reason, const char *text)
{
    stream_reader_t *self = context;
    log_write(actor_log(self->streams->actor), LOG_LEVEL_DEBUG, "redis_lost",
              "event bus: connection that reads %s: %s: %s", self->key, reason_name((int)reason),
              text);
    if (reason == REASON_PROTOCOL)
        self->n_careful = CAREFUL_READS;
    actor_timer_set(self->retry, backoff_next_us(&self->backoff));
}

static void on_retry(void *context)
{
    stream_reader_t *self = context;
    redis_io_open(self->redis, self->streams->url, STREAMS_TIMEOUT_US);
}

/* --- group --- */

static void on_group(void *context, const redisReply *reply)
{
    stream_reader_t *self = context;
    if (!reply)
        return; /* on_closed follows */
    if (reply->type == REDIS_REPLY_ERROR && !streams_is_error(reply, "BUSYGROUP")) {
        on_fault(self, reply->str);
        return;
    }
    read_more(self);
}

static void make_group(stream_reader_t *self)
{
    const char *args[] = {"XGROUP", "CREATE", self->key, self->group, "0", "MKSTREAM"};
    if (redis_io_command(self->redis, 6, args, NULL, STREAMS_TIMEOUT_US, on_group, self))
        on_fault(self, "the command cannot be sent");
}

static void on_ready(void *context)
{
    make_group(context);
}

/* --- entries --- */

/* The list of entries in the answer [[stream, entries]]; NULL where it is none. */
static const redisReply *entries_of(const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
        return NULL;
    const redisReply *stream = reply->element[0];
    return stream->type == REDIS_REPLY_ARRAY && stream->elements == 2 ? stream->element[1] : NULL;
}

static void on_entries(void *context, const redisReply *reply)
{
    stream_reader_t *self = context;
    if (!reply)
        return; /* on_closed follows */
    /* Redis was emptied: before this read, or while it blocked. */
    if (streams_is_error(reply, "NOGROUP") || streams_is_error(reply, "UNBLOCKED")) {
        make_group(self);
        return;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        on_fault(self, reply->str);
        return;
    }
    self->backoff = (backoff_t){0};
    self->is_fault_logged = false;
    if (reply->type != REDIS_REPLY_NIL) { /* nil: nothing came while it blocked */
        const redisReply *entries = entries_of(reply);
        const streams_names_t names = {.type = self->type, .key = self->key, .group = self->group};
        if (!entries || streams_take(self->redis, &names, entries, self->streams->entries,
                                     self->streams->context) < 0) {
            on_fault(self, "the answer is not a list of entries");
            return;
        }
    }
    if (self->n_careful > 0)
        self->n_careful--;
    read_more(self);
}

static void read_more(stream_reader_t *self)
{
    const char *count = self->n_careful > 0 ? "1" : STREAMS_COUNT;
    const char *args[] = {"XREADGROUP", "GROUP",   self->group, self->streams->consumer,
                          "COUNT",      count,     "BLOCK",     BLOCK_MS,
                          "STREAMS",    self->key, ">"};
    if (redis_io_command(self->redis, sizeof args / sizeof args[0], args, NULL, BLOCK_TIMEOUT_US,
                         on_entries, self))
        on_fault(self, "the command cannot be sent");
}

/* --- life --- */

stream_reader_t *stream_reader_new(const streams_t *streams, trip_event_type_t type)
{
    static const redis_io_handlers_t handlers = {.ready = on_ready, .closed = on_closed};
    stream_reader_t *self = actor_must(streams->actor, calloc(1, sizeof *self));
    self->streams = streams;
    self->type = type;
    streams_key(streams->config, trip_event_type_name((int)type), self->key);
    streams_group(streams->config, trip_event_type_name((int)type), self->group);
    self->redis = redis_io_new(streams->actor, streams->resolve, &handlers, self);
    self->retry = actor_timer_new(streams->actor, on_retry, self);
    redis_io_open(self->redis, streams->url, STREAMS_TIMEOUT_US);
    return self;
}

void stream_reader_destroy(stream_reader_t **self_p)
{
    stream_reader_t *self = *self_p;
    if (!self)
        return;
    actor_timer_destroy(&self->retry);
    redis_io_destroy(&self->redis);
    free(self);
    *self_p = NULL;
}
