#include "core/config_settings.h"

#include <string.h>
#include <strings.h>

#include "core/group.h"

/* Bytes of a URL that are shown. */
#define URL_SHOWN_BYTES 4096

/* Words in the names of keys whose values nobody is shown. */
static const char *const secret_words[] = {"password",      "token",      "secret",  "bearer",
                                           "authorization", "cookie",     "header",  "body",
                                           "api_key",       "credential", "dialogue"};

static bool is_secret_key(const char *key)
{
    for (size_t i = 0; i < sizeof secret_words / sizeof secret_words[0]; i++) {
        if (strcasestr(key, secret_words[i]))
            return true;
    }
    return strcmp(key, "send") == 0; /* what is said to a service may be a password */
}

/* STRING as JSON; of a URL with a password only what may be shown. */
static void append_string(text_t *text, const char *string, settings_use_t use)
{
    const char *scheme = strstr(string, "://");
    if (use == SETTINGS_SHOWN && scheme && strchr(scheme, '@')) {
        char shown[URL_SHOWN_BYTES];
        config_show_value(string, shown, sizeof shown);
        text_append_json(text, shown);
        return;
    }
    text_append_json(text, string);
}

static void append_node(text_t *text, const config_node_t *node, settings_use_t use)
{
    const char *close = node->kind == NODE_LIST ? "]" : "}";
    if (node->kind == NODE_SCALAR) {
        append_string(text, node->text, use);
        return;
    }
    text_append_string(text, node->kind == NODE_LIST ? "[" : "{");
    for (size_t i = 0; i < node->n; i++) {
        const config_node_t *item = node->items[node->kind == NODE_MAP ? 2 * i + 1 : i];
        text_append_string(text, i ? "," : "");
        if (node->kind == NODE_MAP) {
            text_append_json(text, node->items[2 * i]->text);
            text_append_string(text, ":");
            if (use == SETTINGS_SHOWN && is_secret_key(node->items[2 * i]->text)) {
                text_append_json(text, CONFIG_SECRET_SHOWN);
                continue;
            }
        }
        append_node(text, item, use);
    }
    text_append_string(text, close);
}

/* Whether a layer above LAYER is a map that has KEY too. */
static bool is_overruled(const config_node_t *const *layers, size_t n, size_t layer,
                         const char *key)
{
    for (size_t i = layer + 1; i < n; i++) {
        if (config_node_at(layers[i], key))
            return true;
    }
    return false;
}

static void append_merged(text_t *text, const config_node_t *const *layers, size_t n,
                          settings_use_t use)
{
    size_t n_pairs = 0;
    text_append_string(text, "{");
    for (size_t layer = 0; layer < n; layer++) {
        const config_node_t *map = layers[layer];
        for (size_t i = 0; map->kind == NODE_MAP && i < map->n; i++) {
            const char *key = map->items[2 * i]->text;
            if (is_overruled(layers, n, layer, key))
                continue;
            text_append_string(text, n_pairs++ ? "," : "");
            text_append_json(text, key);
            text_append_string(text, ":");
            if (use == SETTINGS_SHOWN && is_secret_key(key))
                text_append_json(text, CONFIG_SECRET_SHOWN);
            else
                append_node(text, map->items[2 * i + 1], use);
        }
    }
    text_append_string(text, "}");
}

static void append_texts(text_t *text, const schema_key_t *row, const config_value_t *value,
                         settings_use_t use)
{
    if (!row->is_list) {
        append_string(text, value->texts[0], use);
        return;
    }
    for (size_t i = 0; i < value->n_texts; i++) {
        text_append_string(text, i ? "," : "[");
        append_string(text, value->texts[i], use);
    }
    text_append_string(text, "]");
}

