#include "tests/faults/oom_cases.h"

#include <stdlib.h>
#include <string.h>

#include "core/check.h"
#include "core/config_diff.h"
#include "core/config_keep.h"
#include "core/json_path.h"
#include "core/json_text.h"
#include "core/schedule.h"
#include "core/trip.h"
#include "tests/faults/oom_books.h"
#include "tests/faults/oom_files.h"
#include "tests/faults/oom_worlds.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* --- texts of answers --- */

static const void *const *bodies(void)
{
    static const void *const texts[] = {
        "{\"a\":[1,2.5,\"x\\u00e9\",null,true],\"b\":{\"c\":\"d\"}}", "plain text of a page",
        "\xff\xfe\"", "", NULL};
    return texts;
}

static bool run_json_text(void *world, const void *input)
{
    (void)world;
    char *text = json_text_of_body(input, strlen(input), false);
    bool is_whole = text != NULL;
    free(text);
    return is_whole;
}

static bool run_json_path(void *world, const void *input)
{
    (void)world;
    static const char path_text[] = ".a[1].b[\"c d\"]";
    json_path_t *path = NULL;
    size_t used;
    scalar_error_t error;
    bool is_whole = json_path_parse(path_text, strlen(path_text), &path, &used, &error) == 0;
    json_t *root = NULL;
    is_whole = json_path_load_body("{\"a\":[0,{\"b\":1}]}", 17, &root) == 0 && is_whole;
    json_decref(root);
    json_path_destroy(&path);
    (void)input;
    return is_whole;
}

static bool run_check(void *world, const void *input)
{
    (void)world;
    static char name[] = "t";
    const target_t target = {.name = name, .type = PROBE_HTTP, .timeout_ms = 5000};
    const check_outcome_t outcomes[] = {
        {.http_code = 200, .body = input, .n_body = strlen(input)},
        {.fault = REASON_REFUSED, .fault_text = "Connection refused", .latency_us = 10},
    };
    bool is_whole = true;
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        probe_result_t result;
        if (check_http(&target, &outcomes[i], &result))
            is_whole = false;
        else
            probe_result_clear(&result);
    }
    return is_whole;
}

/* --- the emergency stop --- */

static bool run_trip(void *world, const void *input)
{
    (void)world;
    (void)input;
    static const struct {
        trip_event_type_t type;
        size_t n_fields;
        trip_field_t fields[2];
        const char *data, *reason;
    } forms[] = {
        {TRIP_EVENT_TRIPPED,
         1,
         {{"payload", 7, "{\"reason\":\"loss\",\"n\":1}", 23}},
         "{\"reason\":\"loss\",\"n\":1}",
         "loss"},
        {TRIP_EVENT_TRIPPED,
         2,
         {{"reason", 6, "Manual \xff stop", 13}, {"severity", 8, "CRITICAL", 8}},
         "{\"reason\":\"Manual \xef\xbf\xbd stop\",\"severity\":\"CRITICAL\"}",
         "Manual \xef\xbf\xbd stop"},
        {TRIP_EVENT_TRIPPED,
         1,
         {{"payload", 7, "{\"reason\":[1.5]}", 16}},
         "{\"reason\":[1.5]}",
         "[1.5]"},
        {TRIP_EVENT_STATE_CHANGED,
         1,
         {{"payload", 7, "{\"new_state\":\"CRITICAL\"}", 24}},
         "{\"new_state\":\"CRITICAL\"}",
         "State CRITICAL"},
    };
    bool is_whole = true;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        trip_event_t event = {.type = forms[i].type};
        trip_error_t error = {.is_memory = false};
        if (trip_event_parse(forms[i].type, forms[i].fields, forms[i].n_fields, &event, &error)) {
            require(error.is_memory);
            is_whole = false;
            continue;
        }
        require(event.effect == TRIP_TRIPS && strcmp(event.data, forms[i].data) == 0);
        require(strcmp(event.reason, forms[i].reason) == 0);
        trip_t trip = {0};
        trip_t copy = {0};
        require(trip_apply_event(&trip, (entry_id_t){.time_ms = 5}, &event));
        is_whole = trip_copy(&trip, &copy) == 0 && is_whole;
        trip_clear(&copy);
        trip_clear(&trip);
        trip_event_clear(&event);
    }
    return is_whole;
}

/* --- the schedule --- */

static bool run_schedule(void *world, const void *input)
{
    (void)world;
    (void)input;
    const schedule_times_t times[3] = {
        {.interval_us = 1000000}, {.interval_us = 2000000}, {.interval_us = 3000000}};
    schedule_t *schedule = schedule_new(times, 2, 0);
    if (!schedule)
        return false;
    static const size_t old_of[] = {1, 0, SCHEDULE_NONE};
    bool is_whole = schedule_reconfigure(schedule, times, 3, old_of, 5) == 0;
    schedule_destroy(&schedule);
    return is_whole;
}

/* --- what a reload compares and keeps --- */

static char name_a[] = "a", name_b[] = "b", name_c[] = "c", url_old[] = "http://h/",
            url_new[] = "http://h/x";
