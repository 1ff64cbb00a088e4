/* What `healthctl targets NAME` makes of a target's body. */
#include "tests/test.h"

#include "apps/healthctl/view.h"

static void a_target_is_told_line_by_line(void **state)
{
    (void)state;
    static const struct {
        const char *body, *text;
    } rows[] = {
        {"{\"name\":\"shop\",\"kind\":\"service\",\"type\":\"http\",\"critical\":true,"
         "\"status\":\"DOWN\",\"flapping\":true,\"reason\":\"status\",\"error\":\"HTTP 503\","
         "\"latency_ms\":5.75,\"since\":\"2026-11-24T02:45:30.289500+00:00\","
         "\"checked_at\":\"2026-11-24T02:46:00.289500+00:00\",\"url\":\"http://shop/\","
         "\"pause\":null,\"measured\":{\"phases_ms\":{\"connect\":1.5},\"conditions\":[]},"
         "\"evidence\":[{\"at\":\"2026-11-24T02:46:00.289500+00:00\",\"status\":\"DOWN\","
         "\"reason\":\"status\",\"status_line\":\"HTTP/1.1 503\"}]}",
         "DOWN  shop  service, http, critical  status  5.75 ms\n"
         "  HTTP 503\n"
         "  since 2026-11-24T02:45:30Z, checked 2026-11-24T02:46:00Z\n"
         "  flapping: its results change often\n"
         "  http://shop/\n"
         "\n"
         "PHASE       TIME\n"
         "connect  1.50 ms\n"
         "\n"
         "FAILED AT             STATUS  REASON  ANSWER        ERROR\n"
         "2026-11-24T02:46:00Z  DOWN    status  HTTP/1.1 503  -\n"},
        {"{\"name\":\"db\",\"status\":\"UNKNOWN\",\"reason\":\"paused\","
         "\"since\":\"2026-11-24T02:45:30.289500+00:00\",\"checked_at\":null,"
         "\"pause\":{\"reason\":\"\",\"by\":\"token\",\"until\":null},\"evidence\":[]}",
         "UNKNOWN  db  paused\n"
         "  since 2026-11-24T02:45:30Z, checked -\n"
         "  paused by token until somebody resumes it\n"},
        {"{\"name\":\"a\\u001b[2Jb\",\"status\":\"OK\",\"pause\":{\"by\":\"token\","
         "\"until\":\"2026-11-24T02:45:30.289500+00:00\",\"reason\":\"x\\ny\"},\"evidence\":[1]}",
         "OK  a\\u{1b}[2Jb\n"
         "  since -, checked -\n"
         "  paused by token until 2026-11-24T02:45:30Z: x\\u{a}y\n"
         "\n"
         "FAILED AT  STATUS  REASON  ANSWER  ERROR\n"
         "-          -       -       -       -\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *target = json_loads(rows[i].body, 0, NULL);
        assert_non_null(target);
        text_t out = {0};
        view_append_target(&out, target, false);
        assert_false(out.is_failed);
        assert_string_equal(out.bytes, rows[i].text);
        text_clear(&out);
        json_decref(target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_told_line_by_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
