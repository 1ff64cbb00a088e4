/* The real alert manager: snapshots in, durable events out, questions answered. */
#include "tests/actor/alert_world.h"

/* --- the delivered cases --- */

static void critical_system_alert(void **state)
{
    world_t *world = *state;
    world_show(world, "system=CRITICAL risk_guard=DOWN redis=DOWN");
    alert_event_t *event = world_event(world, ALERT_RAISED, "system");
    assert_int_equal(event->alert->level, SEVERITY_CRITICAL);
    assert_string_equal(event->alert->title, "System Health CRITICAL");
    assert_string_equal(event->alert->message,
                        "Critical failures detected: Service: risk_guard, Infrastructure: redis");
    assert_true(event->is_durable);
    alert_event_destroy(&event);
    world_expect(world, ALERT_RAISED, "risk_guard");
    world_expect(world, ALERT_RAISED, "redis");
}

static void degraded_system_alert(void **state)
{
    world_t *world = *state;
    world_show(world, "system=DEGRADED scheduler=DEGRADED");
    alert_event_t *event = world_event(world, ALERT_RAISED, "system");
    assert_int_equal(event->alert->level, SEVERITY_WARNING);
    assert_string_equal(event->alert->title, "System Health DEGRADED");
    assert_string_equal(event->alert->message, "System degraded: 1 services degraded, 0 down");
    alert_event_destroy(&event);
    world_show(world, "");
    event = world_event(world, ALERT_RESOLVED, "system"); /* and nothing of the scheduler */
    assert_int_equal(event->alert->resolution, RESOLUTION_RECOVERED);
    alert_event_destroy(&event);
}

static void emergency_stop_event(void **state)
{
    world_t *world = *state;
    world_show(world, "system=CRITICAL stop=DOWN@1795488354224-0 new=redis");
    alert_event_t *event = world_event(world, ALERT_RAISED, EMERGENCY_STOP);
    assert_int_equal(event->alert->level, SEVERITY_CRITICAL);
    assert_string_equal(event->alert->title, "Emergency Stop System TRIPPED");
    assert_string_equal(event->alert->message, "ESS activated: Daily loss limit exceeded");
    assert_string_equal(event->alert->details, "{\"reason\": \"Daily loss limit exceeded\"}");
    assert_string_equal(event->alert->entry_id, "1795488354224-0");
    alert_event_destroy(&event);
}

