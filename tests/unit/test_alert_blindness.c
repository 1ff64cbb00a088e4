/* One alert while healthd's own network is lost. */
#include "core/alert_component.h"
#include "core/alert_condition.h"
#include "tests/unit/alert_life.h"

/* A step in which all targets are OK and SIGHTS, one letter for each check (a, b, ...), are: l
 * lost, o OK, n never seen, u unknown. */
static void step_sights(life_t *life, const char *sights, const char *expected)
{
    static char names[3][2] = {"a", "b", "c"};
    static const struct {
        char letter;
        sight_t sight;
    } rows[] = {{'l', SIGHT_LOST}, {'o', SIGHT_OK}, {'n', SIGHT_NEVER}, {'u', SIGHT_UNKNOWN}};
    connectivity_t checks[COUNT_OF(names)];
    size_t n = strlen(sights);
    assert_in_range(n, 0, COUNT_OF(names));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < COUNT_OF(rows); j++)
            if (rows[j].letter == sights[i])
                checks[i] = (connectivity_t){.name = names[i], .sight = (int)rows[j].sight};
    life->now_us += SECOND_US;
    life->since_start_us += SECOND_US;
    snapshot_t snapshot = support_snapshot("");
    snapshot.connectivity = checks;
    snapshot.n_connectivity = n;
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    snapshot.connectivity = NULL; /* not the snapshot's */
    snapshot.n_connectivity = 0;
    snapshot_clear(&snapshot);
    life_assert_effects(sights, &effects, expected);
}

static void it_names_the_checks_that_are_lost_and_ends_when_all_see(void **state)
{
    life_t *life = *state;
    step_sights(life, "", "");
    step_sights(life, "ooo", "");
    step_sights(life, "olo", "+" ALERT_BLIND "/CRITICAL");
    const alert_t *alert = life_active(life, ALERT_BLIND);
    assert_int_equal(alert->kind, ALERT_KIND_BLIND);
    assert_string_equal(alert->title, "Blind: own network lost");
    assert_string_equal(alert->message, "No address answers of connectivity check b: targets whose "
                                        "own checks fail are UNKNOWN until one does");
    assert_string_equal(alert->details, "{\"connectivity_checks\": [\"b\"]}");
    step_sights(life, "oll", "~" ALERT_BLIND "/CRITICAL");
    assert_string_equal(alert->details, "{\"connectivity_checks\": [\"b\", \"c\"]}");
    step_sights(life, "ooo", "-" ALERT_BLIND "/CRITICAL:recovered");
}

/* A check that has told nothing yet, as after a start, neither raises nor ends it. */
static void what_is_not_known_changes_nothing(void **state)
{
    life_t *life = *state;
    step_sights(life, "un", "");
    step_sights(life, "lo", "+" ALERT_BLIND "/CRITICAL");
    life_restart(life);
    step_sights(life, "uo", "");
    step_sights(life, "no", "");
    step_sights(life, "oo", "-" ALERT_BLIND "/CRITICAL:recovered");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(it_names_the_checks_that_are_lost_and_ends_when_all_see),
        LIFE_TEST(what_is_not_known_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
