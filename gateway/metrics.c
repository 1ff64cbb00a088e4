#include "gateway/metrics.h"

#include <inttypes.h>
#include <stdio.h>

#include <healthd/version.h>

#include "gateway/metrics_target.h"

/* What a family is written from. */
typedef enum {
    PART_SNAPSHOT,
    PART_ALERTS,
    PART_REQUESTS,
    PART_BUILD,
    PART_CONFIG,
    PART_PROCESS,
    PART_VITALS
} part_t;

/* A family: its name, what stands in its TYPE and HELP lines, its labels, and who writes its
 * samples. */
typedef struct {
    const char *name;
    const char *type;
    const char *labels; /* "" where it has none */
    const char *help;
    metric_fn *write;
    metric_target_fn *write_target; /* PART_SNAPSHOT, in place of the above: for each target that is
                                       in lists and counts */
    part_t part;
    vital_metric_t vital; /* PART_VITALS */
} metric_t;

static const char *severity_label(int severity)
{
    static const char *const labels[SEVERITY_COUNT] = {"info", "warning", "critical"};
    return labels[severity];
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

static void write_blind(const char *name, const metrics_input_t *input, text_t *out)
{
    for (size_t i = 0; i < input->snapshot->n_connectivity; i++)
        text_appendf(out, "%s{reason=\"%s\"} %d\n", name, input->snapshot->connectivity[i].name,
                     input->snapshot->connectivity[i].sight == SIGHT_LOST);
}

static void write_target_counts(const char *name, const metrics_input_t *input, text_t *out)
{
    unsigned counts[KIND_NONE][STATUS_COUNT] = {{0}};
    for (size_t i = 0; i < input->snapshot->n_targets; i++) {
        const target_state_t *target = &input->snapshot->targets[i];
        if (target->kind != KIND_NONE)
            counts[target->kind][target->status]++;
    }
    for (int kind = 0; kind < KIND_NONE; kind++)
        for (int status = 0; status < STATUS_COUNT; status++)
            text_appendf(out, "%s{kind=\"%s\",status=\"%s\"} %u\n", name, target_kind_name(kind),
                         metric_status_label(status), counts[kind][status]);
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

/* --- the process --- */

static void write_requests(const char *name, const metrics_input_t *input, text_t *out)
{
    for (size_t i = 0; i < input->requests->n_rows; i++) {
        const request_count_t *row = &input->requests->rows[i];
        text_appendf(out, "%s{route=\"%s\",method=\"%s\",code=\"%u\"} %" PRIu64 "\n", name,
                     row->route, row->method, row->code, row->durations.n);
    }
}

static void write_request_durations(const char *name, const metrics_input_t *input, text_t *out)
{
    for (size_t i = 0; i < input->requests->n_rows; i++) {
        const request_count_t *row = &input->requests->rows[i];
        const histogram_t *durations = &row->durations;
        char labels[256]; /* patterns, methods and codes are short */
        (void)snprintf(labels, sizeof labels, "route=\"%s\",method=\"%s\",code=\"%u\"", row->route,
                       row->method, row->code);
        for (size_t j = 0; j < HISTOGRAM_BUCKETS; j++)
            text_appendf(out, "%s_bucket{%s,le=\"%s\"} %" PRIu64 "\n", name, labels,
                         histogram_bound(j), histogram_up_to(durations, j));
        text_appendf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, labels, durations->n);
        text_appendf(out, "%s_sum{%s} %.6f\n", name, labels, (double)durations->sum_us / 1e6);
        text_appendf(out, "%s_count{%s} %" PRIu64 "\n", name, labels, durations->n);
    }
}

/* --- vital signs --- */

static bool has_sign(const vitals_book_t *book, vital_metric_t metric)
{
    return vitals_book_value(book, metric, -1) >= 0;
}

static void write_signs(const metric_t *metric, const vitals_t *vitals, text_t *out)
{
    static const char *const suffixes[VITAL_PART_COUNT] = {"", "_bucket", "_sum", "_count"};
    for (size_t i = 0; i < vitals->n_signs; i++) {
        const vital_t *sign = &vitals->signs[i];
        if (sign->metric != (int)metric->vital)
            continue;
        text_appendf(out, "%s%s", metric->name, suffixes[sign->part]);
        if (sign->labels)
            text_appendf(out, "{%s}", sign->labels);
        text_appendf(out, " %.15g\n", sign->value);
    }
}

static void write_beats(const char *name, const metrics_input_t *input, text_t *out)
{
    for (size_t i = 0; i < input->vitals->n; i++)
        text_appendf(out, "%s{actor=\"%s\"} %.3f\n", name, input->vitals->of_actor[i]->actor,
                     (double)input->vitals->of_actor[i]->at_us / 1e6);
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

#define TARGET "target, kind"
#define SYSTEM(name, help, labels, fn)                                                             \
    {                                                                                              \
        name, "gauge", labels, help, .part = PART_SNAPSHOT, .write = fn                            \
    }
#define OF_TARGET(name, help, labels, fn)                                                          \
    {                                                                                              \
        name, "gauge", labels, help, .part = PART_SNAPSHOT, .write_target = fn                     \
    }
#define OF_PROCESS(name, type, help, fn)                                                           \
    {                                                                                              \
        name, type, "", help, .part = PART_PROCESS, .write = fn                                    \
    }
#define OF_ACTORS(name, type, labels, help, sign)                                                  \
    {                                                                                              \
        name, type, labels, help, .part = PART_VITALS, .vital = sign                               \
    }

static const metric_t metrics[] = {
    SYSTEM("healthd_system_status_code",
           "Status of the whole system: 0 OK, 1 DEGRADED, 2 CRITICAL, 3 UNKNOWN.", "",
           write_system_status),
    SYSTEM("healthd_snapshot_version", "Number of the snapshot; grows while the process runs.", "",
           write_version),
    SYSTEM("healthd_blind",
           "1 while the connectivity check named by reason fails, else 0; absent without checks.",
           "reason", write_blind),
    SYSTEM("healthd_targets", "Number of targets by kind and status.", "kind, status",
           write_target_counts),
    OF_TARGET("healthd_target_status_code",
              "Status of the target: 0 OK, 1 DEGRADED, 2 DOWN, 3 UNKNOWN.", TARGET,
              metric_status_code),
    OF_TARGET("healthd_target_status", "1 for the status that the target has, 0 for the others.",
              TARGET ", status", metric_status_set),
    OF_TARGET("healthd_target_info",
              "1, with what the target is, and its labels that gateway.metric_labels names.",
              TARGET ", type, critical, those configured", metric_info),
    OF_TARGET("probe_success", "0 if the target is DOWN, 1 if it is not; absent while UNKNOWN.",
              TARGET, metric_success),
    OF_TARGET("probe_duration_seconds",
              "How long the last confirmed check took; absent where it was not measured.", TARGET,
              metric_duration),
    OF_TARGET("probe_http_duration_seconds",
              "How long its phases took; those that were not reached are absent.", TARGET ", phase",
              metric_phases),
    OF_TARGET("probe_dns_lookup_time_seconds", "How long the look-up of the name took.", TARGET,
              metric_dns_lookup),
    OF_TARGET("probe_ip_protocol", "Version of IP: 4 or 6.", TARGET, metric_ip_protocol),
    OF_TARGET("probe_http_status_code", "Code of the last answer.", TARGET, metric_http_code),
    OF_TARGET("probe_http_version", "Version of HTTP of the last answer.", TARGET,
              metric_http_version),
    OF_TARGET("probe_http_redirects", "Redirects that were followed.", TARGET, metric_redirects),
    OF_TARGET("probe_http_content_length", "Content-Length of the last answer, in bytes.", TARGET,
              metric_content_length),
    OF_TARGET("probe_http_ssl", "1 if the last answer came over TLS, else 0.", TARGET,
              metric_http_ssl),
    OF_TARGET("probe_ssl_earliest_cert_expiry",
              "Unix time when the first certificate of the chain expires.", TARGET,
              metric_cert_expiry),
    OF_TARGET("probe_tls_version_info", "1, with the version of TLS.", TARGET ", version",
              metric_tls_version),
    OF_TARGET("healthd_target_value", "Numbers that the last answer gave, by their names.",
              TARGET ", value", metric_values),
    OF_TARGET("probe_dns_answer_rrs", "Records in the answer section of a dns target's answer.",
              TARGET, metric_dns_answers),
    OF_TARGET("probe_dns_authority_rrs", "Records in its authority section.", TARGET,
              metric_dns_authority),
    OF_TARGET("probe_dns_additional_rrs", "Records in its additional section.", TARGET,
              metric_dns_additional),
    OF_TARGET("probe_dns_serial", "Serial number of the SOA record that it answered.", TARGET,
              metric_dns_serial),
    OF_TARGET("probe_failure_info", "1, with the reason, while the target is DOWN or DEGRADED.",
              TARGET ", reason", metric_failure),
    OF_TARGET("healthd_target_flapping",
              "1 while the target's results change too often to tell of each turn.", TARGET,
              metric_flapping),
    OF_TARGET("healthd_target_last_result_timestamp_seconds",
              "Unix time of the target's last confirmed result.", TARGET, metric_last_result),
    OF_TARGET("healthd_target_last_transition_timestamp_seconds",
              "Unix time when the target's status began.", TARGET, metric_last_transition),
    {"healthd_alerts", "gauge", "severity, state", "Number of active alerts by severity.",
     .part = PART_ALERTS, .write = write_alert_counts},
    OF_ACTORS("healthd_alerts_raised_total", "counter", "severity",
              "Alerts that were raised since the start.", VITAL_ALERTS_RAISED),
    OF_ACTORS("healthd_alerts_resolved_total", "counter", "severity",
              "Alerts that were resolved since the start.", VITAL_ALERTS_RESOLVED),
    OF_ACTORS("healthd_state_durable", "gauge", "", "0 while the disk refuses alerts, else 1.",
              VITAL_STATE_DURABLE),
    OF_ACTORS("healthd_probes_total", "counter", "type, outcome",
              "Checks that ended, by what they found.", VITAL_PROBES),
    OF_ACTORS("healthd_probe_failures_total", "counter", "type, reason",
              "Checks that did not find the target OK, by why.", VITAL_PROBE_FAILURES),
    OF_ACTORS("healthd_probe_duration_seconds", "histogram", "type",
              "How long checks took that got an answer.", VITAL_PROBE_DURATION),
    OF_ACTORS("healthd_probe_lag_seconds", "histogram", "type",
              "How long after they were due checks were taken up; a wait for its host's turn "
              "comes on top.",
              VITAL_PROBE_LAG),
    OF_ACTORS("healthd_bus_connected", "gauge", "", "1 while Redis answers the writer, else 0.",
              VITAL_BUS_CONNECTED),
    OF_ACTORS("healthd_bus_buffered_events", "gauge", "",
              "Events in memory that the disk has not taken yet.", VITAL_BUS_BUFFERED),
    OF_ACTORS("healthd_bus_events_total", "counter", "outcome",
              "Events that Redis has, and those that were dropped to keep a bound.",
              VITAL_BUS_EVENTS),
    OF_ACTORS("healthd_publish_frames_total", "counter", "topic",
              "Messages that were published over ZeroMQ.", VITAL_PUBLISH_FRAMES),
    OF_ACTORS("healthd_actor_mailbox_messages", "gauge", "actor",
              "Messages that waited for the actor at once, at most, in the last second.",
              VITAL_MAILBOX),
    {"healthd_actor_last_beat_timestamp_seconds", "gauge", "actor",
     "Unix time when the actor last told its vital signs.", .part = PART_VITALS,
     .write = write_beats},
    {"healthd_http_requests_total", "counter", "route, method, code",
     "Answered requests by route, method and code.", .part = PART_REQUESTS,
     .write = write_requests},
    {"healthd_http_request_duration_seconds", "histogram", "route, method, code",
     "From a request whole to its answer.", .part = PART_REQUESTS,
     .write = write_request_durations},
    {"healthd_build_info", "gauge", "version", "1, with the version of healthd.",
     .part = PART_BUILD, .write = write_build},
    {"healthd_config_last_reload_successful", "gauge", "",
     "1 if the configuration that was read last is in force, 0 if it was refused.",
     .part = PART_CONFIG, .write = write_config_successful},
    {"healthd_config_last_reload_success_timestamp_seconds", "gauge", "",
     "Unix time when the configuration in force was taken.", .part = PART_CONFIG,
     .write = write_config_time},
    OF_PROCESS("process_cpu_seconds_total", "counter", "User and system CPU time.", write_cpu),
    OF_PROCESS("process_resident_memory_bytes", "gauge", "Resident memory.", write_resident),
    OF_PROCESS("process_open_fds", "gauge", "Open file descriptors.", write_open_descriptors),
    OF_PROCESS("process_max_fds", "gauge", "Limit of open file descriptors.",
               write_max_descriptors),
    OF_PROCESS("process_start_time_seconds", "gauge", "Unix time of the process's start.",
               write_start_time),
    OF_PROCESS("process_threads", "gauge", "Threads of the process.", write_threads),
};

/* Whether METRIC has something to be written from. */
static bool has_part(const metrics_input_t *input, const metric_t *metric)
{
    switch (metric->part) {
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
    case PART_VITALS:
        return input->vitals && (metric->write || has_sign(input->vitals, metric->vital));
    case PART_PROCESS:
    default:
        return input->process != NULL;
    }
}

static void write_samples(const metric_t *metric, const metrics_input_t *input, text_t *out)
{
    if (metric->write) {
        metric->write(metric->name, input, out);
    } else if (metric->write_target) {
        for (size_t i = 0; i < input->snapshot->n_targets; i++)
            if (input->snapshot->targets[i].kind != KIND_NONE)
                metric->write_target(metric->name, input, &input->snapshot->targets[i], out);
    } else {
        for (size_t i = 0; i < input->vitals->n; i++)
            write_signs(metric, input->vitals->of_actor[i], out);
    }
}

void metrics_write(const metrics_input_t *input, text_t *out)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        const metric_t *metric = &metrics[i];
        if (!has_part(input, metric))
            continue;
        text_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                     metric->type);
        write_samples(metric, input, out);
    }
}

void metrics_write_reference(text_t *out)
{
    text_append_string(out, "| name | type | labels | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        text_appendf(out, "| %s | %s | %s | %s |\n", metrics[i].name, metrics[i].type,
                     metrics[i].labels, metrics[i].help);
}
