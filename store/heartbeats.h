/* What is known of each heartbeat, on disk; its collector is the only writer. */
#ifndef HEALTHD_STORE_HEARTBEATS_H
#define HEALTHD_STORE_HEARTBEATS_H

#include "core/heartbeat.h"
#include "store/store.h"

/* Called for each stored one; TARGET is borrowed, the contents of RECORD may be taken. 0, or -1:
 * out of memory. */
typedef int heartbeat_row_fn(void *context, const char *target, heartbeat_record_t *record);

/* Hands every stored heartbeat to FN. 0, or -1 with *RETERR. */
int heartbeats_load(store_t *store, heartbeat_row_fn *fn, void *context, store_error_t *reterr);

/* Stores RECORD (borrows) of TARGET in place of what was there. 0, or -1 with *RETERR. */
int heartbeats_save(store_t *store, const char *target, const heartbeat_record_t *record,
                    store_error_t *reterr);

/* Removes that of TARGET, if there is one. 0, or -1 with *RETERR. */
int heartbeats_remove(store_t *store, const char *target, store_error_t *reterr);

#endif
