#include "core/flap.h"

/* Weight of the oldest result, and what the newest has more. */
#define WEIGHT_OLDEST 0.8
#define WEIGHT_GROWTH 0.4

double flap_ratio(const flap_t *self, const flap_settings_t *settings)
{
    double sum = 0;
    uint32_t window = settings->window;
    if (window < 2)
        return 0;
    for (uint32_t age = 0; age < window; age++) {
        if (self->changes >> age & 1)
            sum += WEIGHT_OLDEST + WEIGHT_GROWTH * (window - 1 - age) / (window - 1);
    }
    return sum / window;
}

void flap_step(flap_t *self, const flap_settings_t *settings, int status)
{
    if (settings->window == 0)
        return;
    bool is_change = self->n_results > 0 && status != self->last;
    self->changes = self->changes << 1 | is_change;
    self->last = status;
    if (self->n_results < FLAP_WINDOW_MAX)
        self->n_results++;
    double ratio = flap_ratio(self, settings);
    self->is_flapping = self->is_flapping ? ratio >= settings->low : ratio > settings->high;
}

bool flap_is_known(const flap_t *self, const flap_settings_t *settings)
{
    return self->is_flapping || self->n_results >= settings->window;
}
