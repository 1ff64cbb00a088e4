/* Event bus. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/simulation.h"

/* As in actors/event_bus/event_bus.c. */
#define NOTES_US 50000

static void write_later(simulation_t *sim, int64_t after_us)
{
    daemon_t *self = &sim->daemon;
    if (self->write_us == NEVER_US && ledger_is_dirty(self->ledger))
        self->write_us = clock_mono_us() + after_us;
}

/* A ledger that WAS_DIRTY and is not any more has committed all it has. */
static void note_stop(simulation_t *sim, bool was_dirty)
{
    if (was_dirty && !ledger_is_dirty(sim->daemon.ledger))
        judge_stop_stored(sim);
}

/* --- what goes out --- */

static void wake(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    const outbound_t *row = NULL;
    if (self->is_sending || !self->is_connected || !ledger_next(self->ledger, &row))
        return;
    int64_t after_us = 0;
    self->is_sending = true;
    self->is_answered = redis_add(sim, row, &after_us);
    self->answer_us = clock_mono_us() + after_us;
}

static void on_answer(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    self->is_sending = false;
    self->answer_us = NEVER_US;
    if (self->is_answered) {
        ledger_sent(self->ledger);
        write_later(sim, NOTES_US);
        wake(sim);
        return;
    }
    self->is_connected = false;
    self->connect_us = clock_mono_us() + random_between(&sim->random, 200000, 8 * SECOND_US);
}

static void on_connect(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    self->connect_us = NEVER_US;
    self->is_connected = sim->redis.state == REDIS_UP;
    if (!self->is_connected)
        self->connect_us = clock_mono_us() + random_between(&sim->random, SECOND_US, MINUTE_US);
    wake(sim);
}

void bus_take_snapshot(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    message_t *message = queue_take(&self->bus_reader.queue);
    const snapshot_t *whole = &self->bus_reader.view.whole;
    if (reader_apply(sim, &self->bus_reader, &message->snapshot) &&
        (whole->is_periodic || whole->is_status_changed)) {
        ledger_add_snapshot(self->ledger, whole);
        note_stop(sim, true);
        write_later(sim, LEDGER_RETRY_US);
        wake(sim);
    }
    message_destroy(&message);
}

void bus_take_alert(simulation_t *sim)
{
    message_t *message = queue_take(&sim->daemon.alerts);
    bool was_dirty = ledger_is_dirty(sim->daemon.ledger);
    ledger_add_alert(sim->daemon.ledger, &message->event);
    note_stop(sim, was_dirty);
    message_destroy(&message);
    write_later(sim, LEDGER_RETRY_US);
    wake(sim);
}

static void on_write(simulation_t *sim)
{
    bool was_dirty = ledger_is_dirty(sim->daemon.ledger);
    sim->daemon.write_us = NEVER_US;
    if (!ledger_write(sim->daemon.ledger))
        write_later(sim, LEDGER_RETRY_US);
    note_stop(sim, was_dirty);
    wake(sim);
}

/* --- what comes in --- */

static void push_trip(simulation_t *sim)
{
    const trip_t *trip = ledger_trip(sim->daemon.ledger);
    char entry_id[TRIP_ENTRY_ID_BYTES];
    trip_entry_id_text(trip, entry_id);
    message_t *message = queue_add(&sim->daemon.results, MESSAGE_RESULT);
    message->result = (probe_result_t){
        .target = strdup(EMERGENCY_STOP),
        .status = trip->is_tripped ? STATUS_DOWN : STATUS_OK,
        .reason = trip->is_tripped ? REASON_EMERGENCY_STOP : REASON_NONE,
        .finished_at_us = clock_wall_us(),
        .latency_us = LATENCY_NONE,
        .error = trip->reason ? strdup(trip->reason) : NULL,
        .details = trip->data ? strdup(trip->data) : NULL,
        .entry_id = strdup(entry_id),
    };
}

