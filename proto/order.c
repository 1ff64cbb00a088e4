#include "proto/order.h"

static const wire_field_t order_fields[] = {
    WIRE_ENUM_ROW(order_t, kind, true, ORDER_KIND_COUNT),
    WIRE_STR_ROW(order_t, target, false, TARGET_NAME_MAX_BYTES),
    WIRE_U64_ROW(order_t, order_id, false),
    WIRE_BOOL_ROW(order_t, is_dry_run, false),
};
const wire_schema_t order_schema = WIRE_SCHEMA(order);
