#include "core/timestamp.h"
#include "store/outbound.h"
#include "tests/actor/test_event_bus_rig.h"

#define SNAPSHOTS "quantum:stream:health.snapshot_updated"
#define RAISED    "quantum:stream:health.alert_raised"
#define RESOLVED  "quantum:stream:health.alert_resolved"
#define TRIPPED   "quantum:stream:ess.tripped"
#define RESET     "quantum:stream:ess.manual_reset"
#define GROUP     "quantum:group:monitoring_health_service:ess.tripped"

enum { TYPE, PAYLOAD, TRACE_ID, CORRELATION_ID, TIMESTAMP, SOURCE, N_FIELDS };

/* Some instant; later ones are whole seconds after it. */
static const int64_t BASE_US = 1795488354223939;

/* --- out --- */

static void events_have_six_fields_in_order(void **state)
{
    rig_t *rig = *state;
    static const char *const names[N_FIELDS] = {"event_type",     "payload",   "trace_id",
                                                "correlation_id", "timestamp", "source"};
    rig_start_redis(rig);
    rig_start_bus(rig);
    rig_publish_snapshot(rig, BASE_US, true);
    rig_publish_snapshot(rig, BASE_US + 1, false); /* for readers inside alone */
    rig_alert(rig, ALERT_RAISED, "a1");
    rig_alert(rig, ALERT_UPDATED, "a1");
    rig_alert(rig, ALERT_RESOLVED, "a1");
    rig_wait_length(rig, RESOLVED, 1);
    rig_wait_length(rig, RAISED, 1);
    rig_wait_length(rig, SNAPSHOTS, 1);

    redisReply *range = rig_redis(rig, "XRANGE " SNAPSHOTS " - +");
    assert_int_equal(range->element[0]->element[1]->elements, 2 * N_FIELDS);
    for (size_t i = 0; i < N_FIELDS; i++)
        assert_string_equal(rig_field_name(range, 0, i), names[i]);
    assert_string_equal(rig_field(range, 0, TYPE), "health.snapshot_updated");
    assert_non_null(strstr(rig_field(range, 0, PAYLOAD), "\"2026-11-24T02:45:54.223939+00:00\""));
    assert_string_equal(rig_field(range, 0, TRACE_ID), "");
    assert_int_equal(strlen(rig_field(range, 0, CORRELATION_ID)), 36);
    assert_int_equal(rig_field(range, 0, CORRELATION_ID)[14], '4');
    assert_string_equal(rig_field(range, 0, TIMESTAMP), "2026-11-24T02:45:54.223939");
    assert_string_equal(rig_field(range, 0, SOURCE), "monitoring_health_service");
    freeReplyObject(range);

    range = rig_redis(rig, "XRANGE " RESOLVED " - +");
    assert_non_null(strstr(rig_field(range, 0, PAYLOAD), "\"alert_id\":\"a1\""));
    assert_non_null(strstr(rig_field(range, 0, PAYLOAD), "\"resolution\":\"recovered\""));
    assert_null(strstr(rig_field(range, 0, PAYLOAD), "durable"));
    freeReplyObject(range);
}

/* The spool as it is on disk. Gives the number of rows; texts for the caller to free. */
static size_t read_spool(rig_t *rig, outbound_t *rows, size_t max)
{
    store_error_t error;
    size_t n = 0;
    while (n < max && outbound_next(rig->store, n ? rows[n - 1].seq : 0, &rows[n], &error) > 0)
        n++;
    return n;
}

typedef struct {
    rig_t *rig;
    int64_t n_rows;
} spool_wait_t;

static bool spool_has(void *context)
{
    const spool_wait_t *wait = context;
    store_error_t error;
    int64_t bytes = 0;
    int64_t rows = -1;
    return outbound_size(wait->rig->store, &bytes, &rows, &error) == 0 && rows == wait->n_rows;
}

static void wait_for_spool(rig_t *rig, int64_t n_rows)
{
    spool_wait_t wait = {.rig = rig, .n_rows = n_rows};
    assert_true(support_wait_until(spool_has, &wait, DEADLINE_MS));
}

