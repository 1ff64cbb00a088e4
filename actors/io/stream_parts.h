/* What the files of stream_io share; for actors/io/stream_io.c and stream_bytes.c alone. */
#ifndef HEALTHD_ACTORS_IO_STREAM_PARTS_H
#define HEALTHD_ACTORS_IO_STREAM_PARTS_H

#include "actors/io/stream_dial.h"
#include "actors/io/stream_io.h"
#include "actors/io/tls_session.h"
#include "core/url.h"

typedef enum {
    STREAM_CLOSED,
    STREAM_RESOLVING,
    STREAM_CONNECTING,
    STREAM_SECURING,
    STREAM_OPEN
} stream_state_t;

/* Why the connection ended, until `settle` tells it. */
typedef struct {
    bool is_set;
    reason_t reason;
    char text[TLS_TEXT_BYTES];
} stream_loss_t;

struct stream_io {
    actor_t *actor;
    resolve_t *resolve;
    tls_contexts_t *contexts;
    stream_io_handlers_t handlers;
    void *context;

    stream_state_t state;
    uint64_t n_opened; /* tells a handler's new connection from the one it was called for */
    stream_io_request_t request;
    char host[HOST_BYTES];
    int64_t deadline_us; /* monotonic */
    actor_timer_t *timer;
    resolve_waiter_t *waiter;
    stream_dial_t *dial;
    int fd;
    epoll_source_t *source;
    tls_session_t *tls;
    text_t in;
    text_t out;
    size_t n_sent; /* of OUT */
    bool is_full;
    stream_loss_t loss;

    bool was_connected;
    char ip[INET6_ADDRSTRLEN];
    int64_t since_us[STREAM_IO_PHASES]; /* monotonic; 0: not under way */
    int64_t phase_us[STREAM_IO_PHASES];
};

/* --- stream_io.c --- */

/* A phase begins, and ends; the second only where it was begun. */
void stream_phase_begin(stream_io_t *self, size_t phase);
void stream_phase_end(stream_io_t *self, size_t phase);

/* Tells that the connection ended, with TEXT (copied); the other tells it from the loop, for who is
 * inside a call of our owner. */
void stream_end(stream_io_t *self, reason_t reason, const char *text);
void stream_end_later(stream_io_t *self, reason_t reason, const char *text);

/* --- stream_bytes.c --- */

/* Events of the socket. */
void stream_on_events(void *context, uint32_t events);

/* What TLS has made for the peer goes out; reads what it has of the peer. */
void stream_flush_tls(stream_io_t *self);
void stream_read_tls(stream_io_t *self);

/* The connection stands, as it was asked for. */
void stream_become_ready(stream_io_t *self);

#endif
