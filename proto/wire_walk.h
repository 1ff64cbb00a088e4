/* Headers of msgpack values, read one by one from bytes that nobody vouches for. */
#ifndef HEALTHD_PROTO_WIRE_WALK_H
#define HEALTHD_PROTO_WIRE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes that are still to be read. */
typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} wire_cursor_t;

typedef enum {
    HEAD_INVALID,
    HEAD_NIL,
    HEAD_BOOL,
    HEAD_UNSIGNED,
    HEAD_SIGNED,
    HEAD_FLOAT,
    HEAD_STR,
    HEAD_BIN,
    HEAD_EXT,
    HEAD_ARRAY,
    HEAD_MAP
} wire_head_kind_t;

typedef struct {
    wire_head_kind_t kind;
    uint64_t count;  /* STR, BIN, EXT: bytes; ARRAY: items; MAP: pairs; UNSIGNED, BOOL: the value */
    int64_t integer; /* SIGNED: the value, of any sign */
    double number;   /* FLOAT: the value */
    const uint8_t *text; /* STR, BIN, EXT: its bytes, borrowed from the cursor */
} wire_head_t;

/*
 * Reads the header of the next value, and the whole value unless it is an array or a map, whose
 * items come next. Returns false where the bytes end too soon: a declared length or count that the
 * rest cannot cover is refused here.
 */
bool wire_read_head(wire_cursor_t *cursor, wire_head_t *ret_head);

/* Reads one value with all that it holds. False where it is not well formed or too deep. */
bool wire_skip(wire_cursor_t *cursor);

#endif
