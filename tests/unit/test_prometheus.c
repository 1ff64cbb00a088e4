#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/version.h>

#include "gateway/metrics.h"
#include "tests/test.h"

static char redis_name[] = "redis";
static char odd_name[] = "a\"b\\c\nd";
static char stop_name[] = EMERGENCY_STOP;

static char labels[] = "{\"team\":\"a\\\"b\",\"other\":\"x\"}";
static char ip[] = "2001:db8::1";
static char http_version[] = "1.1";
static char tls_version[] = "1.3";
static char load1[] = "load1", odd_value[] = "/v\"";
static measured_value_t values[] = {{load1, 0.1}, {odd_value, -2e20}};
static measurement_t measurement = {.ip = ip,
                                    .http_code = 503,
                                    .http_version = http_version,
                                    .tls_version = tls_version,
                                    .resolve_us = 1500,
                                    .connect_us = MEASURED_NONE,
                                    .tls_us = 20000,
                                    .first_byte_us = 0,
                                    .transfer_us = MEASURED_NONE,
                                    .cert_expires_at_us = 1795488330289500,
                                    .n_redirects = 2,
                                    .content_length_bytes = MEASURED_NONE,
                                    .values = values,
                                    .n_values = 2};

/* One target of each status, and the emergency stop. */
static target_state_t targets[] = {
    {.name = redis_name,
     .kind = KIND_INFRASTRUCTURE,
     .status = STATUS_OK,
     .latency_us = 1750,
     .checked_at_us = 1795488330289500,
     .since_us = 1795488330000000,
     .labels = labels,
     .measurement = &measurement},
    {.name = odd_name,
     .kind = KIND_SERVICE,
     .status = STATUS_DOWN,
     .reason = REASON_REFUSED,
     .latency_us = LATENCY_NONE,
     .checked_at_us = 1795488330000007},
    {.name = odd_name,
     .kind = KIND_SERVICE,
     .status = STATUS_DEGRADED,
     .reason = REASON_STATUS,
     .latency_us = 2000000},
    {.name = redis_name,
     .kind = KIND_SERVICE,
     .status = STATUS_UNKNOWN,
     .reason = REASON_STALE,
     .latency_us = LATENCY_NONE},
    {.name = stop_name, .kind = KIND_NONE, .status = STATUS_OK, .latency_us = LATENCY_NONE},
};

static char uplink[] = "uplink";
static char lan[] = "lan";
static connectivity_t checks[] = {{.name = uplink, .sight = SIGHT_LOST},
                                  {.name = lan, .sight = SIGHT_NEVER}};

static const snapshot_t snapshot = {.version = 42,
                                    .status = SYSTEM_CRITICAL,
                                    .targets = targets,
                                    .n_targets = COUNT_OF(targets),
                                    .connectivity = checks,
                                    .n_connectivity = COUNT_OF(checks)};

static char *written(const metrics_input_t *input)
{
    text_t text = {0};
    metrics_write(input, &text);
    char *bytes = text_take(&text);
    assert_non_null(bytes);
    return bytes;
}

static char *everything(void)
{
    static alert_t alerts[] = {
        {.level = SEVERITY_CRITICAL}, {.level = SEVERITY_WARNING}, {.level = SEVERITY_CRITICAL}};
    static const process_stats_t process = {.cpu_seconds = 1.25,
                                            .start_time_seconds = 1795488000.5,
                                            .resident_bytes = 8388608,
                                            .n_threads = 11,
                                            .n_open_descriptors = 40,
                                            .n_max_descriptors = 1024};
    request_counts_t requests = {.n_rows = 0};
    request_counts_add(&requests, "/health", "GET", 200, 1500);
    request_counts_add(&requests, "/health", "GET", 200, 1500);
    request_counts_add(&requests, "/health", "BREW", 405, 1500);
    static char team[] = "team";
    static char *shown_labels[] = {team};
    static target_t settings[] = {{.name = redis_name, .type = PROBE_REDIS}};
    config_t config = {
        .targets = settings, .n_targets = 1, .metric_labels = shown_labels, .n_metric_labels = 1};
    assert_int_equal(config_seal(&config), 0);
    static char actor[] = "redis collector";
    vitals_draft_t draft = {.n = 0};
    vitals_add(&draft, VITAL_PROBES, 12, "type=\"redis\",outcome=\"%s\"", "ok");
    vitals_add(&draft, VITAL_STATE_DURABLE, 0, "%s", "");
    vitals_add_part(&draft, VITAL_PROBE_LAG, VITAL_BUCKET, 3, "le=\"+Inf\"");
    vitals_add_part(&draft, VITAL_PROBE_LAG, VITAL_SUM, 0.25, "%s", "");
    vitals_add_part(&draft, VITAL_PROBE_LAG, VITAL_N, 3, "%s", "");
    vitals_t vitals = {
        .actor = actor, .at_us = 1795488330289500, .signs = draft.signs, .n_signs = draft.n};
    const vitals_book_t book = {.of_actor = {&vitals}, .n = 1};
    const metrics_input_t input = {.snapshot = &snapshot,
                                   .config = &config,
                                   .vitals = &book,
                                   .alerts = alerts,
                                   .n_alerts = COUNT_OF(alerts),
                                   .knows_alerts = true,
                                   .process = &process,
                                   .requests = &requests,
                                   .shows_build = true,
                                   .config_loaded_at_us = 1795488000250000,
                                   .is_config_refused = true};
    char *text = written(&input);
    config_unseal(&config);
    return text;
}

