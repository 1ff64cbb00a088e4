/* The grammar of conditions (docs/conditions.md). Recursion is bounded by CONDITION_MAX_DEPTH. */
#include <stdlib.h>
#include <string.h>

#include "core/condition_parser.h"
#include "core/utf8.h"

static int parse_or(condition_parser_t *parser, int *ret);

static int add_node(condition_parser_t *parser, condition_node_kind_t kind, int *ret)
{
    condition_t *condition = parser->condition;
    if (condition->n_nodes == parser->nodes_capacity) {
        size_t capacity = parser->nodes_capacity ? 2 * parser->nodes_capacity : 4;
        condition_node_t *grown = realloc(condition->nodes, capacity * sizeof *condition->nodes);
        if (!grown)
            return condition_refuse_memory(parser);
        condition->nodes = grown;
        parser->nodes_capacity = capacity;
    }
    *ret = (int)condition->n_nodes++;
    condition->nodes[*ret] = (condition_node_t){.kind = kind, .first = NO_NODE, .next = NO_NODE};
    return 0;
}

/* --- comparisons --- */

/* A regular expression is taken as it is written: PCRE2 knows \" too. */
static int parse_regex(condition_parser_t *parser, int node)
{
    if (parser->token.kind != TOKEN_TEXT)
        return condition_refuse_token(parser, "a regular expression in quotes");
    condition_t *condition = parser->condition;
    size_t offset = parser->token.offset + 1;
    condition_regex_error_t error = {0};
    if (condition_regex_compile(condition->text + offset, parser->token.length - 2,
                                &condition->nodes[node].regex, &error) != 0) {
        if (!error.text[0])
            return condition_refuse_memory(parser);
        bool is_inside = error.offset < parser->token.length - 2;
        return condition_refuse(parser, offset + error.offset, is_inside ? 1 : 0,
                                "the regular expression: %s", error.text);
    }
    return condition_advance(parser);
}

static int parse_list(condition_parser_t *parser, int node)
{
    condition_t *condition = parser->condition;
    condition->nodes[node].kind = NODE_IN_LIST;
    condition->nodes[node].right = (int)condition->n_operands;
    do {
        int item = 0;
        if (condition->nodes[node].n_items == CONDITION_MAX_LIST_ITEMS)
            return condition_refuse(parser, parser->token.offset, parser->token.length,
                                    "the list has more than 64 items");
        if (condition_advance(parser) != 0 || condition_parse_literal(parser, &item) != 0 ||
            condition_check_item(parser, condition->nodes[node].left, item) != 0)
            return -1;
        condition->nodes[node].n_items++;
    } while (parser->token.kind == TOKEN_COMMA);
    if (parser->token.kind != TOKEN_CLOSE)
        return condition_refuse_token(parser, ", or )");
    return condition_advance(parser);
}

static int parse_in(condition_parser_t *parser, int node)
{
    if (condition_advance(parser) != 0)
        return -1;
    if (parser->token.kind == TOKEN_OPEN)
        return parse_list(parser, node);
    int right = 0;
    if (parser->token.kind != TOKEN_WORD)
        return condition_refuse_token(parser, "a list such as (\"a\", \"b\") or a value");
    if (condition_parse_operand(parser, &right) != 0)
        return -1;
    condition_node_t *made = &parser->condition->nodes[node];
    made->kind = NODE_IN_VALUE;
    made->right = right;
    return condition_check_in_value(parser, made->left, right);
}

static int parse_operator(condition_parser_t *parser, int node)
{
    condition_operator_t relation = parser->token.relation;
    int left = parser->condition->nodes[node].left;
    bool is_match = relation == OPERATOR_MATCHES || relation == OPERATOR_NOT_MATCHES;
    parser->condition->nodes[node].relation = relation;
    parser->condition->nodes[node].kind = is_match ? NODE_MATCH : NODE_COMPARE;
    if (is_match && condition_check_match(parser, left) != 0)
        return -1;
    if (condition_advance(parser) != 0)
        return -1;
    if (is_match)
        return parse_regex(parser, node);
    int right = 0;
    if (condition_parse_operand(parser, &right) != 0)
        return -1;
    parser->condition->nodes[node].right = right;
    return condition_check_compare(parser, left, relation, right);
}

static int parse_comparison(condition_parser_t *parser, int *ret)
{
    int left = 0;
    if (condition_parse_operand(parser, &left) != 0 || add_node(parser, NODE_TEST, ret) != 0)
        return -1;
    parser->condition->nodes[*ret].left = left;
    parser->condition->n_leaves++;
    if (parser->token.kind == TOKEN_OPERATOR)
        return parse_operator(parser, *ret);
    if (condition_token_is(parser, "in"))
        return parse_in(parser, *ret);
    return condition_check_test(parser, left);
}

/* --- not, and, or --- */

static int parse_inner(condition_parser_t *parser, int *ret)
{
    if (condition_token_is(parser, "not")) {
        int child = 0;
        if (condition_advance(parser) != 0 || add_node(parser, NODE_NOT, ret) != 0)
            return -1;
        int made = *ret;
        parser->depth++;
        if (parser->depth > CONDITION_MAX_DEPTH)
            return condition_refuse(parser, parser->token.offset, parser->token.length,
                                    "more than 64 ( and not inside each other");
        if (parse_inner(parser, &child) != 0)
            return -1;
        parser->depth--;
        parser->condition->nodes[made].first = child;
        return 0;
    }
    if (parser->token.kind != TOKEN_OPEN)
        return parse_comparison(parser, ret);
    if (++parser->depth > CONDITION_MAX_DEPTH)
        return condition_refuse(parser, parser->token.offset, parser->token.length,
                                "more than 64 ( and not inside each other");
    if (condition_advance(parser) != 0 || parse_or(parser, ret) != 0)
        return -1;
    parser->depth--;
    if (parser->token.kind != TOKEN_CLOSE)
        return condition_refuse_token(parser, "and, or or )");
    return condition_advance(parser);
}

