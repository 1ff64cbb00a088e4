/*
 * What a configuration says, as lines "key: value" in the order of the schema, each value a JSON
 * text: for people to see and to compare one configuration with another. Every key has its line,
 * also where it is not given. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_SETTINGS_H
#define HEALTHD_CORE_CONFIG_SETTINGS_H

#include "core/config.h"
#include "core/config_read.h"
#include "core/text.h"

/* What stands in place of a secret. */
#define CONFIG_SECRET_SHOWN "***"

/* Layers of one value, at most: defaults, each template, the target itself. */
#define CONFIG_LAYERS_MAX 16

/* How a value is written. */
typedef enum {
    SETTINGS_WHOLE, /* to compare: with everything in it */
    SETTINGS_SHOWN  /* to show: without tokens, passwords and what may carry them */
} settings_use_t;

/*
 * The lines of a target: VALUES at the positions of the schema's rows, merged already, but for the
 * keys whose values the target has itself (name, url, error_prefix, labels). Maps are merged here
 * from its N LAYERS, the weakest first, a stronger key in place of a weaker one. NULL: out of
 * memory.
 */
char *config_settings_of_target(const config_value_t *values, const config_section_t *const *layers,
                                size_t n, settings_use_t use);

/*
 * The lines of all that is no target's, "SECTION.KEY: value": SECTIONS are those of the main file
 * by schema_section_t. What a variable overrides is as CONFIG has it. NULL: out of memory.
 */
char *config_settings_of_rest(const config_section_t *root, const config_section_t *sections,
                              const config_t *config, settings_use_t use);

/* Appends the JSON text of VALUE, which ROW describes and which is no map of several layers. */
void config_settings_value(text_t *text, const schema_key_t *row, const config_value_t *value,
                           settings_use_t use);

/* Appends NODE, which stands at KEY, as JSON. */
void config_settings_node(text_t *text, const char *key, const config_node_t *node,
                          settings_use_t use);

/* Appends STRING as JSON. */
void config_settings_string(text_t *text, const char *string, settings_use_t use);

/* Appends "KEY: " and TEXT (NULL: null) as JSON, and a line feed. For SETTINGS_SHOWN what looks
 * like a password in a URL is left out. */
void config_settings_text(text_t *lines, const char *key, const char *text, settings_use_t use);

#endif
