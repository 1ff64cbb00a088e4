#include "core/matcher.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

/* What ends a word; blanks do too. */
#define RESERVED "{}!=~,\\\"'`"
#define BLANKS   " \t\n\v\f\r"

static const char *const operators[MATCHER_OPERATOR_COUNT] = {
    [MATCHER_EQUAL] = "=",
    [MATCHER_NOT_EQUAL] = "!=",
    [MATCHER_REGEX] = "=~",
    [MATCHER_NOT_REGEX] = "!~",
};

typedef struct {
    const char *text;
    size_t n;
    size_t at;
    condition_error_t *error;
} parser_t;

/* A name or value as it stands in the text. */
typedef struct {
    char *text; /* owned */
    size_t offset, length;
    bool is_escaped; /* the text is not what stands there */
} word_t;

/* --- errors --- */

__attribute__((format(printf, 4, 5))) static int refuse(parser_t *parser, size_t offset,
                                                        size_t length, const char *format, ...)
{
    *parser->error = (condition_error_t){.offset = offset, .length = length};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(parser->error->text, sizeof parser->error->text, format, arguments);
    va_end(arguments);
    return -1;
}

static int refuse_memory(parser_t *parser)
{
    (void)refuse(parser, 0, 0, "out of memory");
    parser->error->is_memory = true;
    return -1;
}

/* What stands at the place that was reached does not belong there. */
static int refuse_here(parser_t *parser, const char *expected)
{
    bool is_valid = true;
    size_t length = parser->at < parser->n
                        ? utf8_next(parser->text + parser->at, parser->n - parser->at, &is_valid)
                        : 0;
    if (length == 0)
        (void)refuse(parser, parser->n, 0, "the matcher ends too early");
    else
        (void)refuse(parser, parser->at, length, "%.*s cannot stand here", (int)length,
                     parser->text + parser->at);
    (void)snprintf(parser->error->expected, sizeof parser->error->expected, "%s", expected);
    return -1;
}

/* --- tokens --- */

/* Whether C, which is not the NUL that ends SET, is one of it. */
static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static void skip_blanks(parser_t *parser)
{
    while (parser->at < parser->n && is_one_of(parser->text[parser->at], BLANKS))
        parser->at++;
}

static bool take(parser_t *parser, const char *token)
{
    size_t n = strlen(token);
    skip_blanks(parser);
    if (parser->n - parser->at < n || memcmp(parser->text + parser->at, token, n) != 0)
        return false;
    parser->at += n;
    return true;
}

/* Puts what the escape at TEXT stands for; gives how many bytes it has. */
static size_t put_escape(const char *text, size_t n, char *dst)
{
    static const char escapes[] = "n\"\\";
    static const char meanings[] = "\n\"\\";
    const char *at = n > 1 && text[1] ? strchr(escapes, text[1]) : NULL;
    *dst = '\\';
    if (!at)
        return 1;
    *dst = meanings[at - escapes];
    return 2;
}

/* The opening quote was seen, but not taken. */
static int parse_quoted(parser_t *parser, word_t *word)
{
    size_t opening = parser->at++;
    size_t n_bytes = 0;
    word->offset = parser->at;
    while (parser->at < parser->n && parser->text[parser->at] != '"') {
        size_t used = 1;
        if (parser->text[parser->at] == '\\')
            used =
                put_escape(parser->text + parser->at, parser->n - parser->at, word->text + n_bytes);
        else
            word->text[n_bytes] = parser->text[parser->at];
        word->is_escaped = word->is_escaped || used > 1;
        n_bytes++;
        parser->at += used;
    }
    if (parser->at == parser->n)
        return refuse(parser, opening, parser->n - opening, "the closing quote is missing");
    word->length = parser->at++ - word->offset;
    word->text[n_bytes] = '\0';
    return 0;
}

/* Parses a text in quotes or a word. Gives *RET, whose text the caller frees, whatever is
 * returned. */
static int parse_word(parser_t *parser, const char *expected, word_t *ret)
{
    skip_blanks(parser);
    *ret = (word_t){.offset = parser->at, .text = malloc(parser->n - parser->at + 1)};
    if (!ret->text)
        return refuse_memory(parser);
    if (parser->at < parser->n && parser->text[parser->at] == '"')
        return parse_quoted(parser, ret);
    while (parser->at < parser->n && !is_one_of(parser->text[parser->at], RESERVED BLANKS))
        parser->at++;
    ret->length = parser->at - ret->offset;
    if (ret->length == 0)
        return refuse_here(parser, expected);
    memcpy(ret->text, parser->text + ret->offset, ret->length);
    ret->text[ret->length] = '\0';
    return 0;
}

static int parse_operator(parser_t *parser, matcher_operator_t *ret)
{
    static const matcher_operator_t longest_first[] = {MATCHER_REGEX, MATCHER_NOT_REGEX,
                                                       MATCHER_NOT_EQUAL, MATCHER_EQUAL};
    for (size_t i = 0; i < sizeof longest_first / sizeof longest_first[0]; i++) {
        if (!take(parser, operators[longest_first[i]]))
            continue;
        *ret = longest_first[i];
        return 0;
    }
    return refuse_here(parser, "one of = != =~ !~");
}

/* --- a matcher --- */

static void clear_matcher(matcher_t *matcher)
{
    free(matcher->name);
    free(matcher->value);
    condition_regex_destroy(&matcher->regex);
}

