/* Bytes of a connection, to and fro. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actors/io/fault.h"
#include "actors/io/stream_parts.h"

/* Bytes that are read at once. */
#define CHUNK_BYTES 16384

static void watch(stream_io_t *self)
{
    uint32_t wanted = self->is_full ? 0 : EPOLLIN;
    if (self->out.size > self->n_sent)
        wanted |= EPOLLOUT;
    if (self->source && epoll_change(self->source, wanted))
        stream_end_later(self, REASON_RESOURCES, "The connection could not be watched");
}

/* --- sending --- */

static void flush(stream_io_t *self)
{
    while (self->out.size > self->n_sent && !self->loss.is_set) {
        ssize_t n = send(self->fd, self->out.bytes + self->n_sent, self->out.size - self->n_sent,
                         MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        /* What came before tells more: where it is read, reading finds the error. */
        if (n < 0 && errno != EAGAIN && (self->state != STREAM_OPEN || self->is_full))
            stream_end_later(self, fault_of_errno(errno), strerrordesc_np(errno));
        if (n < 0)
            break;
        self->n_sent += (size_t)n;
    }
    if (self->n_sent == self->out.size) {
        self->out.size = 0;
        self->n_sent = 0;
    }
    watch(self);
}

/* What TLS has made for the peer goes out. */
void stream_flush_tls(stream_io_t *self)
{
    tls_session_drain(self->tls, &self->out);
    if (self->out.is_failed)
        stream_end_later(self, REASON_RESOURCES, "Out of memory");
    else
        flush(self);
}

static int send_datagram(stream_io_t *self, const char *bytes, size_t n)
{
    if (send(self->fd, bytes, n, MSG_NOSIGNAL) < 0 && errno != EAGAIN && errno != ECONNREFUSED)
        stream_end_later(self, fault_of_errno(errno), strerrordesc_np(errno));
    return 0; /* one that is lost, or refused before, is not answered: reading finds it out */
}

int stream_io_send(stream_io_t *self, const char *bytes, size_t n)
{
    if (self->state != STREAM_OPEN)
        return -1;
    if (self->request.is_datagram)
        return send_datagram(self, bytes, n);
    if (n > STREAM_IO_WRITE_MAX_BYTES ||
        self->out.size - self->n_sent + n > STREAM_IO_WRITE_MAX_BYTES)
        return -1;
    if (self->tls) {
        if (tls_session_write(self->tls, bytes, n))
            return -1;
        stream_flush_tls(self);
        return 0;
    }
    text_append(&self->out, bytes, n);
    if (self->out.is_failed)
        return -1;
    flush(self);
    return 0;
}

/* --- receiving --- */

void stream_become_ready(stream_io_t *self)
{
    self->state = STREAM_OPEN;
    if (self->request.awaits_answer && self->phase_us[STREAM_IO_PHASE_FIRST_BYTE] < 0 &&
        self->since_us[STREAM_IO_PHASE_TRANSFER] == 0)
        stream_phase_begin(self, STREAM_IO_PHASE_FIRST_BYTE);
    watch(self);
    self->handlers.ready(self->context);
}

/* Tells of what came, if it is more than N_BEFORE. */
static void tell_received(stream_io_t *self, size_t n_before)
{
    if (self->in.is_failed) {
        stream_end(self, REASON_RESOURCES, "Out of memory");
        return;
    }
    if (self->in.size == n_before && !self->request.is_datagram)
        return;
    self->was_connected = true;
    if (self->since_us[STREAM_IO_PHASE_TRANSFER] == 0) {
        stream_phase_end(self, STREAM_IO_PHASE_FIRST_BYTE);
        stream_phase_begin(self, STREAM_IO_PHASE_TRANSFER);
    }
    self->is_full = self->in.size >= self->request.read_max_bytes;
    watch(self);
    self->handlers.received(self->context);
}

static void fail_tls(stream_io_t *self)
{
    const char *text = "";
    reason_t fault = tls_session_fault(self->tls, &text);
    stream_flush_tls(self); /* the alert, so that the server knows why */
    stream_end(self, fault, text);
}

/* Reads what TLS has, and tells of it; then of the end, where the peer says it. */
void stream_read_tls(stream_io_t *self)
{
    uint64_t opened = self->n_opened;
    size_t n_before = self->in.size;
    tls_session_outcome_t outcome =
        tls_session_read(self->tls, &self->in, self->request.read_max_bytes);
    stream_flush_tls(self); /* the answer to a key update */
    tell_received(self, n_before);
    if (opened != self->n_opened || self->state != STREAM_OPEN)
        return;
    if (outcome == TLS_SESSION_CLOSED)
        stream_end(self, REASON_NONE, "Connection closed");
    else if (outcome == TLS_SESSION_FAILED)
        fail_tls(self);
}

static void go_on_securing(stream_io_t *self)
{
    uint64_t opened = self->n_opened;
    tls_session_outcome_t outcome = tls_session_handshake(self->tls);
    if (outcome == TLS_SESSION_FAILED) {
        fail_tls(self);
        return;
    }
    stream_flush_tls(self);
    if (outcome != TLS_SESSION_READY)
        return;
    stream_phase_end(self, STREAM_IO_PHASE_TLS);
    stream_become_ready(self);
    if (opened == self->n_opened && self->state == STREAM_OPEN)
        stream_read_tls(self);
}

static void take(stream_io_t *self, const char *bytes, size_t n)
{
    if (self->tls) {
        if (tls_session_feed(self->tls, bytes, n))
            stream_end(self, REASON_RESOURCES, "Out of memory");
        else if (self->state == STREAM_SECURING)
            go_on_securing(self);
        else
            stream_read_tls(self);
        return;
    }
    size_t n_before = self->in.size;
    size_t room = self->request.read_max_bytes - n_before;
    text_append(&self->in, bytes, n < room ? n : room);
    tell_received(self, n_before);
}

/* The peer has ended the connection, or the network has. */
static void take_end(stream_io_t *self, int error)
{
    if (error == EAGAIN || error == EINTR)
        return;
    if (self->request.is_datagram && error == ECONNREFUSED && stream_dial_resume(self->dial)) {
        epoll_remove(&self->source);
        (void)close(self->fd);
        self->fd = -1;
        self->state = STREAM_CONNECTING;
        return;
    }
    if (self->state == STREAM_SECURING)
        stream_end(self, REASON_TLS_FAILURE, "Connection closed during the TLS handshake");
    else if (error)
        stream_end(self, fault_of_errno(error), strerrordesc_np(error));
    else
        stream_end(self, REASON_NONE, "Connection closed");
}

void stream_on_events(void *context, uint32_t events)
{
    stream_io_t *self = context;
    uint64_t opened = self->n_opened;
    if (!self->is_full && (events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
        char chunk[CHUNK_BYTES];
        ssize_t n = recv(self->fd, chunk, sizeof chunk, 0);
        if (n > 0 || (n == 0 && self->request.is_datagram))
            take(self, chunk, (size_t)n);
        else
            take_end(self, n < 0 ? errno : 0);
    }
    if (opened == self->n_opened && self->fd >= 0 && (events & EPOLLOUT))
        flush(self);
}

/* --- what there is --- */

const char *stream_io_bytes(const stream_io_t *self, size_t *ret_n)
{
    *ret_n = self->in.size;
    return self->in.bytes ? self->in.bytes : "";
}

void stream_io_consume(stream_io_t *self, size_t n)
{
    assert(n <= self->in.size);
    if (n == 0)
        return;
    memmove(self->in.bytes, self->in.bytes + n, self->in.size - n);
    self->in.size -= n;
    self->in.bytes[self->in.size] = '\0';
    if (self->is_full && self->state == STREAM_OPEN) {
        self->is_full = false;
        watch(self);
        if (self->tls)
            actor_timer_set(self->timer, 0); /* what TLS holds already brings no event */
    }
}
