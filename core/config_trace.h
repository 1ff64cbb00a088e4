/* Where the settings of one target come from: each value with the place that said it. Pure. */
#ifndef HEALTHD_CORE_CONFIG_TRACE_H
#define HEALTHD_CORE_CONFIG_TRACE_H

#include "core/config_read.h"
#include "core/target.h"
#include "core/text.h"

typedef struct {
    char *key;   /* "timeout", "labels.team" */
    char *value; /* JSON text, without secrets */
    bool is_built_in;
    config_place_t place; /* unless built in */
    char *from;           /* "shop.yaml:4", filled by who knows the files' names; or NULL */
} config_trace_row_t;

/* Zero it but for the target. */
typedef struct {
    const char *target; /* name of the one that is traced; borrowed */
    config_trace_row_t *rows;
    size_t n_rows;
    size_t capacity;
    bool is_found;
    bool is_out_of_memory;
} config_trace_t;

/* What a target was made of: VALUES by the schema's rows, merged, and its N LAYERS, the weakest
 * first. */
typedef struct {
    const config_node_t *node; /* of the target */
    const config_value_t *values;
    const config_section_t *const *layers;
    size_t n;
} config_origin_t;

/* Fills SELF where TARGET is the one that is traced. */
void config_trace_target(config_trace_t *self, const config_origin_t *origin,
                         const target_t *target);

/* The same of the group that TARGET is, which stands at NODE, of VALUES by the schema's rows of
 * groups, merged. */
void config_trace_group(config_trace_t *self, const config_node_t *node,
                        const config_value_t *values, const target_t *target);

void config_trace_clear(config_trace_t *self);

#endif
