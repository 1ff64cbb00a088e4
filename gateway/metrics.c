#include "gateway/metrics.h"

#include <inttypes.h>
#include <string.h>

#include <healthd/version.h>

/* What a family is written from. */
typedef enum {
    PART_SNAPSHOT,
    PART_ALERTS,
    PART_REQUESTS,
    PART_BUILD,
    PART_CONFIG,
    PART_PROCESS
} part_t;

/* A family: its name, what stands in its TYPE and HELP lines, and who writes its samples. */
typedef struct {
    const char *name;
    const char *type;
    const char *help;
    part_t part;
    void (*write)(const char *name, const metrics_input_t *input, text_t *out);
    /* PART_SNAPSHOT, in place of the above: called for each target that is in lists and counts. */
    void (*write_target)(const char *name, const target_state_t *target, text_t *out);
} metric_t;

/* --- words --- */

static const char *status_label(int status)
{
    static const char *const labels[STATUS_COUNT] = {"ok", "degraded", "down", "unknown"};
    return labels[status];
}

static const char *severity_label(int severity)
{
    static const char *const labels[SEVERITY_COUNT] = {"info", "warning", "critical"};
    return labels[severity];
}

/* Appends STRING as the inside of a label's value. */
static void write_escaped(const char *string, text_t *out)
{
    while (*string) {
        size_t n = strcspn(string, "\\\"\n");
        text_append(out, string, n);
        string += n;
        if (!*string)
            return;
        text_append_string(out, *string == '\n' ? "\\n" : *string == '"' ? "\\\"" : "\\\\");
        string++;
    }
}

/* Whether a target stands in lists and counts. */
static bool is_counted(const target_state_t *target)
{
    return target->kind != KIND_NONE;
}

/* Appends NAME{target="...",kind="..."; what follows is the caller's. */
static void begin_sample(const char *name, const target_state_t *target, text_t *out)
{
    text_appendf(out, "%s{target=\"", name);
    write_escaped(target->name, out);
    text_appendf(out, "\",kind=\"%s\"", target_kind_name(target->kind));
}

/* Appends "} " and AT_US microseconds as seconds. */
static void end_sample_with_seconds(int64_t at_us, text_t *out)
{
    text_appendf(out, "} %" PRId64 ".%06" PRId64 "\n", at_us / 1000000, at_us % 1000000);
}

/* --- the system --- */

static void write_system_status(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %d\n", name, input->snapshot->status);
}

static void write_version(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %" PRIu64 "\n", name, input->snapshot->version);
}

static void write_target_counts(const char *name, const metrics_input_t *input, text_t *out)
{
    unsigned counts[KIND_NONE][STATUS_COUNT] = {{0}};
    for (size_t i = 0; i < input->snapshot->n_targets; i++) {
        const target_state_t *target = &input->snapshot->targets[i];
        if (is_counted(target))
            counts[target->kind][target->status]++;
    }
    for (int kind = 0; kind < KIND_NONE; kind++)
        for (int status = 0; status < STATUS_COUNT; status++)
            text_appendf(out, "%s{kind=\"%s\",status=\"%s\"} %u\n", name, target_kind_name(kind),
                         status_label(status), counts[kind][status]);
}

static void write_alert_counts(const char *name, const metrics_input_t *input, text_t *out)
{
    size_t counts[SEVERITY_COUNT] = {0};
    for (size_t i = 0; i < input->n_alerts; i++)
        counts[input->alerts[i].level]++;
    for (int severity = 0; severity < SEVERITY_COUNT; severity++)
        text_appendf(out, "%s{severity=\"%s\",state=\"firing\"} %zu\n", name,
                     severity_label(severity), counts[severity]);
}

/* --- one target --- */

static void write_status_code(const char *name, const target_state_t *target, text_t *out)
{
    begin_sample(name, target, out);
    text_appendf(out, "} %d\n", target->status);
}

static void write_status_set(const char *name, const target_state_t *target, text_t *out)
{
    for (int status = 0; status < STATUS_COUNT; status++) {
        begin_sample(name, target, out);
        text_appendf(out, ",status=\"%s\"} %d\n", status_label(status), target->status == status);
    }
}

/* Nothing is said of a target whose status is unknown: it neither succeeds nor fails. */
static void write_success(const char *name, const target_state_t *target, text_t *out)
{
    if (target->status == STATUS_UNKNOWN)
        return;
    begin_sample(name, target, out);
    text_appendf(out, "} %d\n", target->status != STATUS_DOWN);
}

static void write_duration(const char *name, const target_state_t *target, text_t *out)
{
    if (target->latency_us < 0)
        return;
    begin_sample(name, target, out);
    end_sample_with_seconds(target->latency_us, out);
}

static void write_failure(const char *name, const target_state_t *target, text_t *out)
{
    if (target->status != STATUS_DOWN && target->status != STATUS_DEGRADED)
        return;
    begin_sample(name, target, out);
    text_appendf(out, ",reason=\"%s\"} 1\n", reason_name(target->reason));
}

static void write_flapping(const char *name, const target_state_t *target, text_t *out)
{
    begin_sample(name, target, out);
    text_appendf(out, "} %d\n", target->is_flapping);
}

static void write_last_result(const char *name, const target_state_t *target, text_t *out)
{
    if (target->checked_at_us <= 0)
        return;
    begin_sample(name, target, out);
    end_sample_with_seconds(target->checked_at_us, out);
}

/* --- the process --- */

