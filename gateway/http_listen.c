#include "gateway/http_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/url.h"

/* Connections that the kernel holds until they are accepted. */
#define BACKLOG 1024

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address_t;

/* The socket address of TEXT; 0, or -1 where its host is no numeric address. */
static int address_of(const char *text, address_t *ret, socklen_t *ret_n)
{
    char host[HOST_BYTES];
    uint16_t port;
    if (listen_address_parse(text, host, &port))
        return -1;
    *ret = (address_t){.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
    if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1) {
        *ret_n = sizeof ret->v6;
        return 0;
    }
    *ret = (address_t){.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    *ret_n = sizeof ret->v4;
    return inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1 ? 0 : -1;
}

int http_listen(const char *address, const char **ret_reason)
{
    address_t socket_address;
    socklen_t n;
    if (address_of(address, &socket_address, &n)) {
        *ret_reason = "not a numeric address and a port";
        return -1;
    }
    int fd = socket(socket_address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;
    int no = 0;
    if (fd != -1 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        (socket_address.any.sa_family == AF_INET ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == 0) &&
        bind(fd, &socket_address.any, n) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    *ret_reason = strerrordesc_np(errno);
    if (fd != -1)
        (void)close(fd); /* nothing was sent through it */
    return -1;
}

bool http_listen_is_loopback(const char *address)
{
    address_t socket_address;
    socklen_t n;
    if (address_of(address, &socket_address, &n))
        return false;
    if (socket_address.any.sa_family == AF_INET)
        return (ntohl(socket_address.v4.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&socket_address.v6.sin6_addr);
}
