/* What `healthctl watch` makes of the bytes that a publisher sends. */
#include <string.h>

#include "tests/test.h"

#include "apps/healthctl/event.h"
#include "apps/healthctl/view.h"

static void only_one_whole_map_with_text_keys_is_an_event(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *json; /* NULL: refused */
    } rows[] = {
        {"\x80", 1, "{}"},
        {"\x82\xa1x\x01\xa1y\xc0", 7, "{\"x\":1,\"y\":null}"},
        {"\x81\xa1x\x92\xff\xc3", 6, "{\"x\":[-1,true]}"},
        {"\x81\xa1x\xcb\x3f\xf8\0\0\0\0\0\0", 12, "{\"x\":1.5}"},
        {"\x81\xa1x\x81\xa1y\xa2hi", 9, "{\"x\":{\"y\":\"hi\"}}"},
        {"\x82\xa0\x01\xa1x\xa0", 6, "{\"\":1,\"x\":\"\"}"}, /* empty texts */
        {"", 0, NULL},
        {"\x01", 1, NULL},                               /* no map */
        {"\x90", 1, NULL},                               /* a list */
        {"\x80\x80", 2, NULL},                           /* bytes left over */
        {"\x81\xa1x", 3, NULL},                          /* cut */
        {"\xdf\xff\xff\xff\xff", 5, NULL},               /* four thousand million pairs */
        {"\xdd\x04\x00\x00\x00", 5, NULL},               /* 64 M items declared */
        {"\x81\x01\x01", 3, NULL},                       /* key is no text */
        {"\x81\xa2x\0\x01", 5, NULL},                    /* NUL in a key */
        {"\x81\xa1x\xa1\xff", 5, NULL},                  /* text is not UTF-8 */
        {"\x81\xa1\xff\x01", 4, NULL},                   /* nor the key */
        {"\x81\xa1x\xc4\x01z", 6, NULL},                 /* binary */
        {"\x81\xa1x\xcb\x7f\xf8\0\0\0\0\0\0", 12, NULL}, /* NaN */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        json_t *event = event_decode(rows[i].bytes, rows[i].n);
        char *text = event ? json_dumps(event, JSON_COMPACT) : NULL;
        if (rows[i].json) {
            assert_non_null(text);
            assert_string_equal(text, rows[i].json);
        } else {
            assert_null(event);
        }
        free(text);
        json_decref(event);
    }
}

static void an_event_is_told_in_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *topic, *payload, *line;
    } rows[] = {
        {"health.snapshot_updated",
         "{'status':'OK','timestamp':'2026-11-24T02:45:30.289500+00:00','services':{'ok':['a','b']}"
         "}",
         "2026-11-24T02:45:30Z  snapshot  OK  every target is OK\n"},
        {"health.snapshot_updated",
         "{'status':'CRITICAL','timestamp':'2026-11-24T02:45:31.000000+00:00',"
         "'services':{'ok':['a'],'down':['b']}}",
         "2026-11-24T02:45:31Z  snapshot  CRITICAL  b OK -> DOWN\n"},
        {"health.snapshot_updated",
         "{'status':'CRITICAL','timestamp':'2026-11-24T02:45:32.000000+00:00',"
         "'services':{'ok':['a'],'down':['b']}}",
         "2026-11-24T02:45:32Z  snapshot  CRITICAL  no change\n"},
        {"health.snapshot_updated",
         "{'status':'UNKNOWN','timestamp':'yesterday','services':{'ok':['b']},"
         "'infrastructure':{'degraded':['c']},'snapshot':{'infra':{'d':{'status':'UNKNOWN'}}}}",
         "yesterday  snapshot  UNKNOWN  b DOWN -> OK, c DEGRADED, d UNKNOWN, a OK -> gone\n"},
        {"health.alert_raised",
         "{'level':'WARNING','title':'T\\u001b','timestamp':'2026-11-24T02:45:30.000000+00:00'}",
         "2026-11-24T02:45:30Z  raised    WARNING  T\\u{1b}\n"},
        {"health.alert_resolved",
         "{'level':'WARNING','title':'T','timestamp':'2026-11-24T02:45:30.000000+00:00',"
         "'resolved_at':'2026-11-24T02:46:30.000000+00:00','resolution':'recovered'}",
         "2026-11-24T02:46:30Z  resolved  WARNING  T  (recovered)\n"},
        {"health.alert_raised", "{'level':7,'title':[]}", "-  raised    -  -\n"},
    };
    json_t *statuses = NULL;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[512] = "";
        for (size_t j = 0; rows[i].payload[j]; j++)
            text[j] = rows[i].payload[j] == '\'' ? '"' : rows[i].payload[j];
        json_t *payload = json_loads(text, 0, NULL);
        assert_non_null(payload);
        text_t out = {0};
        event_append(&out, rows[i].topic, payload, &statuses, false);
        assert_string_equal(out.bytes, rows[i].line);
        text_clear(&out);
        json_decref(payload);
    }
    json_decref(statuses);
}

static void many_changes_are_counted_not_listed(void **state)
{
    (void)state;
    json_t *down = json_array();
    for (int i = 0; i < 25; i++)
        json_array_append_new(down, json_sprintf("t%d", i));
    json_t *payload = json_pack("{s:s, s:{s:o}}", "status", "CRITICAL", "services", "down", down);
    json_t *statuses = NULL;
    text_t out = {0};
    event_append(&out, "health.snapshot_updated", payload, &statuses, false);
    assert_non_null(strstr(out.bytes, "t9 OK -> DOWN and 15 more\n"));
    assert_null(strstr(out.bytes, "t10"));
    assert_int_equal(json_object_size(statuses), 25);
    text_clear(&out);
    json_decref(statuses);
    json_decref(payload);
}

static void exit_code_follows_the_status(void **state)
{
    (void)state;
    assert_int_equal(view_exit_code("OK"), 0);
    assert_int_equal(view_exit_code("DEGRADED"), 1);
    assert_int_equal(view_exit_code("CRITICAL"), 2);
    assert_int_equal(view_exit_code("UNKNOWN"), 3);
    assert_int_equal(view_exit_code("anything else"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_one_whole_map_with_text_keys_is_an_event),
        cmocka_unit_test(an_event_is_told_in_one_line),
        cmocka_unit_test(many_changes_are_counted_not_listed),
        cmocka_unit_test(exit_code_follows_the_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
