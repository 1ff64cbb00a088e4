#include "core/restarts.h"

int64_t restarts_note(restarts_t *restarts, int64_t now_us)
{
    unsigned n_kept = 0;
    for (unsigned i = 0; i < restarts->n; i++) {
        if (now_us - restarts->ended_us[i] < RESTARTS_WINDOW_US)
            restarts->ended_us[n_kept++] = restarts->ended_us[i];
    }
    restarts->n = n_kept;
    restarts->ended_us[restarts->n++] = now_us;
    if (restarts->n == RESTARTS_MAX) {
        restarts->n = 0;
        return -1;
    }
    return RESTARTS_FIRST_WAIT_US << (restarts->n - 1);
}
