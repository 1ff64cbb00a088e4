#include "actors/io/curl_io.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "actors/io/curl_loop.h"
#include "actors/io/curl_transfer.h"

/* What a request asks that has no settings. */
static const http_settings_t plain_settings = {.follows_redirects = true,
                                               .redirects_max = CURL_IO_REDIRECTS_MAX,
                                               .body_limit_bytes = CURL_IO_BODY_MAX_BYTES,
                                               .version = HTTP_VERSION_1_1};

struct curl_io {
    resolve_t *resolve;
    tls_authorities_t *authorities;
    curl_loop_t *loop;
    actor_timer_t *end_timer; /* tells ends that came inside a call of the user */
    size_t n_requests;        /* at once */
    transfer_t *all;
    transfer_t *free;
    transfer_t *free_spares;
    transfer_t *ended;                             /* ended before libcurl had them */
    curl_io_header_t headers[CURL_IO_HEADERS_MAX]; /* of the answer that is being told */
};

/* --- handles --- */

/* Gives a request that asks one more address where IS_SPARE. NULL where memory ran out. */
static transfer_t *make_transfer(curl_io_t *self, bool is_spare)
{
    transfer_t *transfer = calloc(1, sizeof *transfer);
    if (!transfer)
        return NULL;
    transfer->owner = self;
    transfer->authorities = self->authorities;
    transfer->usual_authorities = curl_version_info(CURLVERSION_NOW)->cainfo;
    transfer->is_spare = is_spare;
    transfer->easy = curl_easy_init();
    if (!transfer->easy) {
        free(transfer);
        return NULL;
    }
    curl_request_prepare(transfer->easy);
    curl_answer_listen(transfer);
    transfer->next = self->all;
    self->all = transfer;
    return transfer;
}

transfer_t *transfer_take_spare(curl_io_t *self)
{
    transfer_t *transfer = self->free_spares;
    if (!transfer)
        return make_transfer(self, true);
    self->free_spares = transfer->next_free;
    return transfer;
}

static void clear(transfer_t *transfer)
{
    resolve_cancel(&transfer->waiter);
    curl_easy_setopt(transfer->easy, CURLOPT_COOKIEFILE, NULL); /* forgets them */
    curl_slist_free_all(transfer->addresses);
    curl_slist_free_all(transfer->connect_to);
    curl_slist_free_all(transfer->headers);
    transfer->addresses = transfer->connect_to = transfer->headers = NULL;
    free(transfer->url);
    free(transfer->bearer);
    transfer->url = transfer->bearer = NULL;
    transfer->each = NULL;
    curl_tls_clear(transfer);
    curl_answer_clear(transfer);
}

void transfer_release(transfer_t *transfer)
{
    curl_io_t *self = transfer->owner;
    clear(transfer);
    transfer_t **list = transfer->is_spare ? &self->free_spares : &self->free;
    transfer->next_free = *list;
    *list = transfer;
}

/* --- the end of a request --- */

static void finish(transfer_t *transfer)
{
    transfer_enter(transfer, -1);
    transfer->answer.latency_us = clock_mono_us() - transfer->started_us;
    if (transfer->each)
        transfer = curl_each_join(transfer);
    if (!transfer)
        return;
    curl_answer_seal(transfer, transfer->owner->headers);
    transfer->fn(transfer->context, &transfer->answer);
    transfer_release(transfer);
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

static void know_peers(transfer_t *transfer);

static void begin_transfer(transfer_t *transfer)
{
    int64_t left_us = transfer->deadline_us - clock_mono_us();
    long left_ms = left_us > 0 ? (long)((left_us + 999) / 1000) : 1;
    transfer->answer.phase = CURL_IO_CONNECTING;
    transfer_enter(transfer, CURL_IO_PHASE_CONNECT);
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, left_ms);
    curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    if (curl_request_apply(transfer) || curl_loop_add(transfer->owner->loop, transfer->easy)) {
        end(transfer, CURL_IO_END_RESOURCES, "Out of memory");
        return;
    }
    transfer->is_in_loop = true;
}

/* Takes the addresses of the peer that is next. False where that ended the request, or went on. */
static bool take_addresses(transfer_t *transfer, const resolve_answer_t *answer)
{
    const curl_peer_t *peer = &transfer->route.peers[transfer->n_peers_known++];
    if (answer->failure) {
        transfer->answer.lookup_failure = answer->failure;
        end(transfer, CURL_IO_END_LOOKUP, answer->text);
        return false;
    }
    bool is_spread = curl_each_is_wanted(transfer) && answer->n_addresses > 1;
    if (is_spread && curl_each_begin(transfer, answer) == 0)
        return false;
    if (is_spread || (!peer->is_address && curl_route_add_addresses(&transfer->addresses, peer,
                                                                    answer, transfer->only))) {
        end(transfer, CURL_IO_END_RESOURCES, "Out of memory");
        return false;
    }
    return true;
}

static void on_resolved(void *context, const resolve_answer_t *answer)
{
    transfer_t *transfer = context;
    transfer->waiter = NULL;
    if (take_addresses(transfer, answer))
        know_peers(transfer);
}

/* Looks up what names are left, then connects. */
static void know_peers(transfer_t *transfer)
{
    curl_io_t *self = transfer->owner;
    resolve_family_t family = curl_route_family(transfer);
    while (transfer->n_peers_known < transfer->route.n_peers) {
        const curl_peer_t *peer = &transfer->route.peers[transfer->n_peers_known];
        if (!peer->is_address)
            transfer_enter(transfer, CURL_IO_PHASE_RESOLVE);
        const resolve_answer_t *known = resolve_known(self->resolve, peer->host, family);
        if (known) {
            if (!take_addresses(transfer, known))
                return;
            continue;
        }
        int64_t left_us = transfer->deadline_us - clock_mono_us();
        transfer->waiter = resolve_start(self->resolve, peer->host, family,
                                         left_us > 0 ? left_us : 1, on_resolved, transfer);
        if (!transfer->waiter)
            end(transfer, CURL_IO_END_RESOURCES, "Too many name lookups");
        return;
    }
    begin_transfer(transfer);
}

