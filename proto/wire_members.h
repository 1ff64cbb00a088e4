/* Members of a message's struct, reached by the offsets of its table. */
#ifndef HEALTHD_PROTO_WIRE_MEMBERS_H
#define HEALTHD_PROTO_WIRE_MEMBERS_H

#include <string.h>

#include <healthd/wire.h>

static inline void *member_at(void *msg, size_t offset)
{
    return (char *)msg + offset;
}

static inline const void *member_in(const void *msg, size_t offset)
{
    return (const char *)msg + offset;
}

/* Pointers are copied as bytes: the member's own type is not known here. */
static inline void *member_pointer(const void *msg, size_t offset)
{
    void *pointer;
    memcpy(&pointer, member_in(msg, offset), sizeof pointer);
    return pointer;
}

static inline void member_set_pointer(void *msg, size_t offset, void *pointer)
{
    memcpy(member_at(msg, offset), &pointer, sizeof pointer);
}

/* Number of nested messages of a map or list: a map holds one or none. */
static inline size_t member_count(const void *msg, const wire_field_t *field)
{
    if (field->type == WIRE_MAP)
        return member_pointer(msg, field->offset) != NULL;
    return *(const size_t *)member_in(msg, field->count_offset);
}

static inline void member_set_count(void *msg, const wire_field_t *field, size_t count)
{
    if (field->type == WIRE_LIST)
        *(size_t *)member_at(msg, field->count_offset) = count;
}

#endif
