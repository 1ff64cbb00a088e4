/*
 * A target of a configuration file while it is put together from its layers; for config_targets.c
 * and the files beside it that make parts of a target.
 */
#ifndef HEALTHD_CORE_CONFIG_DRAFT_H
#define HEALTHD_CORE_CONFIG_DRAFT_H

#include "core/config_targets.h"

/* Layers of one key, at most: defaults, eight templates, the target, each with two keys. */
#define DRAFT_LAYERS_MAX 24

/* A variable of for_each and the value that it has now. */
typedef struct {
    const char *name;
    char **values;
    size_t n_values;
    size_t at;
} variable_t;

/* What several layers say of one key, the strongest last; borrowed. */
typedef struct {
    const config_value_t *layers[DRAFT_LAYERS_MAX];
    size_t n;
} draft_stack_t;

/* A target's settings with everything that it takes over. */
typedef struct {
    const config_targets_work_t *work;
    const config_node_t *node;
    target_kind_t kind;
    config_value_t values[TEMPLATE_KEYS]; /* borrowed from the sections, as all that follow */
    draft_stack_t labels;
    const config_section_t *sections[SCHEMA_KEYS_MAX]; /* all layers, the strongest last */
    size_t n_sections;
    const char *settings; /* kept in the pool */
    const char *settings_shown;
    variable_t variables[SCHEMA_VARIABLES_MAX];
    size_t n_variables;

    /* How it is checked. */
    config_section_t http_defaults, tls_defaults; /* owned */
    config_value_t http[HTTP_KEYS];
    config_value_t tls[TLS_KEYS];
    config_value_t cert_alert[CERT_ALERT_KEYS];
    draft_stack_t headers, conditions, degraded_conditions;
    bool is_http_given;
    const http_settings_t *http_settings; /* of the combination before, where all have the same */
    const conditions_t *compiled;         /* likewise */
    uint64_t compiled_for;                /* the values that the compiled ones may name */
    const void *compiled_with;            /* ... beside the names that these options give */
    const tls_settings_t *tls_settings;   /* likewise */
    const void *options;                  /* likewise */
    probe_type_t options_type;            /* ... of this type */
} draft_t;

void draft_out_of_memory(const draft_t *draft);

void draft_push(draft_stack_t *stack, const config_value_t *value);

/* TEXT of KEY, which stands at NODE, with {{variable}} replaced; NULL with a fault told. */
char *draft_expand(const draft_t *draft, const char *key, const config_node_t *node,
                   const char *text);

/* The text of VALUE for the combination under way; NULL where it is not given or has a fault. */
char *draft_text(const draft_t *draft, const schema_key_t *row, const config_value_t *value);

/* Whether a variable of for_each stands in any text of the N values. */
bool draft_has_variable(const config_value_t *values, size_t n);

/* The path that VALUE of ROW names, whole; NULL where it is not given or, which is told, cannot be
 * read. The caller frees it. */
char *draft_file(const draft_t *draft, const schema_key_t *row, const config_value_t *value);

/* Whether NAME is that of something healthd itself watches or tells of. */
bool draft_is_reserved(const char *name);

/* The labels as a JSON object; NULL where there are none or a fault was told. */
char *draft_labels(const draft_t *draft);

/* Whether one target more may be made; tells the fault where not. */
bool draft_is_room(const draft_t *draft);

/* Adds TARGET, whose name stands at PLACE, to those of its kind; takes its contents. */
void draft_keep(const draft_t *draft, target_t *target, config_place_t place);

/* --- for_each --- */

/* Reads the lists of FOR_EACH; false with a fault told. */
bool draft_read_variables(draft_t *draft, const config_value_t *for_each);
/* Turns to the next combination, the last variable first; false after the last one. */
bool draft_turn(draft_t *draft);
void draft_clear_variables(draft_t *draft);

/* --- how a target is checked: config_check.c, config_http.c, config_conditions.c --- */

void draft_begin_check(draft_t *draft);
/* Puts what SECTION says of it over what the draft has. */
void draft_put_check_over(draft_t *draft, const config_section_t *section);
/* Gives TARGET, whose URL stands, what the draft says; faults are told. */
void draft_fill_check(draft_t *draft, target_t *target);
void draft_clear_check(draft_t *draft);

/* The settings of HTTP; NULL with a fault told. */
const http_settings_t *draft_http(draft_t *draft);
/* The settings of TLS for other types; NULL where none are given, or with a fault told. */
const tls_settings_t *draft_tls(draft_t *draft);
/* The options of TARGET, as the row of its type reads them (core/probe_options.c); NULL where the
 * type has none, or memory ran out. */
const void *draft_options(draft_t *draft, const target_t *target);
/* The conditions, compiled for TARGET, whose options stand; NULL where there are none, or with a
 * fault told. */
const conditions_t *draft_conditions(draft_t *draft, const target_t *target);

#endif
