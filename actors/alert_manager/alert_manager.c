/*
 * Owns   the alerts, their log in state.db, inproc://alerts and inproc://ask/alerts.
 * Reads  snapshot; query ALERTS_ACTIVE, ALERTS_HISTORY, ALERT_CLEAR.
 * Emits  alert_event, after it is on disk or, where the disk refuses, marked as not durable;
 *        answer; probe_results with the clear of an emergency stop.
 */
#include "actors/alert_manager/alert_manager.h"

#include <stdlib.h>

#include "actors/actor.h"
#include "actors/alert_manager/alert_writer.h"
#include "actors/health_reader.h"
#include "core/alert_rules.h"
#include "core/entry_id.h"
#include "core/snapshot_view.h"
#include "proto/frame.h"
#include "proto/query.h"

/* How often events that the disk refused are tried again. */
#define RETRY_INTERVAL_US ((int64_t)1000000)
/* While old rows are left, so much lies between two steps that delete some: others may write. */
#define PRUNE_INTERVAL_US ((int64_t)20000)
/* A clear of the emergency stop is answered when a snapshot shows it, or after so long. */
#define CLEAR_DEADLINE_US ((int64_t)1000000)
/* Clears of the emergency stop that wait for their snapshot, at most. */
#define PENDING_CLEARS_MAX 16

/* A clear of the emergency stop that no snapshot has shown yet. */
typedef struct {
    zframe_t *asker; /* NULL: the place is free */
    uint64_t request_id;
    char *entry_id; /* of the trip that was cleared */
    int64_t deadline_us;
} pending_clear_t;

typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    store_t *store;
    alert_book_t *book;
    alert_writer_t *writer;
    health_reader_t *reader;
    zsock_t *alerts;  /* XPUB */
    zsock_t *ask;     /* ROUTER */
    zsock_t *results; /* PUSH */
    actor_timer_t *retry;
    bool is_retry_set;
    actor_timer_t *prune;
    actor_timer_t *clear_deadline;
    pending_clear_t pending[PENDING_CLEARS_MAX];
    int64_t begun_us; /* monotonic */
} self_t;

/* --- events --- */

static void publish(self_t *self, const alert_event_t *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const alert_event_t *event = &events[i];
        if (event->kind != ALERT_UPDATED)
            log_write(actor_log(self->actor),
                      event->kind == ALERT_RAISED ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
                      event->kind == ALERT_RAISED ? "alert_raised" : "alert_resolved", "%s: %s%s%s",
                      event->alert->alert_id, event->alert->message,
                      event->kind == ALERT_RESOLVED ? "; " : "",
                      event->kind == ALERT_RESOLVED ? resolution_name(event->alert->resolution)
                                                    : "");
        if (frame_send(self->alerts, &alert_event_schema, event, NULL))
            log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                      "alert manager: event %llu could not be sent; it is in the log",
                      (unsigned long long)event->seq);
    }
}

/* --- answers --- */

static void send_answer(self_t *self, const answer_t *answer, zframe_t *asker)
{
    if (frame_send(self->ask, &answer_schema, answer, asker))
        log_write(
            actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
            "alert manager: a question stays without an answer; the asker's deadline ends it");
}

static answer_t answer_to(const self_t *self, uint64_t request_id, answer_outcome_t outcome)
{
    const snapshot_t *state = health_reader_state(self->reader);
    return (answer_t){
        .request_id = request_id,
        .outcome = (int)outcome,
        .snapshot_version = state ? state->version : 0,
        .alert_seq = alert_writer_last_seq(self->writer),
    };
}

/* The newest LIMIT alerts, or all active ones where ONLY_ACTIVE. */
static void answer_alerts(self_t *self, const query_t *query, bool only_active, zframe_t *asker)
{
    answer_t answer = answer_to(self, query->request_id, ANSWER_OK);
    size_t n = alert_book_count(self->book);
    size_t limit = only_active || query->limit < 1 ? n : (size_t)query->limit;
    size_t first = limit < n ? n - limit : 0;
    answer.alerts = calloc(n - first + 1, sizeof *answer.alerts);
    if (!answer.alerts)
        return; /* the asker's deadline ends it */
    for (size_t i = first; i < n; i++) {
        const alert_t *alert = alert_book_at(self->book, i);
        if (!only_active || alert->resolution == RESOLUTION_NONE)
            answer.alerts[answer.n_alerts++] = *alert; /* borrowed */
    }
    send_answer(self, &answer, asker);
    free(answer.alerts);
}

/* --- clear --- */

