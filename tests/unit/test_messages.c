/* Every message: its bytes, made by another msgpack library, with all members and with the fewest.
 */
#include <math.h>

#include <healthd/alert_event.h>
#include <healthd/finding.h>
#include <healthd/measurement.h>
#include <healthd/probe_result.h>
#include <healthd/snapshot.h>

#include "proto/order.h"
#include "proto/query.h"
#include "tests/unit/bytes.h"
#include "tests/unit/message_bytes.h"

/* --- the structs --- */

#define AT_US 1795488330289500

static char text_a[] = "a", text_redis[] = "redis", text_e_acute[] = "\xc3\xa9", text_no[] = "no";
static char text_object[] = "{}", text_json[] = "{\"a\":1}", text_null[] = "null",
            text_1_0[] = "1-0";
static char text_id[] = "a_CRITICAL_T", text_t[] = "t", text_m[] = "m", text_none[] = "";
static char text_service_a[] = "Service: a", text_a_plus_b[] = "a+b";

static char text_status_200[] = "status == 200", text_503[] = "503", text_ip[] = "::1";
static char text_latency_1s[] = "latency < 1s", text_missing[] = "missing";
static char text_2[] = "2", text_1_3[] = "1.3";

static measured_condition_t conditions[] = {
    {.text = text_status_200, .actual = text_503, .outcome = CONDITION_FALSE},
    {.text = text_latency_1s,
     .actual = text_missing,
     .outcome = CONDITION_MISSING,
     .is_degraded = true},
};
static char text_var[] = "/var";
static measured_value_t values[] = {{.name = text_var, .number = 13.75}};
static const measured_heartbeat_t heartbeat = {.last_ping_at_us = AT_US,
                                               .expected_at_us = AT_US + 1,
                                               .deadline_at_us = AT_US + 2,
                                               .exit_code = MEASURED_NONE};
static ping_t full_ping = {.signal = PING_FAIL, .exit_code = 7, .log = text_m};
static const ping_t bare_ping = {.signal = PING_START, .exit_code = -1};
static measurement_t full_measurement = {
    .ip = text_ip,
    .http_code = 503,
    .http_version = text_2,
    .tls_version = text_1_3,
    .resolve_us = 1,
    .connect_us = 2,
    .tls_us = 300,
    .first_byte_us = 4,
    .transfer_us = 5,
    .cert_expires_at_us = AT_US,
    .cert_leaf_expires_at_us = AT_US + 1,
    .n_redirects = 2,
    .content_length_bytes = 70000,
    .was_reused = true,
    .conditions = conditions,
    .n_conditions = 2,
    .values = values,
    .n_values = 1,
};
static measurement_t bare_measurement = {
    .http_code = MEASURED_NONE,
    .resolve_us = MEASURED_NONE,
    .connect_us = MEASURED_NONE,
    .tls_us = MEASURED_NONE,
    .first_byte_us = MEASURED_NONE,
    .transfer_us = MEASURED_NONE,
    .content_length_bytes = MEASURED_NONE,
};

static probe_result_t result_list[] = {
    {.target = text_redis,
     .status = STATUS_DOWN,
     .reason = REASON_REFUSED,
     .finished_at_us = AT_US,
     .latency_us = 4750,
     .error = text_e_acute,
     .details = text_json,
     .entry_id = text_1_0,
     .is_clear = true,
     .order_id = 5,
     .is_dry_run = true,
     .measurement = &full_measurement,
     .evidence = text_object,
     .started_mono_us = 900},
    {.target = text_a, .finished_at_us = AT_US, .latency_us = LATENCY_NONE},
};
static const probe_results_t results = {.results = result_list, .n_results = 2};
static pause_t pause = {
    .reason = text_e_acute, .by = text_a, .since_us = AT_US, .until_us = AT_US + 1};
static pause_t bare_pause = {.reason = text_none, .by = text_none};
static pause_change_t pause_changes[] = {{.target = text_redis, .pause = &pause},
                                         {.target = text_a}};
