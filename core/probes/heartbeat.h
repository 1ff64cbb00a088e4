/* How a heartbeat is awaited: the options of PROBE_HEARTBEAT. */
#ifndef HEALTHD_CORE_PROBES_HEARTBEAT_H
#define HEALTHD_CORE_PROBES_HEARTBEAT_H

#include "core/cron.h"
#include "core/zone.h"

typedef struct {
    const char *token; /* the credential of its pings */
    int64_t period_us; /* from one ping to the next; 0: by SCHEDULE */
    cron_t schedule;
    zone_t *zone;           /* of the schedule; NULL: UTC */
    int64_t grace_us;       /* from the expected time to DOWN */
    int64_t tolerance_us;   /* ... to DEGRADED; at most grace_us */
    int64_t max_runtime_us; /* of a run whose start was told; 0: no bound */
} heartbeat_settings_t;

#endif
