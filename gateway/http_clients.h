/*
 * The connections of REST readers: how many there are, from where, and which waits how long. A slow
 * reader is cut by shutting its socket down; whoever owns the socket then sees its end. Without
 * knowledge of HTTP.
 */
#ifndef HEALTHD_GATEWAY_HTTP_CLIENTS_H
#define HEALTHD_GATEWAY_HTTP_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Connections at once, whatever is configured. */
#define HTTP_CONNECTIONS_MAX 512
/* Places that are kept free for those who come at once: those who are cut leave theirs a turn
 * later. An eighth of N_MAX, or 16, or half of what there is. */
#define HTTP_CONNECTIONS_SPARE(n_max)                                                              \
    ((n_max) / 8 > 16 ? (n_max) / 8 : (n_max) / 2 < 16 ? (n_max) / 2 : 16)
/* From this many of N_MAX on, each new one costs the one its place that has waited longest for a
 * request. */
#define HTTP_CONNECTIONS_CROWDED(n_max) ((n_max)-HTTP_CONNECTIONS_SPARE(n_max))
/* From one address that is not loopback, at most. */
#define HTTP_CONNECTIONS_PER_ADDRESS 128
/* Time of a new connection for its first request line, then of each request from its line on. With
 * the pause between two sweeps no half request has its place for 10 seconds. */
#define HTTP_FIRST_LINE_US ((int64_t)4500000)
#define HTTP_REQUEST_US    ((int64_t)4500000)
/* Time from a reply to the next request line on the same connection. */
#define HTTP_NEXT_LINE_US ((int64_t)9000000)
/* Time for taking a whole reply. */
#define HTTP_REPLY_US ((int64_t)60000000)

typedef enum {
    CLIENT_FREE,    /* this place holds no connection */
    CLIENT_NEW,     /* the reader owes us its first request line */
    CLIENT_IDLE,    /* it has had a reply, and may ask again */
    CLIENT_HALF,    /* it owes us the rest of a request */
    CLIENT_ASKING,  /* we owe the reader an answer */
    CLIENT_READING, /* the reader owes us the taking of the answer */
    CLIENT_CUT      /* shut down, its end not yet seen */
} client_phase_t;

typedef struct {
    client_phase_t phase;
    int fd;              /* borrowed */
    uint8_t address[16]; /* IPv6, or IPv4 mapped into it */
    int64_t since_us;    /* when the phase began; monotonic */
} client_t;

typedef struct {
    client_t places[HTTP_CONNECTIONS_MAX];
    size_t n_used;
    size_t n_max; /* at once, at most; up to HTTP_CONNECTIONS_MAX */
} http_clients_t;

/* Whether one more connection from ADDRESS may come in; cuts the longest waiting where it is
 * crowded. */
bool http_clients_admit(http_clients_t *self, const struct sockaddr *address);

/* Takes a connection in. Gives its place, or NULL where all are taken. */
client_t *http_clients_add(http_clients_t *self, int fd, const struct sockaddr *address,
                           int64_t now_us);

/* Notes that PHASE begins for a client that was not cut. */
void http_client_turn(client_t *client, client_phase_t phase, int64_t now_us);

/* The connection has ended. */
void http_clients_remove(http_clients_t *self, client_t *client);

/* The request line has come: the rest of the request is awaited, but no longer than of a connection
 * whose line came in time. */
void http_client_begins(client_t *client, int64_t now_us);

/* Cuts every client whose time is over. */
void http_clients_sweep(http_clients_t *self, int64_t now_us);

#endif
