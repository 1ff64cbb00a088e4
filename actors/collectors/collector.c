#include "actors/collectors/collector.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/batch.h"
#include "actors/collectors/places.h"
#include "actors/collectors/probe_counts.h"
#include "actors/collectors/target_list.h"
#include "actors/collectors/unable.h"
#include "core/host_turns.h"
#include "core/shares.h"
#include "proto/frame.h"
#include "proto/order.h"

struct collector {
    actor_t *actor;
    const actor_args_t *args;
    collector_handlers_t handlers;
    target_list_t list;
    size_t n_wanted;
    host_turns_t turns;

    zsock_t *orders;      /* SUB */
    bool has_begun;       /* the supervisor said "begin" */
    bool has_orders;      /* the aggregator told what holds */
    schedule_t *schedule; /* made when both have come */
    actor_timer_t *due_timer;
    places_t places;
    size_t n_probes; /* under way at once, at most */
    batch_t *batch;
    unable_t unable;
    probe_counts_t counts;
};

static void *must(void *made)
{
    if (!made)
        abort(); /* at start; the supervisor reports how the process ended */
    return made;
}

/* --- the schedule --- */

static void wake_when_due(collector_t *self)
{
    int64_t next_us = self->n_wanted > 0 ? 0 : schedule_next_us(self->schedule);
    if (next_us == SCHEDULE_NEVER || self->places.n_taken >= self->n_probes)
        return; /* the next probe that ends wakes us */
    int64_t after_us = next_us - clock_mono_us();
    actor_timer_set(self->due_timer, after_us > 0 ? after_us : 0);
}

/* Takes target AT out of the schedule while it is paused and no probe is under way. */
static void hold_if_paused(collector_t *self, size_t at)
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

static void begin_due(void *context)
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
            begin_probe(self, at);
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
    hold_if_paused(self, target);
}

/* Keeps the result of TARGET. Gives the time to its next check, or 0. */
static int64_t judge(collector_t *self, size_t target, const check_outcome_t *outcome,
                     collector_check_fn *check)
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
        end_run(self, target, judge(self, target, outcome, check));
    const actor_args_t *args = places_free(&self->places, at);
    if (args != self->args && !places_have(&self->places, args))
        actor_release(self->actor, args);
    size_t next = target == SCHEDULE_NONE ? TURN_NONE : host_turns_give(&self->turns, target);
    if (next != TURN_NONE)
        begin_probe(self, next);
    wake_when_due(self);
}

/* --- orders and the begin --- */

/* Makes the schedule when both the supervisor and the aggregator have said that it may begin. */
static void begin_when_told(collector_t *self)
{
    if (self->schedule || !self->has_begun || !self->has_orders)
        return;
    schedule_times_t *times = must(calloc(self->list.n + 1, sizeof *times));
    for (size_t i = 0; i < self->list.n; i++)
        times[i] = pace_times(self->list.targets[i], self->list.n);
    self->schedule = must(schedule_new(times, self->list.n, clock_mono_us()));
    free(times);
    for (size_t i = 0; i < self->list.n; i++)
        hold_if_paused(self, i);
    begin_due(self);
}

static void on_begin(void *context)
{
    collector_t *self = context;
    self->has_begun = true;
    begin_when_told(self);
}

