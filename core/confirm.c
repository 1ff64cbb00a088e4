#include "core/confirm.h"

bool confirm_step(confirm_t *self, const target_t *target, int shown, int status)
{
    bool is_worse = status > shown;
    uint32_t threshold = is_worse ? target->failure_threshold : target->success_threshold;
    if (self->is_worse != is_worse)
        self->n_unconfirmed = 0;
    self->is_worse = is_worse;
    if (shown != STATUS_UNKNOWN && shown != status && ++self->n_unconfirmed < threshold)
        return false;
    self->n_unconfirmed = 0;
    return true;
}
