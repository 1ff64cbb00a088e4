#include "core/heartbeat.h"

#include <stdio.h>
#include <stdlib.h>

#include <healthd/probe_result.h>

#include "core/timestamp.h"

#define SECOND_US ((int64_t)1000000)
/* Years 1900 to 9999: what a clock can say and a calendar knows. */
#define WALL_LEAST_US (INT64_C(-2208988800) * SECOND_US)
#define WALL_MOST_US  (INT64_C(253402300799) * SECOND_US)

const char *ping_signal_name(int signal)
{
    static const char *const names[PING_SIGNAL_COUNT] = {[PING_START] = "start",
                                                         [PING_SUCCESS] = "success",
                                                         [PING_FAIL] = "fail",
                                                         [PING_LOG] = "log"};
    return names[signal];
}

void heartbeat_record_clear(heartbeat_record_t *record)
{
    free(record->log);
    record->log = NULL;
}

static bool is_known(const heartbeat_t *self)
{
    return self->record.last_ping_us != 0;
}

static bool is_by_schedule(const heartbeat_settings_t *settings)
{
    return settings->period_us == 0;
}

/* --- when the next ping is expected --- */

/* A ping that came a little before its time is that time's. */
static void expect(heartbeat_t *self, const heartbeat_settings_t *settings)
{
    int64_t from_us = self->record.counted_us + settings->tolerance_us;
    int64_t next_s;
    self->overdue_mono_us = 0;
    self->expected_us = HEARTBEAT_NEVER;
    if (!is_by_schedule(settings) || self->record.counted_us == 0 || from_us > WALL_MOST_US)
        return;
    if (cron_next(&settings->schedule, settings->zone, from_us / SECOND_US, &next_s))
        self->expected_us = next_s * SECOND_US;
}

static void count_from(heartbeat_t *self, const heartbeat_settings_t *settings, now_t now)
{
    self->record.counted_us = now.wall_us;
    self->counted_mono_us = now.mono_us;
    expect(self, settings);
}

/* Both clocks are looked at: since when has the schedule's time passed? Where the wall clock went
 * as the monotonic one did since the last look, it passed in between; where it jumped, now. */
static void look_at_clocks(heartbeat_t *self, now_t now)
{
    int64_t passed_us = self->looked.mono_us + (self->expected_us - self->looked.wall_us);
    if (self->expected_us == HEARTBEAT_NEVER || now.wall_us < self->expected_us)
        self->overdue_mono_us = 0;
    else if (self->overdue_mono_us == 0)
        self->overdue_mono_us = passed_us < now.mono_us ? passed_us : now.mono_us;
    self->looked = now;
}

/* How long ago a ping was expected, after a look at the clocks; below 0: it is still to come. */
static int64_t lateness_us(const heartbeat_t *self, const heartbeat_settings_t *settings, now_t now)
{
    if (!is_by_schedule(settings))
        return now.mono_us - self->counted_mono_us - settings->period_us;
    if (self->expected_us == HEARTBEAT_NEVER)
        return -(HEARTBEAT_NEVER / 4); /* room to count with */
    return self->overdue_mono_us != 0 ? now.mono_us - self->overdue_mono_us
                                      : now.wall_us - self->expected_us;
}

/* --- life --- */

/* AT_US by the monotonic clock; what is to come by the wall clock, which was set back, is now. */
static int64_t mono_of(int64_t at_us, now_t now)
{
    int64_t age_us = now.wall_us - at_us;
    return now.mono_us - (age_us > 0 ? age_us : 0);
}

static bool is_sane(int64_t at_us)
{
    return at_us >= WALL_LEAST_US && at_us <= WALL_MOST_US;
}

void heartbeat_begin(heartbeat_t *self, const heartbeat_settings_t *settings,
                     heartbeat_record_t *record, now_t now)
{
    *self = (heartbeat_t){.record = *record, .looked = now};
    *record = (heartbeat_record_t){.log = NULL};
    if (!is_sane(self->record.last_ping_us) || !is_sane(self->record.counted_us) ||
        !is_sane(self->record.started_us))
        self->record.last_ping_us = self->record.counted_us = self->record.started_us = 0;
    heartbeat_reconfigure(self, settings, now);
}

