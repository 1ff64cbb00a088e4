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
    is_wanted_fn *is_wanted; /* NULL: always; of no collector */
    bool is_collector;       /* starts last, and where a target is of its type */
    probe_type_t type;
    bool knows_targets; /* takes another configuration first */
    bool is_leaf;       /* may be started again alone: binds nothing that others connect to */
    bool owns_disk;
    bool reads_health;
    bool reads_alerts;
} child_type_t;

#define CHILD_ONE(NAME, name) +1
/* Alert manager, aggregator, publisher, event bus, gateway, and the collectors. */
#define N_CHILD_TYPES (5 PROBE_TYPES(CHILD_ONE, CHILD_ONE))

extern const child_type_t child_types[N_CHILD_TYPES];

/* Whether CONFIG has work for CHILD. */
bool child_is_wanted(const child_type_t *child, const config_t *config);

#endif
