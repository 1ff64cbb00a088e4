/*
 * The WebSocket collector: upgrade, a message, and the one that answers it, on a new connection for
 * each check. Owns the connections; emits probe_results.
 */
#include "core/probes/websocket.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "actors/collectors/collectors.h"
#include "actors/collectors/stream_collector.h"
#include "actors/io/websocket_key.h"
#include "core/websocket.h"

/* Status of an answer that takes the request (section 4.1), and code of a close that is no fault
 * (section 7.4.1). */
#define SWITCHING_PROTOCOLS 101
#define CLOSE_NORMAL        "\x03\xe8"
/* Bytes of what is said of a check that failed. */
#define SAID_BYTES 256

/* Of one check. */
typedef struct {
    char accept[WEBSOCKET_ACCEPT_BYTES];
    bool is_upgraded;
    websocket_head_t head; /* once it is there; its texts are those of HEAD_BYTES */
    text_t head_bytes;
    websocket_message_t message;
    int64_t work_left; /* of the expression */
} state_t;

static const websocket_settings_t *settings_of(const stream_probe_t *probe)
{
    return probe->target->options;
}

/* --- the end --- */

static void clear(void *context)
{
    state_t *state = context;
    text_clear(&state->head_bytes);
    text_clear(&state->message.text);
}

static void fail(stream_probe_t *probe, reason_t fault, const char *text)
{
    stream_probe_finish(probe, fault, text, NULL);
}

/* Ends the check with what was answered. REASON_NONE: it pleases. */
static void finish(stream_probe_t *probe, reason_t reason, const char *text)
{
    const state_t *state = probe->state;
    const check_answer_t answer = {
        .present = CONDITION_BIT(CONDITION_OUTPUT) | CONDITION_BIT(CONDITION_STATUS) |
                   CONDITION_BIT(CONDITION_HEADER),
        .status = state->head.status,
        .headers = state->head.headers,
        .n_headers = state->head.n_headers,
        .output = state->message.text.bytes ? state->message.text.bytes : "",
        .n_output = state->message.text.size,
        .verdict = reason ? STATUS_DOWN : STATUS_OK,
        .reason = reason,
        .text = text,
        .said_by = reason == REASON_STATUS ? CONDITION_STATUS : CONDITION_OUTPUT};
    stream_probe_finish(probe, REASON_NONE, NULL, &answer);
}

/* --- sending --- */

/* 0, or -1: the check has ended. */
static int send_text(stream_probe_t *probe, text_t *text)
{
    bool is_failed = text->is_failed;
    bool is_sent = !is_failed && stream_io_send(probe->stream, text->bytes, text->size) == 0;
    text_clear(text);
    if (is_failed)
        fail(probe, REASON_RESOURCES, "Out of memory");
    else if (!is_sent)
        finish(probe, REASON_PROTOCOL, "The server asks and does not read what it is answered");
    return is_sent ? 0 : -1;
}

static int send_frame(stream_probe_t *probe, websocket_operation_t operation, const char *payload,
                      size_t n)
{
    unsigned char mask[4];
    text_t frame = {0};
    if (websocket_key_mask(mask)) {
        fail(probe, REASON_RESOURCES, "There is no randomness");
        return -1;
    }
    websocket_frame_append(&frame, operation, payload, n, mask);
    return send_text(probe, &frame);
}

/* All is well: says goodbye, which nobody waits for. */
static void leave(stream_probe_t *probe)
{
    if (send_frame(probe, WEBSOCKET_CLOSE, CLOSE_NORMAL, 2) == 0)
        finish(probe, REASON_NONE, NULL);
}

