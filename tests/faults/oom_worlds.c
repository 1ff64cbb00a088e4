#include "tests/faults/oom_worlds.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/finding.h>
#include <healthd/measurement.h>

#include "core/alert_rules.h"
#include "core/condition.h"
#include "core/explain.h"
#include "core/model.h"
#include "core/snapshot_view.h"
#include "gateway/metrics.h"
#include "proto/order.h"
#include "proto/query.h"
#include "proto/render.h"
#include "tests/support/support_health.h"

#define INPUTS_MAX 64
#define START_US   INT64_C(1795488330289500)

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* --- messages --- */

typedef struct {
    size_t n;
    unsigned char bytes[4096];
} blob_t;

/* In the order of tests/fuzz/fuzz_messages.c, whose corpus this reads. */
static const wire_schema_t *const schemas[] = {
    &probe_result_schema,   &probe_results_schema, &target_state_schema, &critical_failure_schema,
    &snapshot_schema,       &alert_schema,         &alert_event_schema,  &query_schema,
    &answer_schema,         &order_schema,         &measurement_schema,  &measured_condition_schema,
    &measured_value_schema, &finding_schema,
};

const void *const *oom_messages(void)
{
    static blob_t blobs[INPUTS_MAX];
    static const void *inputs[INPUTS_MAX + 1];
    static const char folder[] = HEALTHD_SOURCE_DIR "/tests/fuzz/corpus/messages";
    size_t n = 0;
    DIR *entries = opendir(folder);
    require(entries != NULL);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    for (struct dirent *entry; n < INPUTS_MAX && (entry = readdir(entries));) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rbe");
        if (!file)
            continue;
        blobs[n].n = fread(blobs[n].bytes, 1, sizeof blobs[n].bytes, file);
        inputs[n] = &blobs[n];
        n++;
        (void)fclose(file);
    }
    (void)closedir(entries);
    require(n >= 10);
    return inputs;
}

bool oom_run_message(void *world, const void *input)
{
    (void)world;
    const blob_t *blob = input;
    const wire_schema_t *schema = schemas[blob->bytes[0] % (sizeof schemas / sizeof schemas[0])];
    void *message = NULL;
    wire_error_t error = {.message = ""};
    if (wire_decode(schema, blob->bytes + 1, blob->n - 1, &message, &error)) {
        require(!message && error.reason[0]);
        return false;
    }
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    bool is_whole = wire_encode(schema, message, &out) == 0;
    is_whole = is_whole && out.size > 0;
    msgpack_sbuffer_destroy(&out);
    union {
        max_align_t aligned;
        unsigned char bytes[1024];
    } copy = {.bytes = {0}};
    require(schema->size <= sizeof copy);
    if (wire_copy(schema, message, &copy))
        is_whole = false;
    else
        wire_clear(schema, &copy);
    wire_destroy(schema, &message);
    return is_whole;
}

/* --- conditions --- */

const void *const *oom_conditions(void)
{
    static const void *const texts[] = {
        "status == 200 and latency < 500ms",
        "body.a.b[0] == \"x\" or not (len(body.list) > 3)",
        "body =~ \"^.a+b\"",
        "header[\"content-type\"] =~ \"json\"",
        "status in (200, 201, 204)",
        NULL,
    };
    return texts;
}

bool oom_run_condition(void *world, const void *input)
{
    (void)world;
    const condition_vocabulary_t vocabulary = {.probe = "http",
                                               .values = condition_values_of("http")};
    const condition_field_t header = {.name = {"Content-Type", 12}, .text = {"text/json", 9}};
    condition_observed_t observed = {.status = 200,
                                     .latency_us = 1000,
                                     .is_connected = true,
                                     .body = {"{\"a\":{\"b\":[\"x\"]},\"list\":[1]}", 29},
                                     .headers = &header,
                                     .n_headers = 1};
    memset(&observed.present, 0xff, sizeof observed.present);
    condition_t *condition = NULL;
    condition_error_t error = {.is_memory = false};
    if (condition_compile(input, strlen(input), &vocabulary, &condition, &error)) {
        if (!error.is_memory)
            (void)printf("%s: %s\n", (const char *)input, error.text);
        require(error.is_memory && !condition);
        return false;
    }
    condition_workspace_t *workspace = condition_workspace_new();
    bool is_whole = workspace != NULL;
    condition_result_t result;
    if (workspace) {
        condition_workspace_begin(workspace, &observed);
        is_whole = condition_evaluate(condition, workspace, &result) == 0 && is_whole;
    }
    condition_workspace_destroy(&workspace);
    condition_destroy(&condition);
    return is_whole;
}

