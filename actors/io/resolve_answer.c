#include "actors/io/resolve_answer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of a socket that is connected and sends nothing. */
#define ANY_PORT 9

static void add_text(resolve_answer_t *answer, const char *text)
{
    if (answer->n_addresses == RESOLVE_ADDRESSES_MAX)
        return;
    for (size_t i = 0; i < answer->n_addresses; i++)
        if (strcmp(answer->addresses[i], text) == 0)
            return;
    size_t n = strlen(text);
    assert(n < INET6_ADDRSTRLEN);
    memcpy(answer->addresses[answer->n_addresses++], text, n + 1);
}

static void add_address(resolve_answer_t *answer, const struct sockaddr *address)
{
    char text[INET6_ADDRSTRLEN];
    const void *bytes = NULL;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        bytes = &v4.sin_addr;
    } else if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        bytes = &v6.sin6_addr;
    }
    if (bytes && inet_ntop(address->sa_family, bytes, text, sizeof text))
        add_text(answer, text);
}

void resolve_fail(resolve_answer_t *answer, reason_t failure, const char *text)
{
    *answer = (resolve_answer_t){.failure = failure, .text = text};
}

void resolve_half_read(resolve_half_t *half, int family, int status,
                       const struct ares_addrinfo *info)
{
    resolve_answer_t *answer = &half->answer;
    half->is_done = true;
    *answer = (resolve_answer_t){.failure = REASON_NONE};
    if (status == ARES_SUCCESS)
        for (const struct ares_addrinfo_node *node = info->nodes; node; node = node->ai_next)
            if (node->ai_family == family)
                add_address(answer, node->ai_addr);
    if (answer->n_addresses)
        return;
    if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME ||
        status == ARES_SUCCESS)
        resolve_fail(answer, REASON_DNS_NXDOMAIN, "Name or service not known");
    else if (status == ARES_ETIMEOUT)
        resolve_fail(answer, REASON_DNS_FAILURE, "No answer from the name server");
    else
        resolve_fail(answer, REASON_DNS_FAILURE, "Name lookup failed");
}

/* Whether this machine has a route to the IPv6 address TEXT: to connect a socket without a
 * connection sends nothing and waits for nothing. */
static bool has_route(const char *text)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(ANY_PORT)};
    if (inet_pton(AF_INET6, text, &to.sin6_addr) != 1)
        return false;
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool is_there = connect(fd, (const struct sockaddr *)&to, sizeof to) == 0;
    close(fd);
    return is_there;
}

void resolve_merge(const resolve_half_t halves[RESOLVE_HALVES], resolve_family_t family,
                   resolve_answer_t *ret)
{
    const resolve_half_t *v4 = &halves[RESOLVE_HALF_V4];
    const resolve_half_t *v6 = &halves[RESOLVE_HALF_V6];
    bool has_v4 = family != RESOLVE_V6 && resolve_half_has_addresses(v4);
    bool has_v6 = family != RESOLVE_V4 && resolve_half_has_addresses(v6);
    if (!has_v4 && !has_v6) {
        const resolve_half_t *asked = family == RESOLVE_V6 ? v6 : v4;
        /* That a name server failed for one family says more than that there is none of the other.
         */
        if (family != RESOLVE_V4 && family != RESOLVE_V6 && resolve_half_is_certain(v4))
            asked = v6;
        *ret = asked->answer;
        return;
    }
    if (!has_v4 || !has_v6) {
        *ret = has_v4 ? v4->answer : v6->answer;
        return;
    }
    bool is_v6_first = has_route(v6->answer.addresses[0]);
    const resolve_answer_t *first = is_v6_first ? &v6->answer : &v4->answer;
    const resolve_answer_t *second = is_v6_first ? &v4->answer : &v6->answer;
    *ret = (resolve_answer_t){.failure = REASON_NONE};
    for (size_t i = 0; i < RESOLVE_ADDRESSES_MAX; i++) {
        if (i < first->n_addresses)
            add_text(ret, first->addresses[i]);
        if (i < second->n_addresses)
            add_text(ret, second->addresses[i]);
    }
}

int resolve_numeric(const char *host, resolve_family_t family, resolve_answer_t *ret)
{
    struct in6_addr address;
    bool is_v4 = inet_pton(AF_INET, host, &address) == 1;
    if (!is_v4 && inet_pton(AF_INET6, host, &address) != 1)
        return -1;
    *ret = (resolve_answer_t){.failure = REASON_NONE};
    if (family == RESOLVE_V4 && !is_v4)
        resolve_fail(ret, REASON_DNS_NXDOMAIN, "Not an IPv4 address");
    else if (family == RESOLVE_V6 && is_v4)
        resolve_fail(ret, REASON_DNS_NXDOMAIN, "Not an IPv6 address");
    else
        add_text(ret, host);
    return 0;
}
