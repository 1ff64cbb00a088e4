/*
 * One codec for every message. A message is a commented struct and a table of fields; the table
 * drives encode, decode, limits and destroy. On the wire it is a msgpack map with string keys.
 * Unknown keys are skipped, so that old readers live on. Refused, with the message's and the key's
 * name: a missing required key, a doubled key, a wrong type, a value out of range, text that is not
 * UTF-8 or holds a NUL, text or a list longer than its limit, bytes left over. Of an unknown key
 * nothing is looked at but that its value is well formed.
 *
 * Members and rows:
 *   WIRE_BOOL_ROW   bool
 *   WIRE_I64_ROW    int64_t
 *   WIRE_U64_ROW    uint64_t
 *   WIRE_F64_ROW    double; NAN stands for "none" and travels as nil, as does an infinity
 *   WIRE_ENUM_ROW   int, 0 .. n-1
 *   WIRE_STR_ROW    char *, NUL-terminated UTF-8 of at most max_len bytes; NULL stands for "none"
 *                   and is left out (a required one must not be NULL)
 *   WIRE_MAP_ROW    item_t *, one nested message or NULL
 *   WIRE_LIST_ROW   item_t *m and size_t n_m, an array of nested messages
 */
#ifndef HEALTHD_WIRE_H
#define HEALTHD_WIRE_H

#include <msgpack.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nesting of maps and arrays beyond which bytes are refused. */
#define WIRE_MAX_DEPTH 32
/* Bytes of one message between our own actors, at most. */
#define WIRE_MAX_BYTES (64u << 20)

typedef enum {
    WIRE_BOOL,
    WIRE_I64,
    WIRE_U64,
    WIRE_F64,
    WIRE_ENUM,
    WIRE_STR,
    WIRE_MAP,
    WIRE_LIST
} wire_type_t;

typedef struct wire_schema wire_schema_t;

/* One row of a table: a member of the struct and its key on the wire. */
typedef struct {
    const char *key;
    wire_type_t type;
    bool required;
    size_t offset;            /* of the member */
    size_t count_offset;      /* WIRE_LIST: of its n_ member */
    size_t max;               /* WIRE_STR: bytes; WIRE_LIST: items; WIRE_ENUM: number of values */
    const wire_schema_t *sub; /* WIRE_MAP, WIRE_LIST: the nested message */
} wire_field_t;

struct wire_schema {
    const char *name; /* of the message: what errors and name frames carry */
    size_t size;      /* of the struct */
    const wire_field_t *fields;
    size_t n_fields;
};

/* Why bytes were refused. */
typedef struct {
    char message[64]; /* name of the message, or of the nested one */
    char key[64];     /* the key, or "" where it is not about one */
    char reason[96];  /* "missing", "not text", ... */
} wire_error_t;

/*
 * Encodes MSG (borrows) and appends it to OUT. A list of 0 items and a NULL text or map are left
 * out unless required. Returns 0, or -1 where memory ran out.
 */
int wire_encode(const wire_schema_t *schema, const void *msg, msgpack_sbuffer *out);

/*
 * Decodes LEN bytes (borrows) into a new struct. Members whose optional keys are absent are zero,
 * NULL, or NAN for WIRE_F64. Gives *RET, to be ended with wire_destroy. Returns 0, or -1 with
 * *RETERR filled; *RET is then untouched. Allocates nothing before the bytes are known to be well
 * formed, and never more than a constant factor of LEN plus the structs that they declare.
 */
int wire_decode(const wire_schema_t *schema, const void *bytes, size_t len, void **ret,
                wire_error_t *reterr);

/* Frees a decoded struct with all that it owns and sets *MSG to NULL; takes NULL. */
void wire_destroy(const wire_schema_t *schema, void **msg);

/* Frees what the struct in place owns, but not the struct. */
void wire_clear(const wire_schema_t *schema, void *msg);

/* Deep copy of SRC (borrows) into the zeroed struct DST in place. 0, or -1 where memory ran out
 * (DST is then cleared). */
