#include <string.h>

#include "gateway/problem.h"
#include "gateway/routes.h"
#include "tests/test.h"

static void only_paths_below_the_api_count(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool is_below;
    } rows[] = {
        {"/api/v1", true},
        {"/api/v1/", true},
        {"/api/v1/targets/x", true},
        {"/%61pi/v1/x", true},
        {"/api/v1x", false},
        {"/api/v2/alerts", false},
        {"/alerts/active", false},
        {"/x/api/v1", false},
        {"/", false},
        {"", false},
        {"/api%2Fv1/x", false},
        {"*", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        slice_t path = {.text = rows[i].path, .n = strlen(rows[i].path)};
        assert_int_equal(path_is_below_api(path), rows[i].is_below);
    }
}

/* Bodies have no NUL at their end. */
static void assert_body(const reply_t *reply, const char *expected)
{
    assert_int_equal(reply->n_body, strlen(expected));
    assert_memory_equal(reply->body, expected, strlen(expected));
}

static void an_error_below_the_api_is_a_problem(void **state)
{
    (void)state;
    reply_t *reply = reply_refusal(503, "Say \"please\"");
    assert_body(reply, "{\"detail\":\"Say \\\"please\\\"\"}");
    reply_t *problem = problem_of("/api/v1/targets/%ff\xff?x=1", reply);
    assert_int_equal(problem->code, 503);
    assert_string_equal(problem->content_type, "application/problem+json");
    assert_body(problem, "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
                         "\"status\":503,\"detail\":\"Say \\\"please\\\"\","
                         "\"instance\":\"/api/v1/targets/%ff\xef\xbf\xbd\"}");
    assert_int_equal(problem->n_headers, 1);
    assert_string_equal(problem->headers[0].name, "Retry-After");
    reply_release(&problem);

    problem = problem_of("/alerts/x/clear", reply);
    assert_ptr_equal(problem, reply);
    reply_release(&problem);
    reply_release(&reply);
}

static void a_fault_names_its_place(void **state)
{
    (void)state;
    reply_t *reply = reply_fault(422, "No", "/a\"b", "is wrong");
    reply_t *problem = problem_of("/api/v1", reply);
    assert_body(problem, "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\","
                         "\"status\":422,\"detail\":\"No\",\"errors\":[{\"pointer\":\"/a\\\"b\","
                         "\"message\":\"is wrong\"}],\"instance\":\"/api/v1\"}");
    reply_release(&problem);
    reply_release(&reply);
}

static void a_fault_repairs_what_was_cut(void **state)
{
    (void)state;
    reply_t *reply = reply_fault(400, "No", "?a\xc3", "near \xe6\x9e");
    assert_body(reply, "{\"detail\":\"No\",\"errors\":[{\"pointer\":\"?a\xef\xbf\xbd\","
                       "\"message\":\"near \xef\xbf\xbd\"}]}");
    reply_release(&reply);
}

static void what_is_no_error_stays(void **state)
{
    (void)state;
    static const unsigned codes[] = {200, 307};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        reply_t *reply = codes[i] == 200 ? reply_around(200, "{\"a\":", "b", 1, "}")
                                         : reply_error(307, "Temporary Redirect", 18);
        reply_t *problem = problem_of("/api/v1/x", reply);
        assert_ptr_equal(problem, reply);
        reply_release(&problem);
        reply_release(&reply);
    }
    assert_null(problem_of("/api/v1/x", NULL));
}

static void a_long_path_is_cut(void **state)
{
    (void)state;
    char target[4000];
    memset(target, '\xff', sizeof target - 1);
    memcpy(target, "/api/v1/", 8);
    target[sizeof target - 1] = '\0';
    reply_t *reply = reply_error(404, "Not Found", 9);
    reply_t *problem = problem_of(target, reply);
    assert_in_range(problem->n_body, PROBLEM_INSTANCE_MAX_BYTES,
                    PROBLEM_INSTANCE_MAX_BYTES * 3 + 200);
    reply_release(&problem);
    reply_release(&reply);
}

static void a_path_tells_its_methods_once_each(void **state)
{
    (void)state;
    static const struct {
        const char *path, *methods;
    } rows[] = {{"/health", "GET"}, {"/alerts/a/clear", "POST"}, {"/nowhere", ""}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text_t methods = {0};
        text_append_string(&methods, "");
        route_append_methods((slice_t){.text = rows[i].path, .n = strlen(rows[i].path)}, &methods);
        assert_string_equal(methods.bytes, rows[i].methods);
        text_clear(&methods);
    }
}

static void a_pattern_has_two_parts_in_braces(void **state)
{
    (void)state;
    slice_t parts[PATH_PARAMETERS_MAX];
    slice_t path = {.text = "/targets/a%2Fb/evidence/7", .n = 25};
    assert_true(path_matches("/targets/{name}/evidence/{id}", path, parts));
    assert_int_equal(parts[0].n, 5);
    assert_memory_equal(parts[0].text, "a%2Fb", 5);
    assert_int_equal(parts[1].n, 1);
    assert_memory_equal(parts[1].text, "7", 1);
    assert_true(path_matches("/targets/{name}/evidence/7", path, parts));
    assert_int_equal(parts[1].n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_paths_below_the_api_count),
        cmocka_unit_test(an_error_below_the_api_is_a_problem),
        cmocka_unit_test(a_fault_names_its_place),
        cmocka_unit_test(a_fault_repairs_what_was_cut),
        cmocka_unit_test(what_is_no_error_stays),
        cmocka_unit_test(a_long_path_is_cut),
        cmocka_unit_test(a_path_tells_its_methods_once_each),
        cmocka_unit_test(a_pattern_has_two_parts_in_braces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
