/* The bus's memory without Redis: what is sent, in which order, when the disk refuses or is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "actors/actor.h"
#include "actors/event_bus/ledger.h"
#include "actors/event_bus/waiting.h"
#include "store/alert_log.h"
#include "store/cursors.h"
#include "store/sql.h"
#include "tests/support/support.h"
#include "tests/test.h"

typedef struct {
    char folder[64];
    store_t
        *store; /* of the test as alert manager; its transaction keeps the ledger from writing */
    log_t log;
    ledger_t *ledger;
    uint64_t seq;
} desk_t;

static void open_ledger(desk_t *self)
{
    store_error_t error = {.text = ""};
    self->ledger = ledger_open(self->folder, OUTBOUND_MAX_BYTES, &self->log, &error);
    if (!self->ledger)
        fail_msg("%s", error.text);
}

static int setup(void **state)
{
    desk_t *self = calloc(1, sizeof *self);
    store_error_t error;
    if (!self)
        return -1;
    support_make_folder(self->folder);
    self->log = (log_t){.level = LOG_LEVEL_CRITICAL};
    if (store_open(self->folder, &self->store, &error))
        return -1;
    open_ledger(self);
    *state = self;
    return 0;
}

static int teardown(void **state)
{
    desk_t *self = *state;
    ledger_close(&self->ledger);
    store_close(&self->store);
    support_remove_folder(self->folder);
    free(self);
    return 0;
}

static void refuse(desk_t *self, bool is_refused)
{
    store_error_t error = {.text = ""};
    if (!is_refused)
        store_rollback(self->store);
    else if (store_begin(self->store, &error))
        fail_msg("%s", error.text);
}

/* A step of alert ID. IN_LOG: it is on disk; else the disk refused it. */
typedef struct {
    const char *id;
    alert_event_kind_t kind;
    bool in_log;
} step_t;

static void happen(desk_t *self, step_t step, bool is_told)
{
    char id[16];
    char component[] = "db";
    char text[] = "text";
    char details[] = "{}";
    store_error_t error = {.text = ""};
    (void)snprintf(id, sizeof id, "%s", step.id);
    alert_t alert = {.alert_id = id,
                     .component = component,
                     .level = SEVERITY_CRITICAL,
                     .title = text,
                     .message = text,
                     .details = details,
                     .raised_at_us = 1};
    if (step.kind == ALERT_RESOLVED) {
        alert.resolved_at_us = 2;
        alert.resolution = RESOLUTION_RECOVERED;
    }
    alert_event_t event = {.seq = ++self->seq,
                           .kind = (int)step.kind,
                           .is_durable = step.in_log,
                           .at_us = 3,
                           .alert = &alert};
    if (step.in_log && alert_log_append(self->store, &event, 1, NULL, 0, &error))
        fail_msg("%s", error.text);
    if (is_told)
        ledger_add_alert(self->ledger, &event);
}

static void raise_alert(desk_t *self, const char *id)
{
    happen(self, (step_t){id, ALERT_RAISED, true}, true);
}

static void snapshot(desk_t *self, int64_t at_us)
{
    const snapshot_t whole = {.taken_at_us = at_us,
                              .is_whole = true,
                              .avg_service_latency_ms = (double)NAN,
                              .max_service_latency_ms = (double)NAN};
    ledger_add_snapshot(self->ledger, &whole);
}

/* The next event is the one of alert ID, or a snapshot where ID is NULL. Gives a copy of its id. */
static void expect_next(desk_t *self, const char *id, char correlation_id[40])
{
    const outbound_t *event = NULL;
    assert_true(ledger_next(self->ledger, &event));
    if (!id) {
        assert_string_equal(event->event_type, "health.snapshot_updated");
    } else {
        char member[32];
        (void)snprintf(member, sizeof member, "\"alert_id\":\"%s\"", id);
        if (!strstr(event->body, member))
            fail_msg("%s is not in %s", id, event->body);
    }
    if (correlation_id)
        (void)snprintf(correlation_id, 40, "%s", event->correlation_id);
}

static void expect_sent(desk_t *self, const char *id)
{
    expect_next(self, id, NULL);
    ledger_sent(self->ledger);
}

static void expect_nothing(desk_t *self)
{
    const outbound_t *event = NULL;
    assert_false(ledger_next(self->ledger, &event));
}

/* --- the disk takes all --- */

