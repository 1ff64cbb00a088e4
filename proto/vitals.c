#include "proto/vitals.h"

#include <stdarg.h>
#include <stdio.h>

static const wire_field_t vital_fields[] = {
    WIRE_ENUM_ROW(vital_t, metric, true, VITAL_COUNT),
    WIRE_ENUM_ROW(vital_t, part, true, VITAL_PART_COUNT),
    WIRE_STR_ROW(vital_t, labels, false, VITAL_LABELS_MAX_BYTES),
    WIRE_F64_ROW(vital_t, value, true),
};
const wire_schema_t vital_schema = WIRE_SCHEMA(vital);

static const wire_field_t vitals_fields[] = {
    WIRE_STR_ROW(vitals_t, actor, true, VITAL_ACTOR_MAX_BYTES),
    WIRE_I64_ROW(vitals_t, at_us, true),
    WIRE_LIST_ROW(vitals_t, signs, vital, false, VITALS_MAX),
};
const wire_schema_t vitals_schema = WIRE_SCHEMA(vitals);

__attribute__((format(printf, 5, 0))) static void add(vitals_draft_t *draft, vital_metric_t metric,
                                                      vital_part_t part, double value,
                                                      const char *format, va_list arguments)
{
    if (draft->n == VITALS_MAX)
        return;
    char *labels = draft->labels[draft->n];
    (void)vsnprintf(labels, VITAL_LABELS_MAX_BYTES + 1, format, arguments); /* closed lists fit */
    draft->signs[draft->n++] = (vital_t){.metric = (int)metric,
                                         .part = (int)part,
                                         .labels = *labels ? labels : NULL,
                                         .value = value};
}

void vitals_add(vitals_draft_t *draft, vital_metric_t metric, double value, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(draft, metric, VITAL_VALUE, value, format, arguments);
    va_end(arguments);
}

void vitals_add_part(vitals_draft_t *draft, vital_metric_t metric, vital_part_t part, double value,
                     const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(draft, metric, part, value, format, arguments);
    va_end(arguments);
}
