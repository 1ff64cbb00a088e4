/* Collectors and aggregator. */
#include <assert.h>
#include <stdlib.h>

#include "tests/simulation/simulation.h"

/* As in actors/aggregator/aggregator.c. */
#define SNAPSHOT_SPACING_US 100000
#define SETTLE_MAX_US       SECOND_US

static now_t now(void)
{
    return (now_t){.wall_us = clock_wall_us(), .mono_us = clock_mono_us()};
}

static int64_t interval_us(const simulation_t *sim)
{
    return (int64_t)sim->daemon.config.check_interval_ms * 1000;
}

/* --- aggregator: snapshots --- */

/* One in a hundred is shed on its way, as by a reader that is behind. */
static void send_snapshot(simulation_t *sim, reader_t *reader, const snapshot_t *snapshot)
{
    if (!sim->world.is_calm && random_is(&sim->random, 10))
        return;
    message_t *message = queue_add(&reader->queue, MESSAGE_SNAPSHOT);
    int rc = snapshot_copy(snapshot, &message->snapshot);
    assert(rc == 0);
}

static void publish(simulation_t *sim, bool is_periodic)
{
    daemon_t *self = &sim->daemon;
    snapshot_t snapshot;
    model_next_snapshot(self->model, is_periodic, now(), &snapshot);
    self->last_snapshot_us = clock_mono_us();
    send_snapshot(sim, &self->alerts_reader, &snapshot);
    send_snapshot(sim, &self->bus_reader, &snapshot);
    snapshot_t copy = {0};
    snapshot_t changes = {0};
    int rc = snapshot_copy(&snapshot, &copy);
    assert(rc == 0);
    rc = snapshot_copy(&snapshot, &changes);
    assert(rc == 0);
    if (snapshot_view_apply(&self->published, &copy) != SNAPSHOT_APPLIED)
        judge_fail(sim, "versions", "version %llu does not follow what was published",
                   (unsigned long long)changes.version);
    judge_snapshot(sim, &changes, &self->published.whole);
    snapshot_clear(&copy);
    snapshot_clear(&changes);
}

static void publish_when_due(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    if (self->is_spacing || !model_is_due(self->model))
        return;
    int64_t at_us = self->last_snapshot_us + SNAPSHOT_SPACING_US;
    if (at_us <= clock_mono_us()) {
        (void)model_evaluate(self->model);
        publish(sim, false);
        return;
    }
    self->is_spacing = true;
    self->spacing_us = at_us;
}

static void begin_asked(simulation_t *sim);

void health_take_result(simulation_t *sim)
{
    message_t *message = queue_take(&sim->daemon.results);
    judge_result(sim, &message->result);
    (void)model_apply(sim->daemon.model, &message->result, now());
    message_destroy(&message);
    begin_asked(sim);
    if (!sim->daemon.results.first) /* the end of a loop turn */
        publish_when_due(sim);
}

static void drain_results(simulation_t *sim)
{
    while (sim->daemon.results.first)
        health_take_result(sim);
}

static void on_periodic(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    do {
        self->periodic_us += interval_us(sim);
    } while (self->periodic_us <= clock_mono_us());
    drain_results(sim);
    (void)model_evaluate(self->model);
    publish(sim, true);
}

/* The real one looks each second; here a sixteenth of the interval is enough. */
static void on_expire(simulation_t *sim)
{
    sim->daemon.expire_us = clock_mono_us() + interval_us(sim) / 16;
    judge_expire(sim);
    model_expire(sim->daemon.model, now());
    publish_when_due(sim);
}

/* --- collectors --- */

static void begin_check(simulation_t *sim, size_t at, bool is_early)
{
    daemon_t *self = &sim->daemon;
    check_t *check = &self->checks[at];
    const target_t *target = &self->targets[self->probed[at]];
    int64_t now_us = clock_mono_us();
    if (check->is_under_way)
        judge_fail(sim, "schedule", "%s has two checks under way", target->name);
    /* Late by a wait for the disk at most, and never before the next time on the grid. */
    if (!is_early && check->begun_us &&
        now_us - check->begun_us < (int64_t)target->check_interval_ms * 500)
        judge_fail(sim, "schedule", "%s is checked twice within an interval", target->name);
    *check = (check_t){
        .is_under_way = true,
        .begun_us = is_early ? check->begun_us : now_us,
        .started_us = now_us,
        .is_early = is_early,
        .fate = world_fate(sim, target->name),
    };
    check->ends_us = now_us + check->fate.duration_us;
}

