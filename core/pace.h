/*
 * How a target's checks lie in time: spread over the interval by its name, shifted by jitter,
 * closer while its status is unconfirmed. All of it follows from the name, so that it is the same
 * after each start. Pure.
 */
#ifndef HEALTHD_CORE_PACE_H
#define HEALTHD_CORE_PACE_H

#include "core/confirm.h"
#include "core/schedule.h"

/* The first checks of spread targets follow each other so closely on average, ... */
#define PACE_FIRST_SPACING_US ((int64_t)10000)
/* ... and none comes later than this after the start. */
#define PACE_FIRST_MAX_US ((int64_t)5000000)

/*
 * The times of TARGET, one of N_TARGETS of a collector. Not spread: at once, and then each
 * interval. Spread: its place in the interval is a hash of its name. The first round keeps that
 * order, but is pressed into a short while after the start, as nothing is known before it; the next
 * check comes at the target's place, a half to one and a half intervals later.
 */
schedule_times_t pace_times(const target_t *target, size_t n_targets);

/* A result of TARGET is stale when it is older than the larger of STALENESS (3) intervals and
 * interval + time-out + 2 s (contract, section 4). */
int64_t pace_stale_after_us(const target_t *target, double staleness);

/* What a collector knows of a target's status: what the health model shows once it has the result.
 */
typedef struct {
    bool has_result;
    int shown; /* status_t */
    confirm_t confirm;
} pace_t;

/* Notes a result of STATUS. Gives the time to the next check if it is to come sooner than the
 * schedule says, because the status is unconfirmed; else 0. */
int64_t pace_retry_us(pace_t *self, const target_t *target, int status);

#endif