static void active_alert_tracking(void **state)
{
    world_t *world = *state;
    answer_t *answer = world_ask(world, QUERY_ALERTS_ACTIVE, NULL, 0);
    assert_int_equal(answer->outcome, ANSWER_OK);
    assert_int_equal(answer->n_alerts, 0);
    answer_destroy(&answer);
    world_show(world, "system=CRITICAL risk_guard=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    world_expect(world, ALERT_RAISED, "risk_guard");
    world_show(world, "system=CRITICAL risk_guard=DOWN"); /* still: no second alert */
    world_show(world, "system=DEGRADED risk_guard=DEGRADED");
    alert_event_t *event = world_event(world, ALERT_RESOLVED, "system");
    assert_int_equal(event->alert->resolution, RESOLUTION_REPLACED);
    alert_event_destroy(&event);
    world_expect(world, ALERT_RAISED, "system");
    event = world_event(world, ALERT_RESOLVED, "risk_guard");
    answer = world_ask(world, QUERY_ALERTS_ACTIVE, NULL, 0);
    assert_int_equal(answer->n_alerts, 1);
    assert_string_equal(answer->alerts[0].title, "System Health DEGRADED");
    assert_int_equal(answer->snapshot_version, 3);
    assert_int_equal(answer->alert_seq, event->seq);
    answer_destroy(&answer);
    alert_event_destroy(&event);
}

static void history(void **state)
{
    world_t *world = *state;
    for (size_t i = 0; i < 5; i++) {
        world_show(world, "system=DEGRADED scheduler=DEGRADED");
        world_expect(world, ALERT_RAISED, "system");
        world_show(world, "");
        world_expect(world, ALERT_RESOLVED, "system");
    }
    world_show(world, "system=CRITICAL redis=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    world_expect(world, ALERT_RAISED, "redis");
    static const struct {
        int64_t limit;
        size_t n;
    } rows[] = {{1, 1}, {3, 3}, {7, 7}, {8, 7}, {500, 7}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        answer_t *answer = world_ask(world, QUERY_ALERTS_HISTORY, NULL, rows[i].limit);
        assert_int_equal(answer->n_alerts, rows[i].n);
        for (size_t j = 1; j < answer->n_alerts; j++)
            assert_true(answer->alerts[j].raised_at_us >= answer->alerts[j - 1].raised_at_us);
        const alert_t *newest = &answer->alerts[answer->n_alerts - 1];
        assert_string_equal(newest->component, "redis");
        assert_int_equal(newest->resolution, RESOLUTION_NONE);
        if (rows[i].n == 7) {
            assert_int_equal(answer->alerts[0].resolution, RESOLUTION_RECOVERED);
            assert_true(answer->alerts[0].resolved_at_us > answer->alerts[0].raised_at_us);
        }
        answer_destroy(&answer);
    }
}

/* --- disk --- */

static void an_event_is_on_disk_before_it_is_published(void **state)
{
    world_t *world = *state;
    for (uint64_t seq = 1; seq <= 20; seq++) {
        world_show(world, seq % 2 ? "system=DEGRADED scheduler=DEGRADED" : "");
        alert_event_t *event =
            world_event(world, seq % 2 ? ALERT_RAISED : ALERT_RESOLVED, "system");
        assert_int_equal(event->seq, seq);
        assert_true(event->is_durable);
        alert_events_t logged;
        store_error_t error;
        assert_int_equal(alert_log_read(world->store, seq - 1, 10, &logged, &error), 0);
        assert_int_equal(logged.n_events, 1);
        zframe_t *on_disk = support_encoded(&alert_event_schema, &logged.events[0]);
        zframe_t *published = support_encoded(&alert_event_schema, event);
        assert_true(zframe_eq(on_disk, published));
        zframe_destroy(&on_disk);
        zframe_destroy(&published);
        alert_events_clear(&logged);
        alert_event_destroy(&event);
    }
}

static void a_restart_keeps_ids_and_raises_nothing_again(void **state)
{
    world_t *world = *state;
    world_show(world, "system=CRITICAL redis=DOWN postgres=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    alert_event_t *redis = world_event(world, ALERT_RAISED, "redis");
    alert_event_t *postgres = world_event(world, ALERT_RAISED, "postgres");
    assert_int_equal(world_clear(world, postgres->alert->alert_id), ANSWER_OK);
    world_expect(world, ALERT_RESOLVED, "postgres");

    world_stop(world);
    world_start(world);
    world_show(world, "system=CRITICAL redis=DOWN postgres=DOWN"); /* nothing follows from it */
    world_show(world, "system=CRITICAL redis=DOWN postgres=DOWN risk_guard=DOWN");
    alert_event_t *event = world_event(world, ALERT_UPDATED, "system");
    assert_int_equal(event->seq, postgres->seq + 2); /* after the clear */
    alert_event_destroy(&event);
    world_expect(world, ALERT_RAISED, "risk_guard");
    answer_t *answer = world_ask(world, QUERY_ALERTS_ACTIVE, NULL, 0);
    assert_int_equal(answer->n_alerts, 3);
    assert_string_equal(answer->alerts[1].alert_id, redis->alert->alert_id);
    answer_destroy(&answer);

    world_stop(world);
    world_start(world);
    world_show(world, ""); /* everything ended meanwhile */
    world_expect(world, ALERT_RESOLVED, "system");
    world_expect(world, ALERT_RESOLVED, "risk_guard");
    event = world_event(world, ALERT_RESOLVED, "redis");
    assert_string_equal(event->alert->alert_id, redis->alert->alert_id);
    assert_int_equal(event->alert->raised_at_us, redis->alert->raised_at_us);
    alert_event_destroy(&event);
    world_show(world, "system=CRITICAL postgres=DOWN"); /* quiet no longer */
    world_expect(world, ALERT_RAISED, "system");
    event = world_event(world, ALERT_RAISED, "postgres");
    assert_string_not_equal(event->alert->alert_id, postgres->alert->alert_id);
    alert_event_destroy(&event);
    alert_event_destroy(&redis);
    alert_event_destroy(&postgres);
}

static void a_state_folder_that_cannot_be_used_fails_the_start(void **state)
{
    world_t *world = *state;
    world_stop(world);
    const support_variable_t variables[] = {{"HEALTHD_STATE_DIR", "/dev/null/x"}, {NULL, NULL}};
    config_destroy(&world->config);
    world->config = support_config(variables);
    world->args.config = world->config;
    support_wait_for_endpoint(ENDPOINT_ALERTS);
    support_wait_for_endpoint(ENDPOINT_ASK_ALERTS);
    world->actor = support_actor_start(alert_manager_actor, &world->args);
    char *reason = support_actor_failure(world->actor);
    assert_memory_equal(reason, "HEALTHD_STATE_DIR: ", strlen("HEALTHD_STATE_DIR: "));
    assert_non_null(strstr(reason, "/dev/null/x"));
    zstr_free(&reason);
}

/* --- clear --- */

static void a_clear_is_told_logged_and_quiet(void **state)
{
    world_t *world = *state;
    world_show(world, "system=CRITICAL redis=DOWN");
    world_expect(world, ALERT_RAISED, "system");
    alert_event_t *redis = world_event(world, ALERT_RAISED, "redis");
    assert_int_equal(world_clear(world, "nobody"), ANSWER_NOT_FOUND);
    assert_int_equal(world_clear(world, NULL), ANSWER_NOT_FOUND);
    assert_int_equal(world_clear(world, redis->alert->alert_id), ANSWER_OK);
    alert_event_t *cleared = world_event(world, ALERT_RESOLVED, "redis");
    assert_int_equal(cleared->alert->resolution, RESOLUTION_CLEARED);
    assert_string_equal(cleared->alert->alert_id, redis->alert->alert_id);
    assert_int_equal(cleared->seq, redis->seq + 1);
    assert_int_equal(world_last_seq(world), cleared->seq);
    assert_int_equal(world_clear(world, redis->alert->alert_id), ANSWER_NOT_FOUND);
    world_show(world, "system=CRITICAL redis=DOWN");
    world_show(world, "");
    world_expect(world, ALERT_RESOLVED, "system"); /* the next word is not of redis */
    alert_event_destroy(&redis);
    alert_event_destroy(&cleared);
}

static void a_clear_of_the_stop_is_answered_when_a_snapshot_shows_it(void **state)
{
    world_t *world = *state;
    world_show(world, "system=CRITICAL stop=DOWN@5-0");
    world_expect(world, ALERT_RAISED, "system");
    alert_event_t *stop = world_event(world, ALERT_RAISED, EMERGENCY_STOP);
    const query_t clear = {
        .request_id = 1000, .verb = QUERY_ALERT_CLEAR, .alert_id = stop->alert->alert_id};
    support_send(world->ask, &query_schema, &clear, NULL);
    probe_results_t *results = support_receive(world->results, &probe_results_schema, NULL);
    assert_int_equal(results->n_results, 1);
    assert_string_equal(results->results[0].target, EMERGENCY_STOP);
    assert_int_equal(results->results[0].status, STATUS_OK);
    assert_true(results->results[0].is_clear);
    assert_string_equal(results->results[0].entry_id, "5-0");
    probe_results_destroy(&results);
    alert_event_t *cleared = world_event(world, ALERT_RESOLVED, EMERGENCY_STOP);
    assert_int_equal(cleared->alert->resolution, RESOLUTION_CLEARED);
    assert_int_equal(world_last_seq(world), cleared->seq);
    alert_event_destroy(&cleared);
    /* Another question is answered first. */
    answer_t *answer = world_ask(world, QUERY_ALERTS_ACTIVE, NULL, 0);
    assert_int_equal(answer->n_alerts, 1);
    answer_destroy(&answer);
    world_show(world, "stop=OK@5-0");
    world_expect(world, ALERT_RESOLVED, "system");
    answer = support_receive(world->ask, &answer_schema, NULL);
    assert_int_equal(answer->request_id, 1000);
    assert_int_equal(answer->outcome, ANSWER_OK);
    assert_int_equal(answer->snapshot_version, world->version);
    answer_destroy(&answer);
    alert_event_destroy(&stop);
}

static void a_clear_of_the_stop_is_answered_at_last_without_a_snapshot(void **state)
{
    world_t *world = *state;
    for (size_t i = 1; i <= 3; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "system=CRITICAL stop=DOWN@%zu-0", i);
        world_show(world, line);
        if (i == 1)
            world_expect(world, ALERT_RAISED, "system");
        alert_event_t *stop = world_event(world, ALERT_RAISED, EMERGENCY_STOP);
        int64_t asked_us = clock_mono_us();
        const query_t clear = {
            .request_id = 1000, .verb = QUERY_ALERT_CLEAR, .alert_id = stop->alert->alert_id};
        support_send(world->ask, &query_schema, &clear, NULL);
        world_expect(world, ALERT_RESOLVED, EMERGENCY_STOP);
        for (bool is_answered = false; !is_answered;) {
            /* Questions wake its loop at every fraction of a millisecond: a deadline that comes a
             * little early must not be lost. */
            const query_t other = {.request_id = 7, .verb = QUERY_ALERTS_ACTIVE};
            if (clock_mono_us() - asked_us < 900000)
                support_send(world->ask, &query_schema, &other, NULL);
            answer_t *answer = support_receive(world->ask, &answer_schema, NULL);
            is_answered = answer->request_id == 1000;
            assert_int_equal(answer->outcome, ANSWER_OK);
            answer_destroy(&answer);
        }
        assert_true(clock_mono_us() - asked_us >= 999000);
        alert_event_destroy(&stop);
    }
}

/* --- gaps --- */

static void after_a_gap_it_asks_for_the_whole_state(void **state)
{
    world_t *world = *state;
    snapshot_t lost = support_snapshot("system=CRITICAL redis=DOWN");
    lost.version = 7;
    lost.base_version = 6;
    lost.is_whole = false;
    support_send(world->health, &snapshot_schema, &lost, NULL);
    snapshot_clear(&lost);
    for (size_t i = 0; i < 2; i++) { /* at its start, and for the gap */
        zframe_t *asker = NULL;
        query_t *query = support_receive(world->ask_health, &query_schema, &asker);
        assert_int_equal(query->verb, QUERY_WHOLE_STATE);
        snapshot_t whole = support_snapshot("system=CRITICAL postgres=DOWN");
        whole.version = 7;
        const answer_t answer = {
            .request_id = query->request_id, .snapshot_version = 7, .snapshot = &whole};
        support_send(world->ask_health, &answer_schema, &answer, asker);
        snapshot_clear(&whole);
        query_destroy(&query);
        zframe_destroy(&asker);
    }
    world_expect(world, ALERT_RAISED, "system");
    world_expect(world, ALERT_RAISED, "postgres"); /* as the answer says */
    world->version = 7;
    world_show(world, "");
    world_expect(world, ALERT_RESOLVED, "system");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(critical_system_alert),
        WORLD_TEST(degraded_system_alert),
        WORLD_TEST(emergency_stop_event),
        WORLD_TEST(active_alert_tracking),
        WORLD_TEST(history),
        WORLD_TEST(an_event_is_on_disk_before_it_is_published),
        WORLD_TEST(a_restart_keeps_ids_and_raises_nothing_again),
        WORLD_TEST(a_state_folder_that_cannot_be_used_fails_the_start),
        WORLD_TEST(a_clear_is_told_logged_and_quiet),
        WORLD_TEST(a_clear_of_the_stop_is_answered_when_a_snapshot_shows_it),
        WORLD_TEST(a_clear_of_the_stop_is_answered_at_last_without_a_snapshot),
        WORLD_TEST(after_a_gap_it_asks_for_the_whole_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
