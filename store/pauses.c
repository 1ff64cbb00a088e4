#include "store/pauses.h"

#include <stdlib.h>

#include "store/sql.h"

static int hand_on(sql_t *sql, store_t *store, pause_row_fn *fn, void *context,
                   store_error_t *reterr)
{
    char *target = NULL;
    pause_t pause = {.since_us = sql_i64(sql, 3), .until_us = sql_i64(sql, 4)};
    int rc = sql_copy_text(sql, 0, &target) || sql_copy_text(sql, 1, &pause.reason) ||
                     sql_copy_text(sql, 2, &pause.by) || fn(context, target, &pause)
                 ? sql_fail_memory(store, reterr)
                 : 0;
    free(target);
    pause_clear(&pause);
    return rc;
}

int pauses_load(store_t *store, pause_row_fn *fn, void *context, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(
        store, "SELECT target, reason, paused_by, since_us, until_us FROM pause", reterr);
    if (!sql)
        return -1;
    int step;
    while ((step = sql_step(sql, reterr)) > 0) {
        if (hand_on(sql, store, fn, context, reterr)) {
            sql_reset(sql);
            return -1;
        }
    }
    return step;
}

int pauses_save(store_t *store, const char *target, const pause_t *pause, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "INSERT OR REPLACE INTO"
                             " pause(target, reason, paused_by, since_us, until_us)"
                             " VALUES(?1, ?2, ?3, ?4, ?5)",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, target);
    sql_bind_text(sql, 2, pause->reason);
    sql_bind_text(sql, 3, pause->by);
    sql_bind_i64(sql, 4, pause->since_us);
    sql_bind_i64(sql, 5, pause->until_us);
    return sql_run(sql, reterr);
}

int pauses_remove(store_t *store, const char *target, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, "DELETE FROM pause WHERE target = ?1", reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, target);
    return sql_run(sql, reterr);
}
