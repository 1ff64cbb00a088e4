/* A component and level that someone cleared: not raised again until the condition has ended. */
#ifndef HEALTHD_CORE_QUIET_H
#define HEALTHD_CORE_QUIET_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    char *component;
    int level;        /* severity_t; at most one quiet mark for each component and level */
    int64_t since_us; /* Unix time of the clear */
    char *alert_id;   /* of the alert that was cleared */
} quiet_t;

/* A step of the table of quiet marks that goes with a batch of events. */
typedef struct {
    bool is_quiet; /* true: the row is set; false: removed (only component and level are read) */
    quiet_t quiet;
} quiet_change_t;

#endif
