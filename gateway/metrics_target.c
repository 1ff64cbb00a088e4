#include "gateway/metrics_target.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "core/scalar.h"

/* --- words --- */

const char *metric_status_label(int status)
{
    static const char *const labels[STATUS_COUNT] = {"ok", "degraded", "down", "unknown"};
    return labels[status];
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

/* --- status --- */

void metric_status_code(const char *name, const metrics_input_t *input,
                        const target_state_t *target, text_t *out)
{
    (void)input;
    begin_sample(name, target, out);
    text_appendf(out, "} %d\n", target->status);
}

void metric_status_set(const char *name, const metrics_input_t *input, const target_state_t *target,
                       text_t *out)
{
    (void)input;
    for (int status = 0; status < STATUS_COUNT; status++) {
        begin_sample(name, target, out);
        text_appendf(out, ",status=\"%s\"} %d\n", metric_status_label(status),
                     target->status == status);
    }
}

/* Nothing is said of a target whose status is unknown: it neither succeeds nor fails. */
void metric_success(const char *name, const metrics_input_t *input, const target_state_t *target,
                    text_t *out)
{
    (void)input;
    if (target->status == STATUS_UNKNOWN)
        return;
    begin_sample(name, target, out);
    text_appendf(out, "} %d\n", target->status != STATUS_DOWN);
}

void metric_duration(const char *name, const metrics_input_t *input, const target_state_t *target,
                     text_t *out)
{
    (void)input;
    if (target->latency_us < 0)
        return;
    begin_sample(name, target, out);
    end_sample_with_seconds(target->latency_us, out);
}

void metric_failure(const char *name, const metrics_input_t *input, const target_state_t *target,
                    text_t *out)
{
    (void)input;
    if (target->status != STATUS_DOWN && target->status != STATUS_DEGRADED)
        return;
    begin_sample(name, target, out);
    text_appendf(out, ",reason=\"%s\"} 1\n", reason_name(target->reason));
}

void metric_last_result(const char *name, const metrics_input_t *input,
                        const target_state_t *target, text_t *out)
{
    (void)input;
    if (target->checked_at_us <= 0)
        return;
    begin_sample(name, target, out);
    end_sample_with_seconds(target->checked_at_us, out);
}

void metric_flapping(const char *name, const metrics_input_t *input, const target_state_t *target,
                     text_t *out)
{
    (void)input;
    begin_sample(name, target, out);
    text_appendf(out, "} %d\n", target->is_flapping);
}

void metric_last_transition(const char *name, const metrics_input_t *input,
                            const target_state_t *target, text_t *out)
{
    (void)input;
    if (target->since_us <= 0)
        return;
    begin_sample(name, target, out);
    end_sample_with_seconds(target->since_us, out);
}

/* Appends those of TARGET's labels that the configuration names. */
static void write_labels(const target_state_t *target, const config_t *config, text_t *out)
{
    if (!target->labels || config->n_metric_labels == 0)
        return;
    json_t *labels = json_loads(target->labels, 0, NULL);
    for (size_t i = 0; i < config->n_metric_labels; i++) {
        const char *value = json_string_value(json_object_get(labels, config->metric_labels[i]));
        if (!value)
            continue;
        text_appendf(out, ",%s=\"", config->metric_labels[i]);
        write_escaped(value, out);
        text_append_string(out, "\"");
    }
    json_decref(labels);
}

void metric_info(const char *name, const metrics_input_t *input, const target_state_t *target,
                 text_t *out)
{
    long at = input->config ? config_target_at(input->config, target->name) : -1;
    if (at < 0)
        return;
    begin_sample(name, target, out);
    text_appendf(out, ",type=\"%s\",critical=\"%s\"",
                 probe_type_name(input->config->targets[at].type),
                 target->is_critical ? "true" : "false");
    write_labels(target, input->config, out);
    text_append_string(out, "} 1\n");
}

/* --- what was measured --- */

/* What was measured of TARGET; without a measurement, something that says so of each number. */
static const measurement_t *measured(const target_state_t *target)
{
    static const measurement_t nothing = {
        .http_code = MEASURED_NONE,
        .resolve_us = MEASURED_NONE,
        .connect_us = MEASURED_NONE,
        .tls_us = MEASURED_NONE,
        .first_byte_us = MEASURED_NONE,
        .transfer_us = MEASURED_NONE,
        .n_redirects = MEASURED_NONE,
        .content_length_bytes = MEASURED_NONE,
    };
    return target->measurement ? target->measurement : &nothing;
}

static void write_number(const char *name, const target_state_t *target, int64_t number,
                         text_t *out)
{
    if (number == MEASURED_NONE)
        return;
    begin_sample(name, target, out);
    text_appendf(out, "} %" PRId64 "\n", number);
}

void metric_phases(const char *name, const metrics_input_t *input, const target_state_t *target,
                   text_t *out)
{
    (void)input;
    const measurement_t *measurement = measured(target);
    const struct {
        const char *phase; /* as blackbox_exporter calls them */
        int64_t us;
    } phases[] = {
        {"resolve", measurement->resolve_us},   {"connect", measurement->connect_us},
        {"tls", measurement->tls_us},           {"processing", measurement->first_byte_us},
        {"transfer", measurement->transfer_us},
    };
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        if (phases[i].us == MEASURED_NONE)
            continue;
        begin_sample(name, target, out);
        text_appendf(out, ",phase=\"%s\"", phases[i].phase);
        end_sample_with_seconds(phases[i].us, out);
    }
}

