#include "actors/io/redis_channel.h"

#include <assert.h>
#include <errno.h>
#include <hiredis/async.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "actors/io/fault.h"
#include "actors/io/redis_io.h"
#include "core/check.h"

struct redis_channel {
    redisAsyncContext *context; /* owns this struct: ev.data, freed by on_cleanup */
    const redis_channel_events_t *events;
    void *owner; /* NULL: dropped, nobody listens any more */
    epoll_source_t *source;
    uint32_t wanted;                   /* events of the source */
    redisReplyObjectFunctions limited; /* what the reader calls: ours before hiredis' own */
    const redisReplyObjectFunctions *hiredis;
    redisReplyObjectFunctions *original; /* the same, to be put back */
    size_t n_values;                     /* of the answer that is being read */
    size_t n_bytes;
    bool is_refused; /* an answer broke a rule of ours */
};

/* --- bounds of an answer --- */

/* hiredis asserts on an answer that nobody asked for, unless it is an error; and it believes the
 * number of values that a list declares: they count when it does. NULL from one of these ends the
 * connection. */
static redis_channel_t *admit(const redisReadTask *task, size_t n_values, size_t n_bytes)
{
    redis_channel_t *self = task->privdata;
    bool is_unasked = !task->parent && !self->context->replies.head;
    self->n_values += n_values;
    self->n_bytes += n_bytes;
    if ((is_unasked && task->type != REDIS_REPLY_ERROR) ||
        self->n_values > REDIS_IO_REPLY_MAX_VALUES || self->n_bytes > REDIS_IO_REPLY_MAX_BYTES) {
        self->is_refused = true;
        return NULL;
    }
    return self;
}

static void *create_string(const redisReadTask *task, char *text, size_t n)
{
    const redis_channel_t *self = admit(task, 0, n);
    return self ? self->hiredis->createString(task, text, n) : NULL;
}

static void *create_array(const redisReadTask *task, int n)
{
    const redis_channel_t *self = admit(task, n > 0 ? (size_t)n : 0, 0);
    return self ? self->hiredis->createArray(task, n) : NULL;
}

static void *create_integer(const redisReadTask *task, long long value)
{
    const redis_channel_t *self = admit(task, 0, 0);
    return self ? self->hiredis->createInteger(task, value) : NULL;
}

static void *create_nil(const redisReadTask *task)
{
    const redis_channel_t *self = admit(task, 0, 0);
    return self ? self->hiredis->createNil(task) : NULL;
}

static void limit_replies(redis_channel_t *self)
{
    redisReader *reader = self->context->c.reader;
    self->original = reader->fn;
    self->hiredis = reader->fn;
    self->limited = (redisReplyObjectFunctions){.createString = create_string,
                                                .createArray = create_array,
                                                .createInteger = create_integer,
                                                .createNil = create_nil,
                                                .freeObject = reader->fn->freeObject};
    reader->fn = &self->limited;
    reader->privdata = self;
}

/* --- what hiredis wants from the epoll --- */

static void want(redis_channel_t *self, uint32_t events)
{
    self->wanted = events;
    if (self->source) /* refused: the deadline of the connection ends it */
        (void)epoll_change(self->source, events);
}

static void on_add_read(void *data)
{
    redis_channel_t *self = data;
    want(self, self->wanted | EPOLLIN);
}

static void on_delete_read(void *data)
{
    redis_channel_t *self = data;
    want(self, self->wanted & ~(uint32_t)EPOLLIN);
}

static void on_add_write(void *data)
{
    redis_channel_t *self = data;
    want(self, self->wanted | EPOLLOUT);
}

static void on_delete_write(void *data)
{
    redis_channel_t *self = data;
    want(self, self->wanted & ~(uint32_t)EPOLLOUT);
}

/* hiredis is about to free the context, and with it a reader that may hold half an answer. */
static void on_cleanup(void *data)
{
    redis_channel_t *self = data;
    epoll_remove(&self->source);
    self->context->c.reader->fn = self->original;
    self->context->ev.data = NULL;
    self->context->data = self->owner ? self : NULL;
    if (!self->owner)
        free(self);
}

/* --- what hiredis tells --- */

static void lose(redis_channel_t *self, reason_t reason, const char *text)
{
    void *owner = self->owner;
    self->owner = NULL;
    self->events->lost(owner, reason, text);
}

static void on_connect(const redisAsyncContext *context, int status)
{
    int error = errno;
    redis_channel_t *self = context->ev.data;
    if (!self->owner)
        return;
    if (status == REDIS_OK)
        self->events->connected(self->owner);
    else /* hiredis frees the context by itself */
        lose(self, fault_of_errno(error), context->c.errstr);
}

