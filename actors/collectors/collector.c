#include "actors/collectors/collector.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/pace.h"
#include "core/shares.h"
#include "proto/frame.h"
#include "proto/order.h"

/* Results and bytes of details after which a batch is sent at once: far below WIRE_MAX_BYTES. */
#define BATCH_MAX       256
#define BATCH_MAX_BYTES ((size_t)8 << 20)

/* What orders want of a target. */
typedef struct {
    uint64_t order_id; /* newest order that waits for the target's next result; 0: none */
    bool is_wanted;    /* it is to be probed beside its schedule when there is a place */
    bool is_early;     /* the probe under way is beside its schedule */
    bool is_dry_run;   /* ... and its result, or that of the wanted one, is for who asked alone */
} wish_t;

struct collector {
    actor_t *actor;
    collector_begin_fn *begin;
    void *context;
    const target_t **targets; /* borrowed from the configuration */
    size_t n_targets;
    size_t n_probes; /* under way at once, at most */
    pace_t *paces;   /* by target */
    wish_t *wishes;  /* by target */
    size_t n_wanted;

    zsock_t *orders;      /* SUB */
    bool has_begun;       /* the supervisor said "begin" */
    bool has_orders;      /* the aggregator told what holds */
    schedule_t *schedule; /* made when both have come */
    actor_timer_t *due_timer;
    size_t n_under_way;

    zsock_t *results;
    actor_timer_t *send_timer; /* fires in the loop's next turn */
    probe_result_t batch[BATCH_MAX];
    size_t n_batch;
    size_t n_batch_bytes;
};

static void *must(void *made)
{
    if (!made)
        abort(); /* at start; the supervisor reports how the process ended */
    return made;
}

/* --- results --- */

static void clear_batch(collector_t *self)
{
    for (size_t i = 0; i < self->n_batch; i++)
        probe_result_clear(&self->batch[i]);
    self->n_batch = 0;
    self->n_batch_bytes = 0;
}

static void send_batch(void *context)
{
    collector_t *self = context;
    if (self->n_batch == 0)
        return;
    const probe_results_t message = {.results = self->batch, .n_results = self->n_batch};
    if (frame_send(self->results, &probe_results_schema, &message, NULL))
        log_write(
            actor_log(self->actor), LOG_LEVEL_ERROR, "results_lost",
            "%zu probe results could not be sent, out of memory; the next checks replace them",
            self->n_batch);
    clear_batch(self);
}

static void keep_result(collector_t *self, const probe_result_t *result)
{
    if (self->n_batch == 0)
        actor_timer_set(self->send_timer, 0);
    self->batch[self->n_batch++] = *result;
    self->n_batch_bytes += result->details ? strlen(result->details) : 0;
    if (self->n_batch == BATCH_MAX || self->n_batch_bytes > BATCH_MAX_BYTES)
        send_batch(self);
}

/* --- the schedule --- */

static void wake_when_due(collector_t *self)
{
    int64_t next_us = self->n_wanted > 0 ? 0 : schedule_next_us(self->schedule);
    if (next_us == SCHEDULE_NEVER || self->n_under_way == self->n_probes)
        return; /* the next probe that ends wakes us */
    int64_t after_us = next_us - clock_mono_us();
    actor_timer_set(self->due_timer, after_us > 0 ? after_us : 0);
}

/* Takes a target that an order wants; SCHEDULE_NONE where there is none. */
static size_t take_wanted(collector_t *self)
{
    for (size_t at = 0; at < self->n_targets && self->n_wanted > 0; at++) {
        wish_t *wish = &self->wishes[at];
        if (!wish->is_wanted)
            continue;
        wish->is_wanted = false;
        self->n_wanted--;
        wish->is_early = schedule_take_early(self->schedule, at);
        assert(wish->is_early); /* none is wanted while its probe is under way */
        return at;
    }
    return SCHEDULE_NONE;
}

static void begin_due(void *context)
{
    collector_t *self = context;
    int64_t now_us = clock_mono_us();
    while (self->n_under_way < self->n_probes) {
        size_t at = take_wanted(self);
        if (at == SCHEDULE_NONE)
            at = schedule_take(self->schedule, now_us);
        if (at == SCHEDULE_NONE)
            break;
        self->n_under_way++;
        self->begin(self->context, at, self->targets[at]);
    }
    wake_when_due(self);
}

/* Ends the run of target AT; RETRY_US as schedule_finish has it. */
static void end_run(collector_t *self, size_t at, int64_t retry_us)
{
    wish_t *wish = &self->wishes[at];
    if (wish->is_early)
        schedule_put_back(self->schedule, at, clock_mono_us(), retry_us);
    else
        schedule_finish(self->schedule, at, clock_mono_us(), retry_us);
    *wish = (wish_t){.is_wanted = false};
    self->n_under_way--;
    wake_when_due(self);
}

