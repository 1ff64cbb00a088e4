#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/io/curl_transfer.h"
#include "core/no_proxy.h"

/* Bytes of "+host:port:address,address,...". */
#define ADDRESS_LINE_BYTES (HOST_BYTES + 16 + RESOLVE_ADDRESSES_MAX * (INET6_ADDRSTRLEN + 3))
/* Where a proxy listens whose URL names no port, as libcurl has it. */
#define PROXY_PORT       1080
#define HTTPS_PROXY_PORT 443

static bool is_numeric(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* Copies HOST without the brackets of an IPv6 address. */
static int set_host(curl_peer_t *peer, const char *host)
{
    size_t n = strlen(host);
    if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    }
    if (n == 0 || n >= sizeof peer->host)
        return -1;
    memcpy(peer->host, host, n);
    peer->host[n] = '\0';
    peer->is_address = is_numeric(peer->host);
    return 0;
}

static uint16_t proxy_port(const char *port, bool is_https)
{
    long number = port ? strtol(port, NULL, 10) : is_https ? HTTPS_PROXY_PORT : PROXY_PORT;
    return number > 0 && number <= UINT16_MAX ? (uint16_t)number : PROXY_PORT;
}

/* The host of PROXY, and whether it wants addresses in place of names. 0, or -1. */
static int proxy_peer(const char *proxy, curl_peer_t *peer, bool *ret_wants_address)
{
    CURLU *url = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    int rc = -1;
    if (url &&
        !curl_url_set(url, CURLUPART_URL, proxy, CURLU_NON_SUPPORT_SCHEME | CURLU_DEFAULT_SCHEME) &&
        !curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) &&
        !curl_url_get(url, CURLUPART_HOST, &host, 0) && !set_host(peer, host)) {
        (void)curl_url_get(url, CURLUPART_PORT, &port, 0); /* none: the usual one */
        peer->port = proxy_port(port, strcmp(scheme, "https") == 0);
        *ret_wants_address = strcmp(scheme, "socks5") == 0;
        rc = 0;
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
    return rc;
}

static void add_server(const transfer_t *transfer, curl_route_t *route)
{
    curl_peer_t *peer = &route->peers[route->n_peers++];
    memcpy(peer->host, transfer->place.host, sizeof peer->host);
    peer->port = transfer->place.port;
    peer->is_address = transfer->place.is_address;
}

int curl_route_of(const transfer_t *transfer, curl_route_t *ret)
{
    const http_settings_t *settings = transfer->settings;
    curl_route_t route = {.proxy = NULL};
    bool wants_address = true;
    if (!settings->unix_socket) {
        if (settings->proxy && !no_proxy_matches(settings->no_proxy, transfer->place.host)) {
            route.proxy = settings->proxy;
            route.n_peers = 1;
            if (proxy_peer(route.proxy, &route.peers[0], &wants_address))
                return -1;
        }
        if (wants_address)
            add_server(transfer, &route);
    }
    *ret = route;
    return 0;
}

resolve_family_t curl_route_family(const transfer_t *transfer)
{
    const http_settings_t *settings = transfer->settings;
    struct in6_addr address;
    const char *source = settings->source_address ? settings->source_address : "";
    if (settings->ip_protocol == IP_V4 || inet_pton(AF_INET, source, &address) == 1)
        return RESOLVE_V4;
    if (settings->ip_protocol == IP_V6 || inet_pton(AF_INET6, source, &address) == 1)
        return RESOLVE_V6;
    return settings->ip_protocol == IP_EACH ? RESOLVE_BOTH : RESOLVE_ANY;
}

int curl_route_add_addresses(struct curl_slist **list, const curl_peer_t *peer,
                             const resolve_answer_t *answer, const char *only)
{
    char line[ADDRESS_LINE_BYTES];
    int n = snprintf(line, sizeof line, "+%s:%u:", peer->host, (unsigned)peer->port);
    size_t n_used = 0;
    for (size_t i = 0; i < answer->n_addresses; i++) {
        const char *address = answer->addresses[i];
        if (only[0] && strcmp(only, address) != 0)
            continue;
        n += snprintf(line + n, sizeof line - (size_t)n, strchr(address, ':') ? "%s[%s]" : "%s%s",
                      n_used++ ? "," : "", address);
    }
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer)
        return -1;
    *list = longer;
    return 0;
}