static const probe_results_t pauses = {.pauses = pause_changes, .n_pauses = 2};
static const probe_results_t no_results = {.results = NULL};

static target_state_t targets[] = {
    {.name = text_redis,
     .kind = KIND_INFRASTRUCTURE,
     .status = STATUS_DOWN,
     .is_critical = true,
     .reason = REASON_REFUSED,
     .latency_us = 4750,
     .checked_at_us = AT_US,
     .since_us = AT_US - 1,
     .error = text_no,
     .details = text_null,
     .entry_id = text_1_0,
     .measurement = &bare_measurement,
     .pause = &pause},
    {.name = text_a, .status = STATUS_UNKNOWN, .latency_us = LATENCY_NONE},
};
static connectivity_t checks[] = {{.name = text_a, .sight = SIGHT_LOST, .since_us = AT_US}};
static critical_failure_t failures[] = {{.text = text_service_a}};

static snapshot_t full_snapshot = {
    .version = 300,
    .base_version = 299,
    .is_whole = true,
    .is_periodic = true,
    .is_status_changed = true,
    .has_result = true,
    .taken_at_us = AT_US,
    .status = SYSTEM_CRITICAL,
    .avg_service_latency_ms = 13.75,
    .max_service_latency_ms = 46.67,
    .critical_failures = failures,
    .n_critical_failures = 1,
    .targets = targets,
    .n_targets = 2,
    .connectivity = checks,
    .n_connectivity = 1,
};
static const snapshot_t bare_snapshot = {
    .version = 1,
    .taken_at_us = AT_US,
    .status = SYSTEM_UNKNOWN,
    .avg_service_latency_ms = (double)NAN,
    .max_service_latency_ms = (double)NAN,
};

static alert_t alerts[] = {
    {.alert_id = text_id,
     .component = text_a,
     .kind = ALERT_KIND_STORAGE_TROUBLE,
     .level = SEVERITY_CRITICAL,
     .reason = REASON_REFUSED,
     .title = text_t,
     .message = text_m,
     .details = text_object,
     .entry_id = text_1_0,
     .raised_at_us = AT_US,
     .resolved_at_us = AT_US + 1,
     .resolution = RESOLUTION_RECOVERED,
     .is_unwritten = true},
    {.alert_id = text_none, .component = text_none, .title = text_none, .message = text_none},
};
static const alert_event_t resolved_event = {
    .seq = UINT64_MAX,
    .kind = ALERT_RESOLVED,
    .is_durable = true,
    .at_us = -1,
    .alert = &alerts[0],
};
static const alert_event_t raised_event = {.seq = 1, .at_us = AT_US, .alert = &alerts[1]};

static const finding_t storage_finding = {
    .source = text_a,
    .component = text_none,
    .kind = ALERT_KIND_STORAGE_TROUBLE,
    .severity = SEVERITY_CRITICAL,
    .is_active = true,
    .title = text_t,
    .message = text_m,
    .details = text_object,
    .at_us = 5,
};
static const finding_t bare_finding = {
    .source = text_a, .component = text_a, .title = text_none, .message = text_none};

static const query_t clear_query = {.request_id = 7,
                                    .verb = QUERY_ALERT_CLEAR,
                                    .limit = 500,
                                    .alert_id = text_a_plus_b,
                                    .is_forced = true};
static const query_t probe_query = {
    .request_id = 8, .verb = QUERY_PROBE, .target = text_redis, .is_dry_run = true};
static const query_t pause_query = {
    .request_id = 9, .verb = QUERY_PAUSE, .target = text_a, .pause = &pause};
static const order_t probe_order = {
    .kind = ORDER_PROBE, .target = text_redis, .order_id = 5, .is_dry_run = true};
