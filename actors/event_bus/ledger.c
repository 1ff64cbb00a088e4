#include "actors/event_bus/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "actors/actor.h"
#include "actors/event_bus/bus_event.h"
#include "actors/event_bus/waiting.h"
#include "store/alert_log.h"
#include "store/cursors.h"
#include "store/trip_state.h"

struct ledger {
    store_t *store;
    const log_t *log;
    int64_t spool_max_bytes;
    trip_t trip;
    bool is_trip_stored;
    uint64_t taken_seq;  /* newest alert event that became an event of ours */
    uint64_t logged_seq; /* newest event that is known to be in the log */
    uint64_t stored_seq; /* the cursor on disk: the older one of both */
    bool has_log_news;   /* the log may have events after taken_seq */

    waiting_t waiting;
    outbound_t head;       /* what ledger_next gave from disk; seq 0: nothing */
    bool is_head_waiting;  /* it gave the first of `waiting` */
    int64_t sent_seq;      /* rows up to here are with Redis */
    int64_t noted_seq;     /* ... and no longer on disk */
    bool is_refused;       /* the disk refused the last write */
    store_error_t trouble; /* ... at first for this reason */
    bool is_unreadable;    /* ... the last look into the spool */
    bool is_spool_empty;   /* no row waits on disk, as far as it can be known */
    int64_t retry_at_us;   /* monotonic: no try before, where is_refused */
    ledger_counts_t counts;
};

/* --- small parts --- */

static void count_drops(ledger_t *self, outbound_drops_t drops, const char *why)
{
    if (drops.n_snapshots + drops.n_alerts == 0)
        return;
    self->counts.n_dropped_snapshots += drops.n_snapshots;
    self->counts.n_dropped_alerts += drops.n_alerts;
    log_write(self->log, drops.n_alerts ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "events_dropped",
              "event bus: %s: %zu snapshots and %zu alert events are lost to Redis", why,
              drops.n_snapshots, drops.n_alerts);
}

/* Lets ROW, whose texts it takes, wait in memory. */
static void wait_in_memory(ledger_t *self, outbound_t *row)
{
    outbound_drops_t drops = {0};
    if (waiting_add(&self->waiting, row, &drops)) {
        outbound_drops_count(&drops, row->is_alert);
        outbound_clear(row);
        count_drops(self, drops, "out of memory");
        return;
    }
    count_drops(self, drops, "the disk refuses and too much waits in memory");
}

static bool is_clear_of_stop(const alert_event_t *event, entry_id_t *ret_entry)
{
    const alert_t *alert = event->alert;
    return event->kind == ALERT_RESOLVED && alert->resolution == RESOLUTION_CLEARED &&
           alert->entry_id && strcmp(alert->component, EMERGENCY_STOP) == 0 &&
           entry_id_parse(alert->entry_id, ret_entry) == 0;
}

static void apply_clear(ledger_t *self, const alert_event_t *event)
{
    entry_id_t entry_id;
    if (is_clear_of_stop(event, &entry_id) && trip_apply_clear(&self->trip, entry_id))
        self->is_trip_stored = false;
}

/* --- writing, all inside one transaction --- */

static int write_waiting(ledger_t *self, outbound_drops_t *drops, store_error_t *error)
{
    for (waiting_event_t *event = self->waiting.first; event; event = event->next)
        if (outbound_push(self->store, &event->row, self->spool_max_bytes, drops, error))
            return -1;
    return 0;
}

static int write_alert(ledger_t *self, const alert_event_t *event, outbound_drops_t *drops,
                       store_error_t *error)
{
    /* Not taken back if the transaction fails: the event is in the log, it is applied again. */
    apply_clear(self, event);
    if (event->kind == ALERT_UPDATED)
        return 0;
    outbound_t row;
    if (bus_event_of_alert(event, &row)) {
        *error = (store_error_t){.kind = STORE_REFUSES, .text = "out of memory"};
        return -1;
    }
    int rc = outbound_push(self->store, &row, self->spool_max_bytes, drops, error);
    outbound_clear(&row);
    return rc;
}

/* The event SEQ is in the log, and so are all before it. */
static void note_logged(ledger_t *self, uint64_t seq)
{
    if (seq > self->logged_seq)
        self->logged_seq = seq;
}

/* Turns what the log has after *SEQ into rows, and moves *SEQ. */
static int write_log_news(ledger_t *self, uint64_t *seq, outbound_drops_t *drops,
                          store_error_t *error)
{
    for (;;) {
        alert_events_t news = {0};
        if (alert_log_read(self->store, *seq, ALERT_LOG_READ_MAX, &news, error))
            return -1;
        size_t n = news.n_events;
        int rc = 0;
        for (size_t i = 0; i < n && rc == 0; i++) {
            rc = write_alert(self, &news.events[i], drops, error);
            *seq = news.events[i].seq;
            note_logged(self, *seq);
        }
        alert_events_clear(&news);
        if (rc || n == 0)
            return rc;
    }
}