static void write_requests(const char *name, const metrics_input_t *input, text_t *out)
{
    for (size_t i = 0; i < input->requests->n_rows; i++) {
        const request_count_t *row = &input->requests->rows[i];
        text_appendf(out, "%s{route=\"%s\",method=\"%s\",code=\"%u\"} %" PRIu64 "\n", name,
                     row->route, row->method, row->code, row->n);
    }
}

static void write_build(const char *name, const metrics_input_t *input, text_t *out)
{
    (void)input;
    text_appendf(out, "%s{version=\"%s\"} 1\n", name, HEALTHD_VERSION);
}

static void write_config_successful(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %d\n", name, !input->is_config_refused);
}

static void write_config_time(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %.3f\n", name, (double)input->config_loaded_at_us / 1e6);
}

static void write_cpu(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %.2f\n", name, input->process->cpu_seconds);
}

static void write_start_time(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %.2f\n", name, input->process->start_time_seconds);
}

static void write_resident(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %" PRIu64 "\n", name, input->process->resident_bytes);
}

static void write_threads(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %" PRIu64 "\n", name, input->process->n_threads);
}

static void write_open_descriptors(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %" PRIu64 "\n", name, input->process->n_open_descriptors);
}

static void write_max_descriptors(const char *name, const metrics_input_t *input, text_t *out)
{
    text_appendf(out, "%s %" PRIu64 "\n", name, input->process->n_max_descriptors);
}

/* --- the one table of names --- */

static const metric_t metrics[] = {
    {"healthd_system_status_code", "gauge",
     "Status of the whole system: 0 OK, 1 DEGRADED, 2 CRITICAL, 3 UNKNOWN.", PART_SNAPSHOT,
     write_system_status, NULL},
    {"healthd_snapshot_version", "gauge", "Number of the snapshot; grows while the process runs.",
     PART_SNAPSHOT, write_version, NULL},
    {"healthd_targets", "gauge", "Number of targets by kind and status.", PART_SNAPSHOT,
     write_target_counts, NULL},
    {"healthd_target_status_code", "gauge",
     "Status of the target: 0 OK, 1 DEGRADED, 2 DOWN, 3 UNKNOWN.", PART_SNAPSHOT, NULL,
     write_status_code},
    {"healthd_target_status", "gauge", "1 for the status that the target has, 0 for the others.",
     PART_SNAPSHOT, NULL, write_status_set},
    {"probe_success", "gauge", "0 if the target is DOWN, 1 if it is not; absent while UNKNOWN.",
     PART_SNAPSHOT, NULL, write_success},
    {"probe_duration_seconds", "gauge",
     "How long the last confirmed check took; absent where it was not measured.", PART_SNAPSHOT,
     NULL, write_duration},
    {"probe_failure_info", "gauge", "1, with the reason, while the target is DOWN or DEGRADED.",
     PART_SNAPSHOT, NULL, write_failure},
    {"healthd_target_flapping", "gauge",
     "1 while the target's results change too often to tell of each turn.", PART_SNAPSHOT, NULL,
     write_flapping},
    {"healthd_target_last_result_timestamp_seconds", "gauge",
     "Unix time of the target's last confirmed result.", PART_SNAPSHOT, NULL, write_last_result},
    {"healthd_alerts", "gauge", "Number of active alerts by severity.", PART_ALERTS,
     write_alert_counts, NULL},
    {"healthd_http_requests_total", "counter", "Answered requests by route, method and code.",
     PART_REQUESTS, write_requests, NULL},
    {"healthd_build_info", "gauge", "1, with the version of healthd.", PART_BUILD, write_build,
     NULL},
    {"healthd_config_last_reload_successful", "gauge",
     "1 if the configuration that was read last is in force, 0 if it was refused.", PART_CONFIG,
     write_config_successful, NULL},
    {"healthd_config_last_reload_success_timestamp_seconds", "gauge",
     "Unix time when the configuration in force was taken.", PART_CONFIG, write_config_time, NULL},
    {"process_cpu_seconds_total", "counter", "User and system CPU time.", PART_PROCESS, write_cpu,
     NULL},
    {"process_resident_memory_bytes", "gauge", "Resident memory.", PART_PROCESS, write_resident,
     NULL},
    {"process_open_fds", "gauge", "Open file descriptors.", PART_PROCESS, write_open_descriptors,
     NULL},
    {"process_max_fds", "gauge", "Limit of open file descriptors.", PART_PROCESS,
     write_max_descriptors, NULL},
    {"process_start_time_seconds", "gauge", "Unix time of the process's start.", PART_PROCESS,
     write_start_time, NULL},
    {"process_threads", "gauge", "Threads of the process.", PART_PROCESS, write_threads, NULL},
};

static bool has_part(const metrics_input_t *input, part_t part)
{
    switch (part) {
    case PART_SNAPSHOT:
        return input->snapshot != NULL;
    case PART_ALERTS:
        return input->knows_alerts;
    case PART_REQUESTS:
        return input->requests != NULL;
    case PART_BUILD:
        return input->shows_build;
    case PART_CONFIG:
        return input->config_loaded_at_us != 0;
    case PART_PROCESS:
    default:
        return input->process != NULL;
    }
}

static void write_targets(const metric_t *metric, const snapshot_t *snapshot, text_t *out)
{
    for (size_t i = 0; i < snapshot->n_targets; i++)
        if (is_counted(&snapshot->targets[i]))
            metric->write_target(metric->name, &snapshot->targets[i], out);
}

void metrics_write(const metrics_input_t *input, text_t *out)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        const metric_t *metric = &metrics[i];
        if (!has_part(input, metric->part))
            continue;
        text_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                     metric->type);
        if (metric->write)
            metric->write(metric->name, input, out);
        else
            write_targets(metric, input->snapshot, out);
    }
}
