/*
 * Which target is due when, on the monotonic clock. The first round is due at once; each later run
 * is due an interval after the one before was due, not after it ended, so that times do not drift;
 * runs that were missed are left out. A target that was taken is not due again before it is
 * finished: no target has two checks under way. Pure.
 */
#ifndef HEALTHD_CORE_SCHEDULE_H
#define HEALTHD_CORE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

/* Position that stands for no target. */
#define SCHEDULE_NONE SIZE_MAX
/* Time at which nothing is due. */
#define SCHEDULE_NEVER INT64_MAX

typedef struct schedule schedule_t;

/*
 * A schedule of targets 0 .. N-1 with their INTERVAL_US (borrows; each > 0), all due at NOW_US, in
 * this order. NULL where memory ran out. O(n).
 */
schedule_t *schedule_new(const int64_t *interval_us, size_t n, int64_t now_us);
void schedule_destroy(schedule_t **self);

/* Takes the target that has been due the longest at NOW_US; of two the one that stands first.
 * SCHEDULE_NONE where none is due. O(log n). */
size_t schedule_take(schedule_t *self, int64_t now_us);

/* TARGET, which was taken, has ended: it is due at its next time that is not before NOW_US.
 * O(log n). */
void schedule_finish(schedule_t *self, size_t target, int64_t now_us);

/* When the next target is due, possibly in the past; SCHEDULE_NEVER while all are under way. O(1).
 */
int64_t schedule_next_us(const schedule_t *self);

#endif
