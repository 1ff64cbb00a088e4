#include "core/no_proxy.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS ", \t\r\n"
/* Bytes of an entry that may be an address, with its NUL. */
#define ENTRY_BYTES (INET6_ADDRSTRLEN + 6)

/* The bytes of a numeric address: 4, 16, or 0 where TEXT is none. */
static unsigned address_of(const char *text, uint8_t bytes[16])
{
    if (inet_pton(AF_INET, text, bytes) == 1)
        return 4;
    return inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
}

/* The number of TEXT up to MAX, or MAX + 1 where it is none. */
static unsigned bits_of(const char *text, unsigned max)
{
    unsigned bits = 0;
    if (!*text || strlen(text) > 3)
        return max + 1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return max + 1;
        bits = bits * 10 + (unsigned)(*text - '0');
    }
    return bits;
}

static bool is_in_network(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

/* ENTRY (N bytes) against the numeric HOST of SIZE bytes. */
static bool matches_address(const char *entry, size_t n, const uint8_t *host, unsigned size)
{
    char text[ENTRY_BYTES];
    uint8_t bytes[16];
    if (n >= 2 && entry[0] == '[' && entry[n - 1] == ']') {
        entry++;
        n -= 2;
    }
    if (n >= sizeof text)
        return false;
    memcpy(text, entry, n);
    text[n] = '\0';
    char *slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    if (address_of(text, bytes) != size)
        return false;
    unsigned bits = slash ? bits_of(slash, size * 8) : size * 8;
    return bits <= size * 8 && is_in_network(bytes, host, bits);
}

/* ENTRY against a name of N_HOST bytes. */
static bool matches_name(const char *entry, size_t n, const char *host, size_t n_host)
{
    if (n && entry[0] == '.') {
        entry++;
        n--;
    }
    if (n == 0 || n > n_host || strncasecmp(host + n_host - n, entry, n) != 0)
        return false;
    return n == n_host || host[n_host - n - 1] == '.';
}

bool no_proxy_matches(const char *list, const char *host)
{
    uint8_t bytes[16];
    unsigned size = address_of(host, bytes);
    size_t n_host = strlen(host);
    if (n_host && host[n_host - 1] == '.') /* the root says nothing about the name */
        n_host--;
    for (const char *at = list ? list + strspn(list, SEPARATORS) : ""; *at;
         at += strspn(at, SEPARATORS)) {
        size_t n = strcspn(at, SEPARATORS);
        if (n == 1 && *at == '*')
            return true;
        if (size ? matches_address(at, n, bytes, size) : matches_name(at, n, host, n_host))
            return true;
        at += n;
    }
    return false;
}