static void event_is_the_same_until_it_is_sent(void **state)
{
    desk_t *self = *state;
    char ids[2][40];
    snapshot(self, 5);
    raise_alert(self, "a");
    happen(self, (step_t){"a", ALERT_UPDATED, true}, true);
    expect_next(self, NULL, ids[0]);
    expect_next(self, NULL, ids[1]);
    assert_string_equal(ids[0], ids[1]);
    ledger_sent(self->ledger);
    expect_sent(self, "a");
    expect_nothing(self);
    assert_true(ledger_is_dirty(self->ledger));
    assert_true(ledger_write(self->ledger));
    assert_false(ledger_is_dirty(self->ledger));
    assert_int_equal(ledger_counts(self->ledger).n_sent, 2);
}

/* Tries again after the disk refused. */
static bool is_written(void *context)
{
    return ledger_write(context);
}

/* A crash: the ledger is opened anew as the disk left it. */
static void crash(desk_t *self)
{
    ledger_t *dead = self->ledger;
    open_ledger(self);
    /* The dead one must not write at its end: its store is locked meanwhile. */
    refuse(self, true);
    ledger_close(&dead);
    refuse(self, false);
}

static void crash_sends_again_only_what_was_not_noted(void **state)
{
    desk_t *self = *state;
    char ids[2][40];
    raise_alert(self, "a");
    raise_alert(self, "b");
    expect_sent(self, "a");
    assert_true(ledger_write(self->ledger));
    expect_next(self, "b", ids[0]);
    ledger_sent(self->ledger);
    crash(self);
    expect_next(self, "b", ids[1]);
    assert_string_equal(ids[0], ids[1]);
    ledger_sent(self->ledger);
    expect_nothing(self);
}

static void log_that_was_not_told_is_read_with_the_next_event(void **state)
{
    desk_t *self = *state;
    happen(self, (step_t){"a", ALERT_RAISED, true}, false);
    raise_alert(self, "b");
    expect_sent(self, "a");
    expect_sent(self, "b");
    expect_nothing(self);
}

/* A bus that is started again may miss what is published before it has subscribed. */
static void log_that_was_not_told_is_read_with_the_next_snapshot(void **state)
{
    desk_t *self = *state;
    happen(self, (step_t){"a", ALERT_RAISED, true}, false);
    snapshot(self, 1);
    expect_sent(self, "a");
    expect_sent(self, NULL);
    expect_nothing(self);
}

/* --- the disk refuses --- */

/* Hides the table of the spool: neither read nor written, but by the test. */
static void hide_spool(desk_t *self, bool is_hidden)
{
    store_error_t error = {.text = ""};
    if (sql_execute(self->store,
                    is_hidden ? "ALTER TABLE outbound RENAME TO hidden"
                              : "ALTER TABLE hidden RENAME TO outbound",
                    &error))
        fail_msg("%s", error.text);
}

static void memory_does_not_overtake_a_spool_that_cannot_be_read(void **state)
{
    desk_t *self = *state;
    raise_alert(self, "a");
    hide_spool(self, true);
    happen(self, (step_t){"b", ALERT_RAISED, false}, true);
    expect_nothing(self);
    hide_spool(self, false);
    expect_sent(self, "a");
    expect_sent(self, "b");
}

static void memory_is_sent_where_nothing_older_is_in_the_spool(void **state)
{
    desk_t *self = *state;
    raise_alert(self, "a");
    expect_sent(self, "a");
    expect_nothing(self);
    hide_spool(self, true);
    happen(self, (step_t){"b", ALERT_RAISED, false}, true);
    expect_sent(self, "b");
    hide_spool(self, false);
}

/* Logs the clear of the emergency stop that entry 7-0 tripped. */
static void log_clear_of_stop(desk_t *self)
{
    char id[] = "stop";
    char component[] = EMERGENCY_STOP;
    char text[] = "text";
    char details[] = "{}";
    char entry_id[] = "7-0";
    store_error_t error = {.text = ""};
    alert_t alert = {.alert_id = id,
                     .component = component,
                     .level = SEVERITY_CRITICAL,
                     .title = text,
                     .message = text,
                     .details = details,
                     .entry_id = entry_id,
                     .raised_at_us = 1,
                     .resolved_at_us = 2,
                     .resolution = RESOLUTION_CLEARED};
    const alert_event_t event = {
        .seq = ++self->seq, .kind = ALERT_RESOLVED, .at_us = 2, .alert = &alert};
    if (alert_log_append(self->store, &event, 1, NULL, 0, &error))
        fail_msg("%s", error.text);
}

