#include <healthd/snapshot.h>

static const wire_field_t target_state_fields[] = {
    WIRE_STR_ROW(target_state_t, name, true, TARGET_NAME_MAX_BYTES),
    WIRE_ENUM_ROW(target_state_t, kind, true, KIND_COUNT),
    WIRE_ENUM_ROW(target_state_t, status, true, STATUS_COUNT),
    WIRE_BOOL_ROW(target_state_t, is_critical, true),
    WIRE_BOOL_ROW(target_state_t, is_flapping, false),
    WIRE_BOOL_ROW(target_state_t, is_flapping_unknown, false),
    WIRE_ENUM_ROW(target_state_t, reason, true, REASON_COUNT),
    WIRE_I64_ROW(target_state_t, latency_us, true),
    WIRE_I64_ROW(target_state_t, checked_at_us, true),
    WIRE_I64_ROW(target_state_t, since_us, true),
    WIRE_STR_ROW(target_state_t, error, false, ERROR_MAX_BYTES),
    WIRE_STR_ROW(target_state_t, details, false, DETAILS_MAX_BYTES),
    WIRE_STR_ROW(target_state_t, entry_id, false, ENTRY_ID_MAX_BYTES),
    WIRE_STR_ROW(target_state_t, labels, false, LABELS_MAX_BYTES),
    WIRE_MAP_ROW(target_state_t, measurement, measurement, false),
    WIRE_MAP_ROW(target_state_t, pause, pause, false),
};
const wire_schema_t target_state_schema = WIRE_SCHEMA(target_state);

static const wire_field_t critical_failure_fields[] = {
    WIRE_STR_ROW(critical_failure_t, text, true, CRITICAL_FAILURE_MAX_BYTES),
};
const wire_schema_t critical_failure_schema = WIRE_SCHEMA(critical_failure);

static const wire_field_t connectivity_fields[] = {
    WIRE_STR_ROW(connectivity_t, name, true, TARGET_NAME_MAX_BYTES),
    WIRE_ENUM_ROW(connectivity_t, sight, true, SIGHT_COUNT),
    WIRE_I64_ROW(connectivity_t, since_us, true),
};
const wire_schema_t connectivity_schema = WIRE_SCHEMA(connectivity);

static const wire_field_t snapshot_fields[] = {
    WIRE_U64_ROW(snapshot_t, version, true),
    WIRE_U64_ROW(snapshot_t, base_version, true),
    WIRE_BOOL_ROW(snapshot_t, is_whole, true),
    WIRE_BOOL_ROW(snapshot_t, is_periodic, true),
    WIRE_BOOL_ROW(snapshot_t, is_status_changed, true),
    WIRE_BOOL_ROW(snapshot_t, has_result, true),
    WIRE_I64_ROW(snapshot_t, taken_at_us, true),
    WIRE_ENUM_ROW(snapshot_t, status, true, SYSTEM_STATUS_COUNT),
    WIRE_F64_ROW(snapshot_t, avg_service_latency_ms, true),
    WIRE_F64_ROW(snapshot_t, max_service_latency_ms, true),
    WIRE_LIST_ROW(snapshot_t, critical_failures, critical_failure, false, CRITICAL_FAILURES_MAX),
    WIRE_LIST_ROW(snapshot_t, targets, target_state, false, TARGETS_MAX),
    WIRE_LIST_ROW(snapshot_t, connectivity, connectivity, false, CONNECTIVITY_CHECKS_MAX),
};
const wire_schema_t snapshot_schema = WIRE_SCHEMA(snapshot);
