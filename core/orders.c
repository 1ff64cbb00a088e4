#include "core/orders.h"

#include <assert.h>
#include <string.h>

size_t orders_add(orders_t *self, const char *target, int64_t timeout_us, int64_t now_us)
{
    size_t n = strlen(target);
    if (n > TARGET_NAME_MAX_BYTES)
        return ORDERS_NONE;
    size_t place = 0;
    while (place < ORDERS_MAX && self->places[place].id != 0)
        place++;
    if (place == ORDERS_MAX)
        return ORDERS_NONE;
    waiting_order_t *order = &self->places[place];
    int64_t wait_us = timeout_us + ORDER_MARGIN_US;
    order->id = ++self->last_id;
    order->deadline_us = now_us + (wait_us < ORDER_WAIT_MAX_US ? wait_us : ORDER_WAIT_MAX_US);
    memcpy(order->target, target, n + 1);
    return place;
}

size_t orders_answered_by(const orders_t *self, const probe_result_t *result, size_t from)
{
    for (size_t place = from; place < ORDERS_MAX; place++) {
        const waiting_order_t *order = &self->places[place];
        if (order->id != 0 && order->id <= result->order_id &&
            strcmp(order->target, result->target) == 0)
            return place;
    }
    return ORDERS_NONE;
}

size_t orders_overdue(const orders_t *self, int64_t now_us)
{
    for (size_t place = 0; place < ORDERS_MAX; place++) {
        if (self->places[place].id != 0 && self->places[place].deadline_us <= now_us)
            return place;
    }
    return ORDERS_NONE;
}

int64_t orders_next_deadline_us(const orders_t *self)
{
    int64_t next_us = INT64_MAX;
    for (size_t place = 0; place < ORDERS_MAX; place++) {
        if (self->places[place].id != 0 && self->places[place].deadline_us < next_us)
            next_us = self->places[place].deadline_us;
    }
    return next_us;
}

void orders_end(orders_t *self, size_t place)
{
    assert(place < ORDERS_MAX);
    self->places[place].id = 0;
}
