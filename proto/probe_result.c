#include <healthd/probe_result.h>
#include <healthd/snapshot.h>

static const wire_field_t probe_result_fields[] = {
    WIRE_STR_ROW(probe_result_t, target, true, TARGET_NAME_MAX_BYTES),
    WIRE_ENUM_ROW(probe_result_t, status, true, STATUS_COUNT),
    WIRE_ENUM_ROW(probe_result_t, reason, true, REASON_COUNT),
    WIRE_I64_ROW(probe_result_t, finished_at_us, true),
    WIRE_I64_ROW(probe_result_t, latency_us, true),
    WIRE_STR_ROW(probe_result_t, error, false, ERROR_MAX_BYTES),
    WIRE_STR_ROW(probe_result_t, details, false, DETAILS_MAX_BYTES),
    WIRE_STR_ROW(probe_result_t, entry_id, false, ENTRY_ID_MAX_BYTES),
    WIRE_BOOL_ROW(probe_result_t, is_clear, false),
    WIRE_U64_ROW(probe_result_t, order_id, false),
    WIRE_BOOL_ROW(probe_result_t, is_dry_run, false),
    WIRE_MAP_ROW(probe_result_t, measurement, measurement, false),
    WIRE_STR_ROW(probe_result_t, evidence, false, EVIDENCE_MAX_BYTES),
    WIRE_I64_ROW(probe_result_t, started_mono_us, false),
};
const wire_schema_t probe_result_schema = WIRE_SCHEMA(probe_result);

static const wire_field_t probe_results_fields[] = {
    WIRE_LIST_ROW(probe_results_t, results, probe_result, true, TARGETS_MAX),
    WIRE_LIST_ROW(probe_results_t, pauses, pause_change, false, TARGETS_MAX),
};
const wire_schema_t probe_results_schema = WIRE_SCHEMA(probe_results);
