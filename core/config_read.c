#include "core/config_read.h"

#include <stdlib.h>
#include <string.h>

#include "core/config_read_parts.h"
#include "core/config_text.h"
#include "core/nearest.h"
#include "core/scalar.h"

const char *const config_kind_names[] = {
    [NODE_SCALAR] = "a single value", [NODE_LIST] = "a list", [NODE_MAP] = "a map"};

void config_read_out_of_memory(const config_reader_t *reader)
{
    reader->faults->is_out_of_memory = true;
    reader->faults->n_faults++;
}

bool config_is_empty(const config_node_t *node)
{
    return node->kind == NODE_SCALAR && node->n_text == 0 && !node->is_quoted;
}

void config_add_word(char list[ALLOWED_BYTES], const char *word)
{
    size_t n = strlen(list);
    size_t n_word = strlen(word);
    if (n + n_word + 3 > ALLOWED_BYTES)
        return;
    if (n > 0) {
        list[n++] = ',';
        list[n++] = ' ';
    }
    memcpy(list + n, word, n_word + 1);
}

/* --- values --- */

/* A list of maps, or one map; either may be empty. */
static bool check_kind(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node)
{
    config_node_kind_t wanted = row->is_list ? NODE_LIST : NODE_MAP;
    if (node->kind == wanted || config_is_empty(node))
        return true;
    config_fault(reader->faults, node->place, "%s: %s is wanted here, not %s", row->key,
                 row->is_list ? "a list of maps" : "a map", config_kind_names[node->kind]);
    return false;
}

static bool read_nested(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, config_value_t *value)
{
    value->section = calloc(1, sizeof *value->section);
    if (value->section)
        config_read_section(reader, row->section, node, value->section);
    else
        config_read_out_of_memory(reader);
    return value->section;
}

static bool read_value(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, config_value_t *value)
{
    if (row->type == SCHEMA_MAP)
        return check_kind(reader, row, node) &&
               (!row->is_nested || read_nested(reader, row, node, value));
    if (row->type == SCHEMA_VARIABLES)
        return config_check_map(reader, row, node);
    if (row->type == SCHEMA_LABELS || row->type == SCHEMA_HEADERS)
        return config_read_labels(reader, row, node, value);
    if (row->type < SCHEMA_NAME)
        return config_read_scalar(reader, row, node, value);
    return config_read_texts(reader, row, node, value);
}

static void read_default(const config_reader_t *reader, const schema_key_t *row,
                         config_value_t *value)
{
    scalar_error_t error;
    if (!row->fallback)
        return;
    value->is_known = true;
    if (row->type == SCHEMA_CHOICE) {
        while (strcmp(row->choices[value->integer], row->fallback) != 0)
            value->integer++;
    } else if (row->type < SCHEMA_NAME) {
        (void)config_parse_number(row, row->fallback, value,
                                  &error); /* a test parses each of them */
    } else if (config_make_room(reader, 1, value) == 0) {
        value->texts[0] = strdup(row->fallback);
        value->n_texts = value->texts[0] ? 1 : 0;
        if (!value->texts[0])
            config_read_out_of_memory(reader);
    }
}

/* --- maps --- */

/* A key that no row has: with the nearest one, and all that are allowed. */
static void refuse_key(const config_reader_t *reader, const schema_key_t *rows, size_t n_rows,
                       const config_node_t *key)
{
    nearest_t nearest = {.word = key->text, .n = key->n_text};
    char allowed[ALLOWED_BYTES] = "";
    for (size_t i = 0; i < n_rows; i++) {
        nearest_offer(&nearest, rows[i].key);
        config_add_word(allowed, rows[i].key);
    }
    char shown[SHOWN_BYTES];
    config_show_value(key->text, shown, sizeof shown);
    if (nearest.nearest)
        config_fault(reader->faults, key->place,
                     "\"%s\" is not known here; did you mean \"%s\"? Allowed are %s", shown,
                     nearest.nearest, allowed);
    else
        config_fault(reader->faults, key->place, "\"%s\" is not known here; allowed are %s", shown,
                     allowed);
}

static size_t row_of(const schema_key_t *rows, size_t n_rows, const char *key)
{
    size_t i = 0;
    while (i < n_rows && strcmp(rows[i].key, key) != 0)
        i++;
    return i;
}

static void read_pair(const config_reader_t *reader, schema_section_t section,
                      const config_node_t *key, const config_node_t *node, config_section_t *ret)
{
    size_t n_rows;
    const schema_key_t *rows = schema_keys(section, &n_rows);
    size_t i = row_of(rows, n_rows, key->text);
    if (i == n_rows) {
        refuse_key(reader, rows, n_rows, key);
        return;
    }
    if (rows[i].is_main_only && !reader->is_main) {
        config_fault(reader->faults, key->place,
                     "\"%s\" may stand in the main file alone, not in an included one", key->text);
        return;
    }
    config_value_t *value = &ret->values[i];
    if (value->node)
        return; /* a key that is there twice, which was told */
    value->key = key;
    value->node = node;
    value->is_known = read_value(reader, &rows[i], node, value);
}

/* Whether texts of SECTION may hold variables of a for_each: what targets are made of. */
static bool takes_variables(schema_section_t section)
{
    static const bool is_plain[SECTION_COUNT] = {
        [SECTION_ROOT] = true,           [SECTION_INSTANCE] = true,
        [SECTION_PROBING] = true,        [SECTION_SYSTEM] = true,
        [SECTION_FLAP_DETECTION] = true, [SECTION_CONNECTIVITY] = true,
        [SECTION_ALERTING] = true,       [SECTION_BUS] = true,
        [SECTION_PUBLISH] = true,        [SECTION_GATEWAY] = true,
        [SECTION_LOGGING] = true,
    };
    return !is_plain[section];
}

void config_read_section(const config_reader_t *of_file, schema_section_t section,
                         const config_node_t *node, config_section_t *ret)
{
    config_reader_t own = *of_file;
    const config_reader_t *reader = &own;
    own.takes_variables = takes_variables(section);
    *ret = (config_section_t){.node = node};
    size_t n_rows;
    const schema_key_t *rows = schema_keys(section, &n_rows);
    if (node && node->kind != NODE_MAP && !config_is_empty(node)) {
        config_fault(reader->faults, node->place, "a map is wanted here, not %s",
                     config_kind_names[node->kind]);
        ret->node = node = NULL;
    }
    if (node && node->kind == NODE_MAP) {
        for (size_t i = 0; i < node->n; i++)
            read_pair(reader, section, node->items[2 * i], node->items[2 * i + 1], ret);
    }
    for (size_t i = 0; i < n_rows; i++) {
        config_value_t *value = &ret->values[i];
        if (value->node)
            continue;
        if (rows[i].is_required && node)
            config_fault(reader->faults, node->place, "\"%s\" is missing", rows[i].key);
        read_default(reader, &rows[i], value);
    }
}

void config_section_clear(config_section_t *section)
{
    for (size_t i = 0; i < SCHEMA_KEYS_MAX; i++) {
        config_value_t *value = &section->values[i];
        for (size_t j = 0; j < value->n_texts; j++)
            free(value->texts[j]);
        free(value->texts);
        free(value->text_nodes);
        free(value->name_nodes);
        if (value->section)
            config_section_clear(value->section);
        free(value->section);
    }
    *section = (config_section_t){0};
}
