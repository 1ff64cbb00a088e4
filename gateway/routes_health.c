#include "core/timestamp.h"
#include "gateway/routes.h"

void handle_health(gateway_t *gateway, const route_call_t *call)
{
    char now[TIMESTAMP_BYTES];
    timestamp_iso(clock_wall_us(), now);
    text_t body = {0};
    text_appendf(&body,
                 "{\"status\":\"healthy\",\"service\":\"monitoring-health-service\","
                 "\"timestamp\":\"%s\"}",
                 now);
    gateway_reply(gateway, call->request_id, reply_of_text(200, CONTENT_TYPE_JSON, &body));
}

void handle_system(gateway_t *gateway, const route_call_t *call)
{
    views_show(gateway->views, VIEW_SYSTEM, 0, call->request_id);
}

void handle_health_metrics(gateway_t *gateway, const route_call_t *call)
{
    views_show(gateway->views, VIEW_HEALTH_METRICS, 0, call->request_id);
}

reply_t *render_system_view(view_input_t *input)
{
    if (!input->health->snapshot)
        return reply_error(503, "No snapshot yet", sizeof "No snapshot yet" - 1);
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    int rc = render_system(input->health->snapshot, 0, RENDER_JSON, &body);
    return reply_of_buffer(rc, &body);
}

static reply_t *no_data(int64_t at_us)
{
    char at[TIMESTAMP_BYTES];
    timestamp_iso(at_us, at);
    text_t body = {0};
    text_appendf(&body,
                 "{\"timestamp\":\"%s\",\"status\":\"no_data\","
                 "\"message\":\"No health data collected yet\"}",
                 at);
    return reply_of_text(200, CONTENT_TYPE_JSON, &body);
}

reply_t *render_health_metrics_view(view_input_t *input)
{
    const snapshot_t *snapshot = input->health->snapshot;
    if (!snapshot) {
        input->is_kept = false;
        return no_data(clock_wall_us());
    }
    if (!snapshot->has_result)
        return no_data(snapshot->taken_at_us);
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    int rc = render_metrics(snapshot, input->alerts->alerts, input->alerts->n_alerts, RENDER_JSON,
                            &body);
    return reply_of_buffer(rc, &body);
}
