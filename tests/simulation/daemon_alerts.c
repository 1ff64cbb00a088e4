/* Alert manager. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/cleanup.h"
#include "tests/simulation/simulation.h"

/* As in actors/alert_manager/alert_manager.c. */
#define RETRY_INTERVAL_US SECOND_US

static void publish(simulation_t *sim, const alert_event_t *events, size_t n)
{
    static const char *const kinds[] = {"raised", "updated", "resolved"};
    for (size_t i = 0; i < n; i++) {
        story("event %llu: %s %s%s%s%s", (unsigned long long)events[i].seq,
              events[i].alert->alert_id, kinds[events[i].kind],
              events[i].kind == ALERT_RESOLVED ? " as " : "",
              events[i].kind == ALERT_RESOLVED ? resolution_name(events[i].alert->resolution) : "",
              events[i].is_durable ? "" : ", not durable");
        message_t *message = queue_add(&sim->daemon.alerts, MESSAGE_ALERT);
        int rc = alert_event_copy(&events[i], &message->event);
        assert(rc == 0);
    }
}

/* --- snapshots and time --- */

static void step_once(simulation_t *sim, const snapshot_t *state)
{
    daemon_t *self = &sim->daemon;
    alert_effects_t effects = {0};
    const alert_event_t *events = NULL;
    size_t n_events = 0;
    self->stepped_mono_us = clock_mono_us();
    self->stepped_wall_us = clock_wall_us();
    int rc = alert_book_step(self->book, state, self->stepped_wall_us,
                             self->stepped_mono_us - self->begun_us, &effects);
    assert(rc == 0);
    if (effects.n_effects > 0) {
        rc = alert_writer_write(self->writer, &effects, &events, &n_events);
        assert(rc == 0);
        publish(sim, events, n_events);
        alert_book_note_written(self->book, events, n_events);
        self->retry_us = clock_mono_us() + RETRY_INTERVAL_US;
    }
    judge_alert_step(sim, state, &effects, events, n_events);
    int64_t next_us = alert_book_next_us(self->book);
    self->step_us = next_us == INT64_MAX ? NEVER_US : self->begun_us + next_us;
}

static bool note_storage(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    if (alert_writer_trouble(self->writer) && self->retry_us == NEVER_US)
        self->retry_us = clock_mono_us() + RETRY_INTERVAL_US;
    return storage_finding_note(self->book, self->writer, clock_wall_us(),
                                clock_mono_us() - self->begun_us) == FINDING_NEW;
}

static void step(simulation_t *sim, const snapshot_t *state)
{
    for (int i = 0; i < 3; i++) {
        step_once(sim, state);
        if (!note_storage(sim))
            break;
    }
    judge_alert_steps(sim);
}

static void look_at_storage(simulation_t *sim)
{
    const snapshot_t *state = &sim->daemon.alerts_reader.view.whole;
    if (note_storage(sim) && state->version > 0)
        step(sim, state);
}

static void prune(simulation_t *sim, const snapshot_t *state)
{
    size_t n_deleted = 0;
    store_error_t error;
    if (state->is_periodic)
        (void)alert_log_prune(sim->daemon.store, &n_deleted,
                              &error); /* tried again each interval */
}

void alerts_take_snapshot(simulation_t *sim)
{
    message_t *message = queue_take(&sim->daemon.alerts_reader.queue);
    if (reader_apply(sim, &sim->daemon.alerts_reader, &message->snapshot)) {
        const snapshot_t *state = &sim->daemon.alerts_reader.view.whole;
        step(sim, state);
        prune(sim, state);
    }
    message_destroy(&message);
}

void alerts_run_step(simulation_t *sim)
{
    sim->daemon.step_us = NEVER_US;
    step(sim, &sim->daemon.alerts_reader.view.whole);
}

void alerts_run_retry(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    self->retry_us = NEVER_US;
    if (alert_writer_retry(self->writer)) {
        alert_book_note_all_written(self->book);
        judge_all_written(sim);
    } else {
        self->retry_us = clock_mono_us() + RETRY_INTERVAL_US;
    }
    look_at_storage(sim);
}

/* --- clear --- */

