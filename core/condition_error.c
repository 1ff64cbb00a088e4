#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/condition_parser.h"

int condition_refuse(condition_parser_t *parser, size_t offset, size_t length, const char *format,
                     ...)
{
    condition_error_t *error = parser->error;
    *error = (condition_error_t){.offset = offset, .length = length};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments); /* may cut */
    va_end(arguments);
    for (char *c = error->text; *c; c++) /* blanks between tokens of what is quoted */
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return -1;
}

int condition_refuse_memory(condition_parser_t *parser)
{
    (void)condition_refuse(parser, 0, 0, "out of memory");
    parser->error->is_memory = true;
    return -1;
}

int condition_expected(condition_parser_t *parser, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(parser->error->expected, sizeof parser->error->expected, format, arguments);
    va_end(arguments);
    return -1;
}

int condition_near(condition_parser_t *parser, const nearest_t *nearest)
{
    (void)snprintf(parser->error->nearest, sizeof parser->error->nearest, "%s",
                   nearest->nearest ? nearest->nearest : "");
    return -1;
}

int condition_source_length(const condition_t *condition, size_t offset, size_t length)
{
    if (length <= CONDITION_SOURCE_MAX_BYTES)
        return (int)length;
    size_t n = CONDITION_SOURCE_MAX_BYTES;
    while (n > 0 && (condition->text[offset + n] & 0xC0) == 0x80)
        n--;
    return (int)n;
}

int condition_refuse_token(condition_parser_t *parser, const char *expected)
{
    const condition_token_t *token = &parser->token;
    if (token->kind == TOKEN_END) {
        (void)condition_refuse(parser, token->offset, 0, "the condition ends too early");
    } else {
        (void)condition_refuse(
            parser, token->offset, token->length, "%.*s cannot stand here",
            condition_source_length(parser->condition, token->offset, token->length),
            parser->condition->text + token->offset);
    }
    return condition_expected(parser, "%s", expected);
}

/* Adds NAME to the words that were expected. */
static void add_expected(condition_error_t *error, const char *name)
{
    size_t n = strlen(error->expected);
    (void)snprintf(error->expected + n, sizeof error->expected - n, "%s%s", n ? " " : "", name);
}

bool condition_is_captured(const condition_vocabulary_t *vocabulary, const char *name, size_t n)
{
    for (size_t i = 0; i < vocabulary->n_captured; i++)
        if (n == strlen(vocabulary->captured[i]) && memcmp(name, vocabulary->captured[i], n) == 0)
            return true;
    return false;
}

int condition_refuse_name(condition_parser_t *parser, size_t offset, size_t n)
{
    const condition_vocabulary_t *vocabulary = parser->vocabulary;
    const char *name = parser->condition->text + offset;
    condition_value_t value = condition_value_at(name, n, vocabulary->values);
    bool is_elsewhere = value != CONDITION_VALUE_COUNT;
    if ((is_elsewhere && vocabulary->values & CONDITION_BIT(value)) ||
        condition_is_captured(vocabulary, name, n)) {
        (void)condition_refuse(parser, offset, n, "a list holds no values, only literals");
        return condition_expected(parser, "literals such as (200, 204) or (\"a\", \"b\")");
    }
    (void)condition_refuse(parser, offset, n,
                           is_elsewhere ? "%s probes have no value %.*s"
                                        : "%s probes know no name %.*s; a text stands in quotes",
                           vocabulary->probe, condition_source_length(parser->condition, offset, n),
                           name);
    nearest_t nearest = {.word = name, .n = n};
    for (int i = 0; i < CONDITION_CAPTURED; i++) {
        if (!(vocabulary->values & CONDITION_BIT(i)))
            continue;
        add_expected(parser->error, condition_value_name((condition_value_t)i));
        nearest_offer(&nearest, condition_value_name((condition_value_t)i));
    }
    for (size_t i = 0; i < vocabulary->n_captured; i++) {
        add_expected(parser->error, vocabulary->captured[i]);
        nearest_offer(&nearest, vocabulary->captured[i]);
    }
    return condition_near(parser, &nearest);
}

void condition_error_line(const condition_error_t *error, char line[CONDITION_ERROR_LINE_BYTES])
{
    (void)snprintf(line, CONDITION_ERROR_LINE_BYTES, "%s%s%s%s%s%s", error->text,
                   error->expected[0] ? "; expected " : "", error->expected,
                   error->nearest[0] ? "; did you mean " : "", error->nearest,
                   error->nearest[0] ? "?" : "");
}
