/*
 * The heartbeat collector: what jobs tell of themselves.
 * Owns   the table heartbeat of state.db.
 * Reads  query PING over inproc://ask/heartbeats, to which it connects as the one that answers: the
 *        gateway has bound it, since a collector may come and go; order PAUSE, RESUME.
 * Emits  answer, after the ping is on disk or was refused by it; probe_results when a ping came and
 *        when another status holds. A ping counts also where the disk refuses it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/batch.h"
#include "actors/collectors/collectors.h"
#include "actors/collectors/heartbeat_table.h"
#include "actors/collectors/probe_counts.h"
#include "actors/findings.h"
#include "core/heartbeat_result.h"
#include "proto/frame.h"
#include "proto/order.h"
#include "proto/query.h"
#include "store/heartbeats.h"

/* When the disk refused, it is asked again after so long. */
#define SAVE_RETRY_US ((int64_t)1000000)

typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    store_t *store;
    findings_t *findings;
    zsock_t *ask;    /* ROUTER */
    zsock_t *orders; /* SUB */
    batch_t *batch;
    condition_workspace_t *workspace;
    actor_timer_t *wake;
    int64_t wake_us; /* monotonic, when it is set to; HEARTBEAT_NEVER */
    actor_timer_t *retry;
    heartbeat_table_t table;
    probe_counts_t counts;
    bool has_begun;         /* the supervisor said "begin" */
    bool has_orders;        /* the aggregator told what holds */
    bool is_store_refusing; /* until the retry */
} self_t;

static now_t now(void)
{
    return (now_t){.wall_us = clock_wall_us(), .mono_us = clock_mono_us()};
}

/* --- results --- */

static void send_result(self_t *self, beat_t *beat, const heartbeat_verdict_t *verdict, now_t at)
{
    probe_result_t result;
    beat->told_status = verdict->status;
    beat->told_reason = verdict->reason;
    if (heartbeat_result(beat->target, &beat->state, verdict, self->workspace, at, &result)) {
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "results_lost",
                  "%s: no memory for what a heartbeat says; the next ping replaces it",
                  beat->target->name);
        return;
    }
    probe_counts_result(&self->counts, &result);
    batch_keep(self->batch, &result);
}

/* Looks at BEAT; what holds is told where it is news, or IS_NEWS. Gives when to look again. */
static int64_t look(self_t *self, beat_t *beat, bool is_news, now_t at)
{
    heartbeat_verdict_t verdict;
    heartbeat_look(&beat->state, beat->settings, at, &verdict);
    if (is_news || verdict.status != beat->told_status || verdict.reason != beat->told_reason)
        send_result(self, beat, &verdict, at);
    return verdict.wake_mono_us;
}

static bool is_running(const self_t *self)
{
    return self->has_begun && self->has_orders;
}

/* Sees to it that all are looked at by AT_US. */
static void wake_by(self_t *self, int64_t at_us)
{
    if (at_us >= self->wake_us)
        return;
    self->wake_us = at_us;
    actor_timer_set(self->wake, at_us - clock_mono_us());
}

/* Looks at every heartbeat, and again when something else may hold. */
static void look_at_all(self_t *self, bool is_news)
{
    const now_t at = now();
    int64_t next_us = HEARTBEAT_NEVER;
    if (!is_running(self))
        return;
    for (size_t i = 0; i < self->table.n; i++) {
        int64_t wake_us = look(self, &self->table.beats[i], is_news, at);
        if (wake_us < next_us)
            next_us = wake_us;
    }
    self->wake_us = HEARTBEAT_NEVER;
    actor_timer_cancel(self->wake);
    wake_by(self, next_us);
}

static void on_wake(void *context)
{
    look_at_all(context, false);
}

/* --- the disk --- */

static void tell_refusal(self_t *self, const store_error_t *error)
{
    char message[sizeof STORAGE_TROUBLE_MESSAGE + sizeof(store_error_t)];
    (void)snprintf(message, sizeof message, STORAGE_TROUBLE_MESSAGE, error->text);
    if (!self->is_store_refusing)
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "ping_not_durable",
                  "heartbeat collector: %s; pings count, and are written as soon as it takes them",
                  error->text);
    findings_say(self->findings, &(const finding_words_t){
                                     .component = STORAGE_TROUBLE_COMPONENT,
                                     .kind = ALERT_KIND_STORAGE_TROUBLE,
                                     .severity = SEVERITY_CRITICAL,
                                     .title = STORAGE_TROUBLE_TITLE,
                                     .message = message,
                                 });
}

/* Writes what is known of BEAT; while the disk refuses, only the retry asks it. */
static int save(self_t *self, beat_t *beat)
{
    store_error_t error;
    beat->is_unsaved = true;
    if (self->is_store_refusing)
        return -1;
    if (heartbeats_save(self->store, beat->target->name, &beat->state.record, &error)) {
        tell_refusal(self, &error);
        self->is_store_refusing = true;
        actor_timer_set(self->retry, SAVE_RETRY_US);
        return -1;
    }
    beat->is_unsaved = false;
    return 0;
}

static void on_retry(void *context)
{
    self_t *self = context;
    self->is_store_refusing = false;
    for (size_t i = 0; i < self->table.n; i++)
        if (self->table.beats[i].is_unsaved && save(self, &self->table.beats[i]))
            return;
    findings_over(self->findings, STORAGE_TROUBLE_COMPONENT);
}

/* --- pings --- */

