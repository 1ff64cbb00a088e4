/* Texts that are refused, each with its caret and its line; and the limits of a text. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/condition_world.h"

#define HTTP_NAMES                                                                                 \
    "status latency connected ip reason body header cert_expiry domain_expiry tls_version "        \
    "http_version phase.resolve phase.connect phase.tls phase.first_byte phase.transfer token "    \
    "depth"
#define DNS_NAMES                                                                                  \
    "latency connected ip reason phase.resolve phase.connect rcode answers ttl output value "      \
    "token depth"

typedef struct {
    const char *probe;
    const char *text;
    const char
        *caret; /* under the text, one column for each byte; one ^ at its end where it lacks */
    const char *line;
} refusal_t;

static const refusal_t refusals[] = {
    {"http", "statsu == 200", "^^^^^^",
     "http probes know no name statsu; a text stands in quotes; expected " HTTP_NAMES
     "; did you mean status?"},
    {"http", "rcode == NOERROR", "^^^^^", "http probes have no value rcode; expected " HTTP_NAMES},
    {"http", "status", "^^^^^^",
     "status alone is neither true nor false; expected an operator == != < <= > >= =~ !~ in after "
     "it"},
    {"http", "status ==", "         ^",
     "the condition ends too early; expected a value, a function len() has() age() or a literal"},
    {"http", "== 200", "^^",
     "== cannot stand here; expected a value, a function len() has() age() or a literal"},
    {"http", "status == 200 and", "                 ^",
     "the condition ends too early; expected a value, a function len() has() age() or a literal"},
    {"http", "status == 200 adn latency < 1s", "              ^^^",
     "adn cannot stand here; expected and, or or the end; did you mean and?"},
    {"http", "status == 200 && latency < 1s", "              ^^",
     "&& is no part of the language; did you mean and?"},
    {"http", "status == 200 || latency < 1s", "              ^^",
     "|| is no part of the language; did you mean or?"},
    {"http", "status = 200", "       ^", "= is no part of the language; did you mean ==?"},
    {"http", "!connected", "^", "! is no part of the language; did you mean not?"},
    {"http", "status == 200 status == 201", "              ^^^^^^",
     "status cannot stand here; expected and, or or the end"},
    {"http", "status == 200)", "             ^",
     ") cannot stand here; expected and, or or the end"},
    {"http", "(status == 200", "              ^",
     "the condition ends too early; expected and, or or )"},
    {"http", "()", " ^",
     ") cannot stand here; expected a value, a function len() has() age() or a literal"},
    {"http", "1 < status < 3", "           ^",
     "comparisons form no chain; expected and or or between two comparisons"},
    {"http", "status == 200; drop", "             ^", "; is no part of the language"},
    {"http", "status == 'ok'", "          ^", "' is no part of the language; did you mean \"?"},
    {"http", "body == \"open", "        ^^^^^", "the text has no closing quote"},
    {"http", "body == \"a\\qb\"", "          ^^",
     "the text is not understood; expected one of the escapes \\\" \\\\ \\/ \\n \\r \\t \\uXXXX"},
    {"http", "status.code == 5", "      ^", "only body has parts, header a name and phase a phase"},
    {"http", "phase.tsl < 1s", "^^^^^^^^^",
     "http probes know no name phase.tsl; a text stands in quotes; expected " HTTP_NAMES
     "; did you mean phase.tls?"},
    {"http", "phase < 1s", "^^^^^",
     "http probes know no name phase; a text stands in quotes; expected " HTTP_NAMES},
    {"http", "phase.tls.x < 1s", "         ^",
     "only body has parts, header a name and phase a phase"},
    {"http", "header == \"a\"", "^^^^^^", "header needs a name; expected header[\"content-type\"]"},
    {"http", "header[\"x\" == 5", "          ^", "the name of the header does not end; expected ]"},
    {"http", "header[5] == 5", "       ^",
     "the text is not understood; expected a text such as \"ok\""},
    {"http", "body.a. == 5", "       ^",
     "the path is not understood; expected a name of letters, digits, _ and -, or [\"any key\"]"},
    {"http", "body[x] == 5", "     ^",
     "the path is not understood; expected an index up to 1000000 or a key in quotes"},
    {"http", "body[0 == 5", "      ^", "the path is not understood; expected ]"},
    {"http", "1 == 1", "^^^^^^",
     "two literals are compared: always the same; expected a value on one side"},
    {"http", "\"a\" in (\"a\")", "^^^^^^^^^^^",
     "two literals are compared: always the same; expected a value on one side"},
    {"http", "(status) == 200", " ^^^^^^",
     "status alone is neither true nor false; expected an operator == != < <= > >= =~ !~ in after "
     "it"},
    {"http", "and", "^^^",
     "and cannot stand here; expected a value, a function len() has() age() or a literal"},
    {"http", "not", "   ^",
     "the condition ends too early; expected a value, a function len() has() age() or a literal"},
    {"http", "not == 5", "    ^^",
     "== cannot stand here; expected a value, a function len() has() age() or a literal"},
    {"http", "len body > 1", "    ^^^^",
     "body cannot stand here; expected ( after len, has or age"},
    {"http", "len(5) > 1", "    ^", "5 cannot stand here; expected the name of a value"},
    {"http", "len(nothing) > 1", "    ^^^^^^^",
     "http probes know no name nothing; a text stands in quotes; expected " HTTP_NAMES},
    {"http", "len(body > 1", "         ^", "> cannot stand here; expected )"},
    {"http", "status in 200", "          ^^^",
     "200 cannot stand here; expected a list such as (\"a\", \"b\") or a value"},
    {"http", "status in ()", "           ^", ") cannot stand here; expected a literal"},
    {"http", "status in (200 201)", "               ^^^", "201 cannot stand here; expected , or )"},
    {"http", "status in (200,", "               ^",
     "the condition ends too early; expected a literal"},
    {"http", "status in (status)", "           ^^^^^^",
     "a list holds no values, only literals; expected a number such as 200"},
    {"http", "status in (token)", "           ^^^^^",
     "a list holds no values, only literals; expected a number such as 200"},
    {"http", "\"x\" in body", "       ^^^^",
     "body is no list; expected a list such as (\"a\", \"b\") or a value that is one"},
    {"http", "5 in ip", "     ^^",
     "ip is no list; expected a list such as (\"a\", \"b\") or a value that is one"},
    {"http", "latency < 500mss", "             ^^^",
     "the number or its unit is not understood; expected one of the units ms s m h d w"},
    {"http", "latency < 1.2345678s", "          ^^^^^^^^^^",
     "the number or its unit is not understood; expected whole microseconds, and at most 36500d in "
     "all"},
    {"http", "latency < 1h 30m", "             ^^^",
     "30m cannot stand here; expected and, or or the end"},
    {"http", "status == 010", "          ^^^",
     "the number or its unit is not understood; expected a number such as 200, -1 or 2.5e3"},
    {"http", "status == 99999999999999999999", "          ^^^^^^^^^^^^^^^^^^^^",
     "the number or its unit is not understood; expected an integer of 64 bits or a real of double "
     "precision"},
    {"http", "status == 1e999", "          ^^^^^",
     "the number or its unit is not understood; expected an integer of 64 bits or a real of double "
     "precision"},
    {"http", "len(body) < 16kb", "              ^^",
     "the number or its unit is not understood; expected one of the units B KiB MiB GiB"},
    {"http", "body.r < 101%", "         ^^^^",
     "the number or its unit is not understood; expected a ratio from 0% to 100%, such as 30%"},
    {"http", "status == 5x", "           ^",
     "the number or its unit is not understood; expected one of the units ms s m h d w"},
    {"http", "body =~ \"(a\"", "           ^",
     "the regular expression: missing closing parenthesis"},
    {"http", "body =~ \"a{2,1}\"", "              ^",
     "the regular expression: numbers out of order in {} quantifier"},
    {"http", "body =~ \"(?<q>a)\\k<q>\"", "         ^",
     "the regular expression: back-references are not allowed"},
    {"http", "body =~ status", "        ^^^^^^",
     "status cannot stand here; expected a regular expression in quotes"},
    {"http", "status =~ \"2..\"", "^^^^^^",
     "a regular expression cannot look at a number; expected a value that is a text"},
    {"http", "\"a\" =~ \"a\"", "^^^",
     "a regular expression looks at no literal; expected a value that is a text"},
    {"http", "has(body) =~ \"a\"", "^^^^^^^^^",
     "a regular expression cannot look at a boolean; expected a value that is a text"},
    {"http", "reason == timeout_conect", "          ^^^^^^^^^^^^^^",
     "timeout_conect is not a reason; expected a reason such as timeout_connect; did you mean "
     "timeout_connect?"},
    {"http", "reason == \"timeout conect\"", "          ^^^^^^^^^^^^^^^^",
     "\"timeout conect\" is not a reason; expected a reason such as timeout_connect; did you mean "
     "timeout_connect?"},
    {"http", "reason in (refused, rest)", "                    ^^^^",
     "rest is not a reason; expected a reason such as timeout_connect; did you mean reset?"},
    {"http", "reason < refused", "^^^^^^^^^^^^^^^^",
     "a reason has no order; expected == != =~ !~ or in"},
    {"http", "tls_version >= \"new\"", "               ^^^^^",
     "\"new\" is no version; expected a version such as 1.2"},
    {"http", "tls_version >= 1.2.3", "               ^^^^^",
     "the number or its unit is not understood; expected a number such as 200, -1 or 2.5e3"},
    {"http", "tls_version == body.v", "               ^^^^^^",
     "tls_version is a version, but body.v is a value of the answer; expected a version such as "
     "1.2"},
    {"http", "connected == yes", "             ^^^",
     "http probes know no name yes; a text stands in quotes; expected true or false"},
    {"http", "connected == tru", "             ^^^",
     "http probes know no name tru; a text stands in quotes; expected true or false; did you mean "
     "true?"},
    {"http", "connected < true", "^^^^^^^^^^^^^^^^", "a boolean has no order; expected == or !="},
    {"http", "body.x == ok", "          ^^",
     "http probes know no name ok; a text stands in quotes; expected a number, a size, a ratio, a "
     "text, true or false"},
    {"http", "body.x == statu", "          ^^^^^",
     "http probes know no name statu; a text stands in quotes; expected " HTTP_NAMES
     "; did you mean status?"},
    {"http", "body.x < \"a\"", "^^^^^^^^^^^^", "a text has no order; expected == != =~ !~ or in"},
    {"http", "body.x > 1s", "         ^^",
     "body.x is a value of the answer, but 1s is a duration; expected a number, a size, a ratio, a "
     "text, true or false"},
    {"http", "ip < \"a\"", "^^^^^^^^", "a text has no order; expected == != =~ !~ or in"},
    {"http", "\"a\" < \"b\"", "^^^^^^^^^",
     "two literals are compared: always the same; expected a value on one side"},
    {"http", "token.x == 1", "     ^", "only body has parts, header a name and phase a phase"},
    {"http", "tokne == 1", "^^^^^",
     "http probes know no name tokne; a text stands in quotes; expected " HTTP_NAMES
     "; did you mean token?"},
    {"http", "ä == 5", "^^", "ä is no part of the language"},
    {"http", "latency < 5µs", "           ^^", "µ is no part of the language"},
    {"dns", "rcode == NOEROR", "         ^^^^^^",
     "NOEROR is not a response code; expected a response code such as NOERROR; did you mean "
     "NOERROR?"},
    {"dns", "rcode in (NOERROR, NXDOMAN)", "                   ^^^^^^^",
     "NXDOMAN is not a response code; expected a response code such as NOERROR; did you mean "
     "NXDOMAIN?"},
    {"dns", "rcode == \"noerror\"", "         ^^^^^^^^^",
     "\"noerror\" is not a response code; expected a response code such as NOERROR; did you mean "
     "NOERROR?"},
    {"dns", "rcode < NOERROR", "^^^^^^^^^^^^^^^",
     "a response code has no order; expected == != =~ !~ or in"},
    {"dns", "status == 200", "^^^^^^", "dns probes have no value status; expected " DNS_NAMES},
    {"dns", "ttl > 5", "      ^",
     "ttl is a duration, but 5 is a number; expected a duration such as 500ms (units ms s m h d "
     "w)"},
    {"dns", "answers == \"a\"", "           ^^^",
     "answers is a list of answers, but \"a\" is a text; expected their number such as 1"},
    {"dns", "5 in answers", "^",
     "answers is a list of answers, but 5 is a number; expected a text such as \"192.0.2.1\""},
    {"dns", "answers.x == 5", "       ^", "only body has parts, header a name and phase a phase"},
    {"icmp", "ttl > 5m", "      ^^",
     "ttl is a number, but 5m is a duration; expected a number such as 200"},
    {"icmp", "loss < 0.3", "       ^^^",
     "loss is a ratio, but 0.3 is a number; expected a ratio such as 30%"},
    {"icmp", "rcode == NOERROR", "^^^^^",
     "icmp probes have no value rcode; expected latency connected ip reason phase.resolve ttl loss "
     "token depth"},

};

