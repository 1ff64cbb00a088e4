/* Connectivity checks: what they say of healthd's own network, and what a failed check of a target
 * is worth because of it. */
#include "tests/support/support_config.h"
#include "tests/unit/model_world.h"

#undef WORLD_TEST

static const char YAML[] =
    "defaults: {failure_threshold: 1, success_threshold: 1}\n"
    "system:\n"
    "  connectivity_checks:\n"
    "    - {name: uplink, any_of: [\"http://a.test/\", \"http://b.test/\"],\n"
    "       applies_to: ['reach=\"internet\"']}\n"
    "    - {name: lan, any_of: \"http://c.test/\", applies_to: ['reach=~\"lan|internet\"'],\n"
    "       timeout: 5s}\n"
    "services:\n"
    "  - {name: far, url: \"http://far.test/\", labels: {reach: internet}}\n"
    "  - {name: near, url: \"http://near.test/\", labels: {reach: lan}}\n"
    "  - {name: here, url: \"http://here.test/\"}\n"
    "  - {name: closed, url: \"http://closed.test/\", expect_failure: true,\n"
    "     labels: {reach: lan}}\n"
    "  - {name: thrice, url: \"http://thrice.test/\", failure_threshold: 3,\n"
    "     labels: {reach: lan}}\n";

/* The addresses of the checks, in their order. */
enum { UPLINK_A, UPLINK_B, LAN };

static int setup(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world->now = (now_t){.wall_us = START_WALL_US, .mono_us = START_MONO_US};
    world->config = support_config_of_text(YAML);
    world->model = model_new(world->config, world->now);
    *state = world;
    return world->model ? 0 : -1;
}

/* A result of a check that began AGE_US ago and ends now. */
static model_outcome_t end_check(world_t *world, const char *name, status_t status, int64_t age_us)
{
    probe_result_t result = {
        .target = support_text(name),
        .status = (int)status,
        .reason = status == STATUS_OK ? REASON_NONE : REASON_UNREACHABLE,
        .finished_at_us = world->now.wall_us,
        .latency_us = status == STATUS_OK ? 1000 : LATENCY_NONE,
        .started_mono_us = world->now.mono_us - age_us,
        .error = status == STATUS_OK ? NULL : strdup("no route"),
        .evidence = status == STATUS_OK ? NULL : support_text("{}"),
    };
    model_outcome_t outcome = model_apply(world->model, &result, world->now);
    assert_string_equal(result.target, name); /* who gave it may still look at these */
    assert_true(status == STATUS_OK || result.evidence);
    free(result.error);
    measurement_destroy(&result.measurement);
    return outcome;
}

static void end_ask(world_t *world, size_t address, status_t status, int64_t age_us)
{
    const config_t *config = world->config;
    assert_true(address < config->n_internal);
    assert_int_equal(
        end_check(world, config->targets[config->n_targets + address].name, status, age_us),
        MODEL_APPLIED);
}

/* Every address answers, and every target. */
static void see_all(world_t *world)
{
    for (size_t i = 0; i < world->config->n_internal; i++)
        end_ask(world, i, STATUS_OK, 10);
    for (size_t i = 0; i + 1 < world->config->n_targets; i++) {
        const target_t *target = &world->config->targets[i];
        end_check(world, target->name, target->expects_failure ? STATUS_DOWN : STATUS_OK, 10);
    }
    (void)look(world);
    pass(world, SECOND_US);
}

/* The addresses that are to be asked, as bits. */
static unsigned asked(world_t *world)
{
    unsigned bits = 0;
    const target_t *target;
    while ((target = model_next_ask(world->model)) != NULL)
        bits |= 1U << (target - world->config->targets - (ptrdiff_t)world->config->n_targets);
    return bits;
}

static void assert_shown(world_t *world, const char *name, status_t status, reason_t reason)
{
    long at = config_target_at(world->config, name);
    assert_true(at >= 0);
    model_show_whole(world->model);
    (void)look(world);
    const target_state_t *shown = &world->snapshot.targets[at];
    if (shown->status != (int)status || shown->reason != (int)reason)
        fail_msg("%s is %s (%s) instead of %s (%s)", name, status_name(shown->status),
                 reason_name(shown->reason), status_name((int)status), reason_name((int)reason));
}

