/* One alert for all checks that are not made in time. */
#include <stdio.h>

#include "core/alert_component.h"
#include "core/alert_condition.h"
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

/* The message names ten of many, the details all. */
static void of_many_the_message_names_ten(void **state)
{
    life_t *life = *state;
    enum { N_TARGETS = 12 };
    life->config->alert_overdue = true;
    static char names[N_TARGETS][8];
    target_state_t targets[N_TARGETS + 1] = {
        {.name = support_text(EMERGENCY_STOP), .kind = KIND_NONE, .checked_at_us = 1}};
    for (int i = 0; i < N_TARGETS; i++) {
        (void)snprintf(names[i], sizeof names[i], "t%02d", i);
        targets[i + 1] = (target_state_t){.name = names[i],
                                          .kind = KIND_SERVICE,
                                          .status = STATUS_UNKNOWN,
                                          .reason = REASON_STALE,
                                          .checked_at_us = 1};
    }
    const snapshot_t snapshot = {
        .is_whole = true, .status = SYSTEM_OK, .targets = targets, .n_targets = N_TARGETS + 1};
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    life_assert_effects("many", &effects, "+healthd:overdue/WARNING");
    const alert_t *alert = life_active(life, ALERT_OVERDUE);
    assert_string_equal(alert->message,
                        "12 of 12 targets have no fresh result: t00, t01, t02, t03, "
                        "t04, t05, t06, t07, t08, t09 and 2 more");
    assert_non_null(strstr(alert->details, "\"t10\", \"t11\"], \"count\": 12}"));
}

/* Of very many, the details name as many as they may. */
static void the_details_are_bounded(void **state)
{
    life_t *life = *state;
    enum { N_TARGETS = ALERT_NAMES_MAX + 1 };
    life->config->alert_overdue = true;
    static char names[N_TARGETS][8];
    static target_state_t targets[N_TARGETS + 1];
    targets[0] = (target_state_t){.name = support_text(EMERGENCY_STOP),
                                  .kind = KIND_NONE,
                                  .status = STATUS_UNKNOWN,
                                  .reason = REASON_STALE}; /* which is no target */
    for (size_t i = 0; i < N_TARGETS; i++) {
        (void)snprintf(names[i], sizeof names[i], "t%04zu", i);
        targets[i + 1] = (target_state_t){.name = names[i],
                                          .kind = KIND_SERVICE,
                                          .status = STATUS_UNKNOWN,
                                          .reason = REASON_STALE,
                                          .checked_at_us = 1};
    }
    const snapshot_t snapshot = {
        .is_whole = true, .status = SYSTEM_OK, .targets = targets, .n_targets = N_TARGETS + 1};
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    const alert_t *alert = life_active(life, ALERT_OVERDUE);
    assert_non_null(strstr(alert->details, "\"t0999\"], \"count\": 1001}"));
    assert_non_null(strstr(alert->message, "1001 of 1001 targets have no fresh result: t0000,"));
}

/* Before each target was checked once, what is stale is of the time before the start. */
static void nothing_is_told_before_all_were_checked(void **state)
{
    life_t *life = *state;
    life->config->alert_overdue = true;
    static char one[] = "one", other[] = "other";
    target_state_t targets[] = {
        {.name = support_text(EMERGENCY_STOP), .kind = KIND_NONE, .checked_at_us = 1},
        {.name = one,
         .kind = KIND_SERVICE,
         .status = STATUS_UNKNOWN,
         .reason = REASON_STALE,
         .checked_at_us = 1},
        {.name = other, .kind = KIND_SERVICE, .status = STATUS_UNKNOWN},
    };
    const snapshot_t snapshot = {
        .is_whole = true, .status = SYSTEM_UNKNOWN, .targets = targets, .n_targets = 3};
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    life_assert_effects("one was not checked", &effects, "");
    targets[2].checked_at_us = 1;
    targets[2].status = STATUS_OK;
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    life_assert_effects("all were", &effects, "+healthd:overdue/WARNING");
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
        LIFE_TEST(of_many_the_message_names_ten),
        LIFE_TEST(the_details_are_bounded),
        LIFE_TEST(nothing_is_told_before_all_were_checked),
        LIFE_TEST(unknown_for_another_reason_is_not_overdue),
        LIFE_TEST(it_is_off_where_the_configuration_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
