#include "store/alert_log.h"
#include "store/sql.h"

/* Gives the number up to which events may go: passed by every cursor, and not the newest, whose
 * number would then be given again. */
static int find_bound(store_t *store, int64_t *ret, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "SELECT min((SELECT max(seq) - 1 FROM alert_event),"
                             " coalesce((SELECT min(seq) FROM cursor), 9223372036854775807))",
                             reterr);
    return sql ? sql_run_i64(sql, ret, reterr) : -1;
}

/* Events of the oldest resolved alerts that are not kept. Which these are is read from the table of
 * alerts, so their events go first. */
static int prune_events(store_t *store, int64_t bound, store_error_t *reterr)
{
    sql_t *sql =
        sql_prepare(store,
                    "DELETE FROM alert_event WHERE alert_id IN"
                    " (SELECT alert_id FROM alert WHERE resolution <> 0 AND last_seq <= ?1"
                    "  AND raised_seq < (SELECT raised_seq FROM alert WHERE resolution <> 0"
                    "   ORDER BY raised_seq DESC LIMIT 1 OFFSET ?2)"
                    "  ORDER BY raised_seq LIMIT ?3)",
                    reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, bound);
    sql_bind_i64(sql, 2, ALERT_LOG_KEPT_ALERTS - 1);
    sql_bind_i64(sql, 3, ALERT_LOG_PRUNE_STEP);
    return sql_run(sql, reterr);
}

static int prune_alerts(store_t *store, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "DELETE FROM alert WHERE resolution <> 0 AND NOT EXISTS"
                             " (SELECT 1 FROM alert_event AS e WHERE e.alert_id = alert.alert_id)",
                             reterr);
    return sql ? sql_run(sql, reterr) : -1;
}

/* An alert that stays active for months must not grow the log without end. */
static int prune_updates(store_t *store, int64_t bound, store_error_t *reterr)
{
    sql_t *sql =
        sql_prepare(store,
                    "DELETE FROM alert_event WHERE seq IN (SELECT seq FROM alert_event"
                    " WHERE kind = 1 AND seq <= ?1"
                    " AND seq <= (SELECT max(seq) FROM alert_event) - ?2 ORDER BY seq LIMIT ?3)",
                    reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, bound);
    sql_bind_i64(sql, 2, ALERT_LOG_KEPT_UPDATES);
    sql_bind_i64(sql, 3, ALERT_LOG_PRUNE_STEP);
    return sql_run(sql, reterr);
}

int alert_log_prune(store_t *store, size_t *ret_deleted, store_error_t *reterr)
{
    int64_t bound = 0;
    int64_t deleted = 0;
    if (store_begin(store, reterr))
        return -1;
    if (find_bound(store, &bound, reterr) || prune_events(store, bound, reterr))
        goto fail;
    deleted = sql_changes(store);
    if (prune_alerts(store, reterr))
        goto fail;
    deleted += sql_changes(store);
    if (prune_updates(store, bound, reterr))
        goto fail;
    deleted += sql_changes(store);
    if (store_commit(store, reterr))
        return -1;
    *ret_deleted = (size_t)deleted;
    return 0;

fail:
    store_rollback(store);
    return -1;
}
