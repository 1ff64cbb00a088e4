/*
 * Questions to the actors that own the answers, each with a deadline. Also knows the newest
 * snapshot version and alert event that any of them has spoken of.
 */
#ifndef HEALTHD_GATEWAY_ASKS_H
#define HEALTHD_GATEWAY_ASKS_H

#include <stdint.h>

#include "actors/actor.h"
#include "proto/query.h"

/* Time for an answer. */
#define ASK_ANSWER_US ((int64_t)2000000)
/* Questions to one owner without an answer, also after their deadline; beyond, none is asked. */
#define ASK_UNANSWERED_MAX 1024

typedef enum {
    ASK_HEALTH,
    ASK_ALERTS,
    ASK_SUPERVISOR,
    ASK_HEARTBEATS,
    ASK_OWNER_COUNT
} ask_owner_t;

/* What a state stands on; the newer of two has the larger numbers. */
typedef struct {
    uint64_t snapshot_version;
    uint64_t alert_seq;
} versions_t;

typedef struct asks asks_t;

/* Called once for each question: with the answer, which it may take, or with NULL where none came
 * in time. */
typedef void ask_fn(void *context, answer_t **answer);

/*
 * Makes the sockets of SELF on ACTOR. ON_TURN(CONTEXT) is called after each batch of answers and
 * news, when the callbacks of all of them have been called. NULL where memory ran out.
 */
asks_t *asks_new(actor_t *actor, void (*on_turn)(void *context), void *context);

/* Ends it; every question under way gets its NULL, and no other can be asked. Takes NULL. */
void asks_destroy(asks_t **self);

/*
 * Sends QUERY (borrows; its request_id is filled in) to OWNER; FN(CONTEXT) is called by DEADLINE_US
 * (monotonic) at the latest. 0, or -1 where it cannot be asked: FN is then not called.
 */
int asks_send(asks_t *self, ask_owner_t owner, query_t *query, int64_t deadline_us, ask_fn *fn,
              void *context);

/* The newest that is known: a reader must not be shown an older state. */
versions_t asks_newest(const asks_t *self);

/* FN(CONTEXT) is called with each snapshot that is published; it may take what stands in it. */
void asks_on_snapshot(asks_t *self, void (*fn)(void *context, snapshot_t *snapshot), void *context);

/* Reads the snapshots that have come and not been read: after an answer that names a version, what
 * leads up to that version is among them. */
void asks_hear(asks_t *self);

/* Whether OWNER has answered anything within the last WITHIN_US. */
bool asks_has_answered(const asks_t *self, ask_owner_t owner, int64_t within_us);

#endif