static void caret_of(const condition_error_t *error, char *caret, size_t size)
{
    size_t length = error->length ? error->length : 1;
    assert_true(error->offset + length < size);
    memset(caret, ' ', error->offset);
    memset(caret + error->offset, '^', length);
    caret[error->offset + length] = '\0';
}

static void a_refusal_shows_the_place_and_what_is_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        condition_vocabulary_t vocabulary = world_vocabulary(refusals[i].probe);
        condition_t *condition = NULL;
        condition_error_t error;
        assert_int_equal(condition_compile(refusals[i].text, strlen(refusals[i].text), &vocabulary,
                                           &condition, &error),
                         -1);
        assert_null(condition);
        assert_false(error.is_memory);
        char caret[128];
        char line[CONDITION_ERROR_LINE_BYTES];
        caret_of(&error, caret, sizeof caret);
        condition_error_line(&error, line);
        if (strcmp(caret, refusals[i].caret) != 0 || strcmp(line, refusals[i].line) != 0)
            fail_msg("\n%s\n%s\n%s", refusals[i].text, caret, line);
    }
}

/* --- limits --- */

static int compile(const char *text, size_t n, condition_error_t *error)
{
    condition_vocabulary_t vocabulary = world_vocabulary("http");
    condition_t *condition = NULL;
    int outcome = condition_compile(text, n, &vocabulary, &condition, error);
    condition_destroy(&condition);
    return outcome;
}