static void push_clear(simulation_t *sim, const char *entry_id)
{
    char target[] = EMERGENCY_STOP;
    message_t *message = queue_add(&sim->daemon.results, MESSAGE_RESULT);
    message->result = (probe_result_t){
        .target = strdup(target),
        .status = STATUS_OK,
        .finished_at_us = clock_wall_us(),
        .latency_us = LATENCY_NONE,
        .entry_id = entry_id ? strdup(entry_id) : NULL,
        .is_clear = true,
    };
}

static void clear(simulation_t *sim, const char *alert_id)
{
    daemon_t *self = &sim->daemon;
    alert_effects_t effects;
    const alert_event_t *events = NULL;
    size_t n_events = 0;
    if (alert_book_begin_clear(self->book, alert_id, clock_wall_us(), &effects) !=
        ALERT_CLEAR_BEGUN) {
        story("clear of %s: not found", alert_id);
        if (alert_book_active_at(self->book, alert_id))
            judge_fail(sim, "clear", "%s is active and is not found", alert_id);
        return;
    }
    const alert_t *alert = alert_book_active_at(self->book, alert_id);
    bool is_written = alert_writer_write_or_refuse(self->writer, &effects, &events, &n_events) == 0;
    story("clear of %s: %s", alert_id, is_written ? "done" : "refused");
    if (is_written)
        publish(sim, events, n_events);
    judge_clear(sim, alert, events, is_written ? n_events : 0);
    alert_book_end_clear(self->book, is_written);
    if (is_written && strcmp(alert->component, EMERGENCY_STOP) == 0)
        push_clear(sim, alert->entry_id);
    if (is_written)
        alert_book_note_all_written(self->book);
    look_at_storage(sim);
}

/* An alert to be cleared: mostly an active one, the emergency stop or the newest first. */
static size_t choose_alert(simulation_t *sim)
{
    const alert_book_t *book = sim->daemon.book;
    size_t n = alert_book_count(book);
    size_t chosen = (size_t)random_below(&sim->random, n);
    if (random_is(&sim->random, 200))
        return chosen;
    for (size_t i = 0; i < n; i++) {
        const alert_t *alert = alert_book_at(book, i);
        bool is_stop = strcmp(alert->component, EMERGENCY_STOP) == 0;
        if (alert->resolution == RESOLUTION_NONE && random_is(&sim->random, is_stop ? 900 : 400))
            chosen = i;
    }
    return chosen;
}

void daemon_operate(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    if (!self->is_up)
        return;
    if (alert_book_count(self->book) == 0 || random_is(&sim->random, 50)) {
        clear(sim, "no_such_alert");
        return;
    }
    char *alert_id = strdup(alert_book_at(self->book, choose_alert(sim))->alert_id);
    assert(alert_id);
    clear(sim, alert_id);
    free(alert_id);
}

/* --- life --- */

static int restore(daemon_t *self, const alert_log_content_t *content)
{
    for (size_t i = 0; i < content->n_active; i++) {
        bool is_in_history = false;
        for (size_t j = 0; j < content->n_history && !is_in_history; j++)
            is_in_history = strcmp(content->active[i].alert_id, content->history[j].alert_id) == 0;
        if (!is_in_history && alert_book_restore_alert(self->book, &content->active[i]))
            return -1;
    }
    for (size_t i = 0; i < content->n_history; i++)
        if (alert_book_restore_alert(self->book, &content->history[i]))
            return -1;
    for (size_t i = 0; i < content->n_quiet; i++)
        if (alert_book_restore_quiet(self->book, &content->quiet[i]))
            return -1;
    return 0;
}

int alerts_start(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    store_error_t error;
    alert_log_content_t content = {0};
    self->retry_us = NEVER_US;
    self->step_us = NEVER_US;
    if (store_open(self->config.state_dir, &self->store, &error) ||
        alert_log_load(self->store, &content, &error)) {
        story("alerts: %s", error.text);
        return -1;
    }
    self->book = alert_book_new(&self->config);
    self->writer = alert_writer_new(self->store, &self->log, content.last_seq);
    int rc = self->book && self->writer ? restore(self, &content) : -1;
    assert(rc == 0);
    judge_restart(sim, &content);
    alert_log_content_clear(&content);
    return 0;
}

void alerts_end(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    reader_clear(&self->alerts_reader);
    alert_writer_destroy(&self->writer);
    alert_book_destroy(&self->book);
    store_close(&self->store);
}
