/*
 * What the event bus must not forget: the spool of events on their way to Redis, its place in the
 * alert log and the emergency stop. All of it is on disk; as long as the disk refuses, what is new
 * waits in memory and goes out all the same.
 *
 * The order of events is one: the rows on disk, then those in memory. When the disk takes writes
 * again, those in memory become rows before anything newer does.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_LEDGER_H
#define HEALTHD_ACTORS_EVENT_BUS_LEDGER_H

#include <healthd/alert_event.h>
#include <healthd/snapshot.h>

#include "actors/io/log.h"
#include "core/trip.h"
#include "store/outbound.h"

/* The least time between two tries to write while the disk refuses: each may block for a second. */
#define LEDGER_RETRY_US ((int64_t)1000 * 1000)

typedef struct ledger ledger_t;

/* For the vital signs; they only grow, except n_buffered. */
typedef struct {
    uint64_t n_sent;              /* events that Redis has */
    uint64_t n_dropped_snapshots; /* to keep a bound, or for want of memory */
    uint64_t n_dropped_alerts;
    uint64_t n_store_refusals;
    uint64_t n_buffered; /* events in memory */
} ledger_counts_t;

/* Opens state.db in STATE_DIR; LOG is borrowed. Gives the ledger, or NULL with *RETERR. */
ledger_t *ledger_open(const char *state_dir, int64_t spool_max_bytes, const log_t *log,
                      store_error_t *reterr);

/* Writes what can be written, and closes. Takes NULL. */
void ledger_close(ledger_t **self);

/* The WHOLE state is to be sent; the log is looked into for events that nobody told. */
void ledger_add_snapshot(ledger_t *self, const snapshot_t *whole);

/*
 * An alert event was published: takes from the log what is new up to it and, where the log has it
 * not, the event itself. A clear of the emergency stop resets its state.
 */
void ledger_add_alert(ledger_t *self, const alert_event_t *event);

/* The emergency stop as it is, whether on disk already or not; borrowed until the next call. */
const trip_t *ledger_trip(const ledger_t *self);

/* Applies an entry, takes the texts of EVENT. True where the state changed; ledger_write stores. */
bool ledger_apply_trip(ledger_t *self, entry_id_t entry_id, trip_event_t *event);

/* Whether the emergency stop on disk is the one of ledger_trip: its entries may be acknowledged. */
bool ledger_is_trip_stored(const ledger_t *self);

/*
 * The event to be sent now: the same one until ledger_sent says that Redis has it. Gives *RET,
 * borrowed until the next call that changes the ledger. False where there is none.
 */
bool ledger_next(ledger_t *self, const outbound_t **ret);

/* Redis has the event that ledger_next gave. It is noted on disk by the next ledger_write. */
void ledger_sent(ledger_t *self);

/* Writes everything that is not on disk, in one transaction. True where nothing is left. */
bool ledger_write(ledger_t *self);

/* Whether something waits for ledger_write. */
bool ledger_is_dirty(const ledger_t *self);

/* Why the disk refused the last write, or NULL where it took it. Borrowed until the next call. */
const char *ledger_trouble(const ledger_t *self);

ledger_counts_t ledger_counts(const ledger_t *self);

#endif
