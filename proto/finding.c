#include <healthd/finding.h>

static const wire_field_t finding_fields[] = {
    WIRE_STR_ROW(finding_t, source, true, FINDING_SOURCE_MAX_BYTES),
    WIRE_STR_ROW(finding_t, component, true, ALERT_COMPONENT_MAX_BYTES),
    WIRE_ENUM_ROW(finding_t, kind, true, ALERT_KIND_COUNT),
    WIRE_ENUM_ROW(finding_t, severity, true, SEVERITY_COUNT),
    WIRE_BOOL_ROW(finding_t, is_active, true),
    WIRE_STR_ROW(finding_t, title, true, ALERT_TITLE_MAX_BYTES),
    WIRE_STR_ROW(finding_t, message, true, FINDING_MESSAGE_MAX_BYTES),
    WIRE_STR_ROW(finding_t, details, false, FINDING_DETAILS_MAX_BYTES),
    WIRE_I64_ROW(finding_t, at_us, true),
};
const wire_schema_t finding_schema = WIRE_SCHEMA(finding);
