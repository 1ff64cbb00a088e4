/*
 * A reader's own copy of the newest state, kept from the changes that the aggregator publishes.
 */
#ifndef HEALTHD_CORE_SNAPSHOT_VIEW_H
#define HEALTHD_CORE_SNAPSHOT_VIEW_H

#include <stdbool.h>

#include <healthd/snapshot.h>

/* Zero it to begin; is_known turns true with the first whole snapshot. */
typedef struct {
    bool is_known;
    snapshot_t whole; /* its flags (is_periodic, ...) are those of the snapshot applied last */
} snapshot_view_t;

typedef enum {
    SNAPSHOT_APPLIED,
    SNAPSHOT_OLD, /* the view knows this version already: nothing changed */
    SNAPSHOT_GAP, /* changes against a version that the view has not: ask for the whole state */
} snapshot_view_outcome_t;

/*
 * Applies SNAPSHOT, moving its contents into the view where it is applied: it is then empty, but
 * the caller still destroys it. O(number of targets).
 */
snapshot_view_outcome_t snapshot_view_apply(snapshot_view_t *view, snapshot_t *snapshot);

/* The target NAME, or NULL. O(number of targets). */
const target_state_t *snapshot_target_at(const snapshot_t *snapshot, const char *name);

void snapshot_view_clear(snapshot_view_t *view);

#endif
