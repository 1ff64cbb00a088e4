/* The emergency stop's state on disk; the event bus is its only writer. */
#ifndef HEALTHD_STORE_TRIP_STATE_H
#define HEALTHD_STORE_TRIP_STATE_H

#include "core/trip.h"
#include "store/store.h"

/* The stored state, or the initial one where there is none. Gives RET, to be ended with
 * trip_clear. 0, or -1 with *RETERR. */
int trip_state_load(store_t *store, trip_t *ret, store_error_t *reterr);

/* Replaces the stored state by TRIP (borrows). 0, or -1 with *RETERR. */
int trip_state_save(store_t *store, const trip_t *trip, store_error_t *reterr);

#endif
