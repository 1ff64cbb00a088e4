#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "core/alert_component.h"
#include "core/config_draft.h"
#include "core/config_settings.h"
#include "core/config_text.h"
#include "core/nearest.h"
#include "core/text.h"

/* Component of the system's own alerts, which no target may be called. */
#define SYSTEM_NAME "system"

static const schema_key_t *row_of(size_t key)
{
    size_t n;
    return &schema_keys(SECTION_TARGET, &n)[key];
}

/* The text of KEY for the combination under way; NULL where it is not given or has a fault. */
static char *text_at(const draft_t *draft, size_t key)
{
    return draft_text(draft, row_of(key), &draft->values[key]);
}

/* --- layers --- */

/* Puts the values of SECTION that are given over those of the draft. */
static void put_over(draft_t *draft, const config_section_t *section, size_t n_keys)
{
    draft->sections[draft->n_sections++] = section;
    for (size_t i = 0; i < n_keys; i++) {
        const config_value_t *value = &section->values[i];
        if (!value->node)
            continue;
        if (i == TARGET_LABELS)
            draft_push(&draft->labels, value);
        draft->values[i] = *value;
    }
    draft_put_check_over(draft, section);
}

static const config_section_t *template_of(const draft_t *draft, const char *name)
{
    const config_targets_work_t *work = draft->work;
    for (size_t i = 0; i < work->n_templates; i++) {
        const config_value_t *value = &work->templates[i].values[TARGET_NAME];
        if (value->n_texts == 0 || strcmp(value->texts[0], name) != 0)
            continue;
        work->is_used[i] = true;
        return &work->templates[i];
    }
    return NULL;
}

static void refuse_template(const draft_t *draft, const config_node_t *node, const char *name)
{
    const config_targets_work_t *work = draft->work;
    nearest_t nearest = {.word = name, .n = strlen(name)};
    for (size_t i = 0; i < work->n_templates; i++) {
        const config_value_t *value = &work->templates[i].values[TARGET_NAME];
        if (value->n_texts > 0)
            nearest_offer(&nearest, value->texts[0]);
    }
    char shown[160];
    config_show_value(name, shown, sizeof shown);
    if (nearest.nearest)
        config_fault(work->reader->faults, node->place,
                     "template: there is no template \"%s\"; did you mean \"%s\"?", shown,
                     nearest.nearest);
    else
        config_fault(work->reader->faults, node->place, "template: there is no template \"%s\"",
                     shown);
}

static void merge(draft_t *draft, const config_section_t *target)
{
    const config_section_t *defaults = draft->work->defaults;
    draft->sections[draft->n_sections++] = defaults;
    for (size_t i = 0; i < DEFAULTS_KEYS; i++)
        draft->values[i] = defaults->values[i];
    draft_put_check_over(draft, defaults);
    if (draft->kind == KIND_INFRASTRUCTURE) /* defaults speak of services here */
        draft->values[TARGET_CRITICAL] = (config_value_t){.is_known = true, .integer = 1};
    const config_value_t *names = &target->values[TARGET_TEMPLATE];
    for (size_t i = 0; i < names->n_texts; i++) {
        const config_section_t *template = template_of(draft, names->texts[i]);
        if (template)
            put_over(draft, template, TEMPLATE_KEYS);
        else
            refuse_template(draft, names->text_nodes[i], names->texts[i]);
    }
    put_over(draft, target, TEMPLATE_KEYS);
    draft->values[TARGET_NAME] = target->values[TARGET_NAME];
}

/* --- for_each --- */

bool draft_read_variables(draft_t *draft, const config_value_t *for_each)
{
    const config_reader_t *reader = draft->work->reader;
    const config_node_t *map = for_each->node;
    for (size_t i = 0; i < map->n; i++) {
        const config_node_t *list = map->items[2 * i + 1];
        config_node_t *const *items = NULL;
        size_t n = list->kind == NODE_LIST ? config_items(list, &items) : 1;
        variable_t *variable = &draft->variables[draft->n_variables];
        if (n == 0) {
            config_fault(reader->faults, list->place, "for_each: the list is empty");
            return false;
        }
        variable->name = map->items[2 * i]->text;
        variable->values = calloc(n, sizeof(char *));
        if (!variable->values) {
            draft_out_of_memory(draft);
            return false;
        }
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): clear_variables frees what is counted here */
        draft->n_variables++;
        for (size_t j = 0; j < n; j++) {
            variable->values[j] = config_read_text(reader, "for_each", items ? items[j] : list);
            if (!variable->values[j])
                return false;
            variable->n_values++;
        }
    }
    return true;
}

void draft_clear_variables(draft_t *draft)
{
    for (size_t i = 0; i < draft->n_variables; i++) {
        for (size_t j = 0; j < draft->variables[i].n_values; j++)
            free(draft->variables[i].values[j]);
        free(draft->variables[i].values);
    }
}

