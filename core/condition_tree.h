/* A compiled condition as a tree in two arrays; a part of the condition language. */
#ifndef HEALTHD_CORE_CONDITION_TREE_H
#define HEALTHD_CORE_CONDITION_TREE_H

#include <jansson.h>

#include "core/condition.h"
#include "core/condition_regex.h"
#include "core/json_path.h"
#include "core/scalar.h"

/* A literal, or what a value was when it was looked at. */
typedef struct {
    condition_type_t type;  /* never ANY; LIST and OBJECT at run time alone */
    scalar_number_t number; /* of the types that are numbers: durations in microseconds */
    condition_text_t text;  /* TEXT and the two kinds of words */
    bool is_true;           /* BOOLEAN */
    const json_t *json;     /* LIST, OBJECT: borrowed from the body */
} condition_datum_t;

typedef enum { FUNCTION_NONE, FUNCTION_LEN, FUNCTION_HAS, FUNCTION_AGE } condition_function_t;
typedef enum { OPERAND_VALUE, OPERAND_LITERAL, OPERAND_WORD } condition_operand_kind_t;

typedef struct {
    condition_operand_kind_t kind; /* a WORD becomes a literal when its other side is known */
    condition_type_t type;
    size_t offset; /* in the text */
    size_t length;

    condition_datum_t literal; /* LITERAL */

    condition_function_t function; /* VALUE: of it */
    condition_value_t value;
    condition_text_t name; /* of a header or a captured value */
    json_path_t *path;     /* BODY: NULL for the body itself; owned */
} condition_operand_t;

typedef enum {
    OPERATOR_EQUAL,
    OPERATOR_NOT_EQUAL,
    OPERATOR_LESS,
    OPERATOR_LESS_EQUAL,
    OPERATOR_GREATER,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_MATCHES,
    OPERATOR_NOT_MATCHES
} condition_operator_t;

typedef enum {
    NODE_OR, /* children from `first` by `next` */
    NODE_AND,
    NODE_NOT,     /* one child */
    NODE_TEST,    /* `left` alone, true or false */
    NODE_COMPARE, /* left operator right */
    NODE_MATCH,   /* left operator regex */
    NODE_IN_LIST, /* left among the literals right .. right + n_items - 1 */
    NODE_IN_VALUE /* left among what the value right lists */
} condition_node_kind_t;

#define NO_NODE (-1)

typedef struct {
    condition_node_kind_t kind;
    condition_operator_t relation;
    int first;
    int next;
    int left; /* positions of operands */
    int right;
    size_t n_items;
    condition_regex_t *regex; /* owned */
} condition_node_t;

struct condition {
    char *text;
    size_t n_text;
    char *pool; /* bytes of the texts of literals */
    size_t n_pool;
    condition_node_t *nodes;
    size_t n_nodes;
    condition_operand_t *operands;
    size_t n_operands;
    int root;        /* NO_NODE: a value alone, operand 0 */
    size_t n_leaves; /* nodes that have operands */
    uint64_t values;
};

struct condition_workspace {
    const condition_observed_t *observed;
    condition_matcher_t *matcher;
    json_t *body;
    bool is_body_read;
    bool is_out_of_memory;
};

/* What the operand is now: TRUE and DATUM; MISSING; or MISMATCH where its function does not take
 * what the value is. */
condition_outcome_t condition_read(condition_workspace_t *workspace,
                                   const condition_operand_t *operand, condition_datum_t *datum);

/* The same of a JSON value, which may be NULL: that and null are MISSING. */
condition_outcome_t condition_datum_of_json(condition_datum_t *datum, const json_t *json);

bool condition_is_number(const condition_datum_t *datum);

/* LEFT compared with RIGHT, for the six operators that compare. */
condition_outcome_t condition_compare(const condition_datum_t *left, condition_operator_t relation,
                                      const condition_datum_t *right);

/* Bytes of the text at OFFSET for "%.*s": cut at a whole character and CONDITION_SOURCE_MAX_BYTES.
 */
#define CONDITION_SOURCE_MAX_BYTES 40
int condition_source_length(const condition_t *condition, size_t offset, size_t length);

/* DATUM as people read it, cut to SIZE - 1 bytes at a whole character. */
void condition_show(const condition_datum_t *datum, const condition_observed_t *observed,
                    char *text, size_t size);

/*
 * The instant that a text names: RFC 3339 (without an offset: UTC) or the form of HTTP's headers
 * (RFC 9110, section 5.6.7, IMF-fixdate). Unix time; 0, or -1.
 */
int condition_instant_of_text(const char *text, size_t n, int64_t *ret_us);

/* The instant that a number of seconds, milliseconds or microseconds since 1970 is, told by its
 * size: below 1e11, below 1e14, else. 0, or -1 where it is negative or after the year 9999. */
int condition_instant_of_number(double number, int64_t *ret_us);

#endif
