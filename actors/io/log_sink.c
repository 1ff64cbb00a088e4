#include "actors/io/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Turns of one record: another thread may take the room that it waited for. */
#define TURNS 4

static int open_again(int fd)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

log_sink_t log_sink_of(int fd)
{
    log_sink_t self = {.fd = fd};
    struct stat file;
    if (fstat(fd, &file))
        return self; /* closed: every write fails at once */
    self.is_socket = S_ISSOCK(file.st_mode);
    if (!S_ISFIFO(file.st_mode) && !S_ISCHR(file.st_mode))
        return self;
    int again = open_again(fd);
    self.is_ours = again >= 0;
    if (self.is_ours)
        self.fd = again;
    else if (S_ISFIFO(file.st_mode)) /* made by another user, as container engines do */
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return self;
}

void log_sink_close(log_sink_t *self)
{
    if (self->is_ours)
        close(self->fd);
    self->fd = -1;
}

static ssize_t write_now(const log_sink_t *self, const char *bytes, size_t n)
{
    if (self->is_socket)
        return send(self->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    return write(self->fd, bytes, n);
}

static void note_blocked(log_sink_t *self, bool is_blocked)
{
    __atomic_store_n(&self->is_blocked, is_blocked, __ATOMIC_RELAXED);
}

bool log_sink_write(log_sink_t *self, const char *bytes, size_t n)
{
    bool may_wait = !__atomic_load_n(&self->is_blocked, __ATOMIC_RELAXED);
    for (int turn = 0; turn < TURNS; turn++) {
        bool is_taken = write_now(self, bytes, n) >= 0;
        if (is_taken || errno != EAGAIN) {
            note_blocked(self, false);
            return is_taken;
        }
        if (!may_wait)
            return false;
        struct pollfd room = {.fd = self->fd, .events = POLLOUT};
        (void)poll(&room, 1, LOG_SINK_WAIT_MS / TURNS);
    }
    note_blocked(self, true);
    return false;
}

void log_sink_add_dropped(log_sink_t *self, uint64_t n)
{
    (void)__atomic_add_fetch(&self->n_dropped, n, __ATOMIC_RELAXED);
}

uint64_t log_sink_take_dropped(log_sink_t *self)
{
    return __atomic_exchange_n(&self->n_dropped, 0, __ATOMIC_RELAXED);
}
