/*
 * The alert manager while the disk refuses: another connection holds the database for longer than
 * the busy time-out (STORE_BUSY_MS), so that every write fails.
 */
#include <healthd/finding.h>

#include "tests/actor/alert_world.h"

static void lock_disk(world_t *world)
{
    store_error_t error;
    if (store_begin(world->store, &error))
        fail_msg("%s", error.text);
}

static void unlock_disk(world_t *world)
{
    store_rollback(world->store);
}

/* Whether the newest event on disk is at least number EXPECTED. */
typedef struct {
    world_t *world;
    uint64_t expected;
} disk_wait_t;

static bool has_reached_disk(void *context)
{
    disk_wait_t *wait = context;
    return world_last_seq(wait->world) >= wait->expected;
}

static void wait_for_disk(world_t *world, uint64_t seq)
{
    disk_wait_t wait = {.world = world, .expected = seq};
    assert_true(support_wait_until(has_reached_disk, &wait, SUPPORT_DEADLINE_MS));
}

/* As world_expect, but the trouble's own events may come at any time. */
static void expect_beside_trouble(world_t *world, alert_event_kind_t kind, const char *component)
{
    alert_event_t *event = support_receive(world->alerts, &alert_event_schema, NULL);
    while (strcmp(event->alert->component, STORAGE_TROUBLE_COMPONENT) == 0) {
        alert_event_destroy(&event);
        event = support_receive(world->alerts, &alert_event_schema, NULL);
    }
    assert_int_equal(event->kind, kind);
    assert_string_equal(event->alert->component, component);
    alert_event_destroy(&event);
}

static void an_alert_is_sent_all_the_same_and_written_later_under_its_number(void **state)
{
    world_t *world = *state;
    world_show(world, "system=DEGRADED scheduler=DEGRADED");
    world_expect(world, ALERT_RAISED, "system");
    lock_disk(world);
    world_show(world, "system=CRITICAL redis=DOWN");
    alert_event_t *events[5] = {
        world_event(world, ALERT_RESOLVED, "system"),
        world_event(world, ALERT_RAISED, "system"),
        world_event(world, ALERT_RAISED, "redis"),
        world_event(world, ALERT_RAISED, STORAGE_TROUBLE_COMPONENT),
    };
    world_show(world, "system=CRITICAL redis=DOWN postgres=DOWN");
    world_expect(world, ALERT_UPDATED, "system");
    events[4] = world_event(world, ALERT_RAISED, "postgres");
    static const uint64_t numbers[] = {2, 3, 4, 5, 7};
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        assert_false(events[i]->is_durable);
        assert_int_equal(events[i]->seq, numbers[i]);
    }
    assert_int_equal(world_last_seq(world), 1);
    answer_t *answer = world_ask(world, QUERY_ALERTS_ACTIVE, NULL, 0);
    assert_int_equal(answer->n_alerts, 4); /* reading never waits for the disk */
    assert_int_equal(answer->alert_seq, 7);
    for (size_t i = 0; i < answer->n_alerts; i++)
        assert_true(answer->alerts[i].is_unwritten);
    answer_destroy(&answer);

    unlock_disk(world);
    alert_event_t *over = world_event(world, ALERT_RESOLVED, STORAGE_TROUBLE_COMPONENT);
    assert_true(over->is_durable);
    assert_int_equal(over->seq, 8);
    assert_int_equal(over->alert->resolution, RESOLUTION_RECOVERED);
    alert_event_destroy(&over);
    wait_for_disk(world, 8);
    answer = world_ask(world, QUERY_ALERTS_ACTIVE, NULL, 0);
    assert_int_equal(answer->n_alerts, 3);
    for (size_t i = 0; i < answer->n_alerts; i++)
        assert_false(answer->alerts[i].is_unwritten);
    answer_destroy(&answer);
    alert_events_t logged;
    store_error_t error;
    assert_int_equal(alert_log_read(world->store, 1, 10, &logged, &error), 0);
    assert_int_equal(logged.n_events, 7);
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        const alert_event_t *event = &logged.events[numbers[i] - 2];
        assert_int_equal(event->seq, numbers[i]);
        assert_int_equal(event->kind, events[i]->kind);
        assert_string_equal(event->alert->alert_id, events[i]->alert->alert_id);
        assert_true(event->is_durable);
        alert_event_destroy(&events[i]);
    }
    alert_events_clear(&logged);
    world_show(world, "");
    alert_event_t *next = world_event(world, ALERT_RESOLVED, "system");
    assert_true(next->is_durable);
    assert_int_equal(next->seq, 9);
    alert_event_destroy(&next);
}

