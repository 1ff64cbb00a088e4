#include "tests/faults/oom_books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/measurement.h>

#include "core/alert_backlog.h"
#include "core/alert_rules.h"
#include "core/check.h"
#include "core/evidence_store.h"
#include "core/oauth2.h"
#include "core/pause_book.h"
#include "core/redis_info.h"
#include "core/text_pool.h"
#include "tests/support/support_health.h"

#define START_US        INT64_C(1795488330289500)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* --- checks with conditions --- */

typedef struct {
    conditions_t conditions;
    condition_workspace_t *workspace;
} judged_world_t;

const void *const *oom_judged_bodies(void)
{
    static const void *const texts[] = {"{\"depth\":3}", "{\"depth\":30}", "\xff page", NULL};
    return texts;
}

void *oom_begin_judged(const void *input)
{
    (void)input;
    static const char text[] = "body.depth < 10";
    const condition_vocabulary_t vocabulary = {.probe = "http",
                                               .values = condition_values_of("http")};
    condition_error_t error;
    judged_world_t *world = calloc(1, sizeof *world);
    require(world != NULL);
    world->workspace = condition_workspace_new();
    require(world->workspace != NULL);
    require(conditions_add(&world->conditions, false, text, sizeof text - 1, &vocabulary, &error) ==
            0);
    return world;
}

/* One that was answered, one that was not, and one that should have failed. */
bool oom_run_judged(void *world_p, const void *input)
{
    judged_world_t *world = world_p;
    static char name[] = "t";
    static const condition_field_t header = {.name = {"Content-Type", 12}, .text = {"text/x", 6}};
    static const check_seen_t seen = {.ip = "192.0.2.7",
                                      .is_connected = true,
                                      .http_version = "1.1",
                                      .tls_version = "1.3",
                                      .status_line = "HTTP/1.1 200 OK",
                                      .headers = &header,
                                      .n_headers = 1,
                                      .content_length_bytes = MEASURED_NONE};
    const check_outcome_t outcomes[] = {
        {.http_code = 200, .body = input, .n_body = strlen(input)},
        {.fault = REASON_REFUSED, .fault_text = "Connection refused", .latency_us = 10},
        {.http_code = 200, .body = "{\"depth\":1}", .n_body = 11},
    };
    bool is_whole = true;
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        const target_t target = {.name = name,
                                 .type = PROBE_HTTP,
                                 .conditions = &world->conditions,
                                 .expects_failure = i == 2};
        check_outcome_t outcome = outcomes[i];
        outcome.seen = &seen;
        outcome.workspace = world->workspace;
        probe_result_t result;
        if (check_http(&target, &outcome, &result)) {
            require(!result.target && !result.measurement && !result.evidence);
            is_whole = false;
            continue;
        }
        require(result.measurement->n_conditions == 1);
        require((result.status == STATUS_OK) == (result.evidence == NULL));
        probe_result_clear(&result);
    }
    return is_whole;
}

void oom_end_judged(void *world_p)
{
    judged_world_t *world = world_p;
    conditions_clear(&world->conditions);
    condition_workspace_destroy(&world->workspace);
    free(world);
}

bool oom_run_capture(void *world_p, const void *input)
{
    (void)input;
    static const char *const texts[] = {"body.name", "body.depth", "latency"};
    judged_world_t *world = world_p;
    const condition_vocabulary_t vocabulary = {.probe = "http",
                                               .values = condition_values_of("http")};
    const condition_observed_t observed = {
        .present = UINT64_MAX, .latency_us = 1500, .body = {"{\"name\":\"x\",\"depth\":3}", 22}};
    bool is_whole = true;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        condition_t *value = NULL;
        condition_error_t error;
        if (condition_compile_value(texts[i], strlen(texts[i]), &vocabulary, &value, &error)) {
            require(error.is_memory);
            is_whole = false;
            continue;
        }
        condition_capture_t captured;
        condition_workspace_begin(world->workspace, &observed);
        if (condition_capture(value, world->workspace, &captured))
            is_whole = false;
        else
            require(captured.text && captured.is_number == (i > 0));
        free(captured.text);
        condition_workspace_end(world->workspace);
        condition_destroy(&value);
    }
    return is_whole;
}

bool oom_run_answers(void *world, const void *input)
{
    (void)world;
    (void)input;
    static const char info[] = "# Server\r\nrole:master\r\nclients:5\r\n";
    static const char answer[] = "{\"access_token\":\"secret\",\"expires_in\":3600}";
    char *json = redis_info_json(info, sizeof info - 1);
    require(!json || strcmp(json, "{\"role\":\"master\",\"clients\":5}") == 0);
    char *encoded = oauth2_encode("a b/c");
    require(!encoded || strcmp(encoded, "a+b%2Fc") == 0);
    char *token = NULL;
    int64_t keep_us = 0;
    char error[OAUTH2_ERROR_BYTES];
    int rc = oauth2_read(200, answer, sizeof answer - 1, &token, &keep_us, error);
    require(rc ? strcmp(error, "Out of memory") == 0 : strcmp(token, "secret") == 0);
    bool is_whole = json && encoded && rc == 0;
    free(json);
    free(encoded);
    free(token);
    return is_whole;
}

/* --- what is kept --- */

