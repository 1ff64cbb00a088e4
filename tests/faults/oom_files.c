#include "tests/faults/oom_files.h"

#include <stdlib.h>
#include <string.h>

#include "actors/supervisor/config_load.h"
#include "core/config_build.h"
#include "core/host_turns.h"
#include "core/matcher.h"
#include "tests/faults/failing_malloc.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* --- whole files --- */

config_t *__real_config_build(const config_document_t *documents, size_t n,
                              const config_environment_t *environment, bool has_file,
                              config_faults_t *faults);
config_t *__wrap_config_build(const config_document_t *documents, size_t n,
                              const config_environment_t *environment, bool has_file,
                              config_faults_t *faults);

/* Other cases build a configuration too, with memory. */
static bool is_trying_configuration;

/* Only the core is tried: what the parser of YAML does without memory is its own matter. */
config_t *__wrap_config_build(const config_document_t *documents, size_t n,
                              const config_environment_t *environment, bool has_file,
                              config_faults_t *faults)
{
    failing_malloc()->is_armed = is_trying_configuration;
    config_t *config = __real_config_build(documents, n, environment, has_file, faults);
    failing_malloc()->is_armed = false;
    require(config || faults->n_faults > 0);
    return config;
}

const void *const *oom_configurations(void)
{
    static const void *const files[] = {
        HEALTHD_SOURCE_DIR "/deploy/examples/platform.yaml",
        HEALTHD_SOURCE_DIR "/tests/faults/oom.yaml",
        NULL,
    };
    return files;
}

/* Each that goes over what a file says. */
static const char *variable(const char *name, void *context)
{
    (void)context;
    static const char *const rows[][2] = {
        {"REDIS_URL", "redis://127.0.0.1"},
        {"HEALTHD_LISTEN", "127.0.0.1:8080"},
        {"HEALTHD_STATE_DIR", "/tmp/healthd-oom"},
        {"HEALTHD_PUBLISH", "ipc:///tmp/x"},
        {"LOG_LEVEL", "DEBUG"},
        {"LOG_FORMAT", "json"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i][0], name) == 0)
            return rows[i][1];
    return NULL;
}

bool oom_run_configuration(void *world, const void *input)
{
    (void)world;
    failing_malloc()->is_armed = false;
    config_load_t load;
    config_trace_t trace = {.target = "one"}; /* of oom.yaml */
    is_trying_configuration = true;
    bool is_whole = config_load_traced(input, variable, NULL, &trace, &load) == 0;
    is_trying_configuration = false;
    require(is_whole || load.n_faults > 0);
    is_whole = is_whole && !trace.is_out_of_memory;
    config_trace_clear(&trace);
    config_load_clear(&load);
    return is_whole;
}

/* --- nodes --- */

static config_event_t event_of(const char *anchor)
{
    return (config_event_t){.place = {.line = 1, .column = 1, .length = 1},
                            .anchor = anchor,
                            .n_anchor = anchor ? strlen(anchor) : 0};
}

static int say(config_tree_t *tree, const char *text, const char *anchor)
{
    const config_event_t event = event_of(anchor);
    return config_tree_scalar(tree, &event, text, strlen(text), false);
}

static int begin(config_tree_t *tree, config_node_kind_t kind, const char *anchor)
{
    const config_event_t event = event_of(anchor);
    return config_tree_begin(tree, &event, kind);
}

/* {base: &b {a: 1, c: 2}, more: {<<: *b, d: 3, e: 4}, list: [*b, 1, 2, 3, 4]} */
static int fill_tree(config_tree_t *tree)
{
    const config_event_t alias = event_of("b");
    return begin(tree, NODE_MAP, NULL) || say(tree, "base", NULL) || begin(tree, NODE_MAP, "b") ||
                   say(tree, "a", NULL) || say(tree, "1", "one") || say(tree, "c", NULL) ||
                   say(tree, "2", NULL) || config_tree_end(tree) || say(tree, "more", NULL) ||
                   begin(tree, NODE_MAP, NULL) || say(tree, "<<", NULL) ||
                   config_tree_alias(tree, &alias) || say(tree, "d", NULL) ||
                   say(tree, "3", NULL) || config_tree_end(tree) || say(tree, "list", NULL) ||
                   begin(tree, NODE_LIST, "l") || config_tree_alias(tree, &alias) ||
                   say(tree, "1", NULL) || say(tree, "2", NULL) || say(tree, "3", NULL) ||
                   say(tree, "4", NULL) || config_tree_end(tree) || config_tree_end(tree)
               ? -1
               : 0;
}

bool oom_run_nodes(void *world, const void *input)
{
    (void)world;
    (void)input;
    size_t n_nodes = 0;
    config_faults_t faults = {.n_faults = 0};
    config_tree_t *tree = config_tree_new(0, &n_nodes, &faults);
    bool is_whole = tree && fill_tree(tree) == 0;
    require(is_whole || !tree || faults.is_out_of_memory);
    if (is_whole) {
        const config_node_t *more = config_node_at(config_tree_root(tree), "more");
        require(more->n == 3 && strcmp(config_node_at(more, "c")->text, "2") == 0);
        config_fault(&faults, more->place, "no %s", "reason");
        require(faults.n_faults == 1);
        is_whole = !faults.is_out_of_memory;
    }
    config_tree_destroy(&tree);
    config_faults_clear(&faults);
    return is_whole;
}

/* --- matchers and turns --- */

bool oom_run_matchers(void *world, const void *input)
{
    (void)world;
    (void)input;
    static const char text[] = "{kind=\"service\", name=~\"a.+\"}";
    matchers_t matchers = {.n = 0};
    condition_error_t error = {.is_memory = false};
    if (matchers_add(&matchers, text, sizeof text - 1, &error)) {
        require(error.is_memory && matchers.n == 0);
        matchers_clear(&matchers);
        return false;
    }
    require(matchers.n == 2 && matchers_ask_for(&matchers, "kind"));
    matchers_clear(&matchers);
    return true;
}

bool oom_run_turns(void *world, const void *input)
{
    (void)world;
    (void)input;
    static char urls[2][16] = {"http://a/", "http://A:81/"};
    static const target_t targets[2] = {{.url = urls[0]}, {.url = urls[1]}};
    const target_t *const list[] = {&targets[0], &targets[1]};
    host_turns_t turns;
    if (host_turns_init(&turns, list, 2, 1)) {
        require(!turns.host_of && !turns.next && !turns.hosts);
        return false;
    }
    require(host_turns_take(&turns, 0) && !host_turns_take(&turns, 1));
    host_turns_clear(&turns);
    return true;
}
