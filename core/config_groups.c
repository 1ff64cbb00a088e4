#include "core/config_groups.h"

#include <stdlib.h>
#include <string.h>

#include "core/config_draft.h"
#include "core/config_settings.h"
#include "core/text.h"

static const schema_key_t *row_of(size_t key)
{
    size_t n;
    return &schema_keys(SECTION_GROUP, &n)[key];
}

/* --- reading --- */

static void clear_written(written_group_t *group)
{
    for (size_t i = 0; i < group->n_members; i++)
        free(group->members[i]);
    free(group->members);
    free(group->nodes);
    free(group->name);
    *group = (written_group_t){.name = NULL};
}

void config_groups_clear(config_groups_t *groups)
{
    for (size_t i = 0; i < groups->n; i++)
        clear_written(&groups->items[i]);
    free(groups->items);
    *groups = (config_groups_t){.n = 0};
}

/* The name of member I of VALUE for the combination under way; NULL with a fault told. */
static char *member_name(const draft_t *draft, const config_value_t *value, size_t i)
{
    const schema_key_t *row = row_of(GROUP_MEMBERS);
    const config_node_t *node = value->text_nodes[i];
    char *name = draft_expand(draft, row->key, node, value->texts[i]);
    if (name && config_has_variable(value->texts[i]) &&
        !config_check_text(draft->work->reader, row, node, name)) {
        free(name);
        return NULL;
    }
    return name;
}

/* What SECTION says of the group's name, members and rule; false with a fault told. */
static bool write_down(const draft_t *draft, const config_section_t *section, written_group_t *ret)
{
    const config_value_t *members = &section->values[GROUP_MEMBERS];
    const config_value_t *rule = &section->values[GROUP_RULE];
    *ret = (written_group_t){
        .name = draft_text(draft, row_of(GROUP_NAME), &section->values[GROUP_NAME]),
        .rule_node = rule->node,
        .rule = (group_rule_t)rule->window,
        .n_least = rule->is_known ? (size_t)rule->integer : 0,
    };
    ret->members = calloc(members->n_texts + 1, sizeof *ret->members);
    ret->nodes = calloc(members->n_texts + 1, sizeof(const config_node_t *));
    if (!ret->members || !ret->nodes) {
        draft_out_of_memory(draft);
        return false;
    }
    for (size_t i = 0; i < members->n_texts; i++) {
        char *name = member_name(draft, members, i);
        if (!name)
            return false;
        ret->members[ret->n_members] = name;
        ret->nodes[ret->n_members++] = members->text_nodes[i];
    }
    return ret->name != NULL;
}

/* Makes room for one more; false: out of memory, which is told. */
static bool make_room(const draft_t *draft, config_groups_t *groups)
{
    if (groups->n < groups->capacity)
        return true;
    size_t capacity = groups->capacity ? 2 * groups->capacity : 16;
    written_group_t *items = realloc(groups->items, capacity * sizeof *items);
    if (!items) {
        draft_out_of_memory(draft);
        return false;
    }
    groups->items = items;
    groups->capacity = capacity;
    return true;
}

/* The lines of what GROUP says beyond name, kind and labels; NULL: out of memory, which is told. */
static const char *settings_of(const draft_t *draft, const config_value_t *values,
                               const written_group_t *group)
{
    static const size_t keys[] = {GROUP_RULE, GROUP_CRITICAL, GROUP_NOTIFY_AFTER};
    text_t lines = {0};
    text_appendf(&lines, "%s: [", row_of(GROUP_MEMBERS)->key);
    for (size_t i = 0; i < group->n_members; i++) {
        text_append_string(&lines, i ? "," : "");
        text_append_json(&lines, group->members[i]);
    }
    text_append_string(&lines, "]\n");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        text_appendf(&lines, "%s: ", row_of(keys[i])->key);
        config_settings_value(&lines, row_of(keys[i]), &values[keys[i]], SETTINGS_SHOWN);
        text_append_string(&lines, "\n");
    }
    char *text = text_take(&lines);
    const char *kept = text ? text_pool_keep(draft->work->pool, &text) : NULL;
    if (!kept)
        draft_out_of_memory(draft);
    return kept;
}

