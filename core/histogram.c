#include "core/histogram.h"

#include <assert.h>

static const struct {
    int64_t us;
    const char *text;
} bounds[HISTOGRAM_BUCKETS] = {
    {1000, "0.001"},  {5000, "0.005"},  {10000, "0.01"},  {25000, "0.025"},
    {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1.0"}, {2500000, "2.5"}, {5000000, "5.0"}, {30000000, "30.0"},
};

const char *histogram_bound(size_t bucket)
{
    assert(bucket < HISTOGRAM_BUCKETS);
    return bounds[bucket].text;
}

void histogram_add(histogram_t *self, int64_t took_us)
{
    if (took_us < 0)
        took_us = 0;
    self->n++;
    self->sum_us += (uint64_t)took_us;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        if (took_us <= bounds[i].us) {
            self->n_within[i]++;
            return;
        }
    }
}

uint64_t histogram_up_to(const histogram_t *self, size_t bucket)
{
    assert(bucket < HISTOGRAM_BUCKETS);
    uint64_t n = 0;
    for (size_t i = 0; i <= bucket; i++)
        n += self->n_within[i];
    return n;
}
