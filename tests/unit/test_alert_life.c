/* The life of alerts (contract, section 8): raised, updated, resolved, replaced, cleared. */
#include "tests/unit/alert_life.h"

/* A script: each pair is a snapshot and its effects; "clear COMPONENT" and "restart" do so. */
typedef struct {
    const char *what;
    struct {
        const char *line;
        const char *effects;
    } steps[12];
} script_t;

static void play(life_t *life, const script_t *script)
{
    life_begin_anew(life, false);
    for (size_t i = 0; i < COUNT_OF(script->steps) && script->steps[i].line; i++) {
        const char *line = script->steps[i].line;
        if (strcmp(line, "restart") == 0)
            life_restart(life);
        else if (strncmp(line, "clear ", 6) == 0)
            life_clear(life, line + 6, script->steps[i].effects);
        else
            life_step(life, line, script->steps[i].effects);
    }
}

static void an_alert_lives_as_long_as_its_condition(void **state)
{
    static const script_t scripts[] = {
        {"nothing is wrong", {{"", ""}, {"", ""}}},
        {"a service goes and comes",
         {{"", ""},
          {"system=CRITICAL risk_guard=DOWN", "+system/CRITICAL +risk_guard/CRITICAL"},
          {"system=CRITICAL risk_guard=DOWN", ""}, /* one alert while it lasts */
          {"system=CRITICAL risk_guard=DOWN", ""},
          {"", "-system/CRITICAL:recovered -risk_guard/CRITICAL:recovered"},
          {"", ""},
          {"system=CRITICAL risk_guard=DOWN", "+system/CRITICAL +risk_guard/CRITICAL"}}},
        {"a service that is not critical",
         {{"system=DEGRADED system_health_monitor=DOWN",
           "+system/WARNING +system_health_monitor/WARNING"},
          {"", "-system/WARNING:recovered -system_health_monitor/WARNING:recovered"}}},
        {"infrastructure",
         {{"system=CRITICAL postgres=DOWN", "+system/CRITICAL +postgres/CRITICAL"}}},
        {"a DEGRADED target has no alert of its own",
         {{"system=DEGRADED scheduler=DEGRADED postgres=DEGRADED", "+system/WARNING"},
          {"system=CRITICAL scheduler=DOWN postgres=DEGRADED",
           "-system/WARNING:replaced +system/CRITICAL +scheduler/CRITICAL"},
          {"system=DEGRADED scheduler=DEGRADED postgres=DEGRADED",
           "-system/CRITICAL:replaced +system/WARNING -scheduler/CRITICAL:recovered"}}},
        {"system, services, infrastructure, the stop: in this order",
         {{"system=CRITICAL redis=DOWN ai_system=DOWN stop=DOWN@5-0 main_backend=DOWN "
           "postgres=DOWN",
           "+system/CRITICAL +main_backend/CRITICAL +ai_system/CRITICAL +redis/CRITICAL "
           "+postgres/CRITICAL +stop/CRITICAL"}}},
        {"the system's alert follows what it lists",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"system=CRITICAL redis=DOWN postgres=DOWN", "~system/CRITICAL +postgres/CRITICAL"},
          {"system=CRITICAL redis=DOWN postgres=DOWN", ""},
          {"system=CRITICAL postgres=DOWN", "~system/CRITICAL -redis/CRITICAL:recovered"}}},
        {"the level of the system changes and changes back",
         {{"system=DEGRADED scheduler=DEGRADED", "+system/WARNING"},
          {"system=CRITICAL redis=DOWN",
           "-system/WARNING:replaced +system/CRITICAL +redis/CRITICAL"},
          {"system=DEGRADED scheduler=DEGRADED",
           "-system/CRITICAL:replaced +system/WARNING -redis/CRITICAL:recovered"},
          {"", "-system/WARNING:recovered"}}},
        {"UNKNOWN holds everything",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"system=UNKNOWN redis=UNKNOWN", ""},
          {"system=UNKNOWN redis=UNKNOWN risk_guard=UNKNOWN", ""},
          {"system=CRITICAL redis=DOWN", ""},
          {"system=UNKNOWN risk_guard=UNKNOWN", "-redis/CRITICAL:recovered"},
          {"", "-system/CRITICAL:recovered"}}},
        {"UNKNOWN and the system's other level",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"system=DEGRADED redis=UNKNOWN scheduler=DEGRADED",
           "-system/CRITICAL:replaced +system/WARNING"}}},
        {"a target that is watched no more",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"gone=redis", "-system/CRITICAL:recovered -redis/CRITICAL:target_removed"},
          {"gone=redis", ""},
          {"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"}}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        print_message("%s\n", scripts[i].what);
        play(*state, &scripts[i]);
    }
}

