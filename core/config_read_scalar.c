#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/config_read_parts.h"
#include "core/config_text.h"
#include "core/group.h"
#include "core/nearest.h"
#include "core/scalar.h"
#include "core/target.h"

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

static void refuse_url(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, const char *text)
{
    probe_type_t type = probe_type_of_url(text);
    if (type != PROBE_TYPE_COUNT) {
        refuse(reader, row, node, text, probe_type_row(type)->url_form);
        return;
    }
    text_t allowed = {0};
    probe_type_url_form(&allowed);
    text_append_string(&allowed, ", or none");
    char *form = text_take(&allowed);
    refuse(reader, row, node, text, form ? form : schema_type_expected(row->type));
    free(form);
}

char *config_read_text(const config_reader_t *reader, const char *key, const config_node_t *node)
{
    if (node->kind != NODE_SCALAR) {
        config_fault(reader->faults, node->place, "%s: a single value is wanted here, not %s", key,
                     config_kind_names[node->kind]);
        return NULL;
    }
    if (config_is_empty(node)) {
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
    if (!config_text_is(row->type, text) && row->type == SCHEMA_TARGET_URL) {
        refuse_url(reader, row, node, text);
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
        config_add_word(allowed, row->choices[i]);
    if (nearest.nearest)
        config_fault(reader->faults, node->place, "%s: \"%s\" is none of %s; did you mean \"%s\"?",
                     row->key, shown, allowed, nearest.nearest);
    else
        config_fault(reader->faults, node->place, "%s: \"%s\" is none of %s", row->key, shown,
                     allowed);
    return false;
}

int config_parse_number(const schema_key_t *row, const char *text, config_value_t *value,
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
    } else if (row->type == SCHEMA_RULE) {
        group_rule_t rule = GROUP_ALL_UP;
        rc = group_rule_parse(text, &rule, &value->integer);
        value->window = (int64_t)rule;
        value->real = rule == GROUP_AT_LEAST ? (double)value->integer : row->least;
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
    if (config_parse_number(row, text, value, &error)) {
        refuse(reader, row, node, text, schema_type_expected(row->type));
        return false;
    }
    bool is_in_range = value->real >= row->least && value->real <= row->most;
    bool is_window_fine =
        row->type != SCHEMA_THRESHOLD || value->window == 0 ||
        (value->integer <= value->window && value->window <= THRESHOLD_WINDOW_MAX);
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

bool config_read_scalar(const config_reader_t *reader, const schema_key_t *row,
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
