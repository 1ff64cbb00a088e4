/*
 * The TCP collector: connect, TLS where the options say so, and the dialogue, on a new connection
 * for each check. Owns the connections; emits probe_results.
 */
#include "core/probes/tcp.h"

#include <stdio.h>

#include "actors/collectors/collectors.h"
#include "actors/collectors/stream_collector.h"

/* Of one check. */
typedef struct {
    dialogue_run_t run;
} state_t;

static const tcp_settings_t *settings_of(const stream_probe_t *probe)
{
    return probe->target->options;
}

/* Ends the check; what came is its output whatever is said of it. REASON_NONE: all is well. */
static void finish(stream_probe_t *probe, reason_t reason, const char *text)
{
    check_answer_t answer = {.present = CONDITION_BIT(CONDITION_OUTPUT),
                             .verdict = reason ? STATUS_DOWN : STATUS_OK,
                             .reason = reason,
                             .text = text,
                             .said_by = CONDITION_OUTPUT};
    answer.output = stream_io_bytes(probe->stream, &answer.n_output);
    stream_probe_finish(probe, REASON_NONE, NULL, &answer);
}

/* Goes on with the dialogue. HAS_ENDED: nothing more will come. */
static void turn(stream_probe_t *probe, bool has_ended)
{
    state_t *state = probe->state;
    char fault[DIALOGUE_FAULT_BYTES] = "";
    text_t send = {0};
    dialogue_came_t came = {.has_ended = has_ended};
    came.bytes = stream_io_bytes(probe->stream, &came.n);
    dialogue_outcome_t outcome = dialogue_turn(&state->run, probe->matcher, &came, &send, fault);
    bool is_sent =
        has_ended || send.size == 0 || stream_io_send(probe->stream, send.bytes, send.size) == 0;
    text_clear(&send);
    if (outcome == DIALOGUE_NO_MEMORY || !is_sent)
        stream_probe_finish(probe, REASON_RESOURCES, "Out of memory", NULL);
    else if (outcome == DIALOGUE_FAILED)
        finish(probe, REASON_PROTOCOL, fault);
    else if (outcome == DIALOGUE_DONE)
        finish(probe, REASON_NONE, NULL);
    else if (has_ended)
        finish(probe, REASON_RESET, "Connection closed before TLS");
    else if (outcome == DIALOGUE_STARTS_TLS)
        stream_io_secure(probe->stream);
    else if (came.n >= settings_of(probe)->read_limit_bytes)
        finish(probe, REASON_PROTOCOL, "More came than read_limit allows, and no match in it");
}

static void on_ready(stream_probe_t *probe)
{
    turn(probe, false);
}

static void on_received(stream_probe_t *probe)
{
    turn(probe, false);
}

/* What came before is an answer, if not the one that was expected. */
static void on_ended(stream_probe_t *probe, reason_t fault, const char *text)
{
    const state_t *state = probe->state;
    size_t n = 0;
    (void)stream_io_bytes(probe->stream, &n);
    char said[DIALOGUE_FAULT_BYTES];
    if (!fault && n == 0) {
        stream_probe_finish(probe, REASON_RESET, "Connection closed before an answer", NULL);
    } else if (!fault) {
        turn(probe, true);
    } else if (fault == REASON_TIMEOUT_RESPONSE && n > 0) {
        (void)snprintf(said, sizeof said, "Request timeout: `%.200s` was not met by what came",
                       dialogue_awaited(&state->run));
        finish(probe, fault, said);
    } else {
        stream_probe_finish(probe, fault, text, NULL);
    }
}

static int request_of(stream_probe_t *probe, endpoint_url_t *url, stream_io_request_t *request)
{
    state_t *state = probe->state;
    const tcp_settings_t *settings = settings_of(probe);
    dialogue_begin(&state->run, &settings->dialogue);
    request->is_secured = settings->is_secured;
    request->awaits_answer = settings->dialogue.n_steps > 0;
    request->read_max_bytes = settings->read_limit_bytes;
    return endpoint_url_parse(probe->target->url, "tcp", 0, url);
}

static const stream_kind_t kind = {.type = PROBE_TCP,
                                   .state_bytes = sizeof(state_t),
                                   .request = request_of,
                                   .ready = on_ready,
                                   .received = on_received,
                                   .ended = on_ended};

void tcp_collector_actor(zsock_t *pipe, void *args)
{
    stream_collector_run(pipe, args, "tcp_collector", &kind);
}