/* Where the cursor may stand when what was taken ends at SEQ: an event that never came into the log
 * is forgotten by a crash, and its number is given to another one, which is still to be taken. */
static uint64_t cursor_at(const ledger_t *self, uint64_t seq)
{
    return seq < self->logged_seq ? seq : self->logged_seq;
}

static int write_notes(ledger_t *self, uint64_t seq, store_error_t *error)
{
    uint64_t cursor = cursor_at(self, seq);
    if (cursor != self->stored_seq && cursor_set(self->store, CURSOR_EVENT_BUS, cursor, error))
        return -1;
    if (!self->is_trip_stored && trip_state_save(self->store, &self->trip, error))
        return -1;
    return 0;
}

/* What has arrived goes first, so that the bound drops none of it. */
static int write_sent(ledger_t *self, store_error_t *error)
{
    if (self->sent_seq == self->noted_seq)
        return 0;
    return outbound_delete_up_to(self->store, self->sent_seq, error);
}

/* ROW, which may be NULL, is the newest event. */
static int write_all(ledger_t *self, outbound_t *row, store_error_t *error)
{
    outbound_drops_t drops = {0};
    uint64_t seq = self->taken_seq;
    if (store_begin(self->store, error))
        return -1;
    if (write_sent(self, error) || write_waiting(self, &drops, error) ||
        (self->has_log_news && write_log_news(self, &seq, &drops, error)) ||
        (row && outbound_push(self->store, row, self->spool_max_bytes, &drops, error)) ||
        write_notes(self, seq, error)) {
        store_rollback(self->store);
        return -1;
    }
    if (store_commit(self->store, error))
        return -1;

    self->taken_seq = seq;
    self->stored_seq = cursor_at(self, seq);
    self->has_log_news = false;
    self->is_trip_stored = true;
    self->noted_seq = self->sent_seq;
    self->is_spool_empty = false;
    if (self->is_head_waiting) {
        /* It is on its way: what the answer notes is now its row. */
        self->is_head_waiting = false;
        self->head = waiting_take_first(&self->waiting);
    }
    waiting_clear(&self->waiting);
    count_drops(self, drops, "the spool is full");
    return 0;
}

/* A try to write; false where the disk refuses, or did so a moment ago. */
static bool try_to_write(ledger_t *self, outbound_t *row)
{
    if (self->is_refused && clock_mono_us() < self->retry_at_us)
        return false;
    store_error_t error;
    if (write_all(self, row, &error)) {
        self->counts.n_store_refusals++;
        if (!self->is_refused)
            log_write(self->log, LOG_LEVEL_ERROR, "store_refuses",
                      "event bus: %s; events wait in memory until the disk takes them", error.text);
        if (!self->is_refused)
            self->trouble = error;
        self->is_refused = true;
        self->retry_at_us = clock_mono_us() + LEDGER_RETRY_US;
        return false;
    }
    if (self->is_refused)
        log_write(self->log, LOG_LEVEL_INFO, "store_recovered",
                  "event bus: the disk takes writes again, nothing waits in memory");
    self->is_refused = false;
    return true;
}

bool ledger_is_dirty(const ledger_t *self)
{
    return self->waiting.n > 0 || self->has_log_news || !self->is_trip_stored ||
           cursor_at(self, self->taken_seq) != self->stored_seq ||
           self->sent_seq != self->noted_seq;
}

bool ledger_write(ledger_t *self)
{
    return !ledger_is_dirty(self) || try_to_write(self, NULL);
}

/* --- what comes --- */

void ledger_add_snapshot(ledger_t *self, const snapshot_t *whole)
{
    outbound_t row;
    self->has_log_news = true; /* an event that was not told, as at a restart of the bus */
    if (bus_event_of_snapshot(whole, &row)) {
        count_drops(self, (outbound_drops_t){.n_snapshots = 1}, "out of memory");
        return;
    }
    if (try_to_write(self, &row))
        outbound_clear(&row);
    else
        wait_in_memory(self, &row);
}

/* Makes EVENT an event of ours without the disk. */
static void take_into_memory(ledger_t *self, const alert_event_t *event)
{
    self->taken_seq = event->seq;
    apply_clear(self, event);
    if (event->kind == ALERT_UPDATED)
        return;
    outbound_t row;
    if (bus_event_of_alert(event, &row))
        count_drops(self, (outbound_drops_t){.n_alerts = 1}, "out of memory");
    else
        wait_in_memory(self, &row);
}

/* The same of what the log has before SEQ: a disk that is full can still be read. 0, or -1 with
 * *RETERR where it cannot. */
static int read_log_into_memory(ledger_t *self, uint64_t seq, store_error_t *reterr)
{
    for (uint64_t before = UINT64_MAX; self->taken_seq != before && self->taken_seq + 1 < seq;) {
        alert_events_t news = {0};
        if (alert_log_read(self->store, self->taken_seq, ALERT_LOG_READ_MAX, &news, reterr))
            return -1;
        before = self->taken_seq;
        for (size_t i = 0; i < news.n_events && news.events[i].seq < seq; i++) {
            note_logged(self, news.events[i].seq);
            take_into_memory(self, &news.events[i]);
        }
        alert_events_clear(&news);
    }
    return 0;
}

