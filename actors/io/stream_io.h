/*
 * One connection at a time by TCP, TLS over it from the start or in its midst, or UDP, on the
 * actor's epoll: names by resolve.h, addresses by stream_dial.h, one deadline for all of it, and a
 * bound on what may come. Nothing here blocks, but the read of the certificates that the settings
 * name.
 */
#ifndef HEALTHD_ACTORS_IO_STREAM_IO_H
#define HEALTHD_ACTORS_IO_STREAM_IO_H

#include <stdbool.h>

#include "actors/actor.h"
#include "actors/io/resolve.h"
#include "actors/io/tls_contexts.h"
#include "core/text.h"

/* Bytes that may wait to be sent. */
#define STREAM_IO_WRITE_MAX_BYTES ((size_t)1 << 20)

/* What the time is made of. */
enum {
    STREAM_IO_PHASE_RESOLVE,    /* the name lookup */
    STREAM_IO_PHASE_CONNECT,    /* up to the connection */
    STREAM_IO_PHASE_TLS,        /* the handshake */
    STREAM_IO_PHASE_FIRST_BYTE, /* from there (or where TLS starts later, before) to an answer */
    STREAM_IO_PHASE_TRANSFER,   /* and from its first byte on */
    STREAM_IO_PHASES
};

typedef struct {
    const char *host; /* name or numeric address; borrowed for the call */
    uint16_t port;
    bool is_datagram;   /* UDP: each send is one, each that comes is appended to what came */
    bool is_secured;    /* TLS before `ready` */
    bool awaits_answer; /* something must come: its phase counts from `ready` on */
    ip_protocol_t ip_protocol;
    int64_t timeout_us;        /* > 0; for everything up to stream_io_close */
    size_t read_max_bytes;     /* of what comes; when they are there no more is read */
    const tls_settings_t *tls; /* must outlive the connection; NULL: none */
} stream_io_request_t;

/* What happens, from the loop alone. Each may close and open. */
typedef struct {
    /* The connection stands, and TLS where it was asked for. Comes again after stream_io_secure,
     * and where a datagram's first address has refused it and the next one takes its turn. */
    void (*ready)(void *context);
    /* More has come: stream_io_bytes. */
    void (*received)(void *context);
    /* The connection is gone; what came and what was seen stays until it is closed or opened.
     * REASON_NONE: the peer ended it after `ready`, as it may; else why, with TEXT for people. */
    void (*ended)(void *context, reason_t fault, const char *text);
} stream_io_handlers_t;

/* How far it came; texts are borrowed until it is closed or opened. */
typedef struct {
    const char *ip; /* of the peer; "" none */
    bool is_connected;
    const char *tls_version;    /* "1.3"; "" none */
    int64_t cert_expires_at_us; /* Unix time; 0: no certificate */
    int64_t cert_leaf_expires_at_us;
    int64_t phase_us[STREAM_IO_PHASES]; /* -1: not reached */
} stream_io_seen_t;

typedef struct stream_io stream_io_t;

/* All is borrowed and must outlive it. Never NULL (memory that runs out ends the process). */
stream_io_t *stream_io_new(actor_t *actor, resolve_t *resolve, tls_contexts_t *contexts,
                           const stream_io_handlers_t *handlers, void *context);
void stream_io_destroy(stream_io_t **self);

/* Begins; an earlier connection is closed. No handler is called inside this call. */
void stream_io_open(stream_io_t *self, const stream_io_request_t *request);

/* Sends N bytes, after `ready`; a failure comes by `ended`. 0, or -1: too much waits, or memory ran
 * out. */
int stream_io_send(stream_io_t *self, const char *bytes, size_t n);

/* TLS from here on; `ready` says when it stands. What came before stays in stream_io_bytes. */
void stream_io_secure(stream_io_t *self);

/* What came, *RET_N bytes, borrowed until the next event; never NULL. */
const char *stream_io_bytes(const stream_io_t *self, size_t *ret_n);

/* Forgets the first N bytes of what came: there is room for as many. */
void stream_io_consume(stream_io_t *self, size_t n);

stream_io_seen_t stream_io_seen(const stream_io_t *self);

/* Appends what the peer's certificate says of itself (certificate.h); {} where there is none. */
void stream_io_append_certificate(const stream_io_t *self, text_t *ret);

/* Closes without an event; nothing where it is closed. */
void stream_io_close(stream_io_t *self);

#endif
