#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/cleanup.h"
#include "store/migrations.h"
#include "store/sql.h"

/* Bytes of the database's path with its NUL. */
#define PATH_BYTES 1024
/* Turns in which a connection waits for another that is switching the file to WAL. */
#define WAL_TURNS 10

struct sql {
    store_t *store;
    const char *text; /* NULL: the place is free */
    sqlite3_stmt *statement;
    int bind_code; /* SQLITE_OK, or the first error of a bind */
};

struct store {
    sqlite3 *db;
    char path[PATH_BYTES];
    sql_t statements[SQL_STATEMENTS_MAX];
    dev_t device; /* of the file as it was opened */
    ino_t inode;  /* 0: it is none that stat knows */
};

/* --- errors --- */

int sql_fail(const store_t *store, store_error_t *error, store_error_kind_t kind,
             const char *format, ...)
{
    error->kind = kind;
    int n = snprintf(error->text, sizeof error->text, "%.300s: ", store->path);
    size_t used = n > 0 ? (size_t)n : 0;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(error->text + used, sizeof error->text - used, format, args); /* may cut */
    va_end(args);
    return -1;
}

int sql_fail_memory(const store_t *store, store_error_t *error)
{
    return sql_fail(store, error, STORE_REFUSES, "out of memory");
}

static store_error_kind_t kind_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:      /* a table or column that is not there */
    case SQLITE_CONSTRAINT: /* a row that should not be there */
    case SQLITE_MISMATCH:
        return STORE_DAMAGED;
    default:
        return STORE_REFUSES;
    }
}

static int fail_sqlite(const store_t *store, int code, store_error_t *error)
{
    return sql_fail(store, error, kind_of(code), "%s (SQLite code %d)", sqlite3_errmsg(store->db),
                    code);
}

/* --- statements --- */

sql_t *sql_prepare(store_t *store, const char *text, store_error_t *reterr)
{
    sql_t *sql = store->statements;
    const sql_t *end = sql + SQL_STATEMENTS_MAX;
    while (sql < end && sql->text && sql->text != text)
        sql++;
    assert(sql < end);
    if (!sql->text) {
        int code = sqlite3_prepare_v3(store->db, text, -1, SQLITE_PREPARE_PERSISTENT,
                                      &sql->statement, NULL);
        if (code != SQLITE_OK) {
            fail_sqlite(store, code, reterr);
            return NULL;
        }
        sql->store = store;
        sql->text = text;
    }
    sql_reset(sql);
    return sql;
}

void sql_reset(sql_t *self)
{
    (void)sqlite3_reset(self->statement); /* repeats the error that the step gave */
    (void)sqlite3_clear_bindings(self->statement);
    self->bind_code = SQLITE_OK;
}

static void latch(sql_t *self, int code)
{
    if (self->bind_code == SQLITE_OK)
        self->bind_code = code;
}

void sql_bind_i64(sql_t *self, int at, int64_t value)
{
    latch(self, sqlite3_bind_int64(self->statement, at, value));
}

void sql_bind_text(sql_t *self, int at, const char *text)
{
    latch(self, text ? sqlite3_bind_text(self->statement, at, text, -1, SQLITE_STATIC)
                     : sqlite3_bind_null(self->statement, at));
}

void sql_bind_blob(sql_t *self, int at, const void *bytes, size_t n)
{
    latch(self, sqlite3_bind_blob64(self->statement, at, bytes, n, SQLITE_STATIC));
}

int sql_step(sql_t *self, store_error_t *reterr)
{
    int code = self->bind_code == SQLITE_OK ? sqlite3_step(self->statement) : self->bind_code;
    if (code == SQLITE_ROW)
        return 1;
    int rc = code == SQLITE_DONE ? 0 : fail_sqlite(self->store, code, reterr);
    sql_reset(self);
    return rc;
}

int sql_run(sql_t *self, store_error_t *reterr)
{
    int rc = sql_step(self, reterr);
    assert(rc <= 0);
    return rc;
}

