/* The actors of the process, and how the supervisor treats each. */
#ifndef HEALTHD_ACTORS_SUPERVISOR_CHILD_TYPES_H
#define HEALTHD_ACTORS_SUPERVISOR_CHILD_TYPES_H

#include <czmq.h>
#include <stdbool.h>

#include "core/config.h"

typedef bool is_wanted_fn(const config_t *config);

/* A kind of actor. */
typedef struct {
    const char *name;
    zactor_fn *fn;
    is_wanted_fn *is_wanted; /* NULL: always */
    bool is_collector;       /* starts last */
    bool knows_targets;      /* takes another configuration first */
    bool is_leaf;            /* may be started again alone: binds nothing that others connect to */
    bool owns_disk;
    bool reads_health;
    bool reads_alerts;
} child_type_t;

#define N_CHILD_TYPES 7

extern const child_type_t child_types[N_CHILD_TYPES];

#endif
