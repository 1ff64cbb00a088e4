#include "actors/io/epoll.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Events taken from the kernel at once; what is left comes with the loop's next turn. */
#define BATCH_MAX 64
/* Functions that are called after a batch. */
#define AFTER_BATCH_MAX 8

struct epoll_source {
    epoll_t *owner;
    int fd;
    uint32_t events; /* 0: not in the kernel's set */
    epoll_fn *fn;
    void *context;
    bool is_removed;
    epoll_source_t *previous; /* in the list of live sources */
    epoll_source_t *next;     /* there, or in the graveyard */
};

typedef struct {
    void (*fn)(void *context);
    void *context;
} after_batch_t;

struct epoll {
    zloop_t *loop;
    int fd;
    bool is_in_batch;
    epoll_source_t *live;
    epoll_source_t *graveyard;
    after_batch_t after_batch[AFTER_BATCH_MAX];
    size_t n_after_batch;
};

static void bury(epoll_t *self)
{
    while (self->graveyard) {
        epoll_source_t *next = self->graveyard->next;
        free(self->graveyard);
        self->graveyard = next;
    }
}

static int on_poll(zloop_t *loop, zmq_pollitem_t *item, void *context)
{
    (void)loop;
    (void)item;
    epoll_t *self = context;
    struct epoll_event batch[BATCH_MAX];
    int n = epoll_wait(self->fd, batch, BATCH_MAX, 0);

    self->is_in_batch = true;
    for (int i = 0; i < n; i++) {
        epoll_source_t *source = batch[i].data.ptr;
        /* An earlier event of this batch may have removed the source or its interest. */
        if (!source->is_removed && source->events)
            source->fn(source->context, batch[i].events);
    }
    for (size_t i = 0; i < self->n_after_batch; i++)
        self->after_batch[i].fn(self->after_batch[i].context);
    self->is_in_batch = false;
    bury(self);
    return 0;
}

epoll_t *epoll_new(zloop_t *loop)
{
    epoll_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->loop = loop;
    self->fd = epoll_create1(EPOLL_CLOEXEC);
    if (self->fd < 0) {
        free(self);
        return NULL;
    }
    zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
    if (zloop_poller(loop, &item, on_poll, self)) {
        close(self->fd);
        free(self);
        return NULL;
    }
    zloop_poller_set_tolerant(loop, &item);
    return self;
}

void epoll_destroy(epoll_t **self_p)
{
    epoll_t *self = *self_p;
    if (!self)
        return;
    assert(!self->is_in_batch);
    while (self->live) { /* their descriptors leave the set with the set */
        epoll_source_t *next = self->live->next;
        free(self->live);
        self->live = next;
    }
    zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
    zloop_poller_end(self->loop, &item);
    close(self->fd);
    free(self);
    *self_p = NULL;
}

/* --- sources --- */

epoll_source_t *epoll_add(epoll_t *self, int fd, uint32_t events, epoll_fn *fn, void *context)
{
    epoll_source_t *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    *source = (epoll_source_t){.owner = self, .fd = fd, .fn = fn, .context = context};
    if (epoll_change(source, events)) {
        free(source);
        return NULL;
    }
    source->next = self->live;
    if (self->live)
        self->live->previous = source;
    self->live = source;
    return source;
}

int epoll_change(epoll_source_t *source, uint32_t events)
{
    assert(!source->is_removed);
    if (source->events == events)
        return 0;
    /* In the set with no events the kernel would still report ERR and HUP, for ever: take it out.
     */
    int operation = EPOLL_CTL_MOD;
    if (!events)
        operation = EPOLL_CTL_DEL;
    else if (!source->events)
        operation = EPOLL_CTL_ADD;
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(source->owner->fd, operation, source->fd, &event))
        return -1;
    source->events = events;
    return 0;
}

void epoll_remove(epoll_source_t **source_p)
{
    epoll_source_t *source = *source_p;
    *source_p = NULL;
    if (!source || source->is_removed)
        return;
    epoll_t *self = source->owner;
    if (source->events) /* fails only where the descriptor is closed already, and so left the set */
        (void)epoll_ctl(self->fd, EPOLL_CTL_DEL, source->fd, NULL);
    if (source->previous)
        source->previous->next = source->next;
    else
        self->live = source->next;
    if (source->next)
        source->next->previous = source->previous;

    source->is_removed = true;
    source->next = self->graveyard;
    self->graveyard = source;
    if (!self->is_in_batch)
        bury(self);
}

bool epoll_is_removed(const epoll_source_t *source)
{
    return source->is_removed;
}

void epoll_after_batch(epoll_t *self, void (*fn)(void *context), void *context)
{
    assert(self->n_after_batch < AFTER_BATCH_MAX);
    self->after_batch[self->n_after_batch++] = (after_batch_t){.fn = fn, .context = context};
}
