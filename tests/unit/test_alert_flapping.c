/* A target that flaps has one alert that says so, in place of one at each turn. */
#include "tests/unit/alert_life.h"

static void one_notice_in_and_one_out(void **state)
{
    life_t *life = *state;
    life_step(life, "", "");
    life_step(life, "redis=~DOWN", "+redis:flapping/WARNING");
    life_step(life, "redis=~OK", "");
    life_step(life, "redis=~DOWN", "");
    life_step(life, "redis=~UNKNOWN", "");
    life_step(life, "redis=OK", "-redis:flapping/WARNING:recovered");
    life_step(life, "redis=DOWN", "+redis/CRITICAL");
}

static void the_alert_of_before_stays_and_follows_afterwards(void **state)
{
    life_t *life = *state;
    life_step(life, "redis=DOWN", "+redis/CRITICAL");
    life_step(life, "redis=~OK", "+redis:flapping/WARNING");
    life_step(life, "redis=~DOWN", "");
    life_step(life, "redis=OK", "-redis/CRITICAL:recovered -redis:flapping/WARNING:recovered");
}

static void what_goes_down_while_it_flaps_is_told_once_it_is_calm(void **state)
{
    life_t *life = *state;
    life_step(life, "scheduler=~OK", "+scheduler:flapping/WARNING");
    life_step(life, "scheduler=~DOWN", "");
    life_step(life, "scheduler=DOWN", "+scheduler/CRITICAL -scheduler:flapping/WARNING:recovered");
}

/* Of its members that flap it is told; of the group itself it would be told twice. */
static void a_group_that_flaps_stays_and_is_not_told(void **state)
{
    life_t *life = *state;
    support_target(life->config, "scheduler")->type = PROBE_GROUP;
    life_step(life, "redis=~DOWN scheduler=~DOWN", "+redis:flapping/WARNING");
    life_step(life, "redis=~OK scheduler=~OK", "");
    life_step(life, "redis=~DOWN scheduler=DOWN", "+scheduler/CRITICAL");
    life_step(life, "redis=~OK scheduler=~OK", "");
    life_step(life, "redis=OK scheduler=OK",
              "-scheduler/CRITICAL:recovered -redis:flapping/WARNING:recovered");
}

/* After a start the history is empty: that it does not flap yet says nothing. */
static void a_restart_tells_nothing(void **state)
{
    life_t *life = *state;
    life_step(life, "redis=~DOWN", "+redis:flapping/WARNING");
    life_restart(life);
    life_step(life, "redis=?OK", "");
    life_step(life, "redis=?OK", "");
    life_step(life, "redis=~OK", "");
    life_step(life, "redis=OK", "-redis:flapping/WARNING:recovered");
}

static void a_clear_lasts_until_it_is_calm(void **state)
{
    life_t *life = *state;
    life_step(life, "redis=~DOWN", "+redis:flapping/WARNING");
    life_clear(life, "redis:flapping", "-redis:flapping/WARNING:cleared q+redis:flapping/WARNING");
    life_step(life, "redis=~OK", "");
    life_restart(life);
    life_step(life, "redis=~OK", "");
    life_step(life, "redis=OK", "q-redis:flapping/WARNING");
    life_step(life, "redis=~OK", "+redis:flapping/WARNING");
}

static void a_removed_target_takes_it_along(void **state)
{
    life_t *life = *state;
    life_step(life, "redis=~DOWN scheduler=~OK",
              "+scheduler:flapping/WARNING +redis:flapping/WARNING");
    life_step(life, "gone=redis scheduler=~OK", "-redis:flapping/WARNING:target_removed");
}

static void its_texts_name_the_thresholds(void **state)
{
    life_t *life = *state;
    life->config->flap = (flap_settings_t){.window = 20, .high = 0.3, .low = 0.25};
    life_step(life, "redis=~DOWN", "+redis:flapping/WARNING");
    const alert_t *alert = life_active(life, "redis:flapping");
    assert_int_equal(alert->kind, ALERT_KIND_FLAPPING);
    assert_string_equal(alert->title, "Infrastructure flapping: redis");
    assert_string_equal(alert->message,
                        "More than 30% of the last 20 results of redis differ from the one before; "
                        "its turns are not told until less than 25% do");
    assert_string_equal(alert->details, "{\"window\": 20, \"high\": 0.3, \"low\": 0.25}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(one_notice_in_and_one_out),
        LIFE_TEST(the_alert_of_before_stays_and_follows_afterwards),
        LIFE_TEST(what_goes_down_while_it_flaps_is_told_once_it_is_calm),
        LIFE_TEST(a_group_that_flaps_stays_and_is_not_told),
        LIFE_TEST(a_restart_tells_nothing),
        LIFE_TEST(a_clear_lasts_until_it_is_calm),
        LIFE_TEST(a_removed_target_takes_it_along),
        LIFE_TEST(its_texts_name_the_thresholds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
