/* Every operator on every pair of types: allowed, or refused with its message. */
#include <stdio.h>

#include "tests/unit/condition_world.h"

typedef struct {
    const char *text;
    const char *type;
    const char *example; /* what may stand beside it */
} operand_t;

static const operand_t values[] = {
    {"status", "a number", "a number such as 200"},
    {"len(body)", "a number of bytes", "a number such as 512 or a size such as 16KiB"},
    {"latency", "a duration", "a duration such as 500ms (units ms s m h d w)"},
    {"loss", "a ratio", "a ratio such as 30%"},
    {"ip", "a text", "a text such as \"ok\""},
    {"connected", "a boolean", "true or false"},
    {"rcode", "a response code", "a response code such as NOERROR"},
    {"reason", "a reason", "a reason such as timeout_connect"},
    {"tls_version", "a version", "a version such as 1.2"},
    {"answers", "a list of answers", "their number such as 1"},
    {"body.x", "a value of the answer", "a number, a size, a ratio, a text, true or false"},
};

/* `<` all six comparisons, `=` those of equality, `.` none: left the row, right the column. */
static const char value_rules[COUNT_OF(values)][COUNT_OF(values) + 1] = {
    /* s l l l i c r r t a b */
    "<<.....=.<<", /* status: beside reason it is a word */
    "<<........<", /* len(body) */
    "..<........", /* latency */
    "...<......<", /* loss */
    "....=.....=", /* ip */
    ".....=....=", /* connected */
    "......=....", /* rcode */
    "=......=...", /* reason */
    "........<..", /* tls_version */
    "<..........", /* answers */
    "<<.<==....<", /* body.x */
};

static const operand_t literals[] = {
    {"5", "a number", NULL}, {"16KiB", "a size", NULL},  {"1s", "a duration", NULL},
    {"5%", "a ratio", NULL}, {"\"ab\"", "a text", NULL}, {"true", "a boolean", NULL},
    {"NOERROR", NULL, NULL}, /* words: names of nothing beside other types */
    {"refused", NULL, NULL},
};

static const char literal_rules[COUNT_OF(values)][COUNT_OF(literals) + 1] = {
    "<.......", /* status */
    "<<......", /* len(body) */
    "..<.....", /* latency */
    "...<....", /* loss */
    "....=...", /* ip */
    ".....=..", /* connected */
    "......=.", /* rcode */
    ".......=", /* reason */
    "<.......", /* tls_version: 5 is one */
    "<.......", /* answers */
    "<<.<==..", /* body.x */
};

/* A probe that has every value. */
static int compile(const char *text, condition_error_t *error)
{
    const condition_vocabulary_t vocabulary = {.probe = "any", .values = ~CONDITION_BIT(63)};
    condition_t *condition = NULL;
    int outcome = condition_compile(text, strlen(text), &vocabulary, &condition, error);
    condition_destroy(&condition);
    return outcome;
}

static void check_taken(const char *text)
{
    condition_error_t error;
    if (compile(text, &error) != 0)
        fail_msg("%s: %s", text, error.text);
}

/* TEXT is refused with LINE, at the bytes that PLACE is. */
static void check_refused(const char *text, const char *place, const char *expected)
{
    condition_error_t error;
    if (compile(text, &error) == 0)
        fail_msg("%s is taken", text);
    char line[CONDITION_ERROR_LINE_BYTES];
    condition_error_line(&error, line);
    if (strcmp(line, expected) != 0)
        fail_msg("%s:\n%s\n%s", text, line, expected);
    if (error.length != strlen(place) || strncmp(text + error.offset, place, error.length) != 0)
        fail_msg("%s: at %zu + %zu, not %s", text, error.offset, error.length, place);
}

static const char *const equalities[] = {"==", "!="};
static const char *const orders[] = {"<", "<=", ">", ">="};

typedef enum { LEFT, RIGHT } side_t;

static void write_pair(char *text, size_t size, const operand_t *left, const char *relation,
                       const operand_t *right)
{
    (void)snprintf(text, size, "%s %s %s", left->text, relation, right->text);
}

/* The line that refuses VALUE beside OTHER, which is at fault. */
static void pair_line(char *line, size_t size, const operand_t *value, const operand_t *other)
{
    if (!other->type)
        (void)snprintf(line, size,
                       "any probes know no name %s; a text stands in quotes; expected %s",
                       other->text, value->example);
    else if (other->text[0] == '"' && strcmp(value->text, "tls_version") == 0)
        (void)snprintf(line, size, "%s is no version; expected %s", other->text, value->example);
    else if (other->text[0] == '"' && strncmp(value->text, "r", 1) == 0)
        (void)snprintf(line, size, "%s is not %s; expected %s", other->text, value->type,
                       value->example);
    else
        (void)snprintf(line, size, "%s is %s, but %s is %s; expected %s", value->text, value->type,
                       other->text, other->type, value->example);
}

/* The word of another enumeration is not one of this. */
static void word_line(char *line, size_t size, const operand_t *value, const operand_t *other)
{
    if (!other->type && value->text[0] == 'r')
        (void)snprintf(line, size, "%s is not %s; expected %s%s", other->text, value->type,
                       value->example,
                       strcmp(other->text, "refused") == 0 ? "; did you mean REFUSED?" : "");
    else
        pair_line(line, size, value, other);
}

