#include "core/pace.h"

#include "core/hash.h"

schedule_times_t pace_times(const target_t *target, size_t n_targets)
{
    int64_t interval_us = (int64_t)target->check_interval_ms * 1000;
    uint64_t hash = hash_of_text(target->name);
    schedule_times_t times = {
        .interval_us = interval_us,
        .jitter_us = (int64_t)((double)interval_us * target->jitter_ratio),
        .seed = hash,
    };
    if (!target->is_spread)
        return times;
    double place = (double)(hash_mix(hash) >> 11) * 0x1p-53; /* 0 .. 1, without 1 */
    int64_t window_us = PACE_FIRST_MAX_US;
    if (n_targets < (size_t)(PACE_FIRST_MAX_US / PACE_FIRST_SPACING_US))
        window_us = (int64_t)n_targets * PACE_FIRST_SPACING_US;
    if (window_us > interval_us)
        window_us = interval_us;
    times.first_us = (int64_t)(place * (double)window_us);
    times.phase_us = (int64_t)(place * (double)interval_us);
    return times;
}

int64_t pace_retry_us(pace_t *self, const target_t *target, int status)
{
    int shown = self->has_result ? self->shown : STATUS_UNKNOWN;
    self->has_result = true;
    if (!confirm_step(&self->confirm, target, shown, status))
        return (int64_t)target->retry_interval_ms * 1000;
    self->shown = status;
    return 0;
}

int64_t pace_stale_after_us(const target_t *target, double staleness)
{
    int64_t interval_ms = target->check_interval_ms;
    int64_t by_interval_ms = (int64_t)((double)interval_ms * staleness);
    int64_t by_timeout_ms = interval_ms + target->timeout_ms + 2000;
    return (by_interval_ms > by_timeout_ms ? by_interval_ms : by_timeout_ms) * 1000;
}
