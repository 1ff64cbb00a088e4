/*
 * The health model: from results to the status of every target and of the system. It knows
 * thresholds, staleness, the rules of the overall status (contract, sections 3 and 4) and what
 * changed since the last snapshot. No I/O; both clocks are passed in, microseconds: wall time for
 * what is shown, monotonic time for what is measured.
 */
#ifndef HEALTHD_CORE_MODEL_H
#define HEALTHD_CORE_MODEL_H

#include <healthd/snapshot.h>

#include "core/config.h"

typedef struct model model_t;

/* What a model needs to know of now. */
typedef struct {
    int64_t wall_us;
    int64_t mono_us;
} now_t;

/* A model in which nothing was seen yet. Borrows CONFIG for its life. NULL: out of memory. */
model_t *model_new(const config_t *config, now_t now);

void model_destroy(model_t **model);

/*
 * Goes over to CONFIG (borrows for life; the old one is borrowed no more). Targets are known again
 * by their names: they keep what they show, since when, and what was counted, but counting begins
 * anew where the probe or its URL changed. One that turned from probed to passive or a group, or
 * back, and one that was not there, begins as in a new model. Groups follow their members of now.
 * The next snapshot is due at once and is whole. Returns 0, or -1 with nothing done where memory
 * ran out. O(number of targets).
 */
int model_reconfigure(model_t *model, const config_t *config, now_t now);

typedef enum {
    MODEL_APPLIED,
    MODEL_UNCONFIRMED,   /* counted, but the threshold is not reached */
    MODEL_OUTDATED,      /* emergency stop: an entry that is not newer than the known one */
    MODEL_PAUSED,        /* the target is paused: the result counts for nothing */
    MODEL_WAITING,       /* a failure that counts when the connectivity checks have answered */
    MODEL_UNKNOWN_TARGET /* no (probed) target of that name */
} model_outcome_t;

/* Applies RESULT; its texts are moved into the model where it decides (the caller still destroys
 * it). O(1). */
model_outcome_t model_apply(model_t *model, probe_result_t *result, now_t now);

/*
 * Target NAME is paused as *PAUSE says, which is taken where it is news, or goes on where *PAUSE is
 * NULL: without a result until the next one comes. A paused target is UNKNOWN and left out of every
 * rule; where all are paused, the system is UNKNOWN. O(1).
 */
model_outcome_t model_pause(model_t *model, const char *name, pause_t **pause, now_t now);

/* Whether target NAME is paused; false where there is none. O(1). */
bool model_is_paused(const model_t *model, const char *name);

/*
 * The next target that is to be probed at once: an address of a connectivity check for whose answer
 * something waits, or a target that could not be seen and now can; NULL where there is none. To be
 * asked for after every batch of results. O(1), but O(number of targets) once for each time that
 * sight returns.
 */
const target_t *model_next_ask(model_t *model);

/* Turns targets whose last result is too old into UNKNOWN, and lets failures count that waited for
 * the connectivity checks long enough. To be called each second. O(number of targets). */
void model_expire(model_t *model, now_t now);

/*
 * Works the status of the system out anew. True where a status, a reason or a critical failure
 * differs from the last snapshot, so that a new one is due at once. False, with nothing done, where
 * memory ran out. O(number of targets).
 */
bool model_evaluate(model_t *model);

/* The same answer, to be asked after every batch of results: mostly O(1). The verdict is worked out
 * by model_evaluate, before the snapshot. */
bool model_is_due(model_t *model);

/* The next snapshot is whole: the last one was lost to who must know it. */
void model_show_whole(model_t *model);

/*
 * Makes the next snapshot: version + 1 and the changes since the one before, from the state of the
 * last model_evaluate. Where all details and conditions that are shown exceed
 * SNAPSHOT_BULK_MAX_BYTES the largest are left out until their target's next result:
 * {"left_out_bytes":N} stands in place of its details. RET borrows everything from the model until
 * the model's next call.
 */
void model_next_snapshot(model_t *model, bool is_periodic, now_t now, snapshot_t *ret);

#endif
