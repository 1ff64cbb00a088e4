#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/utf8.h"
#include "proto/wire_members.h"
#include "proto/wire_walk.h"

/* What a decoding needs everywhere: the bytes, and where a refusal is written. */
typedef struct {
    wire_cursor_t cursor;
    wire_error_t error;
} decoder_t;

static int decode_map(decoder_t *decoder, const wire_schema_t *schema, void *msg);

static int refuse(decoder_t *decoder, const wire_schema_t *schema, const char *key,
                  const char *reason)
{
    wire_error_t *error = &decoder->error;
    (void)snprintf(error->message, sizeof error->message, "%s", schema->name);
    (void)snprintf(error->key, sizeof error->key, "%s", key);
    (void)snprintf(error->reason, sizeof error->reason, "%s", reason);
    return -1;
}

/* --- single values: each returns NULL, or the reason why the value is refused --- */

static const char *decode_integer(const wire_field_t *field, const wire_head_t *head, void *member)
{
    bool is_unsigned = head->kind == HEAD_UNSIGNED;
    if (!is_unsigned && head->kind != HEAD_SIGNED)
        return "not an integer";
    bool is_negative = !is_unsigned && head->integer < 0;
    uint64_t value = is_unsigned ? head->count : (uint64_t)head->integer;
    switch (field->type) {
    case WIRE_U64:
        if (is_negative)
            return "negative";
        *(uint64_t *)member = value;
        return NULL;
    case WIRE_ENUM:
        if (is_negative || value >= field->max)
            return "out of range";
        *(int *)member = (int)value;
        return NULL;
    case WIRE_I64:
    case WIRE_BOOL:
    case WIRE_F64:
    case WIRE_STR:
    case WIRE_MAP:
    case WIRE_LIST:
    default:
        if (is_unsigned && value > INT64_MAX)
            return "out of range";
        *(int64_t *)member = is_unsigned ? (int64_t)value : head->integer;
        return NULL;
    }
}

static const char *decode_float(const wire_head_t *head, double *member)
{
    if (head->kind != HEAD_FLOAT && head->kind != HEAD_NIL)
        return "not a float";
    if (head->kind == HEAD_FLOAT && !isfinite(head->number))
        return "not finite";
    *member = head->kind == HEAD_NIL ? (double)NAN : head->number;
    return NULL;
}

static const char *decode_text(const wire_field_t *field, const wire_head_t *head, void *msg)
{
    if (head->kind != HEAD_STR)
        return "not text";
    if (head->count > field->max)
        return "too long";
    size_t length = (size_t)head->count;
    if (!utf8_is_text((const char *)head->text, length))
        return "not UTF-8 without NUL";
    char *copy = malloc(length + 1);
    if (!copy)
        return "out of memory";
    memcpy(copy, head->text, length);
    copy[length] = '\0';
    member_set_pointer(msg, field->offset, copy);
    return NULL;
}

static const char *decode_single(const wire_field_t *field, const wire_head_t *head, void *msg)
{
    void *member = member_at(msg, field->offset);
    switch (field->type) {
    case WIRE_BOOL:
        if (head->kind != HEAD_BOOL)
            return "not a boolean";
        *(bool *)member = head->count != 0;
        return NULL;
    case WIRE_F64:
        return decode_float(head, member);
    case WIRE_STR:
        return decode_text(field, head, msg);
    case WIRE_I64:
    case WIRE_U64:
    case WIRE_ENUM:
    case WIRE_MAP:
    case WIRE_LIST:
    default:
        return decode_integer(field, head, member);
    }
}

/* --- nested messages --- */

/* A map, or the items of a list. They hang on MSG before they are filled: a refusal frees all. */
static int decode_nested(decoder_t *decoder, const wire_schema_t *schema, const wire_field_t *field,
                         void *msg)
{
    size_t count = 1;
    if (field->type == WIRE_LIST) {
        wire_head_t head;
        if (!wire_read_head(&decoder->cursor, &head) || head.kind != HEAD_ARRAY)
            return refuse(decoder, schema, field->key, "not a list");
        if (head.count > field->max)
            return refuse(decoder, schema, field->key, "too many items");
        count = (size_t)head.count;
    }
    if (!count)
        return 0;
    char *items = calloc(count, field->sub->size);
    if (!items)
        return refuse(decoder, schema, field->key, "out of memory");
    member_set_pointer(msg, field->offset, items);
    member_set_count(msg, field, count);
    for (size_t item = 0; item < count; item++)
        if (decode_map(decoder, field->sub, items + item * field->sub->size))
            return -1;
    return 0;
}

