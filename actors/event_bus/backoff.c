#include "actors/event_bus/backoff.h"

#include <sys/random.h>

int64_t backoff_next_us(backoff_t *self)
{
    int64_t whole_us = BACKOFF_FIRST_US;
    for (unsigned i = 0; i < self->n_failures && whole_us < BACKOFF_MAX_US; i++)
        whole_us *= 2;
    if (whole_us > BACKOFF_MAX_US)
        whole_us = BACKOFF_MAX_US;
    self->n_failures++;
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = UINT32_MAX; /* no jitter this time */
    int64_t half_us = whole_us / 2;
    return half_us + (int64_t)((double)half_us * random / UINT32_MAX);
}
