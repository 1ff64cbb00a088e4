/*
 * The Redis collector: connect, AUTH and SELECT as the URL says, PING, on a new connection for each
 * check. Owns the connections; emits probe_results.
 */
#include <string.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/io/redis_io.h"

typedef struct self self_t;

/* A connection and the check that it is used for. */
typedef struct probe probe_t;
struct probe {
    self_t *owner;
    redis_io_t *redis;
    size_t at;
    int64_t started_us;  /* monotonic */
    int64_t deadline_us; /* monotonic */
};

struct self {
    collector_t *collector;
    resolve_t *resolve;
    condition_workspace_t *workspace;
    actor_t *actor;
    probe_t probes[COLLECTOR_PROBES_MAX]; /* by place */
    size_t n_probes;
};

static void finish(probe_t *probe, reason_t fault, const char *text)
{
    self_t *self = probe->owner;
    redis_io_close(probe->redis);
    check_outcome_t outcome = {.fault = fault,
                               .fault_text = text,
                               .latency_us = clock_mono_us() - probe->started_us,
                               .workspace = self->workspace};
    collector_finish(self->collector, probe->at, &outcome, check_redis);
}

static void on_pong(void *context, const redisReply *reply)
{
    probe_t *probe = context;
    if (!reply)
        return; /* on_closed says why */
    if (reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, "PONG") == 0)
        finish(probe, REASON_NONE, NULL);
    else if (reply->type == REDIS_REPLY_ERROR)
        finish(probe, check_redis_error_reason(reply->str, reply->len), reply->str);
    else
        finish(probe, REASON_PROTOCOL, "Unexpected answer to PING");
}

static void on_ready(void *context)
{
    probe_t *probe = context;
    int64_t left_us = probe->deadline_us - clock_mono_us();
    if (redis_io_command(probe->redis, 1, (const char *[]){"PING"}, NULL, left_us > 0 ? left_us : 1,
                         on_pong, probe))
        finish(probe, REASON_RESOURCES, "Out of memory");
}

static void on_closed(void *context, reason_t reason, const char *text)
{
    finish(context, reason, text);
}

static void begin_probe(void *context, size_t at, const target_t *target)
{
    self_t *self = context;
    probe_t *probe = &self->probes[at];
    int64_t timeout_us = (int64_t)target->timeout_ms * 1000;
    probe->at = at;
    probe->started_us = clock_mono_us();
    probe->deadline_us = probe->started_us + timeout_us;
    redis_url_t url;
    if (redis_url_parse(target->url, &url))
        finish(probe, REASON_PROTOCOL, "Not a redis URL");
    else
        redis_io_open(probe->redis, &url, timeout_us);
}

static const redis_io_handlers_t handlers = {.ready = on_ready, .closed = on_closed};

static int grow(void *context, size_t n_probes)
{
    self_t *self = context;
    for (; self->n_probes < n_probes; self->n_probes++) {
        probe_t *probe = &self->probes[self->n_probes];
        probe->owner = self;
        probe->redis = redis_io_new(self->actor, self->resolve, &handlers, probe);
    }
    return 0;
}

void redis_collector_actor(zsock_t *pipe, void *args)
{
    self_t self = {.actor = actor_new(pipe, "redis_collector", args)};
    const collector_handlers_t collector = {
        .type = PROBE_REDIS, .begin = begin_probe, .grow = grow, .context = &self};
    self.collector = collector_new(self.actor, args, &collector);
    self.resolve = resolve_new(self.actor);
    self.workspace = condition_workspace_new();
    if (self.resolve && self.workspace) {
        (void)grow(&self, collector_n_probes(self.collector)); /* it cannot fail */
        actor_run(self.actor);
    } else {
        actor_failed(self.actor, "redis collector: the name resolver cannot be set up");
    }
    for (size_t i = 0; i < self.n_probes; i++)
        redis_io_destroy(&self.probes[i].redis);
    resolve_destroy(&self.resolve);
    condition_workspace_destroy(&self.workspace);
    collector_destroy(&self.collector);
    actor_destroy(&self.actor);
}
