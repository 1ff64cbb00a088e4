/* One alert for all checks that are not made in time. */
#include "core/alert_component.h"
#include "tests/unit/alert_life.h"

/* A step in which the targets that LINE names UNKNOWN have a stale result. */
static void step_stale(life_t *life, const char *line, const char *expected)
{
    life->now_us += SECOND_US;
    life->since_start_us += SECOND_US;
    snapshot_t snapshot = support_snapshot(line);
    for (size_t i = 0; i < snapshot.n_targets; i++)
        if (snapshot.targets[i].status == STATUS_UNKNOWN)
            snapshot.targets[i].reason = REASON_STALE;
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    snapshot_clear(&snapshot);
    life_assert_effects(line, &effects, expected);
}

static void it_lists_the_targets_and_ends_with_the_last_of_them(void **state)
{
    life_t *life = *state;
    life->config->alert_overdue = true;
    step_stale(life, "", "");
    step_stale(life, "redis=UNKNOWN", "+healthd:overdue/WARNING");
    const alert_t *alert = life_active(life, ALERT_OVERDUE);
    assert_int_equal(alert->kind, ALERT_KIND_OVERDUE);
    assert_string_equal(alert->title, "Checks overdue");
    assert_string_equal(alert->message, "1 of 8 targets have no fresh result: redis");
    assert_string_equal(alert->details, "{\"targets\": [\"redis\"], \"count\": 1}");
    step_stale(life, "redis=UNKNOWN scheduler=UNKNOWN", "~healthd:overdue/WARNING");
    assert_string_equal(alert->message, "2 of 8 targets have no fresh result: scheduler, redis");
    life_restart(life);
    step_stale(life, "redis=UNKNOWN scheduler=UNKNOWN", "");
    step_stale(life, "scheduler=UNKNOWN", "~healthd:overdue/WARNING");
    step_stale(life, "", "-healthd:overdue/WARNING:recovered");
}

static void unknown_for_another_reason_is_not_overdue(void **state)
{
    life_t *life = *state;
    life->config->alert_overdue = true;
    life_step(life, "redis=UNKNOWN", "");
}

static void it_is_off_where_the_configuration_says_so(void **state)
{
    life_t *life = *state;
    assert_false(life->config->alert_overdue); /* environment-only mode */
    step_stale(life, "redis=UNKNOWN", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(it_lists_the_targets_and_ends_with_the_last_of_them),
        LIFE_TEST(unknown_for_another_reason_is_not_overdue),
        LIFE_TEST(it_is_off_where_the_configuration_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