static void clear_in_the_log_counts_at_the_start_though_the_disk_refuses(void **state)
{
    desk_t *self = *state;
    trip_event_t event = {.type = TRIP_EVENT_TRIPPED,
                          .effect = TRIP_TRIPS,
                          .reason = strdup("r"),
                          .data = strdup("{}")};
    assert_true(ledger_apply_trip(self->ledger, (entry_id_t){.time_ms = 7}, &event));
    assert_true(ledger_write(self->ledger));
    log_clear_of_stop(self);
    hide_spool(self, true);
    crash(self);
    assert_false(ledger_trip(self->ledger)->is_tripped);
    hide_spool(self, false);
    expect_sent(self, "stop");
}

/* From memory it went out; its note is lost with the process, and the log has it still. */
static void alert_that_is_made_again_keeps_its_correlation_id(void **state)
{
    desk_t *self = *state;
    char ids[2][40];
    happen(self, (step_t){"a", ALERT_RAISED, true}, false);
    hide_spool(self, true);
    happen(self, (step_t){"b", ALERT_RAISED, false}, true);
    hide_spool(self, false);
    expect_next(self, "a", ids[0]);
    crash(self);
    expect_next(self, "a", ids[1]);
    assert_string_equal(ids[0], ids[1]);
}

static void refused_events_go_out_in_order_and_become_rows_later(void **state)
{
    desk_t *self = *state;
    char ids[2][40];
    raise_alert(self, "a");
    refuse(self, true);
    snapshot(self, 5);
    happen(self, (step_t){"b", ALERT_RAISED, false}, true);
    snapshot(self, 6);
    assert_int_equal(ledger_counts(self->ledger).n_buffered, 3);
    expect_sent(self, "a");
    expect_next(self, NULL, ids[0]); /* on its way, from memory */
    refuse(self, false);
    assert_true(support_wait_until(is_written, self->ledger, 5000));
    assert_int_equal(ledger_counts(self->ledger).n_buffered, 0);
    crash(self); /* nothing was in memory alone */
    expect_next(self, NULL, ids[1]);
    assert_string_equal(ids[0], ids[1]);
    ledger_sent(self->ledger);
    expect_sent(self, "b");
    expect_sent(self, NULL);
    expect_nothing(self);
}

static void event_on_its_way_from_memory_is_noted_as_a_row(void **state)
{
    desk_t *self = *state;
    refuse(self, true);
    snapshot(self, 5);
    snapshot(self, 6);
    expect_next(self, NULL, NULL);
    refuse(self, false);
    assert_true(support_wait_until(is_written, self->ledger, 5000));
    ledger_sent(self->ledger);
    expect_sent(self, NULL);
    expect_nothing(self);
    assert_true(ledger_write(self->ledger));
    crash(self);
    expect_nothing(self);
}

static void event_that_is_logged_late_is_not_sent_twice(void **state)
{
    desk_t *self = *state;
    refuse(self, true);
    happen(self, (step_t){"a", ALERT_RAISED, false}, true);
    expect_sent(self, "a");
    self->seq--;
    happen(self, (step_t){"a", ALERT_RAISED, false}, true); /* told again */
    expect_nothing(self);
    refuse(self, false);
    self->seq--; /* the same event, now on disk; a later one tells of it */
    happen(self, (step_t){"a", ALERT_RAISED, true}, false);
    raise_alert(self, "b");
    expect_sent(self, "b");
    expect_nothing(self);
}

static void gap_is_read_from_a_log_that_cannot_be_written(void **state)
{
    desk_t *self = *state;
    happen(self, (step_t){"a", ALERT_RAISED, true}, false);
    happen(self, (step_t){"b", ALERT_RAISED, true}, false);
    refuse(self, true);
    happen(self, (step_t){"c", ALERT_RAISED, false}, true);
    expect_sent(self, "a");
    expect_sent(self, "b");
    const outbound_t *event = NULL;
    assert_true(ledger_next(self->ledger, &event));
    assert_non_null(strstr(event->body, "\"durable\":false"));
    expect_sent(self, "c");
    expect_nothing(self);
    refuse(self, false);
}

