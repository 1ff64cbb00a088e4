/* Pauses and their end, by a real alert manager with a real state.db. */
#include "store/pauses.h"
#include "tests/actor/alert_world.h"

static pause_t pause_for(int64_t span_us)
{
    int64_t now_us = clock_wall_us();
    return (pause_t){.reason = support_text("disks"),
                     .by = support_text("token"),
                     .since_us = now_us,
                     .until_us = span_us ? now_us + span_us : 0};
}

static void ask(world_t *world, query_verb_t verb, const char *target, pause_t *pause)
{
    const query_t query = {.request_id = ++world->request_id,
                           .verb = (int)verb,
                           .target = target ? support_text(target) : NULL,
                           .pause = pause};
    support_send(world->ask, &query_schema, &query, NULL);
}

static void expect_answer(world_t *world, answer_outcome_t outcome)
{
    answer_t *answer = support_receive(world->ask, &answer_schema, NULL);
    assert_int_equal(answer->request_id, world->request_id);
    assert_int_equal(answer->outcome, outcome);
    answer_destroy(&answer);
}

/* The aggregator hears that TARGET is paused, or goes on. */
static void expect_change(world_t *world, const char *target, bool is_paused)
{
    probe_results_t *batch = support_receive(world->results, &probe_results_schema, NULL);
    assert_int_equal(batch->n_results, 0);
    assert_int_equal(batch->n_pauses, 1);
    assert_string_equal(batch->pauses[0].target, target);
    assert_int_equal(batch->pauses[0].pause != NULL, is_paused);
    if (is_paused) {
        assert_string_equal(batch->pauses[0].pause->reason, "disks");
        assert_string_equal(batch->pauses[0].pause->by, "token");
    }
    probe_results_destroy(&batch);
}

/* Publishes a snapshot in which TARGET has PAUSE (NULL: none). */
static void show(world_t *world, const char *target, pause_t *pause)
{
    snapshot_t snapshot = support_snapshot("");
    snapshot.version = ++world->version;
    target_state_t *state = NULL;
    for (size_t i = 0; i < snapshot.n_targets; i++)
        if (strcmp(snapshot.targets[i].name, target) == 0)
            state = &snapshot.targets[i];
    assert_non_null(state);
    state->pause = pause;
    support_send(world->health, &snapshot_schema, &snapshot, NULL);
    state->pause = NULL;
    snapshot_clear(&snapshot);
}

static void it_is_answered_when_a_snapshot_shows_it(void **state)
{
    world_t *world = *state;
    show(world, "redis", NULL);
    pause_t pause = pause_for(0);
    ask(world, QUERY_PAUSE, "redis", &pause);
    expect_change(world, "redis", true);
    pause_t other = pause_for(0);
    other.since_us = 1; /* an older one of the same target */
    show(world, "redis", &other);
    support_actor_settle(world->actor);
    assert_false(support_is_readable(world->ask, 0));
    show(world, "redis", &pause);
    expect_answer(world, ANSWER_OK);
    ask(world, QUERY_RESUME, "redis", NULL);
    expect_change(world, "redis", false);
    support_actor_settle(world->actor);
    assert_false(support_is_readable(world->ask, 0));
    show(world, "redis", NULL);
    expect_answer(world, ANSWER_OK);
}

static void an_aggregator_that_is_silent_is_waited_for_one_second(void **state)
{
    world_t *world = *state;
    pause_t pause = pause_for(0);
    int64_t asked_ms = zclock_mono();
    ask(world, QUERY_PAUSE, "redis", &pause);
    expect_answer(world, ANSWER_OK); /* it is on disk */
    assert_in_range(zclock_mono() - asked_ms, 999, 999 + SUPPORT_DEADLINE_MS);
}

