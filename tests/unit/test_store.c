#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/cursors.h"
#include "store/sql.h"
#include "tests/unit/test_store_folder.h"

static int64_t query(store_t *store, const char *text)
{
    store_error_t error;
    int64_t value = -1;
    sql_t *sql = sql_prepare(store, text, &error);
    assert_non_null(sql);
    assert_int_equal(sql_run_i64(sql, &value, &error), 0);
    return value;
}

static void run(store_t *store, const char *text)
{
    store_error_t error = {.text = ""};
    if (sql_execute(store, text, &error))
        fail_msg("%s", error.text);
}

/* --- opening --- */

static void connection_is_durable_and_bounded(void **state)
{
    store_folder_t *self = *state;
    assert_int_equal(query(self->store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    assert_int_equal(query(self->store, "PRAGMA synchronous"), 2);
    assert_int_equal(query(self->store, "PRAGMA busy_timeout"), STORE_BUSY_MS);
    assert_int_equal(query(self->store, "PRAGMA foreign_keys"), 1);
}

static void folder_is_made(void **state)
{
    store_folder_t *self = *state;
    store_folder_t inner = {.store = NULL};
    (void)snprintf(inner.folder, sizeof inner.folder, "%.40s/in", self->folder);
    store_t *store = folder_open(&inner);
    store_close(&store);
    char path[512];
    folder_file(&inner, STORE_FILE, path);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(inner.folder), 0);
}

static void folder_that_cannot_be_made_is_named(void **state)
{
    (void)state;
    store_t *store = NULL;
    store_error_t error;
    assert_int_equal(store_open("/proc/healthd/none", &store, &error), -1);
    assert_int_equal(error.kind, STORE_REFUSES);
    assert_non_null(strstr(error.text, "/proc/healthd/none"));
    assert_null(store);
}

static void path_too_long_is_refused(void **state)
{
    (void)state;
    char path[2048];
    (void)memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    store_t *store = NULL;
    store_error_t error;
    assert_int_equal(store_open(path, &store, &error), -1);
    assert_non_null(strstr(error.text, "too long"));
}

static void *open_and_close(void *context)
{
    store_t *store = NULL;
    store_error_t error = {.text = ""};
    int rc = store_open(context, &store, &error);
    if (rc)
        (void)fprintf(stderr, "%s\n", error.text);
    store_close(&store);
    return rc ? context : NULL;
}

static void several_connections_open_at_once(void **state)
{
    store_folder_t *self = *state;
    store_close(&self->store);
    char path[512];
    folder_file(self, STORE_FILE, path);
    for (int round = 0; round < 60; round++) {
        assert_int_equal(unlink(path), 0);
        pthread_t threads[4];
        for (size_t i = 0; i < COUNT_OF(threads); i++)
            assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, self->folder), 0);
        for (size_t i = 0; i < COUNT_OF(threads); i++) {
            void *failed = NULL;
            assert_int_equal(pthread_join(threads[i], &failed), 0);
            assert_null(failed);
        }
    }
}

/* --- migrations --- */

static const char *const steps[] = {
    "CREATE TABLE one(a INTEGER) STRICT; INSERT INTO one VALUES(7);",
    "ALTER TABLE one ADD COLUMN b INTEGER NOT NULL DEFAULT 3;",
    "CREATE TABLE three(c INTEGER) STRICT; INSERT INTO three SELECT a + b FROM one;",
};

static void migrations_from_every_version(void **state)
{
    store_folder_t *self = *state;
    for (int from = 0; from <= (int)COUNT_OF(steps); from++) {
        store_error_t error = {.text = ""};
        run(self->store, "DROP TABLE IF EXISTS one; DROP TABLE IF EXISTS three;"
                         "PRAGMA user_version = 0");
        assert_int_equal(sql_migrate(self->store, steps, from, &error), 0);
        assert_int_equal(query(self->store, "PRAGMA user_version"), from);
        assert_int_equal(sql_migrate(self->store, steps, COUNT_OF(steps), &error), 0);
        assert_int_equal(query(self->store, "PRAGMA user_version"), COUNT_OF(steps));
        assert_int_equal(query(self->store, "SELECT c FROM three"), 10);
    }
}

static void failed_migration_changes_nothing(void **state)
{
    store_folder_t *self = *state;
    static const char *const broken[] = {
        "CREATE TABLE one(a INTEGER) STRICT;",
        "CREATE TABLE two(a INTEGER) STRICT; INSERT INTO nowhere VALUES(1);",
    };
    store_error_t error;
    run(self->store, "PRAGMA user_version = 0");
    assert_int_equal(sql_migrate(self->store, broken, 2, &error), -1);
    assert_int_equal(query(self->store, "PRAGMA user_version"), 1);
    assert_int_equal(query(self->store, "SELECT count(*) FROM sqlite_schema WHERE name = 'two'"),
                     0);
    assert_false(sql_is_in_transaction(self->store));
}

