/* The heartbeats of a configuration and what is stored of them; of the heartbeat collector alone.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_HEARTBEAT_TABLE_H
#define HEALTHD_ACTORS_COLLECTORS_HEARTBEAT_TABLE_H

#include "core/config.h"
#include "core/heartbeat.h"
#include "store/store.h"

typedef struct {
    const target_t *target; /* borrowed from the configuration */
    const heartbeat_settings_t *settings;
    heartbeat_t state;
    status_t told_status; /* as the aggregator was told last */
    reason_t told_reason;
    bool is_paused;
    bool is_unsaved; /* the disk refused what the state has in its record */
} beat_t;

typedef struct {
    beat_t *beats; /* in the order of the configuration */
    size_t n;
} heartbeat_table_t;

/* The heartbeats of CONFIG; each goes on from that of its name in BEFORE, which gives it away, else
 * it is new. 0, or -1 where memory ran out: BEFORE is as it was. */
int heartbeat_table_init(heartbeat_table_t *self, const config_t *config, heartbeat_table_t *before,
                         now_t now);
void heartbeat_table_clear(heartbeat_table_t *self);

/* The heartbeat NAME of CONFIG, whose table this is; NULL where there is none. */
beat_t *heartbeat_table_at(const heartbeat_table_t *self, const config_t *config, const char *name);

/* Takes over what is stored, and removes what is stored of targets that are no heartbeats of CONFIG
 * any more. 0, or -1 with *RETERR. */
int heartbeat_table_load(heartbeat_table_t *self, const config_t *config, store_t *store, now_t now,
                         store_error_t *reterr);

#endif
