#include "actors/aggregator/sight_log.h"

#include <string.h>

static int sight_before(const snapshot_t *before, const char *name)
{
    for (size_t i = 0; i < before->n_connectivity; i++) {
        if (strcmp(before->connectivity[i].name, name) == 0)
            return before->connectivity[i].sight;
    }
    return SIGHT_UNKNOWN;
}

static void log_turn(const log_t *log, int before, const connectivity_t *check)
{
    if (check->sight == SIGHT_LOST)
        log_write(log, LOG_LEVEL_CRITICAL, "blind",
                  "connectivity check %s fails: targets whose own checks fail are UNKNOWN until it "
                  "sees again",
                  check->name);
    else if (check->sight == SIGHT_NEVER)
        log_write(log, LOG_LEVEL_WARNING, "connectivity_check_wrong",
                  "connectivity check %s: none of its addresses has answered since the start; it "
                  "says nothing until one does",
                  check->name);
    else if (before == SIGHT_LOST || before == SIGHT_NEVER)
        log_write(log, LOG_LEVEL_WARNING, "sight_returned", "connectivity check %s sees again",
                  check->name);
}

void sight_log(const log_t *log, const snapshot_t *before, const snapshot_t *now)
{
    for (size_t i = 0; i < now->n_connectivity; i++) {
        int sight = sight_before(before, now->connectivity[i].name);
        if (sight != now->connectivity[i].sight)
            log_turn(log, sight, &now->connectivity[i]);
    }
}
