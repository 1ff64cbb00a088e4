/* What this process costs, as the kernel counts it. */
#ifndef HEALTHD_GATEWAY_PROCESS_STATS_H
#define HEALTHD_GATEWAY_PROCESS_STATS_H

#include <stdint.h>

typedef struct {
    double cpu_seconds;        /* user and system */
    double start_time_seconds; /* Unix time */
    uint64_t resident_bytes;
    uint64_t n_threads;
    uint64_t n_open_descriptors;
    uint64_t n_max_descriptors;
} process_stats_t;

/* Reads them from /proc. 0, or -1 where it cannot be read. */
int process_stats_read(process_stats_t *ret);

#endif
