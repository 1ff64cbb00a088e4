#include "core/redis_info.h"

#include <stdlib.h>
#include <string.h>

#include "core/scalar.h"
#include "core/text.h"
#include "core/utf8.h"

/* Appends the N bytes of TEXT, UTF-8 without NUL, as a JSON string. */
static void append_string(text_t *json, const char *text, size_t n)
{
    char *copy = strndup(text, n);
    if (copy)
        text_append_json(json, copy);
    json->is_failed = json->is_failed || !copy;
    free(copy);
}

static void append_value(text_t *json, const char *text, size_t n)
{
    scalar_number_t number;
    scalar_error_t error;
    if (scalar_number(text, n, &number, &error) == 0)
        text_append(json, text, n);
    else
        append_string(json, text, n);
}

static void append_line(text_t *json, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);
    if (n == 0 || line[0] == '#' || !colon || colon == line)
        return;
    if (json->size > 1)
        text_append_string(json, ",");
    append_string(json, line, (size_t)(colon - line));
    text_append_string(json, ":");
    append_value(json, colon + 1, n - (size_t)(colon + 1 - line));
}

/* Bytes from outside as UTF-8 without NUL; NULL where memory ran out. */
static char *repaired(const char *text, size_t n, size_t *ret_n)
{
    size_t size = n * UTF8_REPAIR_FACTOR + 1;
    char *copy = malloc(size);
    if (!copy)
        return NULL;
    *ret_n = utf8_repair(text, n, copy, size);
    for (size_t i = 0; i < *ret_n; i++)
        if (copy[i] == '\0')
            copy[i] = ' ';
    return copy;
}

char *redis_info_json(const char *text, size_t n)
{
    size_t n_left = 0;
    char *copy = repaired(text, n < REDIS_INFO_MAX_BYTES ? n : REDIS_INFO_MAX_BYTES, &n_left);
    if (!copy)
        return NULL;
    text_t json = {0};
    text_append_string(&json, "{");
    for (const char *at = copy; n_left > 0;) {
        const char *end = memchr(at, '\n', n_left);
        size_t n_line = end ? (size_t)(end - at) : n_left;
        size_t n_shown = n_line > 0 && at[n_line - 1] == '\r' ? n_line - 1 : n_line;
        append_line(&json, at, n_shown);
        n_line += end ? 1 : 0;
        at += n_line;
        n_left -= n_line;
    }
    text_append_string(&json, "}");
    free(copy);
    return text_take(&json);
}
