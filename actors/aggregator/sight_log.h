/* What the log says of the connectivity checks. */
#ifndef HEALTHD_ACTORS_AGGREGATOR_SIGHT_LOG_H
#define HEALTHD_ACTORS_AGGREGATOR_SIGHT_LOG_H

#include <healthd/snapshot.h>

#include "actors/actor.h"

/* Logs each connectivity check of NOW that has turned since BEFORE. */
void sight_log(const log_t *log, const snapshot_t *before, const snapshot_t *now);

#endif
