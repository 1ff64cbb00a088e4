/* What the book of alerts remembers: ids, history, restored alerts, a clear in two calls. */
#include <stdio.h>

#include "core/timestamp.h"
#include "tests/unit/alert_life.h"

/* A step of the same microsecond as the one before. */
static void step_at_once(life_t *life, const char *line, const char *expected)
{
    life->now_us -= SECOND_US;
    life_step(life, line, expected);
}

static void an_id_is_never_used_twice(void **state)
{
    life_t *life = *state;
    life_step(life, "", "");
    for (size_t i = 0; i < 4; i++) {
        step_at_once(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
        step_at_once(life, "", "-system/CRITICAL:recovered -redis/CRITICAL:recovered");
    }
    life->now_us -= 2 * SECOND_US; /* the wall clock goes back, into time that was used before */
    life_step(life, "", "");
    step_at_once(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
    life->now_us += 2 * SECOND_US;
    step_at_once(life, "", "-system/CRITICAL:recovered -redis/CRITICAL:recovered");
    step_at_once(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
    size_t n = alert_book_count(life->book);
    assert_int_equal(n, 12);
    for (size_t i = 0; i < n; i++) {
        const alert_t *alert = alert_book_at(life->book, i);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(alert->alert_id, alert_book_at(life->book, j)->alert_id);
        char time[TIMESTAMP_BYTES];
        timestamp_iso(alert->raised_at_us, time);
        assert_non_null(strstr(alert->alert_id, time)); /* the id's time is the alert's */
    }
}

static void the_history_holds_a_thousand_ended_alerts_oldest_first(void **state)
{
    life_t *life = *state;
    life_step(life, "system=DEGRADED", "+system/WARNING"); /* it stays active throughout */
    for (size_t i = 0; i < ALERT_HISTORY_MAX + 5; i++) {
        life_step(life, "system=DEGRADED redis=DOWN", "+redis/CRITICAL");
        life_step(life, "system=DEGRADED", "-redis/CRITICAL:recovered");
    }
    life_step(life, "system=DEGRADED", "");
    size_t n = alert_book_count(life->book);
    assert_int_equal(n, ALERT_HISTORY_MAX + 1);
    assert_string_equal(alert_book_at(life->book, 0)->component, "system");
    assert_int_equal(alert_book_at(life->book, 0)->resolution, RESOLUTION_NONE);
    /* The five oldest of redis are gone: the sixth was raised in step 12. */
    assert_int_equal(alert_book_at(life->book, 1)->raised_at_us, LIFE_START_US + 12 * SECOND_US);
    for (size_t i = 1; i < n; i++)
        assert_true(alert_book_at(life->book, i)->raised_at_us >
                    alert_book_at(life->book, i - 1)->raised_at_us);
}

static void what_was_restored_is_what_was_there(void **state)
{
    life_t *life = *state;
    life_step(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
    life_step(life, "system=DEGRADED scheduler=DEGRADED",
              "-system/CRITICAL:replaced +system/WARNING -redis/CRITICAL:recovered");
    alert_t before[3] = {{0}};
    assert_int_equal(alert_book_count(life->book), COUNT_OF(before));
    for (size_t i = 0; i < COUNT_OF(before); i++)
        assert_int_equal(alert_copy(alert_book_at(life->book, i), &before[i]), 0);
    life_restart(life);
    assert_int_equal(alert_book_count(life->book), COUNT_OF(before));
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        const alert_t *after = alert_book_at(life->book, i);
        assert_string_equal(after->alert_id, before[i].alert_id);
        assert_string_equal(after->details, before[i].details);
        assert_int_equal(after->resolution, before[i].resolution);
        assert_int_equal(after->resolved_at_us, before[i].resolved_at_us);
        alert_clear(&before[i]);
    }
    life_step(life, "system=DEGRADED scheduler=DEGRADED", "");
}

/* --- clear --- */

static void a_clear_that_the_disk_refuses_changes_nothing(void **state)
{
    life_t *life = *state;
    life_step(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
    const alert_t *alert = life_active(life, "redis");
    alert_effects_t effects;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(
            alert_book_begin_clear(life->book, alert->alert_id, life->now_us + 7, &effects), 0);
        assert_int_equal(effects.n_effects, 2);
        const alert_t *cleared = effects.effects[0].alert;
        assert_int_equal(cleared->resolution, RESOLUTION_CLEARED);
        assert_int_equal(cleared->resolved_at_us, life->now_us + 7);
        assert_string_equal(cleared->alert_id, alert->alert_id);
        assert_int_equal(effects.effects[1].type, EFFECT_QUIET_SET);
        assert_string_equal(effects.effects[1].quiet->alert_id, alert->alert_id);
        assert_int_equal(effects.effects[1].quiet->since_us, life->now_us + 7);
        assert_ptr_equal(life_active(life, "redis"), alert); /* the book is as it was */
        alert_book_end_clear(life->book, false);
        assert_ptr_equal(alert_book_active_at(life->book, alert->alert_id), alert);
        assert_int_equal(alert->resolved_at_us, 0);
        life_step(life, "system=CRITICAL redis=DOWN", "");
    }
    life_step(life, "", "-system/CRITICAL:recovered -redis/CRITICAL:recovered"); /* no quiet mark */
}

static void only_what_is_active_can_be_cleared(void **state)
{
    life_t *life = *state;
    alert_effects_t effects;
    assert_int_equal(alert_book_begin_clear(life->book, "nobody", life->now_us, &effects),
                     ALERT_CLEAR_NOT_ACTIVE);
    life_step(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
    char *alert_id = strdup(life_active(life, "redis")->alert_id);
    assert_int_equal(alert_book_begin_clear(life->book, "", life->now_us, &effects),
                     ALERT_CLEAR_NOT_ACTIVE);
    assert_int_equal(alert_book_begin_clear(life->book, "redis", life->now_us, &effects),
                     ALERT_CLEAR_NOT_ACTIVE);
    life_clear(life, "redis", "-redis/CRITICAL:cleared q+redis/CRITICAL");
    assert_int_equal(alert_book_begin_clear(life->book, alert_id, life->now_us, &effects),
                     ALERT_CLEAR_NOT_ACTIVE);
    assert_null(alert_book_active_at(life->book, alert_id));
    assert_null(life_active(life, "redis"));
    free(alert_id);
    life_step(life, "", "-system/CRITICAL:recovered q-redis/CRITICAL");
    assert_int_equal(alert_book_count(life->book), 2); /* one entry for each alert */
}

/* Look-up is by hash: many components must neither be mixed up nor lost. */
static void thousands_of_targets_each_have_their_alert(void **state)
{
    life_t *life = *state;
    enum { N = 3000 };
    target_state_t *targets = calloc(N, sizeof *targets);
    assert_non_null(targets);
    for (size_t i = 0; i < N; i++) {
        assert_true(asprintf(&targets[i].name, "target-%zu", i) > 0);
        targets[i].status = STATUS_DOWN;
        targets[i].is_critical = i % 2;
        targets[i].checked_at_us = 1;
    }
    snapshot_t snapshot = {.status = SYSTEM_OK, .targets = targets, .n_targets = N};
    alert_effects_t effects;
    assert_int_equal(alert_book_step(life->book, &snapshot, life->now_us, 0, &effects), 0);
    assert_int_equal(effects.n_effects, N);
    assert_int_equal(alert_book_step(life->book, &snapshot, life->now_us, 0, &effects), 0);
    assert_int_equal(effects.n_effects, 0);
    for (size_t i = 0; i < N; i += 3)
        targets[i].status = STATUS_OK;
    assert_int_equal(alert_book_step(life->book, &snapshot, life->now_us + 1, 0, &effects), 0);
    assert_int_equal(effects.n_effects, N / 3);
    for (size_t i = 0; i < effects.n_effects; i++) {
        assert_int_equal(effects.effects[i].kind, ALERT_RESOLVED);
        assert_string_equal(effects.effects[i].alert->component, targets[3 * i].name);
    }
    for (size_t i = 0; i < N; i++)
        free(targets[i].name);
    free(targets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(an_id_is_never_used_twice),
        LIFE_TEST(the_history_holds_a_thousand_ended_alerts_oldest_first),
        LIFE_TEST(what_was_restored_is_what_was_there),
        LIFE_TEST(a_clear_that_the_disk_refuses_changes_nothing),
        LIFE_TEST(only_what_is_active_can_be_cleared),
        LIFE_TEST(thousands_of_targets_each_have_their_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