/* The log as it is at this moment holds every number up to its newest. */
static uint64_t assert_no_gap(world_t *world)
{
    alert_events_t logged;
    store_error_t error;
    assert_int_equal(alert_log_read(world->store, 0, ALERT_LOG_READ_MAX, &logged, &error), 0);
    for (size_t i = 0; i < logged.n_events; i++)
        assert_int_equal(logged.events[i].seq, i + 1);
    uint64_t newest = logged.n_events;
    alert_events_clear(&logged);
    return newest;
}

/* A reader's cursor would pass over what is written late. */
static void what_waits_for_the_disk_is_never_overtaken(void **state)
{
    world_t *world = *state;
    lock_disk(world);
    world_show(world, "system=DEGRADED scheduler=DEGRADED");
    world_expect(world, ALERT_RAISED, "system");
    unlock_disk(world); /* what comes next finds a disk that takes it */
    world_expect(world, ALERT_RAISED, STORAGE_TROUBLE_COMPONENT);
    for (uint64_t turn = 0; turn < 8; turn++) {
        world_show(world, turn % 2 ? "system=DEGRADED scheduler=DEGRADED" : "");
        expect_beside_trouble(world, turn % 2 ? ALERT_RAISED : ALERT_RESOLVED, "system");
        (void)assert_no_gap(world);
    }
    wait_for_disk(world, 11); /* the end of the trouble too */
    assert_int_equal(assert_no_gap(world), 11);
}

