/* Pauses: which hold, when they end, what they show. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pause_book.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define SECOND ((int64_t)1000000)
#define WALL   ((int64_t)1795488330289500)

static pause_t pause_until(int64_t until_us)
{
    return (pause_t){.reason = support_text("disks"),
                     .by = support_text("token"),
                     .since_us = WALL,
                     .until_us = until_us};
}

static void an_end_of_the_wall_clock_is_measured_on_the_monotonic_one(void **state)
{
    (void)state;
    static const struct {
        int64_t until_us, deadline_us;
    } rows[] = {
        {0, INT64_MAX}, {WALL + SECOND, 7 * SECOND}, {WALL, 6 * SECOND}, {WALL - 1, 6 * SECOND}};
    const now_t now = {.wall_us = WALL, .mono_us = 6 * SECOND};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pause_book_t book = {.n = 0};
        pause_t pause = pause_until(rows[i].until_us);
        assert_int_equal(pause_book_put(&book, "a", &pause, now), PAUSE_KEPT);
        assert_int_equal(pause_book_next_us(&book), rows[i].deadline_us);
        if (rows[i].until_us != 0) {
            assert_null(pause_book_overdue(&book, rows[i].deadline_us - 1));
            assert_string_equal(pause_book_overdue(&book, rows[i].deadline_us)->target, "a");
        }
        pause_book_clear(&book);
    }
}

static void a_target_has_one_pause_the_newest(void **state)
{
    (void)state;
    const now_t now = {.wall_us = WALL, .mono_us = 0};
    pause_book_t book = {.n = 0};
    assert_null(pause_book_at(&book, "a"));
    pause_t first = pause_until(0);
    pause_t second = pause_until(WALL + SECOND);
    second.reason = support_text("more disks");
    assert_int_equal(pause_book_put(&book, "a", &first, now), PAUSE_KEPT);
    assert_int_equal(pause_book_put(&book, "b", &first, now), PAUSE_KEPT);
    assert_int_equal(pause_book_put(&book, "a", &second, now), PAUSE_KEPT);
    assert_int_equal(book.n, 2);
    assert_string_equal(pause_book_at(&book, "a")->pause.reason, "more disks");
    assert_int_equal(pause_book_next_us(&book), SECOND);
    pause_book_remove(&book, "a");
    pause_book_remove(&book, "a");
    assert_null(pause_book_at(&book, "a"));
    assert_string_equal(pause_book_at(&book, "b")->pause.reason, "disks");
    assert_int_equal(pause_book_next_us(&book), INT64_MAX);
    assert_null(pause_book_overdue(&book, INT64_MAX - 1));
    pause_book_clear(&book);
}

static void a_full_book_still_takes_what_it_knows(void **state)
{
    (void)state;
    const now_t now = {.wall_us = WALL, .mono_us = 0};
    pause_book_t book = {.n = 0};
    pause_t pause = pause_until(0);
    /* By hand: putting each would look through all. */
    book.pauses = calloc(PAUSES_MAX, sizeof *book.pauses);
    assert_non_null(book.pauses);
    for (; book.n < PAUSES_MAX; book.n++) {
        char name[16];
        (void)snprintf(name, sizeof name, "t%zu", book.n);
        book.pauses[book.n] = (kept_pause_t){.target = strdup(name), .deadline_us = INT64_MAX};
    }
    assert_int_equal(pause_book_put(&book, "new", &pause, now), PAUSE_BOOK_FULL);
    assert_int_equal(pause_book_put(&book, "t9999", &pause, now), PAUSE_KEPT);
    pause_book_remove(&book, "t0");
    assert_int_equal(pause_book_put(&book, "new", &pause, now), PAUSE_KEPT);
    pause_book_clear(&book);
}

static void what_is_shown_says_who_until_when_and_why(void **state)
{
    (void)state;
    pause_t pause = pause_until(WALL);
    static const char *const texts[] = {
        "paused by token until 2026-11-24T02:45:30.289500+00:00: disks",
        "paused by token: disks",
        "paused by token",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (i >= 1)
            pause.until_us = 0;
        if (i == 2)
            pause.reason = support_text("");
        probe_result_t shown = pause_result(&pause, 7);
        assert_int_equal(shown.status, STATUS_UNKNOWN);
        assert_int_equal(shown.reason, REASON_PAUSED);
        assert_int_equal(shown.finished_at_us, 7);
        assert_int_equal(shown.latency_us, LATENCY_NONE);
        assert_string_equal(shown.error, texts[i]);
        probe_result_clear(&shown);
    }
    probe_result_t shown = pause_result(NULL, 7);
    assert_int_equal(shown.status, STATUS_UNKNOWN);
    assert_int_equal(shown.reason, REASON_NONE);
    assert_null(shown.error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_of_the_wall_clock_is_measured_on_the_monotonic_one),
        cmocka_unit_test(a_target_has_one_pause_the_newest),
        cmocka_unit_test(a_full_book_still_takes_what_it_knows),
        cmocka_unit_test(what_is_shown_says_who_until_when_and_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
