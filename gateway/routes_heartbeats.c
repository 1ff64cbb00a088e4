/*
 * Pings of heartbeats: /ping/TOKEN for one-liners of a crontab, and /api/v1/heartbeats/NAME for
 * programs. The token of the target is the only credential.
 */
#include <stdlib.h>
#include <string.h>

#include "core/ping_log.h"
#include "gateway/auth.h"
#include "gateway/parameters.h"
#include "gateway/routes.h"

#define CONTENT_TYPE_TEXT "text/plain; charset=utf-8"

/* A ping under way. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
    char *target;
    int signal;
    bool is_by_name; /* asked for below /api/v1 */
} ping_call_t;

static void finish(ping_call_t *call, reply_t *reply)
{
    gateway_reply(call->gateway, call->request_id, reply);
    free(call->target);
    free(call);
}

/* --- the answer --- */

static reply_t *noted(const ping_call_t *call)
{
    static const char *const starts[PING_SIGNAL_COUNT] = {
        [PING_START] = "{\"outcome\":\"noted\",\"signal\":\"start\",\"target\":",
        [PING_SUCCESS] = "{\"outcome\":\"noted\",\"signal\":\"success\",\"target\":",
        [PING_FAIL] = "{\"outcome\":\"noted\",\"signal\":\"fail\",\"target\":",
        [PING_LOG] = "{\"outcome\":\"noted\",\"signal\":\"log\",\"target\":",
    };
    if (call->is_by_name)
        return reply_around(200, starts[call->signal], call->target, strlen(call->target), "}");
    char *text = strdup("OK");
    return text ? reply_new(200, CONTENT_TYPE_TEXT, text, strlen(text)) : NULL;
}

static reply_t *outcome_of(const ping_call_t *call, const answer_t *answer)
{
    if (!answer)
        return reply_refusal(503, "No answer in time; the ping may have been noted or not");
    switch (answer->outcome) {
    case ANSWER_OK:
        return noted(call);
    case ANSWER_REFUSED:
        return reply_refusal(503, "The ping counts, but could not be stored; send it again");
    case ANSWER_BUSY:
        return reply_refusal(429, "Too many pings of this heartbeat");
    default:
        return reply_refusal(404, "Not Found");
    }
}

static void on_answer(void *context, answer_t **answer)
{
    ping_call_t *call = context;
    finish(call, outcome_of(call, *answer));
}

/* --- the ping --- */

/* Reads what stands behind the token or name: nothing, a word, or an exit code. 0, or -1: it is
 * none of them. */
static int read_signal(slice_t part, ping_t *ret)
{
    static const int words[] = {PING_START, PING_FAIL, PING_LOG};
    *ret = (ping_t){.signal = PING_SUCCESS, .exit_code = -1};
    if (part.n == 0)
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *name = ping_signal_name(words[i]);
        if (part.n == strlen(name) && memcmp(part.text, name, part.n) == 0) {
            ret->signal = words[i];
            return 0;
        }
    }
    int64_t code = 0;
    for (size_t i = 0; i < part.n; i++) {
        if (part.text[i] < '0' || part.text[i] > '9' || i == 3)
            return -1;
        code = code * 10 + (part.text[i] - '0');
    }
    if (code > PING_EXIT_CODE_MAX)
        return -1;
    ret->exit_code = code;
    ret->signal = code == 0 ? PING_SUCCESS : PING_FAIL;
    return 0;
}

/* Asks for the ping of ROUTE_CALL to be noted for TARGET. */
static void note(gateway_t *gateway, const route_call_t *route_call, const target_t *target,
                 bool is_by_name)
{
    ping_t ping;
    if (read_signal(route_call->second_parameter, &ping)) {
        gateway_reply(gateway, route_call->request_id, reply_refusal(404, "Not Found"));
        return;
    }
    ping_call_t *call = calloc(1, sizeof *call);
    char *name = strdup(target->name);
    if (!call || !name || ping_log_of_body(route_call->body.text, route_call->body.n, &ping.log)) {
        free(call);
        free(name);
        gateway_reply(gateway, route_call->request_id, NULL);
        return;
    }
    *call = (ping_call_t){.gateway = gateway,
                          .request_id = route_call->request_id,
                          .target = name,
                          .signal = ping.signal,
                          .is_by_name = is_by_name};
    query_t query = {.verb = QUERY_PING, .target = name, .ping = &ping};
    if (asks_send(gateway->asks, ASK_HEARTBEATS, &query, clock_mono_us() + ASK_ANSWER_US, on_answer,
                  call))
        finish(call, reply_refusal(503, "No ping can be noted now"));
    free(ping.log);
}

/* --- who pings --- */

void handle_ping(gateway_t *gateway, const route_call_t *route_call)
{
    size_t n = 0;
    char *token = path_decode(route_call->parameter, false, &n);
    const target_t *target = token ? auth_tokens_find(&gateway->tokens, token, n) : NULL;
    if (target)
        note(gateway, route_call, target, false);
    else
        gateway_reply(gateway, route_call->request_id,
                      token ? reply_refusal(404, "Not Found") : NULL);
    free(token);
}

/* The target whose token the request carries, as a bearer or as ?token=; NULL: none. 0, or -1 with
 * *RET_REFUSAL. */
static int read_credential(const gateway_t *gateway, const route_call_t *route_call,
                           const target_t **ret, reply_t **ret_refusal)
{
    static const parameter_rule_t rules[] = {{.name = "token"}};
    parameters_t parameters = {.n = 0};
    int rc = parameters_read(&parameters, route_call->query, rules, 1, ret_refusal);
    const char *token = rc == 0 ? auth_bearer(route_call->authorization) : NULL;
    if (rc == 0 && !token)
        token = parameters_text(&parameters, "token");
    *ret = token ? auth_tokens_find(&gateway->tokens, token, strlen(token)) : NULL;
    parameters_clear(&parameters);
    return rc;
}

/* 401, whether there is such a heartbeat or not. */
static reply_t *not_authenticated(void)
{
    reply_t *reply = reply_refusal(401, "Not authenticated");
    if (reply && reply_add_header(reply, "WWW-Authenticate", "Bearer"))
        reply_release(&reply);
    return reply;
}

void handle_heartbeat(gateway_t *gateway, const route_call_t *route_call)
{
    const target_t *target = NULL;
    reply_t *refusal = NULL;
    size_t n = 0;
    if (read_credential(gateway, route_call, &target, &refusal)) {
        gateway_reply(gateway, route_call->request_id, refusal);
        return;
    }
    char *name = path_decode(route_call->parameter, false, &n);
    bool is_its = name && target && strlen(target->name) == n && memcmp(target->name, name, n) == 0;
    if (is_its)
        note(gateway, route_call, target, true);
    else
        gateway_reply(gateway, route_call->request_id, name ? not_authenticated() : NULL);
    free(name);
}
