#include <healthd/evidence.h>

static const wire_field_t evidence_fields[] = {
    WIRE_I64_ROW(evidence_t, at_us, true),
    WIRE_STR_ROW(evidence_t, json, true, EVIDENCE_MAX_BYTES),
};
const wire_schema_t evidence_schema = WIRE_SCHEMA(evidence);
