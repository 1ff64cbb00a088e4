/*
 * Owns   the alerts, their log in state.db, inproc://alerts, inproc://findings and
 *        inproc://ask/alerts.
 *        By pause_keeper.h the pauses of targets, which are on disk too.
 * Reads  snapshot; finding; query ALERTS_ACTIVE, ALERTS_HISTORY, ALERT_CLEAR, PAUSE, RESUME.
 * Emits  alert_event, after it is on disk or, where the disk refuses, marked as not durable;
 *        answer; probe_results with the clear of an emergency stop and with pauses.
 */
#include "actors/alert_manager/alert_manager.h"

#include <stdlib.h>

#include "actors/alert_manager/manager.h"

static void on_begin(void *context)
{
    ((manager_t *)context)->begun_us = clock_mono_us();
}

/* Alerts of targets that are gone have ended when the reload is over: the aggregator, which went
 * first, has published its new list. */
static actor_reload_t on_reload(void *context, const actor_args_t *args)
{
    manager_t *self = context;
    self->args = args;
    alert_book_reconfigure(self->book, args->config);
    health_reader_drain(self->reader);
    pause_keeper_reload(self->pauses, args);
    return ACTOR_RELOADED;
}

static void on_vitals(void *context, vitals_draft_t *draft)
{
    static const char *const severities[SEVERITY_COUNT] = {"info", "warning", "critical"};
    const manager_t *self = context;
    for (int level = 0; level < SEVERITY_COUNT; level++) {
        vitals_add(draft, VITAL_ALERTS_RAISED, (double)self->n_events[ALERT_RAISED][level],
                   "severity=\"%s\"", severities[level]);
        vitals_add(draft, VITAL_ALERTS_RESOLVED, (double)self->n_events[ALERT_RESOLVED][level],
                   "severity=\"%s\"", severities[level]);
    }
    vitals_add(draft, VITAL_STATE_DURABLE, alert_writer_trouble(self->writer) == NULL, "%s", "");
}

/* --- life --- */

/* Puts the log's content into the book: active alerts too old for the history first. */
static int restore(manager_t *self, const alert_log_content_t *content)
{
    for (size_t i = 0; i < content->n_active; i++) {
        bool is_in_history = false;
        for (size_t j = 0; j < content->n_history && !is_in_history; j++)
            is_in_history = strcmp(content->active[i].alert_id, content->history[j].alert_id) == 0;
        if (!is_in_history && alert_book_restore_alert(self->book, &content->active[i]))
            return -1;
    }
    for (size_t i = 0; i < content->n_history; i++) {
        if (alert_book_restore_alert(self->book, &content->history[i]))
            return -1;
    }
    for (size_t i = 0; i < content->n_quiet; i++) {
        if (alert_book_restore_quiet(self->book, &content->quiet[i]))
            return -1;
    }
    return 0;
}

/* The pauses, from what is stored; 0, or -1 with *RETERR. */
static int load_pauses(manager_t *self, store_error_t *reterr)
{
    const pause_keeper_world_t world = {.actor = self->actor,
                                        .args = self->args,
                                        .store = self->store,
                                        .results = self->results,
                                        .answer = manager_answer,
                                        .context = self};
    self->pauses = pause_keeper_new(&world);
    if (self->pauses)
        return pause_keeper_load(self->pauses, reterr);
    *reterr = (store_error_t){.kind = STORE_REFUSES, .text = "alert manager: out of memory"};
    return -1;
}

/* Opens the log and remembers what it holds; 0, or -1 with the supervisor told. */
static int load(manager_t *self)
{
    store_error_t error;
    alert_log_content_t content = {0};
    if (store_open(self->args->config->state_dir, &self->store, &error) ||
        alert_log_load(self->store, &content, &error) || load_pauses(self, &error)) {
        alert_log_content_clear(&content);
        const char *key = self->args->config->file ? "instance.state_dir" : "HEALTHD_STATE_DIR";
        store_advise(&error);
        if (error.kind == STORE_REFUSES)
            actor_failed(self->actor, "%s: %s", key, error.text);
        else
            actor_unusable(self->actor, "%s: %s", key, error.text);
        return -1;
    }
    self->book = alert_book_new(self->args->config);
    self->writer = alert_writer_new(self->store, actor_log(self->actor), content.last_seq);
    self->reader = health_reader_new(self->actor, manager_on_snapshot, self);
    bool is_loaded = self->book && self->writer && self->reader && restore(self, &content) == 0;
    if (!is_loaded)
        actor_failed(self->actor, "alert manager: out of memory");
    alert_log_content_clear(&content);
    return is_loaded ? 0 : -1;
}

static void destruct(manager_t *self)
{
    stop_clears_end(&self->clears);
    pause_keeper_destroy(&self->pauses);
    actor_timer_destroy(&self->clear_deadline);
    actor_timer_destroy(&self->next_step);
    actor_timer_destroy(&self->rested);
    actor_timer_destroy(&self->prune);
    actor_timer_destroy(&self->retry);
    health_reader_destroy(&self->reader);
    zsock_destroy(&self->results);
    zsock_destroy(&self->findings);
    zsock_destroy(&self->ask);
    zsock_destroy(&self->alerts);
    alert_writer_destroy(&self->writer);
    alert_book_destroy(&self->book);
    store_close(&self->store);
    actor_destroy(&self->actor);
}

void alert_manager_actor(zsock_t *pipe, void *args)
{
    manager_t self = {.args = args};
    self.actor = actor_new(pipe, "alert manager", args);
    self.alerts = actor_socket(ZMQ_XPUB, ENDPOINT_ALERTS, true);
    self.ask = actor_socket(ZMQ_ROUTER, ENDPOINT_ASK_ALERTS, true);
    self.findings = actor_socket(ZMQ_PULL, ENDPOINT_FINDINGS, true);
    self.results = actor_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    self.retry = actor_timer_new(self.actor, manager_on_retry, &self);
    self.prune = actor_timer_new(self.actor, manager_on_prune, &self);
    self.next_step = actor_timer_new(self.actor, manager_on_next_step, &self);
    self.rested = actor_timer_new(self.actor, manager_on_rested, &self);
    self.clear_deadline = actor_timer_new(self.actor, manager_answer_clears, &self);
    actor_on_begin(self.actor, on_begin, &self);
    actor_on_reload(self.actor, on_reload, &self);
    actor_on_vitals(self.actor, on_vitals, &self);
    actor_read(self.actor, self.ask, manager_on_ask, &self);
    actor_read(self.actor, self.findings, manager_on_findings, &self);
    if (load(&self) == 0)
        actor_run_with_readers(self.actor, self.alerts, self.args->n_alert_readers);
    destruct(&self);
}