void collector_finish(collector_t *self, size_t at, check_outcome_t *outcome,
                      collector_check_fn *check)
{
    outcome->finished_at_us = clock_wall_us();
    probe_result_t result;
    int64_t retry_us = 0;
    if (check(self->targets[at], outcome, &result)) {
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "results_lost",
                  "%s: no memory for the result of a check; the next one replaces it",
                  self->targets[at]->name);
    } else {
        result.order_id = self->wishes[at].order_id;
        result.is_dry_run = self->wishes[at].is_dry_run;
        if (!result.is_dry_run) /* else the health model does not see it either */
            retry_us = pace_retry_us(&self->paces[at], self->targets[at], result.status);
        keep_result(self, &result);
    }
    end_run(self, at, retry_us);
}

/* --- orders and the begin --- */

/* Makes the schedule when both the supervisor and the aggregator have said that it may begin. */
static void begin_when_told(collector_t *self)
{
    if (self->schedule || !self->has_begun || !self->has_orders)
        return;
    schedule_times_t *times = must(calloc(self->n_targets + 1, sizeof *times));
    for (size_t i = 0; i < self->n_targets; i++)
        times[i] = pace_times(self->targets[i], self->n_targets);
    self->schedule = must(schedule_new(times, self->n_targets, clock_mono_us()));
    free(times);
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
    for (size_t at = 0; at < self->n_targets; at++) {
        if (strcmp(self->targets[at]->name, name) == 0)
            return at;
    }
    return SCHEDULE_NONE;
}

/* Target AT is to be probed for ORDER. Whatever is wanted or under way for somebody who wants it to
 * count stays so. */
static void want(collector_t *self, size_t at, const order_t *order)
{
    wish_t *wish = &self->wishes[at];
    bool is_awaited = schedule_is_under_way(self->schedule, at) || wish->is_wanted;
    wish->order_id = order->order_id;
    wish->is_dry_run = order->is_dry_run && (!is_awaited || wish->is_dry_run);
    if (is_awaited)
        return;
    wish->is_wanted = true;
    self->n_wanted++;
    begin_due(self);
}

static void on_order(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    collector_t *self = context;
    const order_t *order = message;
    if (order->kind == ORDER_BEGIN) {
        self->has_orders = true;
        begin_when_told(self);
        return;
    }
    size_t at = order->target ? position_of(self, order->target) : SCHEDULE_NONE;
    if (at != SCHEDULE_NONE && self->schedule) /* others are another collector's */
        want(self, at, order);
}

static void on_orders(void *context)
{
    collector_t *self = context;
    actor_receive(self->actor, self->orders, &order_schema, on_order, self);
}

/* --- life --- */

collector_t *collector_new(actor_t *actor, const actor_args_t *args, probe_type_t type,
                           collector_begin_fn *begin, void *context)
{
    collector_t *self = must(calloc(1, sizeof *self));
    self->actor = actor;
    self->begin = begin;
    self->context = context;
    const config_t *config = args->config;
    self->targets = must(calloc(config->n_targets + 1, sizeof(const target_t *)));
    for (size_t i = 0; i < config->n_targets; i++)
        if (config->targets[i].type == type)
            self->targets[self->n_targets++] = &config->targets[i];
    self->n_probes = shares_probes(args->n_descriptors, self->n_targets, config->n_targets,
                                   COLLECTOR_PROBES_MAX);
    self->paces = must(calloc(self->n_targets + 1, sizeof *self->paces));
    self->wishes = must(calloc(self->n_targets + 1, sizeof *self->wishes));
    self->due_timer = actor_timer_new(actor, begin_due, self);
    self->send_timer = actor_timer_new(actor, send_batch, self);
    self->results = actor_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    self->orders = actor_socket(ZMQ_SUB, ENDPOINT_ORDERS, false);
    actor_read(actor, self->orders, on_orders, self);
    actor_on_begin(actor, on_begin, self);
    return self;
}

void collector_destroy(collector_t **self_p)
{
    collector_t *self = *self_p;
    if (!self)
        return;
    clear_batch(self);
    zsock_destroy(&self->orders);
    zsock_destroy(&self->results);
    actor_timer_destroy(&self->send_timer);
    actor_timer_destroy(&self->due_timer);
    schedule_destroy(&self->schedule);
    free(self->wishes);
    free(self->paces);
    free(self->targets);
    free(self);
    *self_p = NULL;
}

size_t collector_n_targets(const collector_t *self)
{
    return self->n_targets;
}

size_t collector_n_probes(const collector_t *self)
{
    return self->n_probes;
}
