/* What a host check makes of a reading of this machine. */
#ifndef HEALTHD_CORE_PROBES_HOST_H
#define HEALTHD_CORE_PROBES_HOST_H

#include "core/check.h"
#include "core/host_reading.h"

/* Values of one reading, at most. */
#define HOST_VALUES_MAX 5

/* A limit that is not set is one that nothing passes. */
typedef struct {
    double used_degraded, used_down; /* parts of the space of a disk */
    double inodes_degraded, inodes_down;
    double available_degraded, available_down; /* parts of the memory, from below */
    double load_degraded, load_down;           /* for each processor */
    int64_t count_least, count_most;           /* processes */
    int64_t age_degraded_us, age_down_us;
    int64_t size_least_bytes;
} host_settings_t;

typedef struct {
    check_value_t values[HOST_VALUES_MAX]; /* the first is `value` of conditions */
    size_t n_values;
    status_t verdict;
    reason_t reason;
    char text[2048]; /* for people: "disk /var: 93.1% used, 12.3 GiB free" */
} host_verdict_t;

/* Judges READING of SUBJECT, which was taken at NOW_US (Unix time) and has no fault. Gives *RET. */
void host_judge(const host_settings_t *settings, const host_reading_t *reading, const char *subject,
                int64_t now_us, host_verdict_t *ret);

#endif