static void assert_line(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    size_t n = strlen(line);
    while (at && ((at != text && at[-1] != '\n') || at[n] != '\n'))
        at = strstr(at + 1, line);
    if (!at)
        fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void each_family_shows_what_is_known(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "healthd_system_status_code 2",
        "healthd_snapshot_version 42",
        "healthd_blind{reason=\"uplink\"} 1",
        "healthd_blind{reason=\"lan\"} 0",
        "healthd_targets{kind=\"service\",status=\"ok\"} 0",
        "healthd_targets{kind=\"service\",status=\"down\"} 1",
        "healthd_targets{kind=\"service\",status=\"unknown\"} 1",
        "healthd_targets{kind=\"infrastructure\",status=\"ok\"} 1",
        "healthd_target_status_code{target=\"redis\",kind=\"infrastructure\"} 0",
        "healthd_target_status{target=\"redis\",kind=\"infrastructure\",status=\"ok\"} 1",
        "healthd_target_status{target=\"redis\",kind=\"infrastructure\",status=\"down\"} 0",
        "healthd_target_status{target=\"redis\",kind=\"service\",status=\"unknown\"} 1",
        "probe_success{target=\"redis\",kind=\"infrastructure\"} 1",
        "probe_success{target=\"a\\\"b\\\\c\\nd\",kind=\"service\"} 0",
        "probe_duration_seconds{target=\"redis\",kind=\"infrastructure\"} 0.001750",
        "probe_duration_seconds{target=\"a\\\"b\\\\c\\nd\",kind=\"service\"} 2.000000",
        "probe_failure_info{target=\"a\\\"b\\\\c\\nd\",kind=\"service\",reason=\"refused\"} 1",
        "healthd_target_value{target=\"redis\",kind=\"infrastructure\",value=\"load1\"} 0.1",
        "healthd_target_value{target=\"redis\",kind=\"infrastructure\",value=\"/v\\\"\"} -2e+20",
        "healthd_target_flapping{target=\"redis\",kind=\"infrastructure\"} 0",
        "healthd_target_last_result_timestamp_seconds{target=\"redis\",kind=\"infrastructure\"} "
        "1795488330.289500",
        "healthd_alerts{severity=\"critical\",state=\"firing\"} 2",
        "healthd_alerts{severity=\"warning\",state=\"firing\"} 1",
        "healthd_alerts{severity=\"info\",state=\"firing\"} 0",
        "healthd_http_requests_total{route=\"/health\",method=\"GET\",code=\"200\"} 2",
        "healthd_http_requests_total{route=\"/health\",method=\"other\",code=\"405\"} 1",
        "healthd_http_request_duration_seconds_bucket{route=\"/health\",method=\"GET\","
        "code=\"200\",le=\"0.001\"} 0",
        "healthd_http_request_duration_seconds_bucket{route=\"/health\",method=\"GET\","
        "code=\"200\",le=\"0.005\"} 2",
        "healthd_http_request_duration_seconds_bucket{route=\"/health\",method=\"GET\","
        "code=\"200\",le=\"+Inf\"} 2",
        "healthd_http_request_duration_seconds_sum{route=\"/health\",method=\"GET\","
        "code=\"200\"} 0.003000",
        "healthd_http_request_duration_seconds_count{route=\"/health\",method=\"GET\","
        "code=\"200\"} 2",
        "healthd_target_info{target=\"redis\",kind=\"infrastructure\",type=\"redis\","
        "critical=\"false\",team=\"a\\\"b\"} 1",
        "probe_http_duration_seconds{target=\"redis\",kind=\"infrastructure\",phase=\"resolve\"} "
        "0.001500",
        "probe_http_duration_seconds{target=\"redis\",kind=\"infrastructure\","
        "phase=\"processing\"} 0.000000",
        "probe_dns_lookup_time_seconds{target=\"redis\",kind=\"infrastructure\"} 0.001500",
        "probe_ip_protocol{target=\"redis\",kind=\"infrastructure\"} 6",
        "probe_http_status_code{target=\"redis\",kind=\"infrastructure\"} 503",
        "probe_http_version{target=\"redis\",kind=\"infrastructure\"} 1.1",
        "probe_http_redirects{target=\"redis\",kind=\"infrastructure\"} 2",
        "probe_http_ssl{target=\"redis\",kind=\"infrastructure\"} 1",
        "probe_ssl_earliest_cert_expiry{target=\"redis\",kind=\"infrastructure\"} 1795488330",
        "probe_tls_version_info{target=\"redis\",kind=\"infrastructure\",version=\"1.3\"} 1",
        "healthd_target_last_transition_timestamp_seconds{target=\"redis\","
        "kind=\"infrastructure\"} 1795488330.000000",
        "healthd_probes_total{type=\"redis\",outcome=\"ok\"} 12",
        "healthd_state_durable 0",
        "healthd_probe_lag_seconds_bucket{le=\"+Inf\"} 3",
        "healthd_probe_lag_seconds_sum 0.25",
        "healthd_probe_lag_seconds_count 3",
        "healthd_actor_last_beat_timestamp_seconds{actor=\"redis collector\"} 1795488330.289",
        "healthd_build_info{version=\"" HEALTHD_VERSION "\"} 1",
        "healthd_config_last_reload_successful 0",
        "healthd_config_last_reload_success_timestamp_seconds 1795488000.250",
        "process_cpu_seconds_total 1.25",
        "process_resident_memory_bytes 8388608",
        "process_open_fds 40",
        "process_max_fds 1024",
        "process_start_time_seconds 1795488000.50",
        "process_threads 11",
        "# TYPE healthd_http_requests_total counter",
    };
    char *text = everything();
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_line(text, lines[i]);
    free(text);
}

