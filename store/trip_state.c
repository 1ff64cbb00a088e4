#include "store/trip_state.h"

#include <stdlib.h>

#include "store/sql.h"

static int read_row(sql_t *sql, trip_t *trip)
{
    char *entry_id = NULL;
    int rc = sql_copy_text(sql, 0, &entry_id);
    if (!rc)
        rc = entry_id_parse(entry_id, &trip->entry_id) ? 1 : 0;
    free(entry_id);
    int64_t by = sql_i64(sql, 1);
    if (rc || by < 0 || by >= TRIP_BY_COUNT)
        return rc < 0 ? -1 : 1;
    trip->by = (trip_by_t)by;
    trip->is_tripped = sql_i64(sql, 2) != 0;
    if (sql_copy_text(sql, 3, &trip->reason) || sql_copy_text(sql, 4, &trip->data))
        return -1;
    return trip->is_tripped && !trip->reason;
}

int trip_state_load(store_t *store, trip_t *ret, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(
        store, "SELECT entry_id, decided_by, is_tripped, reason, data FROM trip_state", reterr);
    if (!sql)
        return -1;
    trip_t trip = {0};
    int step = sql_step(sql, reterr);
    if (step < 0)
        return -1;
    int rc = step ? read_row(sql, &trip) : 0;
    sql_reset(sql);
    if (rc) {
        trip_clear(&trip);
        return rc < 0 ? sql_fail_memory(store, reterr)
                      : sql_fail(store, reterr, STORE_DAMAGED, "the stored trip state is none");
    }
    *ret = trip;
    return 0;
}

int trip_state_save(store_t *store, const trip_t *trip, store_error_t *reterr)
{
    char entry_id[TRIP_ENTRY_ID_BYTES];
    trip_entry_id_text(trip, entry_id);
    sql_t *sql = sql_prepare(store,
                             "INSERT OR REPLACE INTO"
                             " trip_state(id, entry_id, decided_by, is_tripped, reason, data)"
                             " VALUES(1, ?1, ?2, ?3, ?4, ?5)",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, entry_id);
    sql_bind_i64(sql, 2, trip->by);
    sql_bind_i64(sql, 3, trip->is_tripped);
    sql_bind_text(sql, 4, trip->reason);
    sql_bind_text(sql, 5, trip->data);
    return sql_run(sql, reterr);
}
