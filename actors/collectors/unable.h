/*
 * Checks that could not be made for want of memory or descriptors of healthd's own: they say
 * nothing about the target, whose last result stands until it is stale. Told at most once a minute.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_UNABLE_H
#define HEALTHD_ACTORS_COLLECTORS_UNABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actors/io/log.h"
#include "core/check.h"

typedef struct {
    size_t n;       /* since the last line about them */
    int64_t log_us; /* monotonic time before which there is no other line; 0: there was none */
} unable_t;

/* Whether OUTCOME (borrows) is such a check; counts and tells it. NOW_US: monotonic. */
bool unable_note(unable_t *self, const log_t *log, const check_outcome_t *outcome, int64_t now_us);

#endif