static void assert_sight(world_t *world, size_t check, sight_t sight)
{
    (void)look(world);
    assert_int_equal(world->snapshot.n_connectivity, 2);
    if (world->snapshot.connectivity[check].sight != (int)sight)
        fail_msg("%s: %s instead of %s", world->snapshot.connectivity[check].name,
                 sight_name(world->snapshot.connectivity[check].sight), sight_name((int)sight));
}

/* --- the configuration --- */

static void addresses_are_targets_that_nobody_sees(void **state)
{
    world_t *world = *state;
    const config_t *config = world->config;
    assert_int_equal(config->n_internal, 3);
    assert_int_equal(config->n_targets, 6);
    (void)look(world);
    assert_int_equal(world->snapshot.n_targets, 6);
    for (size_t i = 0; i < config->n_internal; i++) {
        const target_t *target = &config->targets[config->n_targets + i];
        assert_int_equal(config_target_at(config, target->name), -1);
        assert_int_equal(config_probed_at(config, target->name), config->n_targets + i);
        assert_int_equal(target->check_interval_ms, 15000);
        assert_int_equal(target->timeout_ms, i == LAN ? 5000 : 3000);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(target->name, config->targets[config->n_targets + j].name);
    }
    assert_int_equal(support_target(world->config, "far")->connectivity, 3);
    assert_int_equal(support_target(world->config, "near")->connectivity, 2);
    assert_int_equal(support_target(world->config, "here")->connectivity, 0);
    assert_int_equal(support_target(world->config, EMERGENCY_STOP)->connectivity, 0);
}

/* --- sight --- */

static void a_check_fails_when_all_its_addresses_do(void **state)
{
    world_t *world = *state;
    assert_sight(world, 0, SIGHT_UNKNOWN);
    see_all(world);
    assert_sight(world, 0, SIGHT_OK);
    int64_t ok_us = world->snapshot.connectivity[0].since_us;
    end_ask(world, UPLINK_A, STATUS_DOWN, 10);
    assert_sight(world, 0, SIGHT_OK);
    pass(world, 100);
    end_ask(world, UPLINK_B, STATUS_DOWN, 10);
    assert_true(model_is_due(world->model)); /* told at once */
    assert_sight(world, 0, SIGHT_LOST);
    assert_int_equal(world->snapshot.connectivity[0].since_us, world->now.wall_us);
    assert_true(world->snapshot.connectivity[0].since_us > ok_us);
    assert_sight(world, 1, SIGHT_OK);
    end_ask(world, UPLINK_A, STATUS_OK, 10);
    assert_true(model_is_due(world->model));
    assert_sight(world, 0, SIGHT_OK);
}

/* Failures of different moments say nothing of one of them: the old one is asked for anew. */
static void failures_count_together_when_they_are_of_one_moment(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_ask(world, UPLINK_A, STATUS_DOWN, 10);
    pass(world, 15 * SECOND_US);
    end_ask(world, UPLINK_B, STATUS_DOWN, 10);
    assert_sight(world, 0, SIGHT_OK);
    assert_int_equal(asked(world), 1U << UPLINK_A);
    assert_int_equal(asked(world), 0);
    pass(world, 5000);
    end_ask(world, UPLINK_A, STATUS_DOWN, 10);
    assert_sight(world, 0, SIGHT_LOST);
}

static void a_check_that_never_saw_is_wrong_and_not_blind(void **state)
{
    world_t *world = *state;
    end_ask(world, UPLINK_A, STATUS_DOWN, 10);
    end_ask(world, UPLINK_B, STATUS_DOWN, 10);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_sight(world, 0, SIGHT_NEVER);
    pass(world, SECOND_US);
    assert_int_equal(end_check(world, "far", STATUS_DOWN, 10), MODEL_WAITING); /* for lan */
    pass(world, 100);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "far", STATUS_DOWN, REASON_UNREACHABLE);
    end_ask(world, UPLINK_A, STATUS_OK, 10);
    assert_sight(world, 0, SIGHT_OK);
}

