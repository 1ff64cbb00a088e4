/* The bodies that outsiders see: exact texts, both formats equal, and the recorded golden states.
 */
#include <math.h>
#include <stdio.h>

#include "tests/unit/rendered.h"

#define TARGET(...)                                                                                \
    (target_state_t)                                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* The example of the contract, with every target in it, an emergency stop and an UNKNOWN one. */
static target_state_t example_targets[9];
static critical_failure_t example_failures[1];

static snapshot_t example(void)
{
    example_targets[0] = TARGET(.name = text_of("main_backend"), .latency_us = 4440,
                                .is_critical = true, .details = text_of("{\"status\":\"ok\"}"));
    example_targets[1] =
        TARGET(.name = text_of("scheduler"), .latency_us = 4000, .is_critical = true,
               .details = text_of("[1, 2.5, \"\\u0000x\", null]"));
    example_targets[2] = TARGET(.name = text_of("risk_guard"), .status = STATUS_DOWN,
                                .latency_us = 5750, .is_critical = true, .reason = REASON_STATUS,
                                .details = text_of("{\"status_code\":500}"));
    example_targets[3] = TARGET(.name = text_of("ai_system"), .status = STATUS_DEGRADED,
                                .latency_us = 22104, .details = text_of("7"));
    example_targets[4] =
        TARGET(.name = text_of("quiet"), .status = STATUS_UNKNOWN, .latency_us = 99,
               .is_critical = true, .details = text_of("1"), .error = text_of("old"));
    example_targets[5] = TARGET(.name = text_of("redis"), .kind = KIND_INFRASTRUCTURE,
                                .latency_us = 1735, .details = text_of("{}"), .is_critical = true);
    example_targets[6] =
        TARGET(.name = text_of("postgres"), .kind = KIND_INFRASTRUCTURE, .status = STATUS_UNKNOWN,
               .latency_us = LATENCY_NONE, .is_critical = true);
    example_targets[7] = TARGET(.name = text_of("binance_api"), .kind = KIND_INFRASTRUCTURE,
                                .status = STATUS_DOWN, .latency_us = LATENCY_NONE,
                                .reason = REASON_REFUSED, .error = text_of("failed: \"x\""));
    example_targets[8] = TARGET(.name = text_of(EMERGENCY_STOP), .kind = KIND_NONE, .latency_us = 1,
                                .status = STATUS_DOWN);
    example_failures[0].text = text_of("Service: risk_guard");
    return (snapshot_t){
        .is_whole = true,
        .version = 7,
        .taken_at_us = AT_US,
        .status = SYSTEM_CRITICAL,
        .avg_service_latency_ms = 13.75,
        .max_service_latency_ms = 46.67,
        .critical_failures = example_failures,
        .n_critical_failures = 1,
        .targets = example_targets,
        .n_targets = COUNT_OF(example_targets),
    };
}

static const char example_head[] =
    "{\"status\":\"CRITICAL\",\"timestamp\":" AT ",\"services\":{\"ok\":[\"main_backend\","
    "\"scheduler\"],\"degraded\":[\"ai_system\"],\"down\":[\"risk_guard\"]},"
    "\"infrastructure\":{\"ok\":[\"redis\"],\"degraded\":[],\"down\":[\"binance_api\"]},"
    "\"critical_failures\":[\"Service: risk_guard\"],\"performance\":{"
    "\"avg_service_latency_ms\":13.75,\"max_service_latency_ms\":46.67},"
    "\"snapshot\":{\"timestamp\":" AT ",\"services\":{";
static const char example_whole[] =
    "\"main_backend\":{\"status\":\"OK\",\"latency_ms\":4.44,\"details\":{\"status\":\"ok\"},"
    "\"critical\":true},"
    "\"scheduler\":{\"status\":\"OK\",\"latency_ms\":4.0,"
    "\"details\":[1, 2.5, \"\\u0000x\", null],\"critical\":true},"
    "\"risk_guard\":{\"status\":\"DOWN\",\"latency_ms\":5.75,\"details\":{\"status_code\":500},"
    "\"critical\":true,\"reason\":\"status\"},"
    "\"ai_system\":{\"status\":\"DEGRADED\",\"latency_ms\":22.1,\"details\":7,\"critical\":false},"
    "\"quiet\":{\"status\":\"UNKNOWN\",\"latency_ms\":null,\"critical\":true}},"
    "\"infra\":{\"redis\":{\"status\":\"OK\",\"latency_ms\":1.74},";
