/*
 * The Redis collector: connect, AUTH and SELECT as the URL says, PING and, where a condition looks
 * at it, INFO, on a new connection for each check. Owns the connections; emits probe_results.
 */
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/io/redis_io.h"
#include "core/redis_info.h"

typedef struct self self_t;

/* A connection and the check that it is used for. */
typedef struct probe probe_t;
struct probe {
    self_t *owner;
    redis_io_t *redis;
    size_t at;
    const target_t *target;
    int64_t started_us;  /* monotonic */
    int64_t latency_us;  /* of the PING; -1: it was not answered */
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

/* Ends the check; INFO is what was answered, as JSON, or NULL. */
static void finish_with(probe_t *probe, reason_t fault, const char *text, const char *info)
{
    self_t *self = probe->owner;
    redis_io_close(probe->redis);
    check_outcome_t outcome = {.fault = fault,
                               .fault_text = text,
                               .latency_us = probe->latency_us >= 0
                                                 ? probe->latency_us
                                                 : clock_mono_us() - probe->started_us,
                               .body = info,
                               .n_body = info ? strlen(info) : 0,
                               .workspace = self->workspace};
    collector_finish(self->collector, probe->at, &outcome, check_redis);
}

static void finish(probe_t *probe, reason_t fault, const char *text)
{
    if (fault)
        probe->latency_us = -1; /* as long as it took */
    finish_with(probe, fault, text, NULL);
}

/* Sends COMMAND within what is left of the time-out. */
static void send_command(probe_t *probe, const char *command, redis_io_reply_fn *fn)
{
    int64_t left_us = probe->deadline_us - clock_mono_us();
    if (redis_io_command(probe->redis, 1, &command, NULL, left_us > 0 ? left_us : 1, fn, probe))
        finish(probe, REASON_RESOURCES, "Out of memory");
}

/* An error leaves the values of INFO missing: the user may lack the right to it. */
static void on_info(void *context, const redisReply *reply)
{
    probe_t *probe = context;
    if (!reply)
        return; /* on_closed says why */
    if (reply->type == REDIS_REPLY_ERROR) {
        finish(probe, REASON_NONE, NULL);
        return;
    }
    if (reply->type != REDIS_REPLY_STRING) {
        finish(probe, REASON_PROTOCOL, "Unexpected answer to INFO");
        return;
    }
    char *info = redis_info_json(reply->str, reply->len);
    if (info)
        finish_with(probe, REASON_NONE, NULL, info);
    else
        finish(probe, REASON_RESOURCES, "Out of memory");
    free(info);
}

static bool name_body(condition_t *const *conditions, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (condition_values(conditions[i]) & CONDITION_BIT(CONDITION_BODY))
            return true;
    return false;
}

static bool wants_info(const target_t *target)
{
    const conditions_t *all = target->conditions;
    return all && (name_body(all->conditions, all->n_conditions) ||
                   name_body(all->degraded_conditions, all->n_degraded_conditions));
}

static void on_pong(void *context, const redisReply *reply)
{
    probe_t *probe = context;
    if (!reply)
        return; /* on_closed says why */
    probe->latency_us = clock_mono_us() - probe->started_us;
    if (reply->type == REDIS_REPLY_ERROR)
        finish(probe, check_redis_error_reason(reply->str, reply->len), reply->str);
    else if (reply->type != REDIS_REPLY_STATUS || strcmp(reply->str, "PONG") != 0)
        finish(probe, REASON_PROTOCOL, "Unexpected answer to PING");
    else if (wants_info(probe->target))
        send_command(probe, "INFO", on_info);
    else
        finish(probe, REASON_NONE, NULL);
}

static void on_ready(void *context)
{
    send_command(context, "PING", on_pong);
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
    probe->target = target;
    probe->latency_us = -1;
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
