/* The sample platform: /control, where a test or a person says what breaks. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/platform.h"

#define DELAY_MAX_MS  600000
#define BIG_MAX_BYTES (INT64_C(1) << 30)

static const char *const mode_names[MODE_COUNT] = {
    "ok",  "status",   "slow", "hang", "reset",        "refuse", "drip",  "garbage", "short",
    "big", "redirect", "loop", "body", "invalid_utf8", "text",   "empty", "nan"};

const char platform_help[] =
    "sample_platform [--listen ADDRESS:PORT] [--separate]\n"
    "Plays the services that healthd watches; each answers 200 until it is told otherwise.\n"
    "  --listen    default 127.0.0.1:18000; port 0 takes a free one and says which\n"
    "  --separate  a further port for each target, printed before the last line, so that `refuse`\n"
    "              closes a listening socket; on the shared port refuse does as reset\n"
    "\n"
    "Targets: main_backend scheduler risk_guard ai_system system_health_monitor postgres\n"
    "         binance_api; `all` means each of them.\n"
    "  curl localhost:18000/control                                       every target's mode\n"
    "  curl -X POST 'localhost:18000/control/all?mode=ok'                 all healthy\n"
    "  curl -X POST 'localhost:18000/control/risk_guard?mode=status&code=503'\n"
    "  curl -X POST 'localhost:18000/control/scheduler?mode=slow&delay_ms=1200'\n"
    "  curl -X POST 'localhost:18000/control/postgres?mode=hang'          accept, never answer\n"
    "  curl -X POST 'localhost:18000/control/postgres?mode=reset'         RST instead of an "
    "answer\n"
    "  curl -X POST 'localhost:18000/control/postgres?mode=refuse'        nobody listens\n"
    "  curl -X POST 'localhost:18000/control/ai_system?mode=drip'         a byte each 100 ms\n"
    "  curl -X POST 'localhost:18000/control/ai_system?mode=garbage'      bytes, but not HTTP\n"
    "  curl -X POST 'localhost:18000/control/ai_system?mode=short'        less than "
    "Content-Length\n"
    "  curl -X POST 'localhost:18000/control/ai_system?mode=big&bytes=300000'\n"
    "  curl -X POST 'localhost:18000/control/ai_system?mode=redirect&to=/health'\n"
    "  curl -X POST 'localhost:18000/control/ai_system?mode=loop'         redirects to itself\n"
    "  curl -d '{\"a\":1}' 'localhost:18000/control/ai_system?mode=body'    this body\n"
    "  ... and mode=text, empty, nan, invalid_utf8. Each mode that answers takes code= and\n"
    "  delay_ms= as well.\n";

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned code,
                                   const char *text)
{
    return answer_bytes(connection, code, "text/plain; charset=utf-8", text, strlen(text));
}

static json_t *control_state(const platform_t *platform)
{
    json_t *all = json_object();
    for (size_t i = 0; i < N_TARGETS; i++) {
        const target_t *target = &platform->targets[i];
        const behaviour_t *behaviour = &target->behaviour;
        json_t *one = json_pack(
            "{s:s, s:s, s:i, s:I, s:I, s:i, s:i}", "mode", mode_names[behaviour->mode], "path",
            target->path, "code", (int)behaviour->code, "delay_ms", (json_int_t)behaviour->delay_ms,
            "requests", (json_int_t)target->requests, "in_flight", (int)target->in_flight,
            "in_flight_max", (int)target->in_flight_max);
        if (platform->is_separate)
            json_object_set_new(one, "port", json_integer(ntohs(target->port.address.sin_port)));
        json_object_set_new(all, target->name, one);
    }
    return all;
}

/* Answers with every target's mode. */
static enum MHD_Result answer_state(struct MHD_Connection *connection, const platform_t *platform)
{
    json_t *state = control_state(platform);
    char *text = json_dumps(state, JSON_INDENT(2));
    json_decref(state);
    if (!text)
        return MHD_NO;
    enum MHD_Result rc =
        answer_bytes(connection, MHD_HTTP_OK, "application/json", text, strlen(text));
    free(text);
    return rc;
}

/* Number of the query's argument NAME within [LOW, HIGH]; OTHERWISE where it is not there.
 * Sets *IS_BAD where it is there and no such number. */