static const char example_without_details[] =
    "\"main_backend\":{\"status\":\"OK\",\"latency_ms\":4.44,\"critical\":true},"
    "\"scheduler\":{\"status\":\"OK\",\"latency_ms\":4.0,\"critical\":true},"
    "\"risk_guard\":{\"status\":\"DOWN\",\"latency_ms\":5.75,\"critical\":true,"
    "\"reason\":\"status\"},"
    "\"ai_system\":{\"status\":\"DEGRADED\",\"latency_ms\":22.1,\"critical\":false},"
    "\"quiet\":{\"status\":\"UNKNOWN\",\"latency_ms\":null,\"critical\":true}},"
    "\"infra\":{\"redis\":{\"status\":\"OK\",\"latency_ms\":1.74},";
static const char example_without_ok[] =
    "\"risk_guard\":{\"status\":\"DOWN\",\"latency_ms\":5.75,\"critical\":true,"
    "\"reason\":\"status\"},"
    "\"ai_system\":{\"status\":\"DEGRADED\",\"latency_ms\":22.1,\"critical\":false},"
    "\"quiet\":{\"status\":\"UNKNOWN\",\"latency_ms\":null,\"critical\":true}},\"infra\":{";
static const char example_tail[] = "\"postgres\":{\"status\":\"UNKNOWN\",\"latency_ms\":null},"
                                   "\"binance_api\":{\"status\":\"DOWN\",\"latency_ms\":null,"
                                   "\"error\":\"failed: \\\"x\\\"\",\"critical\":false,"
                                   "\"reason\":\"refused\"}}},\"version\":7";

static void assert_system_equal(const snapshot_t *snapshot)
{
    msgpack_sbuffer json, msgpack;
    msgpack_sbuffer_init(&json);
    msgpack_sbuffer_init(&msgpack);
    assert_int_equal(render_system(snapshot, 0, RENDER_JSON, &json), 0);
    assert_int_equal(render_system(snapshot, 0, RENDER_MSGPACK, &msgpack), 0);
    assert_equal_trees(&json, &msgpack);
    json.size = msgpack.size = 0;
    assert_int_equal(render_metrics(snapshot, NULL, 0, RENDER_JSON, &json), 0);
    assert_int_equal(render_metrics(snapshot, NULL, 0, RENDER_MSGPACK, &msgpack), 0);
    assert_equal_trees(&json, &msgpack);
    msgpack_sbuffer_destroy(&json);
    msgpack_sbuffer_destroy(&msgpack);
}

/* --- snapshots --- */

static void the_example_has_this_text(void **state)
{
    (void)state;
    snapshot_t snapshot = example();
    char expected[4096];
    (void)snprintf(expected, sizeof expected, "{}%s%s%s}", example_head, example_whole,
                   example_tail);
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(msgpack_sbuffer_write(&out, "{}", 2), 0); /* what is there stays */
    assert_int_equal(render_system(&snapshot, 0, RENDER_JSON, &out), 0);
    assert_text(&out, expected);
    msgpack_sbuffer_destroy(&out);
    assert_system_equal(&snapshot);
}

static void an_empty_snapshot_has_every_key(void **state)
{
    (void)state;
    const snapshot_t snapshot = {
        .taken_at_us = AT_US,
        .status = SYSTEM_UNKNOWN,
        .avg_service_latency_ms = (double)NAN,
        .max_service_latency_ms = (double)NAN,
    };
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(render_system(&snapshot, 0, RENDER_JSON, &out), 0);
    assert_text(&out,
                "{\"status\":\"UNKNOWN\",\"timestamp\":" AT ",\"services\":{\"ok\":[],"
                "\"degraded\":[],\"down\":[]},\"infrastructure\":{\"ok\":[],\"degraded\":[],"
                "\"down\":[]},\"critical_failures\":[],\"performance\":{"
                "\"avg_service_latency_ms\":null,\"max_service_latency_ms\":null},"
                "\"snapshot\":{\"timestamp\":" AT ",\"services\":{},\"infra\":{}},\"version\":0}");
    msgpack_sbuffer_destroy(&out);
    assert_system_equal(&snapshot);
}

static void a_long_body_is_made_smaller_step_by_step(void **state)
{
    (void)state;
    snapshot_t snapshot = example();
    char texts[3][4096];
    (void)snprintf(texts[0], sizeof texts[0], "%s%s%s}", example_head, example_whole, example_tail);
    (void)snprintf(texts[1], sizeof texts[1], "%s%s%s,\"truncated\":true}", example_head,
                   example_without_details, example_tail);
    (void)snprintf(texts[2], sizeof texts[2], "%s%s%s,\"truncated\":true}", example_head,
                   example_without_ok, example_tail);
    size_t whole = strlen(texts[0]), without_details = strlen(texts[1]);
    const struct {
        size_t max_bytes;
        const char *expected;
    } rows[] = {
        {0, texts[0]},
        {whole, texts[0]},
        {whole - 1, texts[1]},
        {without_details, texts[1]},
        {without_details - 1, texts[2]},
        {1, texts[2]}, /* there is nothing more to leave out */
    };
    msgpack_sbuffer out, msgpack;
    msgpack_sbuffer_init(&out);
    msgpack_sbuffer_init(&msgpack);
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        out.size = 0;
        assert_int_equal(render_system(&snapshot, rows[row].max_bytes, RENDER_JSON, &out), 0);
        assert_text(&out, rows[row].expected);
    }
    assert_int_equal(render_system(&snapshot, 1, RENDER_MSGPACK, &msgpack), 0);
    assert_equal_trees(&out, &msgpack);
    msgpack_sbuffer_destroy(&out);
    msgpack_sbuffer_destroy(&msgpack);
}

