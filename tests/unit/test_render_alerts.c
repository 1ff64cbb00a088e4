/* Bodies of alerts, and the texts in them. */
#include "tests/unit/rendered.h"

#define ALERT_HEAD                                                                                 \
    "{\"alert_id\":\"ess_CRITICAL_x\",\"level\":\"CRITICAL\",\"title\":\"Stop\","                  \
    "\"message\":\"tab\\t\\u0001\",\"component\":\"ess\",\"timestamp\":" AT ",\"details\":"

static alert_t stop_alert(void)
{
    return (alert_t){
        .alert_id = text_of("ess_CRITICAL_x"),
        .component = text_of("ess"),
        .level = SEVERITY_CRITICAL,
        .title = text_of("Stop"),
        .message = text_of("tab\t\x01"),
        .raised_at_us = AT_US,
        .resolved_at_us = AT_US + 1,
    };
}

static void an_alert_has_this_text(void **state)
{
    (void)state;
    const struct {
        const char *details;
        reason_t reason;
        bool with_end, is_durable;
        const char *expected;
    } rows[] = {
        {NULL, REASON_NONE, false, true, ALERT_HEAD "{}}"},
        {"{\"a\": 1}", REASON_NONE, false, true, ALERT_HEAD "{\"a\": 1}}"},
        {NULL, REASON_EMERGENCY_STOP, false, true, ALERT_HEAD "{},\"reason\":\"emergency_stop\"}"},
        {NULL, REASON_NONE, true, true,
         ALERT_HEAD "{},\"resolved_at\":\"2026-11-24T02:45:30.289501+00:00\","
                    "\"resolution\":\"target_removed\"}"},
        {NULL, REASON_REFUSED, true, false,
         ALERT_HEAD "{},\"reason\":\"refused\","
                    "\"resolved_at\":\"2026-11-24T02:45:30.289501+00:00\","
                    "\"resolution\":\"target_removed\",\"durable\":false}"},
    };
    msgpack_sbuffer json, msgpack;
    msgpack_sbuffer_init(&json);
    msgpack_sbuffer_init(&msgpack);
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        alert_t alert = stop_alert();
        alert.details = text_of(rows[row].details);
        alert.reason = (int)rows[row].reason;
        alert.resolution = rows[row].with_end ? RESOLUTION_TARGET_REMOVED : RESOLUTION_NONE;
        json.size = msgpack.size = 0;
        assert_int_equal(
            render_alert(&alert, rows[row].with_end, rows[row].is_durable, RENDER_JSON, &json), 0);
        assert_text(&json, rows[row].expected);
        assert_int_equal(render_alert(&alert, rows[row].with_end, rows[row].is_durable,
                                      RENDER_MSGPACK, &msgpack),
                         0);
        assert_equal_trees(&json, &msgpack);
    }
    msgpack_sbuffer_destroy(&json);
    msgpack_sbuffer_destroy(&msgpack);
}

static void lists_of_alerts_have_count_and_limit(void **state)
{
    (void)state;
    alert_t alerts[] = {stop_alert(), stop_alert()};
    alerts[1].resolution = RESOLUTION_CLEARED;
    msgpack_sbuffer json, msgpack;
    msgpack_sbuffer_init(&json);
    msgpack_sbuffer_init(&msgpack);
    assert_int_equal(render_alerts(NULL, 0, 0, RENDER_JSON, &json), 0);
    assert_text(&json, "{\"alerts\":[],\"count\":0}");
    json.size = 0;
    assert_int_equal(render_alerts(alerts, COUNT_OF(alerts), 100, RENDER_JSON, &json), 0);
    assert_text(&json, "{\"alerts\":[" ALERT_HEAD "{}}," ALERT_HEAD "{},\"resolved_at\":"
                       "\"2026-11-24T02:45:30.289501+00:00\",\"resolution\":\"cleared\"}],"
                       "\"count\":2,\"limit\":100}");
    assert_int_equal(render_alerts(alerts, COUNT_OF(alerts), 100, RENDER_MSGPACK, &msgpack), 0);
    assert_equal_trees(&json, &msgpack);
    msgpack_sbuffer_destroy(&json);
    msgpack_sbuffer_destroy(&msgpack);
}

static void strings_are_escaped_and_repaired(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"", "\"\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\x80\""},
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xe2\x82", "\"\xef\xbf\xbd\""},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        msgpack_sbuffer out;
        msgpack_sbuffer_init(&out);
        assert_int_equal(render_json_string(rows[row].text, strlen(rows[row].text), &out), 0);
        assert_text(&out, rows[row].expected);
        msgpack_sbuffer_destroy(&out);
    }
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(render_json_string("a\0b", 3, &out), 0);
    assert_text(&out, "\"a\\u0000b\"");
    msgpack_sbuffer_destroy(&out);
}

/* Details that msgpack cannot carry as values go as their text. */
static void strange_details_are_text_in_msgpack(void **state)
{
    (void)state;
    static const char *const rows[] = {"{not json", "99999999999999999999", "",
                                       "[[[[[[[[[[[[[[[[[[[[[[[[[25]]]]]]]]]]]]]]]]]]]]]]]]]"};
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        alert_t alert = {.alert_id = text_of("i"),
                         .title = text_of("t"),
                         .message = text_of("m"),
                         .component = text_of("c"),
                         .details = text_of(rows[row])};
        msgpack_sbuffer out;
        msgpack_sbuffer_init(&out);
        assert_int_equal(render_alert(&alert, false, true, RENDER_MSGPACK, &out), 0);
        msgpack_zone zone;
        assert_true(msgpack_zone_init(&zone, 4096));
        msgpack_object object;
        assert_int_equal(msgpack_unpack(out.data, out.size, NULL, &zone, &object),
                         MSGPACK_UNPACK_SUCCESS);
        assert_int_equal(object.via.map.size, 7);
        msgpack_object details = object.via.map.ptr[6].val;
        assert_int_equal(details.type, MSGPACK_OBJECT_STR);
        assert_int_equal(details.via.str.size, strlen(rows[row]));
        assert_memory_equal(details.via.str.ptr, rows[row], details.via.str.size);
        msgpack_zone_destroy(&zone);
        msgpack_sbuffer_destroy(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_has_this_text),
        cmocka_unit_test(lists_of_alerts_have_count_and_limit),
        cmocka_unit_test(strange_details_are_text_in_msgpack),
        cmocka_unit_test(strings_are_escaped_and_repaired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
