/* What the files that read the maps of a configuration share; for core/config_read*.c alone. */
#ifndef HEALTHD_CORE_CONFIG_READ_PARTS_H
#define HEALTHD_CORE_CONFIG_READ_PARTS_H

#include "core/config_read.h"
#include "core/scalar.h"

/* Bytes of a value that a fault shows, and of what it says is allowed, with their NULs. */
enum { SHOWN_BYTES = 160, ALLOWED_BYTES = 1024 };

/* "a list" and the like, by config_node_kind_t. */
extern const char *const config_kind_names[];

/* Tells that memory ran out. */
void config_read_out_of_memory(const config_reader_t *reader);

/* Whether nothing stands where a value should. */
bool config_is_empty(const config_node_t *node);

/* Adds WORD to the words in LIST, with a comma between; one that has no room is left out. */
void config_add_word(char list[ALLOWED_BYTES], const char *word);

/* Parses a number of the row's type; 0, or -1. */
int config_parse_number(const schema_key_t *row, const char *text, config_value_t *value,
                        scalar_error_t *error);

/* Room for N texts in VALUE; 0, or -1 where memory ran out, which was told. */
int config_make_room(const config_reader_t *reader, size_t n, config_value_t *value);

/* Whether NODE is a map as ROW wants it; tells the fault where not. */
bool config_check_map(const config_reader_t *reader, const schema_key_t *row,
                      const config_node_t *node);

/*
 * Read NODE, which stands at the key of ROW, into VALUE: a number or a choice, one text or several,
 * or a map from names to texts. Each gives whether there was no fault; what there was is told.
 */
bool config_read_scalar(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, config_value_t *value);
bool config_read_texts(const config_reader_t *reader, const schema_key_t *row,
                       const config_node_t *node, config_value_t *value);
bool config_read_labels(const config_reader_t *reader, const schema_key_t *row,
                        const config_node_t *node, config_value_t *value);

#endif
