#include <string.h>

#include "core/condition_parser.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool condition_is_word_character(char c)
{
    return is_letter(c) || is_digit(c) || c == '-';
}

bool condition_is_keyword(const char *word, size_t n)
{
    static const char *const keywords[] = {"and",   "or",  "not", "in",  "true",
                                           "false", "len", "has", "age", "phase"};
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (n == strlen(keywords[i]) && memcmp(word, keywords[i], n) == 0)
            return true;
    return false;
}

bool condition_token_is(const condition_parser_t *parser, const char *word)
{
    return parser->token.kind == TOKEN_WORD && parser->token.length == strlen(word) &&
           memcmp(parser->condition->text + parser->token.offset, word, parser->token.length) == 0;
}

/* --- one kind of token each: bytes at the start of TEXT, which is NUL-terminated --- */

static size_t word_bytes(const char *text)
{
    size_t n = 0;
    while (condition_is_word_character(text[n]))
        n++;
    return n;
}

/* A number with its unit, whatever that is: what it says is told later. */
static size_t scalar_bytes(const char *text)
{
    size_t n = text[0] == '-' ? 1 : 0;
    for (;; n++) {
        bool is_sign = (text[n] == '+' || text[n] == '-') && n > 1 &&
                       (text[n - 1] == 'e' || text[n - 1] == 'E') && is_digit(text[n - 2]);
        if (!is_letter(text[n]) && !is_digit(text[n]) && text[n] != '.' && text[n] != '%' &&
            !is_sign)
            return n;
    }
}

/* 0: there is no closing quote. */
static size_t text_bytes(const char *text)
{
    for (size_t n = 1; text[n]; n++) {
        if (text[n] == '"')
            return n + 1;
        if (text[n] == '\\' && text[n + 1])
            n++;
    }
    return 0;
}

static size_t operator_bytes(const char *text, condition_operator_t *ret)
{
    static const struct {
        const char *text;
        condition_operator_t relation;
    } rows[] = {
        {"==", OPERATOR_EQUAL},   {"!=", OPERATOR_NOT_EQUAL},     {"<=", OPERATOR_LESS_EQUAL},
        {"<", OPERATOR_LESS},     {">=", OPERATOR_GREATER_EQUAL}, {">", OPERATOR_GREATER},
        {"=~", OPERATOR_MATCHES}, {"!~", OPERATOR_NOT_MATCHES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = strlen(rows[i].text);
        if (strncmp(text, rows[i].text, n) == 0) {
            *ret = rows[i].relation;
            return n;
        }
    }
    return 0;
}

/* --- tokens --- */

static void set_token(condition_parser_t *parser, condition_token_kind_t kind, size_t length)
{
    parser->token.kind = kind;
    parser->token.offset = parser->at;
    parser->token.length = length;
    parser->at += length;
}

/* Bytes that begin no token: what other languages write has its own answer. */
static int refuse_bytes(condition_parser_t *parser)
{
    static const struct {
        const char *written;
        const char *meant;
    } rows[] = {{"&&", "and"}, {"||", "or"}, {"&", "and"}, {"|", "or"},
                {"=", "=="},   {"!", "not"}, {"~", "=~"},  {"'", "\""}};
    const char *text = parser->condition->text + parser->at;
    size_t length = 1;
    nearest_t nearest = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !nearest.nearest; i++) {
        if (strncmp(text, rows[i].written, strlen(rows[i].written)) != 0)
            continue;
        length = strlen(rows[i].written);
        nearest.nearest = rows[i].meant;
    }
    while ((text[length] & 0xC0) == 0x80) /* a whole character */
        length++;
    if (*text == '.' || *text == '[')
        return condition_refuse(parser, parser->at, 1,
                                "only body has parts, header a name and phase a phase");
    bool is_shown = (unsigned char)*text > ' ' && *text != 0x7F;
    (void)condition_refuse(parser, parser->at, length,
                           is_shown ? "%.*s is no part of the language"
                                    : "a control character cannot stand here",
                           (int)length, text);
    return condition_near(parser, &nearest);
}

int condition_advance(condition_parser_t *parser)
{
    const char *text = parser->condition->text;
    while (text[parser->at] && strchr(" \t\r\n", text[parser->at]))
        parser->at++;
    const char *at = text + parser->at;
    size_t n_operator = operator_bytes(at, &parser->token.relation);
    if (*at == '\0') {
        set_token(parser, TOKEN_END, 0);
    } else if (is_letter(*at)) {
        set_token(parser, TOKEN_WORD, word_bytes(at));
    } else if (is_digit(*at) || (*at == '-' && is_digit(at[1]))) {
        set_token(parser, TOKEN_SCALAR, scalar_bytes(at));
    } else if (*at == '"') {
        size_t n = text_bytes(at);
        if (n == 0) {
            size_t length = parser->condition->n_text - parser->at;
            return condition_refuse(parser, parser->at, length, "the text has no closing quote");
        }
        set_token(parser, TOKEN_TEXT, n);
    } else if (n_operator > 0) {
        set_token(parser, TOKEN_OPERATOR, n_operator);
    } else if (*at == '(' || *at == ')' || *at == ',') {
        set_token(parser, *at == '(' ? TOKEN_OPEN : *at == ')' ? TOKEN_CLOSE : TOKEN_COMMA, 1);
    } else {
        return refuse_bytes(parser);
    }
    return 0;
}
