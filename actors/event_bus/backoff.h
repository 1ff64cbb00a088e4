/*
 * How long to wait before the next try: 1 s, doubled with each failure in a row, with jitter. It
 * does not grow far: a try costs one packet, and until one succeeds a trip of the emergency stop is
 * not heard.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_BACKOFF_H
#define HEALTHD_ACTORS_EVENT_BUS_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_US ((int64_t)1000 * 1000)
#define BACKOFF_MAX_US   ((int64_t)5 * 1000 * 1000)

/* Zero it to begin, and when a try succeeded. */
typedef struct {
    unsigned n_failures; /* in a row */
} backoff_t;

/* Counts a failure. Gives the time to wait: half of it fixed, half random. */
int64_t backoff_next_us(backoff_t *self);

#endif
