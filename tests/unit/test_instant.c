/* Instants of requests. */
#include <string.h>

#include "core/instant.h"
#include "tests/test.h"

#define NOW ((int64_t)1795488330289500)

static void each_form_is_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {
        {"2026-11-24T02:45:30.289500+00:00", NOW},
        {"2026-11-24T02:45:30.2895Z", NOW},
        {"2026-11-24T03:45:30+01:00", NOW - 289500},
        {"2026-11-23T21:45:30-05:00", NOW - 289500},
        {"2026-11-24T02:45:30z", NOW - 289500},
        {"1795488330", NOW - 289500},
        {"0", 0},
        {"+15m", NOW + INT64_C(900000000)},
        {"+1h30m", NOW + INT64_C(5400000000)},
        {"-15m", NOW - INT64_C(900000000)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t us = -1;
        if (instant_parse(rows[i].text, strlen(rows[i].text), NOW, &us))
            fail_msg("%s is refused", rows[i].text);
        assert_int_equal(us, rows[i].us);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "+",
        "-",
        "15m",
        "+15",
        "+15 m",
        "now",
        " 0",
        "0 ",
        "1.5",
        "1e9",
        "-1",
        "+36501d",
        "-36500d",
        "253402300800",
        "99999999999999999999",
        "2026-11-24",
        "2026-11-24T02:45:30",
        "2026-11-24T02:45:30+1",
        "2026-11-24T02:45:30{",
        "1Z",
        "12345x",
        ":",
        "9999-12-31T23:59:59-01:00",
        "2026-13-24T02:45:30Z",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t us = 77;
        if (instant_parse(texts[i], strlen(texts[i]), NOW, &us) == 0)
            fail_msg("%s is taken", texts[i]);
        assert_int_equal(us, 77);
    }
    int64_t us = 77;
    assert_int_equal(instant_parse("+1s\0", 4, NOW, &us), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_understood),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
