#include "proto/writer.h"

#include "core/timestamp.h"

void writer_init(writer_t *writer, render_format_t format, size_t limit_bytes, msgpack_sbuffer *out)
{
    *writer = (writer_t){
        .format = format == RENDER_JSON ? &json_writer : &msgpack_writer,
        .out = out,
        .start = out->size,
        .limit_bytes = limit_bytes,
        .state = WRITER_FINE,
    };
}

int writer_append(void *writer, const char *bytes, size_t n)
{
    writer_t *self = writer;
    if (self->state != WRITER_FINE)
        return -1;
    if (self->limit_bytes && self->out->size - self->start + n > self->limit_bytes)
        self->state = WRITER_FULL;
    else if (msgpack_sbuffer_write(self->out, bytes, n))
        self->state = WRITER_OUT_OF_MEMORY;
    return self->state == WRITER_FINE ? 0 : -1;
}

writer_state_t writer_finish(writer_t *writer)
{
    if (writer->state != WRITER_FINE)
        writer->out->size = writer->start;
    return writer->state;
}

void writer_put_text(writer_t *writer, const char *key, const char *text)
{
    writer->format->key(writer, key);
    writer->format->text(writer, text);
}

void writer_put_timestamp(writer_t *writer, const char *key, int64_t at_us)
{
    char text[TIMESTAMP_BYTES];
    timestamp_iso(at_us, text);
    writer_put_text(writer, key, text);
}

void writer_put_text_or_null(writer_t *writer, const char *key, const char *text)
{
    writer->format->key(writer, key);
    if (text)
        writer->format->text(writer, text);
    else
        writer->format->nil(writer);
}

void writer_put_timestamp_or_null(writer_t *writer, const char *key, int64_t at_us)
{
    if (at_us > 0)
        writer_put_timestamp(writer, key, at_us);
    else
        writer_put_text_or_null(writer, key, NULL);
}

void writer_put_us_as_ms(writer_t *writer, const char *key, int64_t us)
{
    writer->format->key(writer, key);
    if (us >= 0)
        writer->format->hundredths(writer, us / 10 + (us % 10 >= 5));
    else
        writer->format->nil(writer);
}

void writer_put_integer(writer_t *writer, const char *key, int64_t value)
{
    writer->format->key(writer, key);
    writer->format->integer(writer, value);
}

void writer_put_boolean(writer_t *writer, const char *key, bool value)
{
    writer->format->key(writer, key);
    writer->format->boolean(writer, value);
}

void writer_put_json(writer_t *writer, const char *key, const char *text)
{
    writer->format->key(writer, key);
    writer->format->json(writer, text);
}

void writer_begin_map_at(writer_t *writer, const char *key, size_t n_pairs)
{
    writer->format->key(writer, key);
    writer->format->begin_map(writer, n_pairs);
}

void writer_begin_list_at(writer_t *writer, const char *key, size_t n_items)
{
    writer->format->key(writer, key);
    writer->format->begin_list(writer, n_items);
}
