/* What differs between two configurations: targets that came, went or changed, and other keys.
 * Pure. */
#ifndef HEALTHD_CORE_CONFIG_DIFF_H
#define HEALTHD_CORE_CONFIG_DIFF_H

#include "core/config_list.h"

/* A reload that would drop a larger part of the targets than this must be meant. */
#define CONFIG_DROP_MAX_RATIO 0.2

typedef enum { CONFIG_ADDED, CONFIG_REMOVED, CONFIG_CHANGED } config_change_kind_t;

typedef struct {
    config_change_kind_t kind;
    const char *name; /* of a target; borrowed from the lists */
    char *keys;       /* CONFIG_CHANGED: "url, check_interval"; else NULL */
} config_change_t;

/* Zero it to begin. */
typedef struct {
    config_change_t *targets; /* by name */
    size_t n_targets;
    size_t n_added;
    size_t n_removed;
    size_t n_changed;
    size_t n_before; /* targets of the old configuration */
    char **keys;     /* other keys that changed: "gateway.listen" */
    size_t n_keys;
} config_diff_t;

/*
 * Compares NOW with BEFORE, both borrowed for as long as RET is used. 0, or -1: out of memory, RET
 * is empty. O(n log n).
 */
int config_diff(const config_list_t *before, const config_list_t *now, config_diff_t *ret);

void config_diff_clear(config_diff_t *self);

/* Whether so many targets would go that it may be a mistake. */
bool config_diff_drops_too_many(const config_diff_t *self);

/* Whether KEY ("gateway.listen") is read at the start alone. */
bool config_key_takes_restart(const char *key);

#endif
