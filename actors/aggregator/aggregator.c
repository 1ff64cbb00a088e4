/*
 * Owns   the health model, the published state, inproc://results, inproc://health,
 *        inproc://ask/health and, by order_desk.h, inproc://orders.
 * Reads  probe_results; query WHOLE_STATE, PROBE, EVIDENCE, EXPLAIN.
 * Emits  snapshot: at the end of a loop turn in which a status, a reason or a critical failure
 *        changed or a result came that was ordered (at most ten a second), and each check interval;
 *        order; answer.
 *
 * What is published is kept apart from the model: a question is answered with exactly the version
 * that every subscriber got, never with a result that came since. EXPLAIN alone looks at the model.
 */
#include "actors/aggregator/aggregator.h"

#include "actors/actor.h"
#include "actors/aggregator/order_desk.h"
#include "actors/aggregator/sight_log.h"
#include "core/evidence_store.h"
#include "core/explain.h"
#include "core/model.h"
#include "core/snapshot_view.h"
#include "proto/frame.h"
#include "proto/query.h"

/* Snapshots that are due at once follow each other no faster. */
#define SNAPSHOT_SPACING_US ((int64_t)100000)
/* A change waits so long for others of the same moment: results of one round that come a few
 * milliseconds apart must not raise one alert and replace it by the next. */
#define SNAPSHOT_GATHERING_US ((int64_t)20000)
/* How often targets are looked through for stale results. */
#define EXPIRE_INTERVAL_US ((int64_t)1000000)
/* The periodic snapshot waits so long after the checks of its round have begun, at most. */
#define SETTLE_MAX_US ((int64_t)1000000)

typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    model_t *model;
    snapshot_view_t published;
    evidence_store_t *evidence;
    zsock_t *results; /* PULL */
    zsock_t *health;  /* XPUB */
    zsock_t *ask;     /* ROUTER */
    order_desk_t *desk;
    actor_timer_t *periodic;
    actor_timer_t *expire;
    actor_timer_t *spacing; /* runs while a snapshot is due but must wait */
    bool is_waiting;        /* spacing is set */
    bool has_begun;
    int64_t next_periodic_us; /* monotonic */
    int64_t last_snapshot_us; /* monotonic */
} self_t;

static now_t now(void)
{
    return (now_t){.wall_us = clock_wall_us(), .mono_us = clock_mono_us()};
}

/* --- snapshots --- */

/* Keeps what was just published, by way of its own bytes: exactly what every reader has. Where that
 * fails the next one is whole, as changes against this one could not be kept either. */
static void keep_published(self_t *self, const snapshot_t *snapshot)
{
    snapshot_t copy = {0};
    if (snapshot_copy(snapshot, &copy) ||
        snapshot_view_apply(&self->published, &copy) != SNAPSHOT_APPLIED) {
        model_show_whole(self->model);
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "aggregator: snapshot %llu could not be kept; answers stay at an older one until "
                  "the next",
                  (unsigned long long)snapshot->version);
    }
    snapshot_clear(&copy);
}

static void publish(self_t *self, bool is_periodic)
{
    now_t at = now();
    snapshot_t snapshot;
    model_next_snapshot(self->model, is_periodic, at, &snapshot);
    self->last_snapshot_us = at.mono_us;
    if (snapshot.is_status_changed)
        log_write(actor_log(self->actor),
                  snapshot.status == SYSTEM_OK ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
                  "system_status_changed", "system is %s%s%s", system_status_name(snapshot.status),
                  snapshot.n_critical_failures ? ": " : "",
                  snapshot.n_critical_failures ? snapshot.critical_failures[0].text : "");
    if (frame_send(self->health, &snapshot_schema, &snapshot, NULL))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "aggregator: snapshot %llu could not be sent; readers ask for the state",
                  (unsigned long long)snapshot.version);
    sight_log(actor_log(self->actor), &self->published.whole, &snapshot);
    keep_published(self, &snapshot);
    order_desk_published(self->desk);
}

/* Where a snapshot is due, publishes it when the changes of this moment are together and the last
 * one is old enough. */
static void publish_when_due(self_t *self)
{
    bool is_due = order_desk_awaits_snapshot(self->desk) || model_is_due(self->model);
    if (!self->has_begun || self->is_waiting || !is_due)
        return;
    int64_t wait_us = self->last_snapshot_us + SNAPSHOT_SPACING_US - clock_mono_us();
    self->is_waiting = true;
    actor_timer_set(self->spacing,
                    wait_us > SNAPSHOT_GATHERING_US ? wait_us : SNAPSHOT_GATHERING_US);
}

static void on_spacing(void *context)
{
    self_t *self = context;
    self->is_waiting = false;
    if (model_evaluate(self->model) || order_desk_awaits_snapshot(self->desk))
        publish(self, false);
}

/* --- results --- */

static void keep_evidence(self_t *self, probe_result_t *result)
{
    if (evidence_store_add(self->evidence, result->target, result->finished_at_us,
                           &result->evidence))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "aggregator: the evidence of a failed check of %s could not be kept",
                  result->target);
}

