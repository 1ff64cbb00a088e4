#include "core/config_fault.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a URL's scheme with its "://" that are shown before a hidden password, at most. */
enum { SCHEME_SHOWN_MAX = 16 };

/* --- gathering --- */

/* Whether the same was said of the same place: what many targets share is wrong once. */
static bool is_known(const config_faults_t *faults, const config_fault_t *fault)
{
    for (size_t i = 0; i < faults->n_kept; i++) {
        const config_place_t *place = &faults->kept[i].place;
        if (place->file == fault->place.file && place->line == fault->place.line &&
            place->column == fault->place.column && strcmp(faults->kept[i].text, fault->text) == 0)
            return true;
    }
    return false;
}

__attribute__((format(printf, 3, 0))) static void add(config_faults_t *faults, config_fault_t fault,
                                                      const char *format, va_list rest)
{
    if (vasprintf(&fault.text, format, rest) < 0) {
        faults->is_out_of_memory = true;
        faults->n_faults++;
        return;
    }
    if (is_known(faults, &fault)) {
        free(fault.text);
        return;
    }
    if (fault.is_warning)
        faults->n_warnings++;
    else
        faults->n_faults++;
    if (faults->n_kept == CONFIG_FAULTS_MAX) {
        faults->n_left_out++;
        free(fault.text);
        return;
    }
    faults->kept[faults->n_kept++] = fault;
}

void config_fault(config_faults_t *faults, config_place_t place, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    add(faults, (config_fault_t){.place = place}, format, rest);
    va_end(rest);
}

void config_warn(config_faults_t *faults, config_place_t place, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    add(faults, (config_fault_t){.place = place, .is_warning = true}, format, rest);
    va_end(rest);
}

void config_faults_clear(config_faults_t *faults)
{
    for (size_t i = 0; i < faults->n_kept; i++)
        free(faults->kept[i].text);
    *faults = (config_faults_t){0};
}

/* --- showing --- */

void config_show_value(const char *value, char *shown, size_t size)
{
    const char *end = strrchr(value, '@');
    const char *scheme = strstr(value, "://");
    size_t scheme_n = end && scheme && scheme < end ? (size_t)(scheme + 3 - value) : 0;
    if (scheme_n > SCHEME_SHOWN_MAX)
        scheme_n = 0;
    memcpy(shown, value, scheme_n);
    (void)snprintf(shown + scheme_n, size - scheme_n, "%s%s", end ? "***" : "", end ? end : value);
    for (char *at = shown; *at; at++) {
        if (!isprint((unsigned char)*at))
            *at = '?';
    }
}

static int compare(const void *a_p, const void *b_p)
{
    const config_fault_t *a = a_p;
    const config_fault_t *b = b_p;
    if (a->place.file != b->place.file)
        return a->place.file < b->place.file ? -1 : 1;
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line ? -1 : 1;
    if (a->place.column != b->place.column)
        return a->place.column < b->place.column ? -1 : 1;
    return strcmp(a->text, b->text);
}

/* Start and length of line LINE (from 1) of SOURCE. */
static const char *line_of(const config_source_t *source, uint32_t line, size_t *ret_n)
{
    const char *at = source->text;
    const char *end = source->text + source->n_text;
    for (; at && line > 1; line--) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return NULL;
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    *ret_n = (size_t)((stop ? stop : end) - at);
    if (*ret_n > 0 && at[*ret_n - 1] == '\r')
        --*ret_n;
    return at;
}

/* Whether the byte at I of LINE belongs to what may be a URL's password: between a "://" and the
 * last '@' of the same word. */
static bool is_secret(const char *line, size_t n, size_t i)
{
    size_t start = i;
    size_t at = i;
    while (start > 0 && !isspace((unsigned char)line[start - 1]))
        start--;
    const char *scheme = memmem(line + start, i - start, "://", 3);
    if (!scheme)
        return false;
    bool has_end = false;
    for (; at < n && !isspace((unsigned char)line[at]); at++)
        has_end = has_end || line[at] == '@';
    return has_end && line[i] != '@';
}

/* The source line and the caret under PLACE. */
static void append_source(text_t *text, const config_source_t *source, config_place_t place)
{
    size_t n = 0;
    const char *line = line_of(source, place.line, &n);
    if (!line || n == 0)
        return;
    text_append_string(text, "  ");
    size_t shown = 0; /* characters */
    text_t marks = {0};
    for (size_t i = 0; i < n && shown < CONFIG_SHOWN_MAX; i++) {
        unsigned char byte = (unsigned char)line[i];
        bool is_start = (byte & 0xC0) != 0x80; /* of a character */
        shown += is_start;
        if (is_start && shown < place.column)
            text_append_string(&marks, byte == '\t' ? "\t" : " ");
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            text_append_string(text, "?");
        else if (is_secret(line, n, i))
            text_append_string(text, is_start ? "*" : "");
        else
            text_append(text, &line[i], 1);
    }
    text_append_string(text, "\n");
    if (place.column <= shown + 1) {
        text_appendf(text, "  %s^", marks.bytes ? marks.bytes : "");
        for (uint32_t i = 1; i < place.length && place.column + i <= shown; i++)
            text_append_string(text, "~");
        text_append_string(text, "\n");
    }
    text_clear(&marks);
}

void config_faults_print(config_faults_t *faults, const config_source_t *sources, text_t *text)
{
    qsort(faults->kept, faults->n_kept, sizeof faults->kept[0], compare);
    for (size_t i = 0; i < faults->n_kept; i++) {
        const config_fault_t *fault = &faults->kept[i];
        const config_source_t *source = &sources[fault->place.file];
        text_append_string(text, source->name);
        if (fault->place.line > 0)
            text_appendf(text, ":%u:%u", fault->place.line, fault->place.column);
        text_appendf(text, ": %s%s\n", fault->is_warning ? "warning: " : "", fault->text);
        if (fault->place.line > 0 && fault->place.length > 0 && source->text)
            append_source(text, source, fault->place);
    }
    if (faults->n_left_out > 0)
        text_appendf(text, "and %zu more\n", faults->n_left_out);
    if (faults->is_out_of_memory)
        text_append_string(text, "out of memory: some faults are not shown\n");
}
