#include "apps/healthctl/once.h"

#include <czmq.h>
#include <unistd.h>

#include "actors/actor.h"
#include "actors/collectors/collectors.h"
#include "core/orders.h"
#include "proto/frame.h"
#include "proto/order.h"

/* For a collector that is slow to start. */
#define START_MS 5000

/* The collector's next word is WORD. */
static bool says(zactor_t *collector, const char *word)
{
    CLEANUP(zstr_free) char *said = zstr_recv(collector);
    return said && strcmp(said, word) == 0;
}

/* Tells the collector, which subscribes at its start, that it may begin. */
static void let_begin(zsock_t *orders)
{
    const order_t begin = {.kind = ORDER_BEGIN};
    CLEANUP(zframe_destroy) zframe_t *subscription = zframe_recv(orders);
    if (subscription)
        (void)frame_send(orders, &order_schema, &begin, NULL); /* else no result comes */
}

/* The first result that comes before DEADLINE_US, or NULL. */
static probe_result_t *receive(zsock_t *results, int64_t deadline_us)
{
    zmq_pollitem_t item = {.socket = zsock_resolve(results), .events = ZMQ_POLLIN};
    int64_t left_ms = (deadline_us - clock_mono_us()) / 1000;
    frame_t frame = {0};
    probe_result_t *result = NULL;
    void *batch = NULL;
    wire_error_t error;
    if (zmq_poll(&item, 1, left_ms > 0 ? left_ms : 0) == 1 && frame_recv(results, &frame) == 1 &&
        frame_decode(&frame, &probe_results_schema, &batch, &error) == 0) {
        const probe_results_t *came = batch;
        result = calloc(1, sizeof *result);
        if (result && (came->n_results == 0 || probe_result_copy(&came->results[0], result))) {
            free(result);
            result = NULL;
        }
    }
    wire_destroy(&probe_results_schema, &batch);
    frame_clear(&frame);
    return result;
}

probe_result_t *once_probe(const config_t *config)
{
    const target_t *target = &config->targets[0];
    log_sink_t sink = log_sink_of(STDERR_FILENO);
    const log_t log = {.level = LOG_LEVEL_ERROR, .sink = &sink};
    actor_args_t args = {.config = config, .log = &log, .start_id = ""};
    zsys_handler_set(NULL);
    zsys_init();
    zsock_t *results = actor_socket(ZMQ_PULL, ENDPOINT_RESULTS, true);
    zsock_t *orders = actor_socket(ZMQ_XPUB, ENDPOINT_ORDERS, true);
    zsock_set_rcvtimeo(orders, START_MS);
    zactor_t *collector = zactor_new(collector_actor_of(target->type), &args);
    probe_result_t *result = NULL;
    zsock_set_rcvtimeo(collector, START_MS);
    if (says(collector, "ready") && zstr_send(collector, "begin") == 0) {
        let_begin(orders);
        result = receive(results,
                         clock_mono_us() + (int64_t)target->timeout_ms * 1000 + ORDER_MARGIN_US);
    }
    zactor_destroy(&collector);
    actor_args_returned(&args);
    zsock_destroy(&orders);
    zsock_destroy(&results);
    zsys_shutdown();
    log_sink_close(&sink);
    return result;
}
