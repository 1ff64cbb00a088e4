/*
 * One way to write a tree of values, with two formats behind it. Whoever walks a struct calls these
 * in order and never looks at the format, so both say the same. A fault is kept: the walk goes on,
 * writes nothing more, and asks once at the end.
 */
#ifndef HEALTHD_PROTO_WRITER_H
#define HEALTHD_PROTO_WRITER_H

#include <msgpack.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/render.h"

/* Nesting of details up to which msgpack carries them as values: with the levels around them they
 * stay below the 32 that msgpack readers take. */
#define WRITER_DETAILS_MAX_DEPTH 24

typedef enum {
    WRITER_FINE,
    WRITER_OUT_OF_MEMORY,
    WRITER_FULL /* more bytes than the limit */
} writer_state_t;

typedef struct writer writer_t;

/* What a format does for each kind of value. */
typedef struct {
    void (*begin_map)(writer_t *writer, size_t n_pairs);
    void (*begin_list)(writer_t *writer, size_t n_items);
    void (*end_map)(writer_t *writer);
    void (*end_list)(writer_t *writer);
    void (*key)(writer_t *writer, const char *key);
    void (*text)(writer_t *writer, const char *text);
    void (*integer)(writer_t *writer, int64_t value);
    void (*boolean)(writer_t *writer, bool value);
    void (*hundredths)(writer_t *writer, int64_t hundredths); /* a decimal with 2 digits */
    void (*nil)(writer_t *writer);
    void (*json)(writer_t *writer, const char *text); /* a value given as valid JSON text */
} writer_format_t;

extern const writer_format_t json_writer;
extern const writer_format_t msgpack_writer;

struct writer {
    const writer_format_t *format;
    msgpack_sbuffer *out; /* borrowed */
    size_t start;         /* size of OUT before the first value */
    size_t limit_bytes;   /* 0: none */
    writer_state_t state;
    bool needs_comma; /* JSON: a value stands before the next one */
};

/* Begins to append to OUT (borrows). */
void writer_init(writer_t *writer, render_format_t format, size_t limit_bytes,
                 msgpack_sbuffer *out);

/* Appends N bytes. 0, or -1 where the writer has a fault; its form is that of msgpack_packer_write.
 */
int writer_append(void *writer, const char *bytes, size_t n);

/* The state at the end; where it is not fine, OUT is as it was at writer_init. */
writer_state_t writer_finish(writer_t *writer);

/* A pair of a map: its key and its value, or the begin of its value. */
void writer_put_text(writer_t *writer, const char *key, const char *text);
void writer_put_timestamp(writer_t *writer, const char *key, int64_t at_us);
/* TEXT, or null where it is NULL; AT_US, or null where it is 0 or less. */
void writer_put_text_or_null(writer_t *writer, const char *key, const char *text);
void writer_put_timestamp_or_null(writer_t *writer, const char *key, int64_t at_us);
/* US microseconds as milliseconds with 2 decimals (half a hundredth goes up), or null below 0. */
void writer_put_us_as_ms(writer_t *writer, const char *key, int64_t us);
void writer_put_integer(writer_t *writer, const char *key, int64_t value);
void writer_put_boolean(writer_t *writer, const char *key, bool value);
void writer_put_json(writer_t *writer, const char *key, const char *text);
void writer_begin_map_at(writer_t *writer, const char *key, size_t n_pairs);
void writer_begin_list_at(writer_t *writer, const char *key, size_t n_items);

/* Appends a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD. */
void json_writer_string(writer_t *writer, const char *text, size_t n);

#endif
