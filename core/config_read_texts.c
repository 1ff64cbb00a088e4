#include <stdlib.h>
#include <string.h>

#include "core/config_read_parts.h"
#include "core/config_text.h"

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

int config_make_room(const config_reader_t *reader, size_t n, config_value_t *value)
{
    value->texts = calloc(n + 1, sizeof(char *));
    value->text_nodes = calloc(n + 1, sizeof(const config_node_t *));
    value->name_nodes = calloc(n + 1, sizeof(const config_node_t *));
    if (value->texts && value->text_nodes && value->name_nodes)
        return 0;
    config_read_out_of_memory(reader);
    return -1;
}

static bool check_item(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, const char *text)
{
    bool is_for_later = reader->takes_variables && config_has_variable(text);
    return is_for_later || config_check_text(reader, row, node, text);
}

bool config_read_texts(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, config_value_t *value)
{
    config_node_t *const *items = NULL;
    size_t n = row->is_list && node->kind == NODE_LIST ? config_items(node, &items) : 1;
    if (row->is_list && ((double)n < row->least || (double)n > row->most)) {
        config_fault(reader->faults, node->place, "%s: %zu items; allowed are %.0f to %.0f",
                     row->key, n, row->least, row->most);
        return false;
    }
    if (config_make_room(reader, n, value))
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

/* --- maps of texts --- */

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

bool config_check_map(const config_reader_t *reader, const schema_key_t *row,
                      const config_node_t *node)
{
    if (node->kind != NODE_MAP) {
        config_fault(reader->faults, node->place, "%s: %s is wanted here, not %s", row->key,
                     schema_type_expected(row->type), config_kind_names[node->kind]);
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

bool config_read_labels(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, config_value_t *value)
{
    if (!config_check_map(reader, row, node) || config_make_room(reader, node->n, value))
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
