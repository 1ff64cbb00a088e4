/* What a request to pause may say. */
#include <stdio.h>
#include <string.h>

#include "core/pause_book.h"
#include "gateway/pause_body.h"
#include "tests/test.h"

#define NOW ((int64_t)1795488330289500)

static int read_body(const char *body, pause_t *ret, reply_t **ret_refusal)
{
    const slice_t slice = {.text = body, .n = strlen(body)};
    *ret_refusal = NULL;
    return pause_body_read(slice, "application/json", NOW, ret, ret_refusal);
}

static void good_bodies_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason;
        int64_t until_us;
    } rows[] = {
        {"", "", 0},
        {"{}", "", 0},
        {"{\"reason\":\"new disks\"}", "new disks", 0},
        {"{\"reason\":\"\xc3\xa9\",\"until\":null}", "\xc3\xa9", 0},
        {"{\"until\":\"+15m\"}", "", NOW + INT64_C(900000000)},
        {"{\"until\":\"2026-11-24T12:00:00Z\"}", "", INT64_C(1795521600000000)},
        {"{\"until\":\"1795521600\"}", "", INT64_C(1795521600000000)},
        {"{\"until\":1795521600}", "", INT64_C(1795521600000000)},
        {"{\"until\":1795521600.5}", "", INT64_C(1795521600500000)},
        {" {\"until\":\"+366d\",\"reason\":\"x\"} ", "x", NOW + PAUSE_MAX_US},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pause_t pause = {.reason = NULL};
        reply_t *refusal;
        if (read_body(rows[i].body, &pause, &refusal))
            fail_msg("%s: %s", rows[i].body, refusal->body);
        assert_string_equal(pause.reason, rows[i].reason);
        assert_int_equal(pause.until_us, rows[i].until_us);
        assert_null(pause.by);
        pause_clear(&pause);
    }
}

#define INSTANT_REFUSED                                                                            \
    "{\"pointer\":\"/until\",\"message\":\"must be an RFC 3339 time with its offset, seconds "     \
    "since "                                                                                       \
    "1970, or a duration from now such as +15m\"}"

static void bad_bodies_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        unsigned code;
        const char *part;
    } rows[] = {
        {"[]", 400, "no JSON object"},
        {"{", 400, "no JSON object"},
        {"{\"reason\":\"a\",\"reason\":\"b\"}", 400, "no JSON object"},
        {"{\"reason\":\"\xff\"}", 400, "no JSON object"},
        {"{\"why\":\"a\"}", 422, "\"/why\""},
        {"{\"reason\":1}", 422, "\"/reason\""},
        {"{\"reason\":\"a\\u0000b\"}", 422, "\"/reason\""},
        {"{\"reason\":\"a\\nb\"}", 422,
         "{\"pointer\":\"/reason\",\"message\":\"must be one line\"}"},
        {"{\"until\":\"tomorrow\"}", 422, INSTANT_REFUSED},
        {"{\"until\":true}", 422, INSTANT_REFUSED},
        {"{\"until\":-1}", 422, INSTANT_REFUSED},
        {"{\"until\":1e300}", 422, INSTANT_REFUSED},
        {"{\"until\":0}", 422, "must be in the future"},
        {"{\"until\":\"-1s\"}", 422, "must be in the future"},
        {"{\"until\":\"+0s\"}", 422, "must be in the future"},
        {"{\"until\":\"+367d\"}", 422, "must be at most 366 days away"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pause_t pause = {.until_us = 77};
        reply_t *refusal;
        if (read_body(rows[i].body, &pause, &refusal) == 0)
            fail_msg("%s is taken", rows[i].body);
        assert_int_equal(refusal->code, rows[i].code);
        if (!memmem(refusal->body, refusal->n_body, rows[i].part, strlen(rows[i].part)))
            fail_msg("%s: %s", rows[i].body, refusal->body);
        assert_int_equal(pause.until_us, 77);
        reply_release(&refusal);
    }
}

static void a_reason_is_bounded(void **state)
{
    (void)state;
    char body[PAUSE_REASON_MAX_BYTES + 32];
    for (int n = PAUSE_REASON_MAX_BYTES; n <= PAUSE_REASON_MAX_BYTES + 1; n++) {
        char text[PAUSE_REASON_MAX_BYTES + 2];
        memset(text, 'r', sizeof text);
        int size = snprintf(body, sizeof body, "{\"reason\":\"%.*s\"}", n, text);
        assert_in_range(size, 1, sizeof body - 1);
        pause_t pause = {.reason = NULL};
        reply_t *refusal;
        assert_int_equal(read_body(body, &pause, &refusal), n <= PAUSE_REASON_MAX_BYTES ? 0 : -1);
        reply_release(&refusal);
        pause_clear(&pause);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_bodies_are_read),
        cmocka_unit_test(bad_bodies_are_refused_by_name),
        cmocka_unit_test(a_reason_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