static void a_clear_is_refused_and_changes_nothing(void **state)
{
    world_t *world = *state;
    world_show(world, "system=CRITICAL redis=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    alert_event_t *redis = world_event(world, ALERT_RAISED, "redis");
    lock_disk(world);
    assert_int_equal(world_clear(world, redis->alert->alert_id), ANSWER_REFUSED);
    answer_t *answer = world_ask(world, QUERY_ALERTS_ACTIVE, NULL, 0);
    assert_int_equal(answer->n_alerts, 3);               /* the trouble itself */
    assert_int_equal(answer->alert_seq, redis->seq + 1); /* the clear used no number */
    answer_destroy(&answer);
    world_expect(world, ALERT_RAISED, STORAGE_TROUBLE_COMPONENT);
    world_show(world, "system=CRITICAL redis=DOWN postgres=DOWN");
    world_expect(world, ALERT_UPDATED, "system"); /* nothing was told of the clear */
    alert_event_t *postgres = world_event(world, ALERT_RAISED, "postgres");
    assert_false(postgres->is_durable);
    assert_int_equal(world_clear(world, redis->alert->alert_id), ANSWER_REFUSED);
    unlock_disk(world);
    wait_for_disk(world, postgres->seq + 1);
    world_expect(world, ALERT_RESOLVED, STORAGE_TROUBLE_COMPONENT);
    assert_int_equal(world_clear(world, redis->alert->alert_id), ANSWER_OK);
    alert_event_t *cleared = world_event(world, ALERT_RESOLVED, "redis");
    assert_true(cleared->is_durable);
    assert_int_equal(cleared->seq, postgres->seq + 2);
    alert_event_destroy(&cleared);
    alert_event_destroy(&postgres);
    alert_event_destroy(&redis);
}

/* Where nothing waits only the clear itself has found out; the trouble ends all the same. */
static void a_refused_clear_alone_is_storage_trouble_until_the_disk_is_back(void **state)
{
    world_t *world = *state;
    world_show(world, "system=CRITICAL redis=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    alert_event_t *redis = world_event(world, ALERT_RAISED, "redis");
    lock_disk(world);
    assert_int_equal(world_clear(world, redis->alert->alert_id), ANSWER_REFUSED);
    alert_event_t *trouble = world_event(world, ALERT_RAISED, STORAGE_TROUBLE_COMPONENT);
    assert_false(trouble->is_durable);
    assert_int_equal(trouble->seq, redis->seq + 1);
    assert_int_equal(trouble->alert->level, SEVERITY_CRITICAL);
    assert_int_equal(trouble->alert->kind, ALERT_KIND_STORAGE_TROUBLE);
    assert_non_null(strstr(trouble->alert->message, "state.db"));
    unlock_disk(world);
    alert_event_t *over = world_event(world, ALERT_RESOLVED, STORAGE_TROUBLE_COMPONENT);
    assert_true(over->is_durable);
    assert_string_equal(over->alert->alert_id, trouble->alert->alert_id);
    world_show(world, "");
    alert_event_t *event = world_event(world, ALERT_RESOLVED, "system");
    assert_true(event->is_durable);
    assert_int_equal(event->seq, redis->seq + 3);
    alert_event_destroy(&event);
    alert_event_destroy(&over);
    alert_event_destroy(&trouble);
    alert_event_destroy(&redis);
}

static void what_was_never_written_is_raised_again_after_a_restart(void **state)
{
    world_t *world = *state;
    lock_disk(world);
    world_show(world, "system=CRITICAL redis=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    alert_event_t *lost = world_event(world, ALERT_RAISED, "redis");
    assert_false(lost->is_durable);
    world_stop(world);
    unlock_disk(world);
    world_start(world);
    world_show(world, "system=CRITICAL redis=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    alert_event_t *again = world_event(world, ALERT_RAISED, "redis");
    assert_true(again->is_durable);
    alert_event_destroy(&again);
    alert_event_destroy(&lost);
}

/* Shows another state each time, so that an event comes with each. */
static bool reaches_disk_under_a_stream_of_events(void *context)
{
    disk_wait_t *wait = context;
    world_show(wait->world, wait->world->version % 2 ? "" : "system=DEGRADED scheduler=DEGRADED");
    expect_beside_trouble(wait->world, wait->world->version % 2 ? ALERT_RAISED : ALERT_RESOLVED,
                          "system");
    return has_reached_disk(wait);
}

static void events_that_do_not_stop_put_no_write_off(void **state)
{
    world_t *world = *state;
    disk_wait_t wait = {.world = world, .expected = 2};
    lock_disk(world);
    world_show(world, "system=DEGRADED scheduler=DEGRADED");
    world_expect(world, ALERT_RAISED, "system");
    unlock_disk(world);
    assert_true(
        support_wait_until(reaches_disk_under_a_stream_of_events, &wait, SUPPORT_DEADLINE_MS / 2));
}

/* N alerts that were raised and resolved, as an earlier run left them. */
static void fill_log(world_t *world, size_t n)
{
    alert_event_t *events = calloc(2 * n, sizeof *events);
    alert_t *alerts = calloc(2 * n, sizeof *alerts);
    char(*ids)[32] = calloc(n, sizeof *ids);
    assert_true(events && alerts && ids);
    for (size_t i = 0; i < 2 * n; i++) {
        bool is_end = i % 2;
        (void)snprintf(ids[i / 2], sizeof *ids, "scheduler_%zu", i / 2);
        alerts[i] = (alert_t){.alert_id = ids[i / 2],
                              .component = support_text("scheduler"),
                              .level = SEVERITY_CRITICAL,
                              .title = support_text("t"),
                              .message = support_text("m"),
                              .details = support_text("{}"),
                              .raised_at_us = 1,
                              .resolved_at_us = is_end ? 2 : 0,
                              .resolution = is_end ? RESOLUTION_RECOVERED : RESOLUTION_NONE};
        events[i] = (alert_event_t){.seq = i + 1,
                                    .kind = is_end ? ALERT_RESOLVED : ALERT_RAISED,
                                    .at_us = 1,
                                    .alert = &alerts[i]};
    }
    store_error_t error;
    if (alert_log_append(world->store, events, 2 * n, NULL, 0, &error))
        fail_msg("%s", error.text);
    free(ids);
    free(alerts);
    free(events);
}

static bool is_oldest_event(void *context)
{
    disk_wait_t *wait = context;
    alert_events_t logged;
    store_error_t error;
    if (alert_log_read(wait->world->store, 0, 1, &logged, &error))
        return false;
    bool is_so = logged.n_events == 1 && logged.events[0].seq == wait->expected;
    alert_events_clear(&logged);
    return is_so;
}

/* Several steps of deletion: an interval may bring more than one step takes. */
static void one_interval_deletes_all_that_is_too_old(void **state)
{
    world_t *world = *state;
    const size_t n_old = 5 * ALERT_LOG_PRUNE_STEP;
    disk_wait_t wait = {.world = world, .expected = 2 * n_old + 1};
    world_stop(world);
    fill_log(world, ALERT_LOG_KEPT_ALERTS + n_old);
    world_start(world);
    snapshot_t snapshot = support_snapshot("");
    snapshot.version = ++world->version;
    snapshot.is_periodic = true;
    support_send(world->health, &snapshot_schema, &snapshot, NULL);
    snapshot_clear(&snapshot);
    assert_true(support_wait_until(is_oldest_event, &wait, SUPPORT_DEADLINE_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(an_alert_is_sent_all_the_same_and_written_later_under_its_number),
        WORLD_TEST(what_waits_for_the_disk_is_never_overtaken),
        WORLD_TEST(a_clear_is_refused_and_changes_nothing),
        WORLD_TEST(a_refused_clear_alone_is_storage_trouble_until_the_disk_is_back),
        WORLD_TEST(what_was_never_written_is_raised_again_after_a_restart),
        WORLD_TEST(events_that_do_not_stop_put_no_write_off),
        WORLD_TEST(one_interval_deletes_all_that_is_too_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
