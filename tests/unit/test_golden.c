/*
 * The states recorded from the service that healthd replaces (contract, section 11): what its
 * checks found is given to the model, and all that follows must be what it answered.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model.h"
#include "core/snapshot_view.h"
#include "proto/render.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define N_STATES 18

static const now_t START = {.wall_us = 1795488330289500, .mono_us = 1000000};

static int status_of(const char *name)
{
    for (int status = 0; status < STATUS_COUNT; status++) {
        if (strcmp(status_name(status), name) == 0)
            return status;
    }
    fail_msg("no status: %s", name);
    return 0;
}

static char *copy_at(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? strdup(text) : NULL;
}

static void give(model_t *model, const char *name, const json_t *entry)
{
    const json_t *latency = json_object_get(entry, "latency_ms");
    const json_t *details = json_object_get(entry, "details");
    probe_result_t result = {
        .target = strdup(name),
        .status = status_of(json_string_value(json_object_get(entry, "status"))),
        .reason = REASON_NONE,
        .finished_at_us = START.wall_us,
        .latency_us =
            json_is_null(latency) ? LATENCY_NONE : llround(json_number_value(latency) * 1000),
        .error = copy_at(entry, "error"),
        .details = details ? json_dumps(details, JSON_ENCODE_ANY) : NULL,
    };
    assert_int_equal(model_apply(model, &result, START), MODEL_APPLIED);
    probe_result_clear(&result);
}

/* Gives every entry of system.snapshot to the model; the recorded `critical` must be ours. */
static void give_all(const config_t *config, model_t *model, json_t *entries)
{
    const char *name;
    json_t *entry;
    json_object_foreach(json_object_get(entries, "services"), name, entry)
    {
        long at = config_target_at(config, name);
        assert_true(at >= 0);
        assert_int_equal(config->targets[at].is_critical,
                         json_is_true(json_object_get(entry, "critical")));
        give(model, name, entry);
    }
    json_object_foreach(json_object_get(entries, "infra"), name, entry)
    {
        give(model, name, entry);
    }
}

static json_t *parse_and_empty(msgpack_sbuffer *out)
{
    json_error_t error;
    json_t *body = json_loadb(out->data, out->size, JSON_REJECT_DUPLICATES, &error);
    if (!body)
        fail_msg("%s in %.*s", error.text, (int)out->size, out->data);
    out->size = 0;
    return body;
}

/* As texts, so that numbers are the same to the last digit; key order is free. */
static void assert_same(const char *state, json_t *body, json_t *expected)
{
    char *text = json_dumps(body, JSON_SORT_KEYS);
    char *expected_text = json_dumps(expected, JSON_SORT_KEYS);
    if (strcmp(text, expected_text) != 0)
        fail_msg("%s:\n%s\ninstead of\n%s", state, text, expected_text);
    free(text);
    free(expected_text);
}

/* What is not golden: the time, the counts of alerts, and one list that was empty (section 11). */
static void level_out(const char *state, json_t *system, json_t *metrics)
{
    assert_int_equal(json_object_del(system, "timestamp"), 0);
    assert_int_equal(json_object_del(json_object_get(system, "snapshot"), "timestamp"), 0);
    assert_int_equal(json_object_del(metrics, "timestamp"), 0);
    assert_int_equal(json_object_del(metrics, "alerts"), 0);
    if (strcmp(state, "lat-5.5-noncrit") == 0 &&
        json_array_size(json_object_get(system, "critical_failures")) == 0)
        json_object_set_new(system, "critical_failures",
                            json_pack("[s]", "Latency: system_health_monitor"));
}

static void check(const config_t *config, json_t *row)
{
    const char *state = json_string_value(json_object_get(row, "state"));
    json_t *system = json_object_get(row, "system");
    json_t *metrics = json_object_get(row, "metrics");
    model_t *model = model_new(config, START);
    assert_non_null(model);
    give_all(config, model, json_object_get(system, "snapshot"));
    assert_true(model_evaluate(model));
    snapshot_t snapshot;
    model_next_snapshot(model, true, START, &snapshot);
    assert_true(snapshot.is_whole);

    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(render_system(&snapshot, 0, RENDER_JSON, &out), 0);
    json_t *our_system = parse_and_empty(&out);
    assert_int_equal(render_metrics(&snapshot, NULL, 0, RENDER_JSON, &out), 0);
    json_t *our_metrics = parse_and_empty(&out);
    assert_int_equal(json_object_del(our_system, "version"), 0); /* beside what was recorded */
    level_out(state, system, metrics);
    level_out("", our_system, our_metrics);
    assert_same(state, our_system, system);
    assert_same(state, our_metrics, metrics);

    json_decref(our_system);
    json_decref(our_metrics);
    msgpack_sbuffer_destroy(&out);
    model_destroy(&model);
}

static void each_recorded_state_follows_from_its_results(void **state)
{
    (void)state;
    FILE *file = fopen(HEALTHD_SOURCE_DIR "/tests/golden/states.jsonl", "r");
    assert_non_null(file);
    config_t *config = support_config(NULL);
    char *line = NULL;
    size_t capacity = 0;
    size_t n_states = 0;
    while (getline(&line, &capacity, file) > 0) {
        json_t *row = json_loads(line, 0, NULL);
        assert_non_null(row);
        check(config, row);
        json_decref(row);
        n_states++;
    }
    assert_int_equal(n_states, N_STATES);
    free(line);
    config_destroy(&config);
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recorded_state_follows_from_its_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