/* Results of paused targets, which can only be ordered ones, are for who asked. */
static void take_result(self_t *self, probe_result_t *result)
{
    if (model_is_paused(self->model, result->target))
        result->is_dry_run = true;
    if (result->order_id != 0)
        order_desk_take(self->desk, result);
    if (result->is_dry_run)
        return;
    if (model_apply(self->model, result, now()) == MODEL_UNKNOWN_TARGET)
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "unknown_target",
                  "aggregator: a result for %s, which is no target, is dropped", result->target);
    else if (result->evidence)
        keep_evidence(self, result);
}

/* A pause of a target that is no longer in the configuration stays on disk and changes nothing. */
static void take_pause(self_t *self, pause_change_t *change)
{
    bool is_paused = change->pause != NULL;
    const config_t *config = self->args->config;
    if (model_pause(self->model, change->target, &change->pause, now()) != MODEL_APPLIED)
        return;
    long at = config_target_at(config, change->target); /* the model has found it */
    order_desk_pause(self->desk, &config->targets[at], is_paused);
}

static void on_batch(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    self_t *self = context;
    probe_results_t *batch = message;
    for (size_t i = 0; i < batch->n_results; i++)
        take_result(self, &batch->results[i]);
    for (size_t i = 0; i < batch->n_pauses; i++)
        take_pause(self, &batch->pauses[i]);
    const target_t *address;
    while ((address = model_next_ask(self->model)) != NULL)
        order_desk_ask(self->desk, address);
}

static void drain_results(self_t *self)
{
    actor_receive(self->actor, self->results, &probe_results_schema, on_batch, self);
}

/* Pauses that were stored are waiting among the results when the first collector comes. */
static void on_collector(void *context)
{
    self_t *self = context;
    const config_t *config = self->args->config;
    drain_results(self);
    for (size_t i = 0; i < config->n_targets; i++)
        if (model_is_paused(self->model, config->targets[i].name))
            order_desk_pause(self->desk, &config->targets[i], true);
    publish_when_due(self);
}

static void on_results(void *context)
{
    drain_results(context);
    publish_when_due(context);
}

/* --- time --- */

static void on_expire(void *context)
{
    self_t *self = context;
    actor_timer_set(self->expire, EXPIRE_INTERVAL_US);
    model_expire(self->model, now());
    publish_when_due(self);
}

/* Checks begin on the interval; the snapshot of the round is taken a little later, so that it
 * shows what they found and not what the round before did. */
static int64_t settle_us(const config_t *config)
{
    int64_t tenth_us = (int64_t)config->check_interval_ms * 100;
    return tenth_us < SETTLE_MAX_US ? tenth_us : SETTLE_MAX_US;
}

static void on_periodic(void *context)
{
    self_t *self = context;
    int64_t interval_us = (int64_t)self->args->config->check_interval_ms * 1000;
    int64_t at_us = clock_mono_us();
    /* The loop's timers count in milliseconds and may fire a fraction of one early: this one is
     * done with. Intervals that were slept through are skipped. */
    do {
        self->next_periodic_us += interval_us;
    } while (self->next_periodic_us <= at_us);
    actor_timer_set(self->periodic, self->next_periodic_us - at_us);
    drain_results(self);
    (void)model_evaluate(self->model); /* a snapshot is made whatever it says */
    publish(self, true);
}

static void on_begin(void *context)
{
    self_t *self = context;
    self->has_begun = true;
    drain_results(self); /* the stored state of passive targets is waiting here */
    (void)model_evaluate(self->model);
    publish(self, false);
    int64_t at_us = clock_mono_us();
    int64_t interval_us = (int64_t)self->args->config->check_interval_ms * 1000;
    self->next_periodic_us = at_us + settle_us(self->args->config) + interval_us;
    actor_timer_set(self->periodic, self->next_periodic_us - at_us);
    actor_timer_set(self->expire, EXPIRE_INTERVAL_US);
}

/* --- another configuration --- */

/* The periodic snapshot stays on its beat, which may be another one now. */
static void change_beat(self_t *self, uint32_t old_interval_ms)
{
    int64_t interval_us = (int64_t)self->args->config->check_interval_ms * 1000;
    int64_t at_us = clock_mono_us();
    self->next_periodic_us += interval_us - (int64_t)old_interval_ms * 1000;
    while (self->next_periodic_us <= at_us)
        self->next_periodic_us += interval_us;
    actor_timer_set(self->periodic, self->next_periodic_us - at_us);
}

static actor_reload_t on_reload(void *context, const actor_args_t *args)
{
    self_t *self = context;
    drain_results(self); /* they are about the targets of before */
    if (model_reconfigure(self->model, args->config, now())) {
        log_write(actor_log(self->actor), LOG_LEVEL_CRITICAL, "out_of_memory",
                  "aggregator: the targets of the new configuration find no room");
        actor_stop(self->actor);
        return ACTOR_NEEDS_RESTART;
    }
    uint32_t old_interval_ms = self->args->config->check_interval_ms;
    self->args = args;
    if (!self->has_begun)
        return ACTOR_RELOADED;
    if (old_interval_ms != args->config->check_interval_ms)
        change_beat(self, old_interval_ms);
    (void)model_evaluate(self->model); /* a snapshot is made whatever it says */
    publish(self, false);
    return ACTOR_RELOADED;
}