static void a_cleared_alert_is_quiet_until_its_condition_has_ended_once(void **state)
{
    static const script_t scripts[] = {
        {"a service",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"clear redis", "-redis/CRITICAL:cleared q+redis/CRITICAL"},
          {"system=CRITICAL redis=DOWN", ""},
          {"system=CRITICAL redis=DOWN postgres=DOWN", "~system/CRITICAL +postgres/CRITICAL"},
          {"system=CRITICAL postgres=DOWN", "~system/CRITICAL q-redis/CRITICAL"},
          {"system=CRITICAL redis=DOWN postgres=DOWN", "~system/CRITICAL +redis/CRITICAL"}}},
        {"UNKNOWN does not end a condition",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"clear redis", "-redis/CRITICAL:cleared q+redis/CRITICAL"},
          {"system=UNKNOWN redis=UNKNOWN", ""},
          {"system=CRITICAL redis=DOWN", ""}}},
        {"quiet is not carried to another level",
         {{"system=DEGRADED scheduler=DEGRADED", "+system/WARNING"},
          {"clear system", "-system/WARNING:cleared q+system/WARNING"},
          {"system=DEGRADED scheduler=DEGRADED", ""},
          {"system=CRITICAL redis=DOWN", "q-system/WARNING +system/CRITICAL +redis/CRITICAL"},
          {"system=DEGRADED scheduler=DEGRADED",
           "-system/CRITICAL:replaced +system/WARNING -redis/CRITICAL:recovered"}}},
        {"a cleared CRITICAL, then the WARNING",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"clear system", "-system/CRITICAL:cleared q+system/CRITICAL"},
          {"system=DEGRADED scheduler=DEGRADED",
           "q-system/CRITICAL +system/WARNING -redis/CRITICAL:recovered"},
          {"system=CRITICAL redis=DOWN",
           "-system/WARNING:replaced +system/CRITICAL +redis/CRITICAL"}}},
        {"a quiet target that is watched no more",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"clear redis", "-redis/CRITICAL:cleared q+redis/CRITICAL"},
          {"gone=redis", "-system/CRITICAL:recovered q-redis/CRITICAL"},
          {"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"}}},
        {"cleared twice",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"clear redis", "-redis/CRITICAL:cleared q+redis/CRITICAL"},
          {"", "-system/CRITICAL:recovered q-redis/CRITICAL"},
          {"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"clear redis", "-redis/CRITICAL:cleared q+redis/CRITICAL"},
          {"system=CRITICAL redis=DOWN", ""}}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        print_message("%s\n", scripts[i].what);
        play(*state, &scripts[i]);
    }
}

