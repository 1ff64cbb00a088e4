/* What waits for the disk: in order, bounded, and what is shed first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert_backlog.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

/* Texts of this size make 32 events of one bound. */
#define MESSAGE_BYTES (ALERT_BACKLOG_MAX_BYTES / 32)

static char *message; /* of MESSAGE_BYTES; the events borrow it */

static int setup(void **state)
{
    (void)state;
    message = malloc(MESSAGE_BYTES);
    if (!message)
        return -1;
    memset(message, 'm', MESSAGE_BYTES - 1);
    message[MESSAGE_BYTES - 1] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(message);
    return 0;
}

static void add(alert_backlog_t *backlog, alert_event_kind_t kind, int number)
{
    char id[32];
    (void)snprintf(id, sizeof id, "alert_%d", number);
    alert_t alert = {.alert_id = id,
                     .component = support_text("c"),
                     .title = support_text("t"),
                     .message = message};
    const alert_event_t event = {.kind = (int)kind, .alert = &alert};
    assert_int_equal(alert_backlog_add(backlog, &event), 0);
    assert_true(backlog->bytes <= ALERT_BACKLOG_MAX_BYTES + MESSAGE_BYTES + 1024);
}

/* Events of KIND about alert NUMBER. */
static size_t count(const alert_backlog_t *backlog, alert_event_kind_t kind, int number)
{
    char id[32];
    size_t n = 0;
    (void)snprintf(id, sizeof id, "alert_%d", number);
    for (size_t i = 0; i < backlog->n_events; i++)
        n += backlog->events[i].kind == (int)kind &&
             strcmp(backlog->events[i].alert->alert_id, id) == 0;
    return n;
}

static void everything_is_kept_in_order_below_the_bound(void **state)
{
    (void)state;
    alert_backlog_t backlog = {0};
    assert_true(alert_backlog_is_empty(&backlog));
    for (int i = 0; i < 15; i++) {
        add(&backlog, ALERT_RAISED, i);
        add(&backlog, ALERT_UPDATED, i);
    }
    assert_int_equal(backlog.n_events, 30);
    for (size_t i = 0; i < backlog.n_events; i++)
        assert_int_equal(backlog.events[i].kind, i % 2 ? ALERT_UPDATED : ALERT_RAISED);
    const quiet_change_t change = {.quiet = {.component = support_text("c")}};
    assert_int_equal(alert_backlog_add_change(&backlog, &change), 0);
    assert_int_equal(backlog.n_changes, 1);
    alert_backlog_clear(&backlog);
    assert_true(alert_backlog_is_empty(&backlog));
}

static void updates_go_first_the_oldest_of_them_before(void **state)
{
    (void)state;
    alert_backlog_t backlog = {0};
    add(&backlog, ALERT_RAISED, 0);
    for (int i = 0; i < 32; i++)
        add(&backlog, ALERT_UPDATED, i);
    assert_int_equal(count(&backlog, ALERT_RAISED, 0), 1);
    assert_int_equal(count(&backlog, ALERT_UPDATED, 0), 0);
    assert_int_equal(count(&backlog, ALERT_UPDATED, 31), 1);
    assert_true(backlog.n_shed_updates >= 15);
    assert_int_equal(backlog.n_shed_others, 0);
    assert_true(backlog.bytes <= ALERT_BACKLOG_MAX_BYTES);
    alert_backlog_clear(&backlog);
}

/* A target that flaps for as long as the disk refuses. */
static void lives_that_have_ended_go_next_and_what_a_restart_needs_stays(void **state)
{
    (void)state;
    alert_backlog_t backlog = {0};
    add(&backlog, ALERT_RESOLVED, 1000); /* active on disk */
    add(&backlog, ALERT_RAISED, 1001);   /* still active */
    for (int i = 0; i < 500; i++) {
        add(&backlog, ALERT_RAISED, i);
        add(&backlog, ALERT_RESOLVED, i);
        assert_true(count(&backlog, ALERT_RESOLVED, i) == 1);
    }
    assert_int_equal(count(&backlog, ALERT_RESOLVED, 1000), 1);
    assert_int_equal(count(&backlog, ALERT_RAISED, 1001), 1);
    assert_int_equal(count(&backlog, ALERT_RESOLVED, 0), 0);
    assert_int_equal(backlog.n_shed_updates, 0);
    assert_int_equal(backlog.n_shed_others + backlog.n_events, 1002);
    assert_true(backlog.bytes <= 2 * ALERT_BACKLOG_MAX_BYTES);
    alert_backlog_clear(&backlog);
}

/* Then the bound gives way, and is not tried again for each event. */
static void raises_of_active_alerts_are_never_shed(void **state)
{
    (void)state;
    alert_backlog_t backlog = {0};
    for (int i = 0; i < 30; i++)
        add(&backlog, ALERT_RAISED, i);
    size_t limit = backlog.shed_at_bytes;
    assert_int_equal(limit, 0);
    add(&backlog, ALERT_RAISED, 30);
    add(&backlog, ALERT_RAISED, 31);
    assert_int_equal(backlog.n_events, 32);
    assert_true(backlog.shed_at_bytes > backlog.bytes);
    assert_int_equal(backlog.n_shed_updates + backlog.n_shed_others, 0);
    alert_backlog_clear(&backlog);
    assert_int_equal(backlog.shed_at_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_kept_in_order_below_the_bound),
        cmocka_unit_test(updates_go_first_the_oldest_of_them_before),
        cmocka_unit_test(lives_that_have_ended_go_next_and_what_a_restart_needs_stays),
        cmocka_unit_test(raises_of_active_alerts_are_never_shed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
