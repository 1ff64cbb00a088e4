#include <stdlib.h>
#include <string.h>

#include "gateway/parameters.h"
#include "tests/test.h"

static const parameter_rule_t rules[] = {{"limit", false}, {"status", true}, {"flag", false}};

static slice_t slice(const char *text)
{
    return (slice_t){.text = text, .n = strlen(text)};
}

static void known_names_are_taken_and_decoded(void **state)
{
    (void)state;
    parameters_t parameters = {.n = 0};
    reply_t *refusal = NULL;
    assert_int_equal(parameters_read(&parameters, slice("&limit=5&status=a+b&&status=%26&fl%61g"),
                                     rules, COUNT_OF(rules), &refusal),
                     0);
    assert_int_equal(parameters.n, 4);
    assert_string_equal(parameters_text(&parameters, "limit"), "5");
    assert_string_equal(parameters_text(&parameters, "status"), "a b");
    assert_string_equal(parameters.items[2].value, "&");
    assert_string_equal(parameters_text(&parameters, "flag"), "");
    assert_null(parameters_text(&parameters, "other"));
    parameters_clear(&parameters);
}

static void what_no_route_knows_is_refused_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *query, *error;
    } rows[] = {
        {"limits=5", "{\"pointer\":\"?limits\",\"message\":\"is no parameter of this route\"}"},
        {"limit%00=5", "{\"pointer\":\"?limit\",\"message\":\"is no parameter of this route\"}"},
        {"=5", "{\"pointer\":\"?\",\"message\":\"is no parameter of this route\"}"},
        {"limit=5&limit=6", "{\"pointer\":\"?limit\",\"message\":\"stands twice\"}"},
        {"status=a%00b", "{\"pointer\":\"?status\",\"message\":\"holds a NUL\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        parameters_t parameters = {.n = 0};
        reply_t *refusal = NULL;
        assert_int_equal(
            parameters_read(&parameters, slice(rows[i].query), rules, COUNT_OF(rules), &refusal),
            -1);
        assert_non_null(refusal);
        assert_int_equal(refusal->code, 400);
        assert_true(holds_text(refusal->body, refusal->n_body, rows[i].error));
        reply_release(&refusal);
        parameters_clear(&parameters);
    }
}

static void the_number_of_parameters_is_bounded(void **state)
{
    (void)state;
    char query[(PARAMETERS_MAX + 1) * 9 + 1];
    size_t n = 0;
    for (size_t i = 0; i <= PARAMETERS_MAX; i++, n += 9)
        memcpy(query + n, "status=a&", 9);
    query[n] = '\0';
    parameters_t parameters = {.n = 0};
    reply_t *refusal = NULL;
    assert_int_equal(parameters_read(&parameters, slice(query), rules, COUNT_OF(rules), &refusal),
                     -1);
    assert_int_equal(refusal->code, 400);
    assert_true(holds_text(refusal->body, refusal->n_body, "one parameter too many"));
    reply_release(&refusal);
    parameters_clear(&parameters);
    query[n - 10] = '\0';
    assert_int_equal(parameters_read(&parameters, slice(query), rules, COUNT_OF(rules), &refusal),
                     0);
    assert_int_equal(parameters.n, PARAMETERS_MAX);
    parameters_clear(&parameters);
}

static void values_have_a_type(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        int64_t limit; /* -1: refused */
        int flag;      /* -1: refused */
    } rows[] = {
        {"", 100, 1},          {"limit=1", 1, 1},      {"limit=500", 500, 1},
        {"limit=0", -1, 1},    {"limit=501", -1, 1},   {"limit=", -1, 1},
        {"limit=1.5", -1, 1},  {"limit=ten", -1, 1},   {"limit=99999999999999999999999", -1, 1},
        {"flag=true", 100, 1}, {"flag=false", 100, 0}, {"flag=", 100, -1},
        {"flag=1", 100, -1},   {"flag=True", 100, -1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        parameters_t parameters = {.n = 0};
        reply_t *refusal = NULL;
        assert_int_equal(
            parameters_read(&parameters, slice(rows[i].query), rules, COUNT_OF(rules), &refusal),
            0);
        int64_t limit = 100;
        bool flag = true;
        int rc = parameters_integer(&parameters, "limit", 1, 500, &limit, &refusal);
        assert_int_equal(rc, rows[i].limit < 0 ? -1 : 0);
        assert_int_equal(limit, rows[i].limit < 0 ? 100 : rows[i].limit);
        if (rc) {
            assert_int_equal(refusal->code, 422);
            assert_true(holds_text(refusal->body, refusal->n_body,
                                   "\"?limit\",\"message\":\"must be a whole "
                                   "number from 1 to 500\""));
            reply_release(&refusal);
        }
        rc = parameters_boolean(&parameters, "flag", &flag, &refusal);
        assert_int_equal(rc, rows[i].flag < 0 ? -1 : 0);
        assert_int_equal(flag, rows[i].flag != 0);
        reply_release(&refusal);
        parameters_clear(&parameters);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_names_are_taken_and_decoded),
        cmocka_unit_test(what_no_route_knows_is_refused_by_its_name),
        cmocka_unit_test(the_number_of_parameters_is_bounded),
        cmocka_unit_test(values_have_a_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
