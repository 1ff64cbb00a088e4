#include "tests/support/support_tcp.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

enum { DRIP_MS = 10, FILL_BYTES = 65536 };

typedef struct {
    int fd; /* -1: free */
    bool is_begun;
    size_t n_sent;
} client_t;

struct support_tcp {
    support_tcp_behaviour_t behaviour;
    size_t n_answer;
    int listener;
    int stop[2]; /* a pipe: closing the writing end ends the thread */
    uint16_t port;
    pthread_t thread;
    client_t clients[SUPPORT_TCP_CLIENTS_MAX];
    struct pollfd polled[SUPPORT_TCP_CLIENTS_MAX + 2];
    char fill[FILL_BYTES];
    atomic_size_t n_connections;
    atomic_size_t n_sent_bytes;
};

static void end_client(support_tcp_t *server, client_t *client)
{
    if (server->behaviour.is_reset) {
        const struct linger linger = {.l_onoff = 1};
        setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
    close(client->fd);
    client->fd = -1;
}

static void accept_client(support_tcp_t *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    atomic_fetch_add(&server->n_connections, 1);
    for (size_t i = 0; i < COUNT_OF(server->clients); i++)
        if (server->clients[i].fd < 0) {
            server->clients[i] = (client_t){.fd = fd, .is_begun = server->behaviour.is_unasked};
            return;
        }
    close(fd);
}

/* Reads away what has come; false where the peer has closed. */
static bool read_client(client_t *client)
{
    char bytes[4096];
    ssize_t n = read(client->fd, bytes, sizeof bytes);
    client->is_begun |= n > 0;
    return n > 0;
}

static bool has_more(const support_tcp_t *server, const client_t *client)
{
    const support_tcp_behaviour_t *behaviour = &server->behaviour;
    return client->is_begun &&
           (behaviour->is_dripping || client->n_sent < server->n_answer + behaviour->n_fill);
}

static bool write_client(support_tcp_t *server, client_t *client)
{
    const char *from = server->fill;
    size_t n = server->behaviour.is_dripping ? 1 : FILL_BYTES;
    if (client->n_sent < server->n_answer) {
        from = server->behaviour.answer + client->n_sent;
        n = server->n_answer - client->n_sent;
    } else if (!server->behaviour.is_dripping) {
        size_t left = server->n_answer + server->behaviour.n_fill - client->n_sent;
        n = left < n ? left : n;
    }
    ssize_t n_written = send(client->fd, from, n, MSG_NOSIGNAL);
    if (n_written < 0)
        return false;
    client->n_sent += (size_t)n_written;
    atomic_fetch_add(&server->n_sent_bytes, (size_t)n_written);
    return true;
}

static void serve_client(support_tcp_t *server, client_t *client, short events)
{
    if ((events & (POLLIN | POLLHUP | POLLERR)) && !read_client(client)) {
        end_client(server, client);
        return;
    }
    if (has_more(server, client) && !write_client(server, client)) {
        end_client(server, client);
        return;
    }
    if (client->is_begun && !has_more(server, client) && !server->behaviour.is_kept_open)
        end_client(server, client);
}

static bool may_write(const support_tcp_t *server, const client_t *client)
{
    bool is_drip = server->behaviour.is_dripping && client->n_sent >= server->n_answer;
    return has_more(server, client) && !is_drip;
}

static void *serve(void *context)
{
    support_tcp_t *server = context;
    const int wait_ms = server->behaviour.is_dripping ? DRIP_MS : -1;
    for (;;) {
        server->polled[0] = (struct pollfd){.fd = server->stop[0], .events = POLLIN};
        server->polled[1] = (struct pollfd){.fd = server->listener, .events = POLLIN};
        for (size_t i = 0; i < COUNT_OF(server->clients); i++) {
            const client_t *client = &server->clients[i];
            short events = may_write(server, client) ? POLLIN | POLLOUT : POLLIN;
            server->polled[i + 2] = (struct pollfd){.fd = client->fd, .events = events};
        }
        poll(server->polled, COUNT_OF(server->polled), wait_ms);
        if (server->polled[0].revents)
            return NULL;
        for (size_t i = 0; i < COUNT_OF(server->clients); i++) {
            client_t *client = &server->clients[i];
            if (client->fd >= 0 && (server->polled[i + 2].revents || has_more(server, client)))
                serve_client(server, client, server->polled[i + 2].revents);
        }
        if (server->polled[1].revents)
            accept_client(server);
        for (size_t i = 0; i < COUNT_OF(server->clients); i++) /* those that were just accepted */
            if (server->clients[i].fd >= 0 && server->clients[i].is_begun)
                serve_client(server, &server->clients[i], 0);
    }
}

support_tcp_t *support_tcp_start(const support_tcp_behaviour_t *behaviour)
{
    support_tcp_t *server = calloc(1, sizeof *server);
    assert_non_null(server);
    server->behaviour = *behaviour;
    server->n_answer = behaviour->answer ? strlen(behaviour->answer) : 0;
    memset(server->fill, 'x', sizeof server->fill);
    for (size_t i = 0; i < COUNT_OF(server->clients); i++)
        server->clients[i].fd = -1;

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(server->listener >= 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listener, SUPPORT_TCP_CLIENTS_MAX), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pipe2(server->stop, O_CLOEXEC), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

void support_tcp_stop(support_tcp_t **server_p)
{
    support_tcp_t *server = *server_p;
    if (!server)
        return;
    close(server->stop[1]);
    pthread_join(server->thread, NULL);
    for (size_t i = 0; i < COUNT_OF(server->clients); i++)
        if (server->clients[i].fd >= 0)
            close(server->clients[i].fd);
    close(server->stop[0]);
    close(server->listener);
    free(server);
    *server_p = NULL;
}

uint16_t support_tcp_port(const support_tcp_t *server)
{
    return server->port;
}

size_t support_tcp_n_connections(support_tcp_t *server)
{
    return atomic_load(&server->n_connections);
}

size_t support_tcp_n_sent_bytes(support_tcp_t *server)
{
    return atomic_load(&server->n_sent_bytes);
}