static void stored_pauses_are_told_at_the_next_start(void **state)
{
    world_t *world = *state;
    pause_t pause = pause_for(0);
    ask(world, QUERY_PAUSE, "redis", &pause);
    expect_change(world, "redis", true);
    show(world, "redis", &pause);
    expect_answer(world, ANSWER_OK);
    world_stop(world);
    world_start(world);
    expect_change(world, "redis", true);
    show(world, "redis", &pause);
    ask(world, QUERY_RESUME, "redis", NULL);
    expect_change(world, "redis", false);
    show(world, "redis", NULL);
    expect_answer(world, ANSWER_OK);
    world_stop(world);
    world_start(world);
    support_actor_settle(world->actor);
    assert_false(support_is_readable(world->results, 0));
}

static void a_pause_ends_by_itself_also_after_a_restart(void **state)
{
    world_t *world = *state;
    pause_t pause = pause_for(300000);
    ask(world, QUERY_PAUSE, "redis", &pause);
    expect_change(world, "redis", true);
    expect_change(world, "redis", false);
    assert_true(clock_wall_us() >= pause.until_us);
    show(world, "redis", NULL);
    pause = pause_for(600000);
    world->request_id++;
    ask(world, QUERY_PAUSE, "scheduler", &pause);
    expect_change(world, "scheduler", true);
    world_stop(world);
    world_start(world);
    expect_change(world, "scheduler", true);
    expect_change(world, "scheduler", false);
    assert_true(clock_wall_us() >= pause.until_us);
    ask(world, QUERY_RESUME, "scheduler", NULL);
    expect_answer(world, ANSWER_CONFLICT);
}

static void what_cannot_be_is_answered_at_once(void **state)
{
    world_t *world = *state;
    pause_t pause = pause_for(0);
    static const char *const names[] = {"nobody", EMERGENCY_STOP, NULL};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        ask(world, QUERY_PAUSE, names[i], &pause);
        expect_answer(world, ANSWER_NOT_FOUND);
        ask(world, QUERY_RESUME, names[i], NULL);
        expect_answer(world, ANSWER_NOT_FOUND);
    }
    ask(world, QUERY_PAUSE, "redis", NULL);
    expect_answer(world, ANSWER_NOT_FOUND);
    ask(world, QUERY_RESUME, "redis", NULL);
    expect_answer(world, ANSWER_CONFLICT);
    assert_false(support_is_readable(world->results, 0));
}

static void a_disk_that_refuses_changes_nothing(void **state)
{
    world_t *world = *state;
    pause_t pause = pause_for(0);
    store_error_t error;
    assert_int_equal(store_begin(world->store, &error), 0);
    ask(world, QUERY_PAUSE, "redis", &pause);
    expect_answer(world, ANSWER_REFUSED);
    store_rollback(world->store);
    ask(world, QUERY_RESUME, "redis", NULL);
    expect_answer(world, ANSWER_CONFLICT);
    ask(world, QUERY_PAUSE, "redis", &pause);
    expect_change(world, "redis", true);
    show(world, "redis", &pause);
    expect_answer(world, ANSWER_OK);
    assert_int_equal(store_begin(world->store, &error), 0);
    ask(world, QUERY_RESUME, "redis", NULL);
    expect_answer(world, ANSWER_REFUSED);
    store_rollback(world->store);
    assert_false(support_is_readable(world->results, 0));
}

/* A pause whose end the disk refuses to store would come back with the next start: it holds until
 * the disk takes it. */
static void an_end_that_the_disk_refuses_comes_later(void **state)
{
    world_t *world = *state;
    pause_t pause = pause_for(200000);
    ask(world, QUERY_PAUSE, "redis", &pause);
    expect_change(world, "redis", true);
    store_error_t error;
    assert_int_equal(store_begin(world->store, &error), 0);
    support_actor_ping(world->actor);
    assert_false(support_is_readable(world->results, 1500));
    store_rollback(world->store);
    expect_change(world, "redis", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(it_is_answered_when_a_snapshot_shows_it),
        WORLD_TEST(an_aggregator_that_is_silent_is_waited_for_one_second),
        WORLD_TEST(stored_pauses_are_told_at_the_next_start),
        WORLD_TEST(a_pause_ends_by_itself_also_after_a_restart),
        WORLD_TEST(what_cannot_be_is_answered_at_once),
        WORLD_TEST(a_disk_that_refuses_changes_nothing),
        WORLD_TEST(an_end_that_the_disk_refuses_comes_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
