#include "actors/io/curl_io.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/version.h>

#include "actors/io/curl_loop.h"
#include "core/url.h"

/* Bytes of the first piece of memory for a body; it doubles up to the limit. */
#define BODY_FIRST_BYTES 4096
/* Seconds that libcurl may keep the address it was handed: until the request began. */
#define ADDRESS_AGE_S 60L
/* Seconds that the certificates of the authorities are kept before they are read again. */
#define AUTHORITIES_AGE_S 3600L
/* Bytes of "+host:port:address,address,...". */
#define ADDRESS_LINE_BYTES (HOST_BYTES + 16 + RESOLVE_ADDRESSES_MAX * (INET6_ADDRSTRLEN + 3))

/* One request; its easy handle is used again by later ones. */
typedef struct transfer transfer_t;
struct transfer {
    curl_io_t *owner;
    transfer_t *next_free;
    CURL *easy;
    bool is_in_loop;
    curl_io_fn *fn;
    void *context;
    int64_t started_us;  /* monotonic */
    int64_t deadline_us; /* monotonic */

    char *url;            /* of the current hop */
    http_url_t place;     /* the same, split */
    unsigned n_redirects; /* followed so far */
    resolve_waiter_t *waiter;
    struct curl_slist *addresses;
    bool was_tls_begun; /* of the current hop, as the next */
    bool was_request_sent;
    size_t n_headers;
    char *body;
    size_t n_body, body_size;
    curl_io_answer_t answer;
    char error[CURL_ERROR_SIZE];
    transfer_t *next_ended;
};

struct curl_io {
    resolve_t *resolve;
    curl_loop_t *loop;
    actor_timer_t *end_timer; /* tells ends that came inside a call of the user */
    transfer_t *free;
    transfer_t *ended; /* ended before libcurl had them */
    size_t n_transfers;
    transfer_t transfers[];
};

/* --- the end of a request --- */

static void reset(transfer_t *transfer)
{
    resolve_cancel(&transfer->waiter);
    curl_slist_free_all(transfer->addresses);
    free(transfer->url);
    free(transfer->body);
    *transfer = (transfer_t){.owner = transfer->owner, .easy = transfer->easy};
}

static void finish(transfer_t *transfer)
{
    curl_io_t *self = transfer->owner;
    curl_io_fn *fn = transfer->fn;
    void *context = transfer->context;
    transfer->answer.latency_us = clock_mono_us() - transfer->started_us;
    transfer->answer.body = transfer->body ? transfer->body : "";
    transfer->answer.n_body = transfer->n_body;
    if (!transfer->answer.text)
        transfer->answer.text = transfer->error;
    fn(context, &transfer->answer);
    reset(transfer);
    transfer->next_free = self->free;
    self->free = transfer;
}

/* Ends a request that libcurl does not have; told from the loop. */
static void end(transfer_t *transfer, curl_io_end_t why, const char *text)
{
    curl_io_t *self = transfer->owner;
    transfer->answer.end = why;
    transfer->answer.text = text;
    transfer->next_ended = self->ended;
    self->ended = transfer;
    actor_timer_set(self->end_timer, 0);
}

static void on_end_timer(void *context)
{
    curl_io_t *self = context;
    while (self->ended) {
        transfer_t *transfer = self->ended;
        self->ended = transfer->next_ended;
        finish(transfer);
    }
}

/* --- one hop --- */

/* "+host:port:address,[address]": libcurl takes the addresses as its own lookup's. */
static struct curl_slist *address_list(const http_url_t *place, const resolve_answer_t *answer)
{
    char line[ADDRESS_LINE_BYTES];
    int n = snprintf(line, sizeof line, "+%s:%u:", place->host, (unsigned)place->port);
    for (size_t i = 0; i < answer->n_addresses; i++) {
        const char *address = answer->addresses[i];
        n += snprintf(line + n, sizeof line - (size_t)n, strchr(address, ':') ? "%s[%s]" : "%s%s",
                      i ? "," : "", address);
    }
    return curl_slist_append(NULL, line);
}

static void begin_transfer(transfer_t *transfer, const resolve_answer_t *answer)
{
    curl_slist_free_all(transfer->addresses);
    transfer->addresses = NULL;
    if (!transfer->place.is_address) {
        transfer->addresses = address_list(&transfer->place, answer);
        if (!transfer->addresses) {
            end(transfer, CURL_IO_END_RESOURCES, "Out of memory");
            return;
        }
    }
    int64_t left_us = transfer->deadline_us - clock_mono_us();
    long left_ms = left_us > 0 ? (long)((left_us + 999) / 1000) : 1;
    transfer->answer.phase = CURL_IO_CONNECTING;
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_RESOLVE, transfer->addresses);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    if (curl_easy_setopt(easy, CURLOPT_URL, transfer->url) ||
        curl_loop_add(transfer->owner->loop, easy)) {
        end(transfer, CURL_IO_END_RESOURCES, "Out of memory");
        return;
    }
    transfer->is_in_loop = true;
}

