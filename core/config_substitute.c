#include "core/config_substitute.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* Bytes of a variable's name or of a path, at most. */
enum { NAME_MAX_BYTES = 1024 };

typedef struct {
    const config_values_t *values;
    text_t text;
    bool is_file;
    char *reason;
} work_t;

static int refuse(const work_t *work, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int refuse(const work_t *work, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    (void)vsnprintf(work->reason, 256, format, rest);
    va_end(rest);
    return -1;
}

static int put_file(work_t *work, const char *path)
{
    const char *why = "it cannot be read";
    char *content = work->values->read_file(path, work->values->file_context, &why);
    if (!content)
        return refuse(work, "${file:%.150s}: %s", path, why);
    size_t n = strlen(content);
    if (n > 0 && content[n - 1] == '\n')
        n--;
    text_append(&work->text, content, n);
    free(content);
    work->is_file = true;
    return 0;
}

static bool is_variable(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        if (name[i] != '_' && !isalnum((unsigned char)name[i]))
            return false;
    }
    return n > 0 && !isdigit((unsigned char)name[0]);
}

/* Puts in what "${INSIDE}" stands for; INSIDE is changed. */
static int put(work_t *work, char *inside)
{
    if (strncmp(inside, "file:", 5) == 0)
        return put_file(work, inside + 5);
    char *fallback = strstr(inside, ":-");
    if (fallback) {
        *fallback = '\0';
        fallback += 2;
    }
    if (!is_variable(inside))
        return refuse(work, "\"${%.100s}\" is none of ${NAME}, ${NAME:-default}, ${file:PATH}",
                      inside);
    const char *value = work->values->lookup(inside, work->values->context);
    if (!value || !*value)
        value = fallback;
    if (!value)
        return refuse(work, "the variable %.100s is not set; give a default as ${%.80s:-default}",
                      inside, inside);
    text_append_string(&work->text, value);
    return 0;
}

static int substitute(work_t *work, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "$");
        text_append(&work->text, text, n);
        text += n;
        if (text[0] == '$' && text[1] == '{') {
            const char *end = strchr(text, '}');
            size_t n_inside = end ? (size_t)(end - text) - 2 : 0;
            if (!end || n_inside > NAME_MAX_BYTES)
                return refuse(work, "\"${\" without its \"}\"; write $$ for a dollar sign");
            char inside[NAME_MAX_BYTES + 1];
            memcpy(inside, text + 2, n_inside);
            inside[n_inside] = '\0';
            if (put(work, inside))
                return -1;
            text = end + 1;
        } else if (text[0] == '$') {
            text_append_string(&work->text, "$");
            text += text[1] == '$' ? 2 : 1;
        }
        if (work->text.size > CONFIG_VALUE_MAX_BYTES)
            return refuse(work, "the value is longer than 64 KiB");
    }
    return 0;
}

int config_substitute(const char *text, const config_values_t *values, char **ret,
                      bool *ret_is_file, char reason[256])
{
    work_t work = {.values = values, .reason = reason};
    if (substitute(&work, text)) {
        text_clear(&work.text);
        return -1;
    }
    char *value = text_take(&work.text);
    if (!value) {
        (void)snprintf(reason, 256, "out of memory");
        return -1;
    }
    *ret = value;
    *ret_is_file = work.is_file;
    return 0;
}
