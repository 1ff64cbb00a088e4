#include "store/alert_log.h"

#include <stdlib.h>
#include <string.h>

#include <healthd/status.h>

#include "core/cleanup.h"
#include "store/sql.h"

/* --- append --- */

static void buffer_destroy(msgpack_sbuffer *buffer)
{
    msgpack_sbuffer_destroy(buffer);
}

/* What is on disk is not on its way there. Borrows the texts. */
static alert_t as_stored(const alert_t *alert)
{
    alert_t stored = *alert;
    stored.is_unwritten = false;
    return stored;
}

static int insert_event(store_t *store, const alert_event_t *event, store_error_t *reterr)
{
    CLEANUP(buffer_destroy) msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    alert_t alert = as_stored(event->alert);
    alert_event_t durable = *event;
    durable.is_durable = true;
    durable.alert = &alert;
    if (alert_event_encode(&durable, &body))
        return sql_fail_memory(store, reterr);
    sql_t *sql = sql_prepare(store,
                             "INSERT INTO alert_event(seq, kind, at_us, alert_id, body)"
                             " VALUES(?1, ?2, ?3, ?4, ?5)",
                             reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, (int64_t)event->seq);
    sql_bind_i64(sql, 2, event->kind);
    sql_bind_i64(sql, 3, event->at_us);
    sql_bind_text(sql, 4, event->alert->alert_id);
    sql_bind_blob(sql, 5, body.data, body.size);
    return sql_run(sql, reterr);
}

static int upsert_alert(store_t *store, const alert_event_t *event, store_error_t *reterr)
{
    const alert_t stored = as_stored(event->alert);
    const alert_t *alert = &stored;
    CLEANUP(buffer_destroy) msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    if (alert_encode(alert, &body))
        return sql_fail_memory(store, reterr);
    sql_t *sql = sql_prepare(
        store,
        "INSERT INTO alert(alert_id, raised_seq, last_seq, component, level, raised_at_us,"
        " resolved_at_us, resolution, body) VALUES(?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        " ON CONFLICT(alert_id) DO UPDATE SET last_seq = excluded.last_seq,"
        " resolved_at_us = excluded.resolved_at_us, resolution = excluded.resolution,"
        " body = excluded.body",
        reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, alert->alert_id);
    sql_bind_i64(sql, 2, (int64_t)event->seq);
    sql_bind_text(sql, 3, alert->component);
    sql_bind_i64(sql, 4, alert->level);
    sql_bind_i64(sql, 5, alert->raised_at_us);
    sql_bind_i64(sql, 6, alert->resolved_at_us);
    sql_bind_i64(sql, 7, alert->resolution);
    sql_bind_blob(sql, 8, body.data, body.size);
    return sql_run(sql, reterr);
}

static int change_quiet(store_t *store, const quiet_change_t *change, store_error_t *reterr)
{
    const quiet_t *quiet = &change->quiet;
    sql_t *sql =
        change->is_quiet
            ? sql_prepare(store,
                          "INSERT OR REPLACE INTO quiet(component, level, since_us, alert_id)"
                          " VALUES(?1, ?2, ?3, ?4)",
                          reterr)
            : sql_prepare(store, "DELETE FROM quiet WHERE component = ?1 AND level = ?2", reterr);
    if (!sql)
        return -1;
    sql_bind_text(sql, 1, quiet->component);
    sql_bind_i64(sql, 2, quiet->level);
    if (change->is_quiet) {
        sql_bind_i64(sql, 3, quiet->since_us);
        sql_bind_text(sql, 4, quiet->alert_id);
    }
    return sql_run(sql, reterr);
}

int alert_log_append(store_t *store, const alert_event_t *events, size_t n_events,
                     const quiet_change_t *changes, size_t n_changes, store_error_t *reterr)
{
    if (store_begin(store, reterr))
        return -1;
    for (size_t i = 0; i < n_events; i++)
        if (insert_event(store, &events[i], reterr) || upsert_alert(store, &events[i], reterr))
            goto fail;
    for (size_t i = 0; i < n_changes; i++)
        if (change_quiet(store, &changes[i], reterr))
            goto fail;
    return store_commit(store, reterr);

fail:
    store_rollback(store);
    return -1;
}

/* --- load --- */

/* Makes room for one more item of SIZE bytes, zeroed. Gives it, or NULL where memory ran out. */
static void *grow(void **list, size_t *n, size_t size)
{
    if ((*n & (*n - 1)) == 0) { /* full at 0 and at each power of two */
        void *larger = reallocarray(*list, *n ? *n * 2 : 1, size);
        if (!larger)
            return NULL;
        *list = larger;
    }
    char *item = (char *)*list + *n * size;
    (void)memset(item, 0, size);
    ++*n;
    return item;
}

static int fail_row(store_t *store, const char *what, int64_t seq, const wire_error_t *wire,
                    store_error_t *reterr)
{
    return sql_fail(store, reterr, STORE_DAMAGED, "%s %lld cannot be read: %s.%s: %s", what,
                    (long long)seq, wire->message, wire->key, wire->reason);
}