static void the_emergency_stop_is_cleared_by_entry(void **state)
{
    static const script_t scripts[] = {
        {"tripped and reset",
         {{"system=CRITICAL stop=DOWN@5-0", "+system/CRITICAL +stop/CRITICAL"},
          {"stop=OK@6-0", "-system/CRITICAL:recovered -stop/CRITICAL:reset"}}},
        {"cleared: quiet until a snapshot shows it, then done",
         {{"system=CRITICAL stop=DOWN@5-0", "+system/CRITICAL +stop/CRITICAL"},
          {"clear stop", "-stop/CRITICAL:cleared q+stop/CRITICAL"},
          {"system=CRITICAL stop=DOWN@5-0", ""},
          {"stop=OK@5-0", "-system/CRITICAL:recovered q-stop/CRITICAL"},
          {"system=CRITICAL stop=DOWN@5-1", "+system/CRITICAL +stop/CRITICAL"}}},
        {"a newer trip comes before the clear is shown",
         {{"system=CRITICAL stop=DOWN@5-0", "+system/CRITICAL +stop/CRITICAL"},
          {"clear stop", "-stop/CRITICAL:cleared q+stop/CRITICAL"},
          {"system=CRITICAL stop=DOWN@5-1", "q-stop/CRITICAL +stop/CRITICAL"}}},
        {"an older trip is as quiet",
         {{"system=CRITICAL stop=DOWN@5-0", "+system/CRITICAL +stop/CRITICAL"},
          {"clear stop", "-stop/CRITICAL:cleared q+stop/CRITICAL"},
          {"system=CRITICAL stop=DOWN@4-9", ""}}},
        {"ids are numbers",
         {{"system=CRITICAL stop=DOWN@9-0", "+system/CRITICAL +stop/CRITICAL"},
          {"clear stop", "-stop/CRITICAL:cleared q+stop/CRITICAL"},
          {"system=CRITICAL stop=DOWN@10-0", "q-stop/CRITICAL +stop/CRITICAL"}}},
        {"a second trip while the first is active",
         {{"system=CRITICAL stop=DOWN@5-0", "+system/CRITICAL +stop/CRITICAL"},
          {"system=CRITICAL stop=DOWN@6-0", "~stop/CRITICAL"},
          {"clear stop", "-stop/CRITICAL:cleared q+stop/CRITICAL"},
          {"system=CRITICAL stop=DOWN@6-0", ""}}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        print_message("%s\n", scripts[i].what);
        play(*state, &scripts[i]);
    }
}

static void a_restart_raises_nothing_again_and_resolves_what_ended_meanwhile(void **state)
{
    static const script_t scripts[] = {
        {"what is still wrong",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"restart", NULL},
          {"system=UNKNOWN new=redis new=postgres", ""},
          {"system=CRITICAL redis=DOWN", ""}}},
        {"what ended meanwhile",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"restart", NULL},
          {"new=redis system=UNKNOWN", ""},
          {"", "-system/CRITICAL:recovered -redis/CRITICAL:recovered"},
          {"restart", NULL},
          {"", ""},
          {"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"}}},
        {"what is watched no more",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"restart", NULL},
          {"gone=redis", "-system/CRITICAL:recovered -redis/CRITICAL:target_removed"}}},
        {"what was cleared stays quiet",
         {{"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"},
          {"clear redis", "-redis/CRITICAL:cleared q+redis/CRITICAL"},
          {"restart", NULL},
          {"system=CRITICAL redis=DOWN", ""},
          {"restart", NULL},
          {"", "-system/CRITICAL:recovered q-redis/CRITICAL"},
          {"system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL"}}},
        {"the stop, cleared, whose reset is not stored yet",
         {{"system=CRITICAL stop=DOWN@5-0", "+system/CRITICAL +stop/CRITICAL"},
          {"clear stop", "-stop/CRITICAL:cleared q+stop/CRITICAL"},
          {"restart", NULL},
          {"system=CRITICAL stop=DOWN@5-0", ""},
          {"system=CRITICAL stop=DOWN@5-1", "q-stop/CRITICAL +stop/CRITICAL"}}},
        {"the stop is still tripped",
         {{"system=CRITICAL stop=DOWN@5-0", "+system/CRITICAL +stop/CRITICAL"},
          {"restart", NULL},
          {"system=CRITICAL stop=DOWN@5-0 new=redis", ""},
          {"stop=OK@6-0 new=redis system=UNKNOWN", "-stop/CRITICAL:reset"}}},
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        print_message("%s\n", scripts[i].what);
        play(*state, &scripts[i]);
    }
}

