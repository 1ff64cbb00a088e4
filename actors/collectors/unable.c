#include "actors/collectors/unable.h"

/* Between two lines. */
#define LOG_US ((int64_t)60 * 1000000)

bool unable_note(unable_t *self, const log_t *log, const check_outcome_t *outcome, int64_t now_us)
{
    if (outcome->fault != REASON_RESOURCES)
        return false;
    self->n++;
    if (now_us >= self->log_us) {
        log_write(log, LOG_LEVEL_ERROR, "checks_not_made",
                  "%zu checks could not be made, healthd lacks memory or open files: %.100s; the "
                  "last results stand until they are stale",
                  self->n, outcome->fault_text ? outcome->fault_text : "");
        self->log_us = now_us + LOG_US;
        self->n = 0;
    }
    return true;
}
