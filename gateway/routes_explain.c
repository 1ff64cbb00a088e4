/* Why a status is what it is, as the aggregator tells it. */
#include <stdlib.h>
#include <string.h>

#include "gateway/routes.h"

/* A question under way. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
} explain_call_t;

static reply_t *explained(answer_t *answer)
{
    if (!answer)
        return reply_refusal(503, "No answer in time");
    if (answer->outcome == ANSWER_NOT_FOUND)
        return reply_refusal(404, "No such target");
    char *body = answer->outcome == ANSWER_OK ? answer->text : NULL;
    if (!body)
        return reply_refusal(503, "The status cannot be explained now");
    answer->text = NULL;
    return reply_new(200, CONTENT_TYPE_JSON, body, strlen(body));
}

static void on_explained(void *context, answer_t **answer)
{
    explain_call_t *call = context;
    gateway_reply(call->gateway, call->request_id, explained(*answer));
    free(call);
}

/* Asks QUERY, whose target is NULL where it is about the system. */
static void ask(gateway_t *gateway, const route_call_t *route_call, query_t *query)
{
    explain_call_t *call = calloc(1, sizeof *call);
    if (!call) {
        gateway_reply(gateway, route_call->request_id, NULL);
        return;
    }
    *call = (explain_call_t){.gateway = gateway, .request_id = route_call->request_id};
    if (asks_send(gateway->asks, ASK_HEALTH, query, clock_mono_us() + ASK_ANSWER_US, on_explained,
                  call)) {
        free(call);
        gateway_reply(gateway, route_call->request_id,
                      reply_refusal(503, "The status cannot be explained now"));
    }
}

void handle_explain(gateway_t *gateway, const route_call_t *route_call)
{
    query_t query = {.verb = QUERY_EXPLAIN};
    ask(gateway, route_call, &query);
}

void handle_explain_target(gateway_t *gateway, const route_call_t *route_call)
{
    size_t n = 0;
    char *name = path_decode(route_call->parameter, false, &n);
    query_t query = {.verb = QUERY_EXPLAIN, .target = name};
    bool is_name = name && strlen(name) == n && n <= TARGET_NAME_MAX_BYTES;
    if (is_name && config_target_at(gateway->args->config, name) >= 0)
        ask(gateway, route_call, &query);
    else
        gateway_reply(gateway, route_call->request_id,
                      name ? reply_refusal(404, "No such target") : NULL);
    free(name);
}
