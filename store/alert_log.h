/*
 * The durable log of alert events, and what follows from it: the table of alerts as they are after
 * their newest event, and the table of quiet conditions (cleared alerts whose condition still
 * holds). The alert manager is the only writer and gives the sequence numbers; readers follow with
 * durable cursors (cursors.h).
 */
#ifndef HEALTHD_STORE_ALERT_LOG_H
#define HEALTHD_STORE_ALERT_LOG_H

#include <healthd/alert_event.h>

#include "core/quiet.h"
#include "store/store.h"

/* Resolved alerts that are kept, at least; active ones always are. */
#define ALERT_LOG_KEPT_ALERTS 1000
/* Age of an ALERT_UPDATED event, in events, beyond which it is deleted though its alert is kept. */
#define ALERT_LOG_KEPT_UPDATES 10000
/* Rows that one alert_log_prune deletes of each table, at most: it stays below 5 ms. */
#define ALERT_LOG_PRUNE_STEP 100
/* Events that one alert_log_read gives, at most. */
#define ALERT_LOG_READ_MAX 500

/* Everything that the alert manager starts with. */
typedef struct {
    alert_t *active; /* oldest first */
    size_t n_active;
    alert_t *history; /* the newest ALERT_LOG_KEPT_ALERTS alerts, active ones too, oldest first */
    size_t n_history;
    quiet_t *quiet;
    size_t n_quiet;
    uint64_t last_seq; /* of the newest event; 0: none was ever logged */
} alert_log_content_t;

/* Gives *RET, to be ended with alert_log_content_clear. 0, or -1 with *RETERR. */
int alert_log_load(store_t *store, alert_log_content_t *ret, store_error_t *reterr);

void alert_log_content_clear(alert_log_content_t *self);

/*
 * Appends N_EVENTS (borrows; seq ascending, beyond the newest; 0 events are allowed), brings the
 * alerts up to them and makes N_CHANGES to the quiet table, in one transaction: call it outside of
 * one. Events are logged as durable, whatever their is_durable says. Returns 0 when all of it is on
 * disk, or -1 with *RETERR: nothing is.
 */
int alert_log_append(store_t *store, const alert_event_t *events, size_t n_events,
                     const quiet_change_t *changes, size_t n_changes, store_error_t *reterr);

/* A stretch of the log. */
typedef struct {
    alert_event_t *events; /* seq ascending */
    size_t n_events;
} alert_events_t;

/*
 * The events after AFTER_SEQ, at most LIMIT and ALERT_LOG_READ_MAX of them. Gives *RET, to be ended
 * with alert_events_clear. 0, or -1 with *RETERR.
 */
int alert_log_read(store_t *store, uint64_t after_seq, size_t limit, alert_events_t *ret,
                   store_error_t *reterr);

void alert_events_clear(alert_events_t *self);

/* Sequence number of the newest event; 0: none. 0, or -1 with *RETERR. */
int alert_log_last_seq(store_t *store, uint64_t *ret_seq, store_error_t *reterr);

/*
 * Deletes resolved alerts beyond the newest ALERT_LOG_KEPT_ALERTS with their events, and updates
 * beyond ALERT_LOG_KEPT_UPDATES; nothing that a cursor has not passed, never the newest event. A
 * transaction of its own. Gives in *RET_DELETED the alerts and events that went: where it is not 0,
 * call again. 0, or -1 with *RETERR.
 */
int alert_log_prune(store_t *store, size_t *ret_deleted, store_error_t *reterr);

#endif
