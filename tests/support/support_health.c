#include "tests/support/support_health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/supervisor/config_load.h"
#include "tests/test.h"

/* When the targets of a made snapshot were checked; any time but 0 does. */
#define CHECKED_AT_US ((int64_t)1795488330000000)

char *support_text(const char *constant)
{
    union {
        const char *constant;
        char *text;
    } cast = {.constant = constant};
    return cast.text;
}

static const char *lookup(const char *name, void *context)
{
    const support_variable_t *row = context;
    for (; row && row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row->value;
    }
    return NULL;
}

int support_read_config(const support_variable_t *variables, config_t **ret, config_error_t *reterr)
{
    union {
        const support_variable_t *variables;
        void *context;
    } cast = {.variables = variables};
    return config_from_environment(lookup, cast.context, ret, reterr);
}

config_t *support_config(const support_variable_t *variables)
{
    config_t *config = NULL;
    config_error_t error = {.text = ""};
    if (support_read_config(variables, &config, &error))
        fail_msg("%s", error.text);
    return config;
}

target_t *support_target(config_t *config, const char *name)
{
    long at = config_target_at(config, name);
    if (at < 0)
        fail_msg("no target %s", name);
    return &config->targets[at];
}

void support_add_services(config_t *config, size_t n)
{
    target_t *grown = realloc(config->targets, (config->n_targets + n) * sizeof *grown);
    assert_non_null(grown);
    config->targets = grown;
    for (size_t i = 0; i < n; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "many-%03zu", i);
        target_t *added = &config->targets[config->n_targets++];
        *added = (target_t){.name = strdup(name),
                            .kind = KIND_SERVICE,
                            .type = PROBE_HTTP,
                            .failure_threshold = 1,
                            .success_threshold = 1};
        assert_non_null(added->name);
    }
    assert_int_equal(config_seal(config), 0);
}

/* --- snapshots --- */

static const char *name_of_word(const char *name)
{
    return strcmp(name, "stop") == 0 ? EMERGENCY_STOP : name;
}

static target_state_t *target_of(snapshot_t *snapshot, const char *name)
{
    for (size_t i = 0; i < snapshot->n_targets; i++) {
        if (strcmp(snapshot->targets[i].name, name_of_word(name)) == 0)
            return &snapshot->targets[i];
    }
    fail_msg("no target %s", name);
    return NULL;
}

static int system_status_of(const char *name)
{
    for (int status = 0; status < SYSTEM_STATUS_COUNT; status++) {
        if (strcmp(system_status_name(status), name) == 0)
            return status;
    }
    fail_msg("no status of the system: %s", name);
    return 0;
}

static int status_of(const char *name)
{
    for (int status = 0; status < STATUS_COUNT; status++) {
        if (strcmp(status_name(status), name) == 0)
            return status;
    }
    fail_msg("no status of a target: %s", name);
    return 0;
}

static void remove_target(snapshot_t *snapshot, target_state_t *target)
{
    target_state_clear(target);
    size_t at = (size_t)(target - snapshot->targets);
    for (size_t i = at + 1; i < snapshot->n_targets; i++)
        snapshot->targets[i - 1] = snapshot->targets[i];
    snapshot->n_targets--;
}

/* Applies "NAME=VALUE" of a line. */
static void apply_word(snapshot_t *snapshot, const char *name, char *value)
{
    if (strcmp(name, "system") == 0) {
        snapshot->status = system_status_of(value);
        return;
    }
    if (strcmp(name, "gone") == 0) {
        remove_target(snapshot, target_of(snapshot, value));
        return;
    }
    if (strcmp(name, "new") == 0) {
        target_state_t *target = target_of(snapshot, value);
        target->status = STATUS_UNKNOWN;
        target->checked_at_us = 0;
        return;
    }
    target_state_t *target = target_of(snapshot, name);
    char *entry_id = strchr(value, '@');
    if (entry_id) {
        *entry_id = '\0';
        target->entry_id = strdup(entry_id + 1);
    }
    target->is_flapping = *value == '~';
    target->is_flapping_unknown = *value == '?';
    target->status = status_of(*value == '~' || *value == '?' ? value + 1 : value);
    target->reason = target->status == STATUS_OK ? REASON_NONE : REASON_STATUS;
    if (target->kind == KIND_NONE && target->status == STATUS_DOWN) {
        target->error = strdup("Daily loss limit exceeded");
        target->details = strdup("{\"reason\": \"Daily loss limit exceeded\"}");
    }
}

static void make_targets(snapshot_t *snapshot)
{
    config_t *config = support_config(NULL);
    snapshot->targets = calloc(config->n_targets, sizeof *snapshot->targets);
    assert_non_null(snapshot->targets);
    snapshot->n_targets = config->n_targets;
    for (size_t i = 0; i < config->n_targets; i++) {
        const target_t *target = &config->targets[i];
        snapshot->targets[i] = (target_state_t){
            .name = strdup(target->name),
            .kind = (int)target->kind,
            .is_critical = target->is_critical,
            .latency_us = LATENCY_NONE,
            .checked_at_us = target->kind == KIND_NONE ? 0 : CHECKED_AT_US,
        };
    }
    config_destroy(&config);
}

static void add_failure(snapshot_t *snapshot, const target_state_t *target)
{
    static const char *const prefixes[KIND_COUNT] = {
        "Service: ", "Infrastructure: ", "Emergency Stop System: "};
    const char *text = target->kind == KIND_NONE ? target->error : target->name;
    critical_failure_t *failure = &snapshot->critical_failures[snapshot->n_critical_failures++];
    assert_true(asprintf(&failure->text, "%s%s", prefixes[target->kind], text) > 0);
}

snapshot_t support_snapshot(const char *line)
{
    snapshot_t snapshot = {.version = 1, .is_whole = true, .has_result = true};
    make_targets(&snapshot);
    char *words = strdup(line);
    char *rest = words;
    for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
        if (!*word)
            continue;
        char *value = strchr(word, '=');
        if (!value)
            fail_msg("no NAME=VALUE: %s", word);
        *value = '\0';
        apply_word(&snapshot, word, value + 1);
    }
    free(words);
    snapshot.critical_failures = calloc(snapshot.n_targets + 1, sizeof(critical_failure_t));
    assert_non_null(snapshot.critical_failures);
    for (size_t i = 0; i < snapshot.n_targets; i++) {
        if (snapshot.targets[i].status == STATUS_DOWN && snapshot.targets[i].is_critical)
            add_failure(&snapshot, &snapshot.targets[i]);
    }
    return snapshot;
}