bool draft_turn(draft_t *draft)
{
    for (size_t i = draft->n_variables; i > 0; i--) {
        variable_t *variable = &draft->variables[i - 1];
        if (++variable->at < variable->n_values)
            return true;
        variable->at = 0;
    }
    return false;
}

/* --- one target --- */

/* Whether a layer above LAYER has the label NAME too. */
static bool is_overruled(const draft_t *draft, size_t layer, const char *name)
{
    for (size_t i = layer + 1; i < draft->labels.n; i++) {
        for (size_t j = 0; j < draft->labels.layers[i]->n_texts; j++) {
            if (strcmp(draft->labels.layers[i]->name_nodes[j]->text, name) == 0)
                return true;
        }
    }
    return false;
}

char *draft_labels(const draft_t *draft)
{
    text_t json = {0};
    size_t n_labels = 0;
    for (size_t i = 0; i < draft->labels.n; i++) {
        const config_value_t *layer = draft->labels.layers[i];
        for (size_t j = 0; j < layer->n_texts; j++) {
            const char *name = layer->name_nodes[j]->text;
            if (is_overruled(draft, i, name))
                continue;
            char *value = draft_expand(draft, row_of(TARGET_LABELS)->key, layer->text_nodes[j],
                                       layer->texts[j]);
            text_append_string(&json, n_labels++ ? "," : "{");
            text_append_json(&json, name);
            text_append_string(&json, ":");
            text_append_json(&json, value ? value : "");
            free(value);
        }
    }
    if (n_labels == 0)
        return NULL;
    text_append_string(&json, "}");
    if (json.size > LABELS_MAX_BYTES)
        config_fault(draft->work->reader->faults, draft->node->place,
                     "labels: more than %zu bytes in all", LABELS_MAX_BYTES);
    char *text = text_take(&json);
    if (!text)
        draft_out_of_memory(draft);
    return text;
}

static uint32_t number_of(const draft_t *draft, size_t key)
{
    return (uint32_t)draft->values[key].integer;
}

static const char *prefix_of(const target_t *target)
{
    if (target->kind == KIND_SERVICE)
        return "";
    return probe_type_row(target->type)->error_prefix;
}

/* The lines of the settings; NULL: out of memory. They are the same for each combination. */
static const char *settings_of(const draft_t *draft, settings_use_t use)
{
    char *lines = config_settings_of_target(draft->values, draft->sections, draft->n_sections, use);
    const char *kept = text_pool_keep(draft->work->pool, &lines);
    if (!kept)
        draft_out_of_memory(draft);
    return kept;
}

static void fill(draft_t *draft, target_t *target)
{
    target->kind = draft->kind;
    target->type = target->url ? probe_type_of_url(target->url) : PROBE_HTTP;
    if (target->type == PROBE_TYPE_COUNT)
        target->type = PROBE_HTTP; /* the URL was refused */
    target->is_critical = draft->values[TARGET_CRITICAL].integer != 0;
    target->is_spread = draft->values[TARGET_SPREAD].integer != 0;
    target->status_rule = (status_rule_t)draft->values[TARGET_STATUS_RULE].integer;
    target->check_interval_ms = number_of(draft, TARGET_CHECK_INTERVAL);
    target->timeout_ms = number_of(draft, TARGET_TIMEOUT);
    target->retry_interval_ms = number_of(draft, TARGET_RETRY_INTERVAL);
    target->failure_threshold = number_of(draft, TARGET_FAILURE_THRESHOLD);
    target->failure_window = (uint32_t)draft->values[TARGET_FAILURE_THRESHOLD].window;
    target->success_threshold = number_of(draft, TARGET_SUCCESS_THRESHOLD);
    target->success_window = (uint32_t)draft->values[TARGET_SUCCESS_THRESHOLD].window;
    if (!target_is_probed(target)) { /* what comes by itself comes once */
        target->failure_threshold = target->success_threshold = 1;
        target->failure_window = target->success_window = 0;
    }
    target->notify_after_ms = number_of(draft, TARGET_NOTIFY_AFTER);
    target->jitter_ratio = draft->values[TARGET_JITTER].real;
    target->labels = draft_labels(draft);
    draft_fill_check(draft, target);
    target->error_prefix = text_at(draft, TARGET_ERROR_PREFIX);
    if (!target->error_prefix)
        target->error_prefix = strdup(prefix_of(target));
    if (!target->error_prefix)
        draft_out_of_memory(draft);
    target->settings = draft->settings;
    target->settings_shown = draft->settings_shown;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name);
    size_t n_suffix = strlen(suffix);
    return n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0;
}

/* A name that ends as that of an alert about another target would be taken for it. */
bool draft_is_reserved(const char *name)
{
    return strcmp(name, EMERGENCY_STOP) == 0 || strcmp(name, SYSTEM_NAME) == 0 ||
           ends_with(name, FLAPPING_SUFFIX) || ends_with(name, CERTIFICATE_SUFFIX) ||
           alert_component_is_own(name);
}

