/* One healthd for each state folder: two would give the same numbers to different alerts. */
#ifndef HEALTHD_STORE_STATE_LOCK_H
#define HEALTHD_STORE_STATE_LOCK_H

#include "store/store.h"

/* Name of the lock file in the state folder. */
#define STATE_LOCK_FILE "lock"

/*
 * Makes STATE_DIR (its last part) where it is not there, and locks it until the process ends,
 * however it ends, or RET_FD is closed. 0, or -1 with *RETERR, which names the process that has it.
 */
int state_lock_take(const char *state_dir, int *ret_fd, store_error_t *reterr);

#endif