/* N times PART between HEAD and TAIL; the caller frees it. */
static char *repeated(const char *head, const char *part, size_t n, const char *tail)
{
    size_t n_head = strlen(head);
    size_t n_part = strlen(part);
    char *text = malloc(n_head + n * n_part + strlen(tail) + 1);
    assert_non_null(text);
    memcpy(text, head, n_head);
    for (size_t i = 0; i < n; i++)
        memcpy(text + n_head + i * n_part, part, n_part);
    memcpy(text + n_head + n * n_part, tail, strlen(tail) + 1);
    return text;
}

static void a_text_is_utf8_without_nul(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        size_t offset;
        size_t length;
    } rows[] = {
        {"body == \"\xFF\"", 11, 9, 1},
        {"body == \"\xE2\x82\"", 12, 9, 2},
        {"status == 1\0", 12, 11, 1},
        {"\xC3", 1, 0, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_error_t error;
        assert_int_equal(compile(rows[i].text, rows[i].n, &error), -1);
        assert_int_equal(error.offset, rows[i].offset);
        assert_int_equal(error.length, rows[i].length);
        assert_string_equal(error.text, "the condition is not UTF-8 text");
    }
    condition_error_t error;
    assert_int_equal(compile("status == 1 \x01", 13, &error), -1);
    assert_int_equal(error.offset, 12);
    assert_string_equal(error.text, "a control character cannot stand here");
    assert_int_equal(compile("", 0, &error), -1);
    assert_string_equal(error.text, "the condition ends too early");
}

