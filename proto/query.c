#include "proto/query.h"

static const wire_field_t query_fields[] = {
    WIRE_U64_ROW(query_t, request_id, true),
    WIRE_ENUM_ROW(query_t, verb, true, QUERY_VERB_COUNT),
    WIRE_I64_ROW(query_t, limit, false),
    WIRE_STR_ROW(query_t, alert_id, false, ALERT_ID_MAX_BYTES),
    WIRE_STR_ROW(query_t, target, false, TARGET_NAME_MAX_BYTES),
    WIRE_BOOL_ROW(query_t, is_dry_run, false),
    WIRE_BOOL_ROW(query_t, is_forced, false),
    WIRE_MAP_ROW(query_t, pause, pause, false),
    WIRE_MAP_ROW(query_t, ping, ping, false),
};
const wire_schema_t query_schema = WIRE_SCHEMA(query);

static const wire_field_t answer_fields[] = {
    WIRE_U64_ROW(answer_t, request_id, true),
    WIRE_ENUM_ROW(answer_t, outcome, true, ANSWER_OUTCOME_COUNT),
    WIRE_U64_ROW(answer_t, snapshot_version, true),
    WIRE_U64_ROW(answer_t, alert_seq, true),
    WIRE_MAP_ROW(answer_t, snapshot, snapshot, false),
    WIRE_LIST_ROW(answer_t, alerts, alert, false, ALERTS_MAX),
    WIRE_MAP_ROW(answer_t, result, probe_result, false),
    WIRE_LIST_ROW(answer_t, evidence, evidence, false, EVIDENCE_PER_TARGET),
    WIRE_STR_ROW(answer_t, text, false, ANSWER_TEXT_MAX_BYTES),
};
const wire_schema_t answer_schema = WIRE_SCHEMA(answer);
