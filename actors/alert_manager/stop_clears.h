/*
 * Clears of the emergency stop that no snapshot has shown yet: each is answered when one does, or
 * after a second.
 */
#ifndef HEALTHD_ACTORS_ALERT_MANAGER_STOP_CLEARS_H
#define HEALTHD_ACTORS_ALERT_MANAGER_STOP_CLEARS_H

#include <czmq.h>

#include <healthd/alert_event.h>
#include <healthd/snapshot.h>

/* Clears that wait, at most. */
#define STOP_CLEARS_MAX 16
/* A clear is answered when a snapshot shows it, or after so long. */
#define STOP_CLEAR_DEADLINE_US ((int64_t)1000000)

typedef struct {
    zframe_t *asker; /* NULL: the place is free */
    uint64_t request_id;
    char *entry_id; /* of the trip that was cleared */
    int64_t deadline_us;
} stop_clear_t;

/* Zero it to begin. */
typedef struct {
    stop_clear_t places[STOP_CLEARS_MAX];
} stop_clears_t;

/* The clear of STOP at NOW_US waits for ASKER (both borrowed). False where no place is free. */
bool stop_clears_add(stop_clears_t *self, const alert_t *stop, zframe_t *asker, uint64_t request_id,
                     int64_t now_us);

typedef void stop_clears_answer_fn(void *context, uint64_t request_id, zframe_t *asker);

/* Calls ANSWER for each clear that STATE (may be NULL) shows or that has waited enough. Gives when
 * the next one has, monotonic; INT64_MAX: none waits. */
int64_t stop_clears_step(stop_clears_t *self, const snapshot_t *state, int64_t now_us,
                         stop_clears_answer_fn *answer, void *context);

void stop_clears_end(stop_clears_t *self);

#endif
