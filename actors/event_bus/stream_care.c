#include "actors/event_bus/stream_care.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL_US ((int64_t)5 * 1000 * 1000)
/* An entry that was taken so long ago and is not acknowledged is claimed. */
#define CLAIM_IDLE_MS "5000"
/* A consumer without pending entries that has not read for so long is deleted. */
#define CONSUMER_IDLE_MS (60LL * 60 * 1000)
/* Consumers are looked at in the first round of a connection and then in every so many. */
#define CONSUMER_ROUNDS 120

/* Rounds after an answer that was too large in which entries are claimed one by one. */
#define CAREFUL_ROUNDS 3

struct stream_care {
    const streams_t *streams;
    redis_io_t *redis;
    actor_timer_t *timer;
    unsigned n_rounds; /* of this connection */
    int type;          /* trip_event_type_t: the stream whose turn it is */
    char key[STREAMS_NAME_BYTES];
    char group[STREAMS_NAME_BYTES];
    char claim_from[TRIP_ENTRY_ID_BYTES];
    unsigned n_careful;              /* rounds that are left of them */
    bool is_claiming;                /* an answer with entries is awaited */
    char entry[TRIP_ENTRY_ID_BYTES]; /* the one that is fetched by itself; "": none */
    bool is_entry_too_large;
    unsigned long long n_unread; /* acknowledged unread since the start */
    bool is_fault_logged;
};

static void claim(stream_care_t *self);

static void turn_to(stream_care_t *self, int type)
{
    if (type == TRIP_EVENT_TYPE_COUNT) {
        self->n_rounds++;
        if (self->n_careful > 0)
            self->n_careful--;
        actor_timer_set(self->timer, INTERVAL_US);
        return;
    }
    self->type = type;
    streams_key(self->streams->config, trip_event_type_name(type), self->key);
    streams_group(self->streams->config, trip_event_type_name(type), self->group);
    (void)snprintf(self->claim_from, sizeof self->claim_from, "0-0");
    claim(self);
}

/* Sends a command; where it cannot be sent, the next round tries again. */
static void command(stream_care_t *self, size_t n, const char *const *args, redis_io_reply_fn *fn)
{
    if (redis_io_command(self->redis, n, args, NULL, STREAMS_TIMEOUT_US, fn, self))
        actor_timer_set(self->timer, INTERVAL_US);
}

/* --- consumers --- */

/* The number under KEY in the flat list of keys and values; 0: none. */
static long long number_of(const redisReply *map, const char *key)
{
    for (size_t i = 0; i + 1 < map->elements; i += 2)
        if (map->element[i]->type == REDIS_REPLY_STRING && strcmp(map->element[i]->str, key) == 0 &&
            map->element[i + 1]->type == REDIS_REPLY_INTEGER)
            return map->element[i + 1]->integer;
    return 0;
}

static const redisReply *name_of(const redisReply *map)
{
    for (size_t i = 0; i + 1 < map->elements; i += 2)
        if (map->element[i]->type == REDIS_REPLY_STRING &&
            strcmp(map->element[i]->str, "name") == 0 &&
            map->element[i + 1]->type == REDIS_REPLY_STRING)
            return map->element[i + 1];
    return NULL;
}

static void delete_if_stale(stream_care_t *self, const redisReply *consumer)
{
    const redisReply *name = consumer->type == REDIS_REPLY_ARRAY ? name_of(consumer) : NULL;
    if (!name || strcmp(name->str, self->streams->consumer) == 0 ||
        number_of(consumer, "pending") > 0 || number_of(consumer, "idle") <= CONSUMER_IDLE_MS)
        return;
    const char *args[] = {"XGROUP", "DELCONSUMER", self->key, self->group, name->str};
    const size_t lengths[] = {6, 11, strlen(self->key), strlen(self->group), (size_t)name->len};
    /* What fails comes up again in a later round. */
    (void)redis_io_command(self->redis, 5, args, lengths, STREAMS_TIMEOUT_US, NULL, NULL);
}

static void on_consumers(void *context, const redisReply *reply)
{
    stream_care_t *self = context;
    if (!reply)
        return; /* the writer hears of the end */
    if (reply->type == REDIS_REPLY_ARRAY)
        for (size_t i = 0; i < reply->elements; i++)
            delete_if_stale(self, reply->element[i]);
    turn_to(self, self->type + 1);
}

static void look_at_consumers(stream_care_t *self)
{
    if (self->n_rounds % CONSUMER_ROUNDS != 0) {
        turn_to(self, self->type + 1);
        return;
    }
    const char *args[] = {"XINFO", "CONSUMERS", self->key, self->group};
    command(self, 4, args, on_consumers);
}

/* --- entries --- */

static void on_fault(stream_care_t *self, const char *text)
{
    if (!self->is_fault_logged)
        log_write(actor_log(self->streams->actor), LOG_LEVEL_WARNING, "entries_not_claimed",
                  "event bus: entries that others left in %s cannot be claimed: %.200s; trying "
                  "again every %d s",
                  self->key, text, (int)(INTERVAL_US / 1000000));
    self->is_fault_logged = true;
    turn_to(self, self->type + 1);
}

static void acknowledge_entry(stream_care_t *self)
{
    const char *args[] = {"XACK", self->key, self->group, self->entry};
    /* What is lost on the way stays pending and is claimed again. */
    (void)redis_io_command(self->redis, 4, args, NULL, STREAMS_TIMEOUT_US, NULL, NULL);
    self->entry[0] = '\0';
}

