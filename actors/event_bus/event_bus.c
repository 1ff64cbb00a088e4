/*
 * Owns   the spool, the emergency stop and the bus's cursor in state.db; the connections to Redis.
 * Reads  snapshot, alert_event; the streams ess.tripped, ess.manual_reset, ess.rearmed and
 *        ess.state.changed.
 * Emits  the streams health.snapshot_updated, health.alert_raised and health.alert_resolved;
 *        probe_results with the emergency stop; finding where the disk refuses.
 *
 * An entry takes effect on disk, then it is acknowledged, then the model hears of it. If the disk
 * refuses, the model hears of it all the same, and the entry is claimed again later.
 */
#include "actors/event_bus/event_bus.h"

#include <string.h>

#include "actors/actor.h"
#include "actors/event_bus/ledger.h"
#include "actors/event_bus/stream_writer.h"
#include "actors/findings.h"
#include "actors/health_reader.h"
#include "proto/frame.h"

/* Notes of what Redis has are written together after so long. */
#define NOTES_US ((int64_t)50 * 1000)

typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    ledger_t *ledger;
    findings_t *findings;
    health_reader_t *health;
    zsock_t *alerts;  /* SUB */
    zsock_t *results; /* PUSH */
    resolve_t *resolve;
    redis_url_t url;
    char consumer[STREAMS_NAME_BYTES];
    streams_t streams;
    stream_reader_t *readers[TRIP_EVENT_TYPE_COUNT];
    stream_writer_t *writer;
    actor_timer_t *write_timer;
    bool is_write_set;
    bool is_in_trouble; /* as it was told last */
} self_t;

/* Says that the disk has begun or ended to refuse; the same words again cost nothing. */
static void tell_storage(self_t *self)
{
    const char *trouble = ledger_trouble(self->ledger);
    char message[sizeof STORAGE_TROUBLE_MESSAGE + sizeof(store_error_t)];
    if (self->is_in_trouble == (trouble != NULL))
        return;
    self->is_in_trouble = trouble != NULL;
    if (!trouble) {
        findings_over(self->findings, STORAGE_TROUBLE_COMPONENT);
        return;
    }
    (void)snprintf(message, sizeof message, STORAGE_TROUBLE_MESSAGE, trouble);
    findings_say(self->findings, &(const finding_words_t){
                                     .component = STORAGE_TROUBLE_COMPONENT,
                                     .kind = ALERT_KIND_STORAGE_TROUBLE,
                                     .severity = SEVERITY_CRITICAL,
                                     .title = STORAGE_TROUBLE_TITLE,
                                     .message = message,
                                 });
}

/* After each use of the ledger: sees to it that what is not on disk is written soon, and says
 * where it cannot be. */
static void write_later(self_t *self, int64_t after_us)
{
    tell_storage(self);
    if (self->is_write_set || !ledger_is_dirty(self->ledger))
        return;
    self->is_write_set = true;
    actor_timer_set(self->write_timer, after_us);
}

static void on_write_timer(void *context)
{
    self_t *self = context;
    self->is_write_set = false;
    (void)ledger_write(self->ledger); /* a refusal is tried again */
    write_later(self, LEDGER_RETRY_US);
    stream_writer_wake(self->writer);
}

/* --- what goes out --- */

static void on_snapshot(void *context, const snapshot_t *whole)
{
    self_t *self = context;
    if (!whole->is_periodic && !whole->is_status_changed)
        return;
    ledger_add_snapshot(self->ledger, whole);
    write_later(self, LEDGER_RETRY_US);
    stream_writer_wake(self->writer);
}

static void on_alert(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    self_t *self = context;
    ledger_add_alert(self->ledger, message);
}

static void on_alerts(void *context)
{
    self_t *self = context;
    actor_receive(self->actor, self->alerts, &alert_event_schema, on_alert, self);
    write_later(self, LEDGER_RETRY_US);
    stream_writer_wake(self->writer);
}

static bool next_event(void *context, const outbound_t **ret)
{
    self_t *self = context;
    return ledger_next(self->ledger, ret);
}

static void on_sent(void *context)
{
    self_t *self = context;
    ledger_sent(self->ledger);
    write_later(self, NOTES_US);
}