/* Position of the target NAME among those of this collector, or SCHEDULE_NONE. */
static size_t position_of(const collector_t *self, const char *name)
{
    for (size_t at = 0; at < self->list.n; at++) {
        if (strcmp(self->list.targets[at]->name, name) == 0)
            return at;
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
    begin_due(self);
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
    hold_if_paused(self, at);
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

/* --- another configuration --- */

/* Probes at once, as the configuration, the descriptors and the number of targets allow. */
static size_t n_probes_for(const actor_args_t *args, const target_list_t *list)
{
    size_t max = args->config->max_in_flight;
    if (max == 0 || max > COLLECTOR_PROBES_MAX)
        max = COLLECTOR_PROBES_MAX;
    return shares_probes(args->n_descriptors, list->n, args->config->n_targets, max);
}

/* More targets than there are places: room for their probes, and for as many again as there was. */
static void grow(collector_t *self)
{
    size_t n = 2 * self->places.n;
    if (self->n_probes <= self->places.n)
        return;
    if (n < COLLECTOR_GROWN_MIN)
        n = COLLECTOR_GROWN_MIN;
    if (n < self->n_probes)
        n = self->n_probes;
    if (n > COLLECTOR_PROBES_MAX)
        n = COLLECTOR_PROBES_MAX;
    if (self->handlers.grow(self->handlers.context, n)) {
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "out_of_memory",
                  "%zu checks at once stay the most of a collector until the next reload",
                  self->places.n);
        self->n_probes = self->places.n;
        return;
    }
    places_add(&self->places, n);
}

/* Targets that wait at their host are as if they had not been taken: their turn comes anew. */
static void take_back_waiting(collector_t *self)
{
    for (size_t at = 0; at < self->list.n; at++) {
        wish_t *wish = &self->list.wishes[at];
        if (!wish->is_waiting)
            continue;
        wish->is_waiting = false;
        schedule_put_back(self->schedule, at, clock_mono_us(), 0);
        wish->is_wanted = wish->order_id != 0;
        hold_if_paused(self, at);
    }
}

/* Goes over to TURNS, which it takes; probes that are under way count. */
static void take_turns(collector_t *self, const host_turns_t *turns)
{
    host_turns_clear(&self->turns);
    self->turns = *turns;
    for (size_t i = 0; i < self->places.n; i++) {
        const place_t *place = &self->places.all[i];
        if (place->args && place->target != SCHEDULE_NONE)
            host_turns_count(&self->turns, place->target);
    }
}

/* Goes over to LIST, whose contents it takes where that is possible; else -1 with nothing done. */
static int take_list(collector_t *self, const config_t *config, target_list_t *list)
{
    target_change_t change;
    host_turns_t turns;
    if (host_turns_init(&turns, list->targets, list->n, config->max_in_flight_per_host))
        return -1;
    take_back_waiting(self);
    if (target_change_init(&self->list, config, list, &change)) {
        host_turns_clear(&turns);
        return -1;
    }
    int rc = 0;
    if (self->schedule)
        rc = schedule_reconfigure(self->schedule, change.times, list->n, change.old_of,
                                  clock_mono_us());
    if (rc == 0) {
        places_renumber(&self->places, change.new_of);
        target_list_clear(&self->list);
        self->list = *list;
        *list = (target_list_t){.targets = NULL};
        self->n_wanted = target_list_n_wanted(&self->list);
        for (size_t i = 0; self->schedule && i < self->list.n; i++)
            hold_if_paused(self, i);
        take_turns(self, &turns);
    } else {
        host_turns_clear(&turns);
    }
    target_change_clear(&change);
    return rc;
}

static actor_reload_t on_reload(void *context, const actor_args_t *args)
{
    collector_t *self = context;
    target_list_t list;
    if (target_list_init(args->config, self->handlers.type, &list))
        return ACTOR_NEEDS_RESTART;
    int rc = take_list(self, args->config, &list);
    target_list_clear(&list);
    if (rc)
        return ACTOR_NEEDS_RESTART;
    const actor_args_t *old = self->args;
    self->args = args;
    self->n_probes = n_probes_for(args, &self->list);
    grow(self);
    if (self->schedule)
        begin_due(self);
    zsock_set_subscribe(self->orders, ""); /* asks anew what holds, for targets that are new */
    return places_have(&self->places, old) ? ACTOR_KEEPS_OLD : ACTOR_RELOADED;
}

/* --- life --- */

collector_t *collector_new(actor_t *actor, const actor_args_t *args,
                           const collector_handlers_t *handlers)
{
    collector_t *self = must(calloc(1, sizeof *self));
    self->actor = actor;
    self->args = args;
    self->handlers = *handlers;
    if (target_list_init(args->config, handlers->type, &self->list) ||
        host_turns_init(&self->turns, self->list.targets, self->list.n,
                        args->config->max_in_flight_per_host))
        must(NULL);
    self->n_probes = n_probes_for(args, &self->list);
    places_add(&self->places, self->n_probes);
    self->due_timer = actor_timer_new(actor, begin_due, self);
    self->batch = must(batch_new(actor));
    self->orders = actor_socket(ZMQ_SUB, ENDPOINT_ORDERS, false);
    actor_read(actor, self->orders, on_orders, self);
    actor_on_begin(actor, on_begin, self);
    actor_on_reload(actor, on_reload, self);
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
