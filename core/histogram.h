/* How long things took, counted in buckets of seconds as Prometheus' clients have them. Pure. */
#ifndef HEALTHD_CORE_HISTOGRAM_H
#define HEALTHD_CORE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* Buckets with an upper bound; what is longer is in the total alone. */
#define HISTOGRAM_BUCKETS 12

/* Zero it to begin. */
typedef struct {
    uint64_t n_within[HISTOGRAM_BUCKETS]; /* in this bucket and in none before it */
    uint64_t n;
    uint64_t sum_us;
} histogram_t;

/* Upper bound of BUCKET as text in seconds: "0.005" to "30". */
const char *histogram_bound(size_t bucket);

/* Counts one of TOOK_US microseconds; below 0 counts as 0. */
void histogram_add(histogram_t *self, int64_t took_us);

/* How many took as long as BUCKET's bound, or less. */
uint64_t histogram_up_to(const histogram_t *self, size_t bucket);

#endif
