#include "actors/io/stream_io.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "actors/io/fault.h"
#include "actors/io/stream_parts.h"

/* --- small parts --- */

void stream_phase_begin(stream_io_t *self, size_t phase)
{
    self->since_us[phase] = clock_mono_us();
}

void stream_phase_end(stream_io_t *self, size_t phase)
{
    if (self->since_us[phase] == 0)
        return;
    int64_t took_us = clock_mono_us() - self->since_us[phase];
    self->phase_us[phase] = (self->phase_us[phase] < 0 ? 0 : self->phase_us[phase]) + took_us;
    self->since_us[phase] = 0;
}

static void hang_up(stream_io_t *self)
{
    resolve_cancel(&self->waiter);
    stream_dial_cancel(self->dial);
    actor_timer_cancel(self->timer);
    epoll_remove(&self->source);
    if (self->fd >= 0)
        (void)close(self->fd); /* what was sent is the kernel's */
    self->fd = -1;
    self->state = STREAM_CLOSED;
}

/* Tells that the connection ended. */
void stream_end(stream_io_t *self, reason_t reason, const char *text)
{
    char copy[TLS_TEXT_BYTES];
    (void)snprintf(copy, sizeof copy, "%s", text);
    for (size_t i = 0; i < STREAM_IO_PHASES; i++)
        stream_phase_end(self, i);
    hang_up(self);
    self->handlers.ended(self->context, reason, copy);
}

/* The same from the timer: what found it out is inside a call of our owner. */
void stream_end_later(stream_io_t *self, reason_t reason, const char *text)
{
    if (self->loss.is_set)
        return; /* the first cause counts */
    self->loss.is_set = true;
    self->loss.reason = reason;
    (void)snprintf(self->loss.text, sizeof self->loss.text, "%s", text);
    actor_timer_set(self->timer, 0);
}

static reason_t timeout_of(stream_state_t state)
{
    switch (state) {
    case STREAM_RESOLVING:
        return REASON_TIMEOUT_RESOLVE;
    case STREAM_CONNECTING:
        return REASON_TIMEOUT_CONNECT;
    case STREAM_SECURING:
        return REASON_TIMEOUT_TLS;
    case STREAM_OPEN:
    case STREAM_CLOSED:
    default:
        return REASON_TIMEOUT_RESPONSE;
    }
}

/* Comes for what could not be told at once, for what TLS holds back, and at the deadline. */
static void on_timer(void *context)
{
    stream_io_t *self = context;
    int64_t left_us = self->deadline_us - clock_mono_us();
    if (self->state == STREAM_CLOSED)
        return;
    if (self->loss.is_set) {
        stream_end(self, self->loss.reason, self->loss.text);
        return;
    }
    if (left_us <= 0) {
        stream_end(self, timeout_of(self->state), "Timeout");
        return;
    }
    actor_timer_set(self->timer, left_us);
    if (self->state == STREAM_OPEN && self->tls && !self->is_full)
        stream_read_tls(self);
}

/* --- opening --- */

static void begin_tls(stream_io_t *self)
{
    char error[TLS_TEXT_BYTES];
    SSL_CTX *context = tls_contexts_of(self->contexts, self->request.tls, error);
    self->state = STREAM_SECURING;
    stream_phase_begin(self, STREAM_IO_PHASE_TLS);
    if (!context) {
        stream_end_later(self, REASON_TLS_FAILURE, error);
        return;
    }
    self->tls = tls_session_new(context, self->host, self->request.tls);
    if (!self->tls || tls_session_handshake(self->tls) != TLS_SESSION_WAITS)
        stream_end_later(self, REASON_RESOURCES, "TLS could not be begun");
    else
        stream_flush_tls(self);
}

void stream_io_secure(stream_io_t *self)
{
    assert(self->state == STREAM_OPEN && !self->tls);
    begin_tls(self);
}

static void on_dialled(void *context, int fd, const char *address, int error)
{
    stream_io_t *self = context;
    stream_phase_end(self, STREAM_IO_PHASE_CONNECT);
    (void)snprintf(self->ip, sizeof self->ip, "%s", address ? address : "");
    if (fd < 0) {
        resolve_forget(self->resolve, self->host);
        stream_end(self, fault_of_errno(error), strerrordesc_np(error));
        return;
    }
    self->fd = fd;
    self->was_connected = !self->request.is_datagram; /* it has a peer when that answers */
    self->source = epoll_add(actor_epoll(self->actor), fd, EPOLLIN, stream_on_events, self);
    if (!self->source)
        stream_end(self, REASON_RESOURCES, "The connection could not be watched");
    else if (self->request.is_secured)
        begin_tls(self);
    else
        stream_become_ready(self);
}

