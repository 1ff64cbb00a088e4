/* Questions over inproc://ask/alerts and their answers. */
#include <stdlib.h>

#include "actors/alert_manager/manager.h"
#include "proto/frame.h"
#include "proto/query.h"

/* --- answers --- */

static void send_answer(manager_t *self, const answer_t *answer, zframe_t *asker)
{
    if (frame_send(self->ask, &answer_schema, answer, asker))
        log_write(
            actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
            "alert manager: a question stays without an answer; the asker's deadline ends it");
}

static answer_t answer_to(const manager_t *self, uint64_t request_id, answer_outcome_t outcome)
{
    const snapshot_t *state = health_reader_state(self->reader);
    return (answer_t){
        .request_id = request_id,
        .outcome = (int)outcome,
        .snapshot_version = state ? state->version : 0,
        .alert_seq = alert_writer_last_seq(self->writer),
    };
}

void manager_answer(void *context, uint64_t request_id, answer_outcome_t outcome, zframe_t *asker)
{
    manager_t *self = context;
    const answer_t answer = answer_to(self, request_id, outcome);
    send_answer(self, &answer, asker);
}

/* The newest LIMIT alerts, or all active ones where ONLY_ACTIVE. */
static void answer_alerts(manager_t *self, const query_t *query, bool only_active, zframe_t *asker)
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
static void push_clear(manager_t *self, const alert_t *stop)
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

static void answer_stop_clear(void *context, uint64_t request_id, zframe_t *asker)
{
    manager_t *self = context;
    const answer_t answer = answer_to(self, request_id, ANSWER_OK);
    send_answer(self, &answer, asker);
}

/* Answers what a snapshot shows or what has waited enough, and sets the timer for the rest. */
void manager_answer_clears(void *context)
{
    manager_t *self = context;
    int64_t now_us = clock_mono_us();
    int64_t next_us = stop_clears_step(&self->clears, health_reader_state(self->reader), now_us,
                                       answer_stop_clear, self);
    if (next_us != INT64_MAX)
        actor_timer_set(self->clear_deadline, next_us - now_us);
}

/* A cleared emergency stop: the model is told, and the asker waits for the snapshot that shows it;
 * where no place is free the answer goes out at once, for the clear itself is done. */
static void finish_stop_clear(manager_t *self, const query_t *query, const alert_t *stop,
                              zframe_t *asker)
{
    push_clear(self, stop);
    if (stop_clears_add(&self->clears, stop, asker, query->request_id, clock_mono_us()))
        manager_answer_clears(self);
    else
        answer_stop_clear(self, query->request_id, asker);
}

static void clear(manager_t *self, const query_t *query, zframe_t *asker)
{
    alert_effects_t effects;
    const char *alert_id = query->alert_id ? query->alert_id : "";
    alert_clear_t begun = alert_book_begin_clear(self->book, alert_id, clock_wall_us(), &effects);
    if (begun != ALERT_CLEAR_BEGUN) {
        answer_t answer =
            answer_to(self, query->request_id,
                      begun == ALERT_CLEAR_NOT_ACTIVE ? ANSWER_NOT_FOUND : ANSWER_REFUSED);
        send_answer(self, &answer, asker);
        return;
    }
    const alert_t *alert = alert_book_active_at(self->book, query->alert_id);
    const alert_event_t *events;
    size_t n_events;
    bool is_written = alert_writer_write_or_refuse(self->writer, &effects, &events, &n_events) == 0;
    if (is_written)
        manager_publish(self, events, n_events);
    alert_book_end_clear(self->book, is_written);
    if (is_written && strcmp(alert->component, EMERGENCY_STOP) == 0) {
        finish_stop_clear(self, query, alert, asker);
    } else {
        answer_t answer =
            answer_to(self, query->request_id, is_written ? ANSWER_OK : ANSWER_REFUSED);
        send_answer(self, &answer, asker);
    }
    if (is_written)
        alert_book_note_all_written(self->book);
    manager_look_at_storage(self);
}

static void on_query(void *context, void *message, zframe_t *asker)
{
    manager_t *self = context;
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
    case QUERY_PAUSE:
    case QUERY_RESUME:
        pause_keeper_query(self->pauses, query, asker);
        return;
    case QUERY_WHOLE_STATE:
    case QUERY_PROBE:
    case QUERY_EVIDENCE:
    case QUERY_EXPLAIN:
    case QUERY_PING:
    case QUERY_CONFIG_RELOAD:
    case QUERY_VERB_COUNT:
        break;
    }
    answer_t answer = answer_to(self, query->request_id, ANSWER_NOT_FOUND);
    send_answer(self, &answer, asker);
}

void manager_on_ask(void *context)
{
    manager_t *self = context;
    actor_receive(self->actor, self->ask, &query_schema, on_query, self);
}
