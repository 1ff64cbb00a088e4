/*
 * Ends connections whose reader still sends what nobody wants (a head or body that was refused). If
 * such a socket were simply closed, the kernel would answer the rest with a reset, and the reader
 * would often lose the refusal with it. So what comes is read and dropped for a short while.
 */
#ifndef HEALTHD_GATEWAY_HTTP_LINGER_H
#define HEALTHD_GATEWAY_HTTP_LINGER_H

#include <stdint.h>

#include "actors/io/epoll.h"

/* Connections that linger at once, at most; more are closed at once. */
#define HTTP_LINGER_MAX 32
/* How long one lingers at most. */
#define HTTP_LINGER_US ((int64_t)2000000)

typedef struct http_linger http_linger_t;

http_linger_t *http_linger_new(epoll_t *epoll);
void http_linger_destroy(http_linger_t **self);

/* Lets the connection of FD (borrows; already shut down for writing) linger if there is something
 * unread. NOW_US: monotonic. */
void http_linger_add(http_linger_t *self, int fd, int64_t now_us);

/* Ends those whose time is over. */
void http_linger_sweep(http_linger_t *self, int64_t now_us);

/* Whether any connection lingers. */
bool http_linger_is_busy(const http_linger_t *self);

#endif
