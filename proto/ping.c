#include <healthd/ping.h>

static const wire_field_t ping_fields[] = {
    WIRE_ENUM_ROW(ping_t, signal, true, PING_SIGNAL_COUNT),
    WIRE_I64_ROW(ping_t, exit_code, true),
    WIRE_STR_ROW(ping_t, log, false, PING_LOG_MAX_BYTES),
};
const wire_schema_t ping_schema = WIRE_SCHEMA(ping);
