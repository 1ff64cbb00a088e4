/*
 * The TLS collector: a handshake, and what the server's certificates say. Owns the connections;
 * emits probe_results.
 */
#include <stdlib.h>

#include "actors/collectors/collectors.h"
#include "actors/collectors/stream_collector.h"

/* Bytes that a server may send unasked before the handshake's end is seen. */
#define READ_MAX_BYTES 1024

static void on_ready(stream_probe_t *probe)
{
    check_answer_t answer = {.present = CONDITION_BIT(CONDITION_OUTPUT),
                             .said_by = CONDITION_REASON};
    text_t output = {0};
    stream_io_append_certificate(probe->stream, &output);
    answer.n_output = output.size;
    char *text = text_take(&output);
    answer.output = text;
    if (text)
        stream_probe_finish(probe, REASON_NONE, NULL, &answer);
    else
        stream_probe_finish(probe, REASON_RESOURCES, "Out of memory", NULL);
    free(text);
}

/* Nothing: the check ends with the handshake. */
static void on_received(stream_probe_t *probe)
{
    (void)probe;
}

static void on_ended(stream_probe_t *probe, reason_t fault, const char *text)
{
    stream_probe_finish(probe, fault ? fault : REASON_TLS_FAILURE, text, NULL);
}

static int request_of(stream_probe_t *probe, endpoint_url_t *url, stream_io_request_t *request)
{
    request->is_secured = true;
    request->read_max_bytes = READ_MAX_BYTES;
    return endpoint_url_parse(probe->target->url, "tls", 443, url);
}

static const stream_kind_t kind = {.type = PROBE_TLS,
                                   .request = request_of,
                                   .ready = on_ready,
                                   .received = on_received,
                                   .ended = on_ended};

void tls_collector_actor(zsock_t *pipe, void *args)
{
    stream_collector_run(pipe, args, "tls_collector", &kind);
}