static const order_t begin_order = {.kind = ORDER_BEGIN};
static const query_t bare_query = {.verb = QUERY_WHOLE_STATE};
static const answer_t full_answer = {
    .request_id = 7,
    .snapshot_version = 300,
    .alert_seq = 9,
    .snapshot = &full_snapshot,
    .alerts = alerts,
    .n_alerts = 2,
    .result = &result_list[1],
    .text = text_a_plus_b,
};
static evidence_t failures_seen[] = {{.at_us = 300, .json = text_object},
                                     {.at_us = -1, .json = text_object}};
static const query_t evidence_query = {
    .request_id = 9, .verb = QUERY_EVIDENCE, .target = text_redis};
static const answer_t evidence_answer = {
    .request_id = 9, .evidence = failures_seen, .n_evidence = 2};
static const answer_t bare_answer = {.request_id = 7, .outcome = ANSWER_NOT_FOUND};

static const struct {
    const wire_schema_t *schema;
    const void *msg;
    const char *notation;
} rows[] = {
    {&probe_result_schema, &result_list[0], RESULT},
    {&probe_result_schema, &result_list[1], RESULT_BARE},
    {&probe_results_schema, &results, "81 a7'results' 92" RESULT RESULT_BARE},
    {&probe_results_schema, &no_results, "81 a7'results' 90"},
    {&measured_condition_schema, &conditions[0], CONDITION},
    {&measured_value_schema, &values[0], VALUE},
    {&measured_heartbeat_schema, &heartbeat,
     "85 af'last_ping_at_us' cf 00 06 60 fc b4 20 11 5c ad'started_at_us' 00 ae'expected_at_us' "
     "cf 00 06 60 fc b4 20 11 5d ae'deadline_at_us' cf 00 06 60 fc b4 20 11 5e a9'exit_code' ff"},
    {&ping_schema, &full_ping, "83 a6'signal' 02 a9'exit_code' 07 a3'log' a1'm'"},
    {&ping_schema, &bare_ping, "82 a6'signal' 00 a9'exit_code' ff"},
    {&measurement_schema, &full_measurement, MEASUREMENT},
    {&measurement_schema, &bare_measurement, MEASUREMENT_BARE},
    {&probe_results_schema, &pauses,
     "82 a7'results' 90 a6'pauses' 92 82 a6'target' a5'redis' a5'pause'" PAUSE
     "81 a6'target' a1'a'"},
    {&pause_schema, &bare_pause, "84 a6'reason' a0 a2'by' a0 a8'since_us' 00 a8'until_us' 00"},
    {&target_state_schema, &targets[0], TARGET},
    {&target_state_schema, &targets[1], TARGET_BARE},
    {&critical_failure_schema, &failures[0], "81 a4'text' aa'Service: a'"},
    {&connectivity_schema, &checks[0], CONNECTIVITY},
    {&snapshot_schema, &full_snapshot, SNAPSHOT},
    {&snapshot_schema, &bare_snapshot, SNAPSHOT_BARE},
    {&alert_schema, &alerts[0], ALERT},
    {&alert_schema, &alerts[1], ALERT_BARE},
    {&alert_event_schema, &resolved_event,
     "85 a3'seq' cf ff ff ff ff ff ff ff ff a4'kind' 02 aa'is_durable' c3 a5'at_us' ff "
     "a5'alert'" ALERT},
    {&alert_event_schema, &raised_event,
     "85 a3'seq' 01 a4'kind' 00 aa'is_durable' c2 a5'at_us' cf 00 06 60 fc b4 20 11 5c "
     "a5'alert'" ALERT_BARE},
    {&finding_schema, &storage_finding,
     "89 a6'source' a1'a' a9'component' a0 a4'kind' 01 a8'severity' 02 a9'is_active' c3 "
     "a5'title' a1't' a7'message' a1'm' a7'details' a2'{}' a5'at_us' 05"},
    {&finding_schema, &bare_finding,
     "88 a6'source' a1'a' a9'component' a1'a' a4'kind' 00 a8'severity' 00 a9'is_active' c2 "
     "a5'title' a0 a7'message' a0 a5'at_us' 00"},
    {&query_schema, &clear_query,
     "86 aa'request_id' 07 a4'verb' 03 a5'limit' cd 01 f4 a8'alert_id' a3'a+b' "
     "aa'is_dry_run' c2 a9'is_forced' c3"},
    {&query_schema, &probe_query,
     "86 aa'request_id' 08 a4'verb' 04 a5'limit' 00 a6'target' a5'redis' aa'is_dry_run' c3 "
     "a9'is_forced' c2"},
    {&query_schema, &pause_query,
     "87 aa'request_id' 09 a4'verb' 07 a5'limit' 00 a6'target' a1'a' aa'is_dry_run' c2 "
     "a9'is_forced' c2 a5'pause'" PAUSE},
    {&query_schema, &bare_query,
     "85 aa'request_id' 00 a4'verb' 00 a5'limit' 00 aa'is_dry_run' c2 a9'is_forced' c2"},
    {&answer_schema, &full_answer,
     "88 aa'request_id' 07 a7'outcome' 00 b0'snapshot_version' cd 01 2c a9'alert_seq' 09 "
     "a8'snapshot'" SNAPSHOT "a6'alerts' 92" ALERT ALERT_BARE "a6'result'" RESULT_BARE
     "a4'text' a3'a+b'"},
    {&evidence_schema, &failures_seen[0], "82 a5'at_us' cd 01 2c a4'json' a2'{}'"},
    {&query_schema, &evidence_query,
     "86 aa'request_id' 09 a4'verb' 06 a5'limit' 00 a6'target' a5'redis' aa'is_dry_run' c2 "
     "a9'is_forced' c2"},
    {&answer_schema, &evidence_answer,
     "85 aa'request_id' 09 a7'outcome' 00 b0'snapshot_version' 00 a9'alert_seq' 00 a8'evidence' 92 "
     "82 a5'at_us' cd 01 2c a4'json' a2'{}' 82 a5'at_us' ff a4'json' a2'{}'"},
    {&answer_schema, &bare_answer,
     "84 aa'request_id' 07 a7'outcome' 01 b0'snapshot_version' 00 a9'alert_seq' 00"},
    {&order_schema, &probe_order,
     "84 a4'kind' 01 a6'target' a5'redis' a8'order_id' 05 aa'is_dry_run' c3"},
    {&order_schema, &begin_order, "83 a4'kind' 00 a8'order_id' 00 aa'is_dry_run' c2"},
};

