/* Which operands may be compared by which operators: told when the condition is compiled. */
#include <string.h>

#include "core/condition_parser.h"

static const struct {
    const char *name;
    const char *example; /* what to compare it with */
} types[CONDITION_TYPE_COUNT] = {
    [CONDITION_NUMBER] = {"a number", "a number such as 200"},
    [CONDITION_BYTES] = {"a number of bytes", "a number such as 512 or a size such as 16KiB"},
    [CONDITION_SIZE] = {"a size", "a number of bytes such as len(body)"},
    [CONDITION_DURATION] = {"a duration", "a duration such as 500ms (units ms s m h d w)"},
    [CONDITION_RATIO] = {"a ratio", "a ratio such as 30%"},
    [CONDITION_TEXT] = {"a text", "a text such as \"ok\""},
    [CONDITION_BOOLEAN] = {"a boolean", "true or false"},
    [CONDITION_RCODE_WORD] = {"a response code", "a response code such as NOERROR"},
    [CONDITION_REASON_WORD] = {"a reason", "a reason such as timeout_connect"},
    [CONDITION_VERSION] = {"a version", "a version such as 1.2"},
    [CONDITION_ANSWER_LIST] = {"a list of answers", "their number such as 1"},
    [CONDITION_ANY] = {"a value of the answer", "a number, a size, a ratio, a text, true or false"},
};

/* Rows and columns in the order of condition_type_t: `<` all six operators, `=` the two of
 * equality, `.` none. */
static const char rules[CONDITION_TYPE_COUNT][CONDITION_TYPE_COUNT + 1] = {
    [CONDITION_NUMBER] = "<<........<<",      /* NUMBER BYTES ANSWER_LIST ANY */
    [CONDITION_BYTES] = "<<<........<",       /* NUMBER BYTES SIZE ANY */
    [CONDITION_SIZE] = ".<.........<",        /* BYTES ANY */
    [CONDITION_DURATION] = "...<........",    /* DURATION */
    [CONDITION_RATIO] = "....<......<",       /* RATIO ANY */
    [CONDITION_TEXT] = ".....=.....=",        /* TEXT ANY */
    [CONDITION_BOOLEAN] = "......=....=",     /* BOOLEAN ANY */
    [CONDITION_RCODE_WORD] = ".......=....",  /* RCODE_WORD */
    [CONDITION_REASON_WORD] = "........=...", /* REASON_WORD */
    [CONDITION_VERSION] = ".........<..",     /* VERSION */
    [CONDITION_ANSWER_LIST] = "<...........", /* NUMBER */
    [CONDITION_ANY] = "<<<.<==....<",         /* NUMBER BYTES SIZE RATIO TEXT BOOLEAN ANY */
};

static condition_operand_t *at(condition_parser_t *parser, int i)
{
    return &parser->condition->operands[i];
}

/* For "%.*s". */
#define SOURCE(parser, operand)                                                                    \
    condition_source_length((parser)->condition, (operand)->offset, (operand)->length),            \
        (parser)->condition->text + (operand)->offset

/* --- literals that become what their other side is --- */

static bool is_word_type(condition_type_t type)
{
    return type == CONDITION_RCODE_WORD || type == CONDITION_REASON_WORD;
}

static int refuse_word(condition_parser_t *parser, const condition_operand_t *operand,
                       condition_type_t type)
{
    (void)condition_refuse(parser, operand->offset, operand->length, "%.*s is not %s",
                           SOURCE(parser, operand), types[type].name);
    bool is_text = operand->kind == OPERAND_LITERAL;
    nearest_t nearest = {.word = is_text ? operand->literal.text.bytes
                                         : parser->condition->text + operand->offset,
                         .n = is_text ? operand->literal.text.n : operand->length};
    const char *word = NULL;
    for (size_t i = 0; (word = condition_word(type, i)) != NULL; i++)
        nearest_offer(&nearest, word);
    (void)condition_expected(parser, "%s", types[type].example);
    return condition_near(parser, &nearest);
}

/* A word, also one that is the name of a value or stands in quotes. */
static int become_word(condition_parser_t *parser, condition_operand_t *operand,
                       condition_type_t type)
{
    bool is_text = operand->kind == OPERAND_LITERAL && operand->type == CONDITION_TEXT;
    bool is_name = operand->kind == OPERAND_VALUE && operand->function == FUNCTION_NONE;
    if (!is_text && !is_name && operand->kind != OPERAND_WORD)
        return 0;
    const char *word =
        is_text
            ? condition_word_at(type, operand->literal.text.bytes, operand->literal.text.n)
            : condition_word_at(type, parser->condition->text + operand->offset, operand->length);
    if (!word)
        return is_name ? 0 : refuse_word(parser, operand, type);
    operand->kind = OPERAND_LITERAL;
    operand->type = type;
    operand->literal =
        (condition_datum_t){.type = type, .text = {.bytes = word, .n = strlen(word)}};
    return 0;
}

