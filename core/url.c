#include "core/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_ipv6_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET6, host, &address) == 1;
}

static bool is_numeric_address(const char *host)
{
    struct in_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || is_ipv6_address(host);
}

/* Number of 1 to 5 digits that is a port other than 0. */
static int port_of(const char *text, size_t n, uint16_t *ret_port)
{
    unsigned long port = 0;
    if (n < 1 || n > 5)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -1;
        port = port * 10 + (unsigned long)(text[i] - '0');
    }
    if (port < 1 || port > 65535)
        return -1;
    *ret_port = (uint16_t)port;
    return 0;
}

/* Copies a host of N bytes; one in brackets must be an IPv6 address, another must be a name or an
 * IPv4 address. */
static int host_of(const char *text, size_t n, bool is_bracketed, char host[HOST_BYTES])
{
    if (n < 1 || n >= HOST_BYTES)
        return -1;
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool is_allowed = is_bracketed ? isxdigit(byte) || byte == ':' || byte == '.'
                                       : isalnum(byte) || byte == '-' || byte == '.' ||
                                             byte == '_' || byte >= 0x80;
        if (!is_allowed)
            return -1;
    }
    char copy[HOST_BYTES];
    memcpy(copy, text, n);
    copy[n] = '\0';
    if (is_bracketed && !is_ipv6_address(copy))
        return -1;
    memcpy(host, copy, n + 1);
    return 0;
}

/* Splits host[:port] of N bytes; *RET_PORT keeps its default where none is given. */
static int host_port_of(const char *text, size_t n, char host[HOST_BYTES], uint16_t *ret_port)
{
    size_t host_at = 0;
    size_t host_n;
    size_t rest;
    bool is_bracketed = n > 0 && text[0] == '[';
    if (is_bracketed) {
        const char *close = memchr(text, ']', n);
        if (!close)
            return -1;
        host_at = 1;
        host_n = (size_t)(close - text) - 1;
        rest = host_n + 2;
    } else {
        const char *colon = memchr(text, ':', n);
        host_n = colon ? (size_t)(colon - text) : n;
        rest = host_n;
    }
    if (host_of(text + host_at, host_n, is_bracketed, host))
        return -1;
    if (rest == n)
        return 0;
    return text[rest] == ':' ? port_of(text + rest + 1, n - rest - 1, ret_port) : -1;
}

/* Whether TEXT is short enough and free of spaces and control characters. */
static bool is_sane(const char *text)
{
    if (strnlen(text, URL_MAX_BYTES + 1) > URL_MAX_BYTES)
        return false;
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return false;
    }
    return true;
}

int http_url_parse(const char *text, http_url_t *ret)
{
    if (!is_sane(text))
        return -1;
    bool is_https = strncasecmp(text, "https://", 8) == 0;
    if (!is_https && strncasecmp(text, "http://", 7) != 0)
        return -1;
    const char *authority = text + (is_https ? 8 : 7);
    size_t n = strcspn(authority, "/?#");
    const char *at_sign = memrchr(authority, '@', n);
    if (at_sign) { /* user:password@ is libcurl's matter */
        n -= (size_t)(at_sign + 1 - authority);
        authority = at_sign + 1;
    }
    http_url_t url = {.is_https = is_https, .port = is_https ? 443 : 80};
    if (host_port_of(authority, n, url.host, &url.port))
        return -1;
    url.is_address = is_numeric_address(url.host);
    *ret = url;
    return 0;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)(digit | 0x20);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

int url_percent_decode(const char *text, size_t n, char *dst, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        int byte = (unsigned char)text[i];
        if (byte == '%') {
            int high = i + 2 < n ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < n ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -1;
            byte = high * 16 + low;
            i += 2;
        }
        if (byte == 0 || used + 1 >= size)
            return -1;
        dst[used++] = (char)byte;
    }
    dst[used] = '\0';
    return 0;
}

/* Bytes of a scheme, with its NUL; a longer one is nobody's. */
#define SCHEME_BYTES 16
/* Bytes of a user's name or password with their NUL. */
#define CREDENTIAL_BYTES 256

static int credentials_of(const char *text, size_t n, char user[CREDENTIAL_BYTES],
                          char password[CREDENTIAL_BYTES])
{
    const char *colon = memchr(text, ':', n);
    size_t user_n = colon ? (size_t)(colon - text) : n;
    if (url_percent_decode(text, user_n, user, CREDENTIAL_BYTES))
        return -1;
    if (!colon)
        return 0;
    return url_percent_decode(colon + 1, n - user_n - 1, password, CREDENTIAL_BYTES);
}

int endpoint_url_parse(const char *text, const char *scheme, uint16_t port, endpoint_url_t *ret)
{
    size_t n_scheme = strlen(scheme);
    if (!is_sane(text) || strncasecmp(text, scheme, n_scheme) != 0 ||
        strncmp(text + n_scheme, "://", 3) != 0)
        return -1;
    const char *authority = text + n_scheme + 3;
    size_t n = strcspn(authority, "/?#");
    endpoint_url_t url = {.port = port, .path = authority + n};
    const char *at_sign = memrchr(authority, '@', n);
    if (at_sign) {
        if (credentials_of(authority, (size_t)(at_sign - authority), url.user, url.password))
            return -1;
        n -= (size_t)(at_sign + 1 - authority);
        authority = at_sign + 1;
    }
    if (host_port_of(authority, n, url.host, &url.port) || url.port == 0)
        return -1;
    url.is_address = is_numeric_address(url.host);
    *ret = url;
    return 0;
}