/* PART { WORD PART }, as one node with all of them where there are several. */
static int parse_chain(condition_parser_t *parser, const char *word, condition_node_kind_t kind,
                       int (*parse_part)(condition_parser_t *, int *), int *ret)
{
    int last = NO_NODE;
    if (parse_part(parser, &last) != 0)
        return -1;
    *ret = last;
    while (condition_token_is(parser, word)) {
        int next = NO_NODE;
        if (*ret == last) {
            if (add_node(parser, kind, ret) != 0)
                return -1;
            parser->condition->nodes[*ret].first = last;
        }
        if (condition_advance(parser) != 0 || parse_part(parser, &next) != 0)
            return -1;
        parser->condition->nodes[last].next = next;
        last = next;
    }
    return 0;
}

static int parse_and(condition_parser_t *parser, int *ret)
{
    return parse_chain(parser, "and", NODE_AND, parse_inner, ret);
}

static int parse_or(condition_parser_t *parser, int *ret)
{
    return parse_chain(parser, "or", NODE_OR, parse_and, ret);
}

/* --- whole texts --- */

static int refuse_rest(condition_parser_t *parser)
{
    static const char *const words[] = {"and", "or", "in"};
    const condition_token_t *token = &parser->token;
    if (token->kind == TOKEN_OPERATOR) {
        (void)condition_refuse(parser, token->offset, token->length, "comparisons form no chain");
        return condition_expected(parser, "and or or between two comparisons");
    }
    (void)condition_refuse_token(parser, "and, or or the end");
    nearest_t nearest = {.word = parser->condition->text + token->offset, .n = token->length};
    for (size_t i = 0; i < sizeof words / sizeof words[0] && token->kind == TOKEN_WORD; i++)
        nearest_offer(&nearest, words[i]);
    return condition_near(parser, &nearest);
}

static int parse_condition(condition_parser_t *parser)
{
    int root = NO_NODE;
    if (condition_advance(parser) != 0 || parse_or(parser, &root) != 0)
        return -1;
    parser->condition->root = root;
    return parser->token.kind == TOKEN_END ? 0 : refuse_rest(parser);
}

static int parse_value_alone(condition_parser_t *parser)
{
    int operand = 0;
    if (condition_advance(parser) != 0 || condition_parse_operand(parser, &operand) != 0)
        return -1;
    const condition_operand_t *made = &parser->condition->operands[operand];
    if (made->kind == OPERAND_WORD)
        return condition_refuse_name(parser, made->offset, made->length);
    if (made->kind == OPERAND_LITERAL) {
        (void)condition_refuse(parser, made->offset, made->length, "a literal is no value");
        return condition_expected(parser, "a value such as body.token");
    }
    return parser->token.kind == TOKEN_END ? 0 : condition_refuse_token(parser, "nothing after it");
}

/* What no text may be: too long, empty, not UTF-8. */
static int check_text(condition_parser_t *parser, const char *text, size_t n)
{
    if (n > CONDITION_MAX_BYTES)
        return condition_refuse(parser, CONDITION_MAX_BYTES, n - CONDITION_MAX_BYTES,
                                "the condition is longer than 4096 bytes");
    for (size_t at = 0; at < n;) {
        bool is_valid = false;
        size_t length = utf8_next(text + at, n - at, &is_valid);
        if (!is_valid || text[at] == '\0')
            return condition_refuse(parser, at, length, "the condition is not UTF-8 text");
        at += length;
    }
    return 0;
}

static condition_t *new_condition(condition_parser_t *parser, const char *text, size_t n)
{
    condition_t *made = calloc(1, sizeof *made);
    if (made) {
        *made = (condition_t){
            .text = strndup(text, n), .n_text = n, .pool = malloc(n + 1), .root = NO_NODE};
        if (made->text && made->pool)
            return made;
    }
    condition_destroy(&made);
    (void)condition_refuse_memory(parser); /* the caller sees NULL */
    return NULL;
}

static int compile(const char *text, size_t n, const condition_vocabulary_t *vocabulary,
                   int (*parse)(condition_parser_t *), condition_t **ret, condition_error_t *reterr)
{
    condition_error_t error = {0};
    condition_parser_t parser = {.vocabulary = vocabulary, .error = &error};
    condition_t *made = check_text(&parser, text, n) == 0 ? new_condition(&parser, text, n) : NULL;
    parser.condition = made;
    if (made && parse(&parser) == 0) {
        *ret = made;
        return 0;
    }
    condition_destroy(&made);
    *reterr = error;
    return -1;
}

int condition_compile(const char *text, size_t n, const condition_vocabulary_t *vocabulary,
                      condition_t **ret, condition_error_t *reterr)
{
    return compile(text, n, vocabulary, parse_condition, ret, reterr);
}

int condition_compile_value(const char *text, size_t n, const condition_vocabulary_t *vocabulary,
                            condition_t **ret, condition_error_t *reterr)
{
    return compile(text, n, vocabulary, parse_value_alone, ret, reterr);
}
