/* The lock of a state folder. */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/state_lock.h"
#include "tests/unit/test_store_folder.h"

static void take(const char *folder, int *fd)
{
    store_error_t error;
    if (state_lock_take(folder, fd, &error))
        fail_msg("%s", error.text);
}

static void a_second_owner_is_refused_and_told_of_the_first(void **state)
{
    store_folder_t *self = *state;
    int fd = -1;
    int second = -1;
    store_error_t error = {.text = ""};
    char owner[32];
    take(self->folder, &fd);
    assert_int_equal(state_lock_take(self->folder, &second, &error), -1);
    assert_int_equal(second, -1);
    assert_int_equal(error.kind, STORE_REFUSES);
    (void)snprintf(owner, sizeof owner, "(process %ld)", (long)getpid());
    assert_non_null(strstr(error.text, self->folder));
    assert_non_null(strstr(error.text, owner));
    close(fd);
    take(self->folder, &second);
    close(second);
}

static void a_killed_owner_leaves_the_folder_free(void **state)
{
    store_folder_t *self = *state;
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd;
        store_error_t error;
        char byte = (char)state_lock_take(self->folder, &fd, &error);
        if (write(told[1], &byte, 1) == 1)
            (void)pause();
        _exit(1);
    }
    char byte = 1;
    int fd = -1;
    store_error_t error;
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(byte, 0);
    assert_int_equal(state_lock_take(self->folder, &fd, &error), -1);
    assert_int_equal(support_stop(child, SIGKILL), 128 + SIGKILL);
    take(self->folder, &fd);
    close(fd);
    close(told[0]);
    close(told[1]);
}

static void folder_is_made(void **state)
{
    store_folder_t *self = *state;
    char path[512];
    int fd = -1;
    store_error_t error = {.text = ""};
    folder_file(self, "deeper", path);
    take(path, &fd);
    close(fd);
    folder_file(self, "not/there", path);
    assert_int_equal(state_lock_take(path, &fd, &error), -1);
    assert_non_null(strstr(error.text, path));
    folder_file(self, STORE_FILE, path); /* no folder */
    assert_int_equal(state_lock_take(path, &fd, &error), -1);
    assert_non_null(strstr(error.text, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_owner_is_refused_and_told_of_the_first,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_killed_owner_leaves_the_folder_free, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(folder_is_made, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