static int decode_member(decoder_t *decoder, const wire_schema_t *schema, const wire_field_t *field,
                         void *msg)
{
    if (field->type == WIRE_MAP || field->type == WIRE_LIST)
        return decode_nested(decoder, schema, field, msg);
    wire_head_t head;
    if (!wire_read_head(&decoder->cursor, &head))
        return refuse(decoder, schema, field->key, "not msgpack");
    const char *reason = decode_single(field, &head, msg);
    return reason ? refuse(decoder, schema, field->key, reason) : 0;
}

/* Position of the key in the table, or n_fields. Writers keep the table's order: look at HINT
 * first. */
static size_t field_at(const wire_schema_t *schema, const wire_head_t *key, size_t hint)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        size_t at = (hint + i) % schema->n_fields;
        const char *name = schema->fields[at].key;
        if (strlen(name) == key->count && !memcmp(name, key->text, key->count))
            return at;
    }
    return schema->n_fields;
}

static int decode_pair(decoder_t *decoder, const wire_schema_t *schema, void *msg, uint64_t *seen)
{
    wire_head_t key;
    if (!wire_read_head(&decoder->cursor, &key) || key.kind != HEAD_STR)
        return refuse(decoder, schema, "", "a key is not text");
    size_t hint = *seen ? (size_t)(64 - __builtin_clzll(*seen)) : 0;
    size_t at = field_at(schema, &key, hint);
    if (at == schema->n_fields) {
        if (!wire_skip(&decoder->cursor))
            return refuse(decoder, schema, "", "not msgpack");
        return 0;
    }
    const wire_field_t *field = &schema->fields[at];
    if (*seen & (uint64_t)1 << at)
        return refuse(decoder, schema, field->key, "doubled");
    *seen |= (uint64_t)1 << at;
    return decode_member(decoder, schema, field, msg);
}

static int decode_map(decoder_t *decoder, const wire_schema_t *schema, void *msg)
{
    assert(schema->n_fields <= 64);
    for (size_t i = 0; i < schema->n_fields; i++)
        if (schema->fields[i].type == WIRE_F64)
            *(double *)member_at(msg, schema->fields[i].offset) = (double)NAN;

    wire_head_t map;
    if (!wire_read_head(&decoder->cursor, &map) || map.kind != HEAD_MAP)
        return refuse(decoder, schema, "", "not a map");
    uint64_t seen = 0;
    for (uint64_t pair = 0; pair < map.count; pair++)
        if (decode_pair(decoder, schema, msg, &seen))
            return -1;
    for (size_t i = 0; i < schema->n_fields; i++)
        if (schema->fields[i].required && !(seen & (uint64_t)1 << i))
            return refuse(decoder, schema, schema->fields[i].key, "missing");
    return 0;
}

int wire_decode(const wire_schema_t *schema, const void *bytes, size_t len, void **ret,
                wire_error_t *reterr)
{
    decoder_t decoder = {.cursor = {.at = bytes}};
    void *msg = NULL;
    int rc = -1;
    if (len > WIRE_MAX_BYTES) {
        (void)refuse(&decoder, schema, "", "too long");
    } else if (!wire_well_formed(bytes, len)) {
        (void)refuse(&decoder, schema, "", "not one well-formed msgpack value");
    } else {
        decoder.cursor.end = decoder.cursor.at + len;
        msg = calloc(1, schema->size);
        rc =
            msg ? decode_map(&decoder, schema, msg) : refuse(&decoder, schema, "", "out of memory");
    }
    if (!rc) {
        *ret = msg;
        return 0;
    }
    wire_destroy(schema, &msg);
    *reterr = decoder.error;
    return -1;
}
