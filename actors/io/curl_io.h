/*
 * HTTP requests by libcurl's multi interface on the actor's epoll (docs/http.md says how a request
 * is made). Names are looked up by resolve.h, redirects followed here, so that each new name takes
 * the same road and no secret leaves the origin it was meant for. Nothing here blocks, but the read
 * of the certificates that the settings name.
 */
#ifndef HEALTHD_ACTORS_IO_CURL_IO_H
#define HEALTHD_ACTORS_IO_CURL_IO_H

#include <curl/curl.h>
#include <netinet/in.h>

#include "actors/actor.h"
#include "actors/io/resolve.h"
#include "core/http_settings.h"

/* Bytes of a body that are read without settings; then the connection is dropped. */
#define CURL_IO_BODY_MAX_BYTES ((size_t)256 << 10)
/* Bytes of all headers of one answer, interim answers and trailers included; more end the request.
 * libcurl's time for headers that are folded grows with the square. */
#define CURL_IO_HEADERS_MAX_BYTES ((size_t)64 << 10)
/* Headers of an answer that are listed; those after them are left out. */
#define CURL_IO_HEADERS_MAX 256
/* Redirects that are followed without settings. */
#define CURL_IO_REDIRECTS_MAX 20
/* Connections beyond one for each request that may be kept for later checks, and how long one may
 * lie idle. */
#define CURL_IO_KEPT_MAX   256L
#define CURL_IO_KEPT_AGE_S 120L

/* How far a request came; of the last one where redirects were followed. */
typedef enum {
    CURL_IO_RESOLVING,  /* the name is being looked up */
    CURL_IO_CONNECTING, /* ... the connection made */
    CURL_IO_TLS,        /* ... the TLS handshake done */
    CURL_IO_ANSWERING   /* the request was sent */
} curl_io_phase_t;

/* What a request's time is made of. */
enum {
    CURL_IO_PHASE_RESOLVE,    /* name lookups */
    CURL_IO_PHASE_CONNECT,    /* to the server, through its proxy */
    CURL_IO_PHASE_TLS,        /* handshakes; with an https proxy, all after the first one's start */
    CURL_IO_PHASE_FIRST_BYTE, /* from the request's start to the first byte of the answer */
    CURL_IO_PHASE_TRANSFER,   /* from there to the end */
    CURL_IO_PHASES
};

/* Why a request ended without an answer, where libcurl does not say it by its code. */
typedef enum {
    CURL_IO_END_CURL,               /* look at `code` */
    CURL_IO_END_LOOKUP,             /* look at `lookup_failure` */
    CURL_IO_END_TOO_MANY_REDIRECTS, /* after the limit of the settings */
    CURL_IO_END_BAD_REDIRECT,       /* to what is no http or https URL, or out of the scope */
    CURL_IO_END_HEADERS,            /* more than CURL_IO_HEADERS_MAX_BYTES */
    CURL_IO_END_VERSION,            /* an answer in another version of HTTP than demanded */
    CURL_IO_END_PROXY,              /* the proxy does not let us through */
    CURL_IO_END_PROXY_CREDENTIALS,  /* ... for it wants other credentials */
    CURL_IO_END_RESOURCES           /* no memory, no descriptor */
} curl_io_end_t;

/* A header of an answer: bytes from outside, not terminated; folded lines are joined. */
typedef struct {
    const char *name;
    size_t n_name;
    const char *value;
    size_t n_value;
} curl_io_header_t;

/* All is borrowed for the call. */
typedef struct {
    curl_io_end_t end;
    reason_t lookup_failure; /* as resolve.h says */
    CURLcode code;           /* CURLE_OK also where the body was cut */
    long response_code;      /* valid where code is CURLE_OK */
    const char *body;
    size_t n_body;
    bool is_body_cut;      /* it is longer than the limit */
    curl_io_phase_t phase; /* reached */
    int os_errno;          /* of connecting, or 0 */
    long verify_result;    /* of OpenSSL: X509_V_ERR_..., 0 where it found no fault */
    int64_t latency_us;    /* from curl_io_begin to the end, lookups and redirects included */
    const char *text;      /* what went wrong, for people; bytes from outside may be in it; or "" */

    /* Of the last answer, as far as one came. */
    const char *status_line; /* "HTTP/1.1 200 OK"; bytes from outside, terminated; or "" */
    const curl_io_header_t *headers;
    size_t n_headers;
    const char *http_version; /* "1.0", "1.1", "2"; "" none */
    int64_t content_length;   /* as announced; -1: not */

    /* Of the last connection, as far as it came. */
    const char *ip;                   /* numeric address of the peer or its proxy; "" none */
    bool is_connected;                /* it stood */
    bool was_reused;                  /* ... from an earlier check */
    const char *tls_version;          /* "1.3"; "" none */
    int64_t cert_expires_at_us;       /* Unix time; the earliest of the chain sent; 0: none */
    int64_t cert_leaf_expires_at_us;  /* ... of the server's own certificate */
    unsigned n_redirects;             /* followed */
    int64_t phase_us[CURL_IO_PHASES]; /* sums over redirects; what was under way at the end counts;
                                         -1: not reached, or there is none (tls over http, resolve
                                         of a numeric host, connect on a kept connection) */
} curl_io_answer_t;

typedef struct {
    const char *url;                 /* http or https; borrowed for the call */
    int64_t timeout_us;              /* > 0; for everything, to the last byte of the body */
    const http_settings_t *settings; /* must outlive the request; NULL: GET over HTTP/1.1, 20
                                        redirects to anywhere, CURL_IO_BODY_MAX_BYTES of a body, a
                                        fresh connection, and nothing else */
    const char *bearer; /* token that replaces the Authorization of the settings, borrowed for the
                           call; NULL: it stands */
} curl_io_request_t;

typedef struct curl_io curl_io_t;

/* May begin other requests. */
typedef void curl_io_fn(void *context, const curl_io_answer_t *answer);

/*
 * CONCURRENCY requests at once, whose handles are made now. ACTOR and RESOLVE are borrowed and must
 * outlive it. NULL where libcurl or memory refused.
 */
curl_io_t *curl_io_new(actor_t *actor, resolve_t *resolve, size_t concurrency);

/* Lets N more requests be under way at once. 0, or -1 where memory ran out: then some or none. */
int curl_io_grow(curl_io_t *self, size_t n);

/* Ends every request without a call. Only when the loop has ended. */
void curl_io_destroy(curl_io_t **self);

/*
 * Begins REQUEST. FN(CONTEXT) is called exactly once from the loop, never inside this call. 0, or
 * -1 where CONCURRENCY requests are under way: FN is then not called.
 *
 * IP_EACH asks every address of the host (at most RESOLVE_ADDRESSES_MAX) side by side, each with
 * the whole time, and gives the worst answer: none at all is worse than one, then 5xx, 4xx, 3xx and
 * 2xx from worse to better, and of equal ones the slower. It does so for the request's own host
 * without proxy; elsewhere it is as IP_ANY.
 */
int curl_io_begin(curl_io_t *self, const curl_io_request_t *request, curl_io_fn *fn, void *context);

#endif
