/* What is known of targets: pages of them, and one whole. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/snapshot_view.h"
#include "gateway/routes.h"
#include "gateway/target_body.h"

static const char no_state[] = "The state is not there yet, try again";
static const char no_target[] = "No such target";

/* A request that waits for a state. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
    target_query_t query; /* of a list */
    char *name;           /* of one target; else NULL */
    answer_t *evidence;   /* of that target, once it is there */
} target_call_t;

static void end_call(target_call_t *call)
{
    target_query_clear(&call->query);
    answer_destroy(&call->evidence);
    free(call->name);
    free(call);
}

/* REPLY shows the state of VERSION: a reader that has it already need not get it again. */
static reply_t *with_tag(const target_call_t *call, reply_t *reply, uint64_t version)
{
    if (reply)
        (void)snprintf(reply->etag, sizeof reply->etag, "%s-%" PRIu64,
                       call->gateway->args->start_id, version);
    return reply;
}

/* The same of one target. A failed check that decides nothing leaves evidence without another
 * version; the store drops the oldest of all targets: the newest and the number name what is shown.
 */
static reply_t *with_evidence_tag(const target_call_t *call, reply_t *reply, uint64_t version)
{
    const answer_t *answer = call->evidence;
    if (!with_tag(call, reply, version) || answer->n_evidence == 0)
        return reply;
    size_t n = strlen(reply->etag);
    (void)snprintf(reply->etag + n, sizeof reply->etag - n, "-%" PRId64 "-%zu",
                   answer->evidence[0].at_us, answer->n_evidence);
    return reply;
}

static reply_t *reply_of_one(const target_call_t *call, const snapshot_t *state)
{
    const target_state_t *target = snapshot_target_at(state, call->name);
    if (!target)
        return reply_refusal(404, no_target);
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    int rc = target_body_one(state, target, call->gateway->args->config, call->evidence->evidence,
                             call->evidence->n_evidence, &body);
    return with_evidence_tag(call, reply_of_buffer(rc, &body), state->version);
}

static reply_t *reply_of(const target_call_t *call, const snapshot_t *state)
{
    if (!state)
        return reply_refusal(503, no_state);
    if (call->name)
        return reply_of_one(call, state);
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    int rc = target_body_list(state, call->gateway->args->config, &call->query, &body);
    return with_tag(call, reply_of_buffer(rc, &body), state->version);
}

static void on_state(void *context, const snapshot_t *state)
{
    target_call_t *call = context;
    gateway_reply(call->gateway, call->request_id, reply_of(call, state));
    end_call(call);
}

static target_call_t *call_new(gateway_t *gateway, const route_call_t *route_call)
{
    target_call_t *call = calloc(1, sizeof *call);
    if (call) {
        call->gateway = gateway;
        call->request_id = route_call->request_id;
        return call;
    }
    gateway_reply(gateway, route_call->request_id, NULL);
    return NULL;
}

/* Answers CALL with REPLY and ends it. */
static void refuse(target_call_t *call, reply_t *reply)
{
    gateway_reply(call->gateway, call->request_id, reply);
    end_call(call);
}

static void show(target_call_t *call)
{
    if (live_show(call->gateway->live, on_state, call))
        refuse(call, reply_refusal(503, no_state));
}

void handle_targets(gateway_t *gateway, const route_call_t *route_call)
{
    target_call_t *call = call_new(gateway, route_call);
    reply_t *refusal;
    if (!call)
        return;
    if (target_query_read(&call->query, route_call->query, &refusal))
        refuse(call, refusal);
    else
        show(call);
}

/* The evidence comes first: the state that is shown with it is then no older. */
static void on_evidence(void *context, answer_t **answer)
{
    target_call_t *call = context;
    if (!*answer) {
        refuse(call, reply_refusal(503, no_state));
        return;
    }
    call->evidence = *answer;
    *answer = NULL;
    show(call);
}

void handle_target(gateway_t *gateway, const route_call_t *route_call)
{
    target_call_t *call = call_new(gateway, route_call);
    size_t n = 0;
    if (!call)
        return;
    call->name = path_decode(route_call->parameter, false, &n);
    query_t query = {.verb = QUERY_EVIDENCE, .target = call->name};
    if (!call->name)
        refuse(call, NULL);
    else if (strlen(call->name) != n || config_target_at(gateway->args->config, call->name) < 0)
        refuse(call, reply_refusal(404, no_target));
    else if (asks_send(gateway->asks, ASK_HEALTH, &query, clock_mono_us() + ASK_ANSWER_US,
                       on_evidence, call))
        refuse(call, reply_refusal(503, no_state));
}