static void database_of_the_future_is_refused(void **state)
{
    store_folder_t *self = *state;
    run(self->store, "PRAGMA user_version = 999");
    store_t *store = NULL;
    store_error_t error;
    assert_int_equal(store_open(self->folder, &store, &error), -1);
    assert_int_equal(error.kind, STORE_TOO_NEW);
    assert_non_null(strstr(error.text, "999"));
    assert_int_equal(query(self->store, "PRAGMA user_version"), 999);
}

/* --- damage --- */

static void write_at(const char *path, off_t at, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, at), n);
    assert_int_equal(close(fd), 0);
}

static void file_that_is_no_database_is_damaged_and_stays(void **state)
{
    store_folder_t *self = *state;
    store_close(&self->store);
    char path[512];
    folder_file(self, STORE_FILE, path);
    write_at(path, 0, "this is no database at all", 26);
    struct stat before;
    struct stat after;
    assert_int_equal(stat(path, &before), 0);
    store_t *store = NULL;
    store_error_t error;
    assert_int_equal(store_open(self->folder, &store, &error), -1);
    assert_int_equal(error.kind, STORE_DAMAGED);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_size, before.st_size);
    assert_int_equal(after.st_ino, before.st_ino);
}

static void damaged_page_is_found_by_the_check(void **state)
{
    store_folder_t *self = *state;
    store_error_t error = {.text = ""};
    run(self->store, "CREATE TABLE filler(t TEXT) STRICT;"
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
                     "INSERT INTO filler SELECT hex(randomblob(200)) FROM n");
    assert_int_equal(store_check(self->store, &error), 0);
    store_close(&self->store);
    char path[512];
    char zeros[4096] = {0};
    struct stat now;
    folder_file(self, STORE_FILE, path);
    assert_int_equal(stat(path, &now), 0);
    write_at(path, now.st_size - 4096, zeros, sizeof zeros);
    store_t *store = folder_open(self);
    assert_int_equal(store_check(store, &error), -1);
    assert_int_equal(error.kind, STORE_DAMAGED);
    store_close(&store);
}

/* --- transactions --- */

static void close_without_commit_undoes(void **state)
{
    store_folder_t *self = *state;
    store_error_t error;
    uint64_t seq = 0;
    assert_int_equal(cursor_open(self->store, "reader", &seq, &error), 0);
    assert_int_equal(store_begin(self->store, &error), 0);
    assert_int_equal(cursor_set(self->store, "reader", 41, &error), 0);
    store_close(&self->store);
    self->store = folder_open(self);
    assert_int_equal(query(self->store, "SELECT seq FROM cursor"), 0);
}

