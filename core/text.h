/*
 * A text that grows. An append that finds no memory marks it failed and changes nothing more, so
 * that a caller checks once at the end.
 */
#ifndef HEALTHD_CORE_TEXT_H
#define HEALTHD_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Zero it to begin. */
typedef struct {
    char *bytes; /* NUL-terminated once something was appended; owned */
    size_t size; /* without the NUL */
    size_t capacity;
    bool is_failed;
} text_t;

void text_append(text_t *text, const char *bytes, size_t n);
void text_append_string(text_t *text, const char *string);
void text_appendf(text_t *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends STRING (UTF-8) as a JSON string with its quotes. */
void text_append_json(text_t *text, const char *string);

/* Gives the bytes (never NULL unless failed: "" where nothing was appended) and empties the text;
 * the caller frees them. NULL where an append failed. */
char *text_take(text_t *text);

void text_clear(text_t *text);

#endif