/* --- what comes in --- */

/* Tells the model of the emergency stop as it is. */
static void push_trip(self_t *self)
{
    const trip_t *trip = ledger_trip(self->ledger);
    char target[] = EMERGENCY_STOP;
    char entry_id[TRIP_ENTRY_ID_BYTES];
    trip_entry_id_text(trip, entry_id);
    probe_result_t result = {
        .target = target,
        .status = trip->is_tripped ? STATUS_DOWN : STATUS_OK,
        .reason = trip->is_tripped ? REASON_EMERGENCY_STOP : REASON_NONE,
        .finished_at_us = clock_wall_us(),
        .latency_us = LATENCY_NONE,
        .error = trip->reason,
        .details = trip->data,
        .entry_id = entry_id,
    };
    const probe_results_t batch = {.results = &result, .n_results = 1};
    if (frame_send(self->results, &probe_results_schema, &batch, NULL))
        log_write(actor_log(self->actor), LOG_LEVEL_CRITICAL, "out_of_memory",
                  "event bus: the emergency stop could not be told to the model");
}

static void log_trip(const self_t *self)
{
    const trip_t *trip = ledger_trip(self->ledger);
    char entry_id[TRIP_ENTRY_ID_BYTES];
    trip_entry_id_text(trip, entry_id);
    if (trip->is_tripped)
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "emergency_stop_tripped",
                  "event bus: entry %s: %s", entry_id, trip->reason);
    else
        log_write(actor_log(self->actor), LOG_LEVEL_INFO, "emergency_stop_reset",
                  "event bus: entry %s", entry_id);
}

/* Applies one entry; adds to *CHANGED. False where it must come again. */
static bool apply_entry(self_t *self, trip_event_type_t type, const stream_entry_t *entry,
                        bool *changed)
{
    entry_id_t id;
    trip_event_t event = {0};
    trip_error_t error = {.text = "its id is none"};
    if (entry_id_parse(entry->id, &id) ||
        trip_event_parse(type, entry->fields, entry->n_fields, &event, &error)) {
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "entry_not_understood",
                  "event bus: entry %.40s of %s: %s; %s", entry->id,
                  trip_event_type_name((int)type), error.text,
                  error.is_memory ? "it is claimed again" : "it is acknowledged without effect");
        return !error.is_memory;
    }
    if (ledger_apply_trip(self->ledger, id, &event)) {
        *changed = true;
        log_trip(self);
    }
    trip_event_clear(&event);
    return true;
}

static bool on_entries(void *context, trip_event_type_t type, const stream_entry_t *entries,
                       size_t n)
{
    self_t *self = context;
    bool is_done = true;
    bool is_changed = false;
    for (size_t i = 0; i < n; i++)
        if (!apply_entry(self, type, &entries[i], &is_changed))
            is_done = false;
    if (!ledger_is_trip_stored(self->ledger))
        (void)ledger_write(self->ledger); /* a refusal is logged there and tried again */
    if (is_changed)
        push_trip(self);
    write_later(self, LEDGER_RETRY_US);
    return is_done && ledger_is_trip_stored(self->ledger);
}

static void on_vitals(void *context, vitals_draft_t *draft)
{
    self_t *self = context;
    ledger_counts_t counts = ledger_counts(self->ledger);
    vitals_add(draft, VITAL_BUS_CONNECTED, stream_writer_is_connected(self->writer), "%s", "");
    vitals_add(draft, VITAL_BUS_BUFFERED, (double)counts.n_buffered, "%s", "");
    vitals_add(draft, VITAL_BUS_EVENTS, (double)counts.n_sent, "outcome=\"sent\"");
    vitals_add(draft, VITAL_BUS_EVENTS, (double)counts.n_dropped_snapshots,
               "outcome=\"dropped_snapshot\"");
    vitals_add(draft, VITAL_BUS_EVENTS, (double)counts.n_dropped_alerts,
               "outcome=\"dropped_alert\"");
}

/* --- another configuration --- */

