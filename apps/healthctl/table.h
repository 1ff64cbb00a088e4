/*
 * Text from healthd as it is safe and readable on a terminal: escaped, in aligned columns. All but
 * the last two is pure.
 */
#ifndef HEALTHD_APPS_HEALTHCTL_TABLE_H
#define HEALTHD_APPS_HEALTHCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/text.h"

#define TABLE_COLUMNS_MAX 6
/* Characters of a cell; an alert's id, which is there to be copied, fits whole. */
#define TABLE_CELL_MAX_CHARACTERS 400

/*
 * Appends TEXT, at most MAX_CHARACTERS of it and then "...". What could steer a terminal or turn
 * text around becomes visible: controls and bidirectional marks \u{202e}, bytes that are not UTF-8
 * \xff. Escaping twice changes nothing more.
 */
void table_escape(text_t *out, const char *text, size_t max_characters);

/* How a terminal sets a status or level apart, as an SGR sequence; "" for any other word. */
const char *table_colour(const char *word);

/* WORD, coloured where IS_COLOURED and the word has a colour. */
void table_append_word(text_t *out, const char *word, bool is_coloured);

typedef struct {
    size_t n_columns;
    size_t n_rows; /* the headings are the first */
    char **cells;  /* n_columns to a row, escaped; owned */
    bool is_failed;
} table_t;

/* Begins a table; a heading (borrows) with '>' before it is set to the right. */
void table_init(table_t *table, const char *const *headings, size_t n_columns);

/* Adds a row of n_columns CELLS (borrows); NULL reads "-". */
void table_add(table_t *table, const char *const *cells);

/* Appends the table, a line to each row; words with a colour get it where IS_COLOURED. */
void table_append(text_t *out, const table_t *table, bool is_coloured);

void table_clear(table_t *table);

/* Prints TEXT and clears it. Gives 0, or 1 where memory ran out or stdout took nothing. */
int table_print(text_t *text);

/* Prints N bytes as they are, but to a terminal escaped but for its lines; a newline ends them.
 * As table_print. */
int table_print_raw(const char *bytes, size_t n);

#endif