void url_host(const char *url, char host[HOST_BYTES])
{
    http_url_t http;
    endpoint_url_t endpoint;
    char scheme[SCHEME_BYTES] = "";
    size_t n = url ? strcspn(url, ":") : 0;
    const char *found = "";
    if (n < sizeof scheme)
        memcpy(scheme, url ? url : "", n);
    if (url && http_url_parse(url, &http) == 0)
        found = http.host;
    else if (url && endpoint_url_parse(url, scheme, 1, &endpoint) == 0) /* whatever the port */
        found = endpoint.host;
    memcpy(host, found, strlen(found) + 1);
}

static int database_of(const char *text, unsigned *ret)
{
    unsigned database = 0;
    size_t n = strlen(text);
    if (n > 5)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -1;
        database = database * 10 + (unsigned)(text[i] - '0');
    }
    if (database > 65535)
        return -1;
    *ret = database;
    return 0;
}

int redis_url_parse(const char *text, redis_url_t *ret)
{
    if (!is_sane(text) || strncasecmp(text, "redis://", 8) != 0)
        return -1;
    const char *authority = text + 8;
    size_t n = strcspn(authority, "/?#");
    const char *path = authority + n;
    redis_url_t url = {.port = 6379};
    const char *at_sign = memrchr(authority, '@', n);
    if (at_sign) {
        if (credentials_of(authority, (size_t)(at_sign - authority), url.user, url.password))
            return -1;
        n -= (size_t)(at_sign + 1 - authority);
        authority = at_sign + 1;
    }
    if (host_port_of(authority, n, url.host, &url.port))
        return -1;
    if (*path == '/')
        path++;
    if (database_of(path, &url.database))
        return -1;
    url.is_address = is_numeric_address(url.host);
    *ret = url;
    return 0;
}

int listen_address_parse(const char *text, char host[HOST_BYTES], uint16_t *ret_port)
{
    if (!is_sane(text))
        return -1;
    uint16_t port = 0;
    if (text[0] == '*') {
        if (text[1] != ':' || port_of(text + 2, strlen(text + 2), &port))
            return -1;
        memcpy(host, "0.0.0.0", sizeof "0.0.0.0");
    } else if (host_port_of(text, strlen(text), host, &port) || port == 0) {
        return -1;
    }
    *ret_port = port;
    return 0;
}

/* Whether N bytes are a port, or an IPv6 address in brackets comes before it. */
static bool is_port(const char *authority, const char *text, size_t n)
{
    return authority[0] == '[' || (n > 0 && strspn(text, "0123456789") >= n);
}

/*
 * Finds the password of the URL at TEXT ("://..."): from after its first colon to the last '@' of
 * the word, for a password may hold what should have been percent-encoded. A colon before a port
 * begins none. False where there is none.
 */
static bool find_password(const char *text, const char **ret_from, const char **ret_to)
{
    const char *authority = text + 3;
    size_t word_n = strcspn(authority, " \t\r\n\"'");
    size_t authority_n = strcspn(authority, "/?# \t\r\n\"'");
    const char *end = memrchr(authority, '@', word_n);
    const char *colon = memchr(authority, ':', authority_n);
    if (!end || !colon || colon > end)
        return false;
    size_t rest_n = authority_n - (size_t)(colon + 1 - authority);
    if (!memchr(authority, '@', authority_n) && is_port(authority, colon + 1, rest_n))
        return false;
    *ret_from = colon + 1;
    *ret_to = end;
    return true;
}

/* Length of the first USED bytes of TEXT without the character that the cut left incomplete. */
static size_t cut_at_character(const char *text, size_t used)
{
    size_t lead = used;
    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0 || (unsigned char)text[lead - 1] < 0xc0)
        return used;
    unsigned char first = (unsigned char)text[lead - 1];
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    return lead - 1 + length > used ? lead - 1 : used;
}

void url_redact(const char *text, char *dst, size_t size)
{
    static const char mask[] = "***";
    size_t used = 0;
    const char *hidden_from = NULL; /* after the colon of a password */
    const char *hidden_to = NULL;   /* at its '@' */
    const char *at = text;
    while (*at) {
        if (strncmp(at, "://", 3) == 0 && !find_password(at, &hidden_from, &hidden_to))
            hidden_from = NULL;
        bool is_hidden = at == hidden_from;
        size_t n = is_hidden ? sizeof mask - 1 : 1;
        if (used + n >= size)
            break;
        memcpy(dst + used, is_hidden ? mask : at, n);
        used += n;
        at = is_hidden ? hidden_to : at + 1;
        hidden_from = is_hidden ? NULL : hidden_from;
    }
    dst[*at ? cut_at_character(dst, used) : used] = '\0';
}
