/* The real publisher: snapshots and alert events in, topics and msgpack maps out. */
#include "proto/render.h"
#include "tests/actor/publisher_world.h"

static void a_late_subscriber_gets_the_last_value_at_once(void **state)
{
    world_t *world = *state;
    start_on_free_port(world);
    show(world, "system=CRITICAL redis=DOWN", false, false); /* not sent out by itself */
    support_actor_settle(world->actor);
    zsock_t *first = subscriber(world, "health.");
    zframe_t *payload = receive(first, SNAPSHOT, "Infrastructure: redis");
    snapshot_t snapshot = support_snapshot("system=CRITICAL redis=DOWN");
    msgpack_sbuffer expected;
    msgpack_sbuffer_init(&expected);
    assert_int_equal(render_system(&snapshot, 0, RENDER_MSGPACK, &expected), 0);
    assert_int_equal(zframe_size(payload), expected.size);
    assert_memory_equal(zframe_data(payload), expected.data, expected.size);
    msgpack_sbuffer_destroy(&expected);
    snapshot_clear(&snapshot);
    zframe_destroy(&payload);

    zsock_t *second = subscriber(world, "health."); /* the same topic again */
    expect(second, SNAPSHOT, "Infrastructure: redis");
    zsock_destroy(&first);
    zsock_destroy(&second);
}

static void a_path_serves_as_well(void **state)
{
    world_t *world = *state;
    char endpoint[96];
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/publish", world->folder);
    start(world, endpoint, false);
    show(world, "system=CRITICAL postgres=DOWN", true, false);
    zsock_t *sub = settled_subscriber(world, "");
    tell(world, ALERT_RAISED, "over a path", true);
    expect(sub, RAISED, "over a path");
    zsock_destroy(&sub);
}

static void prefixes_choose_what_comes(void **state)
{
    world_t *world = *state;
    start_on_free_port(world);
    show(world, "", true, false);
    zsock_t *all = settled_subscriber(world, "");
    zsock_t *exact = settled_subscriber(world, SNAPSHOT);
    zsock_t *alerts = subscriber(world, "health.alert_");
    /* The alerts' subscriber has no last value: events until it hears one. */
    for (unsigned n = 0; !support_is_readable(alerts, 20); n++) {
        assert_in_range(n, 0, 500);
        tell(world, ALERT_RAISED, "are you there", true);
    }
    expect(alerts, RAISED, "are you there");
    tell(world, ALERT_RESOLVED, "the end", true);
    for (bool is_end = false; !is_end;) { /* what is left of those events, then the end */
        zmsg_t *message = zmsg_recv(alerts);
        assert_non_null(message);
        is_end = zframe_streq(zmsg_first(message), RESOLVED);
        assert_true(is_end || zframe_streq(zmsg_first(message), RAISED));
        zmsg_destroy(&message);
    }
    show(world, "system=CRITICAL redis=DOWN", false, true);
    expect(exact, SNAPSHOT, "Infrastructure: redis"); /* no alert before it */
    zsock_destroy(&all);
    zsock_destroy(&exact);
    zsock_destroy(&alerts);
}

static void what_goes_out_is_each_interval_each_change_and_both_ends_of_an_alert(void **state)
{
    world_t *world = *state;
    start_on_free_port(world);
    show(world, "", true, false);
    zsock_t *sub = settled_subscriber(world, "");
    show(world, "scheduler=DEGRADED system=DEGRADED", false, true);
    expect(sub, SNAPSHOT, "DEGRADED");
    show(world, "scheduler=DEGRADED system=DEGRADED redis=DEGRADED", false, false); /* neither */
    show(world, "system=CRITICAL redis=DOWN", true, false);
    expect(sub, SNAPSHOT, "Infrastructure: redis");
    tell(world, ALERT_UPDATED, "never sent", true);
    tell(world, ALERT_RAISED, "raised", true);
    zframe_t *raised = receive(sub, RAISED, "raised");
    alert_t alert = alert_of("raised", RESOLUTION_NONE);
    msgpack_sbuffer expected;
    msgpack_sbuffer_init(&expected);
    assert_int_equal(render_alert(&alert, false, true, RENDER_MSGPACK, &expected), 0);
    assert_int_equal(zframe_size(raised), expected.size);
    assert_memory_equal(zframe_data(raised), expected.data, expected.size);
    msgpack_sbuffer_destroy(&expected);
    zframe_destroy(&raised);
    tell(world, ALERT_RAISED, "not on disk", false);
    expect(sub, RAISED, "durable");
    tell(world, ALERT_RESOLVED, "resolved", true);
    expect(sub, RESOLVED, "recovered");
    zsock_destroy(&sub);
}

/* Answers the next question about the whole state with VERSION, as LINE says. */
static void answer_with(world_t *world, uint64_t version, const char *line)
{
    zframe_t *asker = NULL;
    query_t *query = support_receive(world->ask_health, &query_schema, &asker);
    assert_int_equal(query->verb, QUERY_WHOLE_STATE);
    snapshot_t whole = support_snapshot(line);
    whole.version = version;
    whole.is_periodic = true; /* so was that version; the event is over */
    const answer_t answer = {
        .request_id = query->request_id, .snapshot_version = version, .snapshot = &whole};
    support_send(world->ask_health, &answer_schema, &answer, asker);
    snapshot_clear(&whole);
    query_destroy(&query);
    zframe_destroy(&asker);
    support_actor_settle(world->actor);
    world->version = version;
}

static void an_actor_started_anew_asks_for_the_state(void **state)
{
    world_t *world = *state;
    start_on_free_port(world);
    answer_with(world, 41, "system=CRITICAL postgres=DOWN");
    zsock_t *sub = subscriber(world, SNAPSHOT);
    expect(sub, SNAPSHOT, "Infrastructure: postgres"); /* though no snapshot came meanwhile */
    zsock_destroy(&sub);
}

static void after_a_gap_only_another_status_is_news(void **state)
{
    world_t *world = *state;
    start_on_free_port(world);
    answer_with(world, 1, "system=CRITICAL postgres=DOWN");
    zsock_t *sub = settled_subscriber(world, "");
    static const struct {
        const char *line;
        const char *news;
    } rows[] = {
        {"system=CRITICAL redis=DOWN", NULL},
        {"system=DEGRADED scheduler=DEGRADED", "DEGRADED"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        snapshot_t lost = support_snapshot("");
        lost.version = world->version + 9;
        lost.base_version = lost.version - 1;
        lost.is_whole = false;
        support_send(world->health, &snapshot_schema, &lost, NULL);
        uint64_t version = lost.version;
        snapshot_clear(&lost);
        answer_with(world, version, rows[i].line);
        tell(world, ALERT_RAISED, "after the answer", true);
        if (rows[i].news)
            expect(sub, SNAPSHOT, rows[i].news);
        expect(sub, RAISED, "after the answer");
    }
    zsock_destroy(&sub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_late_subscriber_gets_the_last_value_at_once),
        WORLD_TEST(a_path_serves_as_well),
        WORLD_TEST(prefixes_choose_what_comes),
        WORLD_TEST(what_goes_out_is_each_interval_each_change_and_both_ends_of_an_alert),
        WORLD_TEST(an_actor_started_anew_asks_for_the_state),
        WORLD_TEST(after_a_gap_only_another_status_is_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
