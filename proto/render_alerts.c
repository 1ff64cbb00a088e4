#include "proto/render.h"
#include "proto/writer.h"

static void put_alert(writer_t *writer, const alert_t *alert, bool with_end, bool is_durable)
{
    bool has_kind = alert->kind != ALERT_KIND_STATUS;
    bool has_reason = alert->reason != REASON_NONE;
    writer->format->begin_map(writer,
                              7u + has_kind + has_reason + (with_end ? 2u : 0u) + !is_durable);
    writer_put_text(writer, "alert_id", alert->alert_id);
    writer_put_text(writer, "level", severity_name(alert->level));
    writer_put_text(writer, "title", alert->title);
    writer_put_text(writer, "message", alert->message);
    writer_put_text(writer, "component", alert->component);
    writer_put_timestamp(writer, "timestamp", alert->raised_at_us);
    writer_put_json(writer, "details", alert->details ? alert->details : "{}");
    if (has_kind)
        writer_put_text(writer, "kind", alert_kind_name(alert->kind));
    if (has_reason)
        writer_put_text(writer, "reason", reason_name(alert->reason));
    if (with_end) {
        writer_put_timestamp(writer, "resolved_at", alert->resolved_at_us);
        writer_put_text(writer, "resolution", resolution_name(alert->resolution));
    }
    if (!is_durable)
        writer_put_boolean(writer, "durable", false);
    writer->format->end_map(writer);
}

int render_alert(const alert_t *alert, bool with_end, bool is_durable, render_format_t format,
                 msgpack_sbuffer *out)
{
    writer_t writer;
    writer_init(&writer, format, 0, out);
    put_alert(&writer, alert, with_end, is_durable);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}

int render_alerts(const alert_t *alerts, size_t n_alerts, int64_t limit, render_format_t format,
                  msgpack_sbuffer *out)
{
    writer_t writer;
    writer_init(&writer, format, 0, out);
    writer.format->begin_map(&writer, limit ? 3 : 2);
    writer_begin_list_at(&writer, "alerts", n_alerts);
    for (size_t i = 0; i < n_alerts; i++)
        put_alert(&writer, &alerts[i], alerts[i].resolution != RESOLUTION_NONE,
                  !alerts[i].is_unwritten);
    writer.format->end_list(&writer);
    writer_put_integer(&writer, "count", (int64_t)n_alerts);
    if (limit)
        writer_put_integer(&writer, "limit", limit);
    writer.format->end_map(&writer);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}

int render_json_string(const char *text, size_t n, msgpack_sbuffer *out)
{
    writer_t writer;
    writer_init(&writer, RENDER_JSON, 0, out);
    json_writer_string(&writer, text, n);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}