static void check_pair(const operand_t *value, const operand_t *other, side_t other_side, char rule)
{
    const operand_t *left = other_side == LEFT ? other : value;
    const operand_t *right = other_side == LEFT ? value : other;
    char text[128];
    char line[512];
    word_line(line, sizeof line, value, other);
    for (size_t i = 0; i < COUNT_OF(equalities); i++) {
        write_pair(text, sizeof text, left, equalities[i], right);
        if (rule == '.')
            check_refused(text, other->text, line);
        else
            check_taken(text);
    }
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        write_pair(text, sizeof text, left, orders[i], right);
        if (rule == '.') {
            check_refused(text, other->text, line);
        } else if (rule == '<') {
            check_taken(text);
        } else {
            condition_error_t error;
            assert_int_equal(compile(text, &error), -1);
            assert_non_null(strstr(error.text, " has no order"));
            assert_int_equal(error.offset, 0);
            assert_int_equal(error.length, strlen(text));
        }
    }
}

static void values_beside_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t k = 0; k < COUNT_OF(values); k++) {
            assert_int_equal(value_rules[i][k], value_rules[k][i]);
            check_pair(&values[i], &values[k], RIGHT, value_rules[i][k]);
        }
}

static void values_beside_literals_on_either_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t k = 0; k < COUNT_OF(literals); k++) {
            check_pair(&values[i], &literals[k], RIGHT, literal_rules[i][k]);
            check_pair(&values[i], &literals[k], LEFT, literal_rules[i][k]);
        }
}

static void a_list_takes_what_equality_takes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t k = 0; k < COUNT_OF(literals); k++) {
            char text[128];
            char line[512];
            (void)snprintf(text, sizeof text, "%s in (%s)", values[i].text, literals[k].text);
            word_line(line, sizeof line, &values[i], &literals[k]);
            if (literal_rules[i][k] == '.')
                check_refused(text, literals[k].text, line);
            else
                check_taken(text);
        }
}

static void expressions_look_at_texts(void **state)
{
    (void)state;
    static const char matched[] = "....=.==.==";
    for (size_t i = 0; i < COUNT_OF(values); i++)
        for (size_t k = 0; k < 2; k++) {
            char text[128];
            char line[256];
            (void)snprintf(text, sizeof text, "%s %s \"a\"", values[i].text, k ? "=~" : "!~");
            (void)snprintf(line, sizeof line,
                           "a regular expression cannot look at %s; expected a value that is a "
                           "text",
                           values[i].type);
            if (matched[i] == '.')
                check_refused(text, values[i].text, line);
            else
                check_taken(text);
        }
}

/* What may be looked for in a list that the answer has, and in the answers of DNS. */
static void values_that_are_lists(void **state)
{
    (void)state;
    static const char items[] = "<<.<==....<";
    static const char texts[] = "....=.....=";
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char text[128];
        condition_error_t error;
        (void)snprintf(text, sizeof text, "%s in body.list", values[i].text);
        assert_int_equal(compile(text, &error), items[i] == '.' ? -1 : 0);
        (void)snprintf(text, sizeof text, "%s in answers", values[i].text);
        assert_int_equal(compile(text, &error), texts[i] == '.' ? -1 : 0);
        (void)snprintf(text, sizeof text, "\"a\" in %s", values[i].text);
        bool is_list = i >= 9;
        assert_int_equal(compile(text, &error), is_list ? 0 : -1);
        if (!is_list)
            assert_non_null(strstr(error.text, " is no list"));
    }
}

static void functions_and_tests(void **state)
{
    (void)state;
    static const char lengths[] = "....=....==";
    static const char ages[] = "....=.....=";
    static const char tests[] = ".....=....=";
    static const char *const inner[] = {"status",      "connected", "latency", "loss",
                                        "ip",          "connected", "rcode",   "reason",
                                        "tls_version", "answers",   "body.x"};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char text[128];
        condition_error_t error;
        (void)snprintf(text, sizeof text, "len(%s) > 1", inner[i]);
        assert_int_equal(compile(text, &error), lengths[i] == '.' ? -1 : 0);
        (void)snprintf(text, sizeof text, "age(%s) > 1s", inner[i]);
        assert_int_equal(compile(text, &error), ages[i] == '.' ? -1 : 0);
        (void)snprintf(text, sizeof text, "has(%s)", inner[i]);
        assert_int_equal(compile(text, &error), 0);
        assert_int_equal(compile(values[i].text, &error), tests[i] == '.' ? -1 : 0);
    }
    check_refused("len(status) > 1", "len(status)",
                  "the length of a number does not exist; expected a text, a list or an object");
    check_refused("age(latency) > 1s", "age(latency)",
                  "the age of a duration does not exist; expected a text or number that names an "
                  "instant");
    check_refused("has(body) == 1", "1",
                  "has(body) is a boolean, but 1 is a number; expected true or false");
    check_refused("age(body.x) < 90", "90",
                  "age(body.x) is a duration, but 90 is a number; expected a duration such as "
                  "500ms (units ms s m h d w)");
    check_taken("len(ip) == 1KiB or len(body.x) == 5 or has(ip) == false or age(output) < 1m");
    check_refused("len(body.x) < 1KiB", "1KiB",
                  "len(body.x) is a number, but 1KiB is a size; expected a number such as 200");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_beside_values),
        cmocka_unit_test(values_beside_literals_on_either_side),
        cmocka_unit_test(a_list_takes_what_equality_takes),
        cmocka_unit_test(expressions_look_at_texts),
        cmocka_unit_test(values_that_are_lists),
        cmocka_unit_test(functions_and_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
