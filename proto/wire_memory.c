/* What a message owns: freed and copied by its table. */
#include <stdlib.h>

#include "proto/wire_members.h"

static bool is_nested(const wire_field_t *field)
{
    return field->type == WIRE_MAP || field->type == WIRE_LIST;
}

void wire_clear(const wire_schema_t *schema, void *msg)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const wire_field_t *field = &schema->fields[i];
        if (field->type != WIRE_STR && !is_nested(field))
            continue;
        char *owned = member_pointer(msg, field->offset);
        if (is_nested(field) && owned) {
            size_t count = member_count(msg, field);
            for (size_t item = 0; item < count; item++)
                wire_clear(field->sub, owned + item * field->sub->size);
        }
        free(owned);
        member_set_pointer(msg, field->offset, NULL);
        member_set_count(msg, field, 0);
    }
}

void wire_destroy(const wire_schema_t *schema, void **msg)
{
    if (!*msg)
        return;
    wire_clear(schema, *msg);
    free(*msg);
    *msg = NULL;
}

static int copy_text(const wire_field_t *field, const void *src, void *dst)
{
    const char *text = member_pointer(src, field->offset);
    if (!text)
        return 0;
    char *copy = strdup(text);
    member_set_pointer(dst, field->offset, copy);
    return copy ? 0 : -1;
}

static int copy_nested(const wire_field_t *field, const void *src, void *dst)
{
    const char *items = member_pointer(src, field->offset);
    size_t count = member_count(src, field);
    if (!items || !count)
        return 0;
    char *copies = calloc(count, field->sub->size);
    if (!copies)
        return -1;
    member_set_pointer(dst, field->offset, copies);
    member_set_count(dst, field, count);
    for (size_t item = 0; item < count; item++) {
        size_t at = item * field->sub->size;
        if (wire_copy(field->sub, items + at, copies + at))
            return -1;
    }
    return 0;
}

int wire_copy(const wire_schema_t *schema, const void *src, void *dst)
{
    memcpy(dst, src, schema->size);
    /* First drop what still points into SRC, so that a failure half way can clear DST. */
    for (size_t i = 0; i < schema->n_fields; i++) {
        const wire_field_t *field = &schema->fields[i];
        if (field->type == WIRE_STR || is_nested(field)) {
            member_set_pointer(dst, field->offset, NULL);
            member_set_count(dst, field, 0);
        }
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        const wire_field_t *field = &schema->fields[i];
        int rc = 0;
        if (field->type == WIRE_STR)
            rc = copy_text(field, src, dst);
        else if (is_nested(field))
            rc = copy_nested(field, src, dst);
        if (rc) {
            wire_clear(schema, dst);
            return -1;
        }
    }
    return 0;
}
