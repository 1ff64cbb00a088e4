/*
 * The alert manager's own state, for the files of this folder: manager.c turns conditions into
 * alerts, questions.c answers, alert_manager.c is the actor.
 */
#ifndef HEALTHD_ACTORS_ALERT_MANAGER_MANAGER_H
#define HEALTHD_ACTORS_ALERT_MANAGER_MANAGER_H

#include "actors/actor.h"
#include "actors/alert_manager/alert_writer.h"
#include "actors/alert_manager/pause_keeper.h"
#include "actors/alert_manager/stop_clears.h"
#include "actors/health_reader.h"
#include "core/alert_rules.h"

typedef struct {
    actor_t *actor;
    const actor_args_t *args;
    store_t *store;
    alert_book_t *book;
    alert_writer_t *writer;
    health_reader_t *reader;
    zsock_t *alerts;   /* XPUB */
    zsock_t *ask;      /* ROUTER */
    zsock_t *findings; /* PULL */
    zsock_t *results;  /* PUSH */
    actor_timer_t *retry;
    bool is_retry_set;
    actor_timer_t *prune;
    int64_t next_prune_us; /* monotonic, not before; of a periodic snapshot */
    actor_timer_t *next_step;
    actor_timer_t *rested; /* set when a snapshot came during a rest */
    int64_t rest_until_us; /* monotonic; snapshots make no step before */
    actor_timer_t *clear_deadline;
    stop_clears_t clears;
    pause_keeper_t *pauses;
    int64_t begun_us; /* monotonic */
    bool has_news;    /* a finding that a step makes something of */
    uint64_t n_events[ALERT_EVENT_KIND_COUNT][SEVERITY_COUNT]; /* published since the start */
} manager_t;

/* Publishes N events, as they are on disk or not. */
void manager_publish(manager_t *self, const alert_event_t *events, size_t n);

/* Compares the conditions with the alerts, writes and publishes what follows. */
void manager_step(manager_t *self);

/* The same where the disk has begun or ended to refuse. */
void manager_look_at_storage(manager_t *self);

/* Answers the question REQUEST_ID of ASKER with OUTCOME alone. */
void manager_answer(void *context, uint64_t request_id, answer_outcome_t outcome, zframe_t *asker);

/* Answers every question that waits. CONTEXT is the manager, as below. */
void manager_on_ask(void *context);

/* Answers the clears of the emergency stop that the state shows or that have waited enough. */
void manager_answer_clears(void *context);

void manager_on_snapshot(void *context, const snapshot_t *state);
void manager_on_findings(void *context);
void manager_on_next_step(void *context);
void manager_on_rested(void *context);
void manager_on_retry(void *context);
void manager_on_prune(void *context);

#endif
