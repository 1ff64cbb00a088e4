/* A real collector over its pipe: the test is its supervisor and its aggregator, which has told it
 * that it may begin. */
#ifndef HEALTHD_TESTS_SUPPORT_SUPPORT_COLLECTOR_H
#define HEALTHD_TESTS_SUPPORT_SUPPORT_COLLECTOR_H

#include <czmq.h>

#include <healthd/probe_result.h>

#include "actors/actor.h"
#include "proto/order.h"

typedef struct support_collector support_collector_t;

/* Starts ACTOR with N targets (borrows; their texts too), waits for "ready" and says "begin". */
support_collector_t *support_collector_start(zactor_fn *actor, target_t *targets, size_t n);

/* Gives it an order. */
void support_collector_order(support_collector_t *self, const order_t *order);

/* The next result that comes, borrowed until the next call; fails the test after DEADLINE_MS. */
const probe_result_t *support_collector_next(support_collector_t *self, int deadline_ms);

/* Whether another result comes within DEADLINE_MS. */
bool support_collector_has_more(support_collector_t *self, int deadline_ms);

/* The next result of the target NAME; those of others are dropped. */
const probe_result_t *support_collector_result_of(support_collector_t *self, const char *name,
                                                  int deadline_ms);

/* Waits until it has read the orders that were given before. */
void support_collector_settle(support_collector_t *self);

/* The arguments that it was started with. */
const actor_args_t *support_collector_args(const support_collector_t *self);

/* Hands ARGS (borrows until the collector has released them or was stopped) over. */
void support_collector_reload(support_collector_t *self, const actor_args_t *args);

/* Waits for the next word on the pipe, which must be WORD, and gives the arguments that come with
 * it, or NULL. */
const actor_args_t *support_collector_word(support_collector_t *self, const char *word,
                                           int deadline_ms);

/* Whether a word waits on the pipe within DEADLINE_MS. */
bool support_collector_has_word(support_collector_t *self, int deadline_ms);

/* Says "$TERM"; fails the test where the actor has not returned within DEADLINE_MS. */
void support_collector_stop(support_collector_t **self, int deadline_ms);

#endif