static void a_text_has_at_most_4096_bytes(void **state)
{
    (void)state;
    char *text = repeated("status == 1", " ", CONDITION_MAX_BYTES, "");
    condition_error_t error;
    assert_int_equal(compile(text, CONDITION_MAX_BYTES, &error), 0);
    assert_int_equal(compile(text, CONDITION_MAX_BYTES + 1, &error), -1);
    assert_int_equal(error.offset, CONDITION_MAX_BYTES);
    assert_int_equal(error.length, 1);
    assert_string_equal(error.text, "the condition is longer than 4096 bytes");
    free(text);
}

/* Chains are as long as the text allows: they are not nested. */
static void chains_are_not_nesting(void **state)
{
    (void)state;
    static const char *const parts[] = {" and connected", " or connected", " and not connected"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        char *text = repeated("connected", parts[i], 4000 / strlen(parts[i]), "");
        condition_error_t error;
        assert_int_equal(compile(text, strlen(text), &error), 0);
        free(text);
    }
}

static void nesting_ends_at_64(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        size_t n;
    } rows[] = {{"(", 1}, {"not ", 1}, {"not(", 2}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t n = CONDITION_MAX_DEPTH / rows[i].n;
        bool is_closed = strchr(rows[i].part, '(') != NULL;
        char *tail = repeated("connected", ")", is_closed ? n : 0, "");
        char *text = repeated("", rows[i].part, n, tail);
        condition_error_t error;
        assert_int_equal(compile(text, strlen(text), &error), 0);
        free(text);
        text = repeated("", rows[i].part, n + 1, tail);
        assert_int_equal(compile(text, strlen(text), &error), -1);
        assert_string_equal(error.text, "more than 64 ( and not inside each other");
        free(text);
        free(tail);
    }
    char *text = repeated("", "(", CONDITION_MAX_BYTES, "");
    condition_error_t error;
    assert_int_equal(compile(text, CONDITION_MAX_BYTES, &error), -1);
    assert_int_equal(error.offset, CONDITION_MAX_DEPTH);
    free(text);
}

