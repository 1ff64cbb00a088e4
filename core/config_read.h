/*
 * Reads the maps of a configuration file by the schema: each value by the strict parser of its
 * type, each fault with its place, what is allowed and the nearest key. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_READ_H
#define HEALTHD_CORE_CONFIG_READ_H

#include "core/config_fault.h"
#include "core/config_node.h"
#include "core/config_substitute.h"
#include "core/schema.h"

/* What a reader needs; borrowed. */
typedef struct {
    config_values_t values;
    config_faults_t *faults;
    bool is_main;         /* not an included file */
    bool takes_variables; /* of for_each: of a section, set by config_read_section */
} config_reader_t;

typedef struct config_section config_section_t;

/* The value of one key. */
typedef struct {
    const config_node_t *node; /* where it stands; NULL: it is not given */
    const config_node_t *key;
    bool is_known;   /* given and without a fault, or the default */
    int64_t integer; /* milliseconds, bytes, count, boolean, position of a choice */
    int64_t window;  /* threshold: of how many; 0: not said */
    double real;     /* ratio, factor */
    char **texts;    /* of texts and labels; of a list each item; owned */
    const config_node_t **text_nodes; /* where each text stands; the array is owned */
    const config_node_t **name_nodes; /* labels: the names; the array is owned */
    size_t n_texts;
    config_section_t *section; /* of a nested map; NULL: not given; owned */
} config_value_t;

/* One map, read; values are at the positions of the schema's rows. */
struct config_section {
    const config_node_t *node;
    config_value_t values[SCHEMA_KEYS_MAX];
};

/* Reads NODE (NULL: not there) as SECTION. Keys that are not given have their defaults; maps inside
 * keep only their node unless they are nested. Gives *RET, to be ended with config_section_clear.
 */
void config_read_section(const config_reader_t *of_file, schema_section_t section,
                         const config_node_t *node, config_section_t *ret);
void config_section_clear(config_section_t *section);

/* Text of the scalar NODE with ${...} replaced; NULL with a fault told. The caller frees it. KEY
 * stands in the fault. */
char *config_read_text(const config_reader_t *reader, const char *key, const config_node_t *node);

/* Whether TEXT, which stands at NODE, is of the row's type; tells the fault where not. */
bool config_check_text(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, const char *text);

/* Whether TEXT has a variable of for_each in it. */
bool config_has_variable(const char *text);

/* Items of a key that takes one or several: those of a list, or NODE itself; none where it is
 * empty. Gives how many. */
size_t config_items(const config_node_t *node, config_node_t *const **ret);

#endif