/* The target that GROUP is, of VALUES, which are merged. */
static target_t target_of(const draft_t *draft, const config_value_t *values,
                          const written_group_t *group)
{
    const config_value_t *defaults = draft->work->defaults->values;
    const char *settings = settings_of(draft, values, group);
    target_t target = {
        .name = strdup(group->name),
        .kind = draft->kind,
        .type = PROBE_GROUP,
        .error_prefix = strdup(""),
        .labels = draft_labels(draft),
        .is_critical = values[GROUP_CRITICAL].integer != 0,
        .check_interval_ms = (uint32_t)defaults[TARGET_CHECK_INTERVAL].integer,
        .timeout_ms = (uint32_t)defaults[TARGET_TIMEOUT].integer,
        .failure_threshold = 1,
        .success_threshold = 1,
        .notify_after_ms = (uint32_t)values[GROUP_NOTIFY_AFTER].integer,
        .settings = settings,
        .settings_shown = settings,
    };
    if (!target.name || !target.error_prefix)
        draft_out_of_memory(draft);
    return target;
}

/* Makes the group of the combination under way; false where it has a fault of its own. */
static bool make(const draft_t *draft, const config_section_t *section,
                 const config_value_t *values, config_groups_t *groups)
{
    config_faults_t *faults = draft->work->reader->faults;
    size_t n_before = faults->n_faults;
    const config_value_t *name = &section->values[GROUP_NAME];
    written_group_t group = {.name = NULL};
    if (!make_room(draft, groups) || !write_down(draft, section, &group)) {
        clear_written(&group);
        return false;
    }
    if (draft_is_reserved(group.name))
        config_fault(faults, name->text_nodes[0]->place,
                     "name: \"%s\" is the name of what healthd itself watches", group.name);
    target_t target = target_of(draft, values, &group);
    if (faults->n_faults != n_before) {
        target_clear(&target);
        clear_written(&group);
        return false;
    }
    if (draft->work->trace)
        config_trace_group(draft->work->trace, draft->node, values, &target);
    draft_keep(draft, &target, name->text_nodes[0]->place);
    groups->items[groups->n++] = group;
    return true;
}

/* VALUES of SECTION with those of the file's defaults where it says nothing. */
static void merge(const draft_t *draft, const config_section_t *section,
                  config_value_t values[GROUP_KEYS])
{
    const config_value_t *defaults = draft->work->defaults->values;
    for (size_t key = 0; key < GROUP_KEYS; key++)
        values[key] = section->values[key];
    if (!values[GROUP_NOTIFY_AFTER].node)
        values[GROUP_NOTIFY_AFTER] = defaults[TARGET_NOTIFY_AFTER];
    if (!values[GROUP_CRITICAL].node)
        values[GROUP_CRITICAL] = draft->kind == KIND_INFRASTRUCTURE
                                     ? (config_value_t){.is_known = true, .integer = 1}
                                     : defaults[TARGET_CRITICAL];
}

static void add_group(const config_targets_work_t *work, const config_node_t *node,
                      config_groups_t *groups)
{
    config_section_t section;
    config_value_t values[GROUP_KEYS];
    draft_t draft = {.work = work, .node = node};
    config_read_section(work->reader, SECTION_GROUP, node, &section);
    if (!section.node)
        return; /* no map, which was told */
    draft.kind = section.values[GROUP_KIND].integer ? KIND_INFRASTRUCTURE : KIND_SERVICE;
    if (section.values[GROUP_LABELS].node)
        draft_push(&draft.labels, &section.values[GROUP_LABELS]);
    merge(&draft, &section, values);
    const config_value_t *for_each = &section.values[GROUP_FOR_EACH];
    bool is_fine =
        !for_each->node || (for_each->is_known && draft_read_variables(&draft, for_each));
    do {
        is_fine = is_fine && draft_is_room(&draft) && make(&draft, &section, values, groups);
    } while (is_fine && draft_turn(&draft));
    draft_clear_variables(&draft);
    config_section_clear(&section);
}

void config_groups_add(const config_targets_work_t *work, const config_node_t *node,
                       config_groups_t *groups)
{
    for (size_t i = 0; node && node->kind == NODE_LIST && i < node->n; i++)
        add_group(work, node->items[i], groups);
}
