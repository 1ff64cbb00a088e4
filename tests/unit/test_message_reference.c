/*
 * docs/messages.md is the tables of fields, written out. This test compares it with them; with
 * HEALTHD_WRITE_REFERENCE=1 in the environment it writes the page anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/alert_event.h>
#include <healthd/evidence.h>
#include <healthd/finding.h>
#include <healthd/measurement.h>
#include <healthd/probe_result.h>
#include <healthd/snapshot.h>

#include "core/text.h"
#include "proto/order.h"
#include "proto/query.h"
#include "proto/vitals.h"
#include "tests/test.h"

static const char PAGE[] = HEALTHD_SOURCE_DIR "/docs/messages.md";

static const char INTRODUCTION[] =
    "# Messages\n"
    "\n"
    "Outside, SUB clients get two frames: a topic (`health.snapshot_updated`, "
    "`health.alert_raised`,\n"
    "`health.alert_resolved`) and a msgpack map with the keys and types of the JSON bodies of\n"
    "[REST](rest.md) and of the [bus](bus.md). Further frames are reserved: skip them.\n"
    "\n"
    "Between the actors a message is two frames, its name and one msgpack map with string keys.\n"
    "Unknown keys are skipped. A missing required key, a doubled one, a wrong type, a value out "
    "of\n"
    "range, text that is not UTF-8 and bytes left over are refused. The structs with their "
    "comments\n"
    "stand in `include/healthd/` and `proto/`. This page is made from the tables of fields\n"
    "(`HEALTHD_WRITE_REFERENCE=1 script/test unit_message_reference`) and compared with them.\n";

/* Every message, those that stand inside another one too. */
static const wire_schema_t *const messages[] = {
    &probe_results_schema,
    &probe_result_schema,
    &snapshot_schema,
    &target_state_schema,
    &critical_failure_schema,
    &connectivity_schema,
    &alert_event_schema,
    &alert_schema,
    &query_schema,
    &answer_schema,
    &order_schema,
    &measurement_schema,
    &measured_condition_schema,
    &measured_value_schema,
    &measured_number_schema,
    &measured_heartbeat_schema,
    &ping_schema,
    &finding_schema,
    &evidence_schema,
    &pause_change_schema,
    &pause_schema,
    &vitals_schema,
    &vital_schema,
};

static const char *type_name(wire_type_t type)
{
    static const char *const names[] = {
        [WIRE_BOOL] = "boolean", [WIRE_I64] = "integer",      [WIRE_U64] = "unsigned integer",
        [WIRE_F64] = "float",    [WIRE_ENUM] = "enumeration", [WIRE_STR] = "text",
        [WIRE_MAP] = "map",      [WIRE_LIST] = "list",
    };
    return names[type];
}

static void append_limit(text_t *page, const wire_field_t *field)
{
    switch (field->type) {
    case WIRE_ENUM:
        text_appendf(page, "0 to %zu", field->max - 1);
        break;
    case WIRE_STR:
        text_appendf(page, "%zu bytes", field->max);
        break;
    case WIRE_MAP:
        text_appendf(page, "`%s`", field->sub->name);
        break;
    case WIRE_LIST:
        text_appendf(page, "%zu of `%s`", field->max, field->sub->name);
        break;
    case WIRE_BOOL:
    case WIRE_I64:
    case WIRE_U64:
    case WIRE_F64:
        break;
    }
}

static char *make_page(void)
{
    text_t page = {0};
    text_append_string(&page, INTRODUCTION);
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        text_appendf(&page, "\n## %s\n| key | type | required | limit |\n|---|---|---|---|\n",
                     messages[i]->name);
        for (size_t j = 0; j < messages[i]->n_fields; j++) {
            const wire_field_t *field = &messages[i]->fields[j];
            text_appendf(&page, "| %s | %s | %s | ", field->key, type_name(field->type),
                         field->required ? "yes" : "no");
            append_limit(&page, field);
            text_append_string(&page, " |\n");
        }
    }
    return text_take(&page);
}

static bool is_listed(const wire_schema_t *schema)
{
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        if (messages[i] == schema)
            return true;
    }
    return false;
}

static void every_nested_message_is_listed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        for (size_t j = 0; j < messages[i]->n_fields; j++) {
            const wire_schema_t *sub = messages[i]->fields[j].sub;
            assert_true(!sub || is_listed(sub));
        }
    }
}

static void page_says_what_the_tables_say(void **state)
{
    (void)state;
    char *expected = make_page();
    assert_non_null(expected);
    const char *must_write = getenv("HEALTHD_WRITE_REFERENCE");
    FILE *file = fopen(PAGE, must_write && *must_write ? "w+" : "r");
    assert_non_null(file);
    if (must_write && *must_write)
        assert_int_equal(fwrite(expected, 1, strlen(expected), file), strlen(expected));
    rewind(file);
    char *page = calloc(1, strlen(expected) + 2);
    assert_non_null(page);
    size_t n = fread(page, 1, strlen(expected) + 1, file);
    page[n] = '\0';
    assert_string_equal(page, expected);
    (void)fclose(file);
    free(page);
    free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_nested_message_is_listed),
        cmocka_unit_test(page_says_what_the_tables_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
