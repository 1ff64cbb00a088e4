/* What the files of the collector share; for collector*.c alone. */
#ifndef HEALTHD_ACTORS_COLLECTORS_COLLECTOR_PARTS_H
#define HEALTHD_ACTORS_COLLECTORS_COLLECTOR_PARTS_H

#include "actors/collectors/batch.h"
#include "actors/collectors/collector.h"
#include "actors/collectors/places.h"
#include "actors/collectors/probe_counts.h"
#include "actors/collectors/target_list.h"
#include "actors/collectors/unable.h"
#include "core/host_turns.h"

struct collector {
    actor_t *actor;
    const actor_args_t *args;
    collector_handlers_t handlers;
    target_list_t list;
    size_t n_wanted;
    host_turns_t turns;

    zsock_t *orders;      /* SUB */
    bool has_begun;       /* the supervisor said "begin" */
    bool has_orders;      /* the aggregator told what holds */
    schedule_t *schedule; /* made when both have come */
    actor_timer_t *due_timer;
    places_t places;
    size_t n_probes;                      /* under way at once, at most */
    size_t granted[COLLECTOR_PROBES_MAX]; /* targets whose turn has come, to be begun at once */
    size_t n_granted;
    bool is_beginning;
    batch_t *batch;
    unable_t unable;
    probe_counts_t counts;
};

/* Begins what is due, as far as there are places; CONTEXT is the collector. */
void collector_begin_due(void *context);

/* Takes target AT out of the schedule while it is paused and no probe is under way. */
void collector_hold_if_paused(collector_t *self, size_t at);

/* Probes at once, at most N_MOST, as the configuration, the descriptors and the number of targets
 * allow. */
size_t collector_n_probes_for(const actor_args_t *args, const target_list_t *list, size_t n_most);

/* Takes ARGS; an actor_reload_fn. */
actor_reload_t collector_on_reload(void *context, const actor_args_t *args);

#endif