/* Enough texts that the pool grows, each of them twice. */
bool oom_run_pool(void *world, const void *input)
{
    (void)world;
    (void)input;
    text_pool_t *pool = text_pool_new();
    if (!pool)
        return false;
    bool is_whole = true;
    for (int i = 0; i < 20; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", i % 10);
        char *text = strdup(number);
        const char *kept = text ? text_pool_keep(pool, &text) : NULL;
        require(!text && (!kept || strcmp(kept, number) == 0));
        is_whole = is_whole && kept;
    }
    text_pool_destroy(&pool);
    return is_whole;
}

bool oom_run_evidence(void *world, const void *input)
{
    (void)world;
    (void)input;
    evidence_store_t *store = evidence_store_new(EVIDENCE_MAX_BYTES + EVIDENCE_COST_BYTES);
    if (!store)
        return false;
    size_t n_kept = 0;
    for (int i = 0; i < 2; i++) {
        char *json = strdup("{}");
        if (!json)
            continue;
        bool is_kept = evidence_store_add(store, i ? "b" : "a", START_US, &json) == 0;
        require(!json);
        n_kept += is_kept;
    }
    evidence_t found[EVIDENCE_PER_TARGET];
    require(evidence_store_of(store, "a", found) + evidence_store_of(store, "b", found) == n_kept);
    evidence_store_destroy(&store);
    return n_kept == 2;
}

/* A refused change leaves the pause that was. */
bool oom_run_pauses(void *world, const void *input)
{
    (void)world;
    (void)input;
    static char reasons[2][8] = {"disks", "others"};
    static char by[] = "token";
    const now_t now = {.wall_us = START_US};
    pause_book_t book = {.n = 0};
    const char *expected = NULL;
    bool is_whole = true;
    for (int i = 0; i < 2; i++) {
        const pause_t pause = {.reason = reasons[i], .by = by, .since_us = START_US};
        if (pause_book_put(&book, "a", &pause, now) == PAUSE_KEPT)
            expected = reasons[i];
        else
            is_whole = false;
        const kept_pause_t *kept = pause_book_at(&book, "a");
        require(!kept == !expected);
        require(!kept || strcmp(kept->pause.reason, expected) == 0);
    }
    pause_book_clear(&book);
    return is_whole;
}

bool oom_run_backlog(void *world, const void *input)
{
    (void)world;
    (void)input;
    static char text[] = "t";
    alert_t alert = {.alert_id = text, .component = text, .title = text, .message = text};
    const alert_event_t event = {.kind = ALERT_RAISED, .alert = &alert};
    const quiet_change_t changes[] = {
        {.is_quiet = true, .quiet = {.component = text, .alert_id = text}},
        {.is_quiet = false, .quiet = {.component = text}},
    };
    alert_backlog_t backlog = {.n_events = 0};
    size_t n_events = 0;
    size_t n_changes = 0;
    for (int i = 0; i < 17; i++) /* one more than there is room for at first */
        n_events += alert_backlog_add(&backlog, &event) == 0;
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        n_changes += alert_backlog_add_change(&backlog, &changes[i]) == 0;
    require(backlog.n_events == n_events && backlog.n_changes == n_changes);
    alert_backlog_clear(&backlog);
    require(alert_backlog_is_empty(&backlog));
    return n_events == 17 && n_changes == COUNT_OF(changes);
}

/* --- alerts that wait --- */

typedef struct {
    config_t *config;
    snapshot_t snapshot;
} waits_world_t;

void *oom_begin_waits(const void *input)
{
    (void)input;
    waits_world_t *world = calloc(1, sizeof *world);
    require(world != NULL);
    world->config = support_config(NULL);
    for (size_t i = 0; i < world->config->n_targets; i++)
        world->config->targets[i].notify_after_ms = 30000;
    world->snapshot = support_snapshot("postgres=DOWN scheduler=DOWN binance_api=DOWN");
    return world;
}

/* Without memory for a wait the alert comes early, but it comes. */
bool oom_run_waits(void *world_p, const void *input)
{
    (void)input;
    waits_world_t *world = world_p;
    alert_book_t *book = alert_book_new(world->config);
    if (!book)
        return false;
    bool is_whole = true;
    for (int64_t i = 0; i < 2; i++) {
        alert_effects_t effects;
        int64_t after_us = i * 30 * 1000000;
        if (alert_book_step(book, &world->snapshot, START_US + after_us, after_us, &effects))
            is_whole = false;
    }
    require(!is_whole || alert_book_count(book) == 3);
    alert_book_destroy(&book);
    return is_whole;
}

bool oom_run_restore(void *world_p, const void *input)
{
    (void)input;
    waits_world_t *world = world_p;
    static char id[] = "alert_1";
    static char text[] = "t";
    const alert_t alert = {.alert_id = id, .component = text, .title = text, .message = text};
    const quiet_t quiet = {.component = text, .level = SEVERITY_WARNING, .alert_id = id};
    alert_book_t *book = alert_book_new(world->config);
    if (!book)
        return false;
    bool is_there = alert_book_restore_alert(book, &alert) == 0;
    require(alert_book_count(book) == (is_there ? 1 : 0));
    bool is_whole = alert_book_restore_quiet(book, &quiet) == 0 && is_there;
    alert_book_destroy(&book);
    return is_whole;
}

void oom_end_waits(void *world_p)
{
    waits_world_t *world = world_p;
    snapshot_clear(&world->snapshot);
    config_destroy(&world->config);
    free(world);
}
