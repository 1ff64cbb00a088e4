#include "proto/wire_walk.h"

#include <string.h>

#include <healthd/wire.h>

/* The bytes 0xc0 .. 0xdf: what they begin, and how many bytes of value or length follow. */
static const struct {
    uint8_t kind;
    uint8_t width;
} forms[32] = {
    {HEAD_NIL, 0},      {HEAD_INVALID, 0},  {HEAD_BOOL, 0},     {HEAD_BOOL, 0},
    {HEAD_BIN, 1},      {HEAD_BIN, 2},      {HEAD_BIN, 4},      {HEAD_EXT, 1},
    {HEAD_EXT, 2},      {HEAD_EXT, 4},      {HEAD_FLOAT, 4},    {HEAD_FLOAT, 8},
    {HEAD_UNSIGNED, 1}, {HEAD_UNSIGNED, 2}, {HEAD_UNSIGNED, 4}, {HEAD_UNSIGNED, 8},
    {HEAD_SIGNED, 1},   {HEAD_SIGNED, 2},   {HEAD_SIGNED, 4},   {HEAD_SIGNED, 8},
    {HEAD_EXT, 0},      {HEAD_EXT, 0},      {HEAD_EXT, 0},      {HEAD_EXT, 0},
    {HEAD_EXT, 0},      {HEAD_STR, 1},      {HEAD_STR, 2},      {HEAD_STR, 4},
    {HEAD_ARRAY, 2},    {HEAD_ARRAY, 4},    {HEAD_MAP, 2},      {HEAD_MAP, 4},
};

static size_t bytes_left(const wire_cursor_t *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static int64_t signed_of(uint64_t raw, unsigned width)
{
    switch (width) {
    case 1:
        return (int8_t)raw;
    case 2:
        return (int16_t)raw;
    case 4:
        return (int32_t)raw;
    default:
        return (int64_t)raw;
    }
}

static double float_of(uint64_t raw, unsigned width)
{
    if (width == sizeof(float)) {
        uint32_t half = (uint32_t)raw;
        float value;
        memcpy(&value, &half, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, &raw, sizeof value);
    return value;
}

/* Checks that the rest covers what HEAD declares; steps over the bytes of a text. */
static bool take_body(wire_cursor_t *cursor, wire_head_t *head)
{
    switch (head->kind) {
    case HEAD_STR:
    case HEAD_BIN:
    case HEAD_EXT:
        if (head->count > bytes_left(cursor))
            return false;
        head->text = cursor->at;
        cursor->at += head->count;
        return true;
    case HEAD_ARRAY: /* an item is one byte at least */
        return head->count <= bytes_left(cursor);
    case HEAD_MAP:
        return head->count <= bytes_left(cursor) / 2;
    case HEAD_NIL:
    case HEAD_BOOL:
    case HEAD_UNSIGNED:
    case HEAD_SIGNED:
    case HEAD_FLOAT:
        return true;
    case HEAD_INVALID:
    default:
        return false;
    }
}

/* The forms whose value or length is inside the first byte. */
static bool read_fixed(wire_head_t *head, uint8_t first)
{
    if (first >= 0xc0 && first <= 0xdf) {
        head->kind = (wire_head_kind_t)forms[first - 0xc0].kind;
        head->count = first;
        return false;
    }
    if (first <= 0x7f) {
        head->kind = HEAD_UNSIGNED;
        head->count = first;
        return true;
    }
    if (first >= 0xe0) {
        head->kind = HEAD_SIGNED;
        head->integer = (int64_t)first - 0x100;
    } else if (first >= 0xa0) {
        head->kind = HEAD_STR;
        head->count = first & 0x1f;
    } else {
        head->kind = first >= 0x90 ? HEAD_ARRAY : HEAD_MAP;
        head->count = first & 0x0f;
    }
    return true;
}

bool wire_read_head(wire_cursor_t *cursor, wire_head_t *ret_head)
{
    if (!bytes_left(cursor))
        return false;
    uint8_t first = *cursor->at++;
    wire_head_t head = {.kind = HEAD_INVALID};
    if (!read_fixed(&head, first)) {
        unsigned width = forms[first - 0xc0].width;
        if (width > bytes_left(cursor))
            return false;
        uint64_t raw = 0;
        for (unsigned i = 0; i < width; i++)
            raw = raw << 8 | *cursor->at++;

        head.count = raw;
        if (head.kind == HEAD_BOOL)
            head.count = first & 1;
        else if (head.kind == HEAD_SIGNED)
            head.integer = signed_of(raw, width);
        else if (head.kind == HEAD_FLOAT)
            head.number = float_of(raw, width);
        else if (head.kind == HEAD_EXT) /* a type of one byte stands before the data */
            head.count = 1 + (width ? raw : (uint64_t)1 << (first - 0xd4));
    }
    if (!take_body(cursor, &head))
        return false;
    *ret_head = head;
    return true;
}

bool wire_skip(wire_cursor_t *cursor)
{
    uint64_t pending[WIRE_MAX_DEPTH]; /* values still to come in each open array or map */
    size_t depth = 0;
    do {
        wire_head_t head;
        if (!wire_read_head(cursor, &head))
            return false;
        if (depth)
            pending[depth - 1]--;
        if (head.kind == HEAD_ARRAY || head.kind == HEAD_MAP) {
            if (depth == WIRE_MAX_DEPTH)
                return false;
            pending[depth++] = head.kind == HEAD_MAP ? 2 * head.count : head.count;
        }
        while (depth && !pending[depth - 1])
            depth--;
    } while (depth);
    return true;
}

bool wire_well_formed(const void *bytes, size_t len)
{
    if (!bytes || !len)
        return false;
    wire_cursor_t cursor = {.at = bytes, .end = (const uint8_t *)bytes + len};
    return wire_skip(&cursor) && cursor.at == cursor.end;
}
