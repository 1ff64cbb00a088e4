/* The body that answers an order to probe. */
#include "proto/render.h"
#include "proto/writer.h"

static void put_text_or_null(writer_t *writer, const char *key, const char *text)
{
    writer->format->key(writer, key);
    if (text)
        writer->format->text(writer, text);
    else
        writer->format->nil(writer);
}

static void put_latency(writer_t *writer, int64_t latency_us)
{
    writer->format->key(writer, "latency_ms");
    if (latency_us >= 0)
        writer->format->hundredths(writer, latency_us / 10 + (latency_us % 10 >= 5));
    else
        writer->format->nil(writer);
}

int render_probe_result(const probe_result_t *result, render_format_t format, msgpack_sbuffer *out)
{
    writer_t writer;
    writer_init(&writer, format, 0, out);
    writer.format->begin_map(&writer, 9);
    writer_put_text(&writer, "outcome", "finished");
    writer_put_text(&writer, "target", result->target);
    writer_put_boolean(&writer, "dry_run", result->is_dry_run);
    writer_put_text(&writer, "status", status_name(result->status));
    writer_put_text(&writer, "reason", reason_name(result->reason));
    put_text_or_null(&writer, "error", result->error);
    put_latency(&writer, result->latency_us);
    writer_put_timestamp(&writer, "finished_at", result->finished_at_us);
    writer_put_json(&writer, "details", result->details ? result->details : "null");
    writer.format->end_map(&writer);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}
