#include "gateway/http_clients.h"

#include <netinet/in.h>
#include <string.h>

/* ADDRESS as IPv6, IPv4 mapped into it; of any other family all zero. */
static void address_bytes(const struct sockaddr *address, uint8_t ret[16])
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memset(ret, 0, 16);
    if (address && address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        ret[10] = 0xff;
        ret[11] = 0xff;
        memcpy(ret + 12, &v4.sin_addr, 4);
    } else if (address && address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        memcpy(ret, &v6.sin6_addr, 16);
    }
}

static bool is_loopback(const uint8_t address[16])
{
    static const uint8_t v4_prefix[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};
    static const uint8_t v6[16] = {[15] = 1};
    return memcmp(address, v4_prefix, sizeof v4_prefix) == 0 || memcmp(address, v6, 16) == 0;
}

/* Its owner reads the end of the connection with the next turn of its loop. */
static void cut(client_t *client)
{
    (void)shutdown(client->fd, SHUT_RDWR); /* fails only where the peer is gone already */
    client->phase = CLIENT_CUT;
}

static bool is_waiting(const client_t *client)
{
    return client->phase == CLIENT_NEW || client->phase == CLIENT_IDLE ||
           client->phase == CLIENT_HALF;
}

static void cut_longest_waiting(http_clients_t *self)
{
    client_t *longest = NULL;
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        client_t *client = &self->places[i];
        if (is_waiting(client) && (!longest || client->since_us < longest->since_us))
            longest = client;
    }
    if (longest)
        cut(longest);
}

bool http_clients_admit(http_clients_t *self, const struct sockaddr *address)
{
    uint8_t bytes[16];
    address_bytes(address, bytes);
    size_t n_same = 0;
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        const client_t *client = &self->places[i];
        if (client->phase != CLIENT_FREE && memcmp(client->address, bytes, sizeof bytes) == 0)
            n_same++;
    }
    if (n_same >= HTTP_CONNECTIONS_PER_ADDRESS && !is_loopback(bytes))
        return false;
    if (self->n_used >= HTTP_CONNECTIONS_CROWDED(self->n_max))
        cut_longest_waiting(self);
    return self->n_used < self->n_max;
}

client_t *http_clients_add(http_clients_t *self, int fd, const struct sockaddr *address,
                           int64_t now_us)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        client_t *client = &self->places[i];
        if (client->phase != CLIENT_FREE)
            continue;
        *client = (client_t){.phase = CLIENT_NEW, .fd = fd, .since_us = now_us};
        address_bytes(address, client->address);
        self->n_used++;
        return client;
    }
    return NULL;
}

void http_client_turn(client_t *client, client_phase_t phase, int64_t now_us)
{
    if (client->phase == CLIENT_CUT)
        return;
    client->phase = phase;
    client->since_us = now_us;
}

void http_clients_remove(http_clients_t *self, client_t *client)
{
    client->phase = CLIENT_FREE;
    self->n_used--;
}

/* How long a client may be in PHASE; 0: for ever. */
static int64_t time_of(client_phase_t phase)
{
    switch (phase) {
    case CLIENT_NEW:
        return HTTP_FIRST_LINE_US;
    case CLIENT_IDLE:
        return HTTP_NEXT_LINE_US;
    case CLIENT_HALF:
        return HTTP_REQUEST_US;
    case CLIENT_READING:
        return HTTP_REPLY_US;
    case CLIENT_FREE:
    case CLIENT_ASKING:
    case CLIENT_CUT:
    default:
        return 0;
    }
}

void http_client_begins(client_t *client, int64_t now_us)
{
    int64_t time_us = time_of(client->phase);
    int64_t late_us = time_us > 0 ? now_us - client->since_us - time_us : 0;
    http_client_turn(client, CLIENT_HALF, late_us > 0 ? now_us - late_us : now_us);
}

void http_clients_sweep(http_clients_t *self, int64_t now_us)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        client_t *client = &self->places[i];
        int64_t time_us = time_of(client->phase);
        if (time_us > 0 && now_us - client->since_us >= time_us)
            cut(client);
    }
}
