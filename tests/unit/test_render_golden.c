/* The bodies recorded from the service that healthd replaces, made again from their own snapshot.
 */
#include <math.h>
#include <stdio.h>

#include "core/timestamp.h"
#include "tests/unit/rendered.h"

#define TARGETS_IN_A_STATE 16

/* A snapshot made from a recorded body; its texts are borrowed from that body, save details. */
typedef struct {
    snapshot_t snapshot;
    target_state_t targets[TARGETS_IN_A_STATE];
    critical_failure_t failures[TARGETS_IN_A_STATE];
} recorded_t;

static char *string_at(const json_t *object, const char *key)
{
    return text_of(json_string_value(json_object_get(object, key)));
}

static double number_at(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return json_is_null(value) ? (double)NAN : json_number_value(value);
}

static int system_status_of(const char *name)
{
    int status = 0;
    while (strcmp(system_status_name(status), name))
        status++;
    return status;
}

static void read_targets(recorded_t *recorded, json_t *entries, int kind)
{
    const char *name;
    json_t *entry;
    json_object_foreach(entries, name, entry)
    {
        assert_true(recorded->snapshot.n_targets < TARGETS_IN_A_STATE);
        target_state_t *target = &recorded->targets[recorded->snapshot.n_targets++];
        target->name = text_of(name);
        target->kind = kind;
        while (strcmp(status_name(target->status), string_at(entry, "status")))
            target->status++;
        double ms = number_at(entry, "latency_ms");
        target->latency_us = isnan(ms) ? LATENCY_NONE : llround(ms * 1000);
        target->error = string_at(entry, "error");
        target->is_critical =
            kind == KIND_INFRASTRUCTURE || json_is_true(json_object_get(entry, "critical"));
        json_t *details = json_object_get(entry, "details");
        if (details)
            target->details = json_dumps(details, JSON_ENCODE_ANY);
    }
}

static void read_recorded(recorded_t *recorded, const json_t *body)
{
    *recorded = (recorded_t){.snapshot = {.is_whole = true}};
    snapshot_t *snapshot = &recorded->snapshot;
    snapshot->targets = recorded->targets;
    snapshot->critical_failures = recorded->failures;
    snapshot->status = system_status_of(string_at(body, "status"));
    assert_int_equal(timestamp_parse(string_at(body, "timestamp"), &snapshot->taken_at_us), 0);
    const json_t *performance = json_object_get(body, "performance");
    snapshot->avg_service_latency_ms = number_at(performance, "avg_service_latency_ms");
    snapshot->max_service_latency_ms = number_at(performance, "max_service_latency_ms");
    size_t index;
    json_t *failure;
    json_array_foreach(json_object_get(body, "critical_failures"), index, failure)
    {
        assert_true(index < TARGETS_IN_A_STATE);
        recorded->failures[index].text = text_of(json_string_value(failure));
        snapshot->n_critical_failures = index + 1;
    }
    const json_t *entries = json_object_get(body, "snapshot");
    read_targets(recorded, json_object_get(entries, "services"), KIND_SERVICE);
    read_targets(recorded, json_object_get(entries, "infra"), KIND_INFRASTRUCTURE);
}

static void assert_body(const msgpack_sbuffer *out, const json_t *expected)
{
    json_t *body = json_loadb(out->data, out->size, 0, NULL);
    assert_non_null(body);
    char *text = json_dumps(body, 0);
    char *expected_text = json_dumps(expected, 0);
    assert_string_equal(text, expected_text);
    free(text);
    free(expected_text);
    json_decref(body);
}

static void each_recorded_state_is_rendered_again(void **state)
{
    (void)state;
    FILE *file = fopen(HEALTHD_SOURCE_DIR "/tests/golden/states.jsonl", "r");
    assert_non_null(file);
    char *line = NULL;
    size_t size = 0;
    size_t n_states = 0;
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    while (getline(&line, &size, file) > 0) {
        json_t *row = json_loads(line, 0, NULL);
        assert_non_null(row);
        print_message("%s\n", string_at(row, "state"));
        recorded_t recorded;
        read_recorded(&recorded, json_object_get(row, "system"));
        out.size = 0;
        assert_int_equal(render_system(&recorded.snapshot, 0, RENDER_JSON, &out), 0);
        json_object_set_new(json_object_get(row, "system"), "version", json_integer(0)); /* ours */
        assert_body(&out, json_object_get(row, "system"));

        /* The counts of alerts are not golden: one made by each check, none ever resolved. */
        json_t *metrics = json_object_get(row, "metrics");
        json_object_set_new(
            metrics, "alerts",
            json_pack("{s:i,s:i,s:i}", "active_count", 0, "critical_count", 0, "warning_count", 0));
        out.size = 0;
        assert_int_equal(render_metrics(&recorded.snapshot, NULL, 0, RENDER_JSON, &out), 0);
        assert_body(&out, metrics);

        for (size_t i = 0; i < recorded.snapshot.n_targets; i++)
            free(recorded.targets[i].details);
        json_decref(row);
        n_states++;
    }
    assert_int_equal(n_states, 18);
    msgpack_sbuffer_destroy(&out);
    free(line);
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recorded_state_is_rendered_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