static void spool_goes_oldest_first_with_its_ids_after_a_restart(void **state)
{
    rig_t *rig = *state;
    enum { N = 5 };
    outbound_t rows[2 * N + 1];
    rig_start_bus(rig); /* Redis is away from the start */
    for (int i = 0; i < N; i++)
        rig_publish_snapshot(rig, BASE_US + i * 1000000, true);
    for (int i = 0; i < N; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "a%d", i);
        rig_alert(rig, ALERT_RAISED, id);
    }
    wait_for_spool(rig, 2 * N);
    rig_stop_bus(rig);
    assert_int_equal(read_spool(rig, rows, COUNT_OF(rows)), 2 * N);

    rig_start_redis(rig);
    rig_start_bus(rig);
    rig_publish_snapshot(rig, BASE_US + N * 1000000, true);
    rig_wait_length(rig, SNAPSHOTS, N + 1);
    rig_wait_length(rig, RAISED, N);
    redisReply *snapshots = rig_redis(rig, "XRANGE " SNAPSHOTS " - +");
    redisReply *raised = rig_redis(rig, "XRANGE " RAISED " - +");
    size_t n[2] = {0, 0};
    for (size_t i = 0; i < 2 * N; i++) {
        redisReply *range = rows[i].is_alert ? raised : snapshots;
        size_t at = n[rows[i].is_alert]++;
        char timestamp[TIMESTAMP_BYTES];
        timestamp_naive(rows[i].event_time_us, timestamp);
        assert_string_equal(rig_field(range, at, CORRELATION_ID), rows[i].correlation_id);
        assert_string_equal(rig_field(range, at, PAYLOAD), rows[i].body);
        assert_string_equal(rig_field(range, at, TIMESTAMP), timestamp);
        outbound_clear(&rows[i]);
    }
    assert_int_equal(n[1], N);
    freeReplyObject(snapshots);
    freeReplyObject(raised);
    wait_for_spool(rig, 0);
}

static void events_wait_while_redis_is_gone_and_go_when_it_is_back(void **state)
{
    rig_t *rig = *state;
    rig_start_redis(rig);
    rig_start_bus(rig);
    rig_alert(rig, ALERT_RAISED, "before");
    rig_wait_length(rig, RAISED, 1);
    rig_stop_redis(rig);
    rig_alert(rig, ALERT_RAISED, "away1");
    rig_alert(rig, ALERT_RAISED, "away2");
    wait_for_spool(rig, 2);
    rig_start_redis(rig); /* empty, as it kept nothing */
    rig_wait_length(rig, RAISED, 2);
    redisReply *range = rig_redis(rig, "XRANGE " RAISED " - +");
    assert_non_null(strstr(rig_field(range, 0, PAYLOAD), "away1"));
    assert_non_null(strstr(rig_field(range, 1, PAYLOAD), "away2"));
    freeReplyObject(range);
}

static void refused_events_are_sent_from_memory_in_order_and_once(void **state)
{
    rig_t *rig = *state;
    store_error_t error;
    alert_t alerts[2];
    rig_start_redis(rig);
    rig_start_bus(rig);
    rig_alert(rig, ALERT_RAISED, "a1");
    rig_wait_length(rig, RAISED, 1);
    wait_for_spool(rig, 0);

    /* The test's transaction keeps the bus from writing. */
    assert_int_equal(store_begin(rig->store, &error), 0);
    alert_event_t second = rig_event(rig, &alerts[0], ALERT_RAISED, "a2", "db");
    second.is_durable = false;
    rig_publish_snapshot(rig, BASE_US, true);
    rig_publish_event(rig, &second);
    rig_wait_length(rig, RAISED, 2);
    rig_wait_length(rig, SNAPSHOTS, 1);
    store_rollback(rig->store);

    /* The alert manager writes it under its number; it is not sent again. */
    second.is_durable = true;
    rig_log(rig, &second);
    rig_alert(rig, ALERT_RAISED, "a3");
    rig_wait_length(rig, RAISED, 3);
    redisReply *range = rig_redis(rig, "XRANGE " RAISED " - +");
    for (size_t i = 0; i < 3; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "\"alert_id\":\"a%zu\"", i + 1);
        assert_non_null(strstr(rig_field(range, i, PAYLOAD), id));
        const char *durable = strstr(rig_field(range, i, PAYLOAD), "\"durable\":false");
        assert_int_equal(durable != NULL, i == 1);
    }
    freeReplyObject(range);
    wait_for_spool(rig, 0);
}

static void new_cursor_begins_at_the_end_and_then_misses_nothing(void **state)
{
    rig_t *rig = *state;
    alert_t alert;
    alert_event_t old = rig_event(rig, &alert, ALERT_RAISED, "old", "db");
    rig_log(rig, &old);
    rig_start_redis(rig);
    rig_start_bus(rig);
    rig_stop_bus(rig);
    alert_event_t missed = rig_event(rig, &alert, ALERT_RAISED, "missed", "db");
    rig_log(rig, &missed); /* while the bus was not there */
    rig_start_bus(rig);
    rig_wait_length(rig, RAISED, 1);
    redisReply *range = rig_redis(rig, "XRANGE " RAISED " - +");
    assert_non_null(strstr(rig_field(range, 0, PAYLOAD), "missed"));
    freeReplyObject(range);
}