static void on_resolved(void *context, const resolve_answer_t *answer)
{
    transfer_t *transfer = context;
    transfer->waiter = NULL;
    if (answer->failure) {
        transfer->answer.lookup_failure = answer->failure;
        end(transfer, CURL_IO_END_LOOKUP, answer->text);
        return;
    }
    begin_transfer(transfer, answer);
}

static void begin_hop(transfer_t *transfer)
{
    curl_io_t *self = transfer->owner;
    transfer->answer.phase = CURL_IO_RESOLVING;
    transfer->was_tls_begun = false;
    transfer->was_request_sent = false;
    transfer->n_headers = 0;
    transfer->n_body = 0;
    const resolve_answer_t *known = resolve_known(self->resolve, transfer->place.host);
    if (known) {
        begin_transfer(transfer, known);
        return;
    }
    int64_t left_us = transfer->deadline_us - clock_mono_us();
    transfer->waiter = resolve_start(self->resolve, transfer->place.host, left_us > 0 ? left_us : 1,
                                     on_resolved, transfer);
    if (!transfer->waiter)
        end(transfer, CURL_IO_END_RESOURCES, "Too many name lookups");
}

/* --- redirects --- */

/* Where the answer that libcurl just read sends us: its Location, or NULL. Borrows from libcurl. */
static const char *location_of(CURL *easy)
{
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    if (code != 301 && code != 302 && code != 303 && code != 307 && code != 308)
        return NULL;
    struct curl_header *header = NULL;
    if (curl_easy_header(easy, "Location", 0, CURLH_HEADER, -1, &header) || !header->value[0])
        return NULL;
    return header->value;
}

/* The absolute URL of LOCATION seen from URL, for free(); NULL where there is none. */
static char *join_url(const char *url, const char *location)
{
    CURLU *joined = curl_url();
    char *text = NULL;
    char *copy = NULL;
    if (joined && !curl_url_set(joined, CURLUPART_URL, url, 0) &&
        !curl_url_set(joined, CURLUPART_URL, location, CURLU_URLENCODE) &&
        !curl_url_set(joined, CURLUPART_FRAGMENT, NULL, 0) &&
        !curl_url_get(joined, CURLUPART_URL, &text, 0))
        copy = strdup(text);
    curl_free(text);
    curl_url_cleanup(joined);
    return copy;
}

static void follow(transfer_t *transfer, const char *location)
{
    if (transfer->n_redirects == CURL_IO_REDIRECTS_MAX) {
        end(transfer, CURL_IO_END_TOO_MANY_REDIRECTS, "Exceeded maximum allowed redirects.");
        return;
    }
    transfer->n_redirects++;
    char *url = join_url(transfer->url, location);
    http_url_t place;
    if (!url || http_url_parse(url, &place)) {
        free(url);
        end(transfer, CURL_IO_END_BAD_REDIRECT, "Redirect to an address that is not allowed");
        return;
    }
    free(transfer->url);
    transfer->url = url;
    transfer->place = place;
    begin_hop(transfer);
}

/* --- callbacks of one transfer --- */

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's own type of function */
static size_t on_header(char *line, size_t size, size_t n, void *context)
{
    (void)line;
    transfer_t *transfer = context;
    transfer->n_headers += size * n;
    if (transfer->n_headers <= CURL_IO_HEADERS_MAX_BYTES)
        return size * n;
    transfer->answer.end = CURL_IO_END_HEADERS;
    return 0;
}

/* Makes room for N bytes of body, within the limit. 0, or -1 where memory ran out. */
static int reserve(transfer_t *transfer, size_t n)
{
    if (n <= transfer->body_size)
        return 0;
    size_t size = transfer->body_size ? transfer->body_size : BODY_FIRST_BYTES;
    while (size < n)
        size *= 2;
    char *body = realloc(transfer->body, size);
    if (!body)
        return -1;
    transfer->body = body;
    transfer->body_size = size;
    return 0;
}

/* A short return ends the transfer with CURLE_WRITE_ERROR. */
static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    transfer_t *transfer = context;
    size_t n_bytes = size * n;
    /* The body of a redirect is of no use. Asked once: libcurl looks through all headers. */
    if (transfer->n_body == 0 && location_of(transfer->easy))
        return 0;
    size_t left = CURL_IO_BODY_MAX_BYTES - transfer->n_body;
    size_t n_kept = n_bytes < left ? n_bytes : left;
    if (reserve(transfer, transfer->n_body + n_kept)) {
        transfer->answer.end = CURL_IO_END_RESOURCES;
        return 0;
    }
    memcpy(transfer->body + transfer->n_body, bytes, n_kept);
    transfer->n_body += n_kept;
    transfer->answer.is_body_cut = n_kept < n_bytes;
    return n_kept;
}

