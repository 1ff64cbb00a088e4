/* Results of one turn of the loop, which go to ENDPOINT_RESULTS together in the next one. */
#ifndef HEALTHD_ACTORS_COLLECTORS_BATCH_H
#define HEALTHD_ACTORS_COLLECTORS_BATCH_H

#include <healthd/probe_result.h>

#include "actors/actor.h"

typedef struct batch batch_t;

/* Makes the socket. NULL: out of memory. */
batch_t *batch_new(actor_t *actor);

/* Drops what was not sent. Takes NULL. */
void batch_destroy(batch_t **self);

/* Takes the contents of RESULT. */
void batch_keep(batch_t *self, const probe_result_t *result);

#endif