static bool is_same_bus(const config_t *a, const config_t *b)
{
    return b->redis_url && strcmp(a->redis_url, b->redis_url) == 0 &&
           strcmp(a->bus_stream_prefix, b->bus_stream_prefix) == 0 &&
           strcmp(a->bus_group_prefix, b->bus_group_prefix) == 0 &&
           strcmp(a->bus_service_name, b->bus_service_name) == 0 &&
           a->bus_max_length == b->bus_max_length && a->spool_max_bytes == b->spool_max_bytes;
}

/* Connections, names and the spool are made at the start alone. */
static actor_reload_t on_reload(void *context, const actor_args_t *args)
{
    self_t *self = context;
    if (!is_same_bus(self->args->config, args->config))
        return ACTOR_NEEDS_RESTART;
    self->args = args;
    self->streams.config = args->config;
    return ACTOR_RELOADED;
}

/* --- life --- */

/* Opens the ledger; what cannot be had is told to the supervisor. 0, or -1. */
static int open_ledger(self_t *self)
{
    const config_t *config = self->args->config;
    store_error_t error;
    if (!config->redis_url || redis_url_parse(config->redis_url, &self->url)) {
        actor_failed(self->actor, "event bus: there is no usable Redis URL");
        return -1;
    }
    self->ledger = ledger_open(config->state_dir, config->spool_max_bytes, self->args->log, &error);
    if (!self->ledger) {
        store_advise(&error);
        if (error.kind == STORE_REFUSES)
            actor_failed(self->actor, "event bus: %s", error.text);
        else
            actor_unusable(self->actor, "event bus: %s", error.text);
        return -1;
    }
    return 0;
}

static int connect_streams(self_t *self)
{
    static const stream_writer_handlers_t handlers = {.next = next_event, .sent = on_sent};
    self->resolve = resolve_new(self->actor);
    if (!self->resolve) {
        actor_failed(self->actor, "event bus: names cannot be resolved");
        return -1;
    }
    streams_consumer(self->args->config, self->consumer);
    self->streams = (streams_t){.actor = self->actor,
                                .resolve = self->resolve,
                                .url = &self->url,
                                .config = self->args->config,
                                .consumer = self->consumer,
                                .entries = on_entries,
                                .context = self};
    self->writer = stream_writer_new(&self->streams, &handlers);
    for (int type = 0; type < TRIP_EVENT_TYPE_COUNT; type++)
        self->readers[type] = stream_reader_new(&self->streams, (trip_event_type_t)type);
    return 0;
}

static int construct(self_t *self)
{
    if (open_ledger(self))
        return -1;
    self->findings = findings_new(actor_loop(self->actor), self->args->log, "event bus");
    self->results = actor_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    self->alerts = actor_socket(ZMQ_SUB, ENDPOINT_ALERTS, false);
    actor_read(self->actor, self->alerts, on_alerts, self);
    self->health = health_reader_new(self->actor, on_snapshot, self);
    self->write_timer = actor_timer_new(self->actor, on_write_timer, self);
    if (!self->health) {
        actor_failed(self->actor, "event bus: out of memory");
        return -1;
    }
    if (connect_streams(self))
        return -1;
    if (ledger_trip(self->ledger)->by != TRIP_BY_NOBODY)
        push_trip(self);
    write_later(self, LEDGER_RETRY_US); /* where the disk refused at start */
    return 0;
}

static void destruct(self_t *self)
{
    for (int type = 0; type < TRIP_EVENT_TYPE_COUNT; type++)
        stream_reader_destroy(&self->readers[type]);
    stream_writer_destroy(&self->writer);
    resolve_destroy(&self->resolve);
    actor_timer_destroy(&self->write_timer);
    health_reader_destroy(&self->health);
    zsock_destroy(&self->alerts);
    zsock_destroy(&self->results);
    findings_destroy(&self->findings);
    ledger_close(&self->ledger);
    actor_destroy(&self->actor);
}

void event_bus_actor(zsock_t *pipe, void *args)
{
    self_t self = {.actor = actor_new(pipe, "event_bus", args), .args = args};
    actor_on_reload(self.actor, on_reload, &self);
    actor_on_vitals(self.actor, on_vitals, &self);
    if (construct(&self) == 0)
        actor_run(self.actor);
    destruct(&self);
}
