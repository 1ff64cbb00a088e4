#include <healthd/measurement.h>

static const wire_field_t measured_heartbeat_fields[] = {
    WIRE_I64_ROW(measured_heartbeat_t, last_ping_at_us, true),
    WIRE_I64_ROW(measured_heartbeat_t, started_at_us, true),
    WIRE_I64_ROW(measured_heartbeat_t, expected_at_us, true),
    WIRE_I64_ROW(measured_heartbeat_t, deadline_at_us, true),
    WIRE_I64_ROW(measured_heartbeat_t, exit_code, true),
};
const wire_schema_t measured_heartbeat_schema = WIRE_SCHEMA(measured_heartbeat);

static const wire_field_t measured_condition_fields[] = {
    WIRE_STR_ROW(measured_condition_t, text, true, CONDITION_TEXT_MAX_BYTES),
    WIRE_STR_ROW(measured_condition_t, actual, true, CONDITION_ACTUAL_MAX_BYTES),
    WIRE_ENUM_ROW(measured_condition_t, outcome, true, CONDITION_OUTCOME_COUNT),
    WIRE_BOOL_ROW(measured_condition_t, is_degraded, true),
};
const wire_schema_t measured_condition_schema = WIRE_SCHEMA(measured_condition);

static const wire_field_t measured_value_fields[] = {
    WIRE_STR_ROW(measured_value_t, name, true, VALUE_NAME_MAX_BYTES),
    WIRE_F64_ROW(measured_value_t, number, true),
};
const wire_schema_t measured_value_schema = WIRE_SCHEMA(measured_value);

static const wire_field_t measured_number_fields[] = {
    WIRE_ENUM_ROW(measured_number_t, kind, true, MEASURED_KIND_COUNT),
    WIRE_I64_ROW(measured_number_t, value, true),
};
const wire_schema_t measured_number_schema = WIRE_SCHEMA(measured_number);

static const wire_field_t measurement_fields[] = {
    WIRE_STR_ROW(measurement_t, ip, false, ADDRESS_MAX_BYTES),
    WIRE_I64_ROW(measurement_t, http_code, true),
    WIRE_STR_ROW(measurement_t, http_version, false, PROTOCOL_VERSION_MAX_BYTES),
    WIRE_STR_ROW(measurement_t, tls_version, false, PROTOCOL_VERSION_MAX_BYTES),
    WIRE_I64_ROW(measurement_t, resolve_us, true),
    WIRE_I64_ROW(measurement_t, connect_us, true),
    WIRE_I64_ROW(measurement_t, tls_us, true),
    WIRE_I64_ROW(measurement_t, first_byte_us, true),
    WIRE_I64_ROW(measurement_t, transfer_us, true),
    WIRE_I64_ROW(measurement_t, cert_expires_at_us, true),
    WIRE_I64_ROW(measurement_t, cert_leaf_expires_at_us, true),
    WIRE_I64_ROW(measurement_t, n_redirects, true),
    WIRE_I64_ROW(measurement_t, content_length_bytes, true),
    WIRE_BOOL_ROW(measurement_t, was_reused, true),
    WIRE_MAP_ROW(measurement_t, heartbeat, measured_heartbeat, false),
    WIRE_LIST_ROW(measurement_t, conditions, measured_condition, false, MEASURED_CONDITIONS_MAX),
    WIRE_LIST_ROW(measurement_t, values, measured_value, false, MEASURED_VALUES_MAX),
    WIRE_LIST_ROW(measurement_t, numbers, measured_number, false, MEASURED_KIND_COUNT),
};
const wire_schema_t measurement_schema = WIRE_SCHEMA(measurement);

int64_t measured_number_of(const measurement_t *measurement, measured_kind_t kind)
{
    for (size_t i = 0; i < measurement->n_numbers; i++)
        if (measurement->numbers[i].kind == (int)kind)
            return measurement->numbers[i].value;
    return MEASURED_NONE;
}
