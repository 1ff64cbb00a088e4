#include "actors/aggregator/order_desk.h"

#include <stdlib.h>

#include "core/orders.h"
#include "proto/frame.h"
#include "proto/order.h"

/* Who waits, at the place that its order has in `waiting`. */
typedef struct {
    zframe_t *asker;
    uint64_t request_id;
    probe_result_t *result; /* what it is answered with when a snapshot shows it; else NULL */
} seat_t;

struct order_desk {
    actor_t *actor;
    order_answer_fn *answer;
    order_greet_fn *greet;
    void *context;
    zsock_t *orders; /* XPUB */
    actor_timer_t *deadline;
    orders_t waiting;
    seat_t seats[ORDERS_MAX];
    size_t n_shown_next; /* seats that have their result */
};

static void send_order(order_desk_t *self, const order_t *order)
{
    if (frame_send(self->orders, &order_schema, order, NULL))
        log_write(actor_log(self->actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "aggregator: an order for %s could not be sent; the asker's deadline ends it",
                  order->target ? order->target : "the collectors");
}

/* --- who collects --- */

/* A collector has come: it is told what holds. */
static void greet_collector(order_desk_t *self)
{
    self->greet(self->context);
    const order_t begin = {.kind = ORDER_BEGIN};
    send_order(self, &begin);
}

static void on_subscription(void *context)
{
    order_desk_t *self = context;
    while (zsock_events(self->orders) & ZMQ_POLLIN) {
        CLEANUP(zframe_destroy) zframe_t *frame = zframe_recv(self->orders);
        if (frame && zframe_size(frame) > 0 && zframe_data(frame)[0] == 1)
            greet_collector(self);
    }
}

void order_desk_pause(order_desk_t *self, const target_t *target, bool is_paused)
{
    const order_t order = {.kind = is_paused ? ORDER_PAUSE : ORDER_RESUME, .target = target->name};
    send_order(self, &order);
}

void order_desk_ask(order_desk_t *self, const target_t *target)
{
    const order_t order = {.kind = ORDER_PROBE, .target = target->name};
    send_order(self, &order);
}

/* --- who waits --- */

static void set_deadline(order_desk_t *self)
{
    int64_t next_us = orders_next_deadline_us(&self->waiting);
    if (next_us == INT64_MAX)
        actor_timer_cancel(self->deadline);
    else
        actor_timer_set(self->deadline, next_us - clock_mono_us());
}

/* Answers the asker at PLACE and frees it. RESULT is borrowed, NULL: there is none. */
static void answer_place(order_desk_t *self, size_t place, answer_outcome_t outcome,
                         probe_result_t *result)
{
    seat_t *seat = &self->seats[place];
    answer_t answer = {.request_id = seat->request_id, .outcome = (int)outcome, .result = result};
    self->answer(self->context, &answer, seat->asker);
    if (seat->result)
        self->n_shown_next--;
    probe_result_destroy(&seat->result);
    zframe_destroy(&seat->asker);
    orders_end(&self->waiting, place);
}

static void on_deadline(void *context)
{
    order_desk_t *self = context;
    int64_t now_us = clock_mono_us();
    size_t place;
    while ((place = orders_overdue(&self->waiting, now_us)) != ORDERS_NONE) {
        probe_result_t *result = self->seats[place].result;
        answer_place(self, place, result ? ANSWER_OK : ANSWER_STARTED, result);
    }
    set_deadline(self);
}

void order_desk_probe(order_desk_t *self, const target_t *target, bool is_dry_run,
                      uint64_t request_id, zframe_t *asker)
{
    size_t place = orders_add(&self->waiting, target->name, (int64_t)target->timeout_ms * 1000,
                              clock_mono_us());
    if (place == ORDERS_NONE) {
        answer_t answer = {.request_id = request_id, .outcome = ANSWER_BUSY};
        self->answer(self->context, &answer, asker);
        return;
    }
    self->seats[place] = (seat_t){.asker = zframe_dup(asker), .request_id = request_id};
    const order_t order = {.kind = ORDER_PROBE,
                           .target = target->name,
                           .order_id = self->waiting.places[place].id,
                           .is_dry_run = is_dry_run};
    send_order(self, &order);
    set_deadline(self);
}

/* Keeps a copy of RESULT for the asker at PLACE; 0, or -1: out of memory. */
static int keep(order_desk_t *self, size_t place, const probe_result_t *result)
{
    probe_result_t *copy = calloc(1, sizeof *copy);
    if (!copy || probe_result_copy(result, copy)) {
        free(copy);
        return -1;
    }
    self->seats[place].result = copy;
    self->n_shown_next++;
    return 0;
}

void order_desk_take(order_desk_t *self, const probe_result_t *result)
{
    size_t place = orders_answered_by(&self->waiting, result, 0);
    for (; place != ORDERS_NONE; place = orders_answered_by(&self->waiting, result, place + 1)) {
        if (self->seats[place].result)
            continue;
        probe_result_t shown = *result; /* encoded before this returns */
        if (result->is_dry_run || keep(self, place, result))
            answer_place(self, place, ANSWER_OK, &shown);
    }
    set_deadline(self);
}

bool order_desk_awaits_snapshot(const order_desk_t *self)
{
    return self->n_shown_next > 0;
}

void order_desk_published(order_desk_t *self)
{
    for (size_t place = 0; place < ORDERS_MAX && self->n_shown_next > 0; place++) {
        probe_result_t *result = self->seats[place].result;
        if (result)
            answer_place(self, place, ANSWER_OK, result);
    }
    set_deadline(self);
}

/* --- life --- */

order_desk_t *order_desk_new(actor_t *actor, order_answer_fn *answer, order_greet_fn *greet,
                             void *context)
{
    order_desk_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->actor = actor;
    self->answer = answer;
    self->greet = greet;
    self->context = context;
    self->orders = actor_socket(ZMQ_XPUB, ENDPOINT_ORDERS, true);
    self->deadline = actor_timer_new(actor, on_deadline, self);
    actor_read(actor, self->orders, on_subscription, self);
    return self;
}

void order_desk_destroy(order_desk_t **self_p)
{
    order_desk_t *self = *self_p;
    if (!self)
        return;
    for (size_t place = 0; place < ORDERS_MAX; place++) {
        probe_result_destroy(&self->seats[place].result);
        zframe_destroy(&self->seats[place].asker);
    }
    actor_timer_destroy(&self->deadline);
    zsock_destroy(&self->orders);
    free(self);
    *self_p = NULL;
}
