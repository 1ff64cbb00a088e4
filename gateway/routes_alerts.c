#include <stdlib.h>
#include <string.h>

#include "gateway/routes.h"

/* Alerts that GET /alerts/history shows: without a limit, at least and at most. */
#define HISTORY_LIMIT_DEFAULT 100
#define HISTORY_LIMIT_MIN     1
#define HISTORY_LIMIT_MAX     500

/* --- lists --- */

static reply_t *render_list(const view_input_t *input, int64_t limit)
{
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    int rc =
        render_alerts(input->alerts->alerts, input->alerts->n_alerts, limit, RENDER_JSON, &body);
    return reply_of_buffer(rc, &body);
}

reply_t *render_alerts_active_view(view_input_t *input)
{
    return render_list(input, 0);
}

reply_t *render_history_view(view_input_t *input)
{
    return render_list(input, input->limit);
}

void handle_alerts_active(gateway_t *gateway, const route_call_t *call)
{
    views_show(gateway->views, VIEW_ALERTS_ACTIVE, 0, call->request_id);
}

/* The 422 for a limit that is no number; INPUT is N bytes. NULL where memory ran out. */
static reply_t *limit_refused(const char *input, size_t n)
{
    return reply_around(422,
                        "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],"
                        "\"msg\":\"Input should be a valid integer, unable to parse string as an "
                        "integer\",\"input\":",
                        input, n, "}]}");
}

void handle_alerts_history(gateway_t *gateway, const route_call_t *call)
{
    int64_t limit = HISTORY_LIMIT_DEFAULT;
    slice_t encoded;
    if (query_value(call->query, "limit", &encoded)) {
        size_t n;
        char *text = path_decode(encoded, true, &n);
        if (!text || integer_clamped(text, n, HISTORY_LIMIT_MIN, HISTORY_LIMIT_MAX, &limit)) {
            gateway_reply(gateway, call->request_id, text ? limit_refused(text, n) : NULL);
            free(text);
            return;
        }
        free(text);
    }
    views_show(gateway->views, VIEW_ALERTS_HISTORY, limit, call->request_id);
}

/* --- clear --- */

/* A clear under way. */
typedef struct {
    gateway_t *gateway;
    uint64_t request_id;
    char *alert_id;
    size_t n_alert_id;
} clear_t;

static void end_clear(clear_t *clear)
{
    free(clear->alert_id);
    free(clear);
}

/* The JSON string BEFORE, ID, AFTER between START and "}"; NULL where memory ran out. */
static reply_t *reply_about(unsigned code, const char *start, const char *before,
                            const clear_t *clear, const char *after)
{
    text_t text = {0};
    text_append_string(&text, before);
    text_append(&text, clear->alert_id, clear->n_alert_id); /* which may hold NULs */
    text_append_string(&text, after);
    size_t n = text.size;
    char *string = text_take(&text);
    reply_t *reply = string ? reply_around(code, start, string, n, "}") : NULL;
    free(string);
    return reply;
}

static reply_t *not_found(const clear_t *clear)
{
    return reply_about(404, "{\"detail\":", "Alert not found: ", clear, "");
}

static reply_t *try_again(const char *detail)
{
    reply_t *reply = reply_error(503, detail, strlen(detail));
    if (reply && reply_add_header(reply, "Retry-After", "1"))
        reply_release(&reply);
    return reply;
}

static reply_t *outcome_of(const clear_t *clear, const answer_t *answer)
{
    if (!answer)
        return try_again("No answer in time; the alert may have been cleared or not");
    switch (answer->outcome) {
    case ANSWER_OK:
        return reply_about(200, "{\"status\":\"ok\",\"message\":", "Alert ", clear, " cleared");
    case ANSWER_NOT_FOUND:
        return not_found(clear);
    default:
        return try_again("The clear could not be stored; nothing was changed");
    }
}

static void on_cleared(void *context, answer_t **answer)
{
    clear_t *clear = context;
    gateway_reply(clear->gateway, clear->request_id, outcome_of(clear, *answer));
    end_clear(clear);
}

/* Whether an alert can have this id at all. */
static bool is_possible_id(const clear_t *clear)
{
    return clear->n_alert_id <= ALERT_ID_MAX_BYTES &&
           !memchr(clear->alert_id, '\0', clear->n_alert_id);
}

void handle_alert_clear(gateway_t *gateway, const route_call_t *call)
{
    clear_t *clear = calloc(1, sizeof *clear);
    if (clear) {
        clear->gateway = gateway;
        clear->request_id = call->request_id;
        clear->alert_id = path_decode(call->parameter, false, &clear->n_alert_id);
    }
    if (!clear || !clear->alert_id) {
        gateway_reply(gateway, call->request_id, NULL);
        free(clear);
        return;
    }
    if (!is_possible_id(clear)) {
        gateway_reply(gateway, call->request_id, not_found(clear));
        end_clear(clear);
        return;
    }
    query_t query = {.verb = QUERY_ALERT_CLEAR, .alert_id = clear->alert_id};
    if (asks_send(gateway->asks, ASK_ALERTS, &query, clock_mono_us() + ASK_ANSWER_US, on_cleared,
                  clear)) {
        gateway_reply(gateway, call->request_id, try_again("The alerts cannot be asked now"));
        end_clear(clear);
    }
}
