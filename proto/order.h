/*
 * What the aggregator tells the collectors beside the configuration, over inproc://orders. A
 * collector that has subscribed (at its start, also a later one) is told of every paused target and
 * then ORDER_BEGIN: from there on it may probe.
 */
#ifndef HEALTHD_PROTO_ORDER_H
#define HEALTHD_PROTO_ORDER_H

#include <healthd/snapshot.h>
#include <healthd/wire.h>

typedef enum {
    ORDER_BEGIN, /* everything that holds has been told */
    ORDER_PROBE, /* probe TARGET now, beside its schedule; a probe under way counts as this one */
    ORDER_PAUSE, /* do not probe TARGET by the schedule; told again and again, it changes nothing */
    ORDER_RESUME, /* TARGET goes on, at once */
    ORDER_KIND_COUNT
} order_kind_t;

typedef struct {
    int kind;          /* order_kind_t */
    char *target;      /* its name; NULL for ORDER_BEGIN */
    uint64_t order_id; /* ORDER_PROBE: grows; the result carries the newest that it answers */
    bool is_dry_run;   /* ORDER_PROBE: the result is for who asked alone */
} order_t;

WIRE_MESSAGE(order)

#endif