static void dial(stream_io_t *self, const resolve_answer_t *answer)
{
    stream_phase_end(self, STREAM_IO_PHASE_RESOLVE);
    self->state = STREAM_CONNECTING;
    stream_phase_begin(self, STREAM_IO_PHASE_CONNECT);
    stream_dial_begin(self->dial, answer, self->request.port, self->request.is_datagram);
}

static void on_resolved(void *context, const resolve_answer_t *answer)
{
    stream_io_t *self = context;
    self->waiter = NULL;
    if (answer->failure)
        stream_end(self, answer->failure, answer->text ? answer->text : "");
    else
        dial(self, answer);
}

static void look_up(stream_io_t *self)
{
    static const resolve_family_t families[] = {[IP_ANY] = RESOLVE_ANY,
                                                [IP_V4] = RESOLVE_V4,
                                                [IP_V6] = RESOLVE_V6,
                                                [IP_EACH] = RESOLVE_ANY};
    resolve_family_t family = families[self->request.ip_protocol];
    const resolve_answer_t *known = resolve_known(self->resolve, self->host, family);
    if (known && !known->failure) {
        dial(self, known);
        return;
    }
    if (known) {
        stream_end_later(self, known->failure, known->text ? known->text : "");
        return;
    }
    stream_phase_begin(self, STREAM_IO_PHASE_RESOLVE);
    self->waiter = resolve_start(self->resolve, self->host, family, self->request.timeout_us,
                                 on_resolved, self);
    if (!self->waiter)
        stream_end_later(self, REASON_RESOURCES, "Too many name lookups");
}

/* Forgets the last connection. */
static void reset(stream_io_t *self)
{
    tls_session_destroy(&self->tls);
    text_clear(&self->in);
    text_clear(&self->out);
    self->n_sent = 0;
    self->is_full = false;
    self->loss.is_set = false;
    self->was_connected = false;
    self->ip[0] = '\0';
    for (size_t i = 0; i < STREAM_IO_PHASES; i++) {
        self->since_us[i] = 0;
        self->phase_us[i] = -1;
    }
}

void stream_io_open(stream_io_t *self, const stream_io_request_t *request)
{
    assert(request->timeout_us > 0);
    stream_io_close(self);
    self->n_opened++;
    self->request = *request;
    self->request.host = self->host;
    (void)snprintf(self->host, sizeof self->host, "%s", request->host);
    self->deadline_us = clock_mono_us() + request->timeout_us;
    self->state = STREAM_RESOLVING;
    actor_timer_set(self->timer, request->timeout_us);
    look_up(self);
}

/* --- what there is --- */

stream_io_seen_t stream_io_seen(const stream_io_t *self)
{
    certificate_ends_t ends = {0, 0};
    if (self->tls)
        ends = tls_session_ends(self->tls);
    stream_io_seen_t seen = {.ip = self->ip,
                             .is_connected = self->was_connected,
                             .tls_version = self->tls ? tls_session_version(self->tls) : "",
                             .cert_expires_at_us = ends.earliest_us,
                             .cert_leaf_expires_at_us = ends.leaf_us};
    int64_t now_us = clock_mono_us();
    for (size_t i = 0; i < STREAM_IO_PHASES; i++) {
        int64_t so_far_us = self->phase_us[i];
        if (self->since_us[i] != 0)
            so_far_us = (so_far_us < 0 ? 0 : so_far_us) + now_us - self->since_us[i];
        seen.phase_us[i] = so_far_us;
    }
    return seen;
}

void stream_io_append_certificate(const stream_io_t *self, text_t *ret)
{
    X509 *certificate = self->tls ? tls_session_certificate(self->tls) : NULL;
    if (certificate)
        certificate_append_json(ret, certificate);
    else
        text_append_string(ret, "{}");
}

/* --- life --- */

void stream_io_close(stream_io_t *self)
{
    if (self->state == STREAM_OPEN && self->tls) {
        tls_session_close(self->tls);
        stream_flush_tls(self); /* as much as goes at once */
    }
    hang_up(self);
    reset(self);
}

stream_io_t *stream_io_new(actor_t *actor, resolve_t *resolve, tls_contexts_t *contexts,
                           const stream_io_handlers_t *handlers, void *context)
{
    stream_io_t *self = actor_must(actor, calloc(1, sizeof *self));
    self->actor = actor;
    self->resolve = resolve;
    self->contexts = contexts;
    self->handlers = *handlers;
    self->context = context;
    self->fd = -1;
    self->timer = actor_timer_new(actor, on_timer, self);
    self->dial = stream_dial_new(actor, on_dialled, self);
    reset(self);
    return self;
}

void stream_io_destroy(stream_io_t **self_p)
{
    stream_io_t *self = *self_p;
    if (!self)
        return;
    hang_up(self);
    reset(self);
    stream_dial_destroy(&self->dial);
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}
