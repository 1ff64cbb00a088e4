#include "actors/actor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "actors/io/tls_thread.h"
#include "proto/frame.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
void __tsan_acquire(const void *address);
void __tsan_release(const void *address);
#define HAND_OVER(address) __tsan_release(address)
#define TAKE_OVER(address) __tsan_acquire(address)
#endif
#endif
#ifndef HAND_OVER
#define HAND_OVER(address) ((void)(address))
#define TAKE_OVER(address) ((void)(address))
#endif

/* Vital signs are told with the first of so many pings: whoever reads metrics does so each few
 * seconds at the most, and to write, send and read them costs more than all else of an idle second.
 */
#define PINGS_PER_VITALS 5

struct actor {
    const char *name;
    const actor_args_t *args;
    zsock_t *pipe; /* borrowed: zactor owns it */
    zloop_t *loop;
    epoll_t *epoll;
    void (*on_begin)(void *context);
    void *begin_context;
    actor_reload_fn *on_reload;
    void *reload_context;
    void (*on_kept)(void *context);
    void *kept_context;
    void (*on_vitals)(void *context, vitals_draft_t *draft);
    void *vitals_context;
    zsock_t *vitals;  /* PUSH */
    size_t n_waiting; /* messages that one turn found, at most, since the vital signs before */
    unsigned n_pings;
    zlist_t *readers;   /* of reader_t, owned */
    zsock_t *xpub;      /* borrowed; whose readers are awaited */
    unsigned n_awaited; /* of them */
};

/* A socket and who drains it. */
typedef struct {
    void (*fn)(void *context);
    void *context;
} reader_t;

struct actor_timer {
    actor_t *actor;
    int id; /* of the zloop timer, -1: none is set */
    void (*fn)(void *context);
    void *context;
};

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

/* At start nothing can be told to anyone else yet: one line, and the process ends. */
static void *must(void *made, const char *name)
{
    if (!made) {
        (void)fprintf(stderr, "healthd: actor %s: out of memory or descriptors\n", name);
        _exit(EXIT_FAILURE);
    }
    return made;
}

/* --- another configuration --- */

void actor_on_reload(actor_t *self, actor_reload_fn *fn, void *context)
{
    self->on_reload = fn;
    self->reload_context = context;
}

void actor_on_kept(actor_t *self, void (*fn)(void *context), void *context)
{
    self->on_kept = fn;
    self->kept_context = context;
}

void actor_release(actor_t *self, const actor_args_t *args)
{
    HAND_OVER(args);
    (void)zsock_send(self->pipe, "sp", "released", args); /* a supervisor that is gone frees all */
}

static void reload(actor_t *self, const actor_args_t *args)
{
    TAKE_OVER(args);
    actor_reload_t outcome =
        self->on_reload ? self->on_reload(self->reload_context, args) : ACTOR_NEEDS_RESTART;
    if (outcome == ACTOR_NEEDS_RESTART) {
        (void)zstr_send(self->pipe, "outdated"); /* as above */
        return;
    }
    const actor_args_t *old = self->args;
    self->args = args;
    (void)zstr_send(self->pipe, "reloaded"); /* as above */
    if (outcome == ACTOR_RELOADED)
        actor_release(self, old);
}

void actor_args_given(const actor_args_t *args)
{
    HAND_OVER(args);
}

/* --- vital signs --- */

void actor_on_vitals(actor_t *self, void (*fn)(void *context, vitals_draft_t *draft), void *context)
{
    self->on_vitals = fn;
    self->vitals_context = context;
}

static void tell_vitals(actor_t *self)
{
    vitals_draft_t draft;
    draft.n = 0;
    vitals_add(&draft, VITAL_MAILBOX, (double)self->n_waiting, "actor=\"%s\"", self->name);
    self->n_waiting = 0;
    if (self->on_vitals)
        self->on_vitals(self->vitals_context, &draft);
    char actor[VITAL_ACTOR_MAX_BYTES + 1];
    (void)snprintf(actor, sizeof actor, "%s", self->name); /* names of actors are short */
    const vitals_t vitals = {
        .actor = actor, .at_us = clock_wall_us(), .signs = draft.signs, .n_signs = draft.n};
    (void)frame_send(self->vitals, &vitals_schema, &vitals, NULL); /* the next ones come soon */
}

