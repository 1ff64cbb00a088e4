/*
 * Which target is due when, on the monotonic clock. Regular runs are an interval apart, counted
 * from the time at which they are due and not from their end, so that times do not drift; runs that
 * were missed are left out. A target that was taken is not due again before it is finished: no
 * target has two checks under way. Pure.
 */
#ifndef HEALTHD_CORE_SCHEDULE_H
#define HEALTHD_CORE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Position that stands for no target. */
#define SCHEDULE_NONE SIZE_MAX
/* Time at which nothing is due. */
#define SCHEDULE_NEVER INT64_MAX

typedef struct schedule schedule_t;

/* When a target's runs are due, from the start of the schedule. */
typedef struct {
    int64_t interval_us; /* > 0 */
    int64_t first_us;    /* the first run; >= 0 */
    int64_t phase_us;    /* regular runs: at PHASE plus a multiple of the interval; 0 .. interval */
    int64_t jitter_us;   /* a regular run is due up to this much later, never the first one; each
                            time another bit, which follows from SEED */
    uint64_t seed;
} schedule_times_t;

/*
 * A schedule of targets 0 .. N-1 with their TIMES (borrows) that starts at NOW_US. Where the first
 * run is not at the phase, the second one is the first regular run half an interval or more after
 * it. NULL where memory ran out. O(n log n).
 */
schedule_t *schedule_new(const schedule_times_t *times, size_t n, int64_t now_us);
void schedule_destroy(schedule_t **self);

/*
 * Goes over to N targets with TIMES (borrows); OLD_OF names for each the position that it had, or
 * SCHEDULE_NONE where it is new. A target whose interval and phase are the same stays due when it
 * was, one with others at its next regular time or, where that is sooner, at the retry that was
 * due; a new one as in a schedule that starts at NOW_US, but on the beat of the old start. Runs
 * under way go on; those of targets that are gone must not be finished. 0, or -1 with nothing done
 * where memory ran out. O(n log n).
 */
int schedule_reconfigure(schedule_t *self, const schedule_times_t *times, size_t n,
                         const size_t *old_of, int64_t now_us);

/* Takes the target that has been due the longest at NOW_US; of two the one that stands first.
 * SCHEDULE_NONE where none is due. O(log n). */
size_t schedule_take(schedule_t *self, int64_t now_us);

/* TARGET, which was taken, has ended: it is due at its next regular time that is not before NOW_US
 * or, where that is sooner and RETRY_US is not 0, RETRY_US after this run was due (a multiple of
 * it, if that has passed). O(log n). */
void schedule_finish(schedule_t *self, size_t target, int64_t now_us, int64_t retry_us);

/* Takes TARGET beside its schedule, due or not. False, with nothing done, where it is under way.
 * O(n). */
bool schedule_take_early(schedule_t *self, size_t target);

/* TARGET, which was taken beside its schedule, has ended: it is due when it was or, where that is
 * sooner and RETRY_US is not 0, RETRY_US after NOW_US. O(log n). */
void schedule_put_back(schedule_t *self, size_t target, int64_t now_us, int64_t retry_us);

/* When the next target is due, possibly in the past; SCHEDULE_NEVER while all are under way. O(1).
 */
int64_t schedule_next_us(const schedule_t *self);

#endif
