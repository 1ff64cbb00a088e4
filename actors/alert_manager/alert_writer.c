#include "actors/alert_manager/alert_writer.h"

#include <stdlib.h>
#include <string.h>

/* Events and quiet changes that belong together. */
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
    batch_t batch;     /* of this call; its texts are borrowed */
    batch_t unwritten; /* refused by the disk so far; its texts are owned */
    bool is_refusing;  /* logged once for each outage */
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

static void free_owned(batch_t *batch)
{
    for (size_t i = 0; i < batch->n_events; i++)
        alert_event_clear(&batch->events[i]);
    for (size_t i = 0; i < batch->n_changes; i++) {
        free(batch->changes[i].quiet.component);
        free(batch->changes[i].quiet.alert_id);
    }
    batch->n_events = 0;
    batch->n_changes = 0;
}

static void free_arrays(batch_t *batch)
{
    free(batch->events);
    free(batch->changes);
    *batch = (batch_t){0};
}

void alert_writer_destroy(alert_writer_t **self_p)
{
    alert_writer_t *self = *self_p;
    if (!self)
        return;
    free_owned(&self->unwritten);
    free_arrays(&self->unwritten);
    free_arrays(&self->batch);
    free(self);
    *self_p = NULL;
}

/* Makes room for N more events and changes; 0, or -1: out of memory. */
static int reserve(batch_t *batch, size_t n)
{
    alert_event_t *events =
        realloc(batch->events, (batch->n_events + n + 1) * sizeof *batch->events);
    if (!events)
        return -1;
    batch->events = events;
    quiet_change_t *changes =
        realloc(batch->changes, (batch->n_changes + n + 1) * sizeof *batch->changes);
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

/* Appends BATCH to the log; says once when the disk begins and when it ends to refuse. */
static int append(alert_writer_t *self, const batch_t *batch)
{
    store_error_t error;
    if (batch->n_events == 0 && batch->n_changes == 0)
        return 0;
    int rc = alert_log_append(self->store, batch->events, batch->n_events, batch->changes,
                              batch->n_changes, &error);
    if (rc && !self->is_refusing)
        log_write(self->log, LOG_LEVEL_CRITICAL, "storage_trouble",
                  "alerts cannot be written: %s; they are sent without being durable and written "
                  "later; retrying each second",
                  error.text);
    if (!rc && self->is_refusing)
        log_write(self->log, LOG_LEVEL_WARNING, "storage_recovered",
                  "alerts can be written again; %zu events that waited are on disk",
                  self->unwritten.n_events);
    self->is_refusing = rc != 0;
    return rc;
}

static char *copy_or_null(const char *text)
{
    return text ? strdup(text) : NULL;
}

/* Keeps deep copies of the batch until the disk takes them. */
static int keep_unwritten(alert_writer_t *self)
{
    const batch_t *batch = &self->batch;
    batch_t *unwritten = &self->unwritten;
    if (reserve(unwritten, batch->n_events + batch->n_changes))
        return -1;
    for (size_t i = 0; i < batch->n_events; i++) {
        alert_event_t *copy = &unwritten->events[unwritten->n_events];
        if (batch->events[i].kind == ALERT_UPDATED && unwritten->n_events >= UNWRITTEN_UPDATES_MAX)
            continue; /* the next update tells the same and more */
        *copy = (alert_event_t){0};
        if (alert_event_copy(&batch->events[i], copy))
            return -1;
        unwritten->n_events++;
    }
    for (size_t i = 0; i < batch->n_changes; i++) {
        const quiet_change_t *change = &batch->changes[i];
        quiet_change_t *copy = &unwritten->changes[unwritten->n_changes++];
        *copy = *change;
        copy->quiet.component = copy_or_null(change->quiet.component);
        copy->quiet.alert_id = copy_or_null(change->quiet.alert_id);
    }
    return 0;
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
    bool is_waiting = self->unwritten.n_events > 0 || self->unwritten.n_changes > 0;
    bool is_written = !is_waiting && append(self, &self->batch) == 0;
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
    if (!alert_writer_retry(self) || make_batch(self, effects) || append(self, &self->batch))
        return -1;
    self->last_seq += self->batch.n_events;
    give(self, ret_events, ret_n);
    return 0;
}

bool alert_writer_retry(alert_writer_t *self)
{
    if (append(self, &self->unwritten))
        return false;
    free_owned(&self->unwritten);
    return true;
}

uint64_t alert_writer_last_seq(const alert_writer_t *self)
{
    return self->last_seq;
}