/* Asks for the upgrade (section 4.1). */
static void on_ready(stream_probe_t *probe)
{
    state_t *state = probe->state;
    const websocket_settings_t *settings = settings_of(probe);
    const char *url = probe->target->url;
    const char *authority = strstr(url, "://") + 3;
    size_t n = strcspn(authority, "/?#");
    const char *path = authority + n;
    char key[WEBSOCKET_KEY_BYTES];
    text_t request = {0};
    if (websocket_key_new(key, state->accept)) {
        fail(probe, REASON_RESOURCES, "There is no randomness");
        return;
    }
    text_appendf(&request, "GET %s%.*s HTTP/1.1\r\nHost: %.*s\r\n", path[0] == '/' ? "" : "/",
                 (int)strcspn(path, "#"), path, (int)n, authority);
    text_appendf(&request,
                 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: %s\r\n",
                 key);
    if (settings->subprotocols.size > 0)
        text_appendf(&request, "Sec-WebSocket-Protocol: %s\r\n", settings->subprotocols.bytes);
    text_append(&request, settings->headers.bytes, settings->headers.size);
    text_append_string(&request, "\r\n");
    (void)send_text(probe, &request);
}

/* --- what comes --- */

/* The N bytes of the head become the check's own, and are parsed once more, there. */
static int keep_head(state_t *state, const char *bytes, size_t n)
{
    text_append(&state->head_bytes, bytes, n);
    return state->head_bytes.is_failed ||
                   websocket_head_parse(state->head_bytes.bytes, n, &state->head) != WEBSOCKET_WHOLE
               ? -1
               : 0;
}

/* 0: the connection is a websocket. -1: more must come, or the check has ended. */
static int take_head(stream_probe_t *probe)
{
    state_t *state = probe->state;
    const websocket_settings_t *settings = settings_of(probe);
    size_t n = 0;
    const char *bytes = stream_io_bytes(probe->stream, &n);
    websocket_outcome_t outcome = websocket_head_parse(bytes, n, &state->head);
    if (outcome == WEBSOCKET_MORE)
        return -1;
    if (outcome == WEBSOCKET_WRONG) {
        fail(probe, REASON_PROTOCOL, "The answer is no HTTP");
        return -1;
    }
    if (keep_head(state, bytes, state->head.n_bytes)) {
        fail(probe, REASON_RESOURCES, "Out of memory");
        return -1;
    }
    stream_io_consume(probe->stream, state->head.n_bytes);
    char said[SAID_BYTES];
    (void)snprintf(said, sizeof said, "Status code: %d", (int)state->head.status);
    if (state->head.status != SWITCHING_PROTOCOLS) {
        finish(probe, REASON_STATUS, said);
        return -1;
    }
    const char *fault =
        websocket_head_fault(&state->head, state->accept, settings->subprotocols.bytes);
    if (fault) {
        finish(probe, REASON_PROTOCOL, fault);
        return -1;
    }
    state->is_upgraded = true;
    if (!settings->send && !settings->expect) {
        leave(probe);
        return -1;
    }
    return settings->send
               ? send_frame(probe, WEBSOCKET_TEXT, settings->send, strlen(settings->send))
               : 0;
}

/* Looks at a whole message. 0: others are waited for; -1: the check has ended. */
static int take_message(stream_probe_t *probe)
{
    state_t *state = probe->state;
    const websocket_settings_t *settings = settings_of(probe);
    const text_t *text = &state->message.text;
    regex_outcome_t outcome = REGEX_MATCH;
    if (settings->expect) {
        condition_matcher_lend(probe->matcher, state->work_left);
        outcome = condition_regex_match(settings->expect, probe->matcher,
                                        text->bytes ? text->bytes : "", text->size);
        state->work_left = condition_matcher_left(probe->matcher);
    }
    if (outcome == REGEX_NO_MATCH)
        return 0;
    if (outcome == REGEX_MATCH)
        leave(probe);
    else if (outcome == REGEX_NO_MEMORY)
        fail(probe, REASON_RESOURCES, "Out of memory");
    else
        finish(probe, REASON_PROTOCOL, "`expect` took too much work");
    return -1;
}