/* --- what a failure is worth --- */

static void a_failure_waits_until_the_checks_have_seen_after_it(void **state)
{
    world_t *world = *state;
    see_all(world);
    assert_int_equal(end_check(world, "near", STATUS_DOWN, SECOND_US), MODEL_WAITING);
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
    assert_int_equal(asked(world), 1U << LAN);
    pass(world, 1000);
    end_ask(world, LAN, STATUS_OK, 2000); /* it began before the failure came */
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
    assert_int_equal(asked(world), 1U << LAN);
    pass(world, 1000);
    end_ask(world, LAN, STATUS_OK, 500);
    assert_shown(world, "near", STATUS_DOWN, REASON_UNREACHABLE);
    assert_int_equal(asked(world), 0);
    pass(world, 1000); /* what is DOWN already stays so without a question */
    assert_int_equal(end_check(world, "near", STATUS_DOWN, 10), MODEL_APPLIED);
    assert_int_equal(asked(world), 0);
}

static void a_failure_before_the_check_notices_is_blind(void **state)
{
    world_t *world = *state;
    see_all(world);
    assert_int_equal(end_check(world, "far", STATUS_DOWN, 10), MODEL_WAITING);
    assert_int_equal(end_check(world, "near", STATUS_DOWN, 10), MODEL_WAITING);
    assert_int_equal(asked(world), 7);
    pass(world, SECOND_US);
    end_ask(world, UPLINK_A, STATUS_DOWN, 10);
    end_ask(world, UPLINK_B, STATUS_DOWN, 10);
    assert_shown(world, "far", STATUS_UNKNOWN, REASON_BLIND);
    long at = config_target_at(world->config, "far");
    assert_string_equal(world->snapshot.targets[at].error,
                        "blind: connectivity check uplink fails; this one: no route");
    assert_shown(world, "near", STATUS_OK, REASON_NONE); /* waits for lan */
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "near", STATUS_DOWN, REASON_UNREACHABLE);
    assert_system(world, "blind", SYSTEM_DEGRADED, "");
}

static void while_blind_what_fails_is_unknown_and_what_answers_stays(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_ask(world, LAN, STATUS_DOWN, 10);
    assert_sight(world, 1, SIGHT_LOST);
    assert_shown(world, "far", STATUS_OK, REASON_NONE); /* its own check has not failed */
    assert_int_equal(end_check(world, "far", STATUS_DOWN, 10), MODEL_APPLIED);
    assert_shown(world, "far", STATUS_UNKNOWN, REASON_BLIND);
    assert_int_equal(end_check(world, "near", STATUS_OK, 10), MODEL_APPLIED);
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
    assert_int_equal(end_check(world, "here", STATUS_DOWN, 10), MODEL_APPLIED);
    assert_shown(world, "here", STATUS_DOWN, REASON_UNREACHABLE); /* no check applies to it */
    assert_int_equal(end_check(world, "thrice", STATUS_DOWN, 10), MODEL_APPLIED);
    assert_shown(world, "thrice", STATUS_UNKNOWN, REASON_BLIND); /* never an old OK */
}

/* Also one that is DOWN rightly is UNKNOWN while nobody can know. */
static void what_was_down_is_unknown_while_blind(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_check(world, "near", STATUS_DOWN, 10);
    pass(world, 1000);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "near", STATUS_DOWN, REASON_UNREACHABLE);
    pass(world, SECOND_US);
    end_ask(world, LAN, STATUS_DOWN, 10);
    assert_shown(world, "near", STATUS_DOWN, REASON_UNREACHABLE);
    end_check(world, "near", STATUS_DOWN, 10);
    assert_shown(world, "near", STATUS_UNKNOWN, REASON_BLIND);
}

/* Whatever comes of a target asks anew whether it is over, but not each time. */
static void sight_is_looked_for_while_blind(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_ask(world, LAN, STATUS_DOWN, 10);
    (void)asked(world);
    end_check(world, "near", STATUS_DOWN, 10);
    assert_int_equal(asked(world), 0);
    pass(world, SECOND_US);
    end_check(world, "far", STATUS_OK, 10);
    assert_int_equal(asked(world), 1U << LAN);
    end_check(world, "near", STATUS_DOWN, 10);
    assert_int_equal(asked(world), 0); /* its answer is awaited */
}