/* --- the model --- */

typedef struct {
    config_t *config;
    model_t *model;
    snapshot_t snapshot;
} model_world_t;

void *oom_begin_model(const void *input)
{
    (void)input;
    model_world_t *world = calloc(1, sizeof *world);
    require(world != NULL);
    world->config = support_config(NULL);
    return world;
}

/* Why the system and a target are as they are; a text that is told is whole. */
static bool explain_all(model_t *model, now_t now)
{
    bool is_whole = true;
    for (size_t i = 0; i < 2; i++) {
        char *text = NULL;
        explain_outcome_t outcome = explain(model, i == 0 ? NULL : "redis", now, &text);
        require((outcome == EXPLAINED) == (text != NULL) && outcome != EXPLAIN_NO_SUCH_TARGET);
        require(!text || text[strlen(text) - 1] == '}');
        is_whole = is_whole && text;
        free(text);
    }
    return is_whole;
}

/* A round of results, one of them DOWN, a snapshot, and why. */
static bool go_round(model_world_t *world)
{
    now_t now = {.wall_us = START_US, .mono_us = 1000000};
    if (!world->model)
        world->model = model_new(world->config, now);
    if (!world->model)
        return false;
    for (size_t i = 0; i < world->config->n_targets; i++) {
        probe_result_t result = {.target = world->config->targets[i].name,
                                 .status = i == 1 ? STATUS_DOWN : STATUS_OK,
                                 .reason = i == 1 ? REASON_STATUS : REASON_NONE,
                                 .finished_at_us = now.wall_us,
                                 .latency_us = 1000};
        (void)model_apply(world->model, &result, now);
    }
    if (model_reconfigure(world->model, world->config, now))
        return false;
    model_expire(world->model, now);
    bool is_due = model_evaluate(world->model);
    model_next_snapshot(world->model, true, now, &world->snapshot);
    return is_due && world->snapshot.status == SYSTEM_CRITICAL && explain_all(world->model, now);
}

bool oom_run_model(void *world_p, const void *input)
{
    (void)input;
    return go_round(world_p);
}

void oom_end_model(void *world_p)
{
    model_world_t *world = world_p;
    (void)go_round(world);
    require(world->snapshot.status == SYSTEM_CRITICAL);
    model_destroy(&world->model);
    config_destroy(&world->config);
    free(world);
}

/* --- alerts --- */

typedef struct {
    config_t *config;
    alert_book_t *book;
    snapshot_t snapshots[4];
} alerts_world_t;

void *oom_begin_alerts(const void *input)
{
    (void)input;
    static const char *const lines[] = {"", "system=CRITICAL risk_guard=DOWN redis=DOWN",
                                        "system=CRITICAL redis=DOWN stop=DOWN@5-0",
                                        "system=CRITICAL scheduler=DOWN"};
    alerts_world_t *world = calloc(1, sizeof *world);
    require(world != NULL);
    world->config = support_config(NULL);
    for (size_t i = 0; i < 4; i++)
        world->snapshots[i] = support_snapshot(lines[i]);
    return world;
}

/* A finding that is new, or says something else than the last time. */
static bool find(alerts_world_t *world, int64_t i)
{
    static char full[] = "The disk is full";
    static char refusing[] = "The disk refuses";
    static char component[] = "healthd:storage";
    static char source[] = "event bus";
    const finding_t finding = {.source = source,
                               .component = component,
                               .kind = ALERT_KIND_STORAGE_TROUBLE,
                               .severity = SEVERITY_WARNING,
                               .is_active = true,
                               .title = component,
                               .message = i % 2 ? full : refusing};
    return alert_book_take_finding(world->book, &finding, i * 1000000) != FINDING_REFUSED;
}

