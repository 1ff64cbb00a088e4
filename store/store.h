/*
 * `state.db`: what the daemon must remember. SQLite in WAL mode, synchronous=FULL: what a commit
 * acknowledged survives kill -9 and power loss. One connection per actor, never shared between
 * threads; the tables have files of their own (alert_log.h, trip_state.h, cursors.h, outbound.h).
 *
 * A failed call changed nothing and is no reason to end: STORE_REFUSES passes with the disk's
 * trouble, so callers go on without the store and try again. Every write outside a transaction of
 * the caller is one of its own.
 */
#ifndef HEALTHD_STORE_STORE_H
#define HEALTHD_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Name of the database in the state folder. */
#define STORE_FILE "state.db"
/* How long a call waits for another connection's transaction before the store refuses. */
#define STORE_BUSY_MS 1000

typedef enum {
    STORE_REFUSES, /* input/output error, disk full, read-only, no rights, busy for STORE_BUSY_MS */
    STORE_DAMAGED, /* the file is no database, fails its check, or holds what it never should */
    STORE_TOO_NEW  /* the file was written by a newer healthd */
} store_error_kind_t;

typedef struct {
    store_error_kind_t kind;
    char text[512]; /* one line for people: what failed, with the file's path */
} store_error_t;

typedef struct store store_t;

/*
 * Opens STATE_DIR/state.db, makes folder (its last part) and file where they are not there, and
 * brings the tables up to date; several connections may do so at once. Gives *RET, to be ended with
 * store_close. Returns 0, or -1 with *RETERR. A damaged file is left where and as it is.
 */
int store_open(const char *state_dir, store_t **ret, store_error_t *reterr);

/* Appends to the text of a damaged file's ERROR what a person can do about it: healthd never moves
 * such a file aside by itself. */
void store_advise(store_error_t *error);

/*
 * Quick integrity check of the whole file: about 1 s for each GiB, so the supervisor does it once,
 * before it starts the actors. 0, or -1 with *RETERR (STORE_DAMAGED: what is wrong first).
 */
int store_check(store_t *self, store_error_t *reterr);

/* Rolls back what was not committed and closes. Sets *SELF to NULL; takes NULL. */
void store_close(store_t **self);

/* Writes what changes nothing: whether the disk takes writes. 0, or -1 with *RETERR. */
int store_touch(store_t *self, store_error_t *reterr);

/* Begins a transaction that may write; they do not nest. 0, or -1 with *RETERR. */
int store_begin(store_t *self, store_error_t *reterr);

/* Commits; where that fails all of it is rolled back. 0, or -1 with *RETERR. */
int store_commit(store_t *self, store_error_t *reterr);

/* Undoes the transaction; does nothing where there is none. */
void store_rollback(store_t *self);

#endif
