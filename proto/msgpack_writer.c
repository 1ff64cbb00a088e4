#include <jansson.h>
#include <string.h>

#include "proto/writer.h"

/* Every packer call may fail; the writer keeps the fault, so the results are dropped here. */
static msgpack_packer packer_of(writer_t *writer)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, writer, writer_append);
    return packer;
}

static void begin_map(writer_t *writer, size_t n_pairs)
{
    msgpack_packer packer = packer_of(writer);
    (void)msgpack_pack_map(&packer, n_pairs);
}

static void begin_list(writer_t *writer, size_t n_items)
{
    msgpack_packer packer = packer_of(writer);
    (void)msgpack_pack_array(&packer, n_items);
}

static void end(writer_t *writer)
{
    (void)writer; /* the count at the begin says where it ends */
}

static void write_bytes(writer_t *writer, const char *text, size_t n)
{
    msgpack_packer packer = packer_of(writer);
    (void)msgpack_pack_str_with_body(&packer, text, n);
}

static void write_text(writer_t *writer, const char *text)
{
    write_bytes(writer, text, strlen(text));
}

static void write_integer(writer_t *writer, int64_t value)
{
    msgpack_packer packer = packer_of(writer);
    (void)msgpack_pack_int64(&packer, value);
}

static void write_boolean(writer_t *writer, bool value)
{
    msgpack_packer packer = packer_of(writer);
    (void)(value ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
}

static void write_float(writer_t *writer, double value)
{
    msgpack_packer packer = packer_of(writer);
    (void)msgpack_pack_double(&packer, value);
}

static void write_hundredths(writer_t *writer, int64_t hundredths)
{
    write_float(writer, (double)hundredths / 100.0);
}

static void write_nil(writer_t *writer)
{
    msgpack_packer packer = packer_of(writer);
    (void)msgpack_pack_nil(&packer);
}

/* --- values that come as JSON text --- */

/* Whether VALUE nests no deeper than LEVELS maps and arrays. */
static bool fits(json_t *value, unsigned levels)
{
    if (!json_is_object(value) && !json_is_array(value))
        return true;
    if (!levels)
        return false;
    const char *key;
    size_t index;
    json_t *member;
    json_object_foreach(value, key, member) if (!fits(member, levels - 1)) return false;
    json_array_foreach(value, index, member) if (!fits(member, levels - 1)) return false;
    return true;
}

static void write_value(writer_t *writer, json_t *value)
{
    const char *key;
    size_t index;
    json_t *member;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        begin_map(writer, json_object_size(value));
        json_object_foreach(value, key, member)
        {
            write_text(writer, key);
            write_value(writer, member);
        }
        break;
    case JSON_ARRAY:
        begin_list(writer, json_array_size(value));
        json_array_foreach(value, index, member) write_value(writer, member);
        break;
    case JSON_STRING:
        write_bytes(writer, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        write_integer(writer, json_integer_value(value));
        break;
    case JSON_REAL:
        write_float(writer, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        write_boolean(writer, json_is_true(value));
        break;
    case JSON_NULL:
    default:
        write_nil(writer);
        break;
    }
}

static void write_json(writer_t *writer, const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (value && fits(value, WRITER_DETAILS_MAX_DEPTH))
        write_value(writer, value);
    else
        write_text(writer, text);
    json_decref(value);
}

const writer_format_t msgpack_writer = {
    .begin_map = begin_map,
    .begin_list = begin_list,
    .end_map = end,
    .end_list = end,
    .key = write_text,
    .text = write_text,
    .integer = write_integer,
    .boolean = write_boolean,
    .hundredths = write_hundredths,
    .nil = write_nil,
    .json = write_json,
};
