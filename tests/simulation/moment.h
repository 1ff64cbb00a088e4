/*
 * The simulated clocks, and the story of a run. `clock_mono_us` and `clock_wall_us` of
 * actors/actor.h are defined here: the program links these in place of the real ones.
 */
#ifndef HEALTHD_TESTS_SIMULATION_MOMENT_H
#define HEALTHD_TESTS_SIMULATION_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#define SECOND_US ((int64_t)1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
#define DAY_US    (24 * HOUR_US)
/* Time at which nothing happens. */
#define NEVER_US INT64_MAX

int64_t clock_mono_us(void);
int64_t clock_wall_us(void);

/* A new run: the monotonic clock at 0, the wall clock at a day of 2026; correlation ids follow
 * SEED. */
void moment_begin(uint64_t seed);

/* Time passes on both clocks. */
void moment_advance(int64_t us);

/* The wall clock alone is set forward or back. */
void moment_jump_wall(int64_t us);

/* Whether the story is told on stderr as it happens; from the monotonic time FROM_US on. */
void moment_tell(bool is_told, int64_t from_us);

/* One line of the story, with the time before it; free of cost while it is not told. */
void story(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
