/*
 * Counting towards a threshold: whether a result turns or confirms the status of a target. Pure;
 * the health model and the collectors count alike.
 */
#ifndef HEALTHD_CORE_CONFIRM_H
#define HEALTHD_CORE_CONFIRM_H

#include "core/target.h"

/* Zero it to begin, and when the shown status turned without it. */
typedef struct {
    uint32_t n_unconfirmed; /* consecutive results on the same side of the shown status */
    bool is_worse;          /* the side of those */
    uint64_t worse;  /* the last THRESHOLD_WINDOW_MAX results, newest lowest: worse than shown */
    uint64_t better; /* ... better than shown */
} confirm_t;

/* Whether a result of STATUS turns the SHOWN status of TARGET or confirms it; else it only counts.
 * Where it turns, counting begins anew. */
bool confirm_step(confirm_t *self, const target_t *target, int shown, int status);

/* Results that speak for the side under way, as a threshold counts them. */
uint32_t confirm_count(const confirm_t *self, const target_t *target);

#endif