/* --- in --- */

static void both_forms_trip_and_reset(void **state)
{
    rig_t *rig = *state;
    rig_start_redis(rig);
    rig_start_bus(rig);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 100-1 event_type ess.tripped payload %s",
                              "{\"reason\": \"Daily loss\", \"severity\": \"CRITICAL\"}"));
    rig_expect_trip(rig, "Daily loss", "{\"reason\":\"Daily loss\",\"severity\":\"CRITICAL\"}",
                    "100-1");
    freeReplyObject(rig_redis(rig, "XADD " RESET " 101-0 user op"));
    rig_expect_trip(rig, NULL, NULL, "101-0");
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 102-0 reason %s severity CRITICAL", "Manual"));
    rig_expect_trip(rig, "Manual", "{\"reason\":\"Manual\",\"severity\":\"CRITICAL\"}", "102-0");
    freeReplyObject(rig_redis(rig, "XADD quantum:stream:ess.state.changed 103-0 payload %s",
                              "{\"new_state\":\"NORMAL\"}"));
    rig_expect_trip(rig, NULL, NULL, "103-0");
    rig_wait_acknowledged(rig, TRIPPED);
    rig_wait_acknowledged(rig, RESET);
}

static void backlog_is_read_and_stored_and_told_at_the_next_start(void **state)
{
    rig_t *rig = *state;
    rig_start_redis(rig);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 200-0 payload {}"));
    rig_start_bus(rig);
    rig_expect_trip(rig, "Unknown", "{}", "200-0");
    rig_wait_acknowledged(rig, TRIPPED);
    rig_stop_bus(rig);
    rig_stop_redis(rig);
    rig_start_bus(rig);
    rig_expect_trip(rig, "Unknown", "{}", "200-0");
}

static void entry_that_is_not_understood_is_acknowledged(void **state)
{
    rig_t *rig = *state;
    rig_start_redis(rig);
    rig_start_bus(rig);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 300-0 payload garbage"));
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 300-1 payload [1]"));
    rig_wait_acknowledged(rig, TRIPPED);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 300-2 payload {}"));
    rig_expect_trip(rig, "Unknown", "{}", "300-2"); /* the first that has an effect */
}

static void emptied_redis_gets_its_group_again(void **state)
{
    rig_t *rig = *state;
    rig_start_redis(rig);
    rig_start_bus(rig);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 400-0 payload {}"));
    rig_expect_trip(rig, "Unknown", "{}", "400-0");
    freeReplyObject(rig_redis(rig, "FLUSHALL"));
    freeReplyObject(rig_redis(rig, "XADD " RESET " 401-0 user op"));
    rig_expect_trip(rig, NULL, NULL, "401-0");
    rig_wait_acknowledged(rig, RESET);
}

static void entry_of_a_dead_consumer_is_claimed(void **state)
{
    rig_t *rig = *state;
    rig_start_redis(rig);
    freeReplyObject(rig_redis(rig, "XGROUP CREATE " TRIPPED " " GROUP " 0 MKSTREAM"));
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 500-0 payload {}"));
    freeReplyObject(
        rig_redis(rig, "XREADGROUP GROUP " GROUP " dead COUNT 1 STREAMS " TRIPPED " >"));
    freeReplyObject(rig_redis(rig, "XCLAIM " TRIPPED " " GROUP " dead 0 500-0 IDLE 6000 JUSTID"));
    rig_start_bus(rig);
    rig_expect_trip(rig, "Unknown", "{}", "500-0");
    rig_wait_acknowledged(rig, TRIPPED);
}

typedef struct {
    rig_t *rig;
    bool is_tripped;
} trip_wait_t;

static bool stored_trip_is(void *context)
{
    const trip_wait_t *wait = context;
    store_error_t error;
    trip_t trip = {0};
    if (trip_state_load(wait->rig->store, &trip, &error))
        return false;
    bool is_so = trip.is_tripped == wait->is_tripped && trip.by != TRIP_BY_NOBODY;
    trip_clear(&trip);
    return is_so;
}

