/* Operands of a condition: literals, values and functions of values. */
#include <stdlib.h>
#include <string.h>

#include "core/condition_parser.h"

#define EXPECTED_OPERAND "a value, a function len() has() age() or a literal"

static int add(condition_parser_t *parser, const condition_operand_t *operand, int *ret)
{
    condition_t *condition = parser->condition;
    if (condition->n_operands == parser->operands_capacity) {
        size_t capacity = parser->operands_capacity ? 2 * parser->operands_capacity : 4;
        condition_operand_t *grown =
            realloc(condition->operands, capacity * sizeof *condition->operands);
        if (!grown)
            return condition_refuse_memory(parser);
        condition->operands = grown;
        parser->operands_capacity = capacity;
    }
    condition->operands[condition->n_operands] = *operand;
    *ret = (int)condition->n_operands++;
    return 0;
}

/* What a scalar parser said, as an error of the condition. */
static int refuse_scalar(condition_parser_t *parser, size_t offset, const scalar_error_t *error,
                         const char *what)
{
    if (!error->expected)
        return condition_refuse_memory(parser);
    (void)condition_refuse(parser, offset + error->offset, error->length, "%s", what);
    return condition_expected(parser, "%s", error->expected);
}

/* --- literals --- */

/* The scalar that N bytes of TEXT are; -1 with the error of the type that they look most like. */
static int read_scalar(const char *text, size_t n, condition_datum_t *datum, scalar_error_t *error)
{
    if (scalar_number(text, n, &datum->number, error) == 0) {
        datum->type = CONDITION_NUMBER;
        return 0;
    }
    if (text[n - 1] == '%') {
        datum->type = CONDITION_RATIO;
        datum->number.is_integer = false;
        return scalar_ratio(text, n, &datum->number.real, error);
    }
    datum->number.is_integer = true;
    if (text[n - 1] == 'B' || text[n - 1] == 'b') {
        datum->type = CONDITION_SIZE;
        return scalar_size(text, n, &datum->number.integer, error);
    }
    char unit = text[n - 1];
    if (unit < 'A' || unit > 'z') /* no unit at all: the error of the number stands */
        return -1;
    bool is_negative = text[0] == '-'; /* a certificate can be over */
    size_t sign = is_negative ? 1 : 0;
    datum->type = CONDITION_DURATION;
    int64_t us = 0;
    if (scalar_duration(text + sign, n - sign, &us, error) != 0) {
        error->offset += sign;
        return -1;
    }
    datum->number.integer = is_negative ? -us : us;
    return 0;
}

static int parse_scalar(condition_parser_t *parser, condition_operand_t *operand)
{
    scalar_error_t error;
    condition_datum_t datum = {0};
    const char *text = parser->condition->text + operand->offset;
    if (read_scalar(text, operand->length, &datum, &error) != 0)
        return refuse_scalar(parser, operand->offset, &error,
                             "the number or its unit is not understood");
    operand->kind = OPERAND_LITERAL;
    operand->literal = datum;
    operand->type = datum.type;
    return condition_advance(parser);
}

/* Decodes the quoted text at OFFSET into the pool. */
static int read_quoted(condition_parser_t *parser, size_t offset, condition_text_t *ret,
                       size_t *ret_used)
{
    condition_t *condition = parser->condition;
    char *place = condition->pool + condition->n_pool;
    scalar_error_t error;
    size_t n = 0;
    if (scalar_quoted(condition->text + offset, condition->n_text - offset, place, &n, ret_used,
                      &error) != 0)
        return refuse_scalar(parser, offset, &error, "the text is not understood");
    *ret = (condition_text_t){.bytes = place, .n = n};
    condition->n_pool += n;
    return 0;
}

static int parse_text(condition_parser_t *parser, condition_operand_t *operand)
{
    size_t used = 0;
    if (read_quoted(parser, operand->offset, &operand->literal.text, &used) != 0)
        return -1;
    operand->kind = OPERAND_LITERAL;
    operand->type = CONDITION_TEXT;
    operand->literal.type = CONDITION_TEXT;
    return condition_advance(parser);
}

static int parse_boolean(condition_parser_t *parser, condition_operand_t *operand)
{
    operand->kind = OPERAND_LITERAL;
    operand->type = CONDITION_BOOLEAN;
    operand->literal = (condition_datum_t){.type = CONDITION_BOOLEAN,
                                           .is_true = condition_token_is(parser, "true")};
    return condition_advance(parser);
}

static bool is_keyword(const condition_parser_t *parser)
{
    return condition_is_keyword(parser->condition->text + parser->token.offset,
                                parser->token.length);
}

static bool is_boolean(const condition_parser_t *parser)
{
    return condition_token_is(parser, "true") || condition_token_is(parser, "false");
}

int condition_parse_literal(condition_parser_t *parser, int *ret)
{
    condition_operand_t operand = {.offset = parser->token.offset, .length = parser->token.length};
    int outcome = -1;
    if (parser->token.kind == TOKEN_SCALAR) {
        outcome = parse_scalar(parser, &operand);
    } else if (parser->token.kind == TOKEN_TEXT) {
        outcome = parse_text(parser, &operand);
    } else if (is_boolean(parser)) {
        outcome = parse_boolean(parser, &operand);
    } else if (parser->token.kind == TOKEN_WORD && !is_keyword(parser)) {
        operand.kind = OPERAND_WORD;
        operand.type = CONDITION_TYPE_COUNT;
        outcome = condition_advance(parser);
    } else {
        return condition_refuse_token(parser, "a literal");
    }
    return outcome == 0 ? add(parser, &operand, ret) : -1;
}

/* --- values: each reads on from `at`, after the name, which is the token --- */