/* The entry that broke the connection is given up. */
static void give_up_entry(stream_care_t *self)
{
    self->n_unread++;
    log_write(actor_log(self->streams->actor), LOG_LEVEL_ERROR, "entry_too_large",
              "event bus: entry %s of %s is larger than %zu MiB: acknowledged unread (%llu "
              "since the start)",
              self->entry, self->key, REDIS_IO_REPLY_MAX_BYTES >> 20, self->n_unread);
    acknowledge_entry(self);
    self->is_entry_too_large = false;
}

/* Goes on behind the entries that were claimed last. */
static void go_on(stream_care_t *self)
{
    if (self->claim_from[0])
        claim(self);
    else
        look_at_consumers(self);
}

/* The answer is a list of the entry, or an empty one where it was deleted meanwhile. */
static void on_entry(void *context, const redisReply *reply)
{
    stream_care_t *self = context;
    if (!reply)
        return; /* the writer hears of the end, and stream_care_stop of why */
    self->is_claiming = false;
    const streams_names_t names = {
        .type = (trip_event_type_t)self->type, .key = self->key, .group = self->group};
    int n =
        streams_take(self->redis, &names, reply, self->streams->entries, self->streams->context);
    if (n < 0) {
        on_fault(self, reply->type == REDIS_REPLY_ERROR ? reply->str : "no list of entries");
        return;
    }
    if (n == 0)
        acknowledge_entry(self);
    self->entry[0] = '\0';
    go_on(self);
}

/* IDS: [id] of the one entry that was claimed, or nothing. */
static void fetch(stream_care_t *self, const redisReply *ids)
{
    if (ids->type != REDIS_REPLY_ARRAY || ids->elements == 0 ||
        ids->element[0]->type != REDIS_REPLY_STRING ||
        strlen(ids->element[0]->str) >= sizeof self->entry) {
        go_on(self);
        return;
    }
    (void)snprintf(self->entry, sizeof self->entry, "%s", ids->element[0]->str);
    self->is_claiming = true;
    const char *args[] = {"XRANGE", self->key, self->entry, self->entry};
    command(self, 4, args, on_entry);
}

/* Takes ENTRIES, the middle of the answer: whole ones, or where it is careful the id of one. */
static void take(stream_care_t *self, const redisReply *entries)
{
    const streams_names_t names = {
        .type = (trip_event_type_t)self->type, .key = self->key, .group = self->group};
    if (self->n_careful > 0)
        fetch(self, entries);
    else if (streams_take(self->redis, &names, entries, self->streams->entries,
                          self->streams->context) < 0)
        on_fault(self, "the answer is not a list of entries");
    else
        go_on(self);
}

/* The answer is [where to go on, entries, ids of deleted ones (since Redis 7)]. */
static void on_claimed(void *context, const redisReply *reply)
{
    stream_care_t *self = context;
    if (!reply)
        return; /* the writer hears of the end, and stream_care_stop of why */
    self->is_claiming = false;
    if (streams_is_error(reply, "NOGROUP")) { /* the reader makes it */
        turn_to(self, self->type + 1);
        return;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        on_fault(self, reply->str);
        return;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2 ||
        reply->element[0]->type != REDIS_REPLY_STRING) {
        on_fault(self, "the answer is not as expected");
        return;
    }
    self->is_fault_logged = false;
    const char *next = reply->element[0]->str;
    bool is_last = strcmp(next, "0-0") == 0 || strlen(next) >= sizeof self->claim_from;
    (void)snprintf(self->claim_from, sizeof self->claim_from, "%s", is_last ? "" : next);
    take(self, reply->element[1]);
}

static void claim(stream_care_t *self)
{
    const char *args[] = {
        "XAUTOCLAIM",  self->key,        self->group, self->streams->consumer,
        CLAIM_IDLE_MS, self->claim_from, "COUNT",     self->n_careful > 0 ? "1" : STREAMS_COUNT,
        "JUSTID"};
    size_t n = sizeof args / sizeof args[0];
    self->is_claiming = true;
    command(self, self->n_careful > 0 ? n : n - 1, args, on_claimed);
}

/* --- life --- */

static void on_timer(void *context)
{
    stream_care_t *self = context;
    if (redis_io_is_ready(self->redis))
        turn_to(self, 0);
}

void stream_care_start(stream_care_t *self)
{
    self->n_rounds = 0;
    if (self->is_entry_too_large)
        give_up_entry(self);
    turn_to(self, 0);
}

void stream_care_stop(stream_care_t *self, bool is_too_much)
{
    actor_timer_cancel(self->timer);
    if (self->is_claiming && is_too_much) {
        self->n_careful = CAREFUL_ROUNDS;
        self->is_entry_too_large = self->entry[0] != '\0';
    }
    if (!self->is_entry_too_large)
        self->entry[0] = '\0';
    self->is_claiming = false;
}

stream_care_t *stream_care_new(const streams_t *streams, redis_io_t *redis)
{
    stream_care_t *self = actor_must(streams->actor, calloc(1, sizeof *self));
    self->streams = streams;
    self->redis = redis;
    self->timer = actor_timer_new(streams->actor, on_timer, self);
    return self;
}

void stream_care_destroy(stream_care_t **self_p)
{
    stream_care_t *self = *self_p;
    if (!self)
        return;
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}
