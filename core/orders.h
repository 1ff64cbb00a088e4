/*
 * Orders to probe a target now that wait for their result. Who asked stands beside it, at the same
 * place, with the shell. Pure; monotonic time in microseconds is passed in.
 */
#ifndef HEALTHD_CORE_ORDERS_H
#define HEALTHD_CORE_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <healthd/probe_result.h>
#include <healthd/snapshot.h>

/* Orders that wait at once, at most. */
#define ORDERS_MAX 64
/* Beyond a target's time-out an order waits so long for its result, ... */
#define ORDER_MARGIN_US ((int64_t)1000000)
/* ... but no longer than this in all. */
#define ORDER_WAIT_MAX_US ((int64_t)60000000)
/* Place that stands for none. */
#define ORDERS_NONE SIZE_MAX

typedef struct {
    uint64_t id; /* 0: the place is free */
    char target[TARGET_NAME_MAX_BYTES + 1];
    int64_t deadline_us;
} waiting_order_t;

/* Zero it to begin. */
typedef struct {
    waiting_order_t places[ORDERS_MAX];
    uint64_t last_id;
} orders_t;

/* Adds an order for TARGET (copied), whose check takes TIMEOUT_US at most. Gives its place, whose
 * id goes with the order; ORDERS_NONE where all places are taken or the name is too long. */
size_t orders_add(orders_t *self, const char *target, int64_t timeout_us, int64_t now_us);

/* The first place from FROM on whose order RESULT answers: of its target, not newer than the order
 * that it names. ORDERS_NONE where there is none. */
size_t orders_answered_by(const orders_t *self, const probe_result_t *result, size_t from);

/* The first place whose deadline has passed, or ORDERS_NONE. */
size_t orders_overdue(const orders_t *self, int64_t now_us);

/* The earliest deadline; INT64_MAX where nothing waits. */
int64_t orders_next_deadline_us(const orders_t *self);

/* Frees PLACE. */
void orders_end(orders_t *self, size_t place);

#endif