static void numbers_that_were_never_logged_are_given_again(void **state)
{
    desk_t *self = *state;
    refuse(self, true);
    happen(self, (step_t){"a", ALERT_RAISED, false}, true);
    refuse(self, false);
    assert_true(support_wait_until(is_written, self->ledger, 5000));
    expect_sent(self, "a");
    ledger_close(&self->ledger);
    self->seq = 0; /* the alert manager died with its event, and is there first */
    happen(self, (step_t){"b", ALERT_RAISED, true}, false);
    open_ledger(self);
    expect_sent(self, "b");
    expect_nothing(self);
}

/* --- the bound in memory --- */

static void add(waiting_t *waiting, const char *name, bool is_alert, outbound_drops_t *drops)
{
    size_t n = WAITING_MAX_BYTES / 4 - OUTBOUND_ROW_BYTES;
    outbound_t row = {.event_type = strdup(name),
                      .correlation_id = strdup(""),
                      .body = malloc(n + 1),
                      .is_alert = is_alert};
    assert_non_null(row.body);
    (void)memset(row.body, 'x', n);
    row.body[n] = '\0';
    assert_int_equal(waiting_add(waiting, &row, drops), 0);
    assert_null(row.body);
}

static void memory_drops_snapshots_first_but_not_what_is_on_its_way(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_alert;
        size_t n_snapshots, n_alerts; /* dropped so far */
        const char *left;
    } rows[] = {
        {"1", false, 0, 0, "1"},   {"2", true, 0, 0, "12"},    {"3", false, 0, 0, "123"},
        {"4", true, 0, 0, "1234"}, {"5", false, 1, 0, "1245"}, {"6", true, 2, 0, "1246"},
        {"7", true, 2, 1, "1467"}, {"8", false, 2, 2, "1678"},
    };
    waiting_t waiting = {0};
    outbound_drops_t drops = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        add(&waiting, rows[i].name, rows[i].is_alert, &drops);
        assert_int_equal(drops.n_snapshots, rows[i].n_snapshots);
        assert_int_equal(drops.n_alerts, rows[i].n_alerts);
        char left[16] = "";
        for (waiting_event_t *at = waiting.first; at; at = at->next)
            (void)strncat(left, at->row.event_type, sizeof left - strlen(left) - 1);
        assert_string_equal(left, rows[i].left);
        assert_int_equal(waiting.n, strlen(left));
    }
    waiting_clear(&waiting);
    assert_int_equal(waiting.bytes, 0);
    assert_null(waiting.last);
}

#define DESK_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* The very first start, even: there is no cursor yet. */
static void it_opens_though_the_disk_refuses(void **state)
{
    desk_t *self = *state;
    store_error_t error = {.text = ""};
    uint64_t seq = 0;
    bool is_stored = true;
    ledger_close(&self->ledger);
    assert_int_equal(cursor_remove(self->store, CURSOR_EVENT_BUS, &error), 0);
    refuse(self, true);
    open_ledger(self);
    assert_true(ledger_is_dirty(self->ledger));
    assert_non_null(strstr(ledger_trouble(self->ledger), "state.db"));
    refuse(self, false);
    assert_true(support_wait_until(is_written, self->ledger, 5000));
    assert_null(ledger_trouble(self->ledger));
    assert_int_equal(cursor_find(self->store, CURSOR_EVENT_BUS, &seq, &is_stored, &error), 0);
    assert_true(is_stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(event_is_the_same_until_it_is_sent),
        DESK_TEST(crash_sends_again_only_what_was_not_noted),
        DESK_TEST(log_that_was_not_told_is_read_with_the_next_event),
        DESK_TEST(log_that_was_not_told_is_read_with_the_next_snapshot),
        DESK_TEST(memory_does_not_overtake_a_spool_that_cannot_be_read),
        DESK_TEST(memory_is_sent_where_nothing_older_is_in_the_spool),
        DESK_TEST(clear_in_the_log_counts_at_the_start_though_the_disk_refuses),
        DESK_TEST(it_opens_though_the_disk_refuses),
        DESK_TEST(alert_that_is_made_again_keeps_its_correlation_id),
        DESK_TEST(refused_events_go_out_in_order_and_become_rows_later),
        DESK_TEST(event_on_its_way_from_memory_is_noted_as_a_row),
        DESK_TEST(event_that_is_logged_late_is_not_sent_twice),
        DESK_TEST(gap_is_read_from_a_log_that_cannot_be_written),
        DESK_TEST(numbers_that_were_never_logged_are_given_again),
        cmocka_unit_test(memory_drops_snapshots_first_but_not_what_is_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
