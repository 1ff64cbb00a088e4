/* The configuration: what is in force, and reading it anew. */
#include <stdlib.h>
#include <string.h>

#include "core/config_list.h"
#include "gateway/routes.h"

/* The file is read and every actor has to take it, also one that waits for its disk. */
#define RELOAD_ANSWER_US ((int64_t)40000000)

static reply_t *error_of(unsigned code, const char *detail)
{
    return reply_error(code, detail, strlen(detail));
}

/* --- what is in force --- */

void handle_config(gateway_t *gateway, const route_call_t *call)
{
    const config_t *config = gateway->args->config;
    config_list_t list;
    text_t body = {0};
    if (config_list_of(config, SETTINGS_SHOWN, &list)) {
        gateway_reply(gateway, call->request_id, NULL);
        return;
    }
    config_list_to_json(&list, config, &body);
    config_list_clear(&list);
    gateway_reply(gateway, call->request_id, reply_of_text(200, CONTENT_TYPE_JSON, &body));
}

/* --- reload --- */

/* A reload under way. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
} reload_call_t;

static reply_t *try_again(const char *detail)
{
    reply_t *reply = error_of(503, detail);
    if (reply && reply_add_header(reply, "Retry-After", "1"))
        reply_release(&reply);
    return reply;
}

static reply_t *reloaded(answer_t *answer)
{
    char *body = answer->text;
    answer->text = NULL;
    return body ? reply_new(200, CONTENT_TYPE_JSON, body, strlen(body)) : NULL;
}

static reply_t *outcome_of(answer_t *answer)
{
    if (!answer)
        return try_again("No answer in time; the configuration may have been read anew or not");
    const char *text = answer->text ? answer->text : "";
    switch (answer->outcome) {
    case ANSWER_OK:
        return reloaded(answer);
    case ANSWER_INVALID:
        return error_of(422, text);
    case ANSWER_CONFLICT:
        return error_of(409, text);
    default:
        return try_again(*text ? text : "The configuration cannot be read anew now");
    }
}

static void on_reloaded(void *context, answer_t **answer)
{
    reload_call_t *call = context;
    gateway_reply(call->gateway, call->request_id, outcome_of(*answer));
    free(call);
}

void handle_config_reload(gateway_t *gateway, const route_call_t *route_call)
{
    query_t query = {.verb = QUERY_CONFIG_RELOAD};
    if (query_flag(route_call->query, "force", &query.is_forced)) {
        gateway_reply(gateway, route_call->request_id, error_of(422, "force is true or false"));
        return;
    }
    reload_call_t *call = calloc(1, sizeof *call);
    if (!call) {
        gateway_reply(gateway, route_call->request_id, NULL);
        return;
    }
    *call = (reload_call_t){.gateway = gateway, .request_id = route_call->request_id};
    if (asks_send(gateway->asks, ASK_SUPERVISOR, &query, clock_mono_us() + RELOAD_ANSWER_US,
                  on_reloaded, call)) {
        free(call);
        gateway_reply(gateway, route_call->request_id, try_again("The supervisor cannot be asked"));
    }
}