/* --- comparison by the table --- */

static const void *pointer_in(const void *msg, size_t offset)
{
    const void *pointer;
    memcpy(&pointer, (const char *)msg + offset, sizeof pointer);
    return pointer;
}

static void assert_same(const wire_schema_t *schema, const void *a, const void *b);

static void assert_same_items(const wire_field_t *field, const void *a, const void *b, size_t count)
{
    const char *items_a = pointer_in(a, field->offset);
    const char *items_b = pointer_in(b, field->offset);
    for (size_t i = 0; i < count; i++)
        assert_same(field->sub, items_a + i * field->sub->size, items_b + i * field->sub->size);
}

static void assert_same_member(const wire_field_t *field, const void *a, const void *b)
{
    const char *member_a = (const char *)a + field->offset;
    const char *member_b = (const char *)b + field->offset;
    bool is_pointer = field->type == WIRE_STR || field->type == WIRE_MAP;
    const char *text_of_a = is_pointer ? pointer_in(a, field->offset) : NULL;
    const char *text_of_b = is_pointer ? pointer_in(b, field->offset) : NULL;
    switch (field->type) {
    case WIRE_BOOL:
        assert_memory_equal(member_a, member_b, sizeof(bool));
        break;
    case WIRE_ENUM:
        assert_memory_equal(member_a, member_b, sizeof(int));
        break;
    case WIRE_I64:
    case WIRE_U64:
    case WIRE_F64: /* as bits, so that NAN equals NAN */
        assert_memory_equal(member_a, member_b, sizeof(int64_t));
        break;
    case WIRE_STR:
        assert_int_equal(text_of_a == NULL, text_of_b == NULL);
        if (text_of_a) {
            assert_ptr_not_equal(text_of_a, text_of_b);
            assert_string_equal(text_of_a, text_of_b);
        }
        break;
    case WIRE_MAP:
        assert_int_equal(text_of_a == NULL, text_of_b == NULL);
        assert_same_items(field, a, b, text_of_a ? 1 : 0);
        break;
    case WIRE_LIST:
    default: {
        size_t count = *(const size_t *)(const void *)((const char *)a + field->count_offset);
        assert_memory_equal(&count, (const char *)b + field->count_offset, sizeof count);
        assert_same_items(field, a, b, count);
        break;
    }
    }
}

