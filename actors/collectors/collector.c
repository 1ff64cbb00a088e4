#include "actors/collectors/collector.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/collector_parts.h"
#include "proto/frame.h"
#include "proto/order.h"

/* --- the schedule --- */

static void wake_when_due(collector_t *self)
{
    int64_t next_us = self->n_wanted > 0 ? 0 : schedule_next_us(self->schedule);
    if (next_us == SCHEDULE_NEVER || self->places.n_taken >= self->n_probes)
        return; /* the next probe that ends wakes us */
    int64_t after_us = next_us - clock_mono_us();
    actor_timer_set(self->due_timer, after_us > 0 ? after_us : 0);
}

void collector_hold_if_paused(collector_t *self, size_t at)
{
    wish_t *wish = &self->list.wishes[at];
    if (wish->is_paused && !wish->is_running && !wish->is_waiting && !wish->is_held)
        wish->is_held = schedule_take_early(self->schedule, at);
}

/* Takes a target that an order wants; SCHEDULE_NONE where there is none. */
static size_t take_wanted(collector_t *self)
{
    for (size_t at = 0; at < self->list.n && self->n_wanted > 0; at++) {
        wish_t *wish = &self->list.wishes[at];
        if (!wish->is_wanted)
            continue;
        wish->is_wanted = false;
        self->n_wanted--;
        wish->is_early = wish->is_held || schedule_take_early(self->schedule, at);
        assert(wish->is_early); /* none is wanted while its probe is under way */
        wish->is_held = false;
        return at;
    }
    return SCHEDULE_NONE;
}

/* Begins the probe of target AT, for which there is a place. */
static void begin_probe(collector_t *self, size_t at)
{
    self->list.wishes[at].is_waiting = false;
    self->list.wishes[at].is_running = true;
    self->handlers.begin(self->handlers.context, places_take(&self->places, self->args, at),
                         self->list.targets[at]);
}

/* Begins the probe of target AT. One that ends inside its begin gives its turn to another target:
 * they are begun one after another, not inside each other. */
static void begin_turn(collector_t *self, size_t at)
{
    assert(self->n_granted < COLLECTOR_PROBES_MAX); /* each has a place */
    self->granted[self->n_granted++] = at;
    if (self->is_beginning)
        return;
    self->is_beginning = true;
    while (self->n_granted > 0)
        begin_probe(self, self->granted[--self->n_granted]);
    self->is_beginning = false;
}

void collector_begin_due(void *context)
{
    collector_t *self = context;
    int64_t now_us = clock_mono_us();
    while (self->places.n_taken < self->n_probes) {
        size_t at = take_wanted(self);
        if (at == SCHEDULE_NONE) {
            int64_t due_us = schedule_next_us(self->schedule);
            at = schedule_take(self->schedule, now_us);
            if (at == SCHEDULE_NONE)
                break;
            histogram_add(&self->counts.lags, now_us - due_us);
        }
        if (host_turns_take(&self->turns, at))
            begin_turn(self, at);
        else
            self->list.wishes[at].is_waiting = true;
    }
    wake_when_due(self);
}

/* Ends the run of TARGET; RETRY_US as schedule_finish has it. */
static void end_run(collector_t *self, size_t target, int64_t retry_us)
{
    wish_t *wish = &self->list.wishes[target];
    if (wish->is_early)
        schedule_put_back(self->schedule, target, clock_mono_us(), retry_us);
    else
        schedule_finish(self->schedule, target, clock_mono_us(), retry_us);
    *wish = (wish_t){.is_paused = wish->is_paused};
    collector_hold_if_paused(self, target);
}

/* Keeps the result of TARGET. Gives the time to its next check, or 0. */
static int64_t judge(collector_t *self, size_t target, int64_t begun_us,
                     const check_outcome_t *outcome, collector_check_fn *check)
{
    const target_t *checked = self->list.targets[target];
    bool is_unable = unable_note(&self->unable, actor_log(self->actor), outcome, clock_mono_us());
    if (is_unable && self->list.wishes[target].order_id == 0)
        return 0;
    probe_result_t result;
    if (check(checked, outcome, &result)) {
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "results_lost",
                  "%s: no memory for the result of a check; the next one replaces it",
                  checked->name);
        return 0;
    }
    int64_t retry_us = 0;
    result.started_mono_us = begun_us;
    result.order_id = self->list.wishes[target].order_id;
    /* Of a check that could not be made hears who asked for it alone. */
    result.is_dry_run = self->list.wishes[target].is_dry_run || is_unable;
    if (!result.is_dry_run) /* else the health model does not see it either */
        retry_us = pace_retry_us(&self->list.paces[target], checked, result.status);
    probe_counts_result(&self->counts, &result);
    batch_keep(self->batch, &result);
    return retry_us;
}

void collector_finish(collector_t *self, size_t at, check_outcome_t *outcome,
                      collector_check_fn *check)
{
    outcome->finished_at_us = clock_wall_us();
    size_t target = self->places.all[at].target;
    if (target != SCHEDULE_NONE)
        end_run(self, target, judge(self, target, self->places.all[at].begun_us, outcome, check));
    const actor_args_t *args = places_free(&self->places, at);
    if (args != self->args && !places_have(&self->places, args))
        actor_release(self->actor, args);
    size_t next = target == SCHEDULE_NONE ? TURN_NONE : host_turns_give(&self->turns, target);
    if (next != TURN_NONE)
        begin_turn(self, next);
    wake_when_due(self);
}

