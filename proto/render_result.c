/* The bodies that answer orders: to probe, to pause. */
#include "proto/render.h"
#include "proto/render_measured.h"
#include "proto/render_pause.h"
#include "proto/writer.h"

int render_probe_result(const probe_result_t *result, msgpack_sbuffer *out)
{
    writer_t writer;
    writer_init(&writer, RENDER_JSON, 0, out);
    writer.format->begin_map(&writer, 0); /* JSON does not say how many */
    writer_put_text(&writer, "outcome", "finished");
    writer_put_text(&writer, "target", result->target);
    writer_put_boolean(&writer, "dry_run", result->is_dry_run);
    writer_put_text(&writer, "status", status_name(result->status));
    writer_put_text(&writer, "reason", reason_name(result->reason));
    writer_put_text_or_null(&writer, "error", result->error);
    writer_put_us_as_ms(&writer, "latency_ms", result->latency_us);
    writer_put_timestamp(&writer, "finished_at", result->finished_at_us);
    writer_put_json(&writer, "details", result->details ? result->details : "null");
    if (result->measurement)
        render_measured(&writer, result->measurement);
    writer.format->end_map(&writer);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}

void render_pause_pairs(writer_t *writer, const pause_t *pause)
{
    writer_put_text(writer, "reason", pause->reason);
    writer_put_text(writer, "by", pause->by);
    writer_put_timestamp(writer, "since", pause->since_us);
    writer_put_timestamp_or_null(writer, "until", pause->until_us);
}

int render_pause(const char *target, const pause_t *pause, render_format_t format,
                 msgpack_sbuffer *out)
{
    writer_t writer;
    writer_init(&writer, format, 0, out);
    writer.format->begin_map(&writer, 2 + RENDER_PAUSE_PAIRS);
    writer_put_text(&writer, "outcome", "paused");
    writer_put_text(&writer, "target", target);
    render_pause_pairs(&writer, pause);
    writer.format->end_map(&writer);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}