static void latencies_have_one_or_two_decimals(void **state)
{
    (void)state;
    static const struct {
        int64_t latency_us;
        const char *expected;
    } rows[] = {
        {LATENCY_NONE, "null"},
        {0, "0.0"},
        {4, "0.0"},
        {5, "0.01"},
        {50, "0.05"},
        {100, "0.1"},
        {990, "0.99"},
        {995, "1.0"},
        {4750, "4.75"},
        {4000, "4.0"},
        {22100, "22.1"},
        {22104, "22.1"},
        {22105, "22.11"},
        {5000010, "5000.01"},
        {INT64_MAX, "9223372036854775.81"},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        target_state_t target = {.name = text_of("a"), .latency_us = rows[row].latency_us};
        const snapshot_t snapshot = {.targets = &target, .n_targets = 1};
        msgpack_sbuffer out;
        msgpack_sbuffer_init(&out);
        assert_int_equal(render_system(&snapshot, 0, RENDER_JSON, &out), 0);
        char expected[80];
        int n = snprintf(expected, sizeof expected, "\"latency_ms\":%s,", rows[row].expected);
        if (!memmem(out.data, out.size, expected, (size_t)n))
            fail_msg("no %s in %.*s", expected, (int)out.size, out.data);
        msgpack_sbuffer_destroy(&out);
        if (rows[row].latency_us < INT64_MAX)
            assert_system_equal(&snapshot);
    }
}

static void a_mean_that_is_no_latency_is_null(void **state)
{
    (void)state;
    static const struct {
        double ms;
        const char *expected;
    } rows[] = {{0, "0.0"},      {13.754, "13.75"},          {13.756, "13.76"}, {5000, "5000.0"},
                {-0.01, "null"}, {(double)INFINITY, "null"}, {1e300, "null"}};
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        const snapshot_t snapshot = {.avg_service_latency_ms = rows[row].ms,
                                     .max_service_latency_ms = rows[row].ms};
        msgpack_sbuffer out;
        msgpack_sbuffer_init(&out);
        assert_int_equal(render_system(&snapshot, 0, RENDER_JSON, &out), 0);
        char expected[120];
        int n = snprintf(expected, sizeof expected,
                         "{\"avg_service_latency_ms\":%s,\"max_service_latency_ms\":%s}",
                         rows[row].expected, rows[row].expected);
        if (!memmem(out.data, out.size, expected, (size_t)n))
            fail_msg("no %s in %.*s", expected, (int)out.size, out.data);
        msgpack_sbuffer_destroy(&out);
        assert_system_equal(&snapshot);
    }
}

static void details_of_every_type_are_equal_in_both_formats(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "1.5",
        "-0.0",
        "1e300",
        "\"\"",
        "\"a\\u0000b\"",
        "\"\\ud83d\\ude80\"",
        "{\"a\":[1,{\"b\":[[[]]]}],\"c\":\"\xc3\xa9\"}",
        "[[[[[[[[[[[[[[[[[[[[[[[[24]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        target_state_t target = {.name = text_of("a"), .details = text_of(rows[row])};
        const snapshot_t snapshot = {.targets = &target, .n_targets = 1};
        assert_system_equal(&snapshot);
    }
}

static void metrics_count_what_the_snapshot_shows(void **state)
{
    (void)state;
    snapshot_t snapshot = example();
    const alert_t alerts[] = {{.level = SEVERITY_CRITICAL},
                              {.level = SEVERITY_WARNING},
                              {.level = SEVERITY_CRITICAL},
                              {.level = SEVERITY_INFO}};
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(render_metrics(&snapshot, alerts, COUNT_OF(alerts), RENDER_JSON, &out), 0);
    assert_text(&out, "{\"timestamp\":" AT ",\"counters\":{\"total_services\":5,\"services_ok\":2,"
                      "\"services_degraded\":1,\"services_down\":1,\"infra_ok\":1,"
                      "\"infra_degraded\":0,\"infra_down\":1},\"gauges\":{"
                      "\"system_status_code\":2,\"avg_service_latency_ms\":13.75,"
                      "\"max_service_latency_ms\":46.67},\"alerts\":{\"active_count\":4,"
                      "\"critical_count\":2,\"warning_count\":1}}");
    msgpack_sbuffer_destroy(&out);
}

