#include "actors/io/ares_loop.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/time.h>

/* One question to one server, and how often every server is asked. */
#define QUESTION_TIMEOUT_MS 1500
#define QUESTION_TRIES      2
/* Where the name servers stand. */
#define SERVERS_FILE "/etc/resolv.conf"

/* A descriptor of c-ares. */
typedef struct server_socket server_socket_t;
struct server_socket {
    ares_loop_t *owner;
    ares_socket_t fd;
    epoll_source_t *source;
    server_socket_t *next;
};

/* What shows that a file is another one; all zero: there is none. */
typedef struct {
    ino_t inode;
    off_t size;
    struct timespec changed;
} file_mark_t;

struct ares_loop {
    actor_t *actor;
    ares_channel channel;
    actor_timer_t *timer; /* when c-ares wants to be called */
    server_socket_t *sockets;
    const char *path; /* of the file of name servers */
    uint16_t port;    /* of the servers; 0: the usual one */
    file_mark_t mark; /* of the file as it was read */
    bool is_renewing;
    void (*settled)(void *context);
    void *context;
};

typedef struct {
    ares_loop_t *owner;
    char *host;
    int family;
    ares_loop_fn *fn;
    void *context;
} question_t;

/* --- time and descriptors --- */

static void wake(ares_loop_t *self)
{
    struct timeval wait;
    if (ares_timeout(self->channel, NULL, &wait))
        actor_timer_set(self->timer, (int64_t)wait.tv_sec * 1000000 + wait.tv_usec);
    else
        actor_timer_cancel(self->timer);
}

static void turn(ares_loop_t *self, ares_socket_t readable, ares_socket_t writable)
{
    ares_process_fd(self->channel, readable, writable);
    self->settled(self->context);
    wake(self);
}

static void on_timer(void *context)
{
    turn(context, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void on_socket(void *context, uint32_t events)
{
    const server_socket_t *socket = context;
    bool is_readable = events & (EPOLLIN | EPOLLERR | EPOLLHUP);
    bool is_writable = events & EPOLLOUT;
    turn(socket->owner, is_readable ? socket->fd : ARES_SOCKET_BAD,
         is_writable ? socket->fd : ARES_SOCKET_BAD);
}

static void forget_socket(server_socket_t **place)
{
    server_socket_t *socket = *place;
    *place = socket->next;
    epoll_remove(&socket->source);
    free(socket);
}

static void on_socket_state(void *context, ares_socket_t fd, int wants_read, int wants_write)
{
    ares_loop_t *self = context;
    uint32_t events = (wants_read ? (uint32_t)EPOLLIN : 0) | (wants_write ? (uint32_t)EPOLLOUT : 0);
    server_socket_t **place = &self->sockets;
    while (*place && (*place)->fd != fd)
        place = &(*place)->next;
    if (!events) {
        if (*place)
            forget_socket(place);
        return;
    }
    if (*place) { /* refused: c-ares' own time-out ends the question */
        (void)epoll_change((*place)->source, events);
        return;
    }
    server_socket_t *socket = calloc(1, sizeof *socket);
    if (!socket)
        return; /* as above */
    *socket = (server_socket_t){.owner = self, .fd = fd};
    socket->source = epoll_add(actor_epoll(self->actor), fd, events, on_socket, socket);
    if (!socket->source) {
        free(socket);
        return;
    }
    socket->next = self->sockets;
    self->sockets = socket;
}

/* --- the channel --- */

static file_mark_t mark_of(const char *path)
{
    struct stat file;
    if (stat(path, &file))
        return (file_mark_t){.size = 0};
    return (file_mark_t){.inode = file.st_ino, .size = file.st_size, .changed = file.st_mtim};
}

static bool is_same(const file_mark_t *a, const file_mark_t *b)
{
    return a->inode == b->inode && a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* A channel with the servers that the file names now. 0, or -1; the one there was stays then. */
static int make_channel(ares_loop_t *self)
{
    char lookups[] = "fb"; /* the file /etc/hosts, then DNS */
    char *path = strdup(self->path);
    struct ares_options options = {.timeout = QUESTION_TIMEOUT_MS,
                                   .tries = QUESTION_TRIES,
                                   .lookups = lookups,
                                   .udp_port = self->port,
                                   .resolvconf_path = path,
                                   .sock_state_cb = on_socket_state,
                                   .sock_state_cb_data = self};
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB |
               ARES_OPT_RESOLVCONF | (self->port ? ARES_OPT_UDP_PORT : 0);
    file_mark_t mark = mark_of(self->path); /* before it is read: a later change is seen later */
    ares_channel channel = NULL;
    int rc = path && !ares_init_options(&channel, &options, mask) ? 0 : -1;
    free(path);
    if (rc)
        return -1;
    self->mark = mark;
    self->channel = channel;
    return 0;
}

/* Changes to a new channel. The end of the old one has its questions asked anew. */
static int renew(ares_loop_t *self)
{
    ares_channel old = self->channel;
    if (make_channel(self))
        return -1;
    self->is_renewing = true;
    ares_destroy(old);
    self->is_renewing = false;
    wake(self);
    return 0;
}

/* --- questions --- */

static void ask(question_t *question);

static void on_answer(void *context, int status, int timeouts, struct ares_addrinfo *info)
{
    (void)timeouts;
    question_t *question = context;
    if (status == ARES_EDESTRUCTION && question->owner->is_renewing) {
        ask(question);
        return;
    }
    question->fn(question->context, status, info);
    free(question->host);
    free(question);
}

static void ask(question_t *question)
{
    const struct ares_addrinfo_hints hints = {.ai_family = question->family,
                                              .ai_socktype = SOCK_STREAM};
    ares_getaddrinfo(question->owner->channel, question->host, NULL, &hints, on_answer, question);
}

int ares_loop_ask(ares_loop_t *self, const char *host, int family, ares_loop_fn *fn, void *context)
{
    question_t *question = malloc(sizeof *question);
    char *copy = strdup(host);
    if (!question || !copy) {
        free(question);
        free(copy);
        return -1;
    }
    file_mark_t mark = mark_of(self->path);
    if (!is_same(&mark, &self->mark))
        (void)renew(
            self); /* refused: the old servers are asked, and the next question tries again */
    *question =
        (question_t){.owner = self, .host = copy, .family = family, .fn = fn, .context = context};
    ask(question);
    wake(self);
    return 0;
}

/* --- life --- */

ares_loop_t *ares_loop_new(actor_t *actor, void (*settled)(void *context), void *context)
{
    ares_loop_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->actor = actor;
    self->path = SERVERS_FILE;
    self->settled = settled;
    self->context = context;
    if (make_channel(self)) {
        free(self);
        return NULL;
    }
    self->timer = actor_timer_new(actor, on_timer, self);
    return self;
}

int ares_loop_use_file(ares_loop_t *self, const char *path, uint16_t port)
{
    self->path = path;
    self->port = port;
    return renew(self);
}

void ares_loop_destroy(ares_loop_t **self_p)
{
    ares_loop_t *self = *self_p;
    if (!self)
        return;
    ares_destroy(self->channel); /* ends each question and socket by its callback */
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}
