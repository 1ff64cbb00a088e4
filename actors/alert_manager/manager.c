/* From conditions to alerts: snapshots, findings, and the trouble of the disk itself. */
#include "actors/alert_manager/manager.h"

#include "actors/alert_manager/storage_finding.h"
#include "proto/frame.h"

/* How often events that the disk refused are tried again. */
#define RETRY_INTERVAL_US ((int64_t)1000000)
/* While old rows are left, so much lies between two steps that delete some: others may write. */
#define PRUNE_INTERVAL_US ((int64_t)20000)
/* Periodic snapshots look for old rows no more often: an empty search costs more than all else that
 * is done with a snapshot that changed nothing. */
#define PRUNE_SPACING_US ((int64_t)60000000)
/* A step that took so long is followed by a rest of so many times its length, at most so long. */
#define STEP_LONG_US  ((int64_t)20000)
#define REST_PER_STEP 3
#define REST_MAX_US   ((int64_t)1000000)

/* When an actor was started, monotonic time begins for its alerts. */
static int64_t since_start_us(const manager_t *self)
{
    return clock_mono_us() - self->begun_us;
}

/* --- events --- */

void manager_publish(manager_t *self, const alert_event_t *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const alert_event_t *event = &events[i];
        self->n_events[event->kind][event->alert->level]++;
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

/* --- snapshots and time --- */

/* Deletes old rows a few at a time, until none is left. */
void manager_on_prune(void *context)
{
    manager_t *self = context;
    size_t n_deleted = 0;
    store_error_t error;
    if (alert_log_prune(self->store, &n_deleted, &error))
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "prune_failed",
                  "old alerts stay in the log: %s; the next minute or interval tries again",
                  error.text);
    else if (n_deleted > 0)
        actor_timer_set(self->prune, PRUNE_INTERVAL_US);
}

/* Sees to it that what the disk refused is tried again soon; further events do not put it off. */
static void retry_later(manager_t *self)
{
    if (self->is_retry_set)
        return;
    self->is_retry_set = true;
    actor_timer_set(self->retry, RETRY_INTERVAL_US);
}

/* True where the disk has begun or ended to refuse, which a step makes an alert of or ends. Where
 * nothing waits, as after a clear that was refused, only trying tells when it ends. */
static bool note_storage(manager_t *self)
{
    if (alert_writer_trouble(self->writer))
        retry_later(self);
    return storage_finding_note(self->book, self->writer, clock_wall_us(), since_start_us(self)) ==
           FINDING_NEW;
}

static void step_once(manager_t *self, const snapshot_t *state)
{
    alert_effects_t effects = {0};
    if (alert_book_step(self->book, state, clock_wall_us(), since_start_us(self), &effects))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "alert manager: not every condition could be looked at; the next snapshot makes "
                  "up for it");
    const alert_event_t *events;
    size_t n_events;
    if (effects.n_effects > 0 &&
        alert_writer_write(self->writer, &effects, &events, &n_events) == 0) {
        manager_publish(self, events, n_events);
        alert_book_note_written(self->book, events, n_events);
        retry_later(self);
    }
    int64_t next_us = alert_book_next_us(self->book);
    actor_timer_cancel(self->next_step);
    if (next_us != INT64_MAX)
        actor_timer_set(self->next_step, next_us - since_start_us(self));
}

/* What a step wrote may show that the disk refuses, or takes writes again: that is a finding, and
 * another step. It has no third, as what waits is not tried. */
void manager_step(manager_t *self)
{
    const snapshot_t *state = health_reader_state(self->reader);
    for (int i = 0; state && i < 3; i++) {
        step_once(self, state);
        if (!note_storage(self))
            break;
    }
}

void manager_look_at_storage(manager_t *self)
{
    if (note_storage(self))
        manager_step(self);
}

/* A long step is followed by a rest, in which newer snapshots only replace the one that the next
 * step looks at: with very many targets they may come faster than steps are made, and an actor that
 * is never done with its messages answers no ping. */
static void step_unless_resting(manager_t *self)
{
    int64_t begun_us = clock_mono_us();
    if (begun_us < self->rest_until_us) {
        actor_timer_set(self->rested, self->rest_until_us - begun_us);
        return;
    }
    manager_step(self);
    int64_t ended_us = clock_mono_us();
    int64_t rest_us = (ended_us - begun_us) * REST_PER_STEP;
    if (ended_us - begun_us >= STEP_LONG_US)
        self->rest_until_us = ended_us + (rest_us < REST_MAX_US ? rest_us : REST_MAX_US);
}

void manager_on_rested(void *context)
{
    step_unless_resting(context);
}

void manager_on_snapshot(void *context, const snapshot_t *state)
{
    manager_t *self = context;
    step_unless_resting(self);
    manager_answer_clears(self);
    pause_keeper_look(self->pauses, state);
    int64_t now_us = clock_mono_us();
    if (!state->is_periodic || now_us < self->next_prune_us)
        return;
    self->next_prune_us = now_us + PRUNE_SPACING_US;
    manager_on_prune(self);
}

void manager_on_next_step(void *context)
{
    manager_step(context);
}

void manager_on_retry(void *context)
{
    manager_t *self = context;
    self->is_retry_set = false;
    if (alert_writer_retry(self->writer))
        alert_book_note_all_written(self->book);
    else
        retry_later(self);
    manager_look_at_storage(self);
}

/* --- findings --- */

static void on_finding(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    manager_t *self = context;
    const finding_t *finding = message;
    switch (alert_book_take_finding(self->book, finding, since_start_us(self))) {
    case FINDING_NEW:
        self->has_news = true;
        return;
    case FINDING_REFUSED:
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "finding_refused",
                  "alert manager: \"%.100s\" of %.100s becomes no alert: more than %d findings, "
                  "or out of memory",
                  finding->title, finding->component, FINDINGS_MAX);
        return;
    case FINDING_OLD:
        return;
    }
}

void manager_on_findings(void *context)
{
    manager_t *self = context;
    self->has_news = false;
    actor_receive(self->actor, self->findings, &finding_schema, on_finding, self);
    if (self->has_news)
        manager_step(self);
}
