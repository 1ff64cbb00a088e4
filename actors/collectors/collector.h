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

/* Begins the probe of target AT, which must end by exactly one collector_finish, here or later. */
typedef void collector_begin_fn(void *context, size_t at, const target_t *target);

/* What decides the result of a probe: check_http and the like. */
typedef int collector_check_fn(const target_t *target, const check_outcome_t *outcome,
                               probe_result_t *ret);

/*
 * Drives the targets of TYPE from "begin" on; BEGIN is called with CONTEXT for each that is due.
 * ARGS are borrowed. Never NULL (memory that runs out at start ends the process).
 */
collector_t *collector_new(actor_t *actor, const actor_args_t *args, probe_type_t type,
                           collector_begin_fn *begin, void *context);

/* Drops the results that were not sent. Only when the loop has ended. */
void collector_destroy(collector_t **self);

/* Number of targets; they are 0 .. N-1 in the order of the configuration. */
size_t collector_n_targets(const collector_t *self);

/* Probes that can be under way at once, at least 1. */
size_t collector_n_probes(const collector_t *self);

/* The probe of target AT ended as OUTCOME (borrows; finished_at_us is filled in here) says. */
void collector_finish(collector_t *self, size_t at, check_outcome_t *outcome,
                      collector_check_fn *check);

#endif