static void begin_due(simulation_t *sim)
{
    size_t at = schedule_take(sim->daemon.schedule, clock_mono_us());
    if (at != SCHEDULE_NONE)
        begin_check(sim, at, false);
}

/* Orders: a check that is under way is as good as the one that is wanted. */
static void begin_asked(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    const target_t *target;
    while ((target = model_next_ask(self->model)) != NULL)
        for (size_t at = 0; at < self->n_probed; at++)
            if (&self->targets[self->probed[at]] == target &&
                schedule_take_early(self->schedule, at))
                begin_check(sim, at, true);
}

static void end_check(simulation_t *sim, size_t at)
{
    daemon_t *self = &sim->daemon;
    check_t *check = &self->checks[at];
    const target_t *target = &self->targets[self->probed[at]];
    check->is_under_way = false;
    check->fate.outcome.finished_at_us = clock_wall_us();
    if (!check->fate.is_lost) {
        message_t *message = queue_add(&self->results, MESSAGE_RESULT);
        int rc = target->type == PROBE_REDIS
                     ? check_redis(target, &check->fate.outcome, &message->result)
                     : check_http(target, &check->fate.outcome, &message->result);
        assert(rc == 0);
        message->result.started_mono_us = check->started_us;
    }
    if (check->is_early)
        schedule_put_back(self->schedule, at, clock_mono_us(), 0);
    else
        schedule_finish(self->schedule, at, clock_mono_us(), 0);
}

static int64_t check_due_us(const daemon_t *self, size_t *ret_at)
{
    int64_t due_us = NEVER_US;
    for (size_t at = 0; at < self->n_probed; at++) {
        if (!self->checks[at].is_under_way || self->checks[at].ends_us >= due_us)
            continue;
        due_us = self->checks[at].ends_us;
        *ret_at = at;
    }
    return due_us;
}

/* --- timers --- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t health_due_us(const simulation_t *sim)
{
    const daemon_t *self = &sim->daemon;
    size_t at = 0;
    int64_t due_us = least(self->periodic_us, self->expire_us);
    due_us = least(due_us, check_due_us(self, &at));
    due_us = least(due_us, schedule_next_us(self->schedule));
    return self->is_spacing ? least(due_us, self->spacing_us) : due_us;
}

void health_run_timer(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    size_t at = 0;
    int64_t due_us = health_due_us(sim);
    if (self->is_spacing && self->spacing_us == due_us) {
        self->is_spacing = false;
        publish_when_due(sim);
    } else if (check_due_us(self, &at) == due_us) {
        end_check(sim, at);
    } else if (schedule_next_us(self->schedule) == due_us) {
        begin_due(sim);
    } else if (self->periodic_us == due_us) {
        on_periodic(sim);
    } else {
        on_expire(sim);
    }
}

/* --- life --- */

int health_start(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    self->model = model_new(&self->config, now());
    return self->model ? 0 : -1;
}

/* As "begin": what passive targets said waits already; then the first snapshot and the checks. */
void health_begin(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    schedule_times_t times[WORLD_PROBED];
    for (size_t i = 0; i < self->config.n_targets + self->config.n_internal; i++) {
        if (!target_is_probed(&self->targets[i]))
            continue;
        times[self->n_probed] =
            (schedule_times_t){.interval_us = (int64_t)self->targets[i].check_interval_ms * 1000};
        self->probed[self->n_probed++] = i;
    }
    int64_t now_us = clock_mono_us();
    self->schedule = schedule_new(times, self->n_probed, now_us);
    assert(self->schedule);
    while (self->results.first) {
        message_t *message = queue_take(&self->results);
        judge_result(sim, &message->result);
        (void)model_apply(self->model, &message->result, now());
        message_destroy(&message);
    }
    (void)model_evaluate(self->model);
    publish(sim, false);
    self->periodic_us = now_us + least(interval_us(sim) / 10, SETTLE_MAX_US) + interval_us(sim);
    self->expire_us = now_us + interval_us(sim) / 16;
}

void health_end(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    schedule_destroy(&self->schedule);
    model_destroy(&self->model);
    snapshot_view_clear(&self->published);
    queue_clear(&self->results);
    group_set_clear(&self->config.groups);
}
