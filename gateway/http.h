/*
 * HTTP/1.1 over libmicrohttpd on the actor's epoll. A request is given to the gateway once its head
 * and body are there; it is answered at once or later, by its id. What every answer has in common
 * is done here: HEAD, 304, gzip, the common headers, limits, slow readers.
 */
#ifndef HEALTHD_GATEWAY_HTTP_H
#define HEALTHD_GATEWAY_HTTP_H

#include <stdint.h>

#include "actors/actor.h"
#include "gateway/reply.h"

/* Bytes of the request line and headers, at most; beyond: 431. */
#define HTTP_HEAD_MAX_BYTES ((size_t)64 << 10)
/* Bytes of a body, at most; beyond: 413. */
#define HTTP_BODY_MAX_BYTES ((size_t)64 << 10)
/* A body that is too large is still read up to here, so that its sender sees the answer. */
#define HTTP_BODY_DRAINED_MAX_BYTES ((size_t)1 << 20)

typedef struct http http_t;
typedef struct http_request http_request_t;

typedef struct {
    /* A whole request is there; borrowed for the call. */
    void (*on_request)(void *context, http_request_t *request);
    /* REQUEST is being answered with CODE. */
    void (*on_answered)(void *context, const http_request_t *request, unsigned code);
    void *context;
} http_callbacks_t;

/*
 * Makes the server on the listening socket LISTEN_FD, which it takes, for MAX_CONNECTIONS (up to
 * HTTP_CONNECTIONS_MAX) at once. It answers nobody before
 * http_begin. NULL where memory or descriptors ran out.
 */
http_t *http_new(actor_t *actor, int listen_fd, unsigned max_connections,
                 const http_callbacks_t *callbacks);

/* Begins to answer. 0, or -1 where the kernel refused. */
int http_begin(http_t *self);

/* Ends every connection; requests that still wait stay unanswered. Takes NULL. */
void http_destroy(http_t **self);

/* Never 0, and never the same twice. */
uint64_t http_request_id(const http_request_t *request);
const char *http_request_method(const http_request_t *request);
/* The request target as it was sent; not empty. */
const char *http_request_target(const http_request_t *request);
/* Value of header NAME, or NULL. */
const char *http_request_header(const http_request_t *request, const char *name);
/* The body as it was sent (gives *RET_N bytes), "" where there is none. */
const char *http_request_body(const http_request_t *request, size_t *ret_n);
/* When it was whole, on the monotonic clock. */
int64_t http_request_asked_us(const http_request_t *request);
/* A number that the gateway keeps with the request; -1 at first. */
void http_request_set_route(http_request_t *request, int route);
int http_request_route(const http_request_t *request);

/*
 * Answers request REQUEST_ID with REPLY (borrows; NULL: memory ran out, the connection is closed).
 * Does nothing where there is no such request any more.
 */
void http_reply(http_t *self, uint64_t request_id, reply_t *reply);

/* Sends what http_reply prepared outside of on_request; call it once after a batch of replies. */
void http_run(http_t *self);

#endif