int wire_copy(const wire_schema_t *schema, const void *src, void *dst);

/*
 * Whether LEN bytes are exactly one well-formed msgpack value: depth at most WIRE_MAX_DEPTH, every
 * declared count and length covered by the bytes that are there. Walks headers, allocates nothing.
 */
bool wire_well_formed(const void *bytes, size_t len);

/* Offset of member M of T, in bytes; does not compile unless M has type TYPE. */
#define WIRE_AT(T, m, type) _Generic(&((T *)0)->m, type * : offsetof(T, m))

/* Rows of a field table; the key on the wire is the name of the member. */
#define WIRE_ROW(T, m, wire, ctype, need, limit)                                                   \
    {                                                                                              \
        .key = #m, .type = wire, .required = need, .offset = WIRE_AT(T, m, ctype), .max = limit    \
    }
#define WIRE_BOOL_ROW(T, m, need)         WIRE_ROW(T, m, WIRE_BOOL, bool, need, 0)
#define WIRE_I64_ROW(T, m, need)          WIRE_ROW(T, m, WIRE_I64, int64_t, need, 0)
#define WIRE_U64_ROW(T, m, need)          WIRE_ROW(T, m, WIRE_U64, uint64_t, need, 0)
#define WIRE_F64_ROW(T, m, need)          WIRE_ROW(T, m, WIRE_F64, double, need, 0)
#define WIRE_ENUM_ROW(T, m, need, n)      WIRE_ROW(T, m, WIRE_ENUM, int, need, n)
#define WIRE_STR_ROW(T, m, need, max_len) WIRE_ROW(T, m, WIRE_STR, char *, need, max_len)
#define WIRE_MAP_ROW(T, m, item, need)                                                             \
    {                                                                                              \
        .key = #m, .type = WIRE_MAP, .required = need, .offset = WIRE_AT(T, m, item##_t *),        \
        .sub = &item##_schema                                                                      \
    }
#define WIRE_LIST_ROW(T, m, item, need, n)                                                         \
    {                                                                                              \
        .key = #m, .type = WIRE_LIST, .required = need, .offset = WIRE_AT(T, m, item##_t *),       \
        .count_offset = WIRE_AT(T, n_##m, size_t), .max = n, .sub = &item##_schema                 \
    }
#define WIRE_SCHEMA(name_)                                                                         \
    {                                                                                              \
        .name = #name_, .size = sizeof(name_##_t), .fields = name_##_fields,                       \
        .n_fields = sizeof name_##_fields / sizeof name_##_fields[0]                               \
    }

/* Declares the schema of message NAME and its typed encode, decode, clear, copy and destroy. */
#define WIRE_MESSAGE(name)                                                                         \
    extern const wire_schema_t name##_schema;                                                      \
    static inline int name##_encode(const name##_t *msg, msgpack_sbuffer *out)                     \
    {                                                                                              \
        return wire_encode(&name##_schema, msg, out);                                              \
    }                                                                                              \
    static inline int name##_decode(const void *bytes, size_t len, name##_t **ret,                 \
                                    wire_error_t *reterr)                                          \
    {                                                                                              \
        void *msg = NULL;                                                                          \
        int rc = wire_decode(&name##_schema, bytes, len, &msg, reterr);                            \
        if (!rc)                                                                                   \
            *ret = msg;                                                                            \
        return rc;                                                                                 \
    }                                                                                              \
    static inline void name##_clear(name##_t *msg)                                                 \
    {                                                                                              \
        wire_clear(&name##_schema, msg);                                                           \
    }                                                                                              \
    static inline int name##_copy(const name##_t *src, name##_t *dst)                              \
    {                                                                                              \
        return wire_copy(&name##_schema, src, dst);                                                \
    }                                                                                              \
    static inline void name##_destroy(name##_t **msg_p)                                            \
    {                                                                                              \
        void *msg = *msg_p;                                                                        \
        wire_destroy(&name##_schema, &msg);                                                        \
        *msg_p = NULL;                                                                             \
    }

#endif
