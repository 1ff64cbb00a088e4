/* What is known of targets: pages of them, and one whole. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/snapshot_view.h"
#include "gateway/routes.h"
#include "gateway/target_body.h"

static const char no_state[] = "The state is not there yet, try again";

/* A request that waits for a state. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
    target_query_t query; /* of a list */
    char *name;           /* of one target; else NULL */
} target_call_t;

static void end_call(target_call_t *call)
{
    target_query_clear(&call->query);
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

static reply_t *reply_of(const target_call_t *call, const snapshot_t *state)
{
    if (!state)
        return reply_refusal(503, no_state);
    const config_t *config = call->gateway->args->config;
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    if (!call->name) {
        int rc = target_body_list(state, config, &call->query, &body);
        return with_tag(call, reply_of_buffer(rc, &body), state->version);
    }
    const target_state_t *target = snapshot_target_at(state, call->name);
    if (!target)
        return reply_refusal(404, "No such target");
    int rc = target_body_one(target, config, &body);
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

void handle_target(gateway_t *gateway, const route_call_t *route_call)
{
    target_call_t *call = call_new(gateway, route_call);
    size_t n = 0;
    if (!call)
        return;
    call->name = path_decode(route_call->parameter, false, &n);
    if (!call->name)
        refuse(call, NULL);
    else if (strlen(call->name) != n)
        refuse(call, reply_refusal(404, "No such target"));
    else
        show(call);
}