static answer_outcome_t take_ping(self_t *self, const query_t *query)
{
    const now_t at = now();
    beat_t *beat = query->target && query->ping
                       ? heartbeat_table_at(&self->table, self->args->config, query->target)
                       : NULL;
    if (!beat)
        return ANSWER_NOT_FOUND;
    if (!heartbeat_admit(&beat->state, at.mono_us))
        return ANSWER_BUSY;
    heartbeat_ping(&beat->state, beat->settings, query->ping, at);
    int rc = save(self, beat);
    if (is_running(self))
        wake_by(self, look(self, beat, true, at));
    return rc ? ANSWER_REFUSED : ANSWER_OK;
}

static void on_query(void *context, void *message, zframe_t *peer)
{
    self_t *self = context;
    const query_t *query = message;
    const answer_t answer = {.request_id = query->request_id,
                             .outcome = (int)take_ping(self, query)};
    if (frame_send(self->ask, &answer_schema, &answer, peer))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "heartbeat collector: a ping stays without an answer; the asker's deadline ends "
                  "it");
}

static void on_ask(void *context)
{
    self_t *self = context;
    actor_receive(self->actor, self->ask, &query_schema, on_query, self);
}

/* --- orders --- */

static void resume(self_t *self, beat_t *beat)
{
    const now_t at = now();
    if (!beat->is_paused)
        return;
    beat->is_paused = false;
    if (heartbeat_resume(&beat->state, beat->settings, at))
        (void)save(self, beat); /* a refusal is tried again */
    if (is_running(self))
        wake_by(self, look(self, beat, true, at));
}

static void on_order(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    self_t *self = context;
    const order_t *order = message;
    beat_t *beat =
        order->target ? heartbeat_table_at(&self->table, self->args->config, order->target) : NULL;
    if (order->kind == ORDER_BEGIN) {
        self->has_orders = true;
        look_at_all(self, true);
    } else if (beat && order->kind == ORDER_PAUSE) {
        beat->is_paused = true;
    } else if (beat && order->kind == ORDER_RESUME) {
        resume(self, beat);
    }
}

static void on_orders(void *context)
{
    self_t *self = context;
    actor_receive(self->actor, self->orders, &order_schema, on_order, self);
}

/* --- life --- */

static void on_begin(void *context)
{
    self_t *self = context;
    self->has_begun = true;
    look_at_all(self, true);
}

static actor_reload_t on_reload(void *context, const actor_args_t *args)
{
    self_t *self = context;
    heartbeat_table_t table;
    if (heartbeat_table_init(&table, args->config, &self->table, now()))
        return ACTOR_NEEDS_RESTART;
    heartbeat_table_clear(&self->table);
    self->table = table;
    self->args = args;
    zsock_set_subscribe(self->orders, ""); /* asks anew what holds; then all is told */
    return ACTOR_RELOADED;
}

static void on_vitals(void *context, vitals_draft_t *draft)
{
    const self_t *self = context;
    probe_counts_tell(&self->counts, PROBE_HEARTBEAT, draft);
}

/* 0, or -1 with the supervisor told. */
static int load(self_t *self)
{
    const config_t *config = self->args->config;
    store_error_t error;
    if (heartbeat_table_init(&self->table, config, NULL, now())) {
        actor_failed(self->actor, "heartbeat collector: out of memory");
        return -1;
    }
    if (store_open(config->state_dir, &self->store, &error) == 0 &&
        heartbeat_table_load(&self->table, config, self->store, now(), &error) == 0)
        return 0;
    const char *key = config->file ? "instance.state_dir" : "HEALTHD_STATE_DIR";
    store_advise(&error);
    if (error.kind == STORE_REFUSES)
        actor_failed(self->actor, "%s: %s", key, error.text);
    else
        actor_unusable(self->actor, "%s: %s", key, error.text);
    return -1;
}

static void construct(self_t *self)
{
    actor_t *actor = self->actor;
    self->workspace = actor_must(actor, condition_workspace_new());
    self->batch = actor_must(actor, batch_new(actor));
    self->findings = findings_new(actor_loop(actor), actor_log(actor), "heartbeat collector");
    self->wake = actor_timer_new(actor, on_wake, self);
    self->retry = actor_timer_new(actor, on_retry, self);
    self->orders = actor_socket(ZMQ_SUB, ENDPOINT_ORDERS, false);
    self->ask = actor_socket(ZMQ_ROUTER, ENDPOINT_ASK_HEARTBEATS, false);
    actor_read(actor, self->orders, on_orders, self);
    actor_read(actor, self->ask, on_ask, self);
    actor_on_begin(actor, on_begin, self);
    actor_on_reload(actor, on_reload, self);
    actor_on_vitals(actor, on_vitals, self);
}

static void destruct(self_t *self)
{
    zsock_destroy(&self->ask);
    zsock_destroy(&self->orders);
    actor_timer_destroy(&self->retry);
    actor_timer_destroy(&self->wake);
    findings_destroy(&self->findings);
    batch_destroy(&self->batch);
    condition_workspace_destroy(&self->workspace);
    heartbeat_table_clear(&self->table);
    store_close(&self->store);
    actor_destroy(&self->actor);
}

void heartbeat_collector_actor(zsock_t *pipe, void *args)
{
    self_t self = {.actor = actor_new(pipe, "heartbeat_collector", args),
                   .args = args,
                   .wake_us = HEARTBEAT_NEVER};
    construct(&self);
    if (load(&self) == 0)
        actor_run(self.actor);
    destruct(&self);
}
