#include "tests/simulation/redis.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/simulation.h"

/* Unix time of Redis' machine at the begin; its clock does not jump. */
#define REDIS_BEGIN_MS ((uint64_t)1795478400000)
/* An entry that was delivered and not acknowledged is claimed after so long. */
#define CLAIM_US (5 * SECOND_US)
/* A hung Redis is given up after so long (STREAMS_TIMEOUT_US of the event bus). */
#define TIMEOUT_US (5 * SECOND_US)

static int64_t some(random_t *random, int64_t mean_us)
{
    return random_between(random, mean_us / 8, mean_us * 2);
}

void redis_begin(simulation_t *sim)
{
    sim->redis.next_state_us = some(&sim->random, 2 * HOUR_US);
    sim->redis.next_entries_us = some(&sim->random, HOUR_US);
}

void redis_end(simulation_t *sim)
{
    redis_t *redis = &sim->redis;
    for (size_t i = 0; i < redis->n_stuck; i++)
        outbound_clear(&redis->stuck[i]);
    free(redis->entries);
    *redis = (redis_t){0};
}

/* --- entries --- */

static entry_t *new_entry(redis_t *redis)
{
    if (redis->n_entries == redis->capacity) {
        redis->capacity = redis->capacity ? 2 * redis->capacity : 64;
        redis->entries = realloc(redis->entries, redis->capacity * sizeof *redis->entries);
        assert(redis->entries);
    }
    return &redis->entries[redis->n_entries++];
}

static says_t meaning(trip_event_type_t type, int form)
{
    if (form >= 4)
        return SAYS_NOTHING; /* not to be understood */
    if (type == TRIP_EVENT_TRIPPED)
        return SAYS_TRIPPED;
    if (type != TRIP_EVENT_STATE_CHANGED)
        return SAYS_RESET;
    static const says_t says[] = {SAYS_STATE_TRIPS, SAYS_STATE_TRIPS, SAYS_RESET, SAYS_NOTHING};
    return says[form];
}

static void add_entry(simulation_t *sim, trip_event_type_t type, uint64_t time_ms)
{
    redis_t *redis = &sim->redis;
    entry_id_t *last = &redis->last_ids[type];
    *last = time_ms > last->time_ms
                ? (entry_id_t){.time_ms = time_ms}
                : (entry_id_t){.time_ms = last->time_ms, .sequence = last->sequence + 1};
    int form = random_is(&sim->random, 50) ? 4 : (int)random_below(&sim->random, 4);
    entry_t *entry = new_entry(redis);
    *entry = (entry_t){.id = *last, .type = type, .form = form, .says = meaning(type, form)};
    static const char *const words[] = {"nothing", "resets", "trips", "trips"};
    story("redis has %s %llu-%llu, which %s", trip_event_type_name((int)type),
          (unsigned long long)last->time_ms, (unsigned long long)last->sequence,
          words[entry->says]);
}

/* A few entries of several streams, many of them within one millisecond. */
static void add_entries(simulation_t *sim)
{
    redis_t *redis = &sim->redis;
    uint64_t time_ms = REDIS_BEGIN_MS + (uint64_t)(clock_mono_us() / 1000);
    for (int64_t n = random_between(&sim->random, 1, 4); n > 0; n--)
        add_entry(sim, (trip_event_type_t)random_below(&sim->random, TRIP_EVENT_TYPE_COUNT),
                  time_ms);
    redis->next_entries_us =
        clock_mono_us() + (random_is(&sim->random, 300)
                               ? random_between(&sim->random, 1, 20 * SECOND_US)
                               : some(&sim->random, HOUR_US));
}

static trip_field_t field(const char *name, const char *value)
{
    return (trip_field_t){name, strlen(name), value, strlen(value)};
}

size_t redis_fields(const entry_t *entry, trip_field_t fields[4])
{
    static char text[128];
    static const char *const states[] = {"CRITICAL", "TRIPPED", "NORMAL", "WARNING"};
    if (entry->form >= 4) {
        fields[0] = field("payload", "{\"reason\":");
        return 1;
    }
    if (entry->type == TRIP_EVENT_STATE_CHANGED) {
        (void)snprintf(text, sizeof text, "{\"new_state\":\"%s\",\"at\":%llu}", states[entry->form],
                       (unsigned long long)entry->id.time_ms);
        fields[0] = field("payload", text);
        return 1;
    }
    if (entry->form == 1) {
        fields[0] = field("reason", "Manual stop");
        fields[1] = field("severity", "CRITICAL");
        return 2;
    }
    (void)snprintf(text, sizeof text, "{\"reason\":\"Loss limit %llu\",\"user\":\"op\"}",
                   (unsigned long long)entry->id.time_ms % 7);
    fields[0] = field("payload", text);
    return 1;
}

/* --- reading --- */

int64_t redis_read_due_us(const simulation_t *sim, trip_event_type_t type)
{
    const redis_t *redis = &sim->redis;
    int64_t due_us = NEVER_US;
    if (redis->state != REDIS_UP)
        return due_us;
    for (size_t i = redis->n_settled; i < redis->n_entries; i++) {
        const entry_t *entry = &redis->entries[i];
        if (entry->type != type)
            continue;
        if (entry->state == ENTRY_NEW)
            return 0;
        if (entry->state == ENTRY_PENDING && entry->pending_since_us + CLAIM_US < due_us)
            due_us = entry->pending_since_us + CLAIM_US;
    }
    return due_us;
}

