#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/utf8.h"
#include "proto/writer.h"

static void append(writer_t *writer, const char *bytes, size_t n)
{
    (void)writer_append(writer, bytes, n); /* the writer keeps the fault */
}

/* Bytes of a value, after the comma that it may need. */
static void append_value(writer_t *writer, const char *bytes, size_t n)
{
    if (writer->needs_comma)
        append(writer, ",", 1);
    append(writer, bytes, n);
    writer->needs_comma = true;
}

static void begin(writer_t *writer, const char *bracket)
{
    append_value(writer, bracket, 1);
    writer->needs_comma = false;
}

static void end(writer_t *writer, const char *bracket)
{
    append(writer, bracket, 1);
    writer->needs_comma = true;
}

static void begin_map(writer_t *writer, size_t n_pairs)
{
    (void)n_pairs; /* msgpack says it first, JSON needs none */
    begin(writer, "{");
}

static void begin_list(writer_t *writer, size_t n_items)
{
    (void)n_items;
    begin(writer, "[");
}

static void end_map(writer_t *writer)
{
    end(writer, "}");
}

static void end_list(writer_t *writer)
{
    end(writer, "]");
}

/* Appends how a string shows the character C of one byte, which cannot stand as it is. */
static void append_escape(writer_t *writer, uint8_t c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    char escape[8];
    const char *short_form = memchr(plain, c, sizeof plain - 1);
    int n = short_form ? snprintf(escape, sizeof escape, "\\%c", letters[short_form - plain])
                       : snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
    append(writer, escape, (size_t)n);
}

void json_writer_string(writer_t *writer, const char *text, size_t n)
{
    append_value(writer, "\"", 1);
    size_t begin_at = 0; /* of the run that can stand as it is */
    for (size_t i = 0; i < n;) {
        bool is_valid = false;
        size_t length = utf8_next(text + i, n - i, &is_valid);
        unsigned char byte = (unsigned char)text[i];
        bool must_escape = byte < 0x20 || byte == '"' || byte == '\\';
        if (!is_valid || must_escape) {
            append(writer, text + begin_at, i - begin_at);
            if (is_valid)
                append_escape(writer, byte);
            else
                append(writer, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
            begin_at = i + length;
        }
        i += length;
    }
    append(writer, text + begin_at, n - begin_at);
    append(writer, "\"", 1);
}

static void write_text(writer_t *writer, const char *text)
{
    json_writer_string(writer, text, strlen(text));
}

static void write_key(writer_t *writer, const char *key)
{
    write_text(writer, key);
    append(writer, ":", 1);
    writer->needs_comma = false;
}

static void write_integer(writer_t *writer, int64_t value)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRId64, value);
    append_value(writer, text, (size_t)n);
}

static void write_boolean(writer_t *writer, bool value)
{
    append_value(writer, value ? "true" : "false", value ? 4 : 5);
}

/* "4.75", "4.0", "22.1": at least one digit after the point, so that it reads as a float. */
static void write_hundredths(writer_t *writer, int64_t hundredths)
{
    char text[32];
    int n =
        snprintf(text, sizeof text, "%" PRId64 ".%02d", hundredths / 100, (int)(hundredths % 100));
    if (text[n - 1] == '0')
        n--;
    append_value(writer, text, (size_t)n);
}

static void write_nil(writer_t *writer)
{
    append_value(writer, "null", 4);
}

static void write_json(writer_t *writer, const char *text)
{
    append_value(writer, text, strlen(text));
}

const writer_format_t json_writer = {
    .begin_map = begin_map,
    .begin_list = begin_list,
    .end_map = end_map,
    .end_list = end_list,
    .key = write_key,
    .text = write_text,
    .integer = write_integer,
    .boolean = write_boolean,
    .hundredths = write_hundredths,
    .nil = write_nil,
    .json = write_json,
};
