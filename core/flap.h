/*
 * Whether a target flaps: its results change so often that its turns say little. Weighted as
 * Icinga 2 does (documentation, chapter "Advanced Topics", "Flapping"): of the last `window`
 * results those that differ from the one before are counted, newer ones heavier, from 0.8 for the
 * oldest to 1.2 for the newest. Pure.
 */
#ifndef HEALTHD_CORE_FLAP_H
#define HEALTHD_CORE_FLAP_H

#include <stdbool.h>
#include <stdint.h>

/* Results that are looked back on, at least and at most. */
#define FLAP_WINDOW_MIN 5
#define FLAP_WINDOW_MAX 64

typedef struct {
    uint32_t window; /* 0: nothing ever flaps */
    double high;     /* a target whose ratio is above it begins to flap, ... */
    double low;      /* ... and ends where it is below this */
} flap_settings_t;

/* Zero it to begin. */
typedef struct {
    uint64_t changes;   /* newest lowest: the result differs from the one before */
    uint32_t n_results; /* up to FLAP_WINDOW_MAX */
    int last;           /* status_t of the newest */
    bool is_flapping;
} flap_t;

/* Weighted part of the last results that were changes: 0 .. 1. O(window). */
double flap_ratio(const flap_t *self, const flap_settings_t *settings);

/* Takes a result of STATUS. */
void flap_step(flap_t *self, const flap_settings_t *settings, int status);

/* Whether there were results enough to say that the target does not flap. */
bool flap_is_known(const flap_t *self, const flap_settings_t *settings);

#endif