void transfer_begin_hop(transfer_t *transfer)
{
    transfer->answer.phase = CURL_IO_RESOLVING;
    curl_answer_begin(transfer);
    curl_slist_free_all(transfer->addresses);
    transfer->addresses = NULL;
    transfer->n_peers_known = 0;
    if (curl_route_of(transfer, &transfer->route))
        end(transfer, CURL_IO_END_PROXY, "Not the URL of a proxy");
    else
        know_peers(transfer);
}

/* --- what libcurl finished --- */

/* Follows LOCATION (owned here), which an answer of CODE sent. */
static void follow(transfer_t *transfer, char *location, long code)
{
    curl_io_end_t why = CURL_IO_END_RESOURCES;
    const char *text = "Out of memory";
    if (!location || curl_redirect_follow(transfer, location, code, &why, &text))
        end(transfer, why, text);
    else
        transfer_begin_hop(transfer);
    free(location);
}

/* Nobody was reached: the next request looks anew where its peers are. */
static void forget_addresses(const transfer_t *transfer)
{
    for (size_t i = 0; i < transfer->route.n_peers; i++)
        if (!transfer->route.peers[i].is_address)
            resolve_forget(transfer->owner->resolve, transfer->route.peers[i].host);
}

static void on_done(CURL *easy, CURLcode code)
{
    transfer_t *transfer = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    bool is_answered = code == CURLE_OK || code == CURLE_WRITE_ERROR;
    bool is_ended = transfer->answer.end != CURL_IO_END_CURL;
    const char *location = is_answered && !is_ended ? curl_redirect_location(transfer) : NULL;
    char *copy = location ? strdup(location) : NULL;
    long response_code = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response_code);
    if (!location)
        curl_answer_read(transfer, code);
    if (!transfer->answer.is_connected && !is_answered)
        forget_addresses(transfer);
    curl_loop_remove(transfer->owner->loop, easy);
    transfer->is_in_loop = false;
    if (location)
        follow(transfer, copy, response_code);
    else
        finish(transfer);
}

/* --- life --- */

int curl_io_grow(curl_io_t *self, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        transfer_t *transfer = make_transfer(self, false);
        if (!transfer)
            return -1;
        transfer_release(transfer);
        self->n_requests++;
    }
    curl_loop_bound(self->loop, (long)self->n_requests + CURL_IO_KEPT_MAX);
    return 0;
}

curl_io_t *curl_io_new(actor_t *actor, resolve_t *resolve, size_t concurrency)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return NULL;
    curl_io_t *self = calloc(1, sizeof *self);
    if (!self) {
        curl_global_cleanup();
        return NULL;
    }
    self->resolve = resolve;
    self->end_timer = actor_timer_new(actor, on_end_timer, self);
    self->authorities = tls_authorities_new();
    self->loop = curl_loop_new(actor, on_done);
    if (!self->authorities || !self->loop || curl_io_grow(self, concurrency))
        curl_io_destroy(&self);
    return self;
}

void curl_io_destroy(curl_io_t **self_p)
{
    curl_io_t *self = *self_p;
    if (!self)
        return;
    curl_each_destroy(self->all);
    for (transfer_t *transfer = self->all; transfer;) {
        transfer_t *next = transfer->next;
        if (transfer->is_in_loop)
            curl_loop_remove(self->loop, transfer->easy);
        clear(transfer);
        curl_easy_cleanup(transfer->easy);
        free(transfer->head.bytes);
        free(transfer->body.bytes);
        free(transfer);
        transfer = next;
    }
    curl_loop_destroy(&self->loop);
    tls_authorities_destroy(&self->authorities);
    actor_timer_destroy(&self->end_timer);
    free(self);
    *self_p = NULL;
    curl_global_cleanup();
    OPENSSL_thread_stop(); /* else what OpenSSL keeps for this thread goes only after its very end
                            */
}

/* TRANSFER as it stands before its first hop. */
static void prepare(transfer_t *transfer, const curl_io_request_t *request)
{
    transfer->settings = request->settings ? request->settings : &plain_settings;
    transfer->started_us = clock_mono_us();
    transfer->deadline_us = transfer->started_us + request->timeout_us;
    transfer->only[0] = '\0';
    transfer->was_origin_left = false;
    transfer->is_turned_get = false;
    transfer->timed_phase = -1;
    transfer->answer = (curl_io_answer_t){.content_length = -1};
    for (size_t i = 0; i < CURL_IO_PHASES; i++)
        transfer->answer.phase_us[i] = -1;
    transfer->url = strdup(request->url);
    transfer->bearer = request->bearer ? strdup(request->bearer) : NULL;
}

int curl_io_begin(curl_io_t *self, const curl_io_request_t *request, curl_io_fn *fn, void *context)
{
    assert(request->timeout_us > 0);
    transfer_t *transfer = self->free;
    if (!transfer)
        return -1;
    self->free = transfer->next_free;
    transfer->fn = fn;
    transfer->context = context;
    prepare(transfer, request);
    if (!transfer->url || (request->bearer && !transfer->bearer))
        end(transfer, CURL_IO_END_RESOURCES, "Out of memory");
    else if (http_url_parse(request->url, &transfer->origin))
        end(transfer, CURL_IO_END_BAD_REDIRECT, "Not an http or https URL");
    else {
        transfer->place = transfer->origin;
        transfer_begin_hop(transfer);
    }
    return 0;
}
