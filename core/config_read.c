#include "core/config_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/config_text.h"
#include "core/nearest.h"
#include "core/scalar.h"
#include "core/target.h"

/* Bytes of a value that a fault shows, and of what it says is allowed, with their NULs. */
enum { SHOWN_BYTES = 160, ALLOWED_BYTES = 1024 };

static const char *const kind_names[] = {
    [NODE_SCALAR] = "a single value", [NODE_LIST] = "a list", [NODE_MAP] = "a map"};

static void out_of_memory(const config_reader_t *reader)
{
    reader->faults->is_out_of_memory = true;
    reader->faults->n_faults++;
}

static bool is_empty(const config_node_t *node)
{
    return node->kind == NODE_SCALAR && node->n_text == 0 && !node->is_quoted;
}

size_t config_items(const config_node_t *node, config_node_t *const **ret)
{
    if (node->kind != NODE_LIST || node->n == 0) {
        *ret = NULL;
        return 0;
    }
    *ret = node->items;
    return node->n;
}

bool config_has_variable(const char *text)
{
    return strstr(text, "{{") != NULL;
}

/* --- what is allowed --- */

/* " from 1s to 1d" where the row has a range. */
static void range_text(const schema_key_t *row, char *text, size_t size)
{
    char least[32];
    char most[32];
    schema_number_text(row->type, row->least, least, sizeof least);
    schema_number_text(row->type, row->most, most, sizeof most);
    if (row->least == row->most)
        (void)snprintf(text, size, "%s", least);
    else
        (void)snprintf(text, size, "%s to %s", least, most);
}

/* Adds WORD to the words in LIST, with a comma between; one that has no room is left out. */
static void add_word(char list[ALLOWED_BYTES], const char *word)
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

static void refuse(const config_reader_t *reader, const schema_key_t *row,
                   const config_node_t *node, const char *text, const char *allowed)
{
    char shown[SHOWN_BYTES];
    config_show_value(text, shown, sizeof shown);
    config_place_t place = node->place;
    if (row->type == SCHEMA_TOKEN || row->type == SCHEMA_SECRET) {
        (void)snprintf(shown, sizeof shown, "...");
        place = config_hidden_place(place);
    }
    config_fault(reader->faults, place, "%s: \"%s\" is not %s", row->key, shown, allowed);
}

/* --- scalars --- */

char *config_read_text(const config_reader_t *reader, const char *key, const config_node_t *node)
{
    if (node->kind != NODE_SCALAR) {
        config_fault(reader->faults, node->place, "%s: a single value is wanted here, not %s", key,
                     kind_names[node->kind]);
        return NULL;
    }
    if (is_empty(node)) {
        config_fault(reader->faults, node->place, "%s has no value", key);
        return NULL;
    }
    char reason[256];
    char *text = NULL;
    bool is_file = false;
    if (config_substitute(node->text, &reader->values, &text, &is_file, reason) == 0)
        return text;
    config_fault(reader->faults, node->place, "%s: %s", key, reason);
    return NULL;
}

bool config_check_text(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, const char *text)
{
    if ((row->type == SCHEMA_TARGET_URL || row->type == SCHEMA_REDIS_URL) &&
        strncasecmp(text, "rediss://", 9) == 0) {
        refuse(reader, row, node, text,
               "an address that healthd can speak to: put stunnel before Redis and name it as "
               "redis://");
        return false;
    }
    if (!config_text_is(row->type, text)) {
        refuse(reader, row, node, text, schema_type_expected(row->type));
        return false;
    }
    size_t n = strlen(text);
    if (row->type == SCHEMA_WORD && ((double)n < row->least || (double)n > row->most)) {
        char allowed[ALLOWED_BYTES];
        (void)snprintf(allowed, sizeof allowed, "a word of %.0f to %.0f bytes without blanks",
                       row->least, row->most);
        refuse(reader, row, node, text, allowed);
        return false;
    }
    return true;
}

static bool read_choice(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, const char *text, config_value_t *value)
{
    nearest_t nearest = {.word = text, .n = strlen(text)};
    for (size_t i = 0; row->choices[i]; i++) {
        if (strcasecmp(text, row->choices[i]) == 0) {
            value->integer = (int64_t)i;
            return true;
        }
        nearest_offer(&nearest, row->choices[i]);
    }
    char shown[SHOWN_BYTES];
    char allowed[ALLOWED_BYTES] = "";
    config_show_value(text, shown, sizeof shown);
    for (size_t i = 0; row->choices[i]; i++)
        add_word(allowed, row->choices[i]);
    if (nearest.nearest)
        config_fault(reader->faults, node->place, "%s: \"%s\" is none of %s; did you mean \"%s\"?",
                     row->key, shown, allowed, nearest.nearest);
    else
        config_fault(reader->faults, node->place, "%s: \"%s\" is none of %s", row->key, shown,
                     allowed);
    return false;
}

