#include "core/confirm.h"

/* The last WINDOW (1 .. THRESHOLD_WINDOW_MAX) bits of HISTORY that are set. */
static uint32_t count_of(uint64_t history, uint32_t window)
{
    uint64_t mask = UINT64_MAX >> (THRESHOLD_WINDOW_MAX - window);
    return (uint32_t)__builtin_popcountll(history & mask);
}

uint32_t confirm_count(const confirm_t *self, const target_t *target)
{
    uint32_t window = self->is_worse ? target->failure_window : target->success_window;
    if (window == 0)
        return self->n_unconfirmed;
    return count_of(self->is_worse ? self->worse : self->better, window);
}

bool confirm_step(confirm_t *self, const target_t *target, int shown, int status)
{
    bool is_worse = status > shown;
    uint32_t threshold = is_worse ? target->failure_threshold : target->success_threshold;
    self->worse = self->worse << 1 | (status > shown);
    self->better = self->better << 1 | (status < shown);
    if (self->is_worse != is_worse || status == shown)
        self->n_unconfirmed = 0;
    self->is_worse = is_worse;
    if (shown != STATUS_UNKNOWN && status == shown)
        return true;
    self->n_unconfirmed++;
    if (shown != STATUS_UNKNOWN && confirm_count(self, target) < threshold)
        return false;
    *self = (confirm_t){.n_unconfirmed = 0};
    return true;
}
