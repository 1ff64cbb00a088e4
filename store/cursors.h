/*
 * Durable cursors over the alert log: how far a reader has come. A cursor is moved in the
 * transaction that stores what the reader made of the events, so that no event is lost or doubled
 * by a crash. Log rows that some cursor has not passed are kept.
 */
#ifndef HEALTHD_STORE_CURSORS_H
#define HEALTHD_STORE_CURSORS_H

#include "store/store.h"

/* Name of the event bus's cursor. */
#define CURSOR_EVENT_BUS "event_bus"

/*
 * Sequence number of the newest event that the reader NAME (borrows) has passed. A new cursor
 * begins at the log's end, and one beyond the end (the log was lost, or the events were never
 * durable) is set back to it. 0, or -1 with *RETERR.
 */
int cursor_open(store_t *store, const char *name, uint64_t *ret_seq, store_error_t *reterr);

/*
 * The same for a reader that goes on though the disk refuses: writes nothing. Where IS_STORED is
 * false the cursor is not there, or another one: it must be set before an event is passed.
 */
int cursor_find(store_t *store, const char *name, uint64_t *ret_seq, bool *ret_is_stored,
                store_error_t *reterr);

/* Moves the cursor NAME. 0, or -1 with *RETERR. */
int cursor_set(store_t *store, const char *name, uint64_t seq, store_error_t *reterr);

/* Forgets the cursor of a reader that is no more. 0, or -1 with *RETERR. */
int cursor_remove(store_t *store, const char *name, store_error_t *reterr);

#endif