static void assert_same(const wire_schema_t *schema, const void *a, const void *b)
{
    for (size_t i = 0; i < schema->n_fields; i++)
        assert_same_member(&schema->fields[i], a, b);
}

/* --- the tests --- */

static void assert_encodes_to(const wire_schema_t *schema, const void *msg, const bytes_t *expected)
{
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(wire_encode(schema, msg, &out), 0);
    assert_int_equal(out.size, expected->len);
    assert_memory_equal(out.data, expected->at, expected->len);
    msgpack_sbuffer_destroy(&out);
}

static void each_message_has_its_bytes_and_comes_back(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        print_message("row %zu: %s\n", row, rows[row].schema->name);
        bytes_t bytes = bytes_of(rows[row].notation);
        assert_encodes_to(rows[row].schema, rows[row].msg, &bytes);
        void *back = NULL;
        wire_error_t error = {.message = ""};
        if (wire_decode(rows[row].schema, bytes.at, bytes.len, &back, &error))
            fail_msg("%s, %s, %s", error.message, error.key, error.reason);
        assert_same(rows[row].schema, rows[row].msg, back);
        assert_encodes_to(rows[row].schema, back, &bytes);
        wire_destroy(rows[row].schema, &back);
        assert_null(back);
    }
}

static void each_message_can_be_copied(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        void *copy = calloc(1, rows[row].schema->size);
        assert_non_null(copy);
        assert_int_equal(wire_copy(rows[row].schema, rows[row].msg, copy), 0);
        assert_same(rows[row].schema, rows[row].msg, copy);
        wire_destroy(rows[row].schema, &copy);
    }
}

/* A row of the table whose key is required is refused when that key has another name. */
static void each_required_key_is_missed(void **state)
{
    (void)state;
    size_t n_missed = 0;
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        const wire_schema_t *schema = rows[row].schema;
        for (size_t i = 0; i < schema->n_fields; i++) {
            if (!schema->fields[i].required)
                continue;
            bytes_t bytes = bytes_of(rows[row].notation);
            char key[64]; /* with its header, so that "status" is not found in another key */
            size_t length = strlen(schema->fields[i].key);
            key[0] = (char)(0xa0 | length);
            memcpy(key + 1, schema->fields[i].key, length);
            char *found = memmem(bytes.at, bytes.len, key, length + 1);
            assert_non_null(found);
            found[1] = '?';
            void *back = NULL;
            wire_error_t error = {.message = ""};
            assert_int_equal(wire_decode(schema, bytes.at, bytes.len, &back, &error), -1);
            assert_string_equal(error.message, schema->name);
            assert_string_equal(error.key, schema->fields[i].key);
            assert_string_equal(error.reason, "missing");
            n_missed++;
        }
    }
    assert_int_equal(n_missed, 164); /* no key has quietly become optional */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_has_its_bytes_and_comes_back),
        cmocka_unit_test(each_message_can_be_copied),
        cmocka_unit_test(each_required_key_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
