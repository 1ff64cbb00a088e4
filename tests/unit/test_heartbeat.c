/* Heartbeats: what pings, their absence and clocks that jump make of a target. */
#include <stdlib.h>

#include <healthd/probe_result.h>

#include "core/heartbeat_result.h"
#include "core/ping_log.h"
#include "tests/support/support_zone.h"
#include "tests/test.h"

#define S  ((int64_t)1000000)
#define AT ((int64_t)1795488330 * S) /* 2026-11-24T02:45:30Z */

/* Every minute, with ten seconds for a late one, and five of them OK. */
static const heartbeat_settings_t each_minute = {
    .token = "t", .period_us = 60 * S, .grace_us = 10 * S, .tolerance_us = 5 * S};

/* A heartbeat and both clocks. */
typedef struct {
    const heartbeat_settings_t *settings;
    heartbeat_t heartbeat;
    now_t now;
    heartbeat_verdict_t verdict;
} world_t;

static world_t begin(const heartbeat_settings_t *settings)
{
    world_t world = {.settings = settings, .now = {.wall_us = AT, .mono_us = 1000 * S}};
    heartbeat_record_t nothing = HEARTBEAT_NOTHING;
    heartbeat_begin(&world.heartbeat, settings, &nothing, world.now);
    return world;
}

static void end(world_t *world)
{
    heartbeat_record_clear(&world->heartbeat.record);
}

/* Both clocks go on by SPAN_US, with a look at every wake on the way, as the actor does it. */
static void pass(world_t *world, int64_t span_us)
{
    int64_t end_us = world->now.mono_us + span_us;
    for (;;) {
        heartbeat_look(&world->heartbeat, world->settings, world->now, &world->verdict);
        int64_t wake_us = world->verdict.wake_mono_us;
        int64_t to_us = wake_us < end_us ? wake_us : end_us;
        assert_true(to_us > world->now.mono_us || to_us == end_us);
        world->now.wall_us += to_us - world->now.mono_us;
        world->now.mono_us = to_us;
        if (to_us == end_us)
            break;
    }
    heartbeat_look(&world->heartbeat, world->settings, world->now, &world->verdict);
}

static void ping_with(world_t *world, int signal, int64_t exit_code)
{
    ping_t ping = {.signal = signal, .exit_code = exit_code};
    heartbeat_ping(&world->heartbeat, world->settings, &ping, world->now);
    heartbeat_look(&world->heartbeat, world->settings, world->now, &world->verdict);
}

static void ping(world_t *world, int signal)
{
    ping_with(world, signal, -1);
}

static void check(const world_t *world, status_t status, reason_t reason)
{
    if (world->verdict.status != status || world->verdict.reason != reason)
        fail_msg("%s for %s", status_name((int)world->verdict.status),
                 reason_name((int)world->verdict.reason));
    assert_int_equal(world->verdict.text[0] != '\0', status != STATUS_OK);
}

/* healthd ends, and is there again after SPAN_US. */
static void restart(world_t *world, int64_t span_us)
{
    heartbeat_record_t record = world->heartbeat.record;
    world->now.wall_us += span_us;
    world->now.mono_us = 7 * S; /* another machine's clock for all we know */
    heartbeat_begin(&world->heartbeat, world->settings, &record, world->now);
    assert_null(record.log);
    heartbeat_look(&world->heartbeat, world->settings, world->now, &world->verdict);
}

static void a_new_one_is_unknown_until_a_run_has_ended(void **state)
{
    (void)state;
    world_t world = begin(&each_minute);
    pass(&world, 3600 * S);
    check(&world, STATUS_UNKNOWN, REASON_NO_PING);
    assert_int_equal(world.verdict.wake_mono_us, HEARTBEAT_NEVER);
    ping(&world, PING_START);
    check(&world, STATUS_UNKNOWN, REASON_NO_PING);
    ping(&world, PING_SUCCESS);
    check(&world, STATUS_OK, REASON_NONE);
    end(&world);
}