/* Tells the model that the trip of ENTRY_ID is over. */
static void push_clear(self_t *self, const alert_t *stop)
{
    char target[] = EMERGENCY_STOP;
    probe_result_t result = {
        .target = target,
        .status = STATUS_OK,
        .finished_at_us = clock_wall_us(),
        .latency_us = LATENCY_NONE,
        .entry_id = stop->entry_id,
        .is_clear = true,
    };
    const probe_results_t batch = {.results = &result, .n_results = 1};
    if (frame_send(self->results, &probe_results_schema, &batch, NULL))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "alert manager: the clear of the emergency stop reached the log but not the "
                  "model; it takes effect at the next start");
}

static void end_pending(pending_clear_t *pending)
{
    zframe_destroy(&pending->asker);
    free(pending->entry_id);
    *pending = (pending_clear_t){0};
}

/* Whether the state no longer shows the trip that was cleared. */
static bool shows_clear(const snapshot_t *state, const pending_clear_t *pending)
{
    const target_state_t *stop = state ? snapshot_target_at(state, EMERGENCY_STOP) : NULL;
    return stop && (stop->status != STATUS_DOWN ||
                    entry_id_compare_texts(stop->entry_id, pending->entry_id) > 0);
}

/* Answers what a snapshot shows or what has waited enough, and sets the timer for the rest. */
static void answer_pending(self_t *self)
{
    const snapshot_t *state = health_reader_state(self->reader);
    int64_t now_us = clock_mono_us();
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < PENDING_CLEARS_MAX; i++) {
        pending_clear_t *pending = &self->pending[i];
        if (!pending->asker)
            continue;
        if (!shows_clear(state, pending) && now_us < pending->deadline_us) {
            next_us = pending->deadline_us < next_us ? pending->deadline_us : next_us;
            continue;
        }
        answer_t answer = answer_to(self, pending->request_id, ANSWER_OK);
        send_answer(self, &answer, pending->asker);
        end_pending(pending);
    }
    if (next_us != INT64_MAX)
        actor_timer_set(self->clear_deadline, next_us - now_us);
}

/* A free place for a clear that must wait, or NULL. */
static pending_clear_t *free_place(self_t *self)
{
    for (size_t i = 0; i < PENDING_CLEARS_MAX; i++) {
        if (!self->pending[i].asker)
            return &self->pending[i];
    }
    return NULL;
}

/* A cleared emergency stop: the model is told, and the asker waits for the snapshot that shows it;
 * where no place is free the answer goes out at once, for the clear itself is done. */
static void finish_stop_clear(self_t *self, const query_t *query, const alert_t *stop,
                              zframe_t *asker)
{
    push_clear(self, stop);
    pending_clear_t *pending = free_place(self);
    if (!pending) {
        answer_t answer = answer_to(self, query->request_id, ANSWER_OK);
        send_answer(self, &answer, asker);
        return;
    }
    *pending = (pending_clear_t){
        .asker = zframe_dup(asker),
        .request_id = query->request_id,
        .entry_id = stop->entry_id ? strdup(stop->entry_id) : NULL,
        .deadline_us = clock_mono_us() + CLEAR_DEADLINE_US,
    };
    answer_pending(self);
}

static void clear(self_t *self, const query_t *query, zframe_t *asker)
{
    alert_effects_t effects;
    if (!query->alert_id ||
        alert_book_begin_clear(self->book, query->alert_id, clock_wall_us(), &effects)) {
        answer_t answer = answer_to(self, query->request_id, ANSWER_NOT_FOUND);
        send_answer(self, &answer, asker);
        return;
    }
    const alert_t *alert = alert_book_active_at(self->book, query->alert_id);
    const alert_event_t *events;
    size_t n_events;
    bool is_written = alert_writer_write_or_refuse(self->writer, &effects, &events, &n_events) == 0;
    if (is_written)
        publish(self, events, n_events);
    alert_book_end_clear(self->book, is_written);
    if (is_written && strcmp(alert->component, EMERGENCY_STOP) == 0) {
        finish_stop_clear(self, query, alert, asker);
        return;
    }
    answer_t answer = answer_to(self, query->request_id, is_written ? ANSWER_OK : ANSWER_REFUSED);
    send_answer(self, &answer, asker);
}

static void on_query(void *context, void *message, zframe_t *asker)
{
    self_t *self = context;
    const query_t *query = message;
    switch ((query_verb_t)query->verb) {
    case QUERY_ALERTS_ACTIVE:
        answer_alerts(self, query, true, asker);
        return;
    case QUERY_ALERTS_HISTORY:
        answer_alerts(self, query, false, asker);
        return;
    case QUERY_ALERT_CLEAR:
        clear(self, query, asker);
        return;
    case QUERY_WHOLE_STATE:
    case QUERY_PROBE:
    case QUERY_VERB_COUNT:
        break;
    }
    answer_t answer = answer_to(self, query->request_id, ANSWER_NOT_FOUND);
    send_answer(self, &answer, asker);
}