static int parse_name(parser_t *parser, matcher_t *matcher)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    static const char expected[] = "a name of 1 to 64 letters, digits and _";
    word_t word;
    int rc = parse_word(parser, expected, &word);
    matcher->name = word.text;
    if (rc)
        return -1;
    size_t n = strlen(word.text);
    if (n > 0 && n <= MATCHER_NAME_MAX_BYTES && !word.text[strspn(word.text, letters)])
        return 0;
    (void)refuse(parser, word.offset, word.length, "this is no name");
    (void)snprintf(parser->error->expected, sizeof parser->error->expected, "%s", expected);
    return -1;
}

static int parse_value(parser_t *parser, matcher_t *matcher)
{
    word_t word;
    int rc = parse_word(parser, "a value; one with blanks or any of " RESERVED " in double quotes",
                        &word);
    matcher->value = word.text;
    if (rc || (matcher->operator!= MATCHER_REGEX && matcher->operator!= MATCHER_NOT_REGEX))
        return rc;
    condition_regex_error_t error;
    if (condition_regex_compile(word.text, strlen(word.text), &matcher->regex, &error) == 0)
        return 0;
    if (!error.text[0])
        return refuse_memory(parser);
    if (word.is_escaped)
        return refuse(parser, word.offset, word.length, "the regular expression: %s", error.text);
    size_t length = error.offset < word.length ? 1 : 0;
    return refuse(parser, word.offset + error.offset, length, "the regular expression: %s",
                  error.text);
}

static int parse_matcher(parser_t *parser, matcher_t *matcher)
{
    return parse_name(parser, matcher) || parse_operator(parser, &matcher->operator) ||
                   parse_value(parser, matcher)
               ? -1
               : 0;
}

/* --- a list --- */

static void shorten(matchers_t *matchers, size_t n)
{
    while (matchers->n > n)
        clear_matcher(&matchers->items[--matchers->n]);
}

static int parse_one_more(parser_t *parser, matchers_t *matchers)
{
    if (matchers->n == MATCHERS_MAX)
        return refuse(parser, parser->at, 0, "more than %d matchers", MATCHERS_MAX);
    matcher_t *grown = realloc(matchers->items, (matchers->n + 1) * sizeof *grown);
    if (!grown)
        return refuse_memory(parser);
    matchers->items = grown;
    matcher_t *matcher = &grown[matchers->n++];
    *matcher = (matcher_t){.name = NULL};
    return parse_matcher(parser, matcher);
}

/* Whether the list is over: nothing is left but what closes it. */
static bool ends(parser_t *parser, bool has_brace)
{
    skip_blanks(parser);
    return has_brace ? parser->at < parser->n && parser->text[parser->at] == '}'
                     : parser->at == parser->n;
}

static int parse_list(parser_t *parser, matchers_t *matchers)
{
    bool has_brace = take(parser, "{");
    do {
        if (parse_one_more(parser, matchers))
            return -1;
    } while (take(parser, ",") && !ends(parser, has_brace));
    if (has_brace && !take(parser, "}"))
        return refuse_here(parser, "a comma or the closing }");
    skip_blanks(parser);
    return parser->at == parser->n ? 0 : refuse_here(parser, "a comma or the end");
}

int matchers_add(matchers_t *matchers, const char *text, size_t n, condition_error_t *reterr)
{
    parser_t parser = {.text = text, .n = n, .error = reterr};
    if (n > MATCHER_TEXT_MAX_BYTES)
        return refuse(&parser, MATCHER_TEXT_MAX_BYTES, 0, "longer than %d bytes",
                      MATCHER_TEXT_MAX_BYTES);
    if (!utf8_is_text(text, n))
        return refuse(&parser, 0, 0, "this is not UTF-8");
    size_t n_before = matchers->n;
    if (parse_list(&parser, matchers) == 0)
        return 0;
    shorten(matchers, n_before);
    return -1;
}

void matchers_clear(matchers_t *matchers)
{
    shorten(matchers, 0);
    free(matchers->items);
    matchers->items = NULL;
}

/* --- matching --- */

bool matchers_ask_for(const matchers_t *matchers, const char *name)
{
    for (size_t i = 0; i < matchers->n; i++) {
        if (strcmp(matchers->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool matches(const matcher_t *matcher, condition_matcher_t *regexes, const char *text)
{
    if (!matcher->regex)
        return (strcmp(matcher->value, text) == 0) == (matcher->operator== MATCHER_EQUAL);
    regex_outcome_t wanted = matcher->operator== MATCHER_REGEX ? REGEX_MATCH : REGEX_NO_MATCH;
    return condition_regex_match_whole(matcher->regex, regexes, text, strlen(text)) == wanted;
}

bool matchers_match(const matchers_t *matchers, condition_matcher_t *regexes,
                    matcher_lookup_fn *lookup, void *context)
{
    for (size_t i = 0; i < matchers->n; i++) {
        const char *text = lookup(matchers->items[i].name, context);
        if (!matches(&matchers->items[i], regexes, text ? text : ""))
            return false;
    }
    return true;
}

/* --- as text --- */

void matcher_append(text_t *text, const matcher_t *matcher)
{
    text_appendf(text, "%s%s\"", matcher->name, operators[matcher->operator]);
    for (const char *at = matcher->value; *at; at++) {
        /* A backslash stands for itself where that is read back as such. */
        if (*at == '"' || (*at == '\\' && (!at[1] || is_one_of(at[1], "n\"\\"))))
            text_append(text, "\\", 1);
        text_append(text, *at == '\n' ? "\\n" : at, *at == '\n' ? 2 : 1);
    }
    text_append(text, "\"", 1);
}