void heartbeat_reconfigure(heartbeat_t *self, const heartbeat_settings_t *settings, now_t now)
{
    if (self->counted_mono_us == 0)
        self->counted_mono_us = mono_of(self->record.counted_us, now);
    if (self->started_mono_us == 0)
        self->started_mono_us = mono_of(self->record.started_us, now);
    expect(self, settings);
    if (self->expected_us != HEARTBEAT_NEVER && now.wall_us >= self->expected_us)
        self->overdue_mono_us = mono_of(self->expected_us, now);
    self->looked = now;
    self->start_lateness_us =
        lateness_us(self, settings, now) - (now.mono_us - self->started_mono_us);
}

bool heartbeat_admit(heartbeat_t *self, int64_t now_mono_us)
{
    if (self->pings_paid_mono_us < now_mono_us)
        self->pings_paid_mono_us = now_mono_us;
    if (self->pings_paid_mono_us - now_mono_us >
        (HEARTBEAT_PINGS_AT_ONCE - 1) * HEARTBEAT_PING_EVERY_US)
        return false;
    self->pings_paid_mono_us += HEARTBEAT_PING_EVERY_US;
    return true;
}

static void end_run(heartbeat_t *self, const heartbeat_settings_t *settings, const ping_t *ping,
                    now_t now)
{
    heartbeat_record_t *record = &self->record;
    record->runtime_us =
        record->started_us != 0 ? now.mono_us - self->started_mono_us : LATENCY_NONE;
    record->started_us = 0;
    record->outcome = ping->signal == PING_SUCCESS ? RUN_SUCCEEDED : RUN_FAILED;
    record->exit_code = ping->exit_code;
    count_from(self, settings, now);
}

void heartbeat_ping(heartbeat_t *self, const heartbeat_settings_t *settings, ping_t *ping,
                    now_t now)
{
    heartbeat_record_t *record = &self->record;
    look_at_clocks(self, now);
    if (ping->signal == PING_START) {
        if (!is_known(self))
            count_from(self, settings, now);
        self->start_lateness_us = lateness_us(self, settings, now);
        record->started_us = now.wall_us;
        self->started_mono_us = now.mono_us;
    } else if (ping->signal != PING_LOG) {
        end_run(self, settings, ping, now);
    } else if (!is_known(self)) {
        count_from(self, settings, now);
    }
    record->last_ping_us = now.wall_us;
    if (!ping->log && ping->signal != PING_SUCCESS && ping->signal != PING_FAIL)
        return;
    free(record->log);
    record->log = ping->log;
    ping->log = NULL;
}

static bool is_overrun(const heartbeat_t *self, const heartbeat_settings_t *settings, now_t now)
{
    return self->record.started_us != 0 && settings->max_runtime_us > 0 &&
           now.mono_us - self->started_mono_us >= settings->max_runtime_us;
}

bool heartbeat_resume(heartbeat_t *self, const heartbeat_settings_t *settings, now_t now)
{
    look_at_clocks(self, now);
    if (!is_known(self))
        return false;
    bool is_over = is_overrun(self, settings, now);
    bool is_late = lateness_us(self, settings, now) >= 0;
    if (is_over)
        self->record.started_us = 0;
    if (is_late)
        count_from(self, settings, now);
    return is_over || is_late;
}

/* --- the verdict --- */

/* A moment that is LEFT_US from now on, by the wall clock as it goes now. */
static int64_t wall_after(now_t now, int64_t left_us)
{
    return now.wall_us + left_us;
}

static void say(heartbeat_verdict_t *ret, status_t status, reason_t reason)
{
    ret->status = status;
    ret->reason = reason;
}

static void say_expected(heartbeat_verdict_t *ret, const char *after)
{
    char expected[TIMESTAMP_BYTES];
    timestamp_iso(ret->expected_us, expected);
    (void)snprintf(ret->text, sizeof ret->text, "A ping was expected at %s%s", expected, after);
}