static int read_header_name(condition_parser_t *parser, condition_operand_t *operand)
{
    const char *text = parser->condition->text;
    size_t used = 0;
    if (text[parser->at] != '[') {
        (void)condition_refuse(parser, operand->offset, operand->length, "header needs a name");
        return condition_expected(parser, "header[\"content-type\"]");
    }
    if (read_quoted(parser, parser->at + 1, &operand->name, &used) != 0)
        return -1;
    parser->at += 1 + used;
    if (text[parser->at] != ']') {
        (void)condition_refuse(parser, parser->at, text[parser->at] ? 1 : 0,
                               "the name of the header does not end");
        return condition_expected(parser, "]");
    }
    parser->at++;
    return 0;
}

static int read_path(condition_parser_t *parser, condition_operand_t *operand)
{
    size_t used = 0;
    scalar_error_t error;
    if (json_path_parse(parser->condition->text + parser->at,
                        parser->condition->n_text - parser->at, &operand->path, &used, &error) != 0)
        return refuse_scalar(parser, parser->at, &error, "the path is not understood");
    if (operand->path)
        operand->type = CONDITION_ANY;
    parser->at += used;
    return 0;
}

/* Whether the name, which no value has, may yet be a word of the language: the other side tells. */
static bool may_be_word(const condition_parser_t *parser, const char *name, size_t n)
{
    char follows = parser->condition->text[parser->at];
    bool is_value_elsewhere = condition_value_at(name, n, 0) != CONDITION_VALUE_COUNT;
    return follows != '.' && follows != '[' &&
           (!is_value_elsewhere || condition_word_at(CONDITION_REASON_WORD, name, n));
}

/* Takes the name of a value: phase.tls is one. */
static size_t name_bytes(condition_parser_t *parser)
{
    const char *text = parser->condition->text;
    if (condition_token_is(parser, "phase") && text[parser->at] == '.') {
        parser->at++;
        while (condition_is_word_character(text[parser->at]))
            parser->at++;
    }
    return parser->at - parser->token.offset;
}

static int parse_value(condition_parser_t *parser, condition_operand_t *operand)
{
    const char *name = parser->condition->text + parser->token.offset;
    operand->offset = parser->token.offset;
    operand->length = name_bytes(parser);
    operand->value = condition_value_at(name, operand->length, parser->vocabulary->values);
    bool is_here = operand->value != CONDITION_VALUE_COUNT &&
                   parser->vocabulary->values & CONDITION_BIT(operand->value);
    if (!is_here && condition_is_captured(parser->vocabulary, name, operand->length)) {
        operand->value = CONDITION_CAPTURED;
        operand->name = (condition_text_t){.bytes = name, .n = operand->length};
        is_here = true;
    }
    if (!is_here) {
        operand->kind = OPERAND_WORD;
        operand->type = CONDITION_TYPE_COUNT;
        if (!may_be_word(parser, name, operand->length))
            return condition_refuse_name(parser, operand->offset, operand->length);
        return condition_advance(parser);
    }
    operand->kind = OPERAND_VALUE;
    operand->type = condition_value_type(operand->value);
    if (operand->value == CONDITION_HEADER && read_header_name(parser, operand) != 0)
        return -1;
    if (operand->value == CONDITION_BODY && read_path(parser, operand) != 0)
        return -1;
    operand->length = parser->at - operand->offset;
    parser->condition->values |= CONDITION_BIT(operand->value);
    return condition_advance(parser);
}

/* --- functions --- */

static condition_function_t function_of(const condition_parser_t *parser)
{
    if (condition_token_is(parser, "len"))
        return FUNCTION_LEN;
    if (condition_token_is(parser, "has"))
        return FUNCTION_HAS;
    return condition_token_is(parser, "age") ? FUNCTION_AGE : FUNCTION_NONE;
}

static int parse_function(condition_parser_t *parser, condition_operand_t *operand)
{
    size_t offset = parser->token.offset;
    if (condition_advance(parser) != 0)
        return -1;
    if (parser->token.kind != TOKEN_OPEN)
        return condition_refuse_token(parser, "( after len, has or age");
    if (condition_advance(parser) != 0)
        return -1;
    if (parser->token.kind != TOKEN_WORD ||
        (is_keyword(parser) && !condition_token_is(parser, "phase")))
        return condition_refuse_token(parser, "the name of a value");
    if (parse_value(parser, operand) != 0)
        return -1;
    if (operand->kind == OPERAND_WORD)
        return condition_refuse_name(parser, operand->offset, operand->length);
    if (parser->token.kind != TOKEN_CLOSE)
        return condition_refuse_token(parser, ")");
    operand->offset = offset;
    operand->length = parser->token.offset + 1 - offset;
    return condition_advance(parser);
}

int condition_parse_operand(condition_parser_t *parser, int *ret)
{
    if (parser->token.kind == TOKEN_SCALAR || parser->token.kind == TOKEN_TEXT ||
        is_boolean(parser))
        return condition_parse_literal(parser, ret);
    condition_operand_t operand = {.function = function_of(parser)};
    bool is_phase = condition_token_is(parser, "phase");
    if (parser->token.kind != TOKEN_WORD ||
        (is_keyword(parser) && !is_phase && operand.function == FUNCTION_NONE))
        return condition_refuse_token(parser, EXPECTED_OPERAND);
    int outcome = operand.function == FUNCTION_NONE ? parse_value(parser, &operand)
                                                    : parse_function(parser, &operand);
    if (outcome != 0 || add(parser, &operand, ret) != 0) {
        json_path_destroy(&operand.path);
        return -1;
    }
    return operand.function == FUNCTION_NONE ? 0 : condition_check_function(parser, *ret);
}