/* --- questions --- */

static void send_answer(void *context, answer_t *answer, zframe_t *asker)
{
    self_t *self = context;
    answer->snapshot_version = self->published.whole.version;
    if (frame_send(self->ask, &answer_schema, answer, asker))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "aggregator: a question stays without an answer; the asker's deadline ends it");
}

static void probe(self_t *self, const query_t *query, zframe_t *asker)
{
    const config_t *config = self->args->config;
    long at = query->target ? config_target_at(config, query->target) : -1;
    if (at >= 0 && target_is_probed(&config->targets[at])) {
        order_desk_probe(self->desk, &config->targets[at], query->is_dry_run, query->request_id,
                         asker);
        return;
    }
    answer_t answer = {.request_id = query->request_id, .outcome = ANSWER_NOT_FOUND};
    send_answer(self, &answer, asker);
}

static void give_evidence(self_t *self, const query_t *query, zframe_t *asker)
{
    evidence_t kept[EVIDENCE_PER_TARGET];
    answer_t answer = {.request_id = query->request_id, .outcome = ANSWER_NOT_FOUND};
    if (query->target && config_target_at(self->args->config, query->target) >= 0) {
        answer.outcome = ANSWER_OK;
        answer.evidence = kept;
        answer.n_evidence = evidence_store_of(self->evidence, query->target, kept);
    }
    send_answer(self, &answer, asker);
}

static void give_explanation(self_t *self, const query_t *query, zframe_t *asker)
{
    answer_t answer = {.request_id = query->request_id};
    switch (explain(self->model, query->target, now(), &answer.text)) {
    case EXPLAINED:
        answer.outcome = ANSWER_OK;
        break;
    case EXPLAIN_NO_SUCH_TARGET:
        answer.outcome = ANSWER_NOT_FOUND;
        break;
    case EXPLAIN_NO_MEMORY:
        answer.outcome = ANSWER_REFUSED;
        break;
    }
    send_answer(self, &answer, asker);
    free(answer.text);
}

static void on_query(void *context, void *message, zframe_t *peer)
{
    self_t *self = context;
    const query_t *query = message;
    if (query->verb == QUERY_PROBE) {
        probe(self, query, peer);
        return;
    }
    if (query->verb == QUERY_EVIDENCE) {
        give_evidence(self, query, peer);
        return;
    }
    if (query->verb == QUERY_EXPLAIN) {
        give_explanation(self, query, peer);
        return;
    }
    answer_t answer = {.request_id = query->request_id, .outcome = ANSWER_NOT_FOUND};
    if (query->verb == QUERY_WHOLE_STATE && self->published.is_known) {
        answer.outcome = ANSWER_OK;
        answer.snapshot = &self->published.whole;
    }
    send_answer(self, &answer, peer);
}

static void on_ask(void *context)
{
    self_t *self = context;
    actor_receive(self->actor, self->ask, &query_schema, on_query, self);
}

void aggregator_actor(zsock_t *pipe, void *args)
{
    self_t self = {.args = args};
    self.actor = actor_new(pipe, "aggregator", args);
    self.model = model_new(self.args->config, now());
    self.results = actor_socket(ZMQ_PULL, ENDPOINT_RESULTS, true);
    self.health = actor_socket(ZMQ_XPUB, ENDPOINT_HEALTH, true);
    self.ask = actor_socket(ZMQ_ROUTER, ENDPOINT_ASK_HEALTH, true);
    self.periodic = actor_timer_new(self.actor, on_periodic, &self);
    self.expire = actor_timer_new(self.actor, on_expire, &self);
    self.spacing = actor_timer_new(self.actor, on_spacing, &self);
    actor_on_begin(self.actor, on_begin, &self);
    actor_on_reload(self.actor, on_reload, &self);
    actor_read(self.actor, self.results, on_results, &self);
    actor_read(self.actor, self.ask, on_ask, &self);
    self.desk = order_desk_new(self.actor, send_answer, on_collector, &self);
    self.evidence = evidence_store_new(EVIDENCE_STORE_MAX_BYTES);
    if (!self.model || !self.desk || !self.evidence)
        actor_failed(self.actor, "aggregator: out of memory");
    else
        actor_run_with_readers(self.actor, self.health, self.args->n_health_readers);
    actor_timer_destroy(&self.spacing);
    actor_timer_destroy(&self.expire);
    actor_timer_destroy(&self.periodic);
    order_desk_destroy(&self.desk);
    evidence_store_destroy(&self.evidence);
    snapshot_view_clear(&self.published);
    zsock_destroy(&self.ask);
    zsock_destroy(&self.health);
    zsock_destroy(&self.results);
    model_destroy(&self.model);
    actor_destroy(&self.actor);
}