/* What could not be seen is probed at once when it can be. */
static void when_sight_returns_the_unseen_are_probed(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_ask(world, LAN, STATUS_DOWN, 10);
    end_check(world, "near", STATUS_DOWN, 10);
    end_check(world, "thrice", STATUS_DOWN, 10);
    (void)asked(world);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_string_equal(model_next_ask(world->model)->name, "near");
    assert_string_equal(model_next_ask(world->model)->name, "thrice");
    assert_null(model_next_ask(world->model));
    assert_shown(world, "near", STATUS_UNKNOWN, REASON_BLIND); /* until it is seen */
    end_check(world, "near", STATUS_OK, 10);
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
}

static void a_failure_that_began_while_blind_is_blind(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_ask(world, LAN, STATUS_DOWN, 10);
    pass(world, SECOND_US);
    end_ask(world, LAN, STATUS_OK, 10);
    pass(world, SECOND_US);
    assert_int_equal(end_check(world, "near", STATUS_DOWN, SECOND_US + 1000), MODEL_APPLIED);
    assert_shown(world, "near", STATUS_UNKNOWN, REASON_BLIND);
    /* One that began after it is judged as any other. */
    assert_int_equal(end_check(world, "near", STATUS_DOWN, SECOND_US - 1000), MODEL_WAITING);
    pass(world, 1000);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "near", STATUS_DOWN, REASON_UNREACHABLE);
    end_check(world, "near", STATUS_OK, 10);
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
}

/* A check that should fail and does is OK only where it can be seen to. */
static void an_expected_failure_is_no_proof_while_blind(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_check(world, "closed", STATUS_OK, 10); /* from DOWN: its check failed as it should */
    pass(world, 1000);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "closed", STATUS_OK, REASON_NONE);
    end_ask(world, LAN, STATUS_DOWN, 10);
    end_check(world, "closed", STATUS_OK, 10);
    assert_shown(world, "closed", STATUS_UNKNOWN, REASON_BLIND);
    end_check(world, "closed", STATUS_DOWN, 10); /* it answered: that is known */
    assert_shown(world, "closed", STATUS_DOWN, REASON_UNREACHABLE);
}

static void the_wait_is_bounded(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_check(world, "near", STATUS_DOWN, 10);
    pass(world, 7 * SECOND_US - 1); /* lan's time-out and 2 s */
    model_expire(world->model, world->now);
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
    pass(world, 1);
    model_expire(world->model, world->now);
    assert_shown(world, "near", STATUS_DOWN, REASON_UNREACHABLE);
}

static void a_success_outdoes_a_failure_that_waits(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_check(world, "near", STATUS_DOWN, 10);
    pass(world, 1000);
    assert_int_equal(end_check(world, "near", STATUS_OK, 10), MODEL_APPLIED);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
}

/* Each failure that is seen counts towards the threshold; one that comes while another waits does
 * not. */
static void thresholds_count_what_was_seen(void **state)
{
    world_t *world = *state;
    see_all(world);
    for (int n = 1; n <= 3; n++) {
        assert_shown(world, "thrice", STATUS_OK, REASON_NONE);
        assert_int_equal(end_check(world, "thrice", STATUS_DOWN, 10), MODEL_WAITING);
        assert_int_equal(end_check(world, "thrice", STATUS_DOWN, 10), MODEL_WAITING);
        pass(world, 1000);
        end_ask(world, LAN, STATUS_OK, 10);
    }
    assert_shown(world, "thrice", STATUS_DOWN, REASON_UNREACHABLE);
}

static void a_paused_target_waits_for_nothing(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_check(world, "near", STATUS_DOWN, 10);
    pause_t *pause = calloc(1, sizeof *pause);
    assert_non_null(pause);
    pause->reason = strdup("");
    pause->by = strdup("me");
    pause->since_us = world->now.wall_us;
    assert_int_equal(model_pause(world->model, "near", &pause, world->now), MODEL_APPLIED);
    pass(world, 1000);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "near", STATUS_UNKNOWN, REASON_PAUSED);
}