static void on_ask(void *context)
{
    self_t *self = context;
    actor_receive(self->actor, self->ask, &query_schema, on_query, self);
}

/* --- snapshots and time --- */

/* Deletes old rows a few at a time, from each periodic snapshot on until none is left. */
static void on_prune(void *context)
{
    self_t *self = context;
    size_t n_deleted = 0;
    store_error_t error;
    if (alert_log_prune(self->store, &n_deleted, &error))
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "prune_failed",
                  "old alerts stay in the log: %s; the next interval tries again", error.text);
    else if (n_deleted > 0)
        actor_timer_set(self->prune, PRUNE_INTERVAL_US);
}

/* Sees to it that what the disk refused is tried again soon; further events do not put it off. */
static void retry_later(self_t *self)
{
    if (self->is_retry_set)
        return;
    self->is_retry_set = true;
    actor_timer_set(self->retry, RETRY_INTERVAL_US);
}

static void on_snapshot(void *context, const snapshot_t *state)
{
    self_t *self = context;
    alert_effects_t effects = {0};
    if (alert_book_step(self->book, state, clock_wall_us(), clock_mono_us() - self->begun_us,
                        &effects))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "alert manager: not every condition could be looked at; the next snapshot makes "
                  "up for it");
    const alert_event_t *events;
    size_t n_events;
    if (effects.n_effects > 0 &&
        alert_writer_write(self->writer, &effects, &events, &n_events) == 0) {
        publish(self, events, n_events);
        retry_later(self);
    }
    answer_pending(self);
    if (state->is_periodic)
        on_prune(self);
}

static void on_retry(void *context)
{
    self_t *self = context;
    self->is_retry_set = false;
    if (!alert_writer_retry(self->writer))
        retry_later(self);
}

static void on_clear_deadline(void *context)
{
    answer_pending(context);
}

static void on_begin(void *context)
{
    ((self_t *)context)->begun_us = clock_mono_us();
}

/* --- life --- */

/* Puts the log's content into the book: active alerts too old for the history first. */
static int restore(self_t *self, const alert_log_content_t *content)
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

/* Opens the log and remembers what it holds; 0, or -1 with the supervisor told. */
static int load(self_t *self)
{
    store_error_t error;
    alert_log_content_t content = {0};
    if (store_open(self->args->config->state_dir, &self->store, &error) ||
        alert_log_load(self->store, &content, &error)) {
        actor_failed(self->actor, "HEALTHD_STATE_DIR: %s", error.text);
        return -1;
    }
    self->book = alert_book_new(self->args->config);
    self->writer = alert_writer_new(self->store, actor_log(self->actor), content.last_seq);
    self->reader = health_reader_new(self->actor, on_snapshot, self);
    bool is_loaded = self->book && self->writer && self->reader && restore(self, &content) == 0;
    if (!is_loaded)
        actor_failed(self->actor, "alert manager: out of memory");
    alert_log_content_clear(&content);
    return is_loaded ? 0 : -1;
}

static void destruct(self_t *self)
{
    for (size_t i = 0; i < PENDING_CLEARS_MAX; i++)
        end_pending(&self->pending[i]);
    actor_timer_destroy(&self->clear_deadline);
    actor_timer_destroy(&self->prune);
    actor_timer_destroy(&self->retry);
    health_reader_destroy(&self->reader);
    zsock_destroy(&self->results);
    zsock_destroy(&self->ask);
    zsock_destroy(&self->alerts);
    alert_writer_destroy(&self->writer);
    alert_book_destroy(&self->book);
    store_close(&self->store);
    actor_destroy(&self->actor);
}

void alert_manager_actor(zsock_t *pipe, void *args)
{
    self_t self = {.args = args};
    self.actor = actor_new(pipe, "alert manager", args);
    self.alerts = actor_socket(ZMQ_XPUB, ENDPOINT_ALERTS, true);
    self.ask = actor_socket(ZMQ_ROUTER, ENDPOINT_ASK_ALERTS, true);
    self.results = actor_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    self.retry = actor_timer_new(self.actor, on_retry, &self);
    self.prune = actor_timer_new(self.actor, on_prune, &self);
    self.clear_deadline = actor_timer_new(self.actor, on_clear_deadline, &self);
    actor_on_begin(self.actor, on_begin, &self);
    actor_read(self.actor, self.ask, on_ask, &self);
    if (load(&self) == 0)
        actor_run_with_readers(self.actor, self.alerts, self.args->n_alert_readers);
    destruct(&self);
}