static target_t targets_before[] = {
    {.name = name_a, .kind = KIND_SERVICE, .url = url_old, .settings = "timeout: 1\n"},
    {.name = name_b, .kind = KIND_INFRASTRUCTURE},
};
static target_t targets_now[] = {
    {.name = name_a, .kind = KIND_SERVICE, .url = url_new, .settings = "timeout: 2\n"},
    {.name = name_c, .kind = KIND_SERVICE},
};

static bool compare_lists(const config_list_t *before, const config_list_t *now)
{
    config_diff_t diff;
    if (config_diff(before, now, &diff)) {
        require(!diff.targets && !diff.keys && diff.n_targets == 0 && diff.n_keys == 0);
        return false;
    }
    require(diff.n_changed == 1 && diff.n_removed == 1 && diff.n_added == 1 && diff.n_keys == 2);
    require(strcmp(diff.targets[0].keys, "url, timeout") == 0);
    config_diff_clear(&diff);
    return true;
}

static bool compare_configurations(const config_t *before, const config_t *now)
{
    config_list_t old, new;
    bool is_whole = config_list_of(before, SETTINGS_WHOLE, &old) == 0;
    is_whole = config_list_of(now, SETTINGS_WHOLE, &new) == 0 && is_whole;
    if (is_whole)
        is_whole = compare_lists(&old, &new);
    else
        require((!old.items && old.n == 0) || (!new.items &&new.n == 0));
    config_list_clear(&old);
    config_list_clear(&new);
    return is_whole;
}

static bool run_reload(void *world, const void *input)
{
    (void)world;
    (void)input;
    static char listen[] = "127.0.0.1:1", state_dir[] = "/before";
    static char lines[] = "gateway.listen: \"127.0.0.1:1\"\nlogging.level: \"INFO\"\n";
    static const char lines_now[] = "gateway.listen: \"127.0.0.1:2\"\nlogging.level: \"DEBUG\"\n";
    static const char kept[] = "gateway.listen: \"127.0.0.1:1\"\nlogging.level: \"DEBUG\"\n";
    const config_t before = {.targets = targets_before,
                             .n_targets = 2,
                             .listen = listen,
                             .state_dir = state_dir,
                             .settings = lines,
                             .settings_shown = lines};
    config_t now = {.targets = targets_now,
                    .n_targets = 2,
                    .settings = strdup(lines_now),
                    .settings_shown = strdup(lines_now)};
    bool is_whole = now.settings && now.settings_shown && compare_configurations(&before, &now);
    if (is_whole && config_keep(&before, &now))
        is_whole = false;
    require(!is_whole || (strcmp(now.listen, listen) == 0 && strcmp(now.settings, kept) == 0 &&
                          strcmp(now.settings_shown, kept) == 0));
    free(now.listen);
    free(now.state_dir);
    free(now.settings);
    free(now.settings_shown);
    return is_whole;
}

const oom_case_t oom_cases[] = {
    {.name = "messages", .inputs = oom_messages, .run = oom_run_message},
    {.name = "json text", .inputs = bodies, .run = run_json_text},
    {.name = "json path", .run = run_json_path},
    {.name = "check", .inputs = bodies, .run = run_check},
    {.name = "condition", .inputs = oom_conditions, .run = oom_run_condition},
    {.name = "trip", .run = run_trip},
    {.name = "schedule", .run = run_schedule},
    {.name = "reload", .run = run_reload},
    {.name = "configuration", .inputs = oom_configurations, .run = oom_run_configuration},
    {.name = "nodes", .run = oom_run_nodes, .may_do_without = true},
    {.name = "matchers", .run = oom_run_matchers},
    {.name = "turns", .run = oom_run_turns},
    {.name = "model",
     .begin = oom_begin_model,
     .run = oom_run_model,
     .end = oom_end_model,
     .may_do_without = true},
    {.name = "alert rules",
     .begin = oom_begin_alerts,
     .run = oom_run_alerts,
     .end = oom_end_alerts},
    {.name = "alerts that wait",
     .begin = oom_begin_waits,
     .run = oom_run_waits,
     .end = oom_end_waits,
     .may_do_without = true},
    {.name = "check by conditions",
     .inputs = oom_judged_bodies,
     .begin = oom_begin_judged,
     .run = oom_run_judged,
     .end = oom_end_judged},
    {.name = "capture", .begin = oom_begin_judged, .run = oom_run_capture, .end = oom_end_judged},
    {.name = "answers", .run = oom_run_answers},
    {.name = "restored alerts",
     .begin = oom_begin_waits,
     .run = oom_run_restore,
     .end = oom_end_waits},
    {.name = "text pool", .run = oom_run_pool},
    {.name = "evidence", .run = oom_run_evidence},
    {.name = "pauses", .run = oom_run_pauses},
    {.name = "backlog", .run = oom_run_backlog},
    {.name = "snapshot view", .begin = oom_begin_view, .run = oom_run_view, .end = oom_end_view},
    {.name = "render", .begin = oom_begin_view, .run = oom_run_render, .end = oom_end_view},
};
const size_t n_oom_cases = sizeof oom_cases / sizeof oom_cases[0];