/* Appends the alert in the row (raised_seq, body) to a list. */
static int take_alert(store_t *store, sql_t *row, alert_t **list, size_t *n, store_error_t *reterr)
{
    size_t bytes = 0;
    const void *body = sql_blob(row, 1, &bytes);
    CLEANUP(alert_destroy) alert_t *alert = NULL;
    wire_error_t wire;
    if (alert_decode(body, bytes, &alert, &wire))
        return fail_row(store, "alert of event", sql_i64(row, 0), &wire, reterr);
    void *items = *list;
    alert_t *item = grow(&items, n, sizeof *item);
    *list = items;
    if (!item || alert_copy(alert, item))
        return sql_fail_memory(store, reterr);
    return 0;
}

/* Appends what the query TEXT gives, at most LIMIT alerts (parameter 1; -1: all). */
static int load_alerts(store_t *store, const char *text, int64_t limit, alert_t **list, size_t *n,
                       store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, text, reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, limit);
    int step = 0;
    while ((step = sql_step(sql, reterr)) > 0) {
        if (take_alert(store, sql, list, n, reterr)) {
            sql_reset(sql);
            return -1;
        }
    }
    return step;
}

static int load_quiet(store_t *store, quiet_t **list, size_t *n, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(
        store, "SELECT component, level, since_us, alert_id FROM quiet ORDER BY component, level",
        reterr);
    if (!sql)
        return -1;
    int step = 0;
    while ((step = sql_step(sql, reterr)) > 0) {
        void *items = *list;
        quiet_t *item = grow(&items, n, sizeof *item);
        *list = items;
        if (!item || sql_copy_text(sql, 0, &item->component) ||
            sql_copy_text(sql, 3, &item->alert_id)) {
            sql_reset(sql);
            return sql_fail_memory(store, reterr);
        }
        item->level = (int)sql_i64(sql, 1);
        item->since_us = sql_i64(sql, 2);
    }
    return step;
}

int alert_log_load(store_t *store, alert_log_content_t *ret, store_error_t *reterr)
{
    alert_log_content_t content = {0};
    if (load_alerts(store,
                    "SELECT raised_seq, body FROM alert WHERE resolution = 0"
                    " ORDER BY raised_seq LIMIT ?1",
                    -1, &content.active, &content.n_active, reterr) ||
        load_alerts(store,
                    "SELECT raised_seq, body FROM (SELECT raised_seq, body FROM alert"
                    " ORDER BY raised_seq DESC LIMIT ?1) ORDER BY raised_seq",
                    ALERT_LOG_KEPT_ALERTS, &content.history, &content.n_history, reterr) ||
        load_quiet(store, &content.quiet, &content.n_quiet, reterr) ||
        alert_log_last_seq(store, &content.last_seq, reterr)) {
        alert_log_content_clear(&content);
        return -1;
    }
    *ret = content;
    return 0;
}

static void clear_alerts(alert_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        alert_clear(&list[i]);
    free(list);
}

void alert_log_content_clear(alert_log_content_t *self)
{
    clear_alerts(self->active, self->n_active);
    clear_alerts(self->history, self->n_history);
    for (size_t i = 0; i < self->n_quiet; i++) {
        free(self->quiet[i].component);
        free(self->quiet[i].alert_id);
    }
    free(self->quiet);
    *self = (alert_log_content_t){0};
}

/* --- read --- */

static int take_event(store_t *store, sql_t *row, alert_events_t *list, store_error_t *reterr)
{
    size_t bytes = 0;
    const void *body = sql_blob(row, 1, &bytes);
    CLEANUP(alert_event_destroy) alert_event_t *event = NULL;
    wire_error_t wire;
    if (alert_event_decode(body, bytes, &event, &wire))
        return fail_row(store, "alert event", sql_i64(row, 0), &wire, reterr);
    void *items = list->events;
    alert_event_t *item = grow(&items, &list->n_events, sizeof *item);
    list->events = items;
    if (!item || alert_event_copy(event, item))
        return sql_fail_memory(store, reterr);
    return 0;
}

int alert_log_read(store_t *store, uint64_t after_seq, size_t limit, alert_events_t *ret,
                   store_error_t *reterr)
{
    sql_t *sql = sql_prepare(
        store, "SELECT seq, body FROM alert_event WHERE seq > ?1 ORDER BY seq LIMIT ?2", reterr);
    if (!sql)
        return -1;
    sql_bind_i64(sql, 1, (int64_t)after_seq);
    sql_bind_i64(sql, 2, (int64_t)(limit < ALERT_LOG_READ_MAX ? limit : ALERT_LOG_READ_MAX));
    alert_events_t list = {0};
    int step = 0;
    while ((step = sql_step(sql, reterr)) > 0) {
        if (take_event(store, sql, &list, reterr)) {
            sql_reset(sql);
            step = -1;
            break;
        }
    }
    if (step < 0) {
        alert_events_clear(&list);
        return -1;
    }
    *ret = list;
    return 0;
}

void alert_events_clear(alert_events_t *self)
{
    for (size_t i = 0; i < self->n_events; i++)
        alert_event_clear(&self->events[i]);
    free(self->events);
    *self = (alert_events_t){0};
}

int alert_log_last_seq(store_t *store, uint64_t *ret_seq, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, "SELECT max(seq) FROM alert_event", reterr);
    int64_t seq = 0;
    if (!sql || sql_run_i64(sql, &seq, reterr))
        return -1;
    *ret_seq = (uint64_t)seq;
    return 0;
}
