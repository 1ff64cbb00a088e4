/* A reader's copy of the state: what is applied, what is old, what is a gap. */
#include <stdlib.h>
#include <string.h>

#include "core/snapshot_view.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

/* A whole snapshot of VERSION from a line of support_snapshot. */
static snapshot_t whole(uint64_t version, const char *line)
{
    snapshot_t snapshot = support_snapshot(line);
    snapshot.version = version;
    return snapshot;
}

/* Changes from BASE to VERSION: the N targets NAMES, as LINE says they are. */
static snapshot_t changes(uint64_t base, uint64_t version, const char *line,
                          const char *const *names, size_t n)
{
    snapshot_t snapshot = whole(version, line);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = kept; j < snapshot.n_targets; j++) {
            if (strcmp(snapshot.targets[j].name, names[i]) == 0) {
                target_state_t target = snapshot.targets[j];
                snapshot.targets[j] = snapshot.targets[kept];
                snapshot.targets[kept++] = target;
                break;
            }
        }
    }
    assert_int_equal(kept, n);
    while (snapshot.n_targets > kept)
        target_state_clear(&snapshot.targets[--snapshot.n_targets]);
    snapshot.is_whole = false;
    snapshot.base_version = base;
    return snapshot;
}

static void apply(snapshot_view_t *view, snapshot_t snapshot, snapshot_view_outcome_t expected)
{
    assert_int_equal(snapshot_view_apply(view, &snapshot), expected);
    if (expected == SNAPSHOT_APPLIED) {
        assert_null(snapshot.targets); /* moved */
        assert_int_equal(snapshot.n_targets, 0);
    }
    snapshot_clear(&snapshot);
}

static void changes_are_merged_into_the_whole(void **state)
{
    (void)state;
    snapshot_view_t view = {0};
    apply(&view, whole(1, "redis=DOWN system=CRITICAL"), SNAPSHOT_APPLIED);
    assert_true(view.is_known);
    assert_int_equal(view.whole.n_targets, 9);
    assert_int_equal(view.whole.n_critical_failures, 1);

    static const char *const both[] = {"scheduler", "redis"};
    snapshot_t next = changes(1, 2, "scheduler=DEGRADED system=DEGRADED", both, 2);
    next.is_periodic = true;
    next.is_status_changed = true;
    apply(&view, next, SNAPSHOT_APPLIED);
    assert_int_equal(view.whole.version, 2);
    assert_int_equal(view.whole.base_version, 0); /* it is whole */
    assert_true(view.whole.is_whole);
    assert_true(view.whole.is_periodic);
    assert_true(view.whole.is_status_changed);
    assert_int_equal(view.whole.status, SYSTEM_DEGRADED);
    assert_int_equal(view.whole.n_critical_failures, 0);
    assert_int_equal(view.whole.n_targets, 9);
    assert_int_equal(snapshot_target_at(&view.whole, "redis")->status, STATUS_OK);
    assert_int_equal(snapshot_target_at(&view.whole, "scheduler")->status, STATUS_DEGRADED);
    assert_int_equal(snapshot_target_at(&view.whole, "main_backend")->status, STATUS_OK);
    assert_string_equal(view.whole.targets[5].name, "redis"); /* in its place */
    assert_null(snapshot_target_at(&view.whole, "nobody"));

    apply(&view, changes(2, 3, "system=OK", NULL, 0), SNAPSHOT_APPLIED);
    assert_int_equal(view.whole.version, 3);
    assert_false(view.whole.is_periodic); /* flags are those of the last one */
    assert_int_equal(view.whole.n_targets, 9);
    snapshot_view_clear(&view);
    assert_false(view.is_known);
}

static void what_does_not_follow_is_left_alone(void **state)
{
    (void)state;
    static const char *const one[] = {"redis"};
    static const char *const swapped[] = {"redis", "scheduler"};
    snapshot_view_t view = {0};
    apply(&view, changes(0, 1, "", one, 1), SNAPSHOT_GAP); /* nothing is known yet */
    assert_false(view.is_known);
    apply(&view, whole(5, ""), SNAPSHOT_APPLIED);

    apply(&view, changes(4, 5, "redis=DOWN", one, 1), SNAPSHOT_OLD);
    apply(&view, changes(3, 4, "redis=DOWN", one, 1), SNAPSHOT_OLD);
    apply(&view, whole(5, "redis=DOWN"), SNAPSHOT_OLD);
    apply(&view, whole(4, "redis=DOWN"), SNAPSHOT_OLD);
    apply(&view, changes(6, 7, "redis=DOWN", one, 1), SNAPSHOT_GAP);
    apply(&view, changes(4, 6, "redis=DOWN", one, 1), SNAPSHOT_GAP);
    apply(&view, changes(5, 6, "redis=DOWN", swapped, 2), SNAPSHOT_GAP); /* out of order */

    snapshot_t unknown = changes(5, 6, "redis=DOWN", one, 1);
    unknown.targets[0].name[0] = 'X';
    apply(&view, unknown, SNAPSHOT_GAP);
    assert_int_equal(view.whole.version, 5);
    assert_int_equal(snapshot_target_at(&view.whole, "redis")->status, STATUS_OK);

    apply(&view, whole(9, "gone=scheduler redis=DOWN"), SNAPSHOT_APPLIED); /* heals every gap */
    assert_int_equal(view.whole.n_targets, 8);
    assert_null(snapshot_target_at(&view.whole, "scheduler"));
    apply(&view, changes(9, 10, "", one, 1), SNAPSHOT_APPLIED);
    assert_int_equal(snapshot_target_at(&view.whole, "redis")->status, STATUS_OK);
    snapshot_view_clear(&view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_merged_into_the_whole),
        cmocka_unit_test(what_does_not_follow_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
