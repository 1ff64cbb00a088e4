/* What the files that compile a condition share; a part of the condition language. */
#ifndef HEALTHD_CORE_CONDITION_PARSER_H
#define HEALTHD_CORE_CONDITION_PARSER_H

#include "core/condition_tree.h"
#include "core/nearest.h"

/* --- tokens --- */

typedef enum {
    TOKEN_END,
    TOKEN_WORD,   /* letters, digits, _ and -, a letter or _ first */
    TOKEN_SCALAR, /* begins with a digit, or - and a digit */
    TOKEN_TEXT,   /* with its quotes; its escapes are not looked at yet */
    TOKEN_OPERATOR,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA
} condition_token_kind_t;

typedef struct {
    condition_token_kind_t kind;
    condition_operator_t relation;
    size_t offset;
    size_t length;
} condition_token_t;

typedef struct {
    condition_t *condition; /* what is being built */
    const condition_vocabulary_t *vocabulary;
    condition_error_t *error;
    condition_token_t token; /* the one to be taken next */
    size_t at;               /* in the text, after that token */
    unsigned depth;
    size_t operands_capacity;
    size_t nodes_capacity;
} condition_parser_t;

/* Every function here gives 0, or -1 with the parser's error. */

/* Takes the token and reads the next. */
int condition_advance(condition_parser_t *parser);
bool condition_token_is(const condition_parser_t *parser, const char *word);
/* Whether C may stand in a word. */
bool condition_is_word_character(char c);
/* Whether WORD is one of the language's own: and or not in true false len has age phase. */
bool condition_is_keyword(const char *word, size_t n);

/* --- errors --- */

/* Text of the error; what was expected and the nearest word are emptied. Gives -1. */
__attribute__((format(printf, 4, 5))) int
condition_refuse(condition_parser_t *parser, size_t offset, size_t length, const char *format, ...);
int condition_refuse_memory(condition_parser_t *parser);
/* Both add to the error that stands, and give -1. */
__attribute__((format(printf, 2, 3))) int condition_expected(condition_parser_t *parser,
                                                             const char *format, ...);
int condition_near(condition_parser_t *parser, const nearest_t *nearest);
/* The token cannot stand here. */
int condition_refuse_token(condition_parser_t *parser, const char *expected);
bool condition_is_captured(const condition_vocabulary_t *vocabulary, const char *name, size_t n);
/* No value has the name that the N bytes at OFFSET are, or it cannot stand in a list. */
int condition_refuse_name(condition_parser_t *parser, size_t offset, size_t n);

/* --- operands and types --- */

/* Reads a value, a function of one or a literal; gives its position. */
int condition_parse_operand(condition_parser_t *parser, int *ret);
/* ... a literal only, or a word. */
int condition_parse_literal(condition_parser_t *parser, int *ret);

int condition_check_function(condition_parser_t *parser, int position);
int condition_check_test(condition_parser_t *parser, int position);
int condition_check_compare(condition_parser_t *parser, int left, condition_operator_t relation,
                            int right);
int condition_check_match(condition_parser_t *parser, int left);
/* One item of a list after `in`. */
int condition_check_item(condition_parser_t *parser, int left, int item);
int condition_check_in_value(condition_parser_t *parser, int left, int right);

#endif
