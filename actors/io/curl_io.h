/*
 * HTTP requests by libcurl's multi interface on the actor's epoll: GET over HTTP/1.1, a fresh
 * connection each time (latencies stay comparable), names looked up by resolve.h, no proxy. It
 * follows redirects itself, so that each new name takes the same road. Nothing here blocks.
 */
#ifndef HEALTHD_ACTORS_IO_CURL_IO_H
#define HEALTHD_ACTORS_IO_CURL_IO_H

#include <curl/curl.h>

#include "actors/actor.h"
#include "actors/io/resolve.h"

/* Bytes of a body that are read; then the connection is dropped. */
#define CURL_IO_BODY_MAX_BYTES ((size_t)256 << 10)
/* Bytes of all headers of one answer, interim answers and trailers included; more end the request.
 * libcurl's time for headers that are folded grows with the square. */
#define CURL_IO_HEADERS_MAX_BYTES ((size_t)64 << 10)
/* Redirects that are followed. */
#define CURL_IO_REDIRECTS_MAX 20

/* How far a request came; of the last one where redirects were followed. */
typedef enum {
    CURL_IO_RESOLVING,  /* the name is being looked up */
    CURL_IO_CONNECTING, /* ... the connection made */
    CURL_IO_TLS,        /* ... the TLS handshake done */
    CURL_IO_ANSWERING   /* the request was sent */
} curl_io_phase_t;

/* Why a request ended without an answer, where libcurl does not say it by its code. */
typedef enum {
    CURL_IO_END_CURL,               /* look at `code` */
    CURL_IO_END_LOOKUP,             /* look at `lookup_failure` */
    CURL_IO_END_TOO_MANY_REDIRECTS, /* after CURL_IO_REDIRECTS_MAX */
    CURL_IO_END_BAD_REDIRECT,       /* to what is no http or https URL */
    CURL_IO_END_HEADERS,            /* more than CURL_IO_HEADERS_MAX_BYTES */
    CURL_IO_END_RESOURCES           /* no memory */
} curl_io_end_t;

/* All is borrowed for the call. */
typedef struct {
    curl_io_end_t end;
    reason_t lookup_failure; /* as resolve.h says */
    CURLcode code;           /* CURLE_OK also where the body was cut */
    long response_code;      /* valid where code is CURLE_OK */
    const char *body;
    size_t n_body;
    bool is_body_cut;      /* it is longer than CURL_IO_BODY_MAX_BYTES */
    curl_io_phase_t phase; /* reached */
    int os_errno;          /* of connecting, or 0 */
    long verify_result;    /* of OpenSSL: X509_V_ERR_..., 0 where it found no fault */
    int64_t latency_us;    /* from curl_io_get to the end, lookups and redirects included */
    const char *text;      /* what went wrong, for people; bytes from outside may be in it; or "" */
} curl_io_answer_t;

typedef struct curl_io curl_io_t;

/* May begin other requests. */
typedef void curl_io_fn(void *context, const curl_io_answer_t *answer);

/*
 * CONCURRENCY requests at once, whose handles are made now. ACTOR and RESOLVE are borrowed and must
 * outlive it. NULL where libcurl or memory refused.
 */
curl_io_t *curl_io_new(actor_t *actor, resolve_t *resolve, size_t concurrency);

/* Ends every request without a call. Only when the loop has ended. */
void curl_io_destroy(curl_io_t **self);

/*
 * Begins to get URL (borrows; http or https). TIMEOUT_US (> 0) holds for everything, to the last
 * byte of the body. FN(CONTEXT) is called exactly once from the loop, never inside this call. 0, or
 * -1 where CONCURRENCY requests are under way: FN is then not called.
 */
int curl_io_get(curl_io_t *self, const char *url, int64_t timeout_us, curl_io_fn *fn,
                void *context);

#endif