void metric_dns_lookup(const char *name, const metrics_input_t *input, const target_state_t *target,
                       text_t *out)
{
    (void)input;
    if (measured(target)->resolve_us == MEASURED_NONE)
        return;
    begin_sample(name, target, out);
    end_sample_with_seconds(measured(target)->resolve_us, out);
}

void metric_ip_protocol(const char *name, const metrics_input_t *input,
                        const target_state_t *target, text_t *out)
{
    (void)input;
    const char *ip = measured(target)->ip;
    write_number(name, target, !ip ? MEASURED_NONE : strchr(ip, ':') ? 6 : 4, out);
}

void metric_http_code(const char *name, const metrics_input_t *input, const target_state_t *target,
                      text_t *out)
{
    (void)input;
    write_number(name, target, measured(target)->http_code, out);
}

void metric_http_version(const char *name, const metrics_input_t *input,
                         const target_state_t *target, text_t *out)
{
    (void)input;
    const char *version = measured(target)->http_version;
    if (!version || !*version || version[strspn(version, "0123456789.")])
        return;
    begin_sample(name, target, out);
    text_appendf(out, "} %s\n", version);
}

void metric_redirects(const char *name, const metrics_input_t *input, const target_state_t *target,
                      text_t *out)
{
    (void)input;
    const measurement_t *measurement = measured(target);
    bool has_answer = measurement->http_code != MEASURED_NONE;
    write_number(name, target, has_answer ? measurement->n_redirects : MEASURED_NONE, out);
}

void metric_content_length(const char *name, const metrics_input_t *input,
                           const target_state_t *target, text_t *out)
{
    (void)input;
    write_number(name, target, measured(target)->content_length_bytes, out);
}

void metric_http_ssl(const char *name, const metrics_input_t *input, const target_state_t *target,
                     text_t *out)
{
    (void)input;
    const measurement_t *measurement = measured(target);
    if (measurement->http_code != MEASURED_NONE)
        write_number(name, target, measurement->tls_version != NULL, out);
}

void metric_cert_expiry(const char *name, const metrics_input_t *input,
                        const target_state_t *target, text_t *out)
{
    (void)input;
    int64_t at_us = measured(target)->cert_expires_at_us;
    write_number(name, target, at_us > 0 ? at_us / 1000000 : MEASURED_NONE, out);
}

void metric_tls_version(const char *name, const metrics_input_t *input,
                        const target_state_t *target, text_t *out)
{
    (void)input;
    const char *version = measured(target)->tls_version;
    if (!version)
        return;
    begin_sample(name, target, out);
    text_append_string(out, ",version=\"");
    write_escaped(version, out);
    text_append_string(out, "\"} 1\n");
}

void metric_values(const char *name, const metrics_input_t *input, const target_state_t *target,
                   text_t *out)
{
    (void)input;
    const measurement_t *measurement = measured(target);
    for (size_t i = 0; i < measurement->n_values; i++) {
        char number[SCALAR_NUMBER_TEXT_BYTES];
        scalar_number_text(measurement->values[i].number, number);
        begin_sample(name, target, out);
        text_append_string(out, ",value=\"");
        write_escaped(measurement->values[i].name, out);
        text_appendf(out, "\"} %s\n", number);
    }
}

/* --- of some types of probes alone --- */

static void write_kind(const char *name, const target_state_t *target, measured_kind_t kind,
                       text_t *out)
{
    write_number(name, target, measured_number_of(measured(target), kind), out);
}

#define METRIC_OF_KIND(metric, kind)                                                               \
    void metric(const char *name, const metrics_input_t *input, const target_state_t *target,      \
                text_t *out)                                                                       \
    {                                                                                              \
        (void)input;                                                                               \
        write_kind(name, target, kind, out);                                                       \
    }
METRIC_OF_KIND(metric_dns_answers, MEASURED_DNS_ANSWER_RRS)
METRIC_OF_KIND(metric_dns_authority, MEASURED_DNS_AUTHORITY_RRS)
METRIC_OF_KIND(metric_dns_additional, MEASURED_DNS_ADDITIONAL_RRS)
METRIC_OF_KIND(metric_dns_serial, MEASURED_DNS_SERIAL)
