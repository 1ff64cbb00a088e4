/*
 * The spool of events on their way to Redis: each is on disk before it is sent and goes when Redis
 * has it. `seq` is the only order. Bounded in bytes: the oldest snapshots are dropped first, alerts
 * last.
 */
#ifndef HEALTHD_STORE_OUTBOUND_H
#define HEALTHD_STORE_OUTBOUND_H

#include "store/store.h"

/* Bytes of the spool, unless the configuration says otherwise. */
#define OUTBOUND_MAX_BYTES ((int64_t)64 << 20)
/* What a row costs beyond its body. */
#define OUTBOUND_ROW_BYTES 256

typedef struct {
    int64_t seq;           /* given by outbound_push */
    char *event_type;      /* "health.alert_raised" */
    int64_t event_time_us; /* Unix time of the event, not of its delivery */
    char *correlation_id;  /* fixed with the row, so that a repeat can be told */
    char *body;            /* payload: JSON text */
    bool is_alert;         /* dropped last */
} outbound_t;

/* What had to go to keep the bound. */
typedef struct {
    size_t n_snapshots;
    size_t n_alerts;
} outbound_drops_t;

/* Counts one more event that went. */
static inline void outbound_drops_count(outbound_drops_t *drops, bool is_alert)
{
    if (is_alert)
        drops->n_alerts++;
    else
        drops->n_snapshots++;
}

/*
 * Appends ROW (borrows) and sets its seq, then drops rows until the spool is at most MAX_BYTES; the
 * new row is not spared. Adds what went to *DROPS; belongs into a transaction of the caller. 0, or
 * -1 with *RETERR.
 */
int outbound_push(store_t *store, outbound_t *row, int64_t max_bytes, outbound_drops_t *drops,
                  store_error_t *reterr);

/*
 * The oldest row after AFTER_SEQ. Gives *RET, to be ended with outbound_clear. 1 with a row, 0
 * where there is none, -1 with *RETERR.
 */
int outbound_next(store_t *store, int64_t after_seq, outbound_t *ret, store_error_t *reterr);

void outbound_clear(outbound_t *self);

/* Deletes the rows up to SEQ: as they are sent in order, these have all arrived. 0, or -1 with
 * *RETERR. */
int outbound_delete_up_to(store_t *store, int64_t seq, store_error_t *reterr);

/* Bytes and rows of the spool, O(1). 0, or -1 with *RETERR. */
int outbound_size(store_t *store, int64_t *ret_bytes, int64_t *ret_rows, store_error_t *reterr);

#endif
