/*
 * What all collectors share: the schedule of the targets of one type and the orders beside it, a
 * bound on the probes under way, and the batch of results that goes out once per turn of the loop.
 * Nothing is probed before the aggregator has told what holds (proto/order.h).
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_COLLECTOR_H
#define HEALTHD_ACTORS_COLLECTORS_COLLECTOR_H

#include <healthd/probe_result.h>

#include "actors/actor.h"
#include "core/check.h"

/* Probes of one collector under way at once, at most; what is due beyond them waits. Targets that
 * hang take a place each for their whole time-out. */
#define COLLECTOR_PROBES_MAX 2048

typedef struct collector collector_t;

/* Places of a collector that needs more than it began with, at least. */
#define COLLECTOR_GROWN_MIN 32

/*
 * Begins a probe of TARGET, which must end by exactly one collector_finish, here or later. AT is
 * its place among those under way, 0 .. collector_n_probes - 1. TARGET is borrowed until then, also
 * where another configuration came meanwhile.
 */
typedef void collector_begin_fn(void *context, size_t at, const target_t *target);

/* Makes room for N_PROBES probes under way: at least twice as many as before (COLLECTOR_PROBES_MAX
 * where that is less). 0, or -1: there are as many as before. */
typedef int collector_grow_fn(void *context, size_t n_probes);

/* What decides the result of a probe: check_http and the like. */
typedef int collector_check_fn(const target_t *target, const check_outcome_t *outcome,
                               probe_result_t *ret);

/* What a collector does itself; CONTEXT is its own. */
typedef struct {
    probe_type_t type; /* of its targets */
    size_t n_most;     /* probes under way at once; 0: COLLECTOR_PROBES_MAX */
    collector_begin_fn *begin;
    collector_grow_fn *grow;
    void *context;
} collector_handlers_t;

/*
 * Drives the targets of a type from "begin" on, and takes other configurations: a target of the
 * same name and URL stays due when it was, a probe of one that is gone or has another URL ends
 * without a result. ARGS are borrowed. Never NULL (memory that runs out at start ends the process).
 */
collector_t *collector_new(actor_t *actor, const actor_args_t *args,
                           const collector_handlers_t *handlers);

/* Drops the results that were not sent. Only when the loop has ended. */
void collector_destroy(collector_t **self);

/* Places for probes under way, at least 1. */
size_t collector_n_probes(const collector_t *self);

/* The probe at place AT ended as OUTCOME (borrows; finished_at_us is filled in here) says. */
void collector_finish(collector_t *self, size_t at, check_outcome_t *outcome,
                      collector_check_fn *check);

#endif
