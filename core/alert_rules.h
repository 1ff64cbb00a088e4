/*
 * The life of alerts: which conditions a snapshot holds, and what follows from them for the active
 * alerts (contract, section 8). Pure: time is passed in, and what happened is returned as effects,
 * which the shell writes to disk and publishes. One active alert for each component and level while
 * its condition lasts; UNKNOWN neither raises nor resolves.
 */
#ifndef HEALTHD_CORE_ALERT_RULES_H
#define HEALTHD_CORE_ALERT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <healthd/alert_event.h>
#include <healthd/finding.h>
#include <healthd/snapshot.h>

#include "core/config.h"
#include "core/quiet.h"

/* Ended alerts that are remembered, at most; active ones are remembered beside them. */
#define ALERT_HISTORY_MAX 1000
/* After the start alerts wait until every probed target has a result, but no longer than this. */
#define ALERT_START_GRACE_US ((int64_t)30 * 1000000)

/* Findings that hold at once, at most. */
#define FINDINGS_MAX 1000

typedef struct alert_book alert_book_t;

/* What a step did, in the order in which it must be told. */
typedef struct {
    enum { EFFECT_EVENT, EFFECT_QUIET_SET, EFFECT_QUIET_END } type;
    alert_event_kind_t kind; /* EFFECT_EVENT */
    int64_t at_us;           /* EFFECT_EVENT: wall time */
    alert_t *alert;          /* EFFECT_EVENT: as it is now; borrowed from the book, read only */
    const quiet_t *quiet;    /* EFFECT_QUIET_*; borrowed from the book */
} alert_effect_t;

typedef struct {
    alert_effect_t *effects; /* valid until the next call on the book */
    size_t n_effects;
} alert_effects_t;

/* Borrows CONFIG for its life. NULL: out of memory. */
alert_book_t *alert_book_new(const config_t *config);
void alert_book_destroy(alert_book_t **book);

/* Goes over to CONFIG (borrows for life; the old one is borrowed no more). What follows from it
 * comes with the next step; a start that is over stays over, also for targets that are new. */
void alert_book_reconfigure(alert_book_t *book, const config_t *config);

/* Puts what was on disk into a new book, alerts before quiet marks and oldest first; deep copies.
 * 0, or -1: out of memory. */
int alert_book_restore_alert(alert_book_t *book, const alert_t *alert);
int alert_book_restore_quiet(alert_book_t *book, const quiet_t *quiet);

/*
 * Compares the conditions of SNAPSHOT (whole; borrows) with the active alerts. SINCE_START_US is
 * monotonic. Gives EFFECTS. Returns 0, or -1 where memory ran out: some effects may be missing,
 * the next step makes up for them.
 */
int alert_book_step(alert_book_t *book, const snapshot_t *snapshot, int64_t now_us,
                    int64_t since_start_us, alert_effects_t *ret);

typedef enum {
    FINDING_OLD,    /* repeated, or over before it was known */
    FINDING_NEW,    /* a step makes an alert of it, changes its alert or ends it */
    FINDING_REFUSED /* out of memory, FINDINGS_MAX, or of a kind that no finding has */
} finding_outcome_t;

/* Remembers FINDING (borrows) until it is over or no longer repeated. SINCE_START_US as above.
 * O(FINDINGS_MAX). */
finding_outcome_t alert_book_take_finding(alert_book_t *book, const finding_t *finding,
                                          int64_t since_start_us);

/* When, as SINCE_START_US, the step is to be repeated though no snapshot comes; INT64_MAX: never.
 * Of the last step. */
int64_t alert_book_next_us(const alert_book_t *book);

/* Remembers of the alerts of EVENTS, which a step gave, whether the disk has them; and that it has
 * all of them. */
void alert_book_note_written(alert_book_t *book, const alert_event_t *events, size_t n_events);
void alert_book_note_all_written(alert_book_t *book);

/*
 * Resolves the active alert ALERT_ID as cleared. Two calls, so that nothing changes where the disk
 * refuses: begin_clear gives the effects that a clear would have, which live outside the book until
 * end_clear takes them over or drops them; it is to be called only where a clear has begun.
 */
typedef enum { ALERT_CLEAR_BEGUN, ALERT_CLEAR_NOT_ACTIVE, ALERT_CLEAR_NO_MEMORY } alert_clear_t;
alert_clear_t alert_book_begin_clear(alert_book_t *book, const char *alert_id, int64_t now_us,
                                     alert_effects_t *ret);
void alert_book_end_clear(alert_book_t *book, bool is_taken);

/* The remembered active alert of ALERT_ID, or NULL. */
const alert_t *alert_book_active_at(const alert_book_t *book, const char *alert_id);

/* Every remembered alert, oldest first; borrowed. Active ones have RESOLUTION_NONE. */
size_t alert_book_count(const alert_book_t *book);
const alert_t *alert_book_at(const alert_book_t *book, size_t i);

#endif
