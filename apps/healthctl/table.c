#include "apps/healthctl/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/utf8.h"

/* The character of N bytes at TEXT, which utf8_next called valid. */
static uint32_t code_point(const char *text, size_t n)
{
    static const uint8_t lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (uint8_t)text[0] & lead_mask[n];
    for (size_t i = 1; i < n; i++)
        point = point << 6 | ((uint8_t)text[i] & 0x3f);
    return point;
}

/* Controls, separators that break a line, and marks that reorder or hide text. */
static bool is_shown_as_it_is(uint32_t point)
{
    static const uint32_t hidden[][2] = {
        {0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x061c, 0x061c}, {0x200b, 0x200f},
        {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (point >= hidden[i][0] && point <= hidden[i][1])
            return false;
    return true;
}

static void escape_one(text_t *out, const char *text, size_t n, bool is_valid)
{
    uint32_t point = is_valid ? code_point(text, n) : 0;
    if (is_valid && is_shown_as_it_is(point)) {
        text_append(out, text, n);
    } else if (is_valid) {
        text_appendf(out, "\\u{%x}", (unsigned)point);
    } else {
        for (size_t i = 0; i < n; i++)
            text_appendf(out, "\\x%02x", (unsigned)(uint8_t)text[i]);
    }
}

/* Appends N bytes, at most MAX characters; lines stay lines where KEEPS_LINES. */
static void escape(text_t *out, const char *bytes, size_t n, size_t max, bool keeps_lines)
{
    text_append_string(out, "");
    for (size_t i = 0; n > 0; i++) {
        if (i == max) {
            text_append_string(out, "...");
            return;
        }
        bool is_valid;
        size_t length = utf8_next(bytes, n, &is_valid);
        if (keeps_lines && (*bytes == '\n' || *bytes == '\t'))
            text_append(out, bytes, 1);
        else
            escape_one(out, bytes, length, is_valid);
        bytes += length;
        n -= length;
    }
}

void table_escape(text_t *out, const char *text, size_t max_characters)
{
    escape(out, text, strlen(text), max_characters, false);
}

const char *table_colour(const char *word)
{
    static const char *const colours[][2] = {
        {"OK", "\033[32m"},     {"DEGRADED", "\033[33m"},   {"WARNING", "\033[33m"},
        {"DOWN", "\033[1;31m"}, {"CRITICAL", "\033[1;31m"}, {"UNKNOWN", "\033[35m"},
    };
    for (size_t i = 0; i < sizeof colours / sizeof colours[0]; i++)
        if (strcmp(word, colours[i][0]) == 0)
            return colours[i][1];
    return "";
}

void table_append_word(text_t *out, const char *word, bool is_coloured)
{
    const char *colour = is_coloured ? table_colour(word) : "";
    text_append_string(out, colour);
    table_escape(out, word, TABLE_CELL_MAX_CHARACTERS);
    if (*colour)
        text_append_string(out, "\033[0m");
}

/* --- columns --- */

void table_init(table_t *table, const char *const *headings, size_t n_columns)
{
    *table = (table_t){.n_columns = n_columns};
    table_add(table, headings);
}

void table_add(table_t *table, const char *const *cells)
{
    size_t n = table->n_columns;
    char **all = realloc(table->cells, (table->n_rows + 1) * n * sizeof *all);
    if (!all) {
        table->is_failed = true;
        return;
    }
    table->cells = all;
    char **row = all + table->n_rows * n;
    for (size_t i = 0; i < n; i++) {
        text_t cell = {0};
        table_escape(&cell, cells[i] ? cells[i] : "-", TABLE_CELL_MAX_CHARACTERS);
        row[i] = text_take(&cell);
        table->is_failed = table->is_failed || !row[i];
    }
    table->n_rows++;
}

/* Columns that TEXT takes: one for each character that is not a combining one's second byte. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((uint8_t)*text & 0xc0) != 0x80;
    return width;
}

static const char *cell_at(const table_t *table, size_t row, size_t column)
{
    const char *cell = table->cells[row * table->n_columns + column];
    return row == 0 && *cell == '>' ? cell + 1 : cell;
}

void table_append(text_t *out, const table_t *table, bool is_coloured)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};
    out->is_failed = out->is_failed || table->is_failed;
    if (out->is_failed)
        return;
    for (size_t row = 0; row < table->n_rows; row++)
        for (size_t i = 0; i < table->n_columns; i++) {
            size_t width = width_of(cell_at(table, row, i));
            widths[i] = width > widths[i] ? width : widths[i];
        }
    for (size_t row = 0; row < table->n_rows; row++)
        for (size_t i = 0; i < table->n_columns; i++) {
            const char *cell = cell_at(table, row, i);
            bool is_right = *table->cells[i] == '>', is_last = i + 1 == table->n_columns;
            int padding = (int)(widths[i] - width_of(cell));
            text_appendf(out, "%*s", is_right ? padding : 0, "");
            table_append_word(out, cell, is_coloured);
            text_appendf(out, "%*s%s", is_right || is_last ? 0 : padding, "",
                         is_last ? "\n" : "  ");
        }
}

void table_clear(table_t *table)
{
    for (size_t i = 0; i < table->n_rows * table->n_columns; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (table_t){0};
}

/* --- output --- */

int table_print_raw(const char *bytes, size_t n)
{
    text_t out = {0};
    if (isatty(STDOUT_FILENO))
        escape(&out, bytes, n, SIZE_MAX, true);
    else
        text_append(&out, bytes, n);
    if (n == 0 || bytes[n - 1] != '\n')
        text_append(&out, "\n", 1);
    return table_print(&out);
}

int table_print(text_t *text)
{
    bool is_failed = text->is_failed || fwrite(text->bytes, 1, text->size, stdout) != text->size;
    text_clear(text);
    if (fflush(stdout) || is_failed) {
        fputs("healthctl: cannot write the answer\n", stderr);
        return 1;
    }
    return 0;
}
