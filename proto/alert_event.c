#include <healthd/alert_event.h>
#include <healthd/probe_result.h>
#include <healthd/snapshot.h>

static const wire_field_t alert_fields[] = {
    WIRE_STR_ROW(alert_t, alert_id, true, ALERT_ID_MAX_BYTES),
    WIRE_STR_ROW(alert_t, component, true, ALERT_COMPONENT_MAX_BYTES),
    WIRE_ENUM_ROW(alert_t, kind, false, ALERT_KIND_COUNT),
    WIRE_ENUM_ROW(alert_t, level, true, SEVERITY_COUNT),
    WIRE_ENUM_ROW(alert_t, reason, true, REASON_COUNT),
    WIRE_STR_ROW(alert_t, title, true, ALERT_TITLE_MAX_BYTES),
    WIRE_STR_ROW(alert_t, message, true, ALERT_MESSAGE_MAX_BYTES),
    WIRE_STR_ROW(alert_t, details, false, ALERT_DETAILS_MAX_BYTES),
    WIRE_STR_ROW(alert_t, entry_id, false, ENTRY_ID_MAX_BYTES),
    WIRE_I64_ROW(alert_t, raised_at_us, true),
    WIRE_I64_ROW(alert_t, resolved_at_us, true),
    WIRE_ENUM_ROW(alert_t, resolution, true, RESOLUTION_COUNT),
    WIRE_BOOL_ROW(alert_t, is_unwritten, false),
};
const wire_schema_t alert_schema = WIRE_SCHEMA(alert);

static const wire_field_t alert_event_fields[] = {
    WIRE_U64_ROW(alert_event_t, seq, true),
    WIRE_ENUM_ROW(alert_event_t, kind, true, ALERT_EVENT_KIND_COUNT),
    WIRE_BOOL_ROW(alert_event_t, is_durable, true),
    WIRE_I64_ROW(alert_event_t, at_us, true),
    WIRE_MAP_ROW(alert_event_t, alert, alert, true),
};
const wire_schema_t alert_event_schema = WIRE_SCHEMA(alert_event);
