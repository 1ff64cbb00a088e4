/*
 * The aggregator's orders to the collectors: owns inproc://orders and remembers who waits for the
 * result of a probe. Who asked gets its answer when a snapshot shows the result (a dry run: at
 * once), or ANSWER_STARTED at its deadline.
 */
#ifndef HEALTHD_ACTORS_AGGREGATOR_ORDER_DESK_H
#define HEALTHD_ACTORS_AGGREGATOR_ORDER_DESK_H

#include <healthd/probe_result.h>

#include "actors/actor.h"
#include "core/target.h"
#include "proto/query.h"

typedef struct order_desk order_desk_t;

/* Sends ANSWER, whose request id is filled in, to ASKER. */
typedef void order_answer_fn(void *context, answer_t *answer, zframe_t *asker);

/* A collector has subscribed: tells it (order_desk_pause) of every target that is paused. */
typedef void order_greet_fn(void *context);

/* CONTEXT is for both functions. NULL where memory ran out. */
order_desk_t *order_desk_new(actor_t *actor, order_answer_fn *answer, order_greet_fn *greet,
                             void *context);
void order_desk_destroy(order_desk_t **self);

/* Orders a probe of TARGET for the question REQUEST_ID of ASKER (borrows). */
void order_desk_probe(order_desk_t *self, const target_t *target, bool is_dry_run,
                      uint64_t request_id, zframe_t *asker);

/* Orders a probe of TARGET for which nobody waits. */
void order_desk_ask(order_desk_t *self, const target_t *target);

/* Tells the collectors that TARGET is paused, or goes on. */
void order_desk_pause(order_desk_t *self, const target_t *target, bool is_paused);

/* Answers who waits for RESULT (borrows): a dry run at once, others at the next published version.
 */
void order_desk_take(order_desk_t *self, const probe_result_t *result);

/* Whether a result that was taken waits for a snapshot. */
bool order_desk_awaits_snapshot(const order_desk_t *self);

/* A snapshot was published that shows everything that was taken. */
void order_desk_published(order_desk_t *self);

#endif