/* Applies one entry; true where it changed the stop. */
static bool apply_entry(simulation_t *sim, const entry_t *entry)
{
    trip_field_t fields[4];
    trip_event_t event = {0};
    trip_error_t error;
    size_t n_fields = redis_fields(entry, fields);
    int rc = trip_event_parse(entry->type, fields, n_fields, &event, &error);
    if ((rc != 0) != (entry->form >= 4))
        judge_fail(sim, "stop", "entry %llu-%llu is read wrongly",
                   (unsigned long long)entry->id.time_ms, (unsigned long long)entry->id.sequence);
    if (rc)
        return false;
    bool is_changed = ledger_apply_trip(sim->daemon.ledger, entry->id, &event);
    trip_event_clear(&event);
    return is_changed;
}

static void read_stream(simulation_t *sim, trip_event_type_t type)
{
    ledger_t *ledger = sim->daemon.ledger;
    size_t entries[REDIS_READ_MAX];
    size_t n = redis_read(sim, type, entries);
    bool is_changed = false;
    for (size_t i = 0; i < n; i++) {
        const entry_t *entry = &sim->redis.entries[entries[i]];
        judge_heard(sim, entry->id, entry->says);
        is_changed = apply_entry(sim, entry) || is_changed;
    }
    bool was_stored = ledger_is_trip_stored(ledger);
    if (!was_stored)
        (void)ledger_write(ledger); /* tried again */
    note_stop(sim, !was_stored);
    if (is_changed)
        push_trip(sim);
    write_later(sim, LEDGER_RETRY_US);
    /* The answer of a process that died in the midst of this reaches no one. */
    for (size_t i = 0; i < n && ledger_is_trip_stored(ledger) && !disk_is_dead(); i++)
        redis_acknowledge(sim, entries[i]);
}

/* --- timers --- */

static int64_t read_due_us(const simulation_t *sim, trip_event_type_t *ret_type)
{
    int64_t due_us = NEVER_US;
    for (int type = 0; type < TRIP_EVENT_TYPE_COUNT; type++) {
        int64_t at_us = redis_read_due_us(sim, (trip_event_type_t)type);
        if (at_us >= due_us)
            continue;
        due_us = at_us;
        *ret_type = (trip_event_type_t)type;
    }
    return due_us;
}

int64_t bus_due_us(const simulation_t *sim)
{
    const daemon_t *self = &sim->daemon;
    trip_event_type_t type;
    int64_t due_us = read_due_us(sim, &type);
    due_us = self->write_us < due_us ? self->write_us : due_us;
    due_us = self->connect_us < due_us ? self->connect_us : due_us;
    return self->answer_us < due_us ? self->answer_us : due_us;
}

void bus_run_timer(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    trip_event_type_t type = TRIP_EVENT_TRIPPED;
    int64_t due_us = bus_due_us(sim);
    if (read_due_us(sim, &type) == due_us)
        read_stream(sim, type);
    else if (self->answer_us == due_us)
        on_answer(sim);
    else if (self->connect_us == due_us)
        on_connect(sim);
    else
        on_write(sim);
}

/* --- life --- */

int bus_start(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    store_error_t error;
    self->write_us = NEVER_US;
    self->answer_us = NEVER_US;
    self->connect_us = clock_mono_us();
    self->ledger = ledger_open(self->config.state_dir, OUTBOUND_MAX_BYTES, &self->log, &error);
    if (!self->ledger) {
        story("event bus: %s", error.text);
        return -1;
    }
    judge_ledger_opened(sim, ledger_trip(self->ledger));
    if (ledger_trip(self->ledger)->by != TRIP_BY_NOBODY)
        push_trip(sim);
    write_later(sim, LEDGER_RETRY_US);
    return 0;
}

void bus_end(simulation_t *sim)
{
    daemon_t *self = &sim->daemon;
    reader_clear(&self->bus_reader);
    queue_clear(&self->alerts);
    ledger_close(&self->ledger);
}