/* Every step, a clear of the newest alert in the middle. */
static bool live(alerts_world_t *world)
{
    bool is_whole = true;
    if (!world->book)
        world->book = alert_book_new(world->config);
    if (!world->book)
        return false;
    for (int64_t i = 0; i < 4; i++) {
        alert_effects_t effects;
        int64_t now_us = START_US + i * 1000000;
        is_whole = find(world, i) && is_whole;
        if (alert_book_step(world->book, &world->snapshots[i], now_us, i * 1000000, &effects))
            is_whole = false;
        if (i != 2 || alert_book_count(world->book) == 0)
            continue;
        const alert_t *alert = alert_book_at(world->book, alert_book_count(world->book) - 1);
        alert_clear_t cleared =
            alert_book_begin_clear(world->book, alert->alert_id, now_us + 1, &effects);
        is_whole = is_whole && cleared != ALERT_CLEAR_NO_MEMORY;
        if (cleared == ALERT_CLEAR_BEGUN)
            alert_book_end_clear(world->book, true);
    }
    return is_whole;
}

bool oom_run_alerts(void *world, const void *input)
{
    (void)input;
    return live(world);
}

void oom_end_alerts(void *world_p)
{
    alerts_world_t *world = world_p;
    require(live(world));
    size_t n_active = 0;
    for (size_t i = 0; i < alert_book_count(world->book); i++)
        n_active += alert_book_at(world->book, i)->resolution == RESOLUTION_NONE;
    require(n_active == 3); /* the system, the scheduler and the finding */
    alert_book_destroy(&world->book);
    for (size_t i = 0; i < 4; i++)
        snapshot_clear(&world->snapshots[i]);
    config_destroy(&world->config);
    free(world);
}

/* --- what readers have --- */

typedef struct {
    snapshot_view_t view;
    snapshot_t whole, delta;
} view_world_t;

void *oom_begin_view(const void *input)
{
    (void)input;
    view_world_t *world = calloc(1, sizeof *world);
    require(world != NULL);
    world->whole = support_snapshot("system=CRITICAL risk_guard=DOWN");
    world->delta = support_snapshot("");
    world->whole.version = 1;
    world->delta.version = 2;
    world->delta.base_version = 1;
    world->delta.is_whole = false;
    return world;
}

bool oom_run_view(void *world_p, const void *input)
{
    (void)input;
    view_world_t *world = world_p;
    bool is_whole = snapshot_view_apply(&world->view, &world->whole) == SNAPSHOT_APPLIED;
    return snapshot_view_apply(&world->view, &world->delta) == SNAPSHOT_APPLIED && is_whole;
}

bool oom_run_render(void *world_p, const void *input)
{
    (void)input;
    view_world_t *world = world_p;
    static const render_format_t formats[] = {RENDER_JSON, RENDER_MSGPACK};
    bool is_whole = true;
    for (size_t i = 0; i < 4; i++) {
        msgpack_sbuffer out;
        msgpack_sbuffer_init(&out);
        is_whole = render_system(&world->whole, i / 2, formats[i % 2], &out) == 0 && is_whole;
        is_whole = render_metrics(&world->whole, NULL, 0, formats[i % 2], &out) == 0 && is_whole;
        msgpack_sbuffer_destroy(&out);
    }
    const metrics_input_t metrics = {.snapshot = &world->whole, .shows_build = true};
    text_t text = {0};
    metrics_write(&metrics, &text);
    char *written = text_take(&text);
    is_whole = written && is_whole;
    free(written);
    return is_whole;
}

void oom_end_view(void *world_p)
{
    view_world_t *world = world_p;
    snapshot_view_clear(&world->view);
    snapshot_clear(&world->whole);
    snapshot_clear(&world->delta);
    free(world);
}
