#include "actors/collectors/dns_exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actors/io/fault.h"

/* Datagrams of one readiness that are looked at; the rest wait for the next turn of the loop. */
#define DATAGRAMS_AT_ONCE 16

struct dns_exchange {
    actor_t *actor;
    uint8_t *scratch;
    dns_exchange_fn *fn;
    void *context;

    const dns_question_t *question;
    struct sockaddr_storage address;
    socklen_t n_address;
    uint16_t id;
    int fd; /* -1: none is under way */
    epoll_source_t *source;
    bool is_tcp;
    int64_t connected_us;

    uint8_t out[2 + DNS_QUESTION_MAX_BYTES]; /* the length that TCP wants, the question */
    size_t n_out;
    size_t n_written; /* over TCP */
    uint8_t length[2];
    size_t n_length;
    uint8_t *in; /* the answer over TCP, of as many bytes as its length says */
    size_t n_in;
};

dns_exchange_t *dns_exchange_new(actor_t *actor, uint8_t *scratch, dns_exchange_fn *fn,
                                 void *context)
{
    dns_exchange_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->actor = actor;
    self->scratch = scratch;
    self->fn = fn;
    self->context = context;
    self->fd = -1;
    return self;
}

void dns_exchange_end(dns_exchange_t *self)
{
    epoll_remove(&self->source);
    if (self->fd >= 0)
        (void)close(self->fd);
    self->fd = -1;
    free(self->in);
    self->in = NULL;
    self->n_in = self->n_length = self->n_written = 0;
}

void dns_exchange_destroy(dns_exchange_t **self_p)
{
    dns_exchange_t *self = *self_p;
    if (!self)
        return;
    dns_exchange_end(self);
    free(self);
    *self_p = NULL;
}

/* --- ends --- */

static void tell(dns_exchange_t *self, reason_t fault, const char *text, const dns_answer_t *answer)
{
    dns_exchange_end(self);
    self->fn(self->context, fault, text, answer);
}

static void fail(dns_exchange_t *self, int error)
{
    tell(self, fault_of_errno(error), strerrordesc_np(error), NULL);
}

static reason_t open_socket(dns_exchange_t *self, const char **ret_text);

static void ask_over_tcp(dns_exchange_t *self)
{
    dns_exchange_end(self);
    self->is_tcp = true;
    const char *text = NULL;
    reason_t fault = open_socket(self, &text);
    if (fault)
        tell(self, fault, text, NULL);
}

/* Takes N bytes as the answer. False: they are none, and over UDP another may come. */
static bool take(dns_exchange_t *self, const uint8_t *bytes, size_t n)
{
    dns_answer_t answer = {.rcode = 0};
    switch (dns_answer_decode(self->question, self->id, bytes, n, &answer)) {
    case DNS_FOREIGN:
        return false;
    case DNS_MALFORMED:
        tell(self, REASON_PROTOCOL, "An answer that cannot be read", NULL);
        return true;
    case DNS_OUT_OF_MEMORY:
        tell(self, REASON_RESOURCES, "Out of memory", NULL);
        return true;
    case DNS_ANSWERED:
        break;
    }
    if (!answer.is_truncated)
        tell(self, REASON_NONE, NULL, &answer);
    else if (!self->is_tcp)
        ask_over_tcp(self);
    else
        tell(self, REASON_PROTOCOL, "An answer over TCP that is cut off", NULL);
    dns_answer_clear(&answer);
    return true;
}

/* --- UDP --- */

static void on_datagram(dns_exchange_t *self)
{
    for (int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
        ssize_t n = recv(self->fd, self->scratch, DNS_MESSAGE_MAX_BYTES, 0);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                fail(self, errno);
            return;
        }
        if (take(self, self->scratch, (size_t)n))
            return;
    }
}

/* What is lost is repeated; the kernel tells on reading what the network refused. */
static void send_datagram(dns_exchange_t *self)
{
    (void)send(self->fd, self->out + 2, self->n_out - 2, MSG_NOSIGNAL);
}

void dns_exchange_repeat(dns_exchange_t *self)
{
    if (self->fd >= 0 && !self->is_tcp)
        send_datagram(self);
}

/* --- TCP --- */

static void on_writable(dns_exchange_t *self)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (!self->connected_us) {
        if (getsockopt(self->fd, SOL_SOCKET, SO_ERROR, &error, &size) || error) {
            fail(self, error ? error : errno);
            return;
        }
        self->connected_us = clock_mono_us();
    }
    ssize_t n =
        send(self->fd, self->out + self->n_written, self->n_out - self->n_written, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        fail(self, errno);
        return;
    }
    self->n_written += n > 0 ? (size_t)n : 0;
    if (self->n_written == self->n_out && epoll_change(self->source, EPOLLIN))
        tell(self, REASON_RESOURCES, "Out of memory", NULL);
}