static void settle(redis_t *redis)
{
    while (redis->n_settled < redis->n_entries &&
           redis->entries[redis->n_settled].state >= ENTRY_DONE)
        redis->n_settled++;
}

size_t redis_read(simulation_t *sim, trip_event_type_t type, size_t ret[REDIS_READ_MAX])
{
    redis_t *redis = &sim->redis;
    int64_t now_us = clock_mono_us();
    bool is_new = redis_read_due_us(sim, type) == 0;
    size_t n = 0;
    for (size_t i = redis->n_settled; i < redis->n_entries && n < REDIS_READ_MAX; i++) {
        entry_t *entry = &redis->entries[i];
        bool is_wanted =
            is_new ? entry->state == ENTRY_NEW
                   : entry->state == ENTRY_PENDING && entry->pending_since_us + CLAIM_US <= now_us;
        if (entry->type != type || !is_wanted)
            continue;
        entry->state = ENTRY_PENDING;
        entry->pending_since_us = now_us;
        ret[n++] = i;
    }
    if (redis->is_calm || !random_is(&sim->random, 30))
        return n;
    story("the answer to a read of %s is lost", trip_event_type_name((int)type));
    return 0;
}

void redis_acknowledge(simulation_t *sim, size_t at)
{
    if (!sim->redis.is_calm && random_is(&sim->random, 30))
        story("an XACK is lost");
    else
        sim->redis.entries[at].state = ENTRY_DONE;
    settle(&sim->redis);
}

/* --- writing --- */

static outbound_t copy_row(const outbound_t *row)
{
    outbound_t copy = *row;
    copy.event_type = strdup(row->event_type);
    copy.correlation_id = strdup(row->correlation_id);
    copy.body = strdup(row->body);
    return copy;
}

bool redis_add(simulation_t *sim, const outbound_t *row, int64_t *ret_after_us)
{
    redis_t *redis = &sim->redis;
    *ret_after_us = random_between(&sim->random, 200, 20000);
    if (redis->state == REDIS_DOWN)
        return false;
    if (redis->state == REDIS_HUNG) {
        *ret_after_us = TIMEOUT_US;
        if (redis->n_stuck < REDIS_STUCK_MAX && random_is(&sim->random, 500))
            redis->stuck[redis->n_stuck++] = copy_row(row);
        return false;
    }
    bool is_lost = !redis->is_calm && random_is(&sim->random, 30);
    bool is_applied = !is_lost || random_is(&sim->random, 500);
    if (is_lost)
        story("an XADD is lost %s it took effect", is_applied ? "after" : "before");
    if (is_applied)
        judge_added(sim, row);
    return !is_lost;
}

/* What its sockets still hold takes effect when a hung Redis goes on. */
static void run_stuck(simulation_t *sim)
{
    redis_t *redis = &sim->redis;
    for (size_t i = 0; i < redis->n_stuck; i++) {
        judge_added(sim, &redis->stuck[i]);
        outbound_clear(&redis->stuck[i]);
    }
    redis->n_stuck = 0;
}

/* --- its life --- */

static void come_back_empty(redis_t *redis)
{
    story("redis is empty");
    for (size_t i = redis->n_settled; i < redis->n_entries; i++)
        if (redis->entries[i].state < ENTRY_DONE)
            redis->entries[i].state = ENTRY_GONE;
    settle(redis);
}

static void change_state(simulation_t *sim)
{
    redis_t *redis = &sim->redis;
    random_t *random = &sim->random;
    if (redis->state == REDIS_UP) {
        redis->state = random_is(random, 700) ? REDIS_DOWN : REDIS_HUNG;
        redis->next_state_us =
            clock_mono_us() +
            (random_is(random, 600) ? some(random, 20 * SECOND_US) : some(random, HOUR_US));
        story("redis %s", redis->state == REDIS_DOWN ? "goes away" : "hangs");
        return;
    }
    story("redis is back");
    if (redis->state == REDIS_HUNG)
        run_stuck(sim);
    else if (random_is(random, 200))
        come_back_empty(redis);
    redis->state = REDIS_UP;
    redis->next_state_us = clock_mono_us() + some(random, 2 * HOUR_US);
}

int64_t redis_due_us(const simulation_t *sim)
{
    const redis_t *redis = &sim->redis;
    return redis->next_state_us < redis->next_entries_us ? redis->next_state_us
                                                         : redis->next_entries_us;
}

void redis_step(simulation_t *sim)
{
    if (sim->redis.next_state_us <= clock_mono_us())
        change_state(sim);
    else
        add_entries(sim);
}

void redis_calm(simulation_t *sim)
{
    redis_t *redis = &sim->redis;
    if (redis->state != REDIS_UP)
        change_state(sim);
    redis->is_calm = true;
    redis->next_state_us = NEVER_US;
    redis->next_entries_us = NEVER_US;
}