static void a_probe_result_is_whole(void **state)
{
    (void)state;
    measured_condition_t condition = {
        .text = text_of("status == 200"), .actual = text_of("200"), .outcome = CONDITION_TRUE};
    measured_value_t values[] = {{text_of("load1"), 0.35}, {text_of("/"), 41}};
    measurement_t measurement = {.http_code = 200,
                                 .resolve_us = MEASURED_NONE,
                                 .connect_us = 1250,
                                 .tls_us = MEASURED_NONE,
                                 .first_byte_us = MEASURED_NONE,
                                 .transfer_us = MEASURED_NONE,
                                 .content_length_bytes = MEASURED_NONE,
                                 .conditions = &condition,
                                 .n_conditions = 1,
                                 .values = values,
                                 .n_values = 2};
    const probe_result_t results[] = {
        {.target = text_of("a"),
         .status = STATUS_DOWN,
         .reason = REASON_REFUSED,
         .finished_at_us = AT_US,
         .latency_us = LATENCY_NONE,
         .error = text_of("no \"way\""),
         .is_dry_run = true},
        {.target = text_of("b"),
         .finished_at_us = AT_US,
         .latency_us = 4755,
         .details = text_of("[1]"),
         .measurement = &measurement},
    };
    static const char *const bodies[] = {
        "{\"outcome\":\"finished\",\"target\":\"a\",\"dry_run\":true,\"status\":\"DOWN\","
        "\"reason\":\"refused\",\"error\":\"no \\\"way\\\"\",\"latency_ms\":null,"
        "\"finished_at\":" AT ",\"details\":null}",
        "{\"outcome\":\"finished\",\"target\":\"b\",\"dry_run\":false,\"status\":\"OK\","
        "\"reason\":\"none\",\"error\":null,\"latency_ms\":4.76,"
        "\"finished_at\":" AT ",\"details\":[1],\"measured\":{\"http_code\":200,\"redirects\":0,"
        "\"reused_connection\":false,\"phases_ms\":{\"connect\":1.25},\"conditions\":[{"
        "\"condition\":\"status == 200\",\"outcome\":\"true\",\"actual\":\"200\","
        "\"degraded\":false}],\"values\":{\"load1\":0.35,\"/\":41}}}",
    };
    for (size_t i = 0; i < COUNT_OF(results); i++) {
        msgpack_sbuffer json;
        msgpack_sbuffer_init(&json);
        assert_int_equal(render_probe_result(&results[i], &json), 0);
        assert_text(&json, bodies[i]);
        msgpack_sbuffer_destroy(&json);
    }
}

static void a_pause_is_whole_in_both_formats(void **state)
{
    (void)state;
    const pause_t pauses[] = {
        {.reason = text_of("\"disks\""), .by = text_of("token"), .since_us = AT_US},
        {.reason = text_of(""), .by = text_of("anonymous"), .since_us = AT_US, .until_us = AT_US},
    };
    static const char *const bodies[] = {
        "{\"outcome\":\"paused\",\"target\":\"a\",\"reason\":\"\\\"disks\\\"\",\"by\":\"token\","
        "\"since\":" AT ",\"until\":null}",
        "{\"outcome\":\"paused\",\"target\":\"a\",\"reason\":\"\",\"by\":\"anonymous\","
        "\"since\":" AT ",\"until\":" AT "}",
    };
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        msgpack_sbuffer json, msgpack;
        msgpack_sbuffer_init(&json);
        msgpack_sbuffer_init(&msgpack);
        assert_int_equal(render_pause("a", &pauses[i], RENDER_JSON, &json), 0);
        assert_int_equal(render_pause("a", &pauses[i], RENDER_MSGPACK, &msgpack), 0);
        assert_text(&json, bodies[i]);
        assert_equal_trees(&json, &msgpack);
        msgpack_sbuffer_destroy(&json);
        msgpack_sbuffer_destroy(&msgpack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_has_this_text),
        cmocka_unit_test(an_empty_snapshot_has_every_key),
        cmocka_unit_test(a_long_body_is_made_smaller_step_by_step),
        cmocka_unit_test(latencies_have_one_or_two_decimals),
        cmocka_unit_test(a_mean_that_is_no_latency_is_null),
        cmocka_unit_test(details_of_every_type_are_equal_in_both_formats),
        cmocka_unit_test(metrics_count_what_the_snapshot_shows),
        cmocka_unit_test(a_probe_result_is_whole),
        cmocka_unit_test(a_pause_is_whole_in_both_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
