/*
 * Statements of a connection; for the files of store/ alone. Binds latch their first error and the
 * next step reports it, so that a call binds everything and looks once.
 */
#ifndef HEALTHD_STORE_SQL_H
#define HEALTHD_STORE_SQL_H

#include <sqlite3.h>

#include "store/store.h"

/* Different statements of one connection, at most; beyond it our own code is wrong. */
#define SQL_STATEMENTS_MAX 64

typedef struct sql sql_t;

/*
 * The statement TEXT (a constant: it is known by its address), prepared once per connection, reset
 * and without binds. Owned by STORE. NULL with *RETERR.
 */
sql_t *sql_prepare(store_t *store, const char *text, store_error_t *reterr);

/* Bind parameter AT (from 1). Texts and blobs are borrowed until the statement has run. */
void sql_bind_i64(sql_t *self, int at, int64_t value);
void sql_bind_text(sql_t *self, int at, const char *text); /* NULL: null */
void sql_bind_blob(sql_t *self, int at, const void *bytes, size_t n);

/* Steps to the next row. 1: a row, 0: the end, -1 with *RETERR; at 0 and -1 it is reset. */
int sql_step(sql_t *self, store_error_t *reterr);

/* Ends a statement whose rows are not all wanted. */
void sql_reset(sql_t *self);

/* Runs a statement that gives no rows. 0, or -1 with *RETERR. */
int sql_run(sql_t *self, store_error_t *reterr);

/* Runs a query of one row and column. Gives RET_VALUE: 0 for null. 0, or -1 with *RETERR. */
int sql_run_i64(sql_t *self, int64_t *ret_value, store_error_t *reterr);

/* Column AT (from 0) of the row that sql_step reached. */
int64_t sql_i64(sql_t *self, int at);
/* Gives a copy. 0, or -1 where memory ran out; *RET is NULL for null. */
int sql_copy_text(sql_t *self, int at, char **ret);
/* Borrows until the next step. */
const void *sql_blob(sql_t *self, int at, size_t *ret_bytes);

/* Rows that the last statement of this connection changed. */
int64_t sql_changes(const store_t *store);

/* Number of the row that was inserted last. */
int64_t sql_insert_id(const store_t *store);

/* Runs TEXT, which may hold several statements. 0, or -1 with *RETERR. */
int sql_execute(store_t *store, const char *text, store_error_t *reterr);

/* Whether a transaction is open. */
bool sql_is_in_transaction(const store_t *store);

/* Fills ERROR with KIND and one line; the file's path is put before it. Returns -1. */
int sql_fail(const store_t *store, store_error_t *error, store_error_kind_t kind,
             const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for memory that ran out. */
int sql_fail_memory(const store_t *store, store_error_t *error);

/*
 * Brings the database from PRAGMA user_version up to N by running the TEXTS in between, each in a
 * transaction of its own; connections that do so at once take turns. 0, or -1 with *RETERR, which
 * says STORE_TOO_NEW where user_version is above N.
 */
int sql_migrate(store_t *store, const char *const *texts, int n, store_error_t *reterr);

#endif