static void clear_in_the_log_resets_and_stays(void **state)
{
    rig_t *rig = *state;
    trip_wait_t wait = {.rig = rig};
    char entry_id[] = "600-0";
    alert_t alert;
    rig_start_redis(rig);
    rig_start_bus(rig);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 600-0 payload {}"));
    rig_expect_trip(rig, "Unknown", "{}", "600-0");
    alert_event_t event = rig_event(rig, &alert, ALERT_RESOLVED, "stop", EMERGENCY_STOP);
    alert.resolution = RESOLUTION_CLEARED;
    alert.entry_id = entry_id;
    rig_log(rig, &event);
    rig_publish_event(rig, &event);
    assert_true(support_wait_until(stored_trip_is, &wait, DEADLINE_MS));
    rig_wait_length(rig, RESOLVED, 1);
    /* An older entry changes nothing any more, a newer one does. */
    freeReplyObject(
        rig_redis(rig, "XADD quantum:stream:ess.state.changed 599-0 new_state TRIPPED"));
    rig_wait_acknowledged(rig, "quantum:stream:ess.state.changed");
    rig_stop_bus(rig);
    rig_start_bus(rig);
    rig_expect_trip(rig, NULL, NULL, "600-0");
}

/* Whether the entry of ess.tripped was delivered again. */
static bool is_delivered_again(void *context)
{
    rig_t *rig = context;
    redisReply *reply = rig_redis(rig, "XPENDING " TRIPPED " " GROUP " - + 1");
    bool is_again = reply->elements == 1 && reply->element[0]->element[3]->integer >= 2;
    freeReplyObject(reply);
    return is_again;
}

static void trip_is_told_although_the_disk_refuses(void **state)
{
    rig_t *rig = *state;
    store_error_t error;
    trip_wait_t wait = {.rig = rig, .is_tripped = true};
    rig_start_redis(rig);
    rig_start_bus(rig);
    assert_int_equal(store_begin(rig->store, &error), 0);
    freeReplyObject(rig_redis(rig, "XADD " TRIPPED " 700-0 payload {}"));
    rig_expect_trip(rig, "Unknown", "{}", "700-0");
    assert_true(support_wait_until(is_delivered_again, rig, DEADLINE_MS)); /* it was claimed */
    store_rollback(rig->store);
    assert_true(support_wait_until(stored_trip_is, &wait, DEADLINE_MS));
    rig_wait_acknowledged(rig, TRIPPED);
}

static void hung_redis_does_not_delay_the_end(void **state)
{
    rig_t *rig = *state;
    rig_start_redis(rig);
    rig_start_bus(rig);
    rig_publish_snapshot(rig, BASE_US, true);
    rig_wait_length(rig, SNAPSHOTS, 1);
    assert_int_equal(kill(rig->redis, SIGSTOP), 0);
    rig_publish_snapshot(rig, BASE_US + 1, true);
    wait_for_spool(rig, 1);
    int64_t before_us = clock_mono_us();
    rig_stop_bus(rig);
    assert_true(clock_mono_us() - before_us < 1000000);
    assert_int_equal(kill(rig->redis, SIGCONT), 0);
}

static void missing_url_is_told_to_the_supervisor(void **state)
{
    rig_t *rig = *state;
    /* Static: that the thread has ended, ThreadSanitizer cannot see through libczmq. */
    static const config_t no_bus = {.redis_url = NULL};
    static const log_t log = {.level = LOG_LEVEL_CRITICAL};
    static actor_args_t args = {.config = &no_bus, .log = &log, .start_id = "0123456789abcdef"};
    rig->bus = zactor_new(event_bus_actor, &args);
    char *word = NULL;
    char *reason = NULL;
    assert_int_equal(zstr_recvx(rig->bus, &word, &reason, NULL), 2);
    assert_string_equal(word, "failed");
    assert_non_null(strstr(reason, "Redis URL"));
    zstr_free(&word);
    zstr_free(&reason);
}

#define RIG_TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(events_have_six_fields_in_order),
        RIG_TEST(spool_goes_oldest_first_with_its_ids_after_a_restart),
        RIG_TEST(events_wait_while_redis_is_gone_and_go_when_it_is_back),
        RIG_TEST(refused_events_are_sent_from_memory_in_order_and_once),
        RIG_TEST(new_cursor_begins_at_the_end_and_then_misses_nothing),
        RIG_TEST(both_forms_trip_and_reset),
        RIG_TEST(backlog_is_read_and_stored_and_told_at_the_next_start),
        RIG_TEST(entry_that_is_not_understood_is_acknowledged),
        RIG_TEST(emptied_redis_gets_its_group_again),
        RIG_TEST(entry_of_a_dead_consumer_is_claimed),
        RIG_TEST(clear_in_the_log_resets_and_stays),
        RIG_TEST(trip_is_told_although_the_disk_refuses),
        RIG_TEST(hung_redis_does_not_delay_the_end),
        RIG_TEST(missing_url_is_told_to_the_supervisor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
