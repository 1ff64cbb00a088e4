#include <assert.h>
#include <math.h>

#include "proto/wire_members.h"

static int encode_map(const wire_schema_t *schema, const void *msg, msgpack_packer *packer);

/* Whether the member is written: empty lists and NULLs are left out unless required. */
static bool is_written(const wire_field_t *field, const void *msg)
{
    switch (field->type) {
    case WIRE_STR:
    case WIRE_MAP: {
        bool is_there = member_pointer(msg, field->offset) != NULL;
        assert(is_there || !field->required);
        return is_there;
    }
    case WIRE_LIST:
        return field->required || member_count(msg, field);
    case WIRE_BOOL:
    case WIRE_I64:
    case WIRE_U64:
    case WIRE_F64:
    case WIRE_ENUM:
    default:
        return true;
    }
}

static int encode_text(msgpack_packer *packer, const char *text)
{
    return msgpack_pack_str_with_body(packer, text, strlen(text));
}

static int encode_list(const wire_field_t *field, const void *msg, msgpack_packer *packer)
{
    const char *items = member_pointer(msg, field->offset);
    size_t count = member_count(msg, field);
    if (msgpack_pack_array(packer, count))
        return -1;
    for (size_t item = 0; item < count; item++)
        if (encode_map(field->sub, items + item * field->sub->size, packer))
            return -1;
    return 0;
}

static int encode_member(const wire_field_t *field, const void *msg, msgpack_packer *packer)
{
    const void *member = member_in(msg, field->offset);
    switch (field->type) {
    case WIRE_BOOL:
        return *(const bool *)member ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
    case WIRE_I64:
        return msgpack_pack_int64(packer, *(const int64_t *)member);
    case WIRE_U64:
        return msgpack_pack_uint64(packer, *(const uint64_t *)member);
    case WIRE_F64: {
        double number = *(const double *)member;
        return isfinite(number) ? msgpack_pack_double(packer, number) : msgpack_pack_nil(packer);
    }
    case WIRE_ENUM:
        return msgpack_pack_int(packer, *(const int *)member);
    case WIRE_STR:
        return encode_text(packer, member_pointer(msg, field->offset));
    case WIRE_MAP:
        return encode_map(field->sub, member_pointer(msg, field->offset), packer);
    case WIRE_LIST:
    default:
        return encode_list(field, msg, packer);
    }
}

static int encode_map(const wire_schema_t *schema, const void *msg, msgpack_packer *packer)
{
    size_t written = 0;
    for (size_t i = 0; i < schema->n_fields; i++)
        written += is_written(&schema->fields[i], msg);
    if (msgpack_pack_map(packer, written))
        return -1;
    for (size_t i = 0; i < schema->n_fields; i++) {
        const wire_field_t *field = &schema->fields[i];
        if (!is_written(field, msg))
            continue;
        if (encode_text(packer, field->key) || encode_member(field, msg, packer))
            return -1;
    }
    return 0;
}

int wire_encode(const wire_schema_t *schema, const void *msg, msgpack_sbuffer *out)
{
    size_t start = out->size;
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, msgpack_sbuffer_write);
    if (!encode_map(schema, msg, &packer))
        return 0;
    out->size = start; /* nothing half written stays */
    return -1;
}
