/* The state folder, before any actor depends on it. */
#ifndef HEALTHD_ACTORS_SUPERVISOR_STATE_FOLDER_H
#define HEALTHD_ACTORS_SUPERVISOR_STATE_FOLDER_H

#include "core/config.h"
#include "store/store.h"

/*
 * Locks the folder for this process, checks state.db in it and forgets the cursors of readers that
 * CONFIG has not: they would keep the alert log for ever. Gives RET_LOCK, a descriptor that holds
 * the lock until it is closed. 0, or -1 with *RETERR, which says what to do.
 */
int state_folder_take(const config_t *config, int *ret_lock, store_error_t *reterr);

#endif