static void a_list_has_at_most_64_items(void **state)
{
    (void)state;
    char *text = repeated("status in (1", ",1", CONDITION_MAX_LIST_ITEMS - 1, ")");
    condition_error_t error;
    assert_int_equal(compile(text, strlen(text), &error), 0);
    free(text);
    text = repeated("status in (1", ",1", CONDITION_MAX_LIST_ITEMS, ")");
    assert_int_equal(compile(text, strlen(text), &error), -1);
    assert_string_equal(error.text, "the list has more than 64 items");
    assert_int_equal(error.offset, strlen(text) - 3);
    free(text);
}

/* --- names --- */

static void a_condition_tells_what_it_names(void **state)
{
    (void)state;
    condition_t *condition =
        world_compile("http", "status == 200 and not (has(body.x) or age(token) < 1s)");
    assert_string_equal(condition_text(condition),
                        "status == 200 and not (has(body.x) or age(token) < 1s)");
    assert_true(condition_values(condition) ==
                (CONDITION_BIT(CONDITION_STATUS) | CONDITION_BIT(CONDITION_BODY) |
                 CONDITION_BIT(CONDITION_CAPTURED)));
    condition_destroy(&condition);
    assert_null(condition);
    condition_destroy(&condition);
}

static void names_of_captures_are_free_of_the_language(void **state)
{
    (void)state;
    static const char *const free_names[] = {"token", "queue-depth", "_x1", "Status", "phases"};
    static const char *const taken[] = {"",         "1a",  "-a",     "a.b",   "a b",
                                        "\xC3\xA4", "and", "status", "true",  "NOERROR",
                                        "none",     "len", "ttl",    "phase", "timeout_connect"};
    for (size_t i = 0; i < COUNT_OF(free_names); i++)
        assert_true(condition_is_free_name(free_names[i]));
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        assert_false(condition_is_free_name(taken[i]));
}

static void each_type_of_probe_has_its_values(void **state)
{
    (void)state;
    assert_true(condition_values_of("gopher") == 0);
    assert_true(condition_values_of("http") == condition_values_of("https"));
    assert_true(condition_values_of("icmp") & CONDITION_BIT(CONDITION_LOSS));
    assert_false(condition_values_of("http") & CONDITION_BIT(CONDITION_RCODE));
    assert_int_equal(condition_value_at("ttl", 3, condition_values_of("dns")), CONDITION_DNS_TTL);
    assert_int_equal(condition_value_at("ttl", 3, condition_values_of("icmp")), CONDITION_TTL);
    assert_int_equal(condition_value_at("tt", 2, condition_values_of("dns")),
                     CONDITION_VALUE_COUNT);
    assert_string_equal(condition_rcode_name(3), "NXDOMAIN");
    assert_null(condition_rcode_name(CONDITION_RCODES));
}

static void a_value_alone_is_no_condition_and_the_other_way_round(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *line; /* NULL: taken */
    } rows[] = {
        {"body.token", NULL},
        {"len(body.items)", NULL},
        {"phase.tls", NULL},
        {"200", "a literal is no value; expected a value such as body.token"},
        {"status == 200", "== cannot stand here; expected nothing after it"},
        {"not connected",
         "not cannot stand here; expected a value, a function len() has() age() or a literal"},
        {"", "the condition ends too early; expected a value, a function len() has() age() or a "
             "literal"},
        {"rcode", "http probes have no value rcode; expected " HTTP_NAMES},
    };
    condition_vocabulary_t vocabulary = world_vocabulary("http");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_t *value = NULL;
        condition_error_t error;
        int outcome = condition_compile_value(rows[i].text, strlen(rows[i].text), &vocabulary,
                                              &value, &error);
        assert_int_equal(outcome, rows[i].line ? -1 : 0);
        if (outcome != 0) {
            char line[CONDITION_ERROR_LINE_BYTES];
            condition_error_line(&error, line);
            assert_string_equal(line, rows[i].line);
        }
        condition_destroy(&value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_shows_the_place_and_what_is_allowed),
        cmocka_unit_test(a_text_is_utf8_without_nul),
        cmocka_unit_test(a_text_has_at_most_4096_bytes),
        cmocka_unit_test(chains_are_not_nesting),
        cmocka_unit_test(nesting_ends_at_64),
        cmocka_unit_test(a_list_has_at_most_64_items),
        cmocka_unit_test(a_condition_tells_what_it_names),
        cmocka_unit_test(names_of_captures_are_free_of_the_language),
        cmocka_unit_test(each_type_of_probe_has_its_values),
        cmocka_unit_test(a_value_alone_is_no_condition_and_the_other_way_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
