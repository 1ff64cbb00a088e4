/* The pauses that hold, on disk; the alert manager is their only writer. */
#ifndef HEALTHD_STORE_PAUSES_H
#define HEALTHD_STORE_PAUSES_H

#include <healthd/pause.h>

#include "store/store.h"

/* Called for each stored pause; TARGET and PAUSE are borrowed. 0, or -1: out of memory. */
typedef int pause_row_fn(void *context, const char *target, const pause_t *pause);

/* Hands every stored pause to FN. 0, or -1 with *RETERR. */
int pauses_load(store_t *store, pause_row_fn *fn, void *context, store_error_t *reterr);

/* Stores PAUSE (borrows) of TARGET in place of the one that it had. 0, or -1 with *RETERR. */
int pauses_save(store_t *store, const char *target, const pause_t *pause, store_error_t *reterr);

/* Removes the pause of TARGET, if there is one. 0, or -1 with *RETERR. */
int pauses_remove(store_t *store, const char *target, store_error_t *reterr);

#endif
