#include "actors/collectors/probe_counts.h"

void probe_counts_result(probe_counts_t *self, const probe_result_t *result)
{
    self->n_of_status[result->status]++;
    if (result->status != STATUS_OK)
        self->n_of_reason[result->reason]++;
    if (result->latency_us >= 0)
        histogram_add(&self->durations, result->latency_us);
}

static void tell_histogram(const histogram_t *histogram, const char *type, vital_metric_t metric,
                           vitals_draft_t *draft)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        vitals_add_part(draft, metric, VITAL_BUCKET, (double)histogram_up_to(histogram, i),
                        "type=\"%s\",le=\"%s\"", type, histogram_bound(i));
    vitals_add_part(draft, metric, VITAL_BUCKET, (double)histogram->n, "type=\"%s\",le=\"+Inf\"",
                    type);
    vitals_add_part(draft, metric, VITAL_SUM, (double)histogram->sum_us / 1e6, "type=\"%s\"", type);
    vitals_add_part(draft, metric, VITAL_N, (double)histogram->n, "type=\"%s\"", type);
}

void probe_counts_tell(const probe_counts_t *self, probe_type_t type, vitals_draft_t *draft)
{
    static const struct {
        status_t status;
        const char *outcome;
    } outcomes[] = {{STATUS_OK, "ok"}, {STATUS_DEGRADED, "degraded"}, {STATUS_DOWN, "down"}};
    const char *name = probe_type_name(type);
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        vitals_add(draft, VITAL_PROBES, (double)self->n_of_status[outcomes[i].status],
                   "type=\"%s\",outcome=\"%s\"", name, outcomes[i].outcome);
    for (int reason = 0; reason < REASON_COUNT; reason++)
        if (self->n_of_reason[reason] > 0)
            vitals_add(draft, VITAL_PROBE_FAILURES, (double)self->n_of_reason[reason],
                       "type=\"%s\",reason=\"%s\"", name, reason_name(reason));
    tell_histogram(&self->durations, name, VITAL_PROBE_DURATION, draft);
    tell_histogram(&self->lags, name, VITAL_PROBE_LAG, draft);
}