static void append_number(text_t *text, const schema_key_t *row, const config_value_t *value)
{
    char number[64];
    bool is_real = row->type == SCHEMA_RATIO || row->type == SCHEMA_FACTOR;
    schema_number_text(row->type, is_real ? value->real : (double)value->integer, number,
                       sizeof number);
    if (row->type == SCHEMA_RULE && value->window != GROUP_AT_LEAST) {
        text_append_json(text, group_rule_name((group_rule_t)value->window));
        return;
    }
    if (row->type == SCHEMA_THRESHOLD && value->window > 0) {
        text_appendf(text, "\"%s of %lld\"", number, (long long)value->window);
        return;
    }
    if (row->type == SCHEMA_COUNT || row->type == SCHEMA_THRESHOLD)
        text_append_string(text, number);
    else
        text_append_json(text, number);
}

/* The JSON text of VALUE, which ROW describes; LAYERS are N nodes, the weakest first. */
static void append_value(text_t *text, const schema_key_t *row, const config_value_t *value,
                         const config_node_t *const *layers, size_t n, settings_use_t use)
{
    if (use == SETTINGS_SHOWN && value->node &&
        (row->type == SCHEMA_TOKEN || (row->type != SCHEMA_MAP && is_secret_key(row->key)))) {
        text_append_json(text, CONFIG_SECRET_SHOWN);
        return;
    }
    bool is_number = row->type == SCHEMA_DURATION || row->type == SCHEMA_SIZE ||
                     row->type == SCHEMA_COUNT || row->type == SCHEMA_RATIO ||
                     row->type == SCHEMA_THRESHOLD || row->type == SCHEMA_FACTOR ||
                     row->type == SCHEMA_RULE;
    if (row->type == SCHEMA_BOOLEAN)
        text_append_string(text, value->integer ? "true" : "false");
    else if (row->type == SCHEMA_CHOICE)
        text_append_json(text, row->choices[value->integer]);
    else if (is_number && value->is_known)
        append_number(text, row, value);
    else if (n > 0 && layers[n - 1]->kind == NODE_MAP)
        append_merged(text, layers, n, use);
    else if (value->n_texts > 0)
        append_texts(text, row, value, use);
    else if (value->node)
        append_node(text, value->node, use);
    else if (row->fallback)
        text_append_json(text, row->fallback);
    else
        text_append_string(text, "null");
}

void config_settings_text(text_t *lines, const char *key, const char *text, settings_use_t use)
{
    text_append_string(lines, key);
    text_append_string(lines, ": ");
    if (text)
        append_string(lines, text, use);
    else
        text_append_string(lines, "null");
    text_append_string(lines, "\n");
}

void config_settings_value(text_t *text, const schema_key_t *row, const config_value_t *value,
                           settings_use_t use)
{
    append_value(text, row, value, &value->node, value->node ? 1 : 0, use);
}

void config_settings_node(text_t *text, const char *key, const config_node_t *node,
                          settings_use_t use)
{
    if (use == SETTINGS_SHOWN && is_secret_key(key))
        text_append_json(text, CONFIG_SECRET_SHOWN);
    else
        append_node(text, node, use);
}

void config_settings_string(text_t *text, const char *string, settings_use_t use)
{
    append_string(text, string, use);
}

/* --- a target --- */

static bool is_own_line(size_t key)
{
    return key == TARGET_NAME || key == TARGET_URL || key == TARGET_ERROR_PREFIX ||
           key == TARGET_LABELS;
}

char *config_settings_of_target(const config_value_t *values, const config_section_t *const *layers,
                                size_t n, settings_use_t use)
{
    text_t lines = {0};
    size_t n_rows;
    const schema_key_t *rows = schema_keys(SECTION_TEMPLATE, &n_rows);
    for (size_t key = 0; key < n_rows; key++) {
        const config_node_t *nodes[CONFIG_LAYERS_MAX];
        size_t n_nodes = 0;
        if (is_own_line(key))
            continue;
        for (size_t i = 0; i < n && n_nodes < CONFIG_LAYERS_MAX; i++) {
            if (layers[i]->values[key].node)
                nodes[n_nodes++] = layers[i]->values[key].node;
        }
        text_append_string(&lines, rows[key].key);
        text_append_string(&lines, ": ");
        append_value(&lines, &rows[key], &values[key], nodes, n_nodes, use);
        text_append_string(&lines, "\n");
    }
    return text_take(&lines);
}