void draft_keep(const draft_t *draft, target_t *target, config_place_t place)
{
    config_targets_t *list = &draft->work->of_kind[target->kind];
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        target_t *targets = realloc(list->targets, capacity * sizeof *targets);
        if (targets)
            list->targets = targets;
        config_place_t *places = realloc(list->places, capacity * sizeof *places);
        if (places)
            list->places = places;
        if (!targets || !places) {
            draft_out_of_memory(draft);
            target_clear(target);
            return;
        }
        list->capacity = capacity;
    }
    list->targets[list->n] = *target;
    list->places[list->n++] = place;
}

/* Makes the target of the combination under way; false where it has a fault of its own. */
static bool make(draft_t *draft)
{
    config_faults_t *faults = draft->work->reader->faults;
    size_t n_before = faults->n_faults;
    const config_value_t *name = &draft->values[TARGET_NAME];
    target_t target = {.name = text_at(draft, TARGET_NAME), .url = text_at(draft, TARGET_URL)};
    if (target.name && draft_is_reserved(target.name))
        config_fault(faults, name->text_nodes[0]->place,
                     "name: \"%s\" is the name of what healthd itself watches", target.name);
    if (!draft->values[TARGET_URL].node)
        config_fault(faults, draft->node->place,
                     "\"url\" is missing, here and in the target's templates");
    bool is_left_out = target.url && config_text_is_none(target.url);
    if (!is_left_out)
        fill(draft, &target);
    bool is_fine = faults->n_faults == n_before && target.name;
    if (is_fine && !is_left_out && target.url && draft->work->trace) {
        const config_origin_t origin = {.node = draft->node,
                                        .values = draft->values,
                                        .layers = draft->sections,
                                        .n = draft->n_sections};
        config_trace_target(draft->work->trace, &origin, &target);
    }
    if (is_fine && !is_left_out)
        draft_keep(draft, &target, name->text_nodes[0]->place);
    else
        target_clear(&target);
    return is_fine;
}

bool draft_is_room(const draft_t *draft)
{
    const config_targets_t *of_kind = draft->work->of_kind;
    if (of_kind[KIND_SERVICE].n + of_kind[KIND_INFRASTRUCTURE].n < TARGETS_MAX - 1)
        return true;
    config_fault(draft->work->reader->faults, draft->node->place, "more than %d targets in all",
                 TARGETS_MAX - 1);
    return false;
}

/* What is legal and foolish. */
static void warn(const draft_t *draft)
{
    const config_value_t *retry = &draft->values[TARGET_RETRY_INTERVAL];
    bool has_unconfirmed = number_of(draft, TARGET_FAILURE_THRESHOLD) > 1 ||
                           number_of(draft, TARGET_SUCCESS_THRESHOLD) > 1;
    if (retry->node && has_unconfirmed && retry->is_known &&
        retry->integer >= draft->values[TARGET_CHECK_INTERVAL].integer)
        config_warn(draft->work->reader->faults, retry->node->place,
                    "retry_interval is not shorter than check_interval and changes nothing");
}

static void add_target(const config_targets_work_t *work, const config_node_t *node,
                       target_kind_t kind)
{
    config_section_t section;
    draft_t draft = {.work = work, .node = node, .kind = kind};
    config_read_section(work->reader, SECTION_TARGET, node, &section);
    if (!section.node)
        return; /* no map, which was told */
    const config_value_t *said = &section.values[TARGET_KIND];
    if (kind == KIND_NONE)
        draft.kind = said->integer ? KIND_INFRASTRUCTURE : KIND_SERVICE;
    else if (said->node)
        config_fault(work->reader->faults, said->key->place,
                     "\"kind\" stands only below \"targets\"; this list says it already");
    draft_begin_check(&draft);
    merge(&draft, &section);
    draft.settings = settings_of(&draft, SETTINGS_WHOLE);
    draft.settings_shown = settings_of(&draft, SETTINGS_SHOWN);
    const config_value_t *for_each = &section.values[TARGET_FOR_EACH];
    bool is_fine =
        !for_each->node || (for_each->is_known && draft_read_variables(&draft, for_each));
    warn(&draft);
    do {
        is_fine = is_fine && draft_is_room(&draft) && make(&draft);
    } while (is_fine &&
             draft_turn(&draft)); /* a fault of one combination is most likely one of all */
    draft_clear_variables(&draft);
    draft_clear_check(&draft);
    config_section_clear(&section);
}

void config_targets_add(const config_targets_work_t *work, const config_node_t *node,
                        target_kind_t kind)
{
    for (size_t i = 0; node && node->kind == NODE_LIST && i < node->n; i++)
        add_target(work, node->items[i], kind);
}

void config_targets_clear(config_targets_t *targets)
{
    for (size_t i = 0; i < targets->n; i++)
        target_clear(&targets->targets[i]);
    free(targets->targets);
    free(targets->places);
    *targets = (config_targets_t){.n = 0};
}