static int become_version(condition_parser_t *parser, condition_operand_t *operand)
{
    bool is_text = operand->type == CONDITION_TEXT;
    if (operand->kind != OPERAND_LITERAL || (!is_text && operand->type != CONDITION_NUMBER))
        return 0;
    int64_t version =
        is_text ? condition_version_of(operand->literal.text.bytes, operand->literal.text.n)
                : condition_version_of(parser->condition->text + operand->offset, operand->length);
    if (version < 0) {
        (void)condition_refuse(parser, operand->offset, operand->length, "%.*s is no version",
                               SOURCE(parser, operand));
        return condition_expected(parser, "%s", types[CONDITION_VERSION].example);
    }
    operand->type = CONDITION_VERSION;
    operand->literal = (condition_datum_t){.type = CONDITION_VERSION,
                                           .number = {.is_integer = true, .integer = version}};
    return 0;
}

/* Makes OPERAND what OTHER, a value, is compared with. */
static int become(condition_parser_t *parser, condition_operand_t *operand,
                  const condition_operand_t *other)
{
    if (other->kind == OPERAND_VALUE && is_word_type(other->type) && operand->type != other->type)
        return become_word(parser, operand, other->type);
    if (other->kind == OPERAND_VALUE && other->type == CONDITION_VERSION)
        return become_version(parser, operand);
    return 0;
}

static int refuse_unknown(condition_parser_t *parser, const condition_operand_t *operand)
{
    return condition_refuse_name(parser, operand->offset, operand->length);
}

/* Where no name is near, what the other side is tells more than all the names. */
static int refuse_unknown_beside(condition_parser_t *parser, const condition_operand_t *word,
                                 const condition_operand_t *other)
{
    (void)refuse_unknown(parser, word);
    if (parser->error->nearest[0] || other->kind != OPERAND_VALUE)
        return -1;
    if (other->type == CONDITION_BOOLEAN) {
        nearest_t nearest = {.word = parser->condition->text + word->offset, .n = word->length};
        nearest_offer(&nearest, "true");
        nearest_offer(&nearest, "false");
        (void)condition_near(parser, &nearest);
    }
    return condition_expected(parser, "%s", types[other->type].example);
}

/* --- checks --- */

static int refuse_pair(condition_parser_t *parser, const condition_operand_t *one,
                       const condition_operand_t *two)
{
    /* The literal is what can be written otherwise. */
    bool is_first_wrong = one->kind == OPERAND_LITERAL && two->kind != OPERAND_LITERAL;
    const condition_operand_t *wrong = is_first_wrong ? one : two;
    const condition_operand_t *other = is_first_wrong ? two : one;
    (void)condition_refuse(parser, wrong->offset, wrong->length, "%.*s is %s, but %.*s is %s",
                           SOURCE(parser, other), types[other->type].name, SOURCE(parser, wrong),
                           types[wrong->type].name);
    return condition_expected(parser, "%s", types[other->type].example);
}

static int check_pair(condition_parser_t *parser, int left_at, int right_at)
{
    condition_operand_t *left = at(parser, left_at);
    condition_operand_t *right = at(parser, right_at);
    if (become(parser, left, right) != 0 || become(parser, right, left) != 0)
        return -1;
    if (left->kind == OPERAND_WORD)
        return refuse_unknown_beside(parser, left, right);
    if (right->kind == OPERAND_WORD)
        return refuse_unknown_beside(parser, right, left);
    if (left->kind == OPERAND_LITERAL && right->kind == OPERAND_LITERAL) {
        (void)condition_refuse(parser, left->offset, right->offset + right->length - left->offset,
                               "two literals are compared: always the same");
        return condition_expected(parser, "a value on one side");
    }
    return rules[left->type][right->type] == '.' ? refuse_pair(parser, left, right) : 0;
}

