/* URLs of http, redis and other types of probes, checked and split. Pure. */
#ifndef HEALTHD_CORE_URL_H
#define HEALTHD_CORE_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a URL, at most; redirects carry long queries, and readers of HTTP take 8 KiB of them. */
#define URL_MAX_BYTES 8192
/* Bytes of a host name with its NUL. */
#define HOST_BYTES 256

/* Host and port of an http or https URL; an IPv6 host stands without its brackets. */
typedef struct {
    bool is_https;
    char host[HOST_BYTES];
    uint16_t port;
    bool is_address; /* host is a numeric IPv4 or IPv6 address */
} http_url_t;

/* Splits TEXT. 0, or -1 where it is no http or https URL with a host (control characters and
 * spaces are refused). */
int http_url_parse(const char *text, http_url_t *ret);

/* redis://[user[:password]@]host[:port][/db]; texts are percent-decoded. */
typedef struct {
    char host[HOST_BYTES];
    uint16_t port;
    bool is_address;
    char user[256];     /* "" where none */
    char password[256]; /* "" where none */
    unsigned database;  /* 0 .. 15 is usual; at most 65535 */
} redis_url_t;

/* Splits TEXT. 0, or -1 where it is no such URL (rediss:// is none). */
int redis_url_parse(const char *text, redis_url_t *ret);

/* scheme://[user[:password]@]host[:port][/path], of any other scheme. */
typedef struct {
    char host[HOST_BYTES]; /* an IPv6 host stands without its brackets */
    uint16_t port;
    bool is_address;
    char user[256]; /* percent-decoded; "" where none */
    char password[256];
    const char *path; /* in TEXT, from the first of /?# on; "" where there is none */
} endpoint_url_t;

/* Splits TEXT, whose scheme must be SCHEME; PORT is the one where none is given, 0: one must be
 * given. 0, or -1 where it is no such URL. */
int endpoint_url_parse(const char *text, const char *scheme, uint16_t port, endpoint_url_t *ret);

/* The host of URL (NULL: none), whatever its scheme; "" where it has none. */
void url_host(const char *url, char host[HOST_BYTES]);

/* Percent-decodes N bytes into DST of SIZE bytes, NUL-terminated; -1 where they do not fit or
 * decode to a NUL. */
int url_percent_decode(const char *text, size_t n, char *dst, size_t size);

/* "address:port", "[::1]:port" or "*:port". 0, or -1. */
int listen_address_parse(const char *text, char host[HOST_BYTES], uint16_t *ret_port);

/*
 * Copies TEXT with the password of every URL in it (scheme://user:password@) replaced by "***", cut
 * to SIZE - 1 bytes at a whole character. Gives DST, NUL-terminated.
 */
void url_redact(const char *text, char *dst, size_t size);

#endif
