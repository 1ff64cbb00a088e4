#include "actors/io/stream_dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long one attempt is alone. */
#define ATTEMPT_DELAY_US ((int64_t)250 * 1000)

typedef struct {
    stream_dial_t *owner;
    int fd; /* -1: none */
    epoll_source_t *source;
    const char *address;
} attempt_t;

struct stream_dial {
    actor_t *actor;
    stream_dial_fn *fn;
    void *context;
    actor_timer_t *timer;
    resolve_answer_t answer;
    size_t order[RESOLVE_ADDRESSES_MAX]; /* positions in ANSWER */
    uint16_t port;
    bool is_datagram;
    bool is_under_way;
    size_t n_begun; /* of the order */
    attempt_t attempts[RESOLVE_ADDRESSES_MAX];
    int error; /* 0: none has failed */
    const char *error_address;
    int ready_fd; /* connected at once, to be told; -1: none */
    const char *ready_address;
};

/* --- small parts --- */

static void drop(attempt_t *attempt)
{
    epoll_remove(&attempt->source);
    if (attempt->fd >= 0)
        (void)close(attempt->fd); /* nothing was written to it */
    attempt->fd = -1;
}

void stream_dial_cancel(stream_dial_t *self)
{
    for (size_t i = 0; i < RESOLVE_ADDRESSES_MAX; i++)
        drop(&self->attempts[i]);
    if (self->ready_fd >= 0)
        (void)close(self->ready_fd);
    self->ready_fd = -1;
    self->is_under_way = false;
    actor_timer_cancel(self->timer);
}

static bool is_far(int error)
{
    return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL ||
           error == EAFNOSUPPORT;
}

/* An address that no route leads to says less than one that refuses. */
static void note_error(stream_dial_t *self, const char *address, int error)
{
    if (self->error && !is_far(self->error) && is_far(error))
        return;
    self->error = error;
    self->error_address = address;
}

static bool is_idle(const stream_dial_t *self)
{
    for (size_t i = 0; i < RESOLVE_ADDRESSES_MAX; i++)
        if (self->attempts[i].fd >= 0)
            return false;
    return true;
}

static void tell(stream_dial_t *self, int fd, const char *address)
{
    int error = self->error;
    self->ready_fd = -1;
    stream_dial_cancel(self);
    self->fn(self->context, fd, fd >= 0 ? address : self->error_address, fd >= 0 ? 0 : error);
}

/* --- attempts --- */

static socklen_t address_of(const char *text, uint16_t port, struct sockaddr_storage *ret)
{
    *ret = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
        return 0;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return sizeof *v6;
}

static void on_event(void *context, uint32_t events)
{
    (void)events;
    attempt_t *attempt = context;
    stream_dial_t *self = attempt->owner;
    int error = 0;
    socklen_t n = sizeof error;
    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &n))
        error = errno;
    if (error) {
        note_error(self, attempt->address, error);
        drop(attempt);
        actor_timer_set(self->timer, 0); /* the next one, or the end */
        return;
    }
    int fd = attempt->fd;
    epoll_remove(&attempt->source);
    attempt->fd = -1;
    tell(self, fd, attempt->address);
}