/* --- orders and the begin --- */

/* Makes the schedule when both the supervisor and the aggregator have said that it may begin. */
static void begin_when_told(collector_t *self)
{
    if (self->schedule || !self->has_begun || !self->has_orders)
        return;
    schedule_times_t *times = actor_must(self->actor, calloc(self->list.n + 1, sizeof *times));
    for (size_t i = 0; i < self->list.n; i++)
        times[i] = pace_times(self->list.targets[i], self->list.n);
    self->schedule = actor_must(self->actor, schedule_new(times, self->list.n, clock_mono_us()));
    free(times);
    for (size_t i = 0; i < self->list.n; i++)
        collector_hold_if_paused(self, i);
    collector_begin_due(self);
}

static void on_begin(void *context)
{
    collector_t *self = context;
    self->has_begun = true;
    begin_when_told(self);
}

/* Position of the target NAME among those of this collector, or SCHEDULE_NONE. O(log n): they stand
 * in the order of the configuration. */
static size_t position_of(const collector_t *self, const char *name)
{
    const config_t *config = self->args->config;
    long at = config_probed_at(config, name);
    size_t first = 0;
    size_t n = self->list.n;
    while (at >= 0 && n > 0) {
        const target_t *middle = self->list.targets[first + n / 2];
        if (middle == &config->targets[at])
            return first + n / 2;
        if (middle < &config->targets[at]) {
            first += n / 2 + 1;
            n -= n / 2 + 1;
        } else {
            n /= 2;
        }
    }
    return SCHEDULE_NONE;
}

/* Target AT is to be probed for ORDER. Whatever is wanted or under way for somebody who wants it to
 * count stays so. */
static void want(collector_t *self, size_t at, const order_t *order)
{
    wish_t *wish = &self->list.wishes[at];
    bool is_awaited = wish->is_running || wish->is_waiting || wish->is_wanted;
    wish->order_id = order->order_id;
    wish->is_dry_run = order->is_dry_run && (!is_awaited || wish->is_dry_run);
    if (is_awaited)
        return;
    wish->is_wanted = true;
    self->n_wanted++;
    collector_begin_due(self);
}

/* What is known of the target's status is forgotten, as the health model forgets it. */
static void set_paused(collector_t *self, size_t at, bool is_paused)
{
    wish_t *wish = &self->list.wishes[at];
    if (wish->is_paused == is_paused)
        return;
    wish->is_paused = is_paused;
    if (is_paused && wish->is_wanted && wish->order_id == 0) { /* resumed a moment ago */
        wish->is_wanted = false;
        self->n_wanted--;
    }
    self->list.paces[at] = (pace_t){.has_result = false};
    if (!self->schedule)
        return;
    collector_hold_if_paused(self, at);
    if (!is_paused) /* it goes on at once, and then by its schedule */
        want(self, at, &(order_t){.order_id = wish->order_id});
}

static void on_order(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    collector_t *self = context;
    const order_t *order = message;
    size_t at = order->target ? position_of(self, order->target) : SCHEDULE_NONE;
    if (order->kind == ORDER_BEGIN) {
        self->has_orders = true;
        begin_when_told(self);
    } else if (at == SCHEDULE_NONE) {
        return; /* another collector's */
    } else if (order->kind != ORDER_PROBE) {
        set_paused(self, at, order->kind == ORDER_PAUSE);
    } else if (self->schedule) {
        want(self, at, order);
    }
}

static void on_orders(void *context)
{
    collector_t *self = context;
    actor_receive(self->actor, self->orders, &order_schema, on_order, self);
}

static void on_vitals(void *context, vitals_draft_t *draft)
{
    collector_t *self = context;
    probe_counts_tell(&self->counts, self->handlers.type, draft);
}

/* --- life --- */

collector_t *collector_new(actor_t *actor, const actor_args_t *args,
                           const collector_handlers_t *handlers)
{
    collector_t *self = actor_must(actor, calloc(1, sizeof *self));
    self->actor = actor;
    self->args = args;
    self->handlers = *handlers;
    if (target_list_init(args->config, handlers->type, &self->list) ||
        host_turns_init(&self->turns, self->list.targets, self->list.n,
                        args->config->max_in_flight_per_host))
        actor_must(actor, NULL);
    self->n_probes = collector_n_probes_for(args, &self->list, handlers->n_most);
    places_add(&self->places, self->n_probes);
    self->due_timer = actor_timer_new(actor, collector_begin_due, self);
    self->batch = actor_must(actor, batch_new(actor));
    self->orders = actor_socket(ZMQ_SUB, ENDPOINT_ORDERS, false);
    actor_read(actor, self->orders, on_orders, self);
    actor_on_begin(actor, on_begin, self);
    actor_on_reload(actor, collector_on_reload, self);
    actor_on_vitals(actor, on_vitals, self);
    return self;
}

void collector_destroy(collector_t **self_p)
{
    collector_t *self = *self_p;
    if (!self)
        return;
    batch_destroy(&self->batch);
    zsock_destroy(&self->orders);
    actor_timer_destroy(&self->due_timer);
    schedule_destroy(&self->schedule);
    host_turns_clear(&self->turns);
    target_list_clear(&self->list);
    free(self);
    *self_p = NULL;
}

size_t collector_n_probes(const collector_t *self)
{
    return self->places.n;
}