/* Parses a number of the row's type; 0, or -1. */
static int parse_number(const schema_key_t *row, const char *text, config_value_t *value,
                        scalar_error_t *error)
{
    size_t n = strlen(text);
    bool flag = false;
    int rc = -1;
    if (row->type == SCHEMA_DURATION) {
        rc = scalar_duration(text, n, &value->integer, error);
        value->real = (double)value->integer / 1000;
        value->integer /= 1000;
    } else if (row->type == SCHEMA_SIZE) {
        rc = scalar_size(text, n, &value->integer, error);
        value->real = (double)value->integer;
    } else if (row->type == SCHEMA_COUNT) {
        rc = scalar_count(text, n, &value->integer, error);
        value->real = (double)value->integer;
    } else if (row->type == SCHEMA_THRESHOLD) {
        rc = scalar_threshold(text, n, &value->integer, &value->window, error);
        value->real = (double)value->integer;
    } else if (row->type == SCHEMA_RATIO) {
        rc = scalar_ratio(text, n, &value->real, error);
    } else if (row->type == SCHEMA_FACTOR) {
        rc = scalar_factor(text, n, &value->real, error);
    } else {
        rc = scalar_boolean(text, n, &flag, error);
        value->integer = flag;
    }
    return rc;
}

static bool read_number(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, const char *text, config_value_t *value)
{
    scalar_error_t error;
    if (parse_number(row, text, value, &error)) {
        refuse(reader, row, node, text, schema_type_expected(row->type));
        return false;
    }
    bool is_in_range = value->real >= row->least && value->real <= row->most;
    bool is_window_fine = value->window == 0 || (value->integer <= value->window &&
                                                 value->window <= THRESHOLD_WINDOW_MAX);
    if (row->type == SCHEMA_BOOLEAN || (is_in_range && is_window_fine))
        return true;
    char range[80];
    range_text(row, range, sizeof range);
    if (is_in_range)
        (void)snprintf(range, sizeof range, "N of M with N up to M, and M up to %d",
                       THRESHOLD_WINDOW_MAX);
    char shown[SHOWN_BYTES];
    config_show_value(text, shown, sizeof shown);
    config_fault(reader->faults, node->place, "%s: %s is out of range; allowed is %s", row->key,
                 shown, range);
    return false;
}

/* --- lists and maps of texts --- */

static int make_room(const config_reader_t *reader, size_t n, config_value_t *value)
{
    value->texts = calloc(n + 1, sizeof(char *));
    value->text_nodes = calloc(n + 1, sizeof(const config_node_t *));
    value->name_nodes = calloc(n + 1, sizeof(const config_node_t *));
    if (value->texts && value->text_nodes && value->name_nodes)
        return 0;
    out_of_memory(reader);
    return -1;
}

static bool check_item(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, const char *text)
{
    return config_has_variable(text) || config_check_text(reader, row, node, text);
}

static bool read_texts(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, config_value_t *value)
{
    config_node_t *const *items = NULL;
    size_t n = row->is_list && node->kind == NODE_LIST ? config_items(node, &items) : 1;
    if (row->is_list && ((double)n < row->least || (double)n > row->most)) {
        config_fault(reader->faults, node->place, "%s: %zu items; allowed are %.0f to %.0f",
                     row->key, n, row->least, row->most);
        return false;
    }
    if (make_room(reader, n, value))
        return false;
    bool is_fine = true;
    for (size_t i = 0; i < n; i++) {
        const config_node_t *item = items ? items[i] : node;
        char *text = config_read_text(reader, row->key, item);
        is_fine = text && check_item(reader, row, item, text) && is_fine;
        if (!text)
            continue;
        value->texts[value->n_texts] = text;
        value->text_nodes[value->n_texts++] = item;
    }
    return is_fine;
}

static bool check_map_name(const config_reader_t *reader, const schema_key_t *row,
                           const config_node_t *name)
{
    bool is_header = row->type == SCHEMA_HEADERS;
    if (is_header ? config_text_is_header(name->text) : config_text_is_label(name->text))
        return true;
    char shown[SHOWN_BYTES];
    config_show_value(name->text, shown, sizeof shown);
    config_fault(reader->faults, name->place, "%s: \"%s\" is not a name of %s", row->key, shown,
                 is_header ? "an HTTP header" : "1 to 64 letters, digits and _");
    return false;
}

