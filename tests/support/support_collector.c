#include "tests/support/support_collector.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "proto/frame.h"
#include "tests/support/support_actor.h"
#include "tests/test.h"

enum { START_DEADLINE_MS = 10000 };

struct support_collector {
    config_t config;
    log_t log;
    actor_args_t args;
    zsock_t *results;
    zsock_t *orders; /* XPUB */
    zactor_fn *collect;
    zactor_t *actor;
    /* What ThreadSanitizer sees of the thread's end: the hand-over inside libczmq it does not. */
    atomic_bool is_ended;
    probe_results_t *batch;
    size_t n_taken; /* of the batch */
};

static void run(zsock_t *pipe, void *context)
{
    support_collector_t *self = context;
    self->collect(pipe, &self->args);
    atomic_store(&self->is_ended, true);
}

support_collector_t *support_collector_start(zactor_fn *actor, target_t *targets, size_t n)
{
    support_collector_t *self = calloc(1, sizeof *self);
    assert_non_null(self);
    self->config = (config_t){.targets = targets, .n_targets = n};
    assert_int_equal(config_seal(&self->config), 0);
    self->log = (log_t){.level = LOG_LEVEL_WARNING};
    self->args = (actor_args_t){.config = &self->config, .log = &self->log};
    self->results = zsock_new(ZMQ_PULL);
    zsock_set_rcvhwm(self->results, 0);
    assert_true(zsock_bind(self->results, "%s", ENDPOINT_RESULTS) != -1);
    self->orders = support_socket(ZMQ_XPUB, ENDPOINT_ORDERS, true);
    self->collect = actor;
    self->actor = zactor_new(run, self);
    assert_non_null(self->actor);
    zsock_set_rcvtimeo(zactor_sock(self->actor), START_DEADLINE_MS);
    char *ready = zstr_recv(self->actor);
    assert_non_null(ready);
    assert_string_equal(ready, "ready");
    zstr_free(&ready);
    assert_int_equal(zstr_send(self->actor, "begin"), 0);
    support_wait_for_subscriber(self->orders);
    support_collector_order(self, &(order_t){.kind = ORDER_BEGIN});
    return self;
}

void support_collector_order(support_collector_t *self, const order_t *order)
{
    support_send(self->orders, &order_schema, order, NULL);
}

/* Receives a batch within DEADLINE_MS. */
static void receive(support_collector_t *self, int deadline_ms)
{
    probe_results_destroy(&self->batch);
    self->n_taken = 0;
    zmq_pollitem_t item = {.socket = zsock_resolve(self->results), .events = ZMQ_POLLIN};
    assert_int_equal(zmq_poll(&item, 1, deadline_ms), 1);
    frame_t frame;
    assert_int_equal(frame_recv(self->results, &frame), 1);
    assert_string_equal(frame.name, "probe_results");
    void *batch = NULL;
    wire_error_t error;
    assert_int_equal(frame_decode(&frame, &probe_results_schema, &batch, &error), 0);
    self->batch = batch;
    assert_true(self->batch->n_results > 0);
    frame_clear(&frame);
}

const probe_result_t *support_collector_next(support_collector_t *self, int deadline_ms)
{
    if (!self->batch || self->n_taken == self->batch->n_results)
        receive(self, deadline_ms);
    return &self->batch->results[self->n_taken++];
}

bool support_collector_has_more(support_collector_t *self, int deadline_ms)
{
    return (self->batch && self->n_taken < self->batch->n_results) ||
           support_is_readable(self->results, deadline_ms);
}

const probe_result_t *support_collector_result_of(support_collector_t *self, const char *name,
                                                  int deadline_ms)
{
    int64_t end_ms = zclock_mono() + deadline_ms;
    for (;;) {
        int64_t left_ms = end_ms - zclock_mono();
        const probe_result_t *result = support_collector_next(self, left_ms > 0 ? (int)left_ms : 0);
        if (strcmp(result->target, name) == 0)
            return result;
    }
}

void support_collector_settle(support_collector_t *self)
{
    support_actor_settle(self->actor);
}

const actor_args_t *support_collector_args(const support_collector_t *self)
{
    return &self->args;
}

void support_collector_reload(support_collector_t *self, const actor_args_t *args)
{
    actor_args_given(args);
    assert_int_equal(zsock_send(self->actor, "sp", "reload", args), 0);
}

bool support_collector_has_word(support_collector_t *self, int deadline_ms)
{
    return support_is_readable(zactor_sock(self->actor), deadline_ms);
}

const actor_args_t *support_collector_word(support_collector_t *self, const char *word,
                                           int deadline_ms)
{
    assert_true(support_collector_has_word(self, deadline_ms));
    char *heard = NULL;
    void *args = NULL;
    assert_int_equal(zsock_recv(self->actor, "sp", &heard, &args), 0);
    assert_string_equal(heard, word);
    zstr_free(&heard);
    if (args)
        actor_args_returned(args);
    return args;
}

void support_collector_stop(support_collector_t **self_p, int deadline_ms)
{
    support_collector_t *self = *self_p;
    int64_t started_ms = zclock_mono();
    zactor_destroy(&self->actor);
    assert_true(atomic_load(&self->is_ended));
    assert_true(zclock_mono() - started_ms <= deadline_ms);
    /* Closing alone frees the name some time later; the next test binds it at once. */
    assert_int_equal(zsock_unbind(self->results, "%s", ENDPOINT_RESULTS), 0);
    config_unseal(&self->config);
    zsock_destroy(&self->results);
    assert_int_equal(zsock_unbind(self->orders, "%s", ENDPOINT_ORDERS), 0);
    zsock_destroy(&self->orders);
    probe_results_destroy(&self->batch);
    free(self);
    *self_p = NULL;
}
