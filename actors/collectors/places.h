/* The probes of a collector that are under way: a place for each, with whose configuration it
 * began. */
#ifndef HEALTHD_ACTORS_COLLECTORS_PLACES_H
#define HEALTHD_ACTORS_COLLECTORS_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "actors/actor.h"
#include "actors/collectors/collector.h"

typedef struct {
    const actor_args_t *args; /* whose target it probes; NULL: none is under way */
    size_t target;            /* SCHEDULE_NONE: its result is not wanted any more */
    int64_t begun_us;         /* monotonic */
    size_t next_free;         /* while none is under way */
} place_t;

/* Zero it to begin, then add places. */
typedef struct {
    place_t all[COLLECTOR_PROBES_MAX];
    size_t n;
    size_t free; /* first free one; at least n: none is free */
    size_t n_taken;
} places_t;

/* Adds places up to N in all, at most COLLECTOR_PROBES_MAX. */
void places_add(places_t *self, size_t n);

/* Takes a free place, of which there is one, for TARGET of ARGS. */
size_t places_take(places_t *self, const actor_args_t *args, size_t target);

/* Frees place AT and gives whose target it was. */
const actor_args_t *places_free(places_t *self, size_t at);

/* Whether a probe of ARGS is under way. */
bool places_have(const places_t *self, const actor_args_t *args);

/* Targets are others now: NEW_OF gives the position of each old one, or SCHEDULE_NONE. */
void places_renumber(places_t *self, const size_t *new_of);

#endif