/* --- the rest --- */

static void append_endpoints(text_t *lines, const config_t *config, settings_use_t use)
{
    text_append_string(lines, "publish.endpoints: [");
    for (size_t i = 0; i < config->n_publish; i++) {
        text_append_string(lines, i ? "," : "");
        append_string(lines, config->publish[i], use);
    }
    text_append_string(lines, "]\n");
}

/* Appends the line of a key that a variable may override; false where it is none of them. */
static bool append_overridable(text_t *lines, schema_section_t section, size_t key,
                               const config_t *config, settings_use_t use)
{
    const struct {
        schema_section_t section;
        size_t key;
        const char *name;
        const char *text;
    } rows[] = {
        {SECTION_BUS, BUS_URL, "bus.url", config->redis_url},
        {SECTION_GATEWAY, GATEWAY_LISTEN, "gateway.listen", config->listen},
        {SECTION_GATEWAY, GATEWAY_TOKEN, "gateway.token",
         config->token && use == SETTINGS_SHOWN ? CONFIG_SECRET_SHOWN : config->token},
        {SECTION_INSTANCE, INSTANCE_STATE_DIR, "instance.state_dir", config->state_dir},
        {SECTION_LOGGING, LOGGING_LEVEL, "logging.level", log_level_name(config->log_level)},
        {SECTION_LOGGING, LOGGING_FORMAT, "logging.format", config->log_is_json ? "json" : "text"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].section != section || rows[i].key != key)
            continue;
        config_settings_text(lines, rows[i].name, rows[i].text, use);
        return true;
    }
    if (section != SECTION_PUBLISH || key != PUBLISH_ENDPOINTS)
        return false;
    append_endpoints(lines, config, use);
    return true;
}

/* The lines of one map of the main file, whose key is NAME. */
static void append_section(text_t *lines, const char *name, schema_section_t at,
                           const config_section_t *section, const config_t *config,
                           settings_use_t use)
{
    size_t n;
    const schema_key_t *rows = schema_keys(at, &n);
    for (size_t key = 0; key < n; key++) {
        const config_value_t *value = &section->values[key];
        if (append_overridable(lines, at, key, config, use))
            continue;
        text_appendf(lines, "%s.%s: ", name, rows[key].key);
        append_value(lines, &rows[key], value, &value->node, value->node ? 1 : 0, use);
        text_append_string(lines, "\n");
    }
}

/* Keys of the whole file that tell of targets, or of where they stand. */
static bool is_about_targets(size_t key)
{
    return key == ROOT_VERSION || key == ROOT_DEFAULTS || key == ROOT_TEMPLATES ||
           key == ROOT_SERVICES || key == ROOT_INFRASTRUCTURE || key == ROOT_TARGETS ||
           key == ROOT_GROUPS || key == ROOT_INCLUDE;
}

char *config_settings_of_rest(const config_section_t *root, const config_section_t *sections,
                              const config_t *config, settings_use_t use)
{
    text_t lines = {0};
    size_t n;
    const schema_key_t *rows = schema_keys(SECTION_ROOT, &n);
    char interval[64];
    schema_number_text(SCHEMA_DURATION, config->check_interval_ms, interval, sizeof interval);
    config_settings_text(&lines, "defaults.check_interval", interval, use);
    for (size_t key = 0; key < n; key++) {
        const config_value_t *value = &root->values[key];
        if (is_about_targets(key))
            continue;
        if (rows[key].type == SCHEMA_MAP && !rows[key].is_list) {
            append_section(&lines, rows[key].key, rows[key].section, &sections[rows[key].section],
                           config, use);
            continue;
        }
        text_appendf(&lines, "%s: ", rows[key].key);
        append_value(&lines, &rows[key], value, &value->node, value->node ? 1 : 0, use);
        text_append_string(&lines, "\n");
    }
    return text_take(&lines);
}
