/*
 * A configuration file, from YAML to the configuration. What is taken holds the bounds of the
 * schema; what is refused is refused with a report; nothing of it shows a control character.
 */
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "actors/supervisor/config_file.h"
#include "core/config_build.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

static const char *lookup(const char *name, void *context)
{
    (void)context;
    return strcmp(name, "SET") == 0 ? "value" : NULL;
}

static char *read_file(const char *path, void *context, const char **reterr)
{
    (void)context;
    *reterr = "there is none";
    return strcmp(path, "one") == 0 ? strdup("text\n") : NULL;
}

static char *find_file(const char *path, void *context, const char **reterr)
{
    (void)context;
    *reterr = "there is none";
    return strcmp(path, "one") == 0 ? strdup("/one") : NULL;
}

/* Each group has members that come before it in the order, and a rule that can hold. */
static void check_groups(const config_t *config)
{
    const group_set_t *groups = &config->groups;
    size_t *place = calloc(config->n_targets + 1, sizeof *place); /* in the order, plus 1 */
    require(place != NULL);
    for (size_t i = 0; i < groups->n; i++)
        place[groups->items[groups->order[i]].at] = i + 1;
    for (size_t i = 0; i < groups->n; i++) {
        const group_t *group = &groups->items[i];
        require(place[group->at] > 0 && config->targets[group->at].group == group);
        require(group->n_members >= 1 && group->n_members <= GROUP_MEMBERS_MAX);
        require(group_needed(group) >= 1 && group_needed(group) <= group->n_members);
        for (size_t j = 0; j < group->n_members; j++) {
            require(config->targets[group->members[j]].kind != KIND_NONE);
            require(place[group->members[j]] < place[group->at]);
        }
    }
    free(place);
}

static void check_config(const config_t *config)
{
    check_groups(config);
    require(config->n_targets >= 1 && config->n_targets <= TARGETS_MAX);
    require(config->n_publish >= 1 && config->listen && config->state_dir);
    require(config->check_interval_ms >= 1000 && config->check_interval_ms <= 86400000);
    for (size_t i = 0; i < config->n_targets; i++) {
        const target_t *target = &config->targets[i];
        require(config_target_at(config, target->name) == (long)i);
        require(target->check_interval_ms >= 1000 && target->timeout_ms >= 10);
        require(target->failure_threshold >= 1 && target->success_threshold >= 1);
        require(!target->labels || strlen(target->labels) <= LABELS_MAX_BYTES);
        bool has_url = target->type != PROBE_PASSIVE && target->type != PROBE_GROUP;
        require(has_url == (target->url != NULL));
        require((target->type == PROBE_GROUP) == (target->group != NULL));
        require(!target->http || target->http->method);
        require(!target->conditions ||
                target->conditions->n_conditions + target->conditions->n_degraded_conditions > 0);
    }
}

static void check_report(config_faults_t *faults, const config_source_t *source)
{
    text_t report = {0};
    config_faults_print(faults, source, &report);
    for (size_t i = 0; i < report.size; i++) {
        unsigned char byte = (unsigned char)report.bytes[i];
        require(byte >= 0x20 || byte == '\n' || byte == '\t');
    }
    require(faults->n_faults + faults->n_warnings == 0 || report.size > 0);
    text_clear(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[] = "x.yaml";
    char *text = malloc(size + 1);
    config_faults_t *faults = calloc(1, sizeof *faults);
    require(text && faults);
    memcpy(text, data, size);
    text[size] = '\0';
    const config_source_t source = {.name = name, .text = text, .n_text = size};
    config_tree_t *tree = NULL;
    size_t n_nodes = 0;
    if (config_file_parse(&source, 0, &n_nodes, faults, &tree) == 0) {
        config_environment_t environment = {.lookup = lookup};
        const config_document_t document = {.root = config_tree_root(tree),
                                            .values = {.lookup = config_environment_lookup,
                                                       .read_file = read_file,
                                                       .find_file = find_file,
                                                       .context = &environment}};
        config_t *config = config_build(&document, 1, &environment, true, faults);
        require((config != NULL) == (faults->n_faults == 0));
        if (config)
            check_config(config);
        config_destroy(&config);
    } else {
        require(faults->n_faults > 0 && !tree);
    }
    check_report(faults, &source);
    config_tree_destroy(&tree);
    config_faults_clear(faults);
    free(faults);
    free(text);
    return 0;
}