static reason_t loss_of(const redisAsyncContext *context, bool is_refused)
{
    switch (context->err) {
    case REDIS_ERR_PROTOCOL:
        return REASON_PROTOCOL;
    case REDIS_ERR_OOM:
        return is_refused ? REASON_PROTOCOL : REASON_RESOURCES;
    case REDIS_ERR_OTHER: /* an error that nobody asked for: "max number of clients reached" */
        return check_redis_error_reason(context->errstr, strlen(context->errstr));
    default:
        return REASON_RESET;
    }
}

/* Comes after on_cleanup, which left the channel in DATA where someone listens. */
static void on_disconnect(const redisAsyncContext *context, int status)
{
    (void)status;
    redis_channel_t *self = context->data;
    if (!self)
        return;
    const char *text = self->is_refused ? "Answer out of bounds or not asked for" : context->errstr;
    lose(self, loss_of(context, self->is_refused), text && text[0] ? text : "Connection closed");
    free(self);
}

static void on_reply(redisAsyncContext *context, void *reply, void *privdata)
{
    (void)privdata;
    redis_channel_t *self = context->ev.data;
    self->n_values = 0;
    self->n_bytes = 0;
    if (reply && self->owner) /* NULL: the connection ends, which is told by on_disconnect */
        self->events->replied(self->owner, reply);
}

static void refuse(redis_channel_t *self)
{
    const redis_channel_events_t *events = self->events;
    void *owner = self->owner;
    redis_channel_t *channel = self;
    redis_channel_drop(&channel);
    events->lost(owner, REASON_PROTOCOL, "Answer out of bounds");
}

static void on_events(void *context, uint32_t events)
{
    redis_channel_t *self = context;
    const epoll_source_t *source = self->source; /* outlives the channel in this batch */
    const redis_channel_events_t *to = self->events;
    void *owner = self->owner;
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        redisAsyncHandleRead(self->context);
    if (!epoll_is_removed(source) && (events & EPOLLOUT))
        redisAsyncHandleWrite(self->context);
    if (!epoll_is_removed(source) && self->context->c.reader->len > REDIS_IO_REPLY_MAX_BYTES)
        refuse(self);
    to->settled(owner);
}

/* --- life --- */

static redis_channel_t *give_up(redisAsyncContext *context, redis_channel_error_t *error,
                                reason_t reason, const char *text)
{
    error->reason = reason;
    (void)snprintf(error->text, sizeof error->text, "%s", text);
    if (context)
        redisAsyncFree(context);
    return NULL;
}

redis_channel_t *redis_channel_open(epoll_t *epoll, const char *address, uint16_t port,
                                    const redis_channel_events_t *events, void *owner,
                                    redis_channel_error_t *reterr)
{
    redisAsyncContext *context = redisAsyncConnect(address, port);
    int error = errno;
    if (!context)
        return give_up(NULL, reterr, REASON_RESOURCES, "Out of memory");
    if (context->err)
        return give_up(context, reterr, fault_of_errno(error), context->errstr);
    redis_channel_t *self = calloc(1, sizeof *self);
    if (!self)
        return give_up(context, reterr, REASON_RESOURCES, "Out of memory");
    *self = (redis_channel_t){.context = context, .events = events, .owner = owner};
    /* Writable is how the end of connecting shows. */
    self->wanted = EPOLLOUT;
    self->source = epoll_add(epoll, context->c.fd, self->wanted, on_events, self);
    if (!self->source) {
        free(self);
        return give_up(context, reterr, REASON_RESOURCES, "No descriptor could be watched");
    }
    context->ev.data = self;
    context->ev.addRead = on_add_read;
    context->ev.delRead = on_delete_read;
    context->ev.addWrite = on_add_write;
    context->ev.delWrite = on_delete_write;
    context->ev.cleanup = on_cleanup;
    limit_replies(self);
    (void)redisAsyncSetConnectCallback(context, on_connect); /* fails only on a second call */
    (void)redisAsyncSetDisconnectCallback(context, on_disconnect);
    return self;
}

int redis_channel_send(redis_channel_t *self, size_t n_args, const char *const *args,
                       const size_t *lengths)
{
    const char *argv[REDIS_IO_ARGS_MAX]; /* hiredis leaves out a const */
    assert(n_args > 0 && n_args <= REDIS_IO_ARGS_MAX);
    memcpy(argv, args, n_args * sizeof *argv);
    int rc = redisAsyncCommandArgv(self->context, on_reply, NULL, (int)n_args, argv, lengths);
    return rc == REDIS_OK ? 0 : -1;
}

void redis_channel_drop(redis_channel_t **self_p)
{
    redis_channel_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    self->owner = NULL;
    redisAsyncFree(self->context); /* inside one of its callbacks: when that has returned */
}
