/*
 * A configuration as people see it: every target with its settings as lines "key: JSON", and the
 * lines of the rest. Made of a configuration, or of the text that another process shows of its
 * own. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_LIST_H
#define HEALTHD_CORE_CONFIG_LIST_H

#include "core/config.h"
#include "core/config_settings.h"

/* One target; the first item of a list, without a name, is what is no target's. */
typedef struct {
    char *name;
    char *lines;
} config_item_t;

/* Zero it to begin. */
typedef struct {
    config_item_t *items;
    size_t n;
} config_list_t;

/* The list of CONFIG. 0, or -1: out of memory, RET is empty. O(size of the configuration). */
int config_list_of(const config_t *config, settings_use_t use, config_list_t *ret);

void config_list_clear(config_list_t *self);

/* Appends the whole, made of CONFIG, as a JSON object: file (null: none), the keys that variables
 * decide, settings, targets. */
void config_list_to_json(const config_list_t *self, const config_t *config, text_t *json);

/* Appends LINES as members of a JSON object: "key":value, with commas between them. */
void config_lines_to_json(text_t *json, const char *lines);

/* The line of KEY in LINES: gives where its value begins and the value's length; NULL: none. */
const char *config_line_at(const char *lines, const char *key, size_t *ret_n);

#endif