static void say_failed(const heartbeat_t *self, heartbeat_verdict_t *ret)
{
    say(ret, STATUS_DOWN, REASON_JOB_FAILED);
    if (self->record.exit_code >= 0)
        (void)snprintf(ret->text, sizeof ret->text, "The job ended with exit code %lld",
                       (long long)self->record.exit_code);
    else
        (void)snprintf(ret->text, sizeof ret->text, "The job reported a failure");
}

static void say_overrun(const heartbeat_t *self, const heartbeat_settings_t *settings,
                        heartbeat_verdict_t *ret)
{
    char started[TIMESTAMP_BYTES];
    timestamp_iso(self->record.started_us, started);
    say(ret, STATUS_DOWN, REASON_OVERRUN);
    (void)snprintf(ret->text, sizeof ret->text,
                   "The run that began at %s has taken longer than %g s", started,
                   (double)settings->max_runtime_us / (double)SECOND_US);
}

/* The rows in their order; LATE_US as lateness_us. */
static void judge(const heartbeat_t *self, const heartbeat_settings_t *settings, int64_t late_us,
                  heartbeat_verdict_t *ret)
{
    if (late_us >= settings->grace_us) {
        say(ret, STATUS_DOWN, REASON_MISSED);
        say_expected(ret, " and did not come");
    } else if (self->record.outcome == RUN_FAILED) {
        say_failed(self, ret);
    } else if (self->record.outcome == RUN_NONE) {
        say(ret, STATUS_UNKNOWN, REASON_NO_PING);
        (void)snprintf(ret->text, sizeof ret->text, "No run has ended yet");
    } else if (late_us >= settings->tolerance_us) {
        say(ret, STATUS_DEGRADED, REASON_LATE);
        say_expected(ret, " and is late");
    }
}

/* The first of what is still to come, from LATE_US on; HEARTBEAT_NEVER. */
static int64_t next_turn_us(const heartbeat_settings_t *settings, int64_t late_us)
{
    if (late_us < settings->tolerance_us)
        return settings->tolerance_us - late_us;
    return late_us < settings->grace_us ? settings->grace_us - late_us : HEARTBEAT_NEVER;
}

/* When the ping is expected, and when it is DOWN without it, as far as LATE_US can say. */
static void show_deadline(const heartbeat_t *self, const heartbeat_settings_t *settings,
                          int64_t late_us, now_t now, heartbeat_verdict_t *ret)
{
    if (is_by_schedule(settings) && self->expected_us == HEARTBEAT_NEVER)
        return;
    ret->expected_us = is_by_schedule(settings) ? self->expected_us : wall_after(now, -late_us);
    ret->deadline_us = wall_after(now, settings->grace_us - late_us);
}

void heartbeat_look(heartbeat_t *self, const heartbeat_settings_t *settings, now_t now,
                    heartbeat_verdict_t *ret)
{
    *ret = (heartbeat_verdict_t){.status = STATUS_OK, .wake_mono_us = HEARTBEAT_NEVER};
    look_at_clocks(self, now);
    if (!is_known(self)) {
        say(ret, STATUS_UNKNOWN, REASON_NO_PING);
        (void)snprintf(ret->text, sizeof ret->text, "No ping has come yet");
        return;
    }
    int64_t late_us = lateness_us(self, settings, now);
    int64_t turn_us = next_turn_us(settings, late_us);
    show_deadline(self, settings, late_us, now, ret);
    if (is_by_schedule(settings) && turn_us > HEARTBEAT_LOOK_US)
        turn_us = HEARTBEAT_LOOK_US;
    bool is_bounded = self->record.started_us != 0 && settings->max_runtime_us > 0;
    if (is_bounded) {
        int64_t left_us = self->started_mono_us + settings->max_runtime_us - now.mono_us;
        late_us = self->start_lateness_us;
        turn_us = left_us > 0 ? left_us : HEARTBEAT_NEVER;
        ret->deadline_us = wall_after(now, left_us);
    }
    ret->wake_mono_us = turn_us == HEARTBEAT_NEVER ? HEARTBEAT_NEVER : now.mono_us + turn_us;
    if (is_overrun(self, settings, now))
        say_overrun(self, settings, ret);
    else
        judge(self, settings, late_us, ret);
}
