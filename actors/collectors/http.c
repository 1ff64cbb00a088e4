/*
 * The HTTP collector. Owns the requests under way; reads nothing but the answers of the targets;
 * emits probe_results.
 */
#include <assert.h>
#include <stdlib.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/io/curl_io.h"
#include "actors/io/fault.h"

typedef struct self self_t;

/* The check of one target. */
typedef struct {
    self_t *owner;
    size_t at;
} probe_t;

struct self {
    collector_t *collector;
    resolve_t *resolve;
    curl_io_t *curl;
    size_t n_places;
    condition_workspace_t *workspace;
    condition_field_t fields[CURL_IO_HEADERS_MAX]; /* of the answer that is looked at */
    probe_t probes[COLLECTOR_PROBES_MAX];          /* by place */
};

/* --- what libcurl's end means --- */

static reason_t timeout_of(curl_io_phase_t phase)
{
    switch (phase) {
    case CURL_IO_RESOLVING:
        return REASON_TIMEOUT_RESOLVE;
    case CURL_IO_CONNECTING:
        return REASON_TIMEOUT_CONNECT;
    case CURL_IO_TLS:
        return REASON_TIMEOUT_TLS;
    case CURL_IO_ANSWERING:
    default:
        return REASON_TIMEOUT_RESPONSE;
    }
}

static reason_t fault_of_code(const curl_io_answer_t *answer)
{
    static const struct {
        CURLcode code;
        reason_t reason;
    } rows[] = {
        {CURLE_OK, REASON_NONE},
        {CURLE_COULDNT_RESOLVE_HOST, REASON_DNS_FAILURE},
        {CURLE_GOT_NOTHING, REASON_RESET},
        {CURLE_SEND_ERROR, REASON_RESET},
        {CURLE_RECV_ERROR, REASON_RESET},
        {CURLE_PARTIAL_FILE, REASON_RESET},
        {CURLE_SSL_CONNECT_ERROR, REASON_TLS_FAILURE},
        {CURLE_SSL_CERTPROBLEM, REASON_TLS_FAILURE},
        {CURLE_SSL_CIPHER, REASON_TLS_FAILURE},
        {CURLE_SSL_CACERT_BADFILE, REASON_TLS_FAILURE},
        {CURLE_SSL_SHUTDOWN_FAILED, REASON_TLS_FAILURE},
        {CURLE_SSL_INVALIDCERTSTATUS, REASON_TLS_FAILURE},
        {CURLE_INTERFACE_FAILED, REASON_UNREACHABLE},
        {CURLE_OUT_OF_MEMORY, REASON_RESOURCES},
    };
    if (answer->code == CURLE_OPERATION_TIMEDOUT)
        return timeout_of(answer->phase);
    if (answer->code == CURLE_COULDNT_CONNECT)
        return fault_of_errno(answer->os_errno);
    if (answer->code == CURLE_PEER_FAILED_VERIFICATION)
        return fault_of_certificate(answer->verify_result);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == answer->code)
            return rows[i].reason;
    return REASON_PROTOCOL;
}

static reason_t fault_of(const curl_io_answer_t *answer)
{
    switch (answer->end) {
    case CURL_IO_END_LOOKUP:
        return answer->lookup_failure;
    case CURL_IO_END_TOO_MANY_REDIRECTS:
    case CURL_IO_END_BAD_REDIRECT:
        return REASON_REDIRECT;
    case CURL_IO_END_HEADERS:
    case CURL_IO_END_VERSION:
        return REASON_PROTOCOL;
    case CURL_IO_END_PROXY:
        return REASON_UNREACHABLE;
    case CURL_IO_END_PROXY_CREDENTIALS:
        return REASON_AUTHENTICATION;
    case CURL_IO_END_RESOURCES:
        return REASON_RESOURCES;
    case CURL_IO_END_CURL:
    default:
        return fault_of_code(answer);
    }
}

/* --- a check --- */

_Static_assert((int)CURL_IO_PHASES == (int)CONDITION_PHASES, "the same phases, in one order");

/* What ANSWER tells of the way of a check; borrows it and the collector's fields. */
static check_seen_t seen_of(self_t *self, const curl_io_answer_t *answer)
{
    check_seen_t seen = {
        .ip = answer->ip,
        .is_connected = answer->is_connected,
        .was_reused = answer->was_reused,
        .http_version = answer->http_version,
        .tls_version = answer->tls_version,
        .status_line = answer->status_line,
        .headers = self->fields,
        .cert_expires_at_us = answer->cert_expires_at_us,
        .cert_leaf_expires_at_us = answer->cert_leaf_expires_at_us,
        .n_redirects = answer->n_redirects,
        .content_length_bytes = answer->content_length,
    };
    for (size_t i = 0; i < CONDITION_PHASES; i++)
        seen.phase_us[i] = answer->phase_us[i];
    for (; seen.n_headers < answer->n_headers; seen.n_headers++) {
        const curl_io_header_t *header = &answer->headers[seen.n_headers];
        self->fields[seen.n_headers] =
            (condition_field_t){.name = {.bytes = header->name, .n = header->n_name},
                                .text = {.bytes = header->value, .n = header->n_value}};
    }
    return seen;
}

static void on_answer(void *context, const curl_io_answer_t *answer)
{
    const probe_t *probe = context;
    const check_seen_t seen = seen_of(probe->owner, answer);
    check_outcome_t outcome = {.fault = fault_of(answer),
                               .fault_text = answer->text,
                               .latency_us = answer->latency_us,
                               .http_code = answer->response_code,
                               .body = answer->body,
                               .n_body = answer->n_body,
                               .is_body_cut = answer->is_body_cut,
                               .seen = &seen,
                               .workspace = probe->owner->workspace};
    collector_finish(probe->owner->collector, probe->at, &outcome, check_http);
}

static void begin_probe(void *context, size_t at, const target_t *target)
{
    self_t *self = context;
    probe_t *probe = &self->probes[at];
    *probe = (probe_t){.owner = self, .at = at};
    /* There is a request for each probe that the collector lets be under way. */
    const curl_io_request_t request = {.url = target->url,
                                       .timeout_us = (int64_t)target->timeout_ms * 1000,
                                       .settings = target->http};
    int rc = curl_io_begin(self->curl, &request, on_answer, probe);
    assert(rc == 0);
}

static int grow(void *context, size_t n_probes)
{
    self_t *self = context;
    if (curl_io_grow(self->curl, n_probes - self->n_places))
        return -1;
    self->n_places = n_probes;
    return 0;
}

void http_collector_actor(zsock_t *pipe, void *args)
{
    actor_t *actor = actor_new(pipe, "http_collector", args);
    self_t self = {.collector = NULL};
    const collector_handlers_t handlers = {
        .type = PROBE_HTTP, .begin = begin_probe, .grow = grow, .context = &self};
    self.collector = collector_new(actor, args, &handlers);
    self.n_places = collector_n_probes(self.collector);
    self.resolve = resolve_new(actor);
    self.workspace = condition_workspace_new();
    if (self.resolve && self.workspace)
        self.curl = curl_io_new(actor, self.resolve, self.n_places);
    if (self.curl)
        actor_run(actor);
    else
        actor_failed(actor, "http collector: libcurl or the name resolver cannot be set up");
    curl_io_destroy(&self.curl);
    resolve_destroy(&self.resolve);
    condition_workspace_destroy(&self.workspace);
    collector_destroy(&self.collector);
    actor_destroy(&actor);
}