/* --- another configuration --- */

static void reconfigure(world_t *world, const char *from, const char *to)
{
    char *yaml = strdup(YAML);
    assert_non_null(yaml);
    char *at = strstr(yaml, from);
    assert_true(at && strlen(from) == strlen(to));
    memcpy(at, to, strlen(to));
    config_t *config = support_config_of_text(yaml);
    free(yaml);
    assert_int_equal(model_reconfigure(world->model, config, world->now), 0);
    config_destroy(&world->config);
    world->config = config;
}

static void the_same_check_goes_on_over_a_reload(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_ask(world, LAN, STATUS_DOWN, 10);
    end_check(world, "near", STATUS_DOWN, 10);
    end_check(world, "far", STATUS_OK, 10);
    reconfigure(world, "a.test", "z.test");
    assert_sight(world, 0, SIGHT_UNKNOWN); /* another address */
    assert_sight(world, 1, SIGHT_LOST);
    assert_shown(world, "near", STATUS_UNKNOWN, REASON_BLIND);
    end_check(world, "near", STATUS_DOWN, 10);
    assert_shown(world, "near", STATUS_UNKNOWN, REASON_BLIND);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_sight(world, 1, SIGHT_OK);
}

/* A result of an address that was replaced is none of the new one. */
static void a_late_result_of_an_old_address_is_nobodys(void **state)
{
    world_t *world = *state;
    see_all(world);
    char *old = strdup(world->config->targets[world->config->n_targets + LAN].name);
    assert_non_null(old);
    reconfigure(world, "c.test", "z.test");
    assert_int_equal(end_check(world, old, STATUS_OK, 10), MODEL_UNKNOWN_TARGET);
    assert_sight(world, 1, SIGHT_UNKNOWN);
    free(old);
}

static void a_failure_that_waits_over_a_reload_is_left_to_the_next_one(void **state)
{
    world_t *world = *state;
    see_all(world);
    end_check(world, "near", STATUS_DOWN, 10);
    reconfigure(world, "timeout: 5s", "timeout: 9s");
    pass(world, 20 * SECOND_US);
    model_expire(world->model, world->now);
    assert_shown(world, "near", STATUS_OK, REASON_NONE);
    end_check(world, "near", STATUS_DOWN, 10);
    pass(world, 1000);
    end_ask(world, LAN, STATUS_OK, 10);
    assert_shown(world, "near", STATUS_DOWN, REASON_UNREACHABLE);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(addresses_are_targets_that_nobody_sees),
        WORLD_TEST(a_check_fails_when_all_its_addresses_do),
        WORLD_TEST(failures_count_together_when_they_are_of_one_moment),
        WORLD_TEST(a_check_that_never_saw_is_wrong_and_not_blind),
        WORLD_TEST(a_failure_waits_until_the_checks_have_seen_after_it),
        WORLD_TEST(a_failure_before_the_check_notices_is_blind),
        WORLD_TEST(while_blind_what_fails_is_unknown_and_what_answers_stays),
        WORLD_TEST(what_was_down_is_unknown_while_blind),
        WORLD_TEST(sight_is_looked_for_while_blind),
        WORLD_TEST(when_sight_returns_the_unseen_are_probed),
        WORLD_TEST(a_failure_that_began_while_blind_is_blind),
        WORLD_TEST(an_expected_failure_is_no_proof_while_blind),
        WORLD_TEST(the_wait_is_bounded),
        WORLD_TEST(a_success_outdoes_a_failure_that_waits),
        WORLD_TEST(thresholds_count_what_was_seen),
        WORLD_TEST(a_paused_target_waits_for_nothing),
        WORLD_TEST(the_same_check_goes_on_over_a_reload),
        WORLD_TEST(a_late_result_of_an_old_address_is_nobodys),
        WORLD_TEST(a_failure_that_waits_over_a_reload_is_left_to_the_next_one),
    };
    return cmocka_run_group_tests_name("blindness", tests, NULL, NULL);
}