static bool check_map(const config_reader_t *reader, const schema_key_t *row,
                      const config_node_t *node)
{
    if (node->kind != NODE_MAP) {
        config_fault(reader->faults, node->place, "%s: %s is wanted here, not %s", row->key,
                     schema_type_expected(row->type), kind_names[node->kind]);
        return false;
    }
    bool is_fine = (double)node->n >= row->least && (double)node->n <= row->most;
    if (!is_fine)
        config_fault(reader->faults, node->place, "%s: %zu names; allowed are %.0f to %.0f",
                     row->key, node->n, row->least, row->most);
    for (size_t i = 0; i < node->n; i++)
        is_fine = check_map_name(reader, row, node->items[2 * i]) && is_fine;
    return is_fine;
}

static bool check_map_text(const config_reader_t *reader, const schema_key_t *row,
                           const config_node_t *node, const char *text)
{
    if (row->type == SCHEMA_HEADERS && !config_text_is(SCHEMA_FIELD, text)) {
        config_fault(reader->faults, config_hidden_place(node->place), "%s: a value is not %s",
                     row->key, schema_type_expected(SCHEMA_FIELD));
        return false;
    }
    if (row->type == SCHEMA_LABELS && strlen(text) > SCHEMA_LABEL_MAX_BYTES) {
        config_fault(reader->faults, node->place, "%s: a text of more than %d bytes", row->key,
                     SCHEMA_LABEL_MAX_BYTES);
        return false;
    }
    return true;
}

static bool read_labels(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, config_value_t *value)
{
    if (!check_map(reader, row, node) || make_room(reader, node->n, value))
        return false;
    bool is_fine = true;
    for (size_t i = 0; i < node->n; i++) {
        const config_node_t *item = node->items[2 * i + 1];
        char *text = config_read_text(reader, node->items[2 * i]->text, item);
        if (text && !check_map_text(reader, row, item, text))
            is_fine = false;
        is_fine = is_fine && text;
        if (!text)
            continue;
        value->texts[value->n_texts] = text;
        value->name_nodes[value->n_texts] = node->items[2 * i];
        value->text_nodes[value->n_texts++] = item;
    }
    return is_fine;
}

/* --- maps --- */

static bool read_scalar(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, config_value_t *value)
{
    char *text = config_read_text(reader, row->key, node);
    if (!text)
        return false;
    bool is_fine = row->type == SCHEMA_CHOICE ? read_choice(reader, row, node, text, value)
                                              : read_number(reader, row, node, text, value);
    free(text);
    return is_fine;
}

/* A list of maps, or one map; either may be empty. */
static bool check_kind(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node)
{
    config_node_kind_t wanted = row->is_list ? NODE_LIST : NODE_MAP;
    if (node->kind == wanted || is_empty(node))
        return true;
    config_fault(reader->faults, node->place, "%s: %s is wanted here, not %s", row->key,
                 row->is_list ? "a list of maps" : "a map", kind_names[node->kind]);
    return false;
}

static bool read_nested(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, config_value_t *value)
{
    value->section = calloc(1, sizeof *value->section);
    if (value->section)
        config_read_section(reader, row->section, node, value->section);
    else
        out_of_memory(reader);
    return value->section;
}

static bool read_value(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, config_value_t *value)
{
    if (row->type == SCHEMA_MAP)
        return check_kind(reader, row, node) &&
               (!row->is_nested || read_nested(reader, row, node, value));
    if (row->type == SCHEMA_VARIABLES)
        return check_map(reader, row, node);
    if (row->type == SCHEMA_LABELS || row->type == SCHEMA_HEADERS)
        return read_labels(reader, row, node, value);
    if (row->type < SCHEMA_NAME)
        return read_scalar(reader, row, node, value);
    return read_texts(reader, row, node, value);
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
        (void)parse_number(row, row->fallback, value, &error); /* a test parses each of them */
    } else if (make_room(reader, 1, value) == 0) {
        value->texts[0] = strdup(row->fallback);
        value->n_texts = value->texts[0] ? 1 : 0;
        if (!value->texts[0])
            out_of_memory(reader);
    }
}

/* A key that no row has: with the nearest one, and all that are allowed. */
static void refuse_key(const config_reader_t *reader, const schema_key_t *rows, size_t n_rows,
                       const config_node_t *key)
{
    nearest_t nearest = {.word = key->text, .n = key->n_text};
    char allowed[ALLOWED_BYTES] = "";
    for (size_t i = 0; i < n_rows; i++) {
        nearest_offer(&nearest, rows[i].key);
        add_word(allowed, rows[i].key);
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

void config_read_section(const config_reader_t *reader, schema_section_t section,
                         const config_node_t *node, config_section_t *ret)
{
    *ret = (config_section_t){.node = node};
    size_t n_rows;
    const schema_key_t *rows = schema_keys(section, &n_rows);
    if (node && node->kind != NODE_MAP && !is_empty(node)) {
        config_fault(reader->faults, node->place, "a map is wanted here, not %s",
                     kind_names[node->kind]);
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