int condition_check_compare(condition_parser_t *parser, int left_at, condition_operator_t relation,
                            int right_at)
{
    if (check_pair(parser, left_at, right_at) != 0)
        return -1;
    const condition_operand_t *left = at(parser, left_at);
    const condition_operand_t *right = at(parser, right_at);
    bool is_order = relation != OPERATOR_EQUAL && relation != OPERATOR_NOT_EQUAL;
    if (!is_order || rules[left->type][right->type] == '<')
        return 0;
    condition_type_t type = left->type == CONDITION_ANY ? right->type : left->type;
    (void)condition_refuse(parser, left->offset, right->offset + right->length - left->offset,
                           "%s has no order", types[type].name);
    return condition_expected(parser, "%s",
                              type == CONDITION_BOOLEAN ? "== or !=" : "== != =~ !~ or in");
}

int condition_check_match(condition_parser_t *parser, int left_at)
{
    const condition_operand_t *left = at(parser, left_at);
    if (left->kind == OPERAND_WORD)
        return refuse_unknown(parser, left);
    bool is_matched = left->type == CONDITION_TEXT || left->type == CONDITION_ANY ||
                      left->type == CONDITION_ANSWER_LIST || is_word_type(left->type);
    if (left->kind == OPERAND_LITERAL) {
        (void)condition_refuse(parser, left->offset, left->length,
                               "a regular expression looks at no literal");
        return condition_expected(parser, "a value that is a text");
    }
    if (!is_matched) {
        (void)condition_refuse(parser, left->offset, left->length,
                               "a regular expression cannot look at %s", types[left->type].name);
        return condition_expected(parser, "a value that is a text");
    }
    return 0;
}

int condition_check_item(condition_parser_t *parser, int left, int item)
{
    return check_pair(parser, left, item);
}

int condition_check_in_value(condition_parser_t *parser, int left_at, int right_at)
{
    const condition_operand_t *left = at(parser, left_at);
    const condition_operand_t *right = at(parser, right_at);
    if (left->kind == OPERAND_WORD)
        return refuse_unknown(parser, left);
    if (right->kind == OPERAND_WORD)
        return refuse_unknown(parser, right);
    bool is_list = right->kind == OPERAND_VALUE && right->function == FUNCTION_NONE &&
                   (right->type == CONDITION_ANY || right->type == CONDITION_ANSWER_LIST);
    if (!is_list) {
        (void)condition_refuse(parser, right->offset, right->length, "%.*s is no list",
                               SOURCE(parser, right));
        return condition_expected(parser, "a list such as (\"a\", \"b\") or a value that is one");
    }
    bool is_item = right->type == CONDITION_ANSWER_LIST
                       ? left->type == CONDITION_TEXT || left->type == CONDITION_ANY
                       : rules[left->type][CONDITION_ANY] != '.';
    if (is_item)
        return 0;
    (void)refuse_pair(parser, right, left);
    return condition_expected(parser, "%s",
                              right->type == CONDITION_ANSWER_LIST
                                  ? "a text such as \"192.0.2.1\""
                                  : "a number, a text, true or false");
}

int condition_check_test(condition_parser_t *parser, int position)
{
    const condition_operand_t *operand = at(parser, position);
    if (operand->kind == OPERAND_WORD)
        return refuse_unknown(parser, operand);
    bool is_test = operand->type == CONDITION_BOOLEAN || operand->type == CONDITION_ANY;
    if (operand->kind == OPERAND_VALUE && is_test)
        return 0;
    (void)condition_refuse(parser, operand->offset, operand->length,
                           "%.*s alone is neither true nor false", SOURCE(parser, operand));
    return condition_expected(parser, "%s",
                              operand->kind == OPERAND_VALUE
                                  ? "an operator == != < <= > >= =~ !~ in after it"
                                  : "a value");
}

int condition_check_function(condition_parser_t *parser, int position)
{
    condition_operand_t *operand = at(parser, position);
    condition_type_t type = operand->type;
    switch (operand->function) {
    case FUNCTION_LEN:
        operand->type = type == CONDITION_TEXT ? CONDITION_BYTES : CONDITION_NUMBER;
        if (type == CONDITION_TEXT || type == CONDITION_ANY || type == CONDITION_ANSWER_LIST)
            return 0;
        break;
    case FUNCTION_AGE:
        operand->type = CONDITION_DURATION;
        if (type == CONDITION_TEXT || type == CONDITION_ANY)
            return 0;
        break;
    case FUNCTION_HAS:
    case FUNCTION_NONE:
        operand->type = CONDITION_BOOLEAN;
        return 0;
    }
    bool is_len = operand->function == FUNCTION_LEN;
    (void)condition_refuse(parser, operand->offset, operand->length, "%s of %s does not exist",
                           is_len ? "the length" : "the age", types[type].name);
    return condition_expected(parser, "%s",
                              is_len ? "a text, a list or an object"
                                     : "a text or number that names an instant");
}