static void take_log_into_memory(ledger_t *self, uint64_t seq)
{
    store_error_t error;
    if (read_log_into_memory(self, seq, &error))
        log_write(self->log, LOG_LEVEL_ERROR, "events_dropped",
                  "event bus: %s; the alert events after %llu and before %llu are lost to Redis",
                  error.text, (unsigned long long)self->taken_seq, (unsigned long long)seq);
}

void ledger_add_alert(ledger_t *self, const alert_event_t *event)
{
    if (event->is_durable)
        note_logged(self, event->seq);
    if (event->seq <= self->taken_seq)
        return;
    self->has_log_news = self->has_log_news || event->is_durable;
    if (event->is_durable && try_to_write(self, NULL) && event->seq <= self->taken_seq)
        return;
    take_log_into_memory(self, event->seq);
    take_into_memory(self, event);
    self->has_log_news = false;
}

const trip_t *ledger_trip(const ledger_t *self)
{
    return &self->trip;
}

bool ledger_apply_trip(ledger_t *self, entry_id_t entry_id, trip_event_t *event)
{
    bool is_changed = trip_apply_event(&self->trip, entry_id, event);
    if (is_changed)
        self->is_trip_stored = false;
    return is_changed;
}

bool ledger_is_trip_stored(const ledger_t *self)
{
    return self->is_trip_stored;
}

/* --- what goes --- */

bool ledger_next(ledger_t *self, const outbound_t **ret)
{
    if (self->head.seq == 0 && !self->is_head_waiting) {
        store_error_t error;
        int rc = outbound_next(self->store, self->sent_seq, &self->head, &error);
        if (rc < 0 && !self->is_unreadable)
            log_write(self->log, LOG_LEVEL_ERROR, "store_refuses",
                      "event bus: the spool cannot be read: %s", error.text);
        self->is_unreadable = rc < 0;
        if (rc >= 0)
            self->is_spool_empty = rc == 0;
        /* What waits in memory is newer than a row that cannot be read just now. */
        self->is_head_waiting = rc <= 0 && self->is_spool_empty && self->waiting.first;
    }
    if (self->is_head_waiting)
        *ret = &self->waiting.first->row;
    else if (self->head.seq)
        *ret = &self->head;
    else
        return false;
    return true;
}

void ledger_sent(ledger_t *self)
{
    self->counts.n_sent++;
    if (self->is_head_waiting) {
        self->is_head_waiting = false;
        outbound_t row = waiting_take_first(&self->waiting);
        outbound_clear(&row);
        return;
    }
    assert(self->head.seq > 0);
    self->sent_seq = self->head.seq;
    outbound_clear(&self->head);
}

const char *ledger_trouble(const ledger_t *self)
{
    return self->is_refused ? self->trouble.text : NULL;
}

ledger_counts_t ledger_counts(const ledger_t *self)
{
    ledger_counts_t counts = self->counts;
    counts.n_buffered = self->waiting.n;
    return counts;
}

/* --- life --- */

ledger_t *ledger_open(const char *state_dir, int64_t spool_max_bytes, const log_t *log,
                      store_error_t *reterr)
{
    ledger_t *self = calloc(1, sizeof *self);
    if (!self) {
        *reterr = (store_error_t){.kind = STORE_REFUSES, .text = "out of memory"};
        return NULL;
    }
    self->log = log;
    self->spool_max_bytes = spool_max_bytes;
    self->is_trip_stored = true;
    self->has_log_news = true;
    bool is_stored = false;
    if (store_open(state_dir, &self->store, reterr) ||
        trip_state_load(self->store, &self->trip, reterr) ||
        cursor_find(self->store, CURSOR_EVENT_BUS, &self->taken_seq, &is_stored, reterr)) {
        ledger_close(&self);
        return NULL;
    }
    self->logged_seq = self->taken_seq;
    self->stored_seq = is_stored ? self->taken_seq : UINT64_MAX;
    if (ledger_write(self))
        return self;
    /* The log may hold the clear of the stop that is stored as tripped: nobody may hear of that
     * trip again, whether the disk takes the note of it or not. */
    if (read_log_into_memory(self, UINT64_MAX, reterr)) {
        ledger_close(&self);
        return NULL;
    }
    self->has_log_news = false;
    return self;
}

void ledger_close(ledger_t **self_p)
{
    ledger_t *self = *self_p;
    if (!self)
        return;
    if (self->store) {
        self->retry_at_us = 0;
        (void)ledger_write(self); /* what is refused now is sent once more after the start */
    }
    store_close(&self->store);
    trip_clear(&self->trip);
    waiting_clear(&self->waiting);
    outbound_clear(&self->head);
    free(self);
    *self_p = NULL;
}
