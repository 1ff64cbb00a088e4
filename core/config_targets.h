/*
 * The targets of configuration files: built-in settings < defaults of the file < templates in their
 * order < the target itself; maps merge, lists replace; for_each makes one target for each
 * combination of its values. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_TARGETS_H
#define HEALTHD_CORE_CONFIG_TARGETS_H

#include "core/config_read.h"
#include "core/config_trace.h"
#include "core/target.h"
#include "core/text_pool.h"

/* Targets of one kind, with the places of their names. */
typedef struct {
    target_t *targets;
    config_place_t *places;
    size_t n;
    size_t capacity;
} config_targets_t;

/* What targets are made of. */
typedef struct {
    const config_reader_t *reader;
    const config_section_t *defaults; /* of the file */
    config_section_t *templates;      /* of all files */
    bool *is_used;                    /* by template */
    size_t n_templates;
    config_targets_t *of_kind; /* by target_kind_t */
    text_pool_t *pool;         /* of settings */
    config_trace_t *trace;     /* NULL: nobody asks where values come from */
    config_shared_t *shared;   /* gets what targets share */
} config_targets_work_t;

/* Adds the targets of the list NODE (NULL: none). KIND is that of all of them; KIND_NONE: each says
 * it itself. Out of memory is told as a fault. */
void config_targets_add(const config_targets_work_t *work, const config_node_t *node,
                        target_kind_t kind);

void config_targets_clear(config_targets_t *targets);

#endif