static int on_pipe(zloop_t *loop, zsock_t *pipe, void *context)
{
    (void)loop;
    actor_t *self = context;
    CLEANUP(zstr_free) char *command = NULL;
    void *args = NULL;
    if (zsock_recv(pipe, "sp", &command, &args) || !command || strcmp(command, "$TERM") == 0)
        return -1;
    if (strcmp(command, "ping") == 0) {
        int rc = zstr_send(pipe, "pong");
        if (self->n_pings++ % PINGS_PER_VITALS == 0)
            tell_vitals(self);
        return rc;
    }
    if (strcmp(command, "begin") == 0 && self->on_begin)
        self->on_begin(self->begin_context);
    if (strcmp(command, "kept") == 0 && self->on_kept)
        self->on_kept(self->kept_context);
    if (strcmp(command, "reload") == 0 && args)
        reload(self, args);
    return 0;
}

void *actor_must(const actor_t *self, void *made)
{
    return must(made, self->name);
}

actor_t *actor_new(zsock_t *pipe, const char *name, const actor_args_t *args)
{
    zsock_signal(pipe, 0);
    char thread_name[16]; /* all that the kernel keeps */
    (void)snprintf(thread_name, sizeof thread_name, "%s", name);
    (void)pthread_setname_np(pthread_self(), thread_name); /* for top -H and profilers alone */
    actor_t *self = must(calloc(1, sizeof *self), name);
    self->name = name;
    self->args = args;
    self->pipe = pipe;
    self->loop = must(zloop_new(), name);
    zloop_set_nonstop(self->loop, true);
    self->epoll = must(epoll_new(self->loop), name);
    self->readers = must(zlist_new(), name);
    self->vitals = actor_socket(ZMQ_PUSH, ENDPOINT_VITALS, false);
    if (zloop_reader(self->loop, pipe, on_pipe, self))
        must(NULL, name);
    return self;
}

void actor_destroy(actor_t **self_p)
{
    actor_t *self = *self_p;
    if (!self)
        return;
    zsock_destroy(&self->vitals);
    epoll_destroy(&self->epoll);
    zloop_destroy(&self->loop);
    for (void *reader = zlist_pop(self->readers); reader; reader = zlist_pop(self->readers))
        free(reader);
    zlist_destroy(&self->readers);
    const actor_args_t *args = self->args;
    free(self);
    *self_p = NULL;
    tls_thread_end();
    HAND_OVER(args);
}

void actor_args_returned(const actor_args_t *args)
{
    TAKE_OVER(args);
}

zloop_t *actor_loop(actor_t *self)
{
    return self->loop;
}

epoll_t *actor_epoll(actor_t *self)
{
    return self->epoll;
}

const log_t *actor_log(const actor_t *self)
{
    return self->args->log;
}

void actor_on_begin(actor_t *self, void (*fn)(void *context), void *context)
{
    self->on_begin = fn;
    self->begin_context = context;
}

zsock_t *actor_socket(int type, const char *endpoint, bool bind)
{
    zsock_t *socket = zsock_new(type);
    assert(socket);
    zsock_set_sndhwm(socket, 0);
    zsock_set_rcvhwm(socket, 0);
    zsock_set_linger(socket, 0);
    if (type == ZMQ_XPUB) /* before bind: it reads the subscriptions of who connected already */
        zsock_set_xpub_verbose(socket, 1);
    int rc = bind ? zsock_bind(socket, "%s", endpoint) : zsock_connect(socket, "%s", endpoint);
    assert(rc != -1);
    if (type == ZMQ_SUB)
        zsock_set_subscribe(socket, "");
    return socket;
}

static int on_readable(zloop_t *loop, zsock_t *socket, void *context)
{
    (void)loop;
    (void)socket;
    reader_t *reader = context;
    reader->fn(reader->context);
    return 0;
}

void actor_read(actor_t *self, zsock_t *socket, void (*fn)(void *context), void *context)
{
    reader_t *reader = must(calloc(1, sizeof *reader), self->name);
    reader->fn = fn;
    reader->context = context;
    if (zlist_append(self->readers, reader) ||
        zloop_reader(self->loop, socket, on_readable, reader))
        must(NULL, self->name);
}

actor_timer_t *actor_timer_new(actor_t *self, void (*fn)(void *context), void *context)
{
    actor_timer_t *timer = must(calloc(1, sizeof *timer), self->name);
    timer->actor = self;
    timer->id = -1;
    timer->fn = fn;
    timer->context = context;
    return timer;
}