static void it_is_late_and_then_missed_to_the_microsecond(void **state)
{
    (void)state;
    static const struct {
        int64_t after_us;
        status_t status;
        reason_t reason;
    } rows[] = {
        {0, STATUS_OK, REASON_NONE},
        {65 * S - 1, STATUS_OK, REASON_NONE},
        {65 * S, STATUS_DEGRADED, REASON_LATE},
        {70 * S - 1, STATUS_DEGRADED, REASON_LATE},
        {70 * S, STATUS_DOWN, REASON_MISSED},
        {900 * S, STATUS_DOWN, REASON_MISSED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_t world = begin(&each_minute);
        ping(&world, PING_SUCCESS);
        assert_int_equal(world.verdict.expected_us, AT + 60 * S);
        assert_int_equal(world.verdict.deadline_us, AT + 70 * S);
        pass(&world, rows[i].after_us);
        check(&world, rows[i].status, rows[i].reason);
        ping(&world, PING_SUCCESS);
        check(&world, STATUS_OK, REASON_NONE);
        end(&world);
    }
}

static void a_failure_is_down_at_once_until_a_success(void **state)
{
    (void)state;
    world_t world = begin(&each_minute);
    ping(&world, PING_FAIL);
    check(&world, STATUS_DOWN, REASON_JOB_FAILED);
    assert_string_equal(world.verdict.text, "The job reported a failure");
    ping_with(&world, PING_FAIL, 3);
    assert_string_equal(world.verdict.text, "The job ended with exit code 3");
    ping(&world, PING_START);
    check(&world, STATUS_DOWN, REASON_JOB_FAILED);
    ping(&world, PING_LOG);
    check(&world, STATUS_DOWN, REASON_JOB_FAILED);
    pass(&world, 70 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    ping_with(&world, PING_SUCCESS, 0);
    check(&world, STATUS_OK, REASON_NONE);
    end(&world);
}

static void a_run_has_its_own_time(void **state)
{
    (void)state;
    heartbeat_settings_t settings = each_minute;
    settings.max_runtime_us = 300 * S;
    world_t world = begin(&settings);
    ping(&world, PING_SUCCESS);
    assert_int_equal(world.heartbeat.record.runtime_us, LATENCY_NONE);
    pass(&world, 62 * S);
    ping(&world, PING_START);
    pass(&world, 300 * S - 1); /* far beyond the grace, but it began in time */
    check(&world, STATUS_OK, REASON_NONE);
    pass(&world, 1);
    check(&world, STATUS_DOWN, REASON_OVERRUN);
    assert_string_equal(world.verdict.text,
                        "The run that began at 2026-11-24T02:46:32.000000+00:00 has taken longer "
                        "than 300 s");
    pass(&world, 5 * S);
    ping(&world, PING_SUCCESS);
    check(&world, STATUS_OK, REASON_NONE);
    assert_int_equal(world.heartbeat.record.runtime_us, 305 * S);
    pass(&world, 66 * S);
    check(&world, STATUS_DEGRADED, REASON_LATE);
    ping(&world, PING_START); /* it has begun late, and stays so */
    pass(&world, 200 * S);
    check(&world, STATUS_DEGRADED, REASON_LATE);
    ping(&world, PING_SUCCESS);
    pass(&world, 75 * S);
    ping(&world, PING_START); /* what was missed stays so until it is done */
    check(&world, STATUS_DOWN, REASON_MISSED);
    end(&world);
}

/* Without a bound of its own a run must end within the grace. */
static void a_start_alone_does_not_put_off_the_deadline(void **state)
{
    (void)state;
    world_t world = begin(&each_minute);
    ping(&world, PING_SUCCESS);
    pass(&world, 60 * S);
    ping(&world, PING_START);
    pass(&world, 10 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    end(&world);
}

static void the_deadline_goes_on_over_a_restart(void **state)
{
    (void)state;
    world_t world = begin(&each_minute);
    ping(&world, PING_SUCCESS);
    restart(&world, 66 * S);
    check(&world, STATUS_DEGRADED, REASON_LATE);
    assert_int_equal(world.verdict.deadline_us, AT + 70 * S);
    pass(&world, 4 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    ping_with(&world, PING_FAIL, 9);
    restart(&world, S);
    check(&world, STATUS_DOWN, REASON_JOB_FAILED);
    ping(&world, PING_SUCCESS);
    restart(&world, -3600 * S); /* the clock was set back: it counts anew */
    check(&world, STATUS_OK, REASON_NONE);
    pass(&world, 70 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    end(&world);
}

static void a_run_goes_on_over_a_restart(void **state)
{
    (void)state;
    heartbeat_settings_t settings = each_minute;
    settings.max_runtime_us = 300 * S;
    world_t world = begin(&settings);
    ping(&world, PING_SUCCESS);
    pass(&world, 60 * S);
    ping(&world, PING_START);
    restart(&world, 299 * S);
    check(&world, STATUS_OK, REASON_NONE);
    pass(&world, S);
    check(&world, STATUS_DOWN, REASON_OVERRUN);
    ping(&world, PING_SUCCESS);
    assert_int_equal(world.heartbeat.record.runtime_us, 300 * S);
    end(&world);
}

/* --- schedules --- */

static heartbeat_settings_t nightly(const char *text)
{
    heartbeat_settings_t settings = {.grace_us = 600 * S, .tolerance_us = 60 * S};
    cron_error_t error;
    assert_int_equal(cron_parse(text, strlen(text), &settings.schedule, &error), 0);
    return settings;
}

static void a_schedule_expects_its_times(void **state)
{
    (void)state;
    const heartbeat_settings_t settings = nightly("0 3 * * *");
    int64_t three_us = AT + 870 * S;
    world_t world = begin(&settings);
    ping(&world, PING_SUCCESS);
    assert_int_equal(world.verdict.expected_us, three_us);
    pass(&world, 870 * S - 60 * S); /* one that comes a little early is that time's */
    ping(&world, PING_SUCCESS);
    assert_int_equal(world.verdict.expected_us, three_us + 86400 * S);
    pass(&world, 86400 * S + 119 * S);
    check(&world, STATUS_OK, REASON_NONE);
    pass(&world, S);
    check(&world, STATUS_DEGRADED, REASON_LATE);
    pass(&world, 540 * S - 1);
    check(&world, STATUS_DEGRADED, REASON_LATE);
    pass(&world, 1);
    check(&world, STATUS_DOWN, REASON_MISSED);
    restart(&world, 3 * 86400 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    end(&world);
}

static void a_clock_that_jumps_ahead_leaves_the_whole_grace(void **state)
{
    (void)state;
    const heartbeat_settings_t settings = nightly("0 3 * * *");
    world_t world = begin(&settings);
    ping(&world, PING_SUCCESS);
    pass(&world, 60 * S);
    world.now.wall_us += 7200 * S;
    pass(&world, 0);
    check(&world, STATUS_OK, REASON_NONE);
    pass(&world, 60 * S);
    check(&world, STATUS_DEGRADED, REASON_LATE);
    pass(&world, 540 * S - 1);
    check(&world, STATUS_DEGRADED, REASON_LATE);
    pass(&world, 1);
    check(&world, STATUS_DOWN, REASON_MISSED);
    world.now.wall_us -= 7200 * S; /* set right: it is still to come */
    pass(&world, 0);
    check(&world, STATUS_OK, REASON_NONE);
    end(&world);
}

static void a_period_does_not_look_at_the_wall_clock(void **state)
{
    (void)state;
    static const int64_t jumps_us[] = {-86400 * S, 86400 * S, 36500 * (86400 * S)};
    for (size_t i = 0; i < COUNT_OF(jumps_us); i++) {
        world_t world = begin(&each_minute);
        ping(&world, PING_SUCCESS);
        world.now.wall_us += jumps_us[i];
        pass(&world, 65 * S - 1);
        check(&world, STATUS_OK, REASON_NONE);
        pass(&world, 5 * S + 1);
        check(&world, STATUS_DOWN, REASON_MISSED);
        end(&world);
    }
}

static void other_settings_count_from_the_same_ping(void **state)
{
    (void)state;
    heartbeat_settings_t hourly = each_minute;
    hourly.period_us = 3600 * S;
    world_t world = begin(&each_minute);
    ping(&world, PING_SUCCESS);
    pass(&world, 100 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    world.settings = &hourly;
    heartbeat_reconfigure(&world.heartbeat, &hourly, world.now);
    pass(&world, 0);
    check(&world, STATUS_OK, REASON_NONE);
    assert_int_equal(world.verdict.expected_us, AT + 3600 * S);
    end(&world);
}

static void a_pause_that_is_over_counts_anew(void **state)
{
    (void)state;
    world_t world = begin(&each_minute);
    assert_false(heartbeat_resume(&world.heartbeat, world.settings, world.now));
    ping(&world, PING_SUCCESS);
    pass(&world, 30 * S);
    assert_false(heartbeat_resume(&world.heartbeat, world.settings, world.now));
    pass(&world, 500 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    assert_true(heartbeat_resume(&world.heartbeat, world.settings, world.now));
    pass(&world, 64 * S);
    check(&world, STATUS_OK, REASON_NONE);
    pass(&world, 6 * S);
    check(&world, STATUS_DOWN, REASON_MISSED);
    end(&world);
}

/* --- records, rates, logs, results --- */

static void a_record_that_makes_no_sense_is_a_new_one(void **state)
{
    (void)state;
    static const int64_t instants_us[] = {INT64_MIN, INT64_MAX, -3000000000 * S};
    for (size_t i = 0; i < COUNT_OF(instants_us); i++) {
        world_t world = begin(&each_minute);
        heartbeat_record_t record = HEARTBEAT_NOTHING;
        record.last_ping_us = AT;
        record.counted_us = instants_us[i];
        heartbeat_begin(&world.heartbeat, world.settings, &record, world.now);
        pass(&world, S);
        check(&world, STATUS_UNKNOWN, REASON_NO_PING);
        end(&world);
    }
}

static void too_many_pings_are_refused_for_a_while(void **state)
{
    (void)state;
    world_t world = begin(&each_minute);
    for (int i = 0; i < HEARTBEAT_PINGS_AT_ONCE; i++)
        assert_true(heartbeat_admit(&world.heartbeat, 5));
    assert_false(heartbeat_admit(&world.heartbeat, 5));
    assert_false(heartbeat_admit(&world.heartbeat, 5 + HEARTBEAT_PING_EVERY_US - 1));
    assert_true(heartbeat_admit(&world.heartbeat, 5 + HEARTBEAT_PING_EVERY_US));
    assert_false(heartbeat_admit(&world.heartbeat, 5 + HEARTBEAT_PING_EVERY_US));
    end(&world);
}

static void the_end_of_a_log_is_kept_as_text(void **state)
{
    (void)state;
    char *log = NULL;
    assert_int_equal(ping_log_of_body("", 0, &log), 0);
    assert_null(log);
    assert_int_equal(ping_log_of_body("a\0b\xff", 4, &log), 0);
    assert_string_equal(log, "a b\xEF\xBF\xBD");
    free(log);
    char body[PING_LOG_MAX_BYTES + 3];
    memset(body, 'x', sizeof body);
    memcpy(body + sizeof body - 3, "end", 3);
    memcpy(body + 2, "\xc3\xa9", 2); /* half of it is cut off */
    assert_int_equal(ping_log_of_body(body, sizeof body, &log), 0);
    assert_true(strlen(log) <= PING_LOG_MAX_BYTES);
    assert_true(strlen(log) >= PING_LOG_MAX_BYTES - 3);
    assert_string_equal(log + strlen(log) - 4, "xend");
    free(log);
    memset(body, 0xFF, sizeof body); /* three times as long once repaired */
    assert_int_equal(ping_log_of_body(body, sizeof body, &log), 0);
    assert_true(strlen(log) <= PING_LOG_MAX_BYTES);
    assert_int_equal(strlen(log) % 3, 0);
    assert_memory_equal(log, "\xEF\xBF\xBD", 3);
    free(log);
}

static void a_result_carries_run_time_log_and_times(void **state)
{
    (void)state;
    char name[] = "job";
    char prefix[] = "";
    const target_t target = {
        .name = name, .kind = KIND_SERVICE, .type = PROBE_HEARTBEAT, .error_prefix = prefix};
    world_t world = begin(&each_minute);
    probe_result_t result;
    ping(&world, PING_START);
    pass(&world, 2 * S);
    ping_t failed = {.signal = PING_FAIL, .exit_code = 3, .log = strdup("disk full")};
    heartbeat_ping(&world.heartbeat, world.settings, &failed, world.now);
    assert_null(failed.log);
    heartbeat_look(&world.heartbeat, world.settings, world.now, &world.verdict);
    assert_int_equal(
        heartbeat_result(&target, &world.heartbeat, &world.verdict, NULL, world.now, &result), 0);
    assert_int_equal(result.status, STATUS_DOWN);
    assert_int_equal(result.reason, REASON_JOB_FAILED);
    assert_int_equal(result.latency_us, 2 * S);
    assert_string_equal(result.error, "The job ended with exit code 3");
    assert_string_equal(result.details, "{\"raw\":\"disk full\"}");
    assert_non_null(strstr(result.evidence, "\"output\": \"disk full\""));
    assert_int_equal(result.measurement->heartbeat->last_ping_at_us, AT + 2 * S);
    assert_int_equal(result.measurement->heartbeat->started_at_us, 0);
    assert_int_equal(result.measurement->heartbeat->expected_at_us, AT + 62 * S);
    assert_int_equal(result.measurement->heartbeat->deadline_at_us, AT + 72 * S);
    assert_int_equal(result.measurement->heartbeat->exit_code, 3);
    probe_result_clear(&result);
    pass(&world, 70 * S);
    assert_int_equal(
        heartbeat_result(&target, &world.heartbeat, &world.verdict, NULL, world.now, &result), 0);
    assert_int_equal(result.reason, REASON_MISSED);
    assert_int_equal(result.latency_us, LATENCY_NONE);
    probe_result_clear(&result);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_one_is_unknown_until_a_run_has_ended),
        cmocka_unit_test(it_is_late_and_then_missed_to_the_microsecond),
        cmocka_unit_test(a_failure_is_down_at_once_until_a_success),
        cmocka_unit_test(a_run_has_its_own_time),
        cmocka_unit_test(a_start_alone_does_not_put_off_the_deadline),
        cmocka_unit_test(the_deadline_goes_on_over_a_restart),
        cmocka_unit_test(a_run_goes_on_over_a_restart),
        cmocka_unit_test(a_schedule_expects_its_times),
        cmocka_unit_test(a_clock_that_jumps_ahead_leaves_the_whole_grace),
        cmocka_unit_test(a_period_does_not_look_at_the_wall_clock),
        cmocka_unit_test(other_settings_count_from_the_same_ping),
        cmocka_unit_test(a_pause_that_is_over_counts_anew),
        cmocka_unit_test(a_record_that_makes_no_sense_is_a_new_one),
        cmocka_unit_test(too_many_pings_are_refused_for_a_while),
        cmocka_unit_test(the_end_of_a_log_is_kept_as_text),
        cmocka_unit_test(a_result_carries_run_time_log_and_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
