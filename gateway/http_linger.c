#include "gateway/http_linger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    http_linger_t *owner;
    int fd; /* -1: the place is free */
    epoll_source_t *source;
    int64_t until_us;
} lingering_t;

struct http_linger {
    epoll_t *epoll;
    lingering_t places[HTTP_LINGER_MAX];
    size_t n_used;
};

http_linger_t *http_linger_new(epoll_t *epoll)
{
    http_linger_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->epoll = epoll;
    for (size_t i = 0; i < HTTP_LINGER_MAX; i++)
        self->places[i] = (lingering_t){.owner = self, .fd = -1};
    return self;
}

static void end(lingering_t *place)
{
    epoll_remove(&place->source);
    (void)close(place->fd); /* nothing is to be saved of it */
    place->fd = -1;
    place->owner->n_used--;
}

void http_linger_destroy(http_linger_t **self_p)
{
    http_linger_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < HTTP_LINGER_MAX; i++)
        if (self->places[i].fd != -1)
            end(&self->places[i]);
    free(self);
    *self_p = NULL;
}

static void on_readable(void *context, uint32_t events)
{
    (void)events;
    lingering_t *place = context;
    enum { READS_PER_TURN = 16 }; /* so that one sender does not hold the loop */
    char dropped[16384];
    for (int i = 0; i < READS_PER_TURN; i++) {
        ssize_t n = recv(place->fd, dropped, sizeof dropped, MSG_DONTWAIT);
        if (n > 0)
            continue;
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            end(place);
        return;
    }
}

static lingering_t *free_place(http_linger_t *self)
{
    for (size_t i = 0; i < HTTP_LINGER_MAX; i++)
        if (self->places[i].fd == -1)
            return &self->places[i];
    return NULL;
}

void http_linger_add(http_linger_t *self, int fd, int64_t now_us)
{
    int n_unread = 0;
    if (ioctl(fd, FIONREAD, &n_unread) != 0 || n_unread == 0)
        return;
    lingering_t *place = free_place(self);
    if (!place)
        return;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy == -1)
        return;
    place->source = epoll_add(self->epoll, copy, EPOLLIN, on_readable, place);
    if (!place->source) {
        (void)close(copy);
        return;
    }
    place->fd = copy;
    place->until_us = now_us + HTTP_LINGER_US;
    self->n_used++;
}

void http_linger_sweep(http_linger_t *self, int64_t now_us)
{
    for (size_t i = 0; i < HTTP_LINGER_MAX; i++)
        if (self->places[i].fd != -1 && self->places[i].until_us <= now_us)
            end(&self->places[i]);
}

bool http_linger_is_busy(const http_linger_t *self)
{
    return self->n_used > 0;
}