static int on_timer(zloop_t *loop, int id, void *context)
{
    (void)loop;
    actor_timer_t *timer = context;
    if (id == timer->id) { /* else one that was replaced while it was due */
        timer->id = -1;
        timer->fn(timer->context);
    }
    return 0;
}

void actor_timer_set(actor_timer_t *timer, int64_t after_us)
{
    actor_timer_cancel(timer);
    /* The loop counts from the millisecond that has begun: one more, so that it is never early. */
    size_t after_ms = after_us > 0 ? (size_t)((after_us + 999) / 1000) + 1 : 0;
    timer->id = zloop_timer(timer->actor->loop, after_ms, 1, on_timer, timer);
}

void actor_timer_cancel(actor_timer_t *timer)
{
    if (timer->id != -1)
        (void)zloop_timer_end(timer->actor->loop, timer->id);
    timer->id = -1;
}

void actor_timer_destroy(actor_timer_t **timer_p)
{
    if (!*timer_p)
        return;
    actor_timer_cancel(*timer_p);
    free(*timer_p);
    *timer_p = NULL;
}

static void say_ready(actor_t *self)
{
    (void)zstr_send(self->pipe, "ready"); /* a supervisor that is gone ends the loop by itself */
}

void actor_run(actor_t *self)
{
    say_ready(self);
    (void)zloop_start(self->loop);
}

/* Reads the subscriptions on an XPUB; with the last expected one the actor is ready. */
static void on_subscription(void *context)
{
    actor_t *self = context;
    while (zsock_events(self->xpub) & ZMQ_POLLIN) {
        CLEANUP(zframe_destroy) zframe_t *frame = zframe_recv(self->xpub);
        bool is_new = frame && zframe_size(frame) > 0 && zframe_data(frame)[0] == 1;
        if (is_new && self->n_awaited > 0 && --self->n_awaited == 0)
            say_ready(self);
    }
}

void actor_run_with_readers(actor_t *self, zsock_t *xpub, unsigned n_readers)
{
    self->xpub = xpub;
    self->n_awaited = n_readers;
    actor_read(self, xpub, on_subscription, self);
    if (n_readers == 0)
        say_ready(self);
    (void)zloop_start(self->loop);
}

static void say_why(actor_t *self, const char *word, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void say_why(actor_t *self, const char *word, const char *format, va_list arguments)
{
    char reason[768];
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    (void)zstr_sendx(self->pipe, word, reason, NULL);
}

void actor_failed(actor_t *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say_why(self, "failed", format, arguments);
    va_end(arguments);
}

void actor_unusable(actor_t *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say_why(self, "unusable", format, arguments);
    va_end(arguments);
}

static int end_loop(zloop_t *loop, int id, void *context)
{
    (void)loop;
    (void)id;
    (void)context;
    return -1;
}

void actor_stop(actor_t *self)
{
    (void)zloop_timer(self->loop, 0, 1, end_loop, NULL);
}

/* Decodes one message and hands it on. */
static void handle(actor_t *self, const frame_t *frame, const wire_schema_t *schema,
                   actor_message_fn *fn, void *context)
{
    void *message = NULL;
    wire_error_t error;
    if (strcmp(frame->name, schema->name) != 0)
        return;
    if (frame_decode(frame, schema, &message, &error))
        actor_refused(self, &error);
    else
        fn(context, message, frame->identity);
    wire_destroy(schema, &message);
}

void actor_receive(actor_t *self, zsock_t *socket, const wire_schema_t *schema,
                   actor_message_fn *fn, void *context)
{
    frame_t frame;
    size_t n = 0;
    for (int rc = frame_recv(socket, &frame); rc != 0; rc = frame_recv(socket, &frame)) {
        if (++n > self->n_waiting)
            self->n_waiting = n;
        if (rc < 0)
            continue; /* no message of ours, and gone */
        handle(self, &frame, schema, fn, context);
        frame_clear(&frame);
    }
}

void actor_refused(actor_t *self, const wire_error_t *error)
{
    log_write(self->args->log, LOG_LEVEL_ERROR, "message_refused",
              "%s: message %s refused: %s%s%s; it is dropped", self->name, error->message,
              error->key, error->key[0] ? ": " : "", error->reason);
}
