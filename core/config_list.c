#include "core/config_list.h"

#include <stdlib.h>
#include <string.h>

static char *lines_of_target(const target_t *target, settings_use_t use)
{
    const char *settings = use == SETTINGS_SHOWN ? target->settings_shown : target->settings;
    text_t lines = {0};
    text_appendf(&lines, "kind: \"%s\"\n",
                 target->kind == KIND_SERVICE ? "service" : "infrastructure");
    if (target->type != PROBE_GROUP) {
        config_settings_text(&lines, "url", target->url, use);
        config_settings_text(&lines, "error_prefix", target->error_prefix, use);
    }
    text_appendf(&lines, "labels: %s\n", target->labels ? target->labels : "{}");
    text_append_string(&lines, settings ? settings : "");
    return text_take(&lines);
}

static config_item_t *add(config_list_t *self, const char *name)
{
    config_item_t *item = &self->items[self->n++];
    *item = (config_item_t){.name = strdup(name)};
    return item;
}

static bool is_whole(const config_item_t *item)
{
    return item->name && item->lines;
}

int config_list_of(const config_t *config, settings_use_t use, config_list_t *ret)
{
    const char *rest = use == SETTINGS_SHOWN ? config->settings_shown : config->settings;
    *ret = (config_list_t){.items = calloc(config->n_targets + 1, sizeof *ret->items)};
    if (!ret->items)
        return -1;
    config_item_t *item = add(ret, "");
    item->lines = strdup(rest ? rest : "");
    for (size_t i = 0; is_whole(item) && i < config->n_targets; i++) {
        if (config->targets[i].kind == KIND_NONE)
            continue;
        item = add(ret, config->targets[i].name);
        item->lines = lines_of_target(&config->targets[i], use);
    }
    if (is_whole(item))
        return 0;
    config_list_clear(ret);
    return -1;
}

void config_list_clear(config_list_t *self)
{
    for (size_t i = 0; i < self->n; i++) {
        free(self->items[i].name);
        free(self->items[i].lines);
    }
    free(self->items);
    *self = (config_list_t){.items = NULL};
}

void config_lines_to_json(text_t *json, const char *lines)
{
    bool is_first = true;
    while (*lines) {
        const char *colon = strstr(lines, ": ");
        const char *end = strchr(lines, '\n');
        if (!colon || !end || colon > end)
            return;
        text_append_string(json, is_first ? "\"" : ",\"");
        text_append(json, lines, (size_t)(colon - lines));
        text_append_string(json, "\":");
        text_append(json, colon + 2, (size_t)(end - colon - 2));
        is_first = false;
        lines = end + 1;
    }
}

const char *config_line_at(const char *lines, const char *key, size_t *ret_n)
{
    size_t n = strlen(key);
    while (*lines) {
        const char *end = strchr(lines, '\n');
        if (!end)
            return NULL;
        if (strncmp(lines, key, n) == 0 && lines[n] == ':' && lines[n + 1] == ' ') {
            *ret_n = (size_t)(end - lines) - n - 2;
            return lines + n + 2;
        }
        lines = end + 1;
    }
    return NULL;
}

void config_list_to_json(const config_list_t *self, const config_t *config, text_t *json)
{
    size_t n_targets = 0;
    text_append_string(json, "{\"file\":");
    if (config->file)
        text_append_json(json, config->file);
    else
        text_append_string(json, "null");
    text_append_string(json, ",\"variables\":");
    text_append_string(json, config->variable_keys ? config->variable_keys : "[]");
    text_append_string(json, ",\"settings\":{");
    config_lines_to_json(json, self->n > 0 ? self->items[0].lines : "");
    text_append_string(json, "},\"targets\":[");
    for (size_t i = 1; i < self->n; i++) {
        text_append_string(json, n_targets++ ? ",{\"name\":" : "{\"name\":");
        text_append_json(json, self->items[i].name);
        text_append_string(json, ",");
        config_lines_to_json(json, self->items[i].lines);
        text_append_string(json, "}");
    }
    text_append_string(json, "]}");
}
