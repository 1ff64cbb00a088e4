/*
 * The HTTP collector. Owns the requests under way; reads nothing but the answers of the targets;
 * emits probe_results.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/collectors/http_fault.h"
#include "actors/collectors/oauth2_tokens.h"
#include "actors/io/curl_io.h"

typedef struct self self_t;

/* The check of one target. */
typedef struct {
    self_t *owner;
    size_t at;
    const target_t *target;
    int64_t started_us; /* monotonic, as the next */
    int64_t deadline_us;
    char *token; /* kept from an earlier check; NULL: none, or it is fresh */
} probe_t;

struct self {
    collector_t *collector;
    resolve_t *resolve;
    curl_io_t *curl;
    oauth2_tokens_t *tokens;
    size_t n_places;
    condition_workspace_t *workspace;
    condition_field_t fields[CURL_IO_HEADERS_MAX]; /* of the answer that is looked at */
    probe_t probes[COLLECTOR_PROBES_MAX];          /* by place */
};

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

static void ask_for_token(probe_t *probe);

static void finish(probe_t *probe, check_outcome_t *outcome)
{
    free(probe->token);
    probe->token = NULL;
    collector_finish(probe->owner->collector, probe->at, outcome, check_http);
}

/* The check ends before its own request. */
static void finish_early(probe_t *probe, reason_t fault, const char *text)
{
    check_outcome_t outcome = {.fault = fault,
                               .fault_text = text,
                               .latency_us = clock_mono_us() - probe->started_us,
                               .workspace = probe->owner->workspace};
    finish(probe, &outcome);
}

static void on_answer(void *context, const curl_io_answer_t *answer)
{
    probe_t *probe = context;
    self_t *self = probe->owner;
    reason_t fault = http_fault_of(answer);
    if (!fault && answer->response_code == 401 && probe->token) {
        /* It may have been withdrawn before its time: once more with another. */
        oauth2_tokens_reject(self->tokens, probe->target->http, probe->token);
        free(probe->token);
        probe->token = NULL;
        ask_for_token(probe);
        return;
    }
    const check_seen_t seen = seen_of(self, answer);
    check_outcome_t outcome = {.fault = fault,
                               .fault_text = answer->text,
                               .latency_us = answer->latency_us,
                               .http_code = answer->response_code,
                               .body = answer->body,
                               .n_body = answer->n_body,
                               .is_body_cut = answer->is_body_cut,
                               .seen = &seen,
                               .workspace = self->workspace};
    finish(probe, &outcome);
}

/* BEARER: NULL where the settings say all. */
static void begin_request(probe_t *probe, const char *bearer)
{
    int64_t left_us = probe->deadline_us - clock_mono_us();
    const curl_io_request_t request = {.url = probe->target->url,
                                       .timeout_us = left_us > 0 ? left_us : 1,
                                       .settings = probe->target->http,
                                       .bearer = bearer};
    /* There is a request for each probe that the collector lets be under way. */
    int rc = curl_io_begin(probe->owner->curl, &request, on_answer, probe);
    assert(rc == 0);
}

static void on_token(void *context, const oauth2_answer_t *answer)
{
    probe_t *probe = context;
    if (!answer->token) {
        finish_early(probe, answer->fault, answer->text);
        return;
    }
    probe->token = answer->is_fresh ? NULL : strdup(answer->token);
    if (!answer->is_fresh && !probe->token)
        finish_early(probe, REASON_RESOURCES, "Out of memory");
    else
        begin_request(probe, answer->token);
}

static void ask_for_token(probe_t *probe)
{
    int64_t left_us = probe->deadline_us - clock_mono_us();
    oauth2_tokens_ask(probe->owner->tokens, probe->target->http, left_us > 0 ? left_us : 1,
                      on_token, probe);
}

static void begin_probe(void *context, size_t at, const target_t *target)
{
    self_t *self = context;
    probe_t *probe = &self->probes[at];
    int64_t now_us = clock_mono_us();
    *probe = (probe_t){.owner = self,
                       .at = at,
                       .target = target,
                       .started_us = now_us,
                       .deadline_us = now_us + (int64_t)target->timeout_ms * 1000};
    if (target->http && target->http->auth == HTTP_AUTH_OAUTH2)
        ask_for_token(probe);
    else
        begin_request(probe, NULL);
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
        self.curl = curl_io_new(actor, self.resolve, self.n_places + OAUTH2_FETCHES_MAX);
    if (self.curl)
        self.tokens = oauth2_tokens_new(actor, self.curl);
    if (self.tokens)
        actor_run(actor);
    else
        actor_failed(actor, "http collector: libcurl or the name resolver cannot be set up");
    curl_io_destroy(&self.curl);
    oauth2_tokens_destroy(&self.tokens);
    for (size_t i = 0; i < COLLECTOR_PROBES_MAX; i++)
        free(self.probes[i].token);
    resolve_destroy(&self.resolve);
    condition_workspace_destroy(&self.workspace);
    collector_destroy(&self.collector);
    actor_destroy(&actor);
}