static int64_t query_number(struct MHD_Connection *connection, const char *name, int64_t low,
                            int64_t high, int64_t otherwise, bool *is_bad)
{
    const char *text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
    if (!text)
        return otherwise;
    char *end;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || number < low || number > high)
        *is_bad = true;
    return number;
}

/* Reads the behaviour that a control request asks for; gives NULL or why it is refused. */
static const char *behaviour_read(request_t *request, behaviour_t *behaviour)
{
    struct MHD_Connection *connection = request->connection;
    const char *mode = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "mode");
    const char *to = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "to");
    size_t m = 0;
    while (m < MODE_COUNT && (!mode || strcmp(mode, mode_names[m]) != 0))
        m++;
    if (m == MODE_COUNT)
        return "mode is not one of those that /control/help names\n";
    bool is_bad = false;
    *behaviour = (behaviour_t){.mode = (fault_mode_t)m};
    int64_t code = m == MODE_STATUS ? 500 : 200;
    int64_t delay_ms = m == MODE_SLOW ? 1200 : 0;
    behaviour->code = (unsigned)query_number(connection, "code", 200, 999, code, &is_bad);
    behaviour->delay_ms = query_number(connection, "delay_ms", 0, DELAY_MAX_MS, delay_ms, &is_bad);
    behaviour->big_bytes =
        (uint64_t)query_number(connection, "bytes", 2, BIG_MAX_BYTES, 300000, &is_bad);
    if (is_bad)
        return "code must be 200..999, delay_ms 0..600000, bytes 2..1073741824\n";
    if (m == MODE_REDIRECT && !to)
        return "redirect needs to=URL\n";
    behaviour->location = to ? strdup(to) : NULL;
    behaviour->body = malloc(request->n_body + 1);
    if (!behaviour->body || (to && !behaviour->location))
        return "memory ran out\n";
    if (request->n_body > 0)
        memcpy(behaviour->body, request->body, request->n_body);
    behaviour->n_body = request->n_body;
    return NULL;
}

void behaviour_clear(behaviour_t *behaviour)
{
    free(behaviour->location);
    free(behaviour->body);
    *behaviour = (behaviour_t){.code = MHD_HTTP_OK};
}

/* Takes over what BEHAVIOUR owns. */
static const char *target_change(target_t *target, behaviour_t *behaviour)
{
    behaviour_clear(&target->behaviour);
    target->behaviour = *behaviour;
    *behaviour = (behaviour_t){.code = MHD_HTTP_OK};
    if (!target->port.platform->is_separate)
        return NULL;
    if (target->behaviour.mode == MODE_REFUSE)
        port_close(&target->port);
    else if (!target->port.daemon && port_open(&target->port))
        return "the target's port cannot be opened again\n";
    return NULL;
}

static enum MHD_Result control_post(request_t *request, const char *name)
{
    platform_t *platform = request->port->platform;
    bool is_all = strcmp(name, "all") == 0, is_known = false;
    const char *refused = NULL;
    for (size_t i = 0; i < N_TARGETS && !refused; i++) {
        target_t *target = &platform->targets[i];
        if (!is_all && strcmp(name, target->name) != 0)
            continue;
        is_known = true;
        behaviour_t behaviour = {.mode = MODE_OK};
        refused = behaviour_read(request, &behaviour);
        if (!refused)
            refused = target_change(target, &behaviour);
        behaviour_clear(&behaviour);
    }
    if (!is_known)
        return answer_text(request->connection, MHD_HTTP_NOT_FOUND, "no such target\n");
    if (refused)
        return answer_text(request->connection, MHD_HTTP_BAD_REQUEST, refused);
    return answer_state(request->connection, platform);
}

enum MHD_Result answer_control(request_t *request, const char *path, const char *method)
{
    struct MHD_Connection *connection = request->connection;
    bool is_post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    if (is_post && strncmp(path, "/control/", 9) == 0)
        return control_post(request, path + 9);
    if (!is_post && strcmp(path, "/control") == 0)
        return answer_state(connection, request->port->platform);
    if (!is_post && strcmp(path, "/control/help") == 0)
        return answer_text(connection, MHD_HTTP_OK, platform_help);
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "try /control/help\n");
}
