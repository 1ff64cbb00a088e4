/* Certificates that end soon: an alert of their own, by the time that is left. */
#include "tests/unit/alert_life.h"

#define TARGET    "main_backend"
#define COMPONENT TARGET ":certificate"
#define DAY_US    (INT64_C(86400) * SECOND_US)

/* What a check saw of the certificate. */
typedef struct {
    int64_t left_us; /* 0: no certificate */
    bool is_answered;
} seen_t;

static int set_up(void **state)
{
    if (life_setup(state))
        return -1;
    life_t *life = *state;
    target_t *target = support_target(life->config, TARGET);
    target->cert_warning_us = 21 * DAY_US;
    target->cert_critical_us = 3 * DAY_US;
    return 0;
}

/* A step a day later, in which the last check saw SEEN (NULL: there was none yet). */
static void step(life_t *life, const seen_t *seen, const char *expected)
{
    life->now_us += DAY_US;
    life->since_start_us += DAY_US;
    snapshot_t snapshot = support_snapshot("");
    target_state_t *target = &snapshot.targets[0];
    assert_string_equal(target->name, TARGET);
    if (seen) {
        target->measurement = calloc(1, sizeof *target->measurement);
        assert_non_null(target->measurement);
        *target->measurement = (measurement_t){
            .http_code = seen->is_answered ? 200 : MEASURED_NONE,
            .cert_expires_at_us = seen->left_us ? life->now_us + seen->left_us : 0,
            .cert_leaf_expires_at_us = seen->left_us ? life->now_us + seen->left_us + DAY_US : 0};
    }
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    life_assert_effects("step", &effects, expected);
    snapshot_clear(&snapshot);
}

static void time_left_decides_the_level_and_renewal_ends_it(void **state)
{
    life_t *life = *state;
    step(life, &(seen_t){21 * DAY_US, true}, "");
    step(life, &(seen_t){21 * DAY_US - 1, true}, "+" COMPONENT "/WARNING");
    step(life, &(seen_t){3 * DAY_US - 1, true},
         "-" COMPONENT "/WARNING:replaced +" COMPONENT "/CRITICAL");
    step(life, &(seen_t){90 * DAY_US, true}, "-" COMPONENT "/CRITICAL:recovered");
    step(life, &(seen_t){-1, true}, "+" COMPONENT "/CRITICAL");
    assert_string_equal(life_active(life, COMPONENT)->title, "Certificate expired: " TARGET);
}

static void texts_name_the_instant_so_that_nothing_is_updated(void **state)
{
    life_t *life = *state;
    step(life, &(seen_t){10 * DAY_US, true}, "+" COMPONENT "/WARNING");
    const alert_t *alert = life_active(life, COMPONENT);
    assert_int_equal(alert->kind, ALERT_KIND_CERTIFICATE);
    assert_string_equal(alert->title, "Certificate expires soon: " TARGET);
    assert_string_equal(alert->message, "The certificate of " TARGET
                                        " expires at 2026-12-05T02:45:30.289500+00:00");
    assert_non_null(
        strstr(alert->details, "{\"expires_at\": \"2026-12-05T02:45:30.289500+00:00\""));
    step(life, &(seen_t){9 * DAY_US, true}, ""); /* the same instant, a day later */
}

static void without_an_answer_it_stays_as_it_is(void **state)
{
    life_t *life = *state;
    step(life, NULL, "");
    step(life, &(seen_t){10 * DAY_US, true}, "+" COMPONENT "/WARNING");
    step(life, NULL, "");
    step(life, &(seen_t){0, false}, "");
    step(life, &(seen_t){0, true}, "-" COMPONENT "/WARNING:recovered"); /* no TLS any more */
}

static void target_that_asks_for_none_has_none(void **state)
{
    life_t *life = *state;
    step(life, &(seen_t){DAY_US, true}, "+" COMPONENT "/CRITICAL");
    target_t *target = support_target(life->config, TARGET);
    target->cert_warning_us = target->cert_critical_us = 0;
    step(life, &(seen_t){DAY_US, true}, "-" COMPONENT "/CRITICAL:target_removed");
    target->cert_warning_us = 21 * DAY_US; /* the warning alone is asked for */
    step(life, &(seen_t){DAY_US, true}, "+" COMPONENT "/WARNING");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(time_left_decides_the_level_and_renewal_ends_it, set_up,
                                        life_teardown),
        cmocka_unit_test_setup_teardown(texts_name_the_instant_so_that_nothing_is_updated, set_up,
                                        life_teardown),
        cmocka_unit_test_setup_teardown(without_an_answer_it_stays_as_it_is, set_up, life_teardown),
        cmocka_unit_test_setup_teardown(target_that_asks_for_none_has_none, set_up, life_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
