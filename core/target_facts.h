/* What matchers (core/matcher.h) can ask of a target: what its configuration says. Pure. */
#ifndef HEALTHD_CORE_TARGET_FACTS_H
#define HEALTHD_CORE_TARGET_FACTS_H

#include <jansson.h>

#include "core/target.h"

/* Begin with {.target = ...}, end with target_facts_clear. */
typedef struct {
    const target_t *target;
    json_t *labels; /* made when a label is asked for */
} target_facts_t;

/*
 * A matcher_lookup_fn; CONTEXT is a target_facts_t. Knows component and name (its name), kind,
 * type, critical ("true" or "false"), else its label of that name. NULL where it has none, or
 * memory ran out.
 */
const char *target_fact(const char *name, void *context);

void target_facts_clear(target_facts_t *facts);

#endif
