#include "store/heartbeats.h"

#include <stdlib.h>

#include "store/sql.h"

static bool is_sound(const heartbeat_record_t *record)
{
    return record->outcome >= 0 && record->outcome < RUN_OUTCOME_COUNT &&
           record->exit_code <= PING_EXIT_CODE_MAX;
}

static int hand_on(sql_t *sql, store_t *store, heartbeat_row_fn *fn, void *context,
                   store_error_t *reterr)
{
    char *target = NULL;
    heartbeat_record_t record = {.last_ping_us = sql_i64(sql, 1),
                                 .counted_us = sql_i64(sql, 2),
                                 .started_us = sql_i64(sql, 3),
                                 .runtime_us = sql_i64(sql, 4),
                                 .outcome = (int)sql_i64(sql, 5),
                                 .exit_code = sql_i64(sql, 6)};
    int rc = 0;
    if (!is_sound(&record))
        rc = sql_fail(store, reterr, STORE_DAMAGED, "a row of the table heartbeat makes no sense");
    else if (sql_copy_text(sql, 0, &target) || sql_copy_text(sql, 7, &record.log) ||
             fn(context, target, &record))
        rc = sql_fail_memory(store, reterr);
    free(target);
    heartbeat_record_clear(&record);
    return rc;
}

int heartbeats_load(store_t *store, heartbeat_row_fn *fn, void *context, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "SELECT target, last_ping_us, counted_us, started_us, runtime_us,"
                             " outcome, exit_code, log FROM heartbeat",
                             reterr);
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

int heartbeats_save(store_t *store, const char *target, const heartbeat_record_t *record,
                    store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store,
                             "INSERT OR REPLACE INTO"
                             " heartbeat(target, last_ping_us, counted_us, started_us, runtime_us,"
                             " outcome, exit_code, log)"
                             " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, target);
    sql_bind_i64(sql, 2, record->last_ping_us);
    sql_bind_i64(sql, 3, record->counted_us);
    sql_bind_i64(sql, 4, record->started_us);
    sql_bind_i64(sql, 5, record->runtime_us);
    sql_bind_i64(sql, 6, record->outcome);
    sql_bind_i64(sql, 7, record->exit_code);
    sql_bind_text(sql, 8, record->log);
    return sql_run(sql, reterr);
}

int heartbeats_remove(store_t *store, const char *target, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, "DELETE FROM heartbeat WHERE target = ?1", reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, target);
    return sql_run(sql, reterr);
}
