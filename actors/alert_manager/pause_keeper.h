/*
 * The pauses of targets, which must survive restarts: this actor owns the disk, so that the
 * aggregator, which shows them, never waits for it. A pause is on disk before it holds; the
 * aggregator hears of it over inproc://results, and whoever asked is answered when a snapshot shows
 * it.
 */
#ifndef HEALTHD_ACTORS_ALERT_MANAGER_PAUSE_KEEPER_H
#define HEALTHD_ACTORS_ALERT_MANAGER_PAUSE_KEEPER_H

#include <healthd/snapshot.h>

#include "actors/actor.h"
#include "proto/query.h"
#include "store/store.h"

typedef struct pause_keeper pause_keeper_t;

/* What it borrows, for its life. */
typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    store_t *store;
    zsock_t *results; /* PUSH */
    /* Answers the question REQUEST_ID of ASKER. */
    void (*answer)(void *context, uint64_t request_id, answer_outcome_t outcome, zframe_t *asker);
    void *context;
} pause_keeper_world_t;

/* Copies WORLD. NULL where memory ran out. */
pause_keeper_t *pause_keeper_new(const pause_keeper_world_t *world);
void pause_keeper_destroy(pause_keeper_t **self);

/* Reads what is stored and tells the aggregator. 0, or -1 with *RETERR. */
int pause_keeper_load(pause_keeper_t *self, store_error_t *reterr);

/* Goes over to ARGS, which live from now on in place of those of before, and tells the aggregator
 * every pause once more: a target may be new in which a stored one waits. */
void pause_keeper_reload(pause_keeper_t *self, const actor_args_t *args);

/* Answers QUERY (PAUSE or RESUME) of ASKER (borrows), now or when a snapshot shows it. */
void pause_keeper_query(pause_keeper_t *self, const query_t *query, zframe_t *asker);

/* A snapshot came: answers whose pause it shows. */
void pause_keeper_look(pause_keeper_t *self, const snapshot_t *state);

#endif
