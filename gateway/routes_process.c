#include <inttypes.h>

#include <healthd/version.h>

#include "gateway/metrics.h"
#include "gateway/routes.h"

/* An answer as old as this still shows that its owner works. */
#define READY_ANSWER_US ((int64_t)5000000)

/* --- livez, readyz --- */

void handle_live(gateway_t *gateway, const route_call_t *call)
{
    int64_t uptime_s = (clock_mono_us() - gateway->started_at_us) / 1000000;
    text_t body = {0};
    text_appendf(&body,
                 "{\"status\":\"ok\",\"version\":\"" HEALTHD_VERSION
                 "\",\"uptime_seconds\":%" PRId64 "}",
                 uptime_s);
    gateway_reply(gateway, call->request_id, reply_of_text(200, CONTENT_TYPE_JSON, &body));
}

static reply_t *readiness(bool has_health, bool has_alerts)
{
    bool is_ready = has_health && has_alerts;
    text_t body = {0};
    text_appendf(&body,
                 "{\"status\":\"%s\",\"actors\":{\"aggregator\":\"%s\",\"alert_manager\":\"%s\"}}",
                 is_ready ? "ready" : "not_ready", has_health ? "ok" : "no_answer",
                 has_alerts ? "ok" : "no_answer");
    return reply_of_text(is_ready ? 200 : 503, CONTENT_TYPE_JSON, &body);
}

void handle_ready(gateway_t *gateway, const route_call_t *call)
{
    if (asks_has_answered(gateway->asks, ASK_HEALTH, READY_ANSWER_US) &&
        asks_has_answered(gateway->asks, ASK_ALERTS, READY_ANSWER_US))
        gateway_reply(gateway, call->request_id, readiness(true, true));
    else
        views_show(gateway->views, VIEW_READY, 0, call->request_id);
}

reply_t *render_ready_view(view_input_t *input)
{
    input->is_kept = false;
    return readiness(input->health, input->alerts);
}

/* --- metrics --- */

void handle_prometheus(gateway_t *gateway, const route_call_t *call)
{
    views_show(gateway->views, VIEW_PROMETHEUS, 0, call->request_id);
}

reply_t *render_prometheus_view(view_input_t *input)
{
    const gateway_t *gateway = input->context;
    const metrics_input_t metrics = {.snapshot = input->health->snapshot,
                                     .config = gateway->args->config,
                                     .alerts = input->alerts->alerts,
                                     .n_alerts = input->alerts->n_alerts,
                                     .knows_alerts = true};
    text_t body = {0};
    metrics_write(&metrics, &body);
    return reply_of_text(200, CONTENT_TYPE_PROMETHEUS, &body);
}

reply_t *prometheus_reply(gateway_t *gateway, const reply_t *part)
{
    process_stats_t process;
    const metrics_input_t metrics = {
        .requests = gateway->counts.n_rows > 0 ? &gateway->counts : NULL,
        .vitals = &gateway->vitals,
        .shows_build = true,
        .config_loaded_at_us = gateway->loaded_at_us,
        .is_config_refused = gateway->is_load_refused,
        .process = process_stats_read(&process) == 0 ? &process : NULL};
    text_t body = {0};
    text_append(&body, part->body, part->n_body);
    metrics_write(&metrics, &body);
    return reply_of_text(200, CONTENT_TYPE_PROMETHEUS, &body);
}
