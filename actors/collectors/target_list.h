/* The targets of one type in a configuration, and which of them were there before. */
#ifndef HEALTHD_ACTORS_COLLECTORS_TARGET_LIST_H
#define HEALTHD_ACTORS_COLLECTORS_TARGET_LIST_H

#include "core/config.h"
#include "core/pace.h"

/* What orders want of a target. */
typedef struct {
    uint64_t order_id; /* newest order that waits for the target's next result; 0: none */
    bool is_wanted;    /* it is to be probed beside its schedule when there is a place */
    bool is_waiting;   /* it was taken, and waits for its turn at its host */
    bool is_running;   /* its probe is under way */
    bool is_early;     /* ... beside the schedule */
    bool is_dry_run;   /* ... and its result, or that of the wanted one, is for who asked alone */
    bool is_paused;
    bool is_held; /* taken out of the schedule because it is paused */
} wish_t;

typedef struct {
    const target_t **targets; /* in the order of the configuration, which they are borrowed from */
    size_t n;
    pace_t *paces;  /* by target */
    wish_t *wishes; /* by target */
} target_list_t;

/* The targets of TYPE. 0, or -1 where memory ran out: RET is empty. */
int target_list_init(const config_t *config, probe_type_t type, target_list_t *ret);
void target_list_clear(target_list_t *self);

/* Targets that orders want. */
size_t target_list_n_wanted(const target_list_t *self);

/* What became of targets; each of the arrays is owned. */
typedef struct {
    size_t *old_of;          /* by new target; SCHEDULE_NONE: it is new */
    size_t *new_of;          /* by old target; SCHEDULE_NONE: gone, or another URL's now */
    schedule_times_t *times; /* by new target */
} target_change_t;

/*
 * Compares the list NOW, of CONFIG, with the list BEFORE: a target of the same name and URL goes on
 * with its pace and its wishes; of one with another URL only a pause goes on. 0, or -1 where memory
 * ran out: RET is empty. O(number of targets).
 */
int target_change_init(const target_list_t *before, const config_t *config, target_list_t *now,
                       target_change_t *ret);
void target_change_clear(target_change_t *self);

#endif