static void killed_process_keeps_what_was_committed(void **state)
{
    store_folder_t *self = *state;
    pid_t child = fork();
    if (child == 0) {
        store_error_t error;
        store_t *store = NULL;
        if (store_open(self->folder, &store, &error) || cursor_set(store, "committed", 1, &error) ||
            store_begin(store, &error) || cursor_set(store, "open", 2, &error))
            _exit(1);
        (void)kill(getpid(), SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(query(self->store, "SELECT count(*) FROM cursor WHERE name = 'committed'"), 1);
    assert_int_equal(query(self->store, "SELECT count(*) FROM cursor WHERE name = 'open'"), 0);
}

static void busy_for_a_second_refuses(void **state)
{
    store_folder_t *self = *state;
    store_error_t error;
    store_t *other = folder_open(self);
    assert_int_equal(store_begin(other, &error), 0);
    assert_int_equal(store_begin(self->store, &error), -1);
    assert_int_equal(error.kind, STORE_REFUSES);
    store_rollback(other);
    assert_int_equal(store_begin(self->store, &error), 0);
    assert_int_equal(store_commit(self->store, &error), 0);
    store_close(&other);
}

/* Writes until the file limit refuses, then checks that it is a value and that it passes. */
static int fill_the_disk(const char *folder)
{
    store_error_t error;
    store_t *store = NULL;
    struct rlimit limit = {.rlim_cur = 256 << 10, .rlim_max = RLIM_INFINITY};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (store_open(folder, &store, &error) || setrlimit(RLIMIT_FSIZE, &limit))
        return 1;
    int64_t n_written = 0;
    while (sql_execute(store,
                       "INSERT INTO outbound(event_type, event_time_us, correlation_id, is_alert,"
                       " bytes, body) VALUES('t', 1, 'c', 0, 8000, hex(randomblob(4000)))",
                       &error) == 0)
        if (++n_written > 1000)
            return 2;
    if (error.kind != STORE_REFUSES || sql_is_in_transaction(store))
        return 3;
    limit.rlim_cur = RLIM_INFINITY;
    int64_t n_rows = 0;
    sql_t *sql = sql_prepare(store, "SELECT count(*) FROM outbound", &error);
    if (!sql || sql_run_i64(sql, &n_rows, &error) || n_rows != n_written)
        return 4;
    if (setrlimit(RLIMIT_FSIZE, &limit) || cursor_set(store, "after", 1, &error) ||
        store_check(store, &error))
        return 5;
    store_close(&store);
    return 0;
}

/* The verdict comes by a pipe and the child ends by a signal, so that a leak check does not judge
 * the copy of the parent's memory. */
static void full_disk_refuses_and_passes(void **state)
{
    store_folder_t *self = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char verdict = (char)fill_the_disk(self->folder);
        if (write(ends[1], &verdict, 1) != 1)
            _exit(1);
        (void)kill(getpid(), SIGKILL);
    }
    (void)close(ends[1]);
    char verdict = -1;
    assert_int_equal(read(ends[0], &verdict, 1), 1);
    assert_int_equal(verdict, 0);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* --- cursors --- */

static void removed_file_refuses(void **state)
{
    store_folder_t *self = *state;
    char path[512];
    store_error_t error = {.text = ""};
    folder_file(self, STORE_FILE, path);
    assert_int_equal(store_begin(self->store, &error), 0);
    store_rollback(self->store);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(store_begin(self->store, &error), -1);
    assert_int_equal(error.kind, STORE_REFUSES);
    store_t *other = folder_open(self); /* makes a new file: not the one that was opened */
    assert_int_equal(store_begin(self->store, &error), -1);
    assert_non_null(strstr(error.text, "removed or replaced"));
    store_close(&other);
}

static void cursor_moves_and_is_never_beyond_the_log(void **state)
{
    store_folder_t *self = *state;
    store_error_t error;
    uint64_t seq = 9;
    run(self->store, "INSERT INTO alert_event VALUES(5, 0, 1, 'a', x'80')");
    assert_int_equal(cursor_open(self->store, "new", &seq, &error), 0);
    assert_int_equal(seq, 5);
    assert_int_equal(cursor_set(self->store, "new", 3, &error), 0);
    assert_int_equal(cursor_open(self->store, "new", &seq, &error), 0);
    assert_int_equal(seq, 3);
    assert_int_equal(cursor_set(self->store, "new", 8, &error), 0);
    assert_int_equal(cursor_open(self->store, "new", &seq, &error), 0);
    assert_int_equal(seq, 5);
    assert_int_equal(query(self->store, "SELECT seq FROM cursor WHERE name = 'new'"), 5);
    assert_int_equal(cursor_remove(self->store, "new", &error), 0);
    assert_int_equal(query(self->store, "SELECT count(*) FROM cursor"), 0);
}

static void a_cursor_is_found_without_a_write(void **state)
{
    store_folder_t *self = *state;
    store_error_t error;
    uint64_t seq = 9;
    bool is_stored = true;
    run(self->store, "INSERT INTO alert_event VALUES(5, 0, 1, 'a', x'80')");
    store_t *other = folder_open(self);
    assert_int_equal(store_begin(other, &error), 0); /* nobody else may write */
    assert_int_equal(cursor_find(self->store, "new", &seq, &is_stored, &error), 0);
    assert_int_equal(seq, 5);
    assert_false(is_stored);
    store_rollback(other);
    assert_int_equal(cursor_set(self->store, "new", 3, &error), 0);
    assert_int_equal(store_begin(other, &error), 0);
    assert_int_equal(cursor_find(self->store, "new", &seq, &is_stored, &error), 0);
    assert_int_equal(seq, 3);
    assert_true(is_stored);
    assert_int_equal(cursor_open(self->store, "new", &seq, &error), 0); /* needs no write either */
    store_rollback(other);
    assert_int_equal(cursor_set(self->store, "new", 8, &error), 0);
    assert_int_equal(cursor_find(self->store, "new", &seq, &is_stored, &error), 0);
    assert_int_equal(seq, 5); /* the log was lost */
    assert_false(is_stored);
    store_close(&other);
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(connection_is_durable_and_bounded),
        STORE_TEST(folder_is_made),
        STORE_TEST(folder_that_cannot_be_made_is_named),
        STORE_TEST(path_too_long_is_refused),
        STORE_TEST(several_connections_open_at_once),
        STORE_TEST(migrations_from_every_version),
        STORE_TEST(failed_migration_changes_nothing),
        STORE_TEST(database_of_the_future_is_refused),
        STORE_TEST(file_that_is_no_database_is_damaged_and_stays),
        STORE_TEST(damaged_page_is_found_by_the_check),
        STORE_TEST(close_without_commit_undoes),
        STORE_TEST(killed_process_keeps_what_was_committed),
        STORE_TEST(busy_for_a_second_refuses),
        STORE_TEST(removed_file_refuses),
        STORE_TEST(full_disk_refuses_and_passes),
        STORE_TEST(cursor_moves_and_is_never_beyond_the_log),
        STORE_TEST(a_cursor_is_found_without_a_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
