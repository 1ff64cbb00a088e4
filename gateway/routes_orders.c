/* What is ordered of one target: a probe now. */
#include <stdlib.h>
#include <string.h>

#include "core/orders.h"
#include "gateway/routes.h"

/* The aggregator answers at the order's deadline at the latest; this is for one that is silent. */
#define PROBE_ANSWER_US (ORDER_WAIT_MAX_US + ASK_ANSWER_US)

/* An order under way. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
    char *target;
} order_call_t;

static void end_call(order_call_t *call)
{
    free(call->target);
    free(call);
}

static reply_t *error_of(unsigned code, const char *detail)
{
    return reply_error(code, detail, strlen(detail));
}

static reply_t *try_again(unsigned code, const char *detail)
{
    reply_t *reply = error_of(code, detail);
    if (reply && reply_add_header(reply, "Retry-After", "1"))
        reply_release(&reply);
    return reply;
}

static reply_t *started(const order_call_t *call)
{
    return reply_around(202, "{\"outcome\":\"started\",\"target\":", call->target,
                        strlen(call->target), "}");
}

static reply_t *finished(const probe_result_t *result)
{
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    return reply_of_buffer(render_probe_result(result, RENDER_JSON, &body), &body);
}

static reply_t *outcome_of(const order_call_t *call, const answer_t *answer)
{
    if (!answer)
        return try_again(503, "No answer in time; the target may have been probed or not");
    switch (answer->outcome) {
    case ANSWER_OK:
        return answer->result ? finished(answer->result) : NULL;
    case ANSWER_STARTED:
        return started(call);
    case ANSWER_BUSY:
        return try_again(429, "Too many probes are awaited already");
    default:
        return error_of(404, "No such target");
    }
}

static void on_probed(void *context, answer_t **answer)
{
    order_call_t *call = context;
    gateway_reply(call->gateway, call->request_id, outcome_of(call, *answer));
    end_call(call);
}

/* Answers CALL with REPLY and ends it. */
static void refuse(order_call_t *call, reply_t *reply)
{
    gateway_reply(call->gateway, call->request_id, reply);
    end_call(call);
}

/* Why no order can be given for CALL's target of N bytes, or NULL where one can. */
static reply_t *refusal_of(const order_call_t *call, size_t n)
{
    const config_t *config = call->gateway->args->config;
    long at = strlen(call->target) == n ? config_target_at(config, call->target) : -1;
    if (at < 0)
        return error_of(404, "No such target");
    if (config->targets[at].type == PROBE_PASSIVE)
        return error_of(409, "The target is not probed: its results come by themselves");
    return NULL;
}

void handle_probe(gateway_t *gateway, const route_call_t *route_call)
{
    order_call_t *call = calloc(1, sizeof *call);
    size_t n = 0;
    if (call) {
        call->gateway = gateway;
        call->request_id = route_call->request_id;
        call->target = path_decode(route_call->parameter, false, &n);
    }
    if (!call || !call->target) {
        gateway_reply(gateway, route_call->request_id, NULL);
        free(call);
        return;
    }
    query_t query = {.verb = QUERY_PROBE, .target = call->target};
    if (query_flag(route_call->query, "dry_run", &query.is_dry_run)) {
        refuse(call, error_of(422, "dry_run is true or false"));
        return;
    }
    reply_t *refusal = refusal_of(call, n);
    if (refusal) {
        refuse(call, refusal);
        return;
    }
    if (asks_send(gateway->asks, ASK_HEALTH, &query, clock_mono_us() + PROBE_ANSWER_US, on_probed,
                  call))
        refuse(call, try_again(503, "No probe can be ordered now"));
}
