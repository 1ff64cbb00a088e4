/*
 * The UDP collector: a datagram, and an answer that pleases. Owns the sockets; emits probe_results.
 */
#include "core/probes/udp.h"

#include <stdio.h>

#include "actors/collectors/collectors.h"
#include "actors/collectors/stream_collector.h"

/* Bytes of all answers of a check. */
#define READ_MAX_BYTES ((size_t)64 << 10)
/* Bytes of what is said of a check that failed. */
#define SAID_BYTES 256

/* Of one check. */
typedef struct {
    bool is_answered;
    size_t from;       /* in what came: where the next answer begins */
    int64_t work_left; /* of the expression */
} state_t;

static const udp_settings_t *settings_of(const stream_probe_t *probe)
{
    return probe->target->options;
}

/* Ends the check with what came. REASON_NONE: it pleases. */
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

/* Comes again where an address has refused it and the next one takes its turn. */
static void on_ready(stream_probe_t *probe)
{
    const udp_settings_t *settings = settings_of(probe);
    const char *bytes = settings->send.bytes ? settings->send.bytes : "";
    if (stream_io_send(probe->stream, bytes, settings->send.size))
        stream_probe_finish(probe, REASON_RESOURCES, "The datagram could not be sent", NULL);
}

static regex_outcome_t match(stream_probe_t *probe, const char *bytes, size_t n)
{
    state_t *state = probe->state;
    const udp_settings_t *settings = settings_of(probe);
    if (!settings->expect)
        return REGEX_MATCH;
    condition_matcher_lend(probe->matcher, state->work_left);
    regex_outcome_t outcome = condition_regex_match(settings->expect, probe->matcher, bytes, n);
    state->work_left = condition_matcher_left(probe->matcher);
    return outcome;
}

/* Each answer is looked at by itself; one that does not please may be that of an earlier check, so
 * that others are waited for. */
static void on_received(stream_probe_t *probe)
{
    state_t *state = probe->state;
    size_t n = 0;
    const char *bytes = stream_io_bytes(probe->stream, &n);
    state->is_answered = true;
    regex_outcome_t outcome = match(probe, bytes + state->from, n - state->from);
    state->from = n;
    if (outcome == REGEX_MATCH)
        finish(probe, REASON_NONE, NULL);
    else if (outcome == REGEX_NO_MEMORY)
        stream_probe_finish(probe, REASON_RESOURCES, "Out of memory", NULL);
    else if (outcome == REGEX_GAVE_UP)
        finish(probe, REASON_PROTOCOL, "`expect` took too much work");
    else if (n >= READ_MAX_BYTES)
        finish(probe, REASON_PROTOCOL, "Too much came that `expect` does not match");
}

static void on_ended(stream_probe_t *probe, reason_t fault, const char *text)
{
    const state_t *state = probe->state;
    const udp_settings_t *settings = settings_of(probe);
    if (!state->is_answered) {
        stream_probe_finish(probe, fault, text, NULL);
        return;
    }
    char said[SAID_BYTES];
    (void)snprintf(said, sizeof said, "No answer matched `%.150s`", settings->expect_text);
    finish(probe, REASON_PROTOCOL, said);
}

static int request_of(stream_probe_t *probe, endpoint_url_t *url, stream_io_request_t *request)
{
    state_t *state = probe->state;
    state->work_left = CONDITION_REGEX_WORK;
    request->is_datagram = true;
    request->awaits_answer = true;
    request->read_max_bytes = READ_MAX_BYTES;
    return endpoint_url_parse(probe->target->url, "udp", 0, url);
}

static const stream_kind_t kind = {.type = PROBE_UDP,
                                   .state_bytes = sizeof(state_t),
                                   .request = request_of,
                                   .ready = on_ready,
                                   .received = on_received,
                                   .ended = on_ended};

void udp_collector_actor(zsock_t *pipe, void *args)
{
    stream_collector_run(pipe, args, "udp_collector", &kind);
}
