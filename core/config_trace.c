#include "core/config_trace.h"

#include <stdlib.h>
#include <string.h>

#include "core/config_list.h"
#include "core/config_settings.h"

/* A row with KEY and VALUE, both of which it empties. NODE is where it stands; NULL: built in. */
static void add(config_trace_t *self, text_t *key, text_t *value, const config_node_t *node)
{
    config_trace_row_t row = {
        .key = text_take(key), .value = text_take(value), .is_built_in = !node};
    if (node)
        row.place = node->place;
    if (self->n_rows == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 32;
        config_trace_row_t *rows = realloc(self->rows, capacity * sizeof *rows);
        if (rows) {
            self->rows = rows;
            self->capacity = capacity;
        }
    }
    if (!row.key || !row.value || self->n_rows == self->capacity) {
        self->is_out_of_memory = true;
        free(row.key);
        free(row.value);
        return;
    }
    self->rows[self->n_rows++] = row;
}

static void add_text(config_trace_t *self, const char *name, const char *text,
                     const config_node_t *node)
{
    text_t key = {0};
    text_t value = {0};
    text_append_string(&key, name);
    config_settings_string(&value, text, SETTINGS_SHOWN);
    add(self, &key, &value, node);
}

/* Whether a layer above LAYER has NAME in its map at KEY too. */
static bool is_overruled(const config_origin_t *origin, size_t layer, size_t key, const char *name)
{
    for (size_t i = layer + 1; i < origin->n; i++) {
        const config_node_t *map = origin->layers[i]->values[key].node;
        if (map && config_node_at(map, name))
            return true;
    }
    return false;
}

/* The names of the map at KEY, each from the strongest layer that has it. */
static void add_map(config_trace_t *self, const config_origin_t *origin, size_t key,
                    const schema_key_t *row)
{
    for (size_t layer = 0; layer < origin->n; layer++) {
        const config_node_t *map = origin->layers[layer]->values[key].node;
        for (size_t i = 0; map && map->kind == NODE_MAP && i < map->n; i++) {
            const config_node_t *name = map->items[2 * i];
            if (is_overruled(origin, layer, key, name->text))
                continue;
            text_t path = {0};
            text_t value = {0};
            text_appendf(&path, "%s.%s", row->key, name->text);
            config_settings_node(&value, name->text, map->items[2 * i + 1], SETTINGS_SHOWN);
            add(self, &path, &value, name);
        }
    }
}

static void add_value(config_trace_t *self, const config_origin_t *origin, size_t key,
                      const schema_key_t *row)
{
    text_t name = {0};
    text_t value = {0};
    const config_value_t *given = &origin->values[key];
    text_append_string(&name, row->key);
    config_settings_value(&value, row, given, SETTINGS_SHOWN);
    add(self, &name, &value, given->node);
}

void config_trace_target(config_trace_t *self, const config_origin_t *origin,
                         const target_t *target)
{
    if (strcmp(target->name, self->target) != 0)
        return;
    size_t n;
    const schema_key_t *rows = schema_keys(SECTION_TEMPLATE, &n);
    self->is_found = true;
    add_text(self, "name", target->name, origin->values[TARGET_NAME].node);
    add_text(self, "kind", target->kind == KIND_SERVICE ? "service" : "infrastructure",
             origin->node);
    add_text(self, "url", target->url, origin->values[TARGET_URL].node);
    add_text(self, "error_prefix", target->error_prefix, origin->values[TARGET_ERROR_PREFIX].node);
    for (size_t key = 0; key < n; key++) {
        if (key == TARGET_NAME || key == TARGET_URL || key == TARGET_ERROR_PREFIX)
            continue;
        if (rows[key].type == SCHEMA_MAP || rows[key].type == SCHEMA_LABELS)
            add_map(self, origin, key, &rows[key]);
        else if (origin->values[key].node || origin->values[key].is_known)
            add_value(self, origin, key, &rows[key]);
    }
}

/* The members as for_each made them, which the target's settings have. */
static void add_members(config_trace_t *self, const config_value_t *given, const target_t *target)
{
    size_t n_line = 0;
    const char *line = config_line_at(target->settings_shown, "members", &n_line);
    text_t name = {0};
    text_t value = {0};
    text_append_string(&name, "members");
    text_append(&value, line ? line : "[]", line ? n_line : 2);
    add(self, &name, &value, given->node);
}

void config_trace_group(config_trace_t *self, const config_node_t *node,
                        const config_value_t *values, const target_t *target)
{
    if (strcmp(target->name, self->target) != 0)
        return;
    size_t n;
    const schema_key_t *rows = schema_keys(SECTION_GROUP, &n);
    const config_section_t section = {.values[GROUP_LABELS] = values[GROUP_LABELS]};
    const config_section_t *const layers[] = {&section};
    const config_origin_t origin = {.node = node, .values = values, .layers = layers, .n = 1};
    self->is_found = true;
    add_text(self, "name", target->name, values[GROUP_NAME].node);
    for (size_t key = GROUP_MEMBERS; key < n; key++) {
        if (key == GROUP_MEMBERS)
            add_members(self, &values[key], target);
        else if (rows[key].type == SCHEMA_LABELS)
            add_map(self, &origin, key, &rows[key]);
        else if (rows[key].type != SCHEMA_VARIABLES)
            add_value(self, &origin, key, &rows[key]);
    }
}

void config_trace_clear(config_trace_t *self)
{
    for (size_t i = 0; i < self->n_rows; i++) {
        free(self->rows[i].key);
        free(self->rows[i].value);
        free(self->rows[i].from);
    }
    free(self->rows);
    *self = (config_trace_t){.target = NULL};
}
