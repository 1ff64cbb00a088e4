#include "actors/collectors/stream_collector.h"

#include <stdlib.h>
#include <string.h>

struct stream_collector {
    actor_t *actor;
    const stream_kind_t *kind;
    collector_t *collector;
    resolve_t *resolve;
    tls_contexts_t *contexts;
    condition_workspace_t *workspace;
    condition_matcher_t *matcher;
    stream_probe_t probes[COLLECTOR_PROBES_MAX]; /* by place */
    size_t n_probes;
};

_Static_assert((int)STREAM_IO_PHASES == (int)CONDITION_PHASES, "the same phases, in one order");

/* --- a check --- */

static void clear_state(const stream_probe_t *probe)
{
    const stream_kind_t *kind = probe->owner->kind;
    if (kind->clear)
        kind->clear(probe->state);
    if (kind->state_bytes)
        memset(probe->state, 0, kind->state_bytes);
}

void stream_probe_finish(stream_probe_t *probe, reason_t fault, const char *text,
                         const check_answer_t *answer)
{
    const stream_io_seen_t stream = stream_io_seen(probe->stream);
    check_seen_t seen = {.ip = stream.ip,
                         .is_connected = stream.is_connected,
                         .tls_version = stream.tls_version,
                         .cert_expires_at_us = stream.cert_expires_at_us,
                         .cert_leaf_expires_at_us = stream.cert_leaf_expires_at_us,
                         .content_length_bytes = MEASURED_NONE};
    memcpy(seen.phase_us, stream.phase_us, sizeof seen.phase_us);
    check_outcome_t outcome = {.fault = fault,
                               .fault_text = text,
                               .latency_us = clock_mono_us() - probe->started_us,
                               .answer = answer,
                               .seen = &seen,
                               .workspace = probe->owner->workspace};
    /* The next check may begin at this place inside collector_finish, after the result was made of
     * what the stream and the state lend. */
    uint64_t begun = probe->n_begun;
    collector_finish(probe->owner->collector, probe->at, &outcome, check_answer);
    if (probe->n_begun != begun)
        return;
    stream_io_close(probe->stream);
    clear_state(probe);
}

static void on_ready(void *context)
{
    stream_probe_t *probe = context;
    probe->owner->kind->ready(probe);
}

static void on_received(void *context)
{
    stream_probe_t *probe = context;
    probe->owner->kind->received(probe);
}

static void on_ended(void *context, reason_t fault, const char *text)
{
    stream_probe_t *probe = context;
    probe->owner->kind->ended(probe, fault, text);
}

static void begin_probe(void *context, size_t at, const target_t *target)
{
    stream_collector_t *self = context;
    stream_probe_t *probe = &self->probes[at];
    probe->target = target;
    probe->n_begun++;
    probe->started_us = clock_mono_us();
    clear_state(probe);
    stream_io_request_t request = {.ip_protocol = target->ip_protocol,
                                   .timeout_us = (int64_t)target->timeout_ms * 1000,
                                   .tls = target->tls};
    endpoint_url_t url;
    if (self->kind->request(probe, &url, &request)) {
        stream_probe_finish(probe, REASON_PROTOCOL, "The URL is not whole", NULL);
        return;
    }
    request.host = url.host;
    request.port = url.port;
    stream_io_open(probe->stream, &request);
}

/* --- life --- */

static const stream_io_handlers_t stream_handlers = {
    .ready = on_ready, .received = on_received, .ended = on_ended};

static int grow(void *context, size_t n_probes)
{
    stream_collector_t *self = context;
    for (; self->n_probes < n_probes; self->n_probes++) {
        stream_probe_t *probe = &self->probes[self->n_probes];
        probe->state = calloc(1, self->kind->state_bytes + 1);
        if (!probe->state)
            return -1;
        probe->owner = self;
        probe->at = self->n_probes;
        probe->matcher = self->matcher;
        probe->stream =
            stream_io_new(self->actor, self->resolve, self->contexts, &stream_handlers, probe);
    }
    return 0;
}

static void clear(stream_collector_t *self)
{
    for (size_t i = 0; i < self->n_probes; i++) {
        stream_io_destroy(&self->probes[i].stream);
        clear_state(&self->probes[i]);
        free(self->probes[i].state);
    }
    resolve_destroy(&self->resolve);
    tls_contexts_destroy(&self->contexts);
    condition_workspace_destroy(&self->workspace);
    condition_matcher_destroy(&self->matcher);
    collector_destroy(&self->collector);
    actor_destroy(&self->actor);
}

void stream_collector_run(zsock_t *pipe, void *args, const char *name, const stream_kind_t *kind)
{
    stream_collector_t self = {.actor = actor_new(pipe, name, args), .kind = kind};
    const collector_handlers_t handlers = {
        .type = kind->type, .begin = begin_probe, .grow = grow, .context = &self};
    self.collector = collector_new(self.actor, args, &handlers);
    self.resolve = resolve_new(self.actor);
    self.contexts = tls_contexts_new();
    self.workspace = condition_workspace_new();
    self.matcher = condition_matcher_new();
    if (self.resolve && self.contexts && self.workspace && self.matcher &&
        grow(&self, collector_n_probes(self.collector)) == 0)
        actor_run(self.actor);
    else
        actor_failed(self.actor, "%s: the name resolver cannot be set up", name);
    clear(&self);
}
