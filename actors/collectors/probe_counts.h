/* What a collector counted of its probes, for its vital signs. */
#ifndef HEALTHD_ACTORS_COLLECTORS_PROBE_COUNTS_H
#define HEALTHD_ACTORS_COLLECTORS_PROBE_COUNTS_H

#include <healthd/probe_result.h>

#include "core/histogram.h"
#include "core/target.h"
#include "proto/vitals.h"

/* Zero it to begin. */
typedef struct {
    uint64_t n_of_status[STATUS_COUNT];
    uint64_t n_of_reason[REASON_COUNT];
    histogram_t durations; /* of those that measured a latency */
    histogram_t lags;
} probe_counts_t;

/* Counts RESULT (borrows). */
void probe_counts_result(probe_counts_t *self, const probe_result_t *result);

/* Adds what was counted of probes of TYPE to DRAFT. */
void probe_counts_tell(const probe_counts_t *self, probe_type_t type, vitals_draft_t *draft);

#endif
