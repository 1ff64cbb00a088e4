/* GET /api/v1/status: what healthd says of itself. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <healthd/version.h>

#include "core/hash.h"
#include "gateway/routes.h"
#include "proto/writer.h"

typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
} status_call_t;

/* --- the configuration --- */

static uint64_t add_to_hash(uint64_t hash, const char *text)
{
    return hash_mix(hash ^ (text ? hash_of_text(text) : 0));
}

/* 16 hexadecimal digits that another configuration has not, but for chance. */
static void hash_config(const config_t *config, char text[17])
{
    uint64_t hash = add_to_hash(0, config->settings);
    for (size_t i = 0; i < config->n_targets; i++) {
        const target_t *target = &config->targets[i];
        hash = add_to_hash(hash, target->name);
        hash = add_to_hash(hash, target->url);
        hash = add_to_hash(hash, target->labels);
        hash = add_to_hash(hash, target->settings);
    }
    (void)snprintf(text, 17, "%016" PRIx64, hash); /* 16 digits */
}

static void put_config(writer_t *writer, const gateway_t *gateway)
{
    const config_t *config = gateway->args->config;
    char hash[17];
    hash_config(config, hash);
    writer_begin_map_at(writer, "config", 4);
    writer_put_text_or_null(writer, "file", config->file);
    writer_put_text(writer, "hash", hash);
    writer_put_timestamp_or_null(writer, "loaded_at", gateway->loaded_at_us);
    writer_put_boolean(writer, "is_newer_refused", gateway->is_load_refused);
    writer->format->end_map(writer);
}

/* --- the state --- */

static void put_targets(writer_t *writer, const snapshot_t *state)
{
    static const char *const keys[STATUS_COUNT] = {"ok", "degraded", "down", "unknown"};
    int64_t counts[STATUS_COUNT] = {0};
    int64_t total = 0;
    for (size_t i = 0; i < state->n_targets; i++) {
        if (state->targets[i].kind == KIND_NONE)
            continue;
        counts[state->targets[i].status]++;
        total++;
    }
    writer_begin_map_at(writer, "targets", 1 + STATUS_COUNT);
    writer_put_integer(writer, "total", total);
    for (int status = 0; status < STATUS_COUNT; status++)
        writer_put_integer(writer, keys[status], counts[status]);
    writer->format->end_map(writer);
}

static void put_blind(writer_t *writer, const snapshot_t *state)
{
    bool is_blind = false;
    for (size_t i = 0; i < state->n_connectivity; i++)
        is_blind = is_blind || state->connectivity[i].sight == SIGHT_LOST;
    writer_put_boolean(writer, "blind", is_blind);
    writer_begin_list_at(writer, "connectivity_checks", state->n_connectivity);
    for (size_t i = 0; i < state->n_connectivity; i++) {
        const connectivity_t *check = &state->connectivity[i];
        writer->format->begin_map(writer, 3);
        writer_put_text(writer, "name", check->name);
        writer_put_text(writer, "sight", sight_name(check->sight));
        writer_put_timestamp(writer, "since", check->since_us);
        writer->format->end_map(writer);
    }
    writer->format->end_list(writer);
}

static void put_state(writer_t *writer, const snapshot_t *state)
{
    writer_put_text(writer, "status", system_status_name(state->status));
    writer_put_integer(writer, "version", (int64_t)state->version);
    writer_put_timestamp(writer, "timestamp", state->taken_at_us);
    put_targets(writer, state);
    put_blind(writer, state);
}

/* --- the actors --- */

static void put_actors(writer_t *writer, const vitals_book_t *book)
{
    writer_begin_list_at(writer, "actors", book->n);
    for (size_t i = 0; i < book->n; i++) {
        const vitals_t *vitals = book->of_actor[i];
        writer->format->begin_map(writer, 2);
        writer_put_text(writer, "name", vitals->actor);
        writer_put_timestamp(writer, "last_beat", vitals->at_us);
        writer->format->end_map(writer);
    }
    writer->format->end_list(writer);
}

/* KEY is true or false as METRIC is 1 or 0, null where no actor has told. */
static void put_sign(writer_t *writer, const char *key, const vitals_book_t *book,
                     vital_metric_t metric)
{
    double value = vitals_book_value(book, metric, -1);
    if (value < 0)
        writer_put_text_or_null(writer, key, NULL);
    else
        writer_put_boolean(writer, key, value > 0);
}

static reply_t *status_of(const gateway_t *gateway, const snapshot_t *state)
{
    msgpack_sbuffer body;
    writer_t writer;
    msgpack_sbuffer_init(&body);
    writer_init(&writer, RENDER_JSON, 0, &body);
    writer.format->begin_map(&writer, 16);
    writer_put_text_or_null(&writer, "instance", gateway->args->config->instance_name);
    writer_put_text(&writer, "healthd_version", HEALTHD_VERSION);
    writer_put_text(&writer, "start_id", gateway->args->start_id);
    writer_put_timestamp(&writer, "started_at", gateway->started_at_wall_us);
    writer_put_integer(&writer, "uptime_s", (clock_mono_us() - gateway->started_at_us) / 1000000);
    put_config(&writer, gateway);
    put_state(&writer, state);
    put_sign(&writer, "is_state_durable", &gateway->vitals, VITAL_STATE_DURABLE);
    put_sign(&writer, "is_bus_connected", &gateway->vitals, VITAL_BUS_CONNECTED);
    put_actors(&writer, &gateway->vitals);
    writer.format->end_map(&writer);
    return reply_of_buffer(writer_finish(&writer) == WRITER_FINE ? 0 : -1, &body);
}

static void on_state(void *context, const snapshot_t *state)
{
    status_call_t *call = context;
    gateway_reply(call->gateway, call->request_id,
                  state ? status_of(call->gateway, state)
                        : reply_refusal(503, "The state is not there yet, try again"));
    free(call);
}

void handle_status(gateway_t *gateway, const route_call_t *route_call)
{
    status_call_t *call = malloc(sizeof *call);
    if (!call) {
        gateway_reply(gateway, route_call->request_id, NULL);
        return;
    }
    *call = (status_call_t){.gateway = gateway, .request_id = route_call->request_id};
    if (live_show(gateway->live, on_state, call)) {
        free(call);
        gateway_reply(gateway, route_call->request_id,
                      reply_refusal(503, "The state is not there yet, try again"));
    }
}
