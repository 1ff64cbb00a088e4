/* Random numbers that are the same for the same seed on every machine (SplitMix64: Steele, Lea,
 * Flood, OOPSLA 2014). */
#ifndef HEALTHD_TESTS_SIMULATION_RANDOM_H
#define HEALTHD_TESTS_SIMULATION_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} random_t;

static inline uint64_t random_next(random_t *self)
{
    uint64_t z = (self->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* 0 .. N - 1; N is at least 1. */
static inline uint64_t random_below(random_t *self, uint64_t n)
{
    return random_next(self) % n;
}

/* LOW .. HIGH, both included. */
static inline int64_t random_between(random_t *self, int64_t low, int64_t high)
{
    return low + (int64_t)random_below(self, (uint64_t)(high - low) + 1);
}

/* True so many times in a thousand. */
static inline bool random_is(random_t *self, unsigned per_mille)
{
    return random_below(self, 1000) < per_mille;
}

#endif
