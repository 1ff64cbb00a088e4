#include "store/state_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of the lock file's path with its NUL. */
#define PATH_BYTES 1024

static int fail(store_error_t *error, const char *path, const char *what, const char *why)
{
    *error = (store_error_t){.kind = STORE_REFUSES};
    (void)snprintf(error->text, sizeof error->text, "%.300s: %s%s", path, what, why); /* may cut */
    return -1;
}

/* The number that the owner wrote into the file; empty where it could not. */
static void read_owner(int fd, char owner[32])
{
    char text[16] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    owner[0] = '\0';
    if (pid > 0)
        (void)snprintf(owner, 32, " (process %ld)", pid);
}

static void write_owner(int fd)
{
    /* For people alone: a full disk leaves it empty. */
    if (ftruncate(fd, 0) == 0)
        (void)dprintf(fd, "%ld\n", (long)getpid());
}

int state_lock_take(const char *state_dir, int *ret_fd, store_error_t *reterr)
{
    char path[PATH_BYTES];
    char owner[32];
    int n = snprintf(path, sizeof path, "%s/" STATE_LOCK_FILE, state_dir);
    if (n < 0 || (size_t)n >= sizeof path)
        return fail(reterr, state_dir, "the path is too long", "");
    if (mkdir(state_dir, 0750) && errno != EEXIST)
        return fail(reterr, state_dir, "cannot make the folder: ", strerrordesc_np(errno));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return fail(reterr, path, "cannot be opened: ", strerrordesc_np(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        write_owner(fd);
        *ret_fd = fd;
        return 0;
    }
    int code = errno;
    read_owner(fd, owner);
    close(fd);
    if (code == EWOULDBLOCK)
        return fail(reterr, state_dir, "another healthd uses this folder", owner);
    return fail(reterr, path, "cannot be locked: ", strerrordesc_np(code));
}