/* A socket that connects to ADDRESS; -1 with errno. *RET_IS_CONNECTED: already. */
static int open_socket(const stream_dial_t *self, const char *address, bool *ret_is_connected)
{
    struct sockaddr_storage to;
    socklen_t n = address_of(address, self->port, &to);
    int type = self->is_datagram ? SOCK_DGRAM : SOCK_STREAM;
    int fd = n > 0 ? socket(to.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
    if (fd < 0) {
        errno = n > 0 ? errno : EAFNOSUPPORT;
        return -1;
    }
    int on = 1;
    if (!self->is_datagram) /* small messages, each of which is waited for; else it is only slower
                             */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *ret_is_connected = connect(fd, (const struct sockaddr *)&to, n) == 0;
    if (*ret_is_connected || errno == EINPROGRESS)
        return fd;
    int error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

/* Begins the next attempt. False: it has failed already. */
static bool attempt_next(stream_dial_t *self)
{
    size_t at = self->order[self->n_begun++];
    attempt_t *attempt = &self->attempts[at];
    bool is_connected = false;
    attempt->address = self->answer.addresses[at];
    int fd = open_socket(self, attempt->address, &is_connected);
    if (fd < 0) {
        note_error(self, attempt->address, errno);
        return false;
    }
    if (is_connected) {
        self->ready_fd = fd;
        self->ready_address = attempt->address;
        return true;
    }
    attempt->fd = fd;
    attempt->source = epoll_add(actor_epoll(self->actor), fd, EPOLLOUT, on_event, attempt);
    if (attempt->source)
        return true;
    note_error(self, attempt->address, ENOMEM);
    drop(attempt);
    return false;
}

/* Begins the attempt that is due; the timer says what comes then. */
static void go_on(stream_dial_t *self)
{
    while (self->n_begun < self->answer.n_addresses && !attempt_next(self)) {
    }
    if (self->ready_fd >= 0 || is_idle(self))
        actor_timer_set(self->timer, 0);
    else if (self->n_begun < self->answer.n_addresses)
        actor_timer_set(self->timer, ATTEMPT_DELAY_US);
}

static void on_timer(void *context)
{
    stream_dial_t *self = context;
    if (!self->is_under_way)
        return;
    if (self->ready_fd >= 0)
        tell(self, self->ready_fd, self->ready_address);
    else if (self->n_begun < self->answer.n_addresses)
        go_on(self);
    else if (is_idle(self))
        tell(self, -1, NULL);
}

/* --- all of them --- */

/* The families in turn, each in the order of the answer, beginning with that of the first. */
static void put_in_order(stream_dial_t *self)
{
    const resolve_answer_t *answer = &self->answer;
    bool is_v6_next = strchr(answer->addresses[0], ':');
    bool is_taken[RESOLVE_ADDRESSES_MAX] = {false};
    for (size_t n = 0; n < answer->n_addresses; n++) {
        size_t found = answer->n_addresses;
        for (size_t i = answer->n_addresses; i-- > 0;) {
            bool is_v6 = strchr(answer->addresses[i], ':');
            bool is_better = found == answer->n_addresses || is_v6 == is_v6_next ||
                             (strchr(answer->addresses[found], ':') != NULL) != is_v6_next;
            if (!is_taken[i] && is_better)
                found = i;
        }
        is_taken[found] = true;
        self->order[n] = found;
        is_v6_next = !strchr(answer->addresses[found], ':');
    }
}

stream_dial_t *stream_dial_new(actor_t *actor, stream_dial_fn *fn, void *context)
{
    stream_dial_t *self = actor_must(actor, calloc(1, sizeof *self));
    self->actor = actor;
    self->fn = fn;
    self->context = context;
    self->ready_fd = -1;
    self->timer = actor_timer_new(actor, on_timer, self);
    for (size_t i = 0; i < RESOLVE_ADDRESSES_MAX; i++)
        self->attempts[i] = (attempt_t){.owner = self, .fd = -1};
    return self;
}

void stream_dial_destroy(stream_dial_t **self)
{
    if (!*self)
        return;
    stream_dial_cancel(*self);
    actor_timer_destroy(&(*self)->timer);
    free(*self);
    *self = NULL;
}

void stream_dial_begin(stream_dial_t *self, const resolve_answer_t *answer, uint16_t port,
                       bool is_datagram)
{
    stream_dial_cancel(self);
    self->answer = *answer;
    self->port = port;
    self->is_datagram = is_datagram;
    self->n_begun = 0;
    self->error = 0;
    self->error_address = NULL;
    put_in_order(self);
    self->is_under_way = true;
    go_on(self);
}

bool stream_dial_resume(stream_dial_t *self)
{
    if (self->n_begun >= self->answer.n_addresses)
        return false;
    self->is_under_way = true;
    go_on(self);
    return true;
}
