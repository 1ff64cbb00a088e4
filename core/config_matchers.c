#include "core/config_matchers.h"

#include <string.h>

/* The place of ERROR inside the text of NODE where it stands there as it is: on one line, without
 * escapes and ${...}; else that of the whole text. */
static config_place_t place_of(const config_node_t *node, const char *text,
                               const condition_error_t *error)
{
    config_place_t place = node->place;
    if (strcmp(node->text, text) != 0 || place.length != node->n_text)
        return place;
    for (size_t i = 0; i < node->n_text; i++) {
        if ((unsigned char)node->text[i] >= 0x80)
            return place; /* columns count characters */
    }
    place.column += (uint32_t)error->offset;
    place.length = error->length > 0 ? (uint32_t)error->length : 1;
    return place;
}

void config_fault_inside(const config_reader_t *reader, const char *key, const config_node_t *node,
                         const char *text, const condition_error_t *error)
{
    char line[CONDITION_ERROR_LINE_BYTES];
    if (error->is_memory) {
        reader->faults->is_out_of_memory = true;
        reader->faults->n_faults++;
        return;
    }
    condition_error_line(error, line);
    config_fault(reader->faults, place_of(node, text, error), "%s: %s", key, line);
}

bool config_matchers(const config_reader_t *reader, const char *key, const config_value_t *value,
                     matchers_t *ret)
{
    bool is_fine = true;
    for (size_t i = 0; i < value->n_texts; i++) {
        const char *text = value->texts[i];
        condition_error_t error;
        if (matchers_add(ret, text, strlen(text), &error) == 0)
            continue;
        config_fault_inside(reader, key, value->text_nodes[i], text, &error);
        is_fine = false;
    }
    return is_fine;
}