static void what_was_not_measured_is_absent(void **state)
{
    (void)state;
    char *text = everything();
    assert_null(strstr(text, EMERGENCY_STOP));
    assert_null(strstr(text, "probe_success{target=\"redis\",kind=\"service\"}"));
    assert_null(strstr(text, "probe_duration_seconds{target=\"redis\",kind=\"service\"}"));
    assert_null(strstr(text, "probe_failure_info{target=\"redis\""));
    assert_null(strstr(text, "phase=\"connect\""));
    assert_null(strstr(text, "probe_http_content_length{"));
    assert_null(strstr(text, "probe_http_status_code{target=\"a"));
    assert_null(strstr(text, "probe_http_redirects{target=\"a"));
    assert_null(strstr(text, "probe_http_ssl{target=\"a"));
    assert_null(strstr(text, "healthd_target_value{target=\"a"));
    assert_null(strstr(text, "healthd_target_info{target=\"a"));
    assert_null(strstr(text, "# TYPE healthd_bus_connected"));
    assert_null(strstr(text, "other=\""));
    assert_null(strstr(text, "timestamp_seconds{target=\"redis\",kind=\"service\"}"));
    free(text);
}

static void only_known_parts_are_written(void **state)
{
    (void)state;
    const metrics_input_t input = {.shows_build = true};
    char *text = written(&input);
    assert_string_equal(text, "# HELP healthd_build_info 1, with the version of healthd.\n"
                              "# TYPE healthd_build_info gauge\n"
                              "healthd_build_info{version=\"" HEALTHD_VERSION "\"} 1\n");
    free(text);
}

/* HELP and TYPE come once for each family, and all its samples directly after them. */
static void families_stand_together(void **state)
{
    (void)state;
    char *text = everything();
    char family[128] = "";
    size_t n_families = 0;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        char name[128];
        if (sscanf(line, "# HELP %127s", name) == 1) {
            char help[140];
            assert_true(snprintf(help, sizeof help, "# HELP %s ", name) > 0);
            assert_null(rest ? strstr(rest, help) : NULL);
            memcpy(family, name, sizeof family);
            n_families++;
            continue;
        }
        if (sscanf(line, "# TYPE %127s", name) == 1) {
            assert_string_equal(name, family);
            continue;
        }
        size_t n = strlen(family);
        assert_true(strcspn(line, "{ ") >= n);
        assert_memory_equal(line, family, n);
    }
    assert_int_equal(n_families, 44);
    free(text);
}

static void request_counts_are_bounded(void **state)
{
    (void)state;
    request_counts_t counts = {.n_rows = 0};
    for (unsigned code = 0; code < 2 * REQUEST_COUNTS_MAX; code++)
        request_counts_add(&counts, "/health", "GET", code, 0);
    assert_int_equal(counts.n_rows, REQUEST_COUNTS_MAX);
    request_counts_add(&counts, "/health", "GET", 0, 0);
    assert_int_equal(counts.rows[0].durations.n, 2);
}

static void this_process_can_be_read(void **state)
{
    (void)state;
    process_stats_t stats;
    assert_int_equal(process_stats_read(&stats), 0);
    assert_true(stats.resident_bytes > 100000);
    assert_true(stats.n_threads >= 1);
    assert_true(stats.n_open_descriptors >= 2 && stats.n_open_descriptors < 1000);
    assert_true(stats.n_max_descriptors >= stats.n_open_descriptors);
    assert_true(stats.start_time_seconds > 1.5e9);
    assert_true(stats.cpu_seconds >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_family_shows_what_is_known),
        cmocka_unit_test(what_was_not_measured_is_absent),
        cmocka_unit_test(only_known_parts_are_written),
        cmocka_unit_test(families_stand_together),
        cmocka_unit_test(request_counts_are_bounded),
        cmocka_unit_test(this_process_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
