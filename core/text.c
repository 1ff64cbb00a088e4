#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for N more bytes and a NUL; false, and the text failed, where there is none. */
static bool reserve(text_t *text, size_t n)
{
    if (text->is_failed)
        return false;
    if (text->capacity - text->size > n)
        return true;
    size_t capacity = 2 * (text->size + n + 1);
    char *grown = capacity > n ? realloc(text->bytes, capacity) : NULL;
    if (!grown) {
        text->is_failed = true;
        return false;
    }
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

void text_append(text_t *text, const char *bytes, size_t n)
{
    if (!reserve(text, n))
        return;
    if (n > 0)
        memcpy(text->bytes + text->size, bytes, n);
    text->size += n;
    text->bytes[text->size] = '\0';
}

void text_append_string(text_t *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_appendf(text_t *text, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    if (n < 0)
        text->is_failed = true;
    else if (reserve(text, (size_t)n)) {
        (void)vsnprintf(text->bytes + text->size, (size_t)n + 1, format, again);
        text->size += (size_t)n;
    }
    va_end(again);
    va_end(arguments);
}

void text_append_json(text_t *text, const char *string)
{
    text_append(text, "\"", 1);
    for (const char *at = string; *at;) {
        size_t plain = 0;
        while ((unsigned char)at[plain] >= ' ' && at[plain] != '"' && at[plain] != '\\')
            plain++;
        text_append(text, at, plain);
        at += plain;
        if (*at == '"' || *at == '\\')
            text_appendf(text, "\\%c", *at++);
        else if (*at)
            text_appendf(text, "\\u%04x", (unsigned)(unsigned char)*at++);
    }
    text_append(text, "\"", 1);
}

char *text_take(text_t *text)
{
    text_append(text, "", 0);
    char *bytes = text->is_failed ? NULL : text->bytes;
    if (text->is_failed)
        free(text->bytes);
    *text = (text_t){0};
    return bytes;
}

void text_clear(text_t *text)
{
    free(text->bytes);
    *text = (text_t){0};
}
