#include "store/cursors.h"

#include "store/alert_log.h"
#include "store/sql.h"

int cursor_open(store_t *store, const char *name, uint64_t *ret_seq, store_error_t *reterr)
{
    uint64_t end = 0;
    if (alert_log_last_seq(store, &end, reterr))
        return -1;
    sql_t *sql = sql_prepare(store,
                             "INSERT INTO cursor(name, seq) VALUES(?1, ?2)"
                             " ON CONFLICT(name) DO UPDATE SET seq = min(seq, excluded.seq)"
                             " RETURNING seq",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, name);
    sql_bind_i64(sql, 2, (int64_t)end);
    if (sql_step(sql, reterr) < 0)
        return -1;
    int64_t seq = sql_i64(sql, 0);
    /* The row is written when the statement ends, not before. */
    if (sql_run(sql, reterr))
        return -1;
    *ret_seq = (uint64_t)seq;
    return 0;
}

int cursor_set(store_t *store, const char *name, uint64_t seq, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "INSERT INTO cursor(name, seq) VALUES(?1, ?2)"
                             " ON CONFLICT(name) DO UPDATE SET seq = excluded.seq",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, name);
    sql_bind_i64(sql, 2, (int64_t)seq);
    return sql_run(sql, reterr);
}

int cursor_remove(store_t *store, const char *name, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, "DELETE FROM cursor WHERE name = ?1", reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, name);
    return sql_run(sql, reterr);
}
