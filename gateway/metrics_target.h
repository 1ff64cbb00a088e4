/* Samples of one target, for the table of gateway/metrics.c. What was not measured is absent. */
#ifndef HEALTHD_GATEWAY_METRICS_TARGET_H
#define HEALTHD_GATEWAY_METRICS_TARGET_H

#include "gateway/metrics.h"

/* Appends the samples of the family NAME. */
typedef void metric_fn(const char *name, const metrics_input_t *input, text_t *out);

/* The same of TARGET alone. */
typedef void metric_target_fn(const char *name, const metrics_input_t *input,
                              const target_state_t *target, text_t *out);

metric_target_fn metric_status_code, metric_status_set, metric_info, metric_success,
    metric_duration, metric_phases, metric_dns_lookup, metric_ip_protocol, metric_http_code,
    metric_http_version, metric_redirects, metric_content_length, metric_http_ssl,
    metric_cert_expiry, metric_tls_version, metric_failure, metric_last_result,
    metric_last_transition, metric_flapping, metric_dns_answers, metric_dns_authority,
    metric_dns_additional, metric_dns_serial, metric_values;

/* "ok", "degraded", "down", "unknown". */
const char *metric_status_label(int status);

#endif