static void take_close(stream_probe_t *probe, const websocket_frame_t *frame)
{
    const unsigned char *payload = (const unsigned char *)frame->payload;
    unsigned code = frame->n_payload >= 2 ? (unsigned)payload[0] << 8 | payload[1] : 0;
    char said[SAID_BYTES];
    (void)snprintf(said, sizeof said, "The server closed before an answer, code %u", code);
    finish(probe, REASON_PROTOCOL, said);
}

/* 0: more is waited for; -1: the check has ended. */
static int take_frame(stream_probe_t *probe, const websocket_frame_t *frame)
{
    state_t *state = probe->state;
    if (frame->operation == WEBSOCKET_PING)
        return send_frame(probe, WEBSOCKET_PONG, frame->payload, frame->n_payload);
    if (frame->operation == WEBSOCKET_PONG)
        return 0;
    if (frame->operation == WEBSOCKET_CLOSE) {
        take_close(probe, frame);
        return -1;
    }
    const char *fault = NULL;
    websocket_outcome_t outcome =
        websocket_message_add(&state->message, frame, settings_of(probe)->read_limit_bytes, &fault);
    if (outcome == WEBSOCKET_MORE)
        return 0;
    if (outcome == WEBSOCKET_WHOLE)
        return take_message(probe);
    if (state->message.text.is_failed)
        fail(probe, REASON_RESOURCES, fault);
    else
        finish(probe, REASON_PROTOCOL, fault);
    return -1;
}

static void on_received(stream_probe_t *probe)
{
    state_t *state = probe->state;
    if (!state->is_upgraded && take_head(probe))
        return;
    for (;;) {
        size_t n = 0;
        const char *bytes = stream_io_bytes(probe->stream, &n);
        const char *fault = NULL;
        websocket_frame_t frame;
        websocket_outcome_t outcome =
            websocket_frame_parse(bytes, n, settings_of(probe)->read_limit_bytes, &frame, &fault);
        if (outcome == WEBSOCKET_MORE)
            return;
        if (outcome == WEBSOCKET_WRONG) {
            finish(probe, REASON_PROTOCOL, fault);
            return;
        }
        if (take_frame(probe, &frame))
            return;
        stream_io_consume(probe->stream, frame.n_bytes);
    }
}

static void on_ended(stream_probe_t *probe, reason_t fault, const char *text)
{
    const state_t *state = probe->state;
    if (fault == REASON_TIMEOUT_RESPONSE && state->is_upgraded && state->message.text.size > 0) {
        char said[SAID_BYTES];
        (void)snprintf(said, sizeof said, "Request timeout: no message matched `%.150s`",
                       settings_of(probe)->expect_text ? settings_of(probe)->expect_text : "");
        finish(probe, fault, said);
    } else {
        fail(probe, fault ? fault : REASON_RESET, text);
    }
}

static int request_of(stream_probe_t *probe, endpoint_url_t *url, stream_io_request_t *request)
{
    state_t *state = probe->state;
    state->work_left = CONDITION_REGEX_WORK;
    request->is_secured = strncasecmp(probe->target->url, "wss:", 4) == 0;
    request->awaits_answer = true;
    /* The head, or a whole frame and what goes before its payload. */
    request->read_max_bytes = settings_of(probe)->read_limit_bytes + WEBSOCKET_HEAD_MAX_BYTES;
    return endpoint_url_parse(probe->target->url, request->is_secured ? "wss" : "ws",
                              request->is_secured ? 443 : 80, url);
}

static const stream_kind_t kind = {.type = PROBE_WEBSOCKET,
                                   .state_bytes = sizeof(state_t),
                                   .request = request_of,
                                   .ready = on_ready,
                                   .received = on_received,
                                   .ended = on_ended,
                                   .clear = clear};

void websocket_collector_actor(zsock_t *pipe, void *args)
{
    stream_collector_run(pipe, args, "websocket_collector", &kind);
}
