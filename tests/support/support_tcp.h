/* A small TCP server in a thread of its own that behaves as badly as a test wants. */
#ifndef HEALTHD_TESTS_SUPPORT_SUPPORT_TCP_H
#define HEALTHD_TESTS_SUPPORT_SUPPORT_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connections that a server holds at once; more are closed at once. */
#define SUPPORT_TCP_CLIENTS_MAX 512

/* What happens on a connection once its first bytes have come. All zero: it is closed. */
typedef struct {
    const char *answer; /* sent first; NULL: nothing */
    size_t n_fill;      /* bytes 'x' sent after it */
    bool is_dripping;   /* ... one each few milliseconds, without end */
    bool is_kept_open;  /* afterwards; else it is closed */
    bool is_reset;      /* closed by RST, not FIN */
    bool is_unasked;    /* begins as soon as the connection stands */
} support_tcp_behaviour_t;

typedef struct support_tcp support_tcp_t;

/* Serves on 127.0.0.1. BEHAVIOUR's text is borrowed for the server's life. */
support_tcp_t *support_tcp_start(const support_tcp_behaviour_t *behaviour);
void support_tcp_stop(support_tcp_t **server);

uint16_t support_tcp_port(const support_tcp_t *server);

/* Connections accepted, and bytes sent, so far. */
size_t support_tcp_n_connections(support_tcp_t *server);
size_t support_tcp_n_sent_bytes(support_tcp_t *server);

#endif