/* Comes when the connection stands; libcurl's own CONNECT_TIME is still 0 during the handshake. */
static CURLcode on_tls(CURL *easy, void *context_of_tls, void *context)
{
    (void)easy;
    (void)context_of_tls;
    transfer_t *transfer = context;
    transfer->was_tls_begun = true;
    return CURLE_OK;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's own type of function */
static int on_request(void *context, char *remote_address, char *local_address, int remote_port,
                      int local_port)
{
    (void)remote_address;
    (void)local_address;
    (void)remote_port;
    (void)local_port;
    transfer_t *transfer = context;
    transfer->was_request_sent = true;
    return CURL_PREREQFUNC_OK;
}

/* --- what libcurl finished --- */

static curl_io_phase_t phase_of(const transfer_t *transfer)
{
    if (transfer->was_request_sent)
        return CURL_IO_ANSWERING;
    return transfer->was_tls_begun ? CURL_IO_TLS : CURL_IO_CONNECTING;
}

static void read_done(transfer_t *transfer, CURLcode code)
{
    curl_io_answer_t *answer = &transfer->answer;
    long os_errno = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer->response_code);
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_errno);
    curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT, &answer->verify_result);
    answer->os_errno = (int)os_errno;
    answer->phase = phase_of(transfer);
    answer->code = code == CURLE_WRITE_ERROR && answer->is_body_cut ? CURLE_OK : code;
    if (answer->end == CURL_IO_END_HEADERS)
        answer->text = "Headers too long";
    else if (answer->end == CURL_IO_END_RESOURCES)
        answer->text = "Out of memory";
    else if (answer->code != CURLE_OK && !transfer->error[0])
        answer->text = curl_easy_strerror(code);
}

static void on_done(CURL *easy, CURLcode code)
{
    transfer_t *transfer = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    bool is_answered = code == CURLE_OK || code == CURLE_WRITE_ERROR;
    bool is_ended = transfer->answer.end != CURL_IO_END_CURL;
    const char *location = is_answered && !is_ended ? location_of(transfer->easy) : NULL;
    char *copy = location ? strdup(location) : NULL;
    if (!location)
        read_done(transfer, code);
    curl_loop_remove(transfer->owner->loop, easy);
    transfer->is_in_loop = false;
    if (!location)
        finish(transfer);
    else if (copy)
        follow(transfer, copy);
    else
        end(transfer, CURL_IO_END_RESOURCES, "Out of memory");
    free(copy);
}

/* --- life --- */

static CURL *make_easy(transfer_t *transfer)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return NULL;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, ADDRESS_AGE_S);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    /* A folder of certificates would keep libcurl from keeping the file's: 22 ms a connection. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, AUTHORITIES_AGE_S);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "healthd/" HEALTHD_VERSION);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    return easy;
}

curl_io_t *curl_io_new(actor_t *actor, resolve_t *resolve, size_t concurrency)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return NULL;
    curl_io_t *self = calloc(1, sizeof *self + concurrency * sizeof *self->transfers);
    if (!self) {
        curl_global_cleanup();
        return NULL;
    }
    self->resolve = resolve;
    self->end_timer = actor_timer_new(actor, on_end_timer, self);
    self->loop = curl_loop_new(actor, on_done);
    self->n_transfers = concurrency;
    bool is_whole = self->loop;
    for (size_t i = concurrency; i-- > 0;) {
        transfer_t *transfer = &self->transfers[i];
        transfer->owner = self;
        transfer->easy = make_easy(transfer);
        is_whole = is_whole && transfer->easy;
        transfer->next_free = self->free;
        self->free = transfer;
    }
    if (!is_whole)
        curl_io_destroy(&self);
    return self;
}

void curl_io_destroy(curl_io_t **self_p)
{
    curl_io_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_transfers; i++) {
        transfer_t *transfer = &self->transfers[i];
        if (transfer->is_in_loop)
            curl_loop_remove(self->loop, transfer->easy);
        curl_easy_cleanup(transfer->easy);
        reset(transfer);
    }
    curl_loop_destroy(&self->loop);
    actor_timer_destroy(&self->end_timer);
    free(self);
    *self_p = NULL;
    curl_global_cleanup();
    OPENSSL_thread_stop(); /* else what OpenSSL keeps for this thread goes only after its very end
                            */
}

int curl_io_get(curl_io_t *self, const char *url, int64_t timeout_us, curl_io_fn *fn, void *context)
{
    assert(timeout_us > 0);
    transfer_t *transfer = self->free;
    if (!transfer)
        return -1;
    self->free = transfer->next_free;
    transfer->next_free = NULL;
    transfer->fn = fn;
    transfer->context = context;
    transfer->started_us = clock_mono_us();
    transfer->deadline_us = transfer->started_us + timeout_us;
    transfer->url = strdup(url);
    if (!transfer->url)
        end(transfer, CURL_IO_END_RESOURCES, "Out of memory");
    else if (http_url_parse(url, &transfer->place))
        end(transfer, CURL_IO_END_BAD_REDIRECT, "Not an http or https URL");
    else
        begin_hop(transfer);
    return 0;
}