int sql_run_i64(sql_t *self, int64_t *ret_value, store_error_t *reterr)
{
    int rc = sql_step(self, reterr);
    if (rc < 0)
        return -1;
    *ret_value = rc ? sql_i64(self, 0) : 0;
    sql_reset(self);
    return 0;
}

int64_t sql_i64(sql_t *self, int at)
{
    return sqlite3_column_int64(self->statement, at);
}

int sql_copy_text(sql_t *self, int at, char **ret)
{
    *ret = NULL;
    if (sqlite3_column_type(self->statement, at) == SQLITE_NULL)
        return 0;
    const char *text = (const char *)sqlite3_column_text(self->statement, at);
    *ret = text ? strdup(text) : NULL;
    return *ret ? 0 : -1;
}

const void *sql_blob(sql_t *self, int at, size_t *ret_bytes)
{
    const void *bytes = sqlite3_column_blob(self->statement, at);
    *ret_bytes = (size_t)sqlite3_column_bytes(self->statement, at);
    return bytes;
}

int64_t sql_changes(const store_t *store)
{
    return sqlite3_changes64(store->db);
}

int64_t sql_insert_id(const store_t *store)
{
    return sqlite3_last_insert_rowid(store->db);
}

int sql_execute(store_t *store, const char *text, store_error_t *reterr)
{
    int code = sqlite3_exec(store->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : fail_sqlite(store, code, reterr);
}

/* --- transactions --- */

bool sql_is_in_transaction(const store_t *store)
{
    return !sqlite3_get_autocommit(store->db);
}

/* Whether the file that was opened is no longer the one at its path: SQLite would go on writing
 * into a file that nobody can open again. */
static bool is_replaced(const store_t *self)
{
    struct stat now;
    return self->inode != 0 &&
           (stat(self->path, &now) || now.st_dev != self->device || now.st_ino != self->inode);
}

int store_begin(store_t *self, store_error_t *reterr)
{
    assert(!sql_is_in_transaction(self));
    if (is_replaced(self))
        return sql_fail(self, reterr, STORE_REFUSES,
                        "the file was removed or replaced while healthd runs; start it again");
    sql_t *sql = sql_prepare(self, "BEGIN IMMEDIATE", reterr);
    return sql ? sql_run(sql, reterr) : -1;
}

int store_commit(store_t *self, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(self, "COMMIT", reterr);
    if (sql && sql_run(sql, reterr) == 0)
        return 0;
    store_rollback(self);
    return -1;
}

void store_rollback(store_t *self)
{
    /* Disk trouble has often rolled back already. What fails here is undone by the next opener. */
    if (sql_is_in_transaction(self))
        (void)sqlite3_exec(self->db, "ROLLBACK", NULL, NULL, NULL);
}

/* --- opening --- */

static int read_version(store_t *store, int64_t *ret, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(store, "PRAGMA user_version", reterr);
    return sql ? sql_run_i64(sql, ret, reterr) : -1;
}

static int set_version(store_t *store, int64_t version, store_error_t *reterr)
{
    char text[48];
    (void)snprintf(text, sizeof text, "PRAGMA user_version = %d", (int)version);
    return sql_execute(store, text, reterr);
}

/* The version of the tables is written again, which SQLite does even where it is the same. */
int store_touch(store_t *self, store_error_t *reterr)
{
    int64_t version = 0;
    if (store_begin(self, reterr))
        return -1;
    if (read_version(self, &version, reterr) || set_version(self, version, reterr)) {
        store_rollback(self);
        return -1;
    }
    return store_commit(self, reterr);
}

/* One step under the write lock; *VERSION is read again, as another connection may have been
 * here.*/
static int migrate_step(store_t *store, const char *const *texts, int n, int64_t *version,
                        store_error_t *reterr)
{
    if (store_begin(store, reterr))
        return -1;
    if (read_version(store, version, reterr))
        goto fail;
    if (*version < n) {
        if (sql_execute(store, texts[*version], reterr) || set_version(store, *version + 1, reterr))
            goto fail;
        ++*version;
    }
    return store_commit(store, reterr);

fail:
    store_rollback(store);
    return -1;
}

int sql_migrate(store_t *store, const char *const *texts, int n, store_error_t *reterr)
{
    int64_t version = 0;
    if (read_version(store, &version, reterr))
        return -1;
    while (version >= 0 && version < n)
        if (migrate_step(store, texts, n, &version, reterr))
            return -1;
    if (version == n)
        return 0;
    return sql_fail(store, reterr, STORE_TOO_NEW,
                    "written by a newer healthd (schema %lld, this one knows %d)",
                    (long long)version, n);
}

/*
 * The switch to WAL fails at once, without the busy time-out, where another connection is in the
 * middle of it; an empty write transaction waits for that one.
 */
static int switch_to_wal(store_t *store, store_error_t *reterr)
{
    for (int turn = 0; sql_execute(store, "PRAGMA journal_mode = WAL", reterr); turn++)
        if (turn == WAL_TURNS || (sqlite3_errcode(store->db) & 0xff) != SQLITE_BUSY ||
            sql_execute(store, "BEGIN IMMEDIATE; COMMIT", reterr))
            return -1;
    return 0;
}

static int set_up(store_t *store, store_error_t *reterr)
{
    (void)sqlite3_extended_result_codes(store->db, 1); /* fails for no open database alone */
    (void)sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
    if (switch_to_wal(store, reterr) || sql_execute(store,
                                                    "PRAGMA synchronous = FULL;"
                                                    "PRAGMA foreign_keys = ON;"
                                                    "PRAGMA trusted_schema = OFF;"
                                                    "PRAGMA journal_size_limit = 4194304;"
                                                    "PRAGMA cache_size = -1024",
                                                    reterr))
        return -1;
    return sql_migrate(store, store_migrations, store_migration_count, reterr);
}

int store_open(const char *state_dir, store_t **ret, store_error_t *reterr)
{
    CLEANUP(store_close) store_t *store = calloc(1, sizeof *store);
    if (!store) {
        *reterr = (store_error_t){.kind = STORE_REFUSES, .text = "out of memory"};
        return -1;
    }
    int n = snprintf(store->path, sizeof store->path, "%s/" STORE_FILE, state_dir);
    if (n < 0 || (size_t)n >= sizeof store->path)
        return sql_fail(store, reterr, STORE_REFUSES, "the path is too long");
    if (mkdir(state_dir, 0750) && errno != EEXIST)
        return sql_fail(store, reterr, STORE_REFUSES, "cannot make the folder: %s",
                        strerrordesc_np(errno));
    int code =
        sqlite3_open_v2(store->path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return fail_sqlite(store, code, reterr);
    if (set_up(store, reterr))
        return -1;
    struct stat opened;
    if (stat(store->path, &opened) == 0) {
        store->device = opened.st_dev;
        store->inode = opened.st_ino;
    }
    *ret = store;
    store = NULL;
    return 0;
}

void store_advise(store_error_t *error)
{
    static const char advice[] =
        "; it is left as it is: put a good copy in its place, or move it away to begin anew";
    size_t n = strlen(error->text);
    if (error->kind == STORE_DAMAGED && n + sizeof advice <= sizeof error->text)
        memcpy(error->text + n, advice, sizeof advice);
}

int store_check(store_t *self, store_error_t *reterr)
{
    sql_t *sql = sql_prepare(self, "PRAGMA quick_check(1)", reterr);
    if (!sql || sql_step(sql, reterr) < 0)
        return -1;
    char *verdict = NULL;
    int rc = sql_copy_text(sql, 0, &verdict);
    sql_reset(sql);
    if (rc || !verdict)
        return sql_fail_memory(self, reterr);
    rc = strcmp(verdict, "ok") == 0 ? 0
                                    : sql_fail(self, reterr, STORE_DAMAGED, "damaged: %s", verdict);
    free(verdict);
    return rc;
}

void store_close(store_t **self)
{
    store_t *store = *self;
    if (!store)
        return;
    for (sql_t *sql = store->statements; sql < store->statements + SQL_STATEMENTS_MAX; sql++)
        (void)sqlite3_finalize(sql->statement);
    (void)sqlite3_close(store->db); /* every statement is finalised; rolls back */
    free(store);
    *self = NULL;
}
