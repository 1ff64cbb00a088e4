/* INFO of Redis as JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/redis_info.h"
#include "tests/test.h"

static void each_line_becomes_a_member(void **state)
{
    (void)state;
    static const struct {
        const char *info, *json;
    } rows[] = {
        {"", "{}"},
        {"# Server\r\n\r\n", "{}"},
        {"# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\n",
         "{\"used_memory\":1048576,\"used_memory_human\":\"1.00M\"}"},
        {"role:master\r\nratio:1.50\r\nneg:-1", "{\"role\":\"master\",\"ratio\":1.50,\"neg\":-1}"},
        {"redis_version:7.0.15\nsha:00000000\n",
         "{\"redis_version\":\"7.0.15\",\"sha\":\"00000000\"}"},
        {"db0:keys=1,expires=0\r\nempty:\r\n", "{\"db0\":\"keys=1,expires=0\",\"empty\":\"\"}"},
        {"no line\r\n:no name\r\na:b:c\r\n", "{\"a\":\"b:c\"}"},
        {"q:\"\\\x01\r\n", "{\"q\":\"\\\"\\\\\\u0001\"}"},
        {"bad:\xff\r\n", "{\"bad\":\"\xEF\xBF\xBD\"}"},
        {"nan:nan\r\ninf:inf\r\nbig:99999999999999999999\r\nhuge:1e999\r\n", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *json = redis_info_json(rows[i].info, strlen(rows[i].info));
        assert_non_null(json);
        if (rows[i].json)
            assert_string_equal(json, rows[i].json);
        json_t *tree = json_loads(json, 0, NULL);
        if (!tree)
            fail_msg("%s", json);
        json_decref(tree);
        free(json);
    }
}

static void a_long_answer_is_cut(void **state)
{
    (void)state;
    size_t n = 4 * REDIS_INFO_MAX_BYTES;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, 'x', n);
    memcpy(text, "a:1\nb:", 6);
    char *json = redis_info_json(text, n);
    assert_non_null(json);
    assert_true(strlen(json) < REDIS_INFO_MAX_BYTES + 32);
    json_t *tree = json_loads(json, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(tree, "a")), 1);
    json_decref(tree);
    free(json);
    free(text);
}

static void a_nul_is_no_end(void **state)
{
    (void)state;
    static const char info[] = "a:x\0y\r\nb:2\r\n";
    char *json = redis_info_json(info, sizeof info - 1);
    assert_string_equal(json, "{\"a\":\"x y\",\"b\":2}");
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_becomes_a_member),
        cmocka_unit_test(a_long_answer_is_cut),
        cmocka_unit_test(a_nul_is_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
