/* What is ordered of one target: a probe now, a pause, its end. */
#include <stdlib.h>
#include <string.h>

#include "core/orders.h"
#include "gateway/parameters.h"
#include "gateway/pause_body.h"
#include "gateway/routes.h"

/* The aggregator answers at the order's deadline at the latest; this is for one that is silent. */
#define PROBE_ANSWER_US (ORDER_WAIT_MAX_US + ASK_ANSWER_US)

/* An order under way. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
    char *target;
    pause_t pause; /* of a pause */
} order_call_t;

static void end_call(order_call_t *call)
{
    pause_clear(&call->pause);
    free(call->target);
    free(call);
}

/* {"outcome":OUTCOME,"target":...}, where START is that up to the name. */
static reply_t *outcome_only(unsigned code, const char *start, const order_call_t *call)
{
    return reply_around(code, start, call->target, strlen(call->target), "}");
}

/* Answers CALL with REPLY and ends it. */
static void finish(order_call_t *call, reply_t *reply)
{
    gateway_reply(call->gateway, call->request_id, reply);
    end_call(call);
}

/* --- which target --- */

/* Why no order can be given for CALL's target of N bytes, or NULL where one can. */
static reply_t *refusal_of(const order_call_t *call, size_t n)
{
    const config_t *config = call->gateway->args->config;
    long at = strlen(call->target) == n ? config_target_at(config, call->target) : -1;
    if (at < 0)
        return reply_refusal(404, "No such target");
    if (!target_is_probed(&config->targets[at]))
        return reply_refusal(409, "The target is not probed: its results come by themselves");
    return NULL;
}

/* The order that ROUTE_CALL wants for a target that can be ordered about; NULL where that is not so
 * and the request is answered. */
static order_call_t *begin_call(gateway_t *gateway, const route_call_t *route_call)
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
        return NULL;
    }
    reply_t *refusal = refusal_of(call, n);
    if (!refusal)
        return call;
    finish(call, refusal);
    return NULL;
}

/* --- a probe now --- */

static reply_t *show_result(const probe_result_t *result)
{
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    return reply_of_buffer(render_probe_result(result, &body), &body);
}

static reply_t *outcome_of_probe(const order_call_t *call, const answer_t *answer)
{
    if (!answer)
        return reply_refusal(503, "No answer in time; the target may have been probed or not");
    switch (answer->outcome) {
    case ANSWER_OK:
        return answer->result ? show_result(answer->result) : NULL;
    case ANSWER_STARTED:
        return outcome_only(202, "{\"outcome\":\"started\",\"target\":", call);
    case ANSWER_BUSY:
        return reply_refusal(429, "Too many probes are awaited already");
    default:
        return reply_refusal(404, "No such target");
    }
}

static void on_probed(void *context, answer_t **answer)
{
    order_call_t *call = context;
    finish(call, outcome_of_probe(call, *answer));
}

/* Reads ?dry_run= of ROUTE_CALL; 0, or -1 with *RET_REFUSAL. */
static int read_dry_run(const route_call_t *route_call, bool *ret, reply_t **ret_refusal)
{
    static const parameter_rule_t rules[] = {{.name = "dry_run"}};
    parameters_t parameters = {.n = 0};
    int rc = parameters_read(&parameters, route_call->query, rules, 1, ret_refusal) ||
                     parameters_boolean(&parameters, "dry_run", ret, ret_refusal)
                 ? -1
                 : 0;
    parameters_clear(&parameters);
    return rc;
}

void handle_probe(gateway_t *gateway, const route_call_t *route_call)
{
    order_call_t *call = begin_call(gateway, route_call);
    if (!call)
        return;
    query_t query = {.verb = QUERY_PROBE, .target = call->target};
    reply_t *refusal = NULL;
    if (read_dry_run(route_call, &query.is_dry_run, &refusal))
        finish(call, refusal);
    else if (asks_send(gateway->asks, ASK_HEALTH, &query, clock_mono_us() + PROBE_ANSWER_US,
                       on_probed, call))
        finish(call, reply_refusal(503, "No probe can be ordered now"));
}

/* --- pause and resume --- */

static reply_t *show_pause(const order_call_t *call)
{
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    return reply_of_buffer(render_pause(call->target, &call->pause, RENDER_JSON, &body), &body);
}

static reply_t *outcome_of_pause(const order_call_t *call, const answer_t *answer)
{
    bool is_pause = call->pause.by != NULL;
    if (!answer)
        return reply_refusal(503, "No answer in time; the order may have been carried out or not");
    switch (answer->outcome) {
    case ANSWER_OK:
        return is_pause ? show_pause(call)
                        : outcome_only(200, "{\"outcome\":\"resumed\",\"target\":", call);
    case ANSWER_REFUSED:
        return reply_refusal(503, "The order could not be stored; nothing was changed");
    case ANSWER_BUSY:
        return reply_refusal(429, "Too many targets are paused");
    case ANSWER_CONFLICT:
        return reply_refusal(409, "The target is not paused");
    default:
        return reply_refusal(404, "No such target");
    }
}

static void on_stored(void *context, answer_t **answer)
{
    order_call_t *call = context;
    finish(call, outcome_of_pause(call, *answer));
}

static void ask_alerts(order_call_t *call, query_verb_t verb)
{
    query_t query = {.verb = (int)verb,
                     .target = call->target,
                     .pause = verb == QUERY_PAUSE ? &call->pause : NULL};
    if (asks_send(call->gateway->asks, ASK_ALERTS, &query, clock_mono_us() + ASK_ANSWER_US,
                  on_stored, call))
        finish(call, reply_refusal(503, "Nothing can be stored now"));
}

void handle_pause(gateway_t *gateway, const route_call_t *route_call)
{
    order_call_t *call = begin_call(gateway, route_call);
    if (!call)
        return;
    int64_t now_us = clock_wall_us();
    reply_t *refusal = NULL;
    if (pause_body_read(route_call->body, route_call->content_type, now_us, &call->pause,
                        &refusal)) {
        finish(call, refusal);
        return;
    }
    call->pause.since_us = now_us;
    call->pause.by = strdup(route_call->by);
    if (call->pause.by)
        ask_alerts(call, QUERY_PAUSE);
    else
        finish(call, NULL);
}

void handle_resume(gateway_t *gateway, const route_call_t *route_call)
{
    order_call_t *call = begin_call(gateway, route_call);
    if (call)
        ask_alerts(call, QUERY_RESUME);
}