static void after_the_start_alerts_wait_for_every_result_or_30_seconds(void **state)
{
    life_t *life = *state;
    life_step(life, "system=CRITICAL redis=DOWN new=postgres", "");
    life_step(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
    life_step(life, "system=CRITICAL redis=DOWN risk_guard=DOWN new=postgres",
              "~system/CRITICAL +risk_guard/CRITICAL"); /* it waits but once */

    life_begin_anew(life, false);
    life->since_start_us = ALERT_START_GRACE_US - 1 - SECOND_US;
    life_step(life, "system=CRITICAL redis=DOWN new=postgres", "");
    life->since_start_us = ALERT_START_GRACE_US - SECOND_US;
    life_step(life, "system=CRITICAL redis=DOWN new=postgres", "+system/CRITICAL +redis/CRITICAL");

    life_begin_anew(life, false); /* the stop has its state from disk: it speaks at once */
    life_step(life, "system=CRITICAL redis=DOWN stop=DOWN@5-0 new=postgres", "+stop/CRITICAL");
    life_step(life, "system=CRITICAL redis=DOWN new=postgres", "-stop/CRITICAL:reset");
}

/* It has no result of its own, and may have none for ever: its members are paused. */
static void after_the_start_nobody_waits_for_a_group(void **state)
{
    life_t *life = *state;
    support_target(life->config, "postgres")->type = PROBE_GROUP;
    life_step(life, "system=CRITICAL redis=DOWN new=postgres", "+system/CRITICAL +redis/CRITICAL");
}

static void an_active_alert_keeps_its_id_and_follows_its_condition(void **state)
{
    life_t *life = *state;
    life_step(life, "system=CRITICAL redis=DOWN", "+system/CRITICAL +redis/CRITICAL");
    const alert_t *alert = life_active(life, "system");
    char *alert_id = strdup(alert->alert_id);
    assert_string_equal(alert_id, "system_CRITICAL_2026-11-24T02:45:31.289500+00:00");
    assert_int_equal(alert->raised_at_us, LIFE_START_US + SECOND_US);
    assert_string_equal(alert->message, "Critical failures detected: Infrastructure: redis");
    life_step(life, "system=CRITICAL redis=DOWN risk_guard=DOWN",
              "~system/CRITICAL +risk_guard/CRITICAL");
    assert_ptr_equal(life_active(life, "system"), alert);
    assert_string_equal(alert->alert_id, alert_id);
    assert_int_equal(alert->raised_at_us, LIFE_START_US + SECOND_US);
    assert_string_equal(alert->message,
                        "Critical failures detected: Service: risk_guard, Infrastructure: redis");
    assert_non_null(strstr(alert->details, "\"services_down\": [\"risk_guard\"]"));
    free(alert_id);

    life_step(life, "system=CRITICAL redis=DOWN risk_guard=DOWN stop=DOWN@5-0",
              "~system/CRITICAL +stop/CRITICAL");
    assert_string_equal(life_active(life, "stop")->entry_id, "5-0");
    life_step(life, "system=CRITICAL redis=DOWN risk_guard=DOWN stop=DOWN@6-0", "~stop/CRITICAL");
    assert_string_equal(life_active(life, "stop")->entry_id, "6-0");
}

static void with_a_file_a_degraded_target_has_an_alert(void **state)
{
    life_t *life = *state;
    life_begin_anew(life, true);
    life_step(life, "system=DEGRADED scheduler=DEGRADED", "+system/WARNING +scheduler/WARNING");
    life_step(life, "system=CRITICAL scheduler=DOWN",
              "-system/WARNING:replaced +system/CRITICAL -scheduler/WARNING:replaced "
              "+scheduler/CRITICAL");
    life_step(life, "", "-system/CRITICAL:recovered -scheduler/CRITICAL:recovered");
    life_step(life, "system=DEGRADED system_health_monitor=DEGRADED",
              "+system/WARNING +system_health_monitor/WARNING");
    life_step(life, "system=DEGRADED system_health_monitor=DOWN",
              "~system/WARNING ~system_health_monitor/WARNING"); /* the same level: it goes on */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(an_alert_lives_as_long_as_its_condition),
        LIFE_TEST(a_cleared_alert_is_quiet_until_its_condition_has_ended_once),
        LIFE_TEST(the_emergency_stop_is_cleared_by_entry),
        LIFE_TEST(a_restart_raises_nothing_again_and_resolves_what_ended_meanwhile),
        LIFE_TEST(after_the_start_alerts_wait_for_every_result_or_30_seconds),
        LIFE_TEST(after_the_start_nobody_waits_for_a_group),
        LIFE_TEST(an_active_alert_keeps_its_id_and_follows_its_condition),
        LIFE_TEST(with_a_file_a_degraded_target_has_an_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
