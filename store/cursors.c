#include "store/cursors.h"

#include "store/alert_log.h"
#include "store/sql.h"

int cursor_find(store_t *store, const char *name, uint64_t *ret_seq, bool *ret_is_stored,
                store_error_t *reterr)
{
    uint64_t end = 0;
    if (alert_log_last_seq(store, &end, reterr))
        return -1;
    sql_t *sql = sql_prepare(store, "SELECT seq FROM cursor WHERE name = ?1", reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, name);
    int step = sql_step(sql, reterr);
    if (step < 0)
        return -1;
    uint64_t seq = step ? (uint64_t)sql_i64(sql, 0) : 0;
    sql_reset(sql);
    *ret_is_stored = step && seq <= end;
    *ret_seq = *ret_is_stored ? seq : end;
    return 0;
}

int cursor_open(store_t *store, const char *name, uint64_t *ret_seq, store_error_t *reterr)
{
    bool is_stored;
    if (cursor_find(store, name, ret_seq, &is_stored, reterr))
        return -1;
    return is_stored ? 0 : cursor_set(store, name, *ret_seq, reterr);
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
