/* Ways into a body: what is a path, what it finds, which bodies are JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json_path.h"
#include "core/json_text.h"
#include "tests/test.h"

static const char body[] =
    " {\"a\":{\"b\":[10,{\"c-d\":\"deep\"},30]},\"odd \\\" key\":1,\"\\u00e4\":2,\"0\":3} ";

static void a_path_finds_its_value(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *value; /* as JSON; NULL: there is none */
    } rows[] = {
        {".a.b[0]", "10"},       {".a.b[1].c-d", "\"deep\""}, {".a.b[-1]", "30"},
        {".a.b[-3]", "10"},      {".a.b[-4]", NULL},          {".a.b[3]", NULL},
        {".a.b[1000000]", NULL}, {"[\"a\"][\"b\"][0]", "10"}, {"[\"odd \\\" key\"]", "1"},
        {"[\"\\u00e4\"]", "2"},  {"[\"\xC3\xA4\"]", "2"},     {".0", "3"},
        {"[0]", NULL}, /* no list */
        {".a.b.c", NULL},        {".a.b[0].c", NULL},
    };
    json_t *root = NULL;
    assert_int_equal(json_path_load_body(body, strlen(body), &root), 0);
    assert_non_null(root);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_path_t *path = NULL;
        size_t used = 0;
        scalar_error_t error;
        assert_int_equal(json_path_parse(rows[i].path, strlen(rows[i].path), &path, &used, &error),
                         0);
        assert_int_equal(used, strlen(rows[i].path));
        const json_t *found = json_path_find(path, root);
        assert_int_equal(!found, !rows[i].value);
        if (found) {
            char *text = json_dumps(found, JSON_ENCODE_ANY);
            assert_string_equal(text, rows[i].value);
            free(text);
        }
        assert_null(json_path_find(path, NULL));
        json_path_destroy(&path);
        assert_null(path);
    }
    assert_ptr_equal(json_path_find(NULL, root), root);
    json_decref(root);
}

static void a_path_ends_where_no_step_follows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t used;
    } rows[] = {{"", 0}, {" .a", 0}, {"==", 0}, {".a == 1", 2}, {"[0]) and", 3}, {".a.b c", 4}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_path_t *path = NULL;
        size_t used = 99;
        scalar_error_t error;
        assert_int_equal(json_path_parse(rows[i].text, strlen(rows[i].text), &path, &used, &error),
                         0);
        assert_int_equal(used, rows[i].used);
        assert_int_equal(!path, rows[i].used == 0);
        json_path_destroy(&path);
    }
}

static void what_is_no_path_is_refused_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
        size_t length;
    } rows[] = {
        {".", 1, 0},
        {".a.", 3, 0},
        {".a..b", 3, 0},
        {".a[", 3, 0},
        {".a[x]", 3, 0},
        {".a[1", 4, 0},
        {".a[1)", 4, 1},
        {".a[1000001]", 3, 7},
        {".a[-]", 3, 1},
        {".a[01]", 3, 2},
        {".a[\"k", 5, 0},
        {".a[\"k\"", 6, 0},
        {".a[\"\\q\"]", 4, 2},
        {".\xC3\xA4", 1, 0},
        {"[99999999999999999999]", 1, 20},
        {".a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a", 48, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_path_t *path = NULL;
        size_t used = 0;
        scalar_error_t error = {0};
        assert_int_equal(json_path_parse(rows[i].text, strlen(rows[i].text), &path, &used, &error),
                         -1);
        if (error.offset != rows[i].offset || error.length != rows[i].length)
            fail_msg("%s: at %zu + %zu", rows[i].text, error.offset, error.length);
        assert_non_null(error.expected);
        assert_null(path);
    }
}

/* N nested lists. */
static size_t nested(char *text, unsigned depth)
{
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return 2 * (size_t)depth;
}

static void bodies_are_json_by_the_rules_of_details(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t n;
    } rows[] = {
        {"{}", 2},
        {"42", 2},
        {"\"\xFF\"", 3},
        {"", 0},
        {"nope", 4},
        {"{\"a\":1", 6},
        {"NaN", 3},
        {"1e999", 5},
        {"[1] \0[2]", 8},
        {"\"\\u0000\"", 8},
        {"\"\\ud800\"", 8},
        {"9223372036854775808", 19},
        {"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"\"", 36},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *details = json_text_of_body(rows[i].body, rows[i].n, false);
        json_t *root = NULL;
        assert_int_equal(json_path_load_body(rows[i].body, rows[i].n, &root), 0);
        assert_int_equal(!root, strncmp(details, "{\"raw\":", 7) == 0);
        json_decref(root);
        free(details);
    }
    char text[2 * (JSON_TEXT_MAX_DEPTH + 1)];
    json_t *root = NULL;
    static const char nul_key[] = "{\"a\\u0000b\":1}"; /* the one thing the library cannot keep */
    assert_int_equal(json_path_load_body(nul_key, strlen(nul_key), &root), 0);
    assert_null(root);
    assert_int_equal(json_path_load_body(text, nested(text, JSON_TEXT_MAX_DEPTH), &root), 0);
    assert_non_null(root);
    json_decref(root);
    assert_int_equal(json_path_load_body(text, nested(text, JSON_TEXT_MAX_DEPTH + 1), &root), 0);
    assert_null(root);
}

static void a_body_of_any_depth_and_size_is_survived(void **state)
{
    (void)state;
    size_t n = JSON_TEXT_BODY_MAX_BYTES + 1;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, '[', n);
    json_t *root = NULL;
    assert_int_equal(json_path_load_body(text, n, &root), 0);
    assert_null(root);
    assert_int_equal(json_path_load_body(text, n - 1, &root), 0);
    assert_null(root);
    memset(text, ' ', n);
    text[0] = '1';
    assert_int_equal(json_path_load_body(text, n, &root), 0); /* too long, whatever it is */
    assert_null(root);
    assert_int_equal(json_path_load_body(text, n - 1, &root), 0);
    assert_int_equal(json_integer_value(root), 1);
    json_decref(root);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_its_value),
        cmocka_unit_test(a_path_ends_where_no_step_follows),
        cmocka_unit_test(what_is_no_path_is_refused_at_its_place),
        cmocka_unit_test(bodies_are_json_by_the_rules_of_details),
        cmocka_unit_test(a_body_of_any_depth_and_size_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
