/*
 * What the collectors of connections share (tcp, tls, udp, websocket): one stream_io for each probe
 * under way, and how its end becomes the outcome of a check.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_STREAM_COLLECTOR_H
#define HEALTHD_ACTORS_COLLECTORS_STREAM_COLLECTOR_H

#include "actors/collectors/collector.h"
#include "actors/io/stream_io.h"
#include "core/condition_regex.h"
#include "core/url.h"

typedef struct stream_collector stream_collector_t;

/* The check of one target. */
typedef struct {
    stream_collector_t *owner;
    size_t at;
    const target_t *target;
    stream_io_t *stream;
    condition_matcher_t *matcher; /* of the collector: all of its probes use it in turn */
    void *state;                  /* of the kind, cleared after each check and zero before it */
    int64_t started_us;           /* monotonic */
    uint64_t n_begun;             /* checks at this place so far */
} stream_probe_t;

/* How a kind of check goes. The handlers are those of stream_io_handlers_t; each check ends by one
 * stream_probe_finish. */
typedef struct {
    probe_type_t type;
    size_t state_bytes;
    /* Splits the target's URL and fills in how to connect to it; ip_protocol, timeout and tls are
     * there. 0, or -1: the URL is not whole. */
    int (*request)(stream_probe_t *probe, endpoint_url_t *url, stream_io_request_t *request);
    void (*ready)(stream_probe_t *probe);
    void (*received)(stream_probe_t *probe);
    void (*ended)(stream_probe_t *probe, reason_t fault, const char *text);
    void (*clear)(void *state); /* frees what a check holds; NULL: nothing */
} stream_kind_t;

/* Ends the check with FAULT (REASON_NONE: an answer came) and TEXT for people; ANSWER may be NULL.
 * All is borrowed. */
void stream_probe_finish(stream_probe_t *probe, reason_t fault, const char *text,
                         const check_answer_t *answer);

/* The zactor function of a kind. NAME is the actor's. */
void stream_collector_run(zsock_t *pipe, void *args, const char *name, const stream_kind_t *kind);

#endif
