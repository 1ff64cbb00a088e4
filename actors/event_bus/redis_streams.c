#include "actors/event_bus/redis_streams.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

void streams_key(const config_t *config, const char *event_type, char name[STREAMS_NAME_BYTES])
{
    (void)snprintf(name, STREAMS_NAME_BYTES, "%s%s", config->bus_stream_prefix, event_type);
}

void streams_group(const config_t *config, const char *event_type, char name[STREAMS_NAME_BYTES])
{
    (void)snprintf(name, STREAMS_NAME_BYTES, "%s%s:%s", config->bus_group_prefix,
                   config->bus_service_name, event_type);
}

void streams_consumer(const config_t *config, char name[STREAMS_NAME_BYTES])
{
    uint32_t random = 0;
    ssize_t n = getrandom(&random, sizeof random, 0);
    assert(n == sizeof random); /* whole below 256 bytes, getrandom(2) */
    (void)snprintf(name, STREAMS_NAME_BYTES, "%s_%08x", config->bus_service_name, random);
}

bool streams_is_error(const redisReply *reply, const char *code)
{
    return reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, code, strlen(code)) == 0;
}

static bool is_text(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS;
}

/* Reads name and value pairs into FIELDS; false where LIST is no list of them. */
static bool read_fields(const redisReply *list, trip_field_t *fields, size_t *ret_n)
{
    if (list->type == REDIS_REPLY_NIL) { /* the entry was deleted meanwhile */
        *ret_n = 0;
        return true;
    }
    if (list->type != REDIS_REPLY_ARRAY || list->elements % 2)
        return false;
    size_t n = list->elements / 2;
    for (size_t i = 0; i < n && i < TRIP_FIELDS_MAX; i++) {
        const redisReply *name = list->element[2 * i];
        const redisReply *value = list->element[2 * i + 1];
        if (!is_text(name) || !is_text(value))
            return false;
        fields[i] = (trip_field_t){name->str, (size_t)name->len, value->str, (size_t)value->len};
    }
    *ret_n = n;
    return true;
}

static bool read_entry(const redisReply *reply, trip_field_t *fields, stream_entry_t *ret)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 || !is_text(reply->element[0]))
        return false;
    *ret = (stream_entry_t){.id = reply->element[0]->str, .fields = fields};
    return read_fields(reply->element[1], fields, &ret->n_fields);
}

static void acknowledge(redis_io_t *redis, const streams_names_t *names,
                        const stream_entry_t *entries, size_t n)
{
    const char *args[3 + STREAMS_ENTRIES_MAX] = {"XACK", names->key, names->group};
    for (size_t i = 0; i < n; i++)
        args[3 + i] = entries[i].id;
    /* What is lost on the way stays pending and is claimed again; taking it twice does no harm. */
    (void)redis_io_command(redis, 3 + n, args, NULL, STREAMS_TIMEOUT_US, NULL, NULL);
}

int streams_take(redis_io_t *redis, const streams_names_t *names, const redisReply *list,
                 stream_entries_fn *fn, void *context)
{
    if (list->type == REDIS_REPLY_NIL)
        return 0;
    if (list->type != REDIS_REPLY_ARRAY)
        return -1;
    size_t n = list->elements;
    if (n > STREAMS_ENTRIES_MAX)
        n = STREAMS_ENTRIES_MAX;
    trip_field_t(*fields)[TRIP_FIELDS_MAX] = calloc(n + 1, sizeof *fields);
    stream_entry_t entries[STREAMS_ENTRIES_MAX];
    int rc = fields ? (int)n : -1;
    for (size_t i = 0; i < n && rc >= 0; i++)
        if (!read_entry(list->element[i], fields[i], &entries[i]))
            rc = -1;
    if (rc > 0 && fn(context, names->type, entries, n))
        acknowledge(redis, names, entries, n);
    free(fields);
    return rc;
}
