/* One request of curl_io.h, for the files curl_*.c alone: curl_io.c leads it from hop to hop,
 * curl_each.c has every address asked, curl_route.c says whom to connect to, curl_request.c what is
 * asked, curl_answer.c takes in what comes. */
#ifndef HEALTHD_ACTORS_IO_CURL_TRANSFER_H
#define HEALTHD_ACTORS_IO_CURL_TRANSFER_H

#include <openssl/types.h>

#include "actors/io/curl_io.h"
#include "actors/io/tls_authorities.h"
#include "core/url.h"

/* Peers whose names a hop needs: the proxy, and the server where the proxy wants its address. */
#define CURL_PEERS_MAX 2

/* Whose name must be looked up before libcurl may connect. */
typedef struct {
    char host[HOST_BYTES];
    uint16_t port;
    bool is_address;
} curl_peer_t;

/* Whom a hop connects to. */
typedef struct {
    const char *proxy; /* its URL, borrowed from the settings; NULL: none */
    curl_peer_t peers[CURL_PEERS_MAX];
    size_t n_peers; /* 0: a unix socket */
} curl_route_t;

/* What the callbacks of libcurl wrote; its memory is used again by later requests. */
typedef struct {
    char *bytes;
    size_t n, size;
} curl_buffer_t;

typedef struct transfer transfer_t;
typedef struct curl_each curl_each_t;

/* One request; its easy handle is used again by later ones. */
struct transfer {
    curl_io_t *owner;
    CURL *easy;
    transfer_t *next; /* of all */
    transfer_t *next_free;
    transfer_t *next_ended;
    bool is_spare; /* not of the pool: asks one more address of an IP_EACH */
    bool is_in_loop;

    curl_io_fn *fn;
    void *context;
    curl_each_t *each;           /* those that ask the other addresses; NULL: none */
    char only[INET6_ADDRSTRLEN]; /* the address of the origin that it asks; "": any */
    int64_t started_us;          /* monotonic, as the next */
    int64_t deadline_us;
    const http_settings_t *settings; /* never NULL */
    char *bearer;

    http_url_t origin;    /* of the first URL */
    bool was_origin_left; /* by a redirect: secrets stay behind from there on */
    bool is_turned_get;   /* by a redirect */
    char *url;            /* of the current hop */
    http_url_t place;     /* the same, split */
    curl_route_t route;
    size_t n_peers_known; /* peers of the route whose addresses are there */
    resolve_waiter_t *waiter;
    struct curl_slist *addresses, *connect_to, *headers;
    tls_authorities_t *authorities; /* borrowed: of all requests */
    const char *usual_authorities;  /* the system's file of them; NULL: none */
    X509_STORE
    *trusted; /* of the current hop; NULL: libcurl reads the file, or nothing is verified */

    int timed_phase; /* CURL_IO_PHASE_..., -1: none */
    int64_t phase_began_us;
    int64_t connect_before_us; /* phase_us of connecting before this hop */
    int socket_errno;          /* of the last socket that could not be made */
    char tried[INET6_ADDRSTRLEN];
    char tls_version[8];
    size_t n_header_bytes; /* of this hop */
    curl_buffer_t head;    /* the last answer's status line and headers, each ended by '\n' */
    curl_buffer_t body;
    char error[CURL_ERROR_SIZE];
    curl_io_answer_t answer;
};

/* Enters PHASE (-1: none) of the request's time; the time since the last call goes to the one
 * before. */
void transfer_enter(transfer_t *transfer, int phase);

/* A request that asks one more address; NULL where memory ran out. */
transfer_t *transfer_take_spare(curl_io_t *self);

/* Gives TRANSFER, which has ended or not begun, back for later ones. */
void transfer_release(transfer_t *transfer);

/* Begins with the current URL; every failure is told later, from the loop. */
void transfer_begin_hop(transfer_t *transfer);

/* Whether the current hop goes to the origin and may carry its secrets. */
static inline bool transfer_is_at_origin(const transfer_t *transfer)
{
    return !transfer->was_origin_left;
}

/* --- curl_each.c --- */

/* Whether the current hop is to be asked of each address. */
bool curl_each_is_wanted(const transfer_t *transfer);

/* Has every address of ANSWER, at least 2, asked. 0, or -1 where memory ran out: then nothing was
 * begun. */
int curl_each_begin(transfer_t *transfer, const resolve_answer_t *answer);

/* TRANSFER, one of several, has ended. Gives the worst once it was the last, else NULL. */
transfer_t *curl_each_join(transfer_t *transfer);

/* Forgets what is left under way among ALL. */
void curl_each_destroy(transfer_t *all);

/* --- curl_route.c --- */

/* Whom the current hop connects to. 0, or -1 where the proxy's URL is none. */
int curl_route_of(const transfer_t *transfer, curl_route_t *ret);

/* Adds the addresses of PEER that may be used to LIST, as CURLOPT_RESOLVE wants them. 0, or -1
 * where memory ran out. */
int curl_route_add_addresses(struct curl_slist **list, const curl_peer_t *peer,
                             const resolve_answer_t *answer, const char *only);

/* Which addresses the current hop may use. */
resolve_family_t curl_route_family(const transfer_t *transfer);

/* --- curl_request.c --- */

/* Sets everything about EASY that stays. */
void curl_request_prepare(CURL *easy);

/* Sets everything that the current hop asks. 0, or -1 where memory ran out. */
int curl_request_apply(transfer_t *transfer);

/* --- curl_redirect.c --- */

/* Where the answer that libcurl just read sends us: its Location, or NULL; also NULL where the
 * settings follow none. Borrows from libcurl. */
const char *curl_redirect_location(const transfer_t *transfer);

/* Makes LOCATION, sent by an answer of CODE, the current URL. 0, or -1 with the reason and its
 * static text. */
int curl_redirect_follow(transfer_t *transfer, const char *location, long code,
                         curl_io_end_t *reterr, const char **reterr_text);

/* --- curl_answer.c --- */

/* Has libcurl call back TRANSFER, for its whole life. */
void curl_answer_listen(transfer_t *transfer);

/* Forgets what came on an earlier hop. */
void curl_answer_begin(transfer_t *transfer);

/* Reads what libcurl knows of the transfer that ended with CODE. */
void curl_answer_read(transfer_t *transfer, CURLcode code);

/* Lists the headers that came in HEADERS (room for CURL_IO_HEADERS_MAX) and points the answer at
 * them and at the rest of what came. */
void curl_answer_seal(transfer_t *transfer, curl_io_header_t *headers);

/* Drops what came; small memory is kept. */
void curl_answer_clear(transfer_t *transfer);

/* --- curl_tls.c --- */

/* Has the certificates that CONTEXT will be shown verified as TRANSFER wants and written to its
 * answer. */
void curl_tls_watch(SSL_CTX *context, transfer_t *transfer);

/* Whether the current hop may need what is set about TLS. */
bool curl_tls_is_used(const transfer_t *transfer);

/* Sets what the current hop trusts, and whether it does. */
void curl_tls_trust(transfer_t *transfer);

/* Forgets what the current hop trusts. */
void curl_tls_clear(transfer_t *transfer);

/* Notes what the connection of TRANSFER, which stands, speaks. */
void curl_tls_note(transfer_t *transfer);

#endif
