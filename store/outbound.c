#include "store/outbound.h"

#include <stdlib.h>
#include <string.h>

#include "store/sql.h"

int outbound_size(store_t *store, int64_t *ret_bytes, int64_t *ret_rows, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, "SELECT bytes, n_rows FROM outbound_total", reterr);
    if (!sql)
        return -1;
    int step = sql_step(sql, reterr);
    if (step < 0)
        return -1;
    if (step == 0)
        return sql_fail(store, reterr, STORE_DAMAGED, "the size of the spool is lost");
    *ret_bytes = sql_i64(sql, 0);
    *ret_rows = sql_i64(sql, 1);
    sql_reset(sql);
    return 0;
}

/* Deletes the oldest row of a class; gives how many went: 0 or 1, or -1 with *RETERR. */
static int drop_oldest(store_t *store, bool is_alert, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "DELETE FROM outbound WHERE seq ="
                             " (SELECT seq FROM outbound WHERE is_alert = ?1 ORDER BY seq LIMIT 1)",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, is_alert);
    if (sql_run(sql, reterr))
        return -1;
    return sql_changes(store) > 0;
}

static int keep_bound(store_t *store, int64_t max_bytes, outbound_drops_t *drops,
                      store_error_t *reterr)
{
    outbound_drops_t dropped = {0};
    int64_t bytes = 0;
    int64_t rows = 0;
    for (;;) {
        if (outbound_size(store, &bytes, &rows, reterr))
            return -1;
        if (bytes <= max_bytes)
            break;
        int went = drop_oldest(store, false, reterr);
        if (went > 0) {
            dropped.n_snapshots++;
            continue;
        }
        if (went == 0)
            went = drop_oldest(store, true, reterr);
        if (went < 0)
            return -1;
        if (went == 0)
            return sql_fail(store, reterr, STORE_DAMAGED, "the size of the spool is wrong");
        dropped.n_alerts++;
    }
    drops->n_snapshots += dropped.n_snapshots;
    drops->n_alerts += dropped.n_alerts;
    return 0;
}

int outbound_push(store_t *store, outbound_t *row, int64_t max_bytes, outbound_drops_t *drops,
                  store_error_t *reterr)
{
    sql_t *sql = sql_prepare(
        store,
        "INSERT INTO outbound(event_type, event_time_us, correlation_id, is_alert, bytes, body)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
        reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, row->event_type);
    sql_bind_i64(sql, 2, row->event_time_us);
    sql_bind_text(sql, 3, row->correlation_id);
    sql_bind_i64(sql, 4, row->is_alert);
    sql_bind_i64(sql, 5, (int64_t)strlen(row->body) + OUTBOUND_ROW_BYTES);
    sql_bind_text(sql, 6, row->body);
    if (sql_run(sql, reterr))
        return -1;
    row->seq = sql_insert_id(store);
    return keep_bound(store, max_bytes, drops, reterr);
}

int outbound_next(store_t *store, int64_t after_seq, outbound_t *ret, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "SELECT seq, event_type, event_time_us, correlation_id, is_alert, body"
                             " FROM outbound WHERE seq > ?1 ORDER BY seq LIMIT 1",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, after_seq);
    int step = sql_step(sql, reterr);
    if (step <= 0)
        return step;
    outbound_t row = {
        .seq = sql_i64(sql, 0),
        .event_time_us = sql_i64(sql, 2),
        .is_alert = sql_i64(sql, 4) != 0,
    };
    int rc = sql_copy_text(sql, 1, &row.event_type);
    if (!rc)
        rc = sql_copy_text(sql, 3, &row.correlation_id);
    if (!rc)
        rc = sql_copy_text(sql, 5, &row.body);
    sql_reset(sql);
    if (rc) {
        outbound_clear(&row);
        return sql_fail_memory(store, reterr);
    }
    *ret = row;
    return 1;
}

void outbound_clear(outbound_t *self)
{
    free(self->event_type);
    free(self->correlation_id);
    free(self->body);
    *self = (outbound_t){0};
}

int outbound_delete_up_to(store_t *store, int64_t seq, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, "DELETE FROM outbound WHERE seq <= ?1", reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, seq);
    return sql_run(sql, reterr);
}
