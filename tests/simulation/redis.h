/*
 * Redis as the daemon's bus: four streams of emergency-stop entries that come in with a consumer
 * group each, and the events that went out. It goes away, hangs, comes back empty, and loses
 * answers.
 */
#ifndef HEALTHD_TESTS_SIMULATION_REDIS_H
#define HEALTHD_TESTS_SIMULATION_REDIS_H

#include "core/trip.h"
#include "store/outbound.h"

/* Entries that one read gives, at most (STREAMS_COUNT of the event bus). */
#define REDIS_READ_MAX 10
/* XADDs that a hung Redis may still hold in its sockets. */
#define REDIS_STUCK_MAX 16

typedef struct simulation simulation_t;

/* What an entry truly says; of two with the same id the larger one has the last word. */
typedef enum { SAYS_NOTHING, SAYS_RESET, SAYS_STATE_TRIPS, SAYS_TRIPPED, SAYS_CLEAR } says_t;

typedef struct {
    entry_id_t id;
    trip_event_type_t type;
    says_t says;
    int form; /* how it is written */
    enum { ENTRY_NEW, ENTRY_PENDING, ENTRY_DONE, ENTRY_GONE } state;
    int64_t pending_since_us;
} entry_t;

typedef struct {
    enum { REDIS_UP, REDIS_DOWN, REDIS_HUNG } state;
    int64_t next_state_us;
    int64_t next_entries_us;
    bool is_calm;
    entry_t *entries; /* of all streams, oldest first */
    size_t n_entries;
    size_t capacity;
    size_t n_settled; /* the first so many are done or gone */
    entry_id_t last_ids[TRIP_EVENT_TYPE_COUNT];
    outbound_t stuck[REDIS_STUCK_MAX];
    size_t n_stuck;
} redis_t;

void redis_begin(simulation_t *sim);
void redis_end(simulation_t *sim);

int64_t redis_due_us(const simulation_t *sim);
void redis_step(simulation_t *sim);

/* From now on Redis is up, and no entry comes any more. */
void redis_calm(simulation_t *sim);

/* XADD of ROW (borrows). True where the answer will come; false where the connection ends first,
 * after *RET_AFTER_US: whether Redis has the event is then open. */
bool redis_add(simulation_t *sim, const outbound_t *row, int64_t *ret_after_us);

/* When stream TYPE has something for the group: new entries at once, those left behind after 5 s.
 */
int64_t redis_read_due_us(const simulation_t *sim, trip_event_type_t type);

/* XREADGROUP, or XAUTOCLAIM where nothing is new. Gives RET and how many; 0 where the answer was
 * lost. */
size_t redis_read(simulation_t *sim, trip_event_type_t type, size_t ret[REDIS_READ_MAX]);

/* XACK, which may be lost. */
void redis_acknowledge(simulation_t *sim, size_t at);

/* Fields of an entry; texts are static until the next call. Gives their number. */
size_t redis_fields(const entry_t *entry, trip_field_t fields[4]);

#endif
