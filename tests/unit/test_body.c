#include <stdio.h>
#include <string.h>

#include "gateway/body.h"
#include "tests/test.h"

static const body_member_t members[] = {
    {"reason", BODY_TEXT, true, 1, 8},     {"count", BODY_INTEGER, false, 0, 10},
    {"sticky", BODY_BOOLEAN, false, 0, 0}, {"down", BODY_TEXTS, false, 1, 3},
    {"extra", BODY_ANY, false, 0, 0},
};

static const char types_json[] = "application/json";

/* Reads TEXT as CONTENT_TYPE; the object, or NULL with *RET_REFUSAL. */
static json_t *read_text(const char *text, const char *content_type, reply_t **ret_refusal)
{
    return body_read((slice_t){.text = text, .n = strlen(text)}, content_type, members,
                     COUNT_OF(members), ret_refusal);
}

static void a_body_that_fits_is_given(void **state)
{
    (void)state;
    static const char *const types[] = {"application/json", "Application/JSON; charset=utf-8",
                                        "application/json ;x=y"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        reply_t *refusal = NULL;
        json_t *object = read_text("{\"reason\":\"why\",\"count\":10,\"sticky\":false,"
                                   "\"down\":[\"a\",\"bcd\"],\"extra\":{\"x\":[1]}}",
                                   types[i], &refusal);
        assert_non_null(object);
        assert_null(refusal);
        assert_string_equal(json_string_value(json_object_get(object, "reason")), "why");
        assert_int_equal(json_integer_value(json_object_get(object, "count")), 10);
        json_decref(object);
    }
}

static void null_is_as_if_it_were_not_there(void **state)
{
    (void)state;
    reply_t *refusal = NULL;
    json_t *object =
        read_text("{\"reason\":\"why\",\"count\":null,\"down\":null}", types_json, &refusal);
    assert_non_null(object);
    assert_int_equal(json_object_size(object), 1);
    json_decref(object);
}

static void a_body_that_does_not_fit_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *type;
        unsigned code;
        const char *pointer; /* NULL: none */
    } rows[] = {
        {"{}", "text/plain", 415, NULL},
        {"{}", NULL, 415, NULL},
        {"{}", "application/jsonx", 415, NULL},
        {"", NULL, 422, "/reason"},
        {"{}", types_json, 422, "/reason"},
        {"{\"reason\":null}", types_json, 422, "/reason"},
        {"{", types_json, 400, ""},
        {"[]", types_json, 400, ""},
        {"null", types_json, 400, ""},
        {"{\"reason\":\"a\"} x", types_json, 400, ""},
        {"{\"reason\":\"a\",\"reason\":\"b\"}", types_json, 400, ""},
        {"{\"reason\":\"\xff\"}", types_json, 400, ""},
        {"{\"reason\":1e999}", types_json, 400, ""},
        {"{\"reason\":\"a\",\"x/y~z\":1}", types_json, 422, "/x~1y~0z"},
        {"{\"reason\":\"\"}", types_json, 422, "/reason"},
        {"{\"reason\":\"123456789\"}", types_json, 422, "/reason"},
        {"{\"reason\":\"a\\u0000b\"}", types_json, 422, "/reason"},
        {"{\"reason\":5}", types_json, 422, "/reason"},
        {"{\"reason\":\"a\",\"count\":11}", types_json, 422, "/count"},
        {"{\"reason\":\"a\",\"count\":-1}", types_json, 422, "/count"},
        {"{\"reason\":\"a\",\"count\":1.0}", types_json, 422, "/count"},
        {"{\"reason\":\"a\",\"sticky\":\"true\"}", types_json, 422, "/sticky"},
        {"{\"reason\":\"a\",\"down\":\"x\"}", types_json, 422, "/down"},
        {"{\"reason\":\"a\",\"down\":[\"abcd\"]}", types_json, 422, "/down"},
        {"{\"reason\":\"a\",\"down\":[1]}", types_json, 422, "/down"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        reply_t *refusal = NULL;
        assert_null(read_text(rows[i].text, rows[i].type, &refusal));
        assert_non_null(refusal);
        assert_int_equal(refusal->code, rows[i].code);
        assert_true(refusal->is_error);
        char expected[64];
        snprintf(expected, sizeof expected, "\"pointer\":\"%s\"",
                 rows[i].pointer ? rows[i].pointer : "");
        assert_int_equal(holds_text(refusal->body, refusal->n_body, expected),
                         rows[i].pointer != NULL);
        reply_release(&refusal);
    }
}

static void nesting_is_bounded_before_it_is_parsed(void **state)
{
    (void)state;
    static const char before[] = "{\"reason\":\"[[\\\"[[[\",\"extra\":";
    for (size_t depth = BODY_MAX_DEPTH - 1; depth <= BODY_MAX_DEPTH; depth++) {
        char text[sizeof before + (size_t)2 * BODY_MAX_DEPTH + 2];
        size_t n = sizeof before - 1;
        memcpy(text, before, n);
        memset(text + n, '[', depth);
        memset(text + n + depth, ']', depth);
        memcpy(text + n + 2 * depth, "}", 2);
        reply_t *refusal = NULL;
        json_t *object = read_text(text, types_json, &refusal);
        if (depth < BODY_MAX_DEPTH) {
            assert_non_null(object);
            json_decref(object);
        } else {
            assert_null(object);
            assert_int_equal(refusal->code, 400);
            assert_true(holds_text(refusal->body, refusal->n_body, "nested too deeply"));
        }
        reply_release(&refusal);
    }
}

static void a_refusal_is_json_where_it_quotes_half_a_character(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"raq\\\xe6\x9e\xa3\xe6\x9e\xa3\":1}", /* the parser tells of \ and one byte */
        "{\"a\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3"
        "\xa9\xc3\xa9"
        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
        "\xc3\xa9"
        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
        "\xc3\xa9"
        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
        "\xc3\xa9"
        "\":1}", /* a pointer that is cut */
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        reply_t *refusal = NULL;
        assert_null(read_text(texts[i], types_json, &refusal));
        assert_non_null(refusal);
        json_t *body = json_loadb(refusal->body, refusal->n_body, 0, NULL);
        assert_true(json_is_array(json_object_get(body, "errors")));
        json_decref(body);
        reply_release(&refusal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_that_fits_is_given),
        cmocka_unit_test(null_is_as_if_it_were_not_there),
        cmocka_unit_test(a_body_that_does_not_fit_is_refused_with_its_place),
        cmocka_unit_test(a_refusal_is_json_where_it_quotes_half_a_character),
        cmocka_unit_test(nesting_is_bounded_before_it_is_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
