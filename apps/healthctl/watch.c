/* healthctl watch: a line for each event of the ZeroMQ publication, as it comes. */
#include <czmq.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/cleanup.h"

#include "apps/healthctl/event.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/table.h"

/* Bytes of one frame beyond which the publisher is cut off. */
#define EVENT_MAX_BYTES (16 << 20)
#define TOPIC_MAX_BYTES 64

static zsock_t *subscriber_new(const options_t *options)
{
    zsys_handler_set(NULL); /* Ctrl-C just ends the program */
    zsock_t *subscriber = zsock_new(ZMQ_SUB);
    zsock_set_linger(subscriber, 0);
    zsock_set_ipv6(subscriber, 1);
    zsock_set_maxmsgsize(subscriber, EVENT_MAX_BYTES);
    zsock_set_heartbeat_ivl(subscriber, 5000);
    zsock_set_heartbeat_timeout(subscriber, 15000);
    zsock_set_rcvtimeo(subscriber, options->has_timeout ? (int)options->timeout_s * 1000 : -1);
    zsock_set_subscribe(subscriber, "health.");
    if (zsock_connect(subscriber, "%s", options->subscribe))
        zsock_destroy(&subscriber);
    return subscriber;
}

/* Prints the event, or with is_json the map under its topic. 0, or 1 where it cannot be printed. */
static int print_event(const options_t *options, const char *topic, json_t *payload,
                       json_t **statuses)
{
    text_t out = {0};
    if (!options->is_json) {
        event_append(&out, topic, payload, statuses, options->is_coloured);
        return table_print(&out);
    }
    json_t *event = json_pack("{s:s, s:O}", "topic", topic, "payload", payload);
    char *line = event ? json_dumps(event, JSON_COMPACT) : NULL;
    int rc = line ? table_print_raw(line, strlen(line)) : 1;
    free(line);
    json_decref(event);
    return rc;
}

/* The frames after the first two are reserved. Gives the payload as JSON; NULL: no event. */
static json_t *receive(zsock_t *subscriber, char topic[static TOPIC_MAX_BYTES], bool *ret_is_over)
{
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(subscriber);
    *ret_is_over = !message;
    zframe_t *first = message ? zmsg_first(message) : NULL;
    zframe_t *second = message ? zmsg_next(message) : NULL;
    if (!first || !second || zframe_size(first) >= TOPIC_MAX_BYTES)
        return NULL;
    memcpy(topic, zframe_data(first), zframe_size(first));
    topic[zframe_size(first)] = '\0';
    return event_decode(zframe_data(second), zframe_size(second));
}

int verb_watch(const options_t *options)
{
    CLEANUP(zsock_destroy) zsock_t *subscriber = subscriber_new(options);
    if (!subscriber) {
        fprintf(stderr, "healthctl: --subscribe is not an endpoint such as tcp://127.0.0.1:5556\n");
        return EXIT_USAGE;
    }
    json_t *statuses = NULL;
    unsigned long n_refused = 0;
    int rc = 0;
    for (long n = 0; rc == 0 && (options->count == 0 || n < options->count);) {
        char topic[TOPIC_MAX_BYTES];
        bool is_over;
        json_t *payload = receive(subscriber, topic, &is_over);
        if (is_over) {
            fprintf(stderr, "healthctl: no event within %ld s\n", options->timeout_s);
            rc = 1;
        } else if (!payload) {
            if (n_refused++ == 0) /* one line, however many come */
                fputs("healthctl: ignoring messages that are no events of healthd\n", stderr);
        } else {
            rc = print_event(options, topic, payload, &statuses);
            n++;
        }
        json_decref(payload);
    }
    json_decref(statuses);
    return rc;
}