/* The bytes that are to come next; NULL: no memory. */
static uint8_t *place_of_next(dns_exchange_t *self, size_t *ret_n)
{
    if (self->n_length < sizeof self->length) {
        *ret_n = sizeof self->length - self->n_length;
        return self->length + self->n_length;
    }
    size_t n = (size_t)self->length[0] << 8 | self->length[1];
    if (!self->in)
        self->in = malloc(n + 1);
    *ret_n = n - self->n_in;
    return self->in ? self->in + self->n_in : NULL;
}

static bool is_whole(const dns_exchange_t *self)
{
    return self->n_length == sizeof self->length &&
           self->n_in == ((size_t)self->length[0] << 8 | self->length[1]);
}

static void on_readable(dns_exchange_t *self)
{
    for (int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
        size_t n_wanted = 0;
        uint8_t *place = place_of_next(self, &n_wanted);
        if (!place) {
            tell(self, REASON_RESOURCES, "Out of memory", NULL);
            return;
        }
        ssize_t n = recv(self->fd, place, n_wanted, 0);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                fail(self, errno);
            return;
        }
        if (n == 0 && n_wanted > 0) {
            tell(self, REASON_RESET, "Closed before the answer was whole", NULL);
            return;
        }
        *(self->n_length < sizeof self->length ? &self->n_length : &self->n_in) += (size_t)n;
        if (!is_whole(self))
            continue;
        if (!take(self, self->in ? self->in : self->length, self->n_in))
            tell(self, REASON_PROTOCOL, "An answer to another question", NULL);
        return;
    }
}

/* --- both --- */

static void on_events(void *context, uint32_t events)
{
    dns_exchange_t *self = context;
    if (!self->is_tcp)
        on_datagram(self);
    else if (self->n_written < self->n_out)
        on_writable(self);
    else if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        on_readable(self);
}

static reason_t refuse(dns_exchange_t *self, int error, const char **ret_text)
{
    dns_exchange_end(self);
    *ret_text = strerrordesc_np(error);
    return fault_of_errno(error);
}

static reason_t open_socket(dns_exchange_t *self, const char **ret_text)
{
    int kind = self->is_tcp ? SOCK_STREAM : SOCK_DGRAM;
    self->connected_us = 0;
    self->fd = socket(self->address.ss_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->fd < 0)
        return refuse(self, errno, ret_text);
    if (connect(self->fd, (const struct sockaddr *)&self->address, self->n_address) &&
        errno != EINPROGRESS)
        return refuse(self, errno, ret_text);
    self->source = epoll_add(actor_epoll(self->actor), self->fd, self->is_tcp ? EPOLLOUT : EPOLLIN,
                             on_events, self);
    if (!self->source)
        return refuse(self, ENOMEM, ret_text);
    if (!self->is_tcp)
        send_datagram(self);
    return REASON_NONE;
}

static int set_address(dns_exchange_t *self, const char *address, uint16_t port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&self->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&self->address;
    self->address = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        self->n_address = sizeof *v4;
        return 0;
    }
    if (inet_pton(AF_INET6, address, &v6->sin6_addr) != 1)
        return -1;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    self->n_address = sizeof *v6;
    return 0;
}

reason_t dns_exchange_begin(dns_exchange_t *self, const dns_question_t *question,
                            const char *address, uint16_t port, bool is_tcp, const char **ret_text)
{
    dns_exchange_end(self);
    self->question = question;
    self->is_tcp = is_tcp;
    if (getrandom(&self->id, sizeof self->id, GRND_NONBLOCK) != sizeof self->id)
        return refuse(self, ENOMEM, ret_text);
    size_t n = dns_question_encode(question, self->id, self->out + 2);
    if (n == 0 || set_address(self, address, port))
        return refuse(self, EADDRNOTAVAIL, ret_text);
    self->out[0] = (uint8_t)(n >> 8);
    self->out[1] = (uint8_t)n;
    self->n_out = n + 2;
    return open_socket(self, ret_text);
}

bool dns_exchange_is_connecting(const dns_exchange_t *self)
{
    return self->is_tcp && !self->connected_us;
}

bool dns_exchange_is_tcp(const dns_exchange_t *self)
{
    return self->is_tcp;
}

int64_t dns_exchange_connected_us(const dns_exchange_t *self)
{
    return self->connected_us;
}
