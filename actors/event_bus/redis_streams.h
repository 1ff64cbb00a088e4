/*
 * The words of Redis Streams as the contract has them: keys, groups, and entries in the answers.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_REDIS_STREAMS_H
#define HEALTHD_ACTORS_EVENT_BUS_REDIS_STREAMS_H

#include <hiredis/hiredis.h>

#include "actors/io/redis_io.h"
#include "core/config.h"
#include "core/trip.h"

/* Bytes of a stream's key, a group's and a consumer's name, each with its NUL: the schema bounds
 * their prefixes and the service's name. */
#define STREAMS_NAME_BYTES 160
/* How long a connection or a command that does not block may take. */
#define STREAMS_TIMEOUT_US ((int64_t)5 * 1000 * 1000)
/* Entries that are asked for at once. */
#define STREAMS_COUNT "10"
/* Entries of one answer that are looked at, at most; the rest comes again. */
#define STREAMS_ENTRIES_MAX 64

/* "quantum:stream:T" and "quantum:group:SERVICE:T", as CONFIG names them. */
void streams_key(const config_t *config, const char *event_type, char name[STREAMS_NAME_BYTES]);
void streams_group(const config_t *config, const char *event_type, char name[STREAMS_NAME_BYTES]);
/* SERVICE_ and 8 random hex digits. */
void streams_consumer(const config_t *config, char name[STREAMS_NAME_BYTES]);

/* Whether REPLY is an error whose text begins with CODE ("BUSYGROUP"). */
bool streams_is_error(const redisReply *reply, const char *code);

/* One entry; it borrows from the answer. */
typedef struct {
    const char *id;
    size_t n_fields;
    const trip_field_t *fields; /* n_fields, or TRIP_FIELDS_MAX where there are more */
} stream_entry_t;

/* Takes the N ENTRIES of stream TYPE. True where they may be acknowledged. */
typedef bool stream_entries_fn(void *context, trip_event_type_t type, const stream_entry_t *entries,
                               size_t n);

/* The stream that is read. */
typedef struct {
    trip_event_type_t type;
    const char *key;
    const char *group;
} streams_names_t;

/*
 * Gives FN the entries in LIST, an array of [id, [name, value, ...]]; where it says so, all of them
 * are acknowledged over REDIS. Returns how many there were, or -1 where LIST is not such an array.
 */
int streams_take(redis_io_t *redis, const streams_names_t *names, const redisReply *list,
                 stream_entries_fn *fn, void *context);

#endif
