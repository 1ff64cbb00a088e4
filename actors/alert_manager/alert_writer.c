#include "actors/alert_manager/alert_writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/alert_backlog.h"

/* Events and quiet changes of one call; their texts are borrowed. */
typedef struct {
    alert_event_t *events;
    size_t n_events;
    quiet_change_t *changes;
    size_t n_changes;
} batch_t;

struct alert_writer {
    store_t *store;
    const log_t *log;
    uint64_t last_seq;
    batch_t batch;
    alert_backlog_t backlog; /* refused by the disk so far */
    bool is_refusing;        /* logged once for each outage */
    bool is_shedding;        /* likewise */
    store_error_t trouble;   /* why it began to refuse */
};

alert_writer_t *alert_writer_new(store_t *store, const log_t *log, uint64_t last_seq)
{
    alert_writer_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->store = store;
    self->log = log;
    self->last_seq = last_seq;
    return self;
}

void alert_writer_destroy(alert_writer_t **self_p)
{
    alert_writer_t *self = *self_p;
    if (!self)
        return;
    alert_backlog_clear(&self->backlog);
    free(self->batch.events);
    free(self->batch.changes);
    free(self);
    *self_p = NULL;
}

/* Makes room for N events and changes; 0, or -1: out of memory. */
static int reserve(batch_t *batch, size_t n)
{
    alert_event_t *events = reallocarray(batch->events, n + 1, sizeof *batch->events);
    if (!events)
        return -1;
    batch->events = events;
    quiet_change_t *changes = reallocarray(batch->changes, n + 1, sizeof *batch->changes);
    if (!changes)
        return -1;
    batch->changes = changes;
    return 0;
}

/* Fills the batch from EFFECTS; numbers are given but not used up yet. */
static int make_batch(alert_writer_t *self, const alert_effects_t *effects)
{
    batch_t *batch = &self->batch;
    batch->n_events = 0;
    batch->n_changes = 0;
    if (reserve(batch, effects->n_effects))
        return -1;
    for (size_t i = 0; i < effects->n_effects; i++) {
        const alert_effect_t *effect = &effects->effects[i];
        if (effect->type != EFFECT_EVENT) {
            batch->changes[batch->n_changes++] = (quiet_change_t){
                .is_quiet = effect->type == EFFECT_QUIET_SET, .quiet = *effect->quiet};
            continue;
        }
        batch->events[batch->n_events] = (alert_event_t){
            .seq = self->last_seq + batch->n_events + 1,
            .kind = (int)effect->kind,
            .is_durable = true,
            .at_us = effect->at_us,
            .alert = effect->alert,
        };
        batch->n_events++;
    }
    return 0;
}

static void log_recovery(const alert_writer_t *self)
{
    const alert_backlog_t *backlog = &self->backlog;
    log_write(self->log, LOG_LEVEL_WARNING, "storage_recovered",
              "alerts can be written again; %zu events that waited are on disk, %llu updates and "
              "%llu events of alerts that had ended were shed",
              backlog->n_events, (unsigned long long)backlog->n_shed_updates,
              (unsigned long long)backlog->n_shed_others);
}

/* Appends to the log, or where there is nothing to append finds out whether a disk that refuses
 * takes writes again; says once when it begins and when it ends to refuse. */
static int append(alert_writer_t *self, const alert_event_t *events, size_t n_events,
                  const quiet_change_t *changes, size_t n_changes)
{
    store_error_t error;
    bool has_any = n_events + n_changes > 0;
    if (!has_any && !self->is_refusing)
        return 0;
    int rc = has_any ? alert_log_append(self->store, events, n_events, changes, n_changes, &error)
                     : store_touch(self->store, &error);
    if (rc && !self->is_refusing) {
        self->trouble = error;
        log_write(self->log, LOG_LEVEL_CRITICAL, "storage_trouble",
                  "alerts cannot be written: %s; they are sent without being durable and written "
                  "later; retrying each second",
                  error.text);
    }
    if (!rc && self->is_refusing)
        log_recovery(self);
    self->is_refusing = rc != 0;
    return rc;
}

static int append_batch(alert_writer_t *self)
{
    const batch_t *batch = &self->batch;
    return append(self, batch->events, batch->n_events, batch->changes, batch->n_changes);
}

/* Keeps deep copies of the batch until the disk takes them. */
static int keep_unwritten(alert_writer_t *self)
{
    const batch_t *batch = &self->batch;
    alert_backlog_t *backlog = &self->backlog;
    int rc = 0;
    for (size_t i = 0; i < batch->n_events; i++)
        rc = alert_backlog_add(backlog, &batch->events[i]) || rc ? -1 : 0;
    for (size_t i = 0; i < batch->n_changes; i++)
        rc = alert_backlog_add_change(backlog, &batch->changes[i]) || rc ? -1 : 0;
    bool has_shed = backlog->n_shed_updates + backlog->n_shed_others > 0;
    if (has_shed && !self->is_shedding)
        log_write(self->log, LOG_LEVEL_ERROR, "alerts_shed",
                  "more than %zu MiB of alert events wait for the disk; updates, then alerts that "
                  "have ended, will be missing in the log",
                  ALERT_BACKLOG_MAX_BYTES >> 20);
    self->is_shedding = has_shed;
    return rc;
}

static void give(const alert_writer_t *self, const alert_event_t **ret_events, size_t *ret_n)
{
    *ret_events = self->batch.events;
    *ret_n = self->batch.n_events;
}

int alert_writer_write(alert_writer_t *self, const alert_effects_t *effects,
                       const alert_event_t **ret_events, size_t *ret_n)
{
    if (make_batch(self, effects))
        return -1;
    /* While events wait, only alert_writer_retry touches the disk: they come first, and a write
     * may wait for a second. */
    bool is_written = alert_backlog_is_empty(&self->backlog) && append_batch(self) == 0;
    self->last_seq += self->batch.n_events;
    for (size_t i = 0; !is_written && i < self->batch.n_events; i++)
        self->batch.events[i].is_durable = false;
    if (!is_written && keep_unwritten(self))
        log_write(
            self->log, LOG_LEVEL_CRITICAL, "out_of_memory",
            "alerts that the disk refused could not be kept: they will be missing in the log");
    give(self, ret_events, ret_n);
    return 0;
}

int alert_writer_write_or_refuse(alert_writer_t *self, const alert_effects_t *effects,
                                 const alert_event_t **ret_events, size_t *ret_n)
{
    if (!alert_writer_retry(self) || make_batch(self, effects) || append_batch(self))
        return -1;
    self->last_seq += self->batch.n_events;
    give(self, ret_events, ret_n);
    return 0;
}

bool alert_writer_retry(alert_writer_t *self)
{
    const alert_backlog_t *backlog = &self->backlog;
    if (append(self, backlog->events, backlog->n_events, backlog->changes, backlog->n_changes))
        return false;
    alert_backlog_clear(&self->backlog);
    self->is_shedding = false;
    return true;
}

uint64_t alert_writer_last_seq(const alert_writer_t *self)
{
    return self->last_seq;
}

const char *alert_writer_trouble(const alert_writer_t *self)
{
    return self->is_refusing ? self->trouble.text : NULL;
}
