#include <healthd/pause.h>
#include <healthd/snapshot.h>

static const wire_field_t pause_fields[] = {
    WIRE_STR_ROW(pause_t, reason, true, PAUSE_REASON_MAX_BYTES),
    WIRE_STR_ROW(pause_t, by, true, PAUSE_BY_MAX_BYTES),
    WIRE_I64_ROW(pause_t, since_us, true),
    WIRE_I64_ROW(pause_t, until_us, true),
};
const wire_schema_t pause_schema = WIRE_SCHEMA(pause);

static const wire_field_t pause_change_fields[] = {
    WIRE_STR_ROW(pause_change_t, target, true, TARGET_NAME_MAX_BYTES),
    WIRE_MAP_ROW(pause_change_t, pause, pause, false),
};
const wire_schema_t pause_change_schema = WIRE_SCHEMA(pause_change);
