#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/trip.h"
#include "core/uuid.h"
#include "store/trip_state.h"
#include "tests/unit/test_store_folder.h"

static trip_field_t field(const char *name, const char *value)
{
    return (trip_field_t){name, strlen(name), value, strlen(value)};
}

/* --- reading --- */

static void payload_says_what_happens(void **state)
{
    (void)state;
    static const struct {
        trip_event_type_t type;
        const char *payload;
        trip_effect_t effect; /* where not refused */
        const char *reason;   /* where it trips */
        const char *data;     /* NULL: as the payload */
    } rows[] = {
        {TRIP_EVENT_TRIPPED, "{\"reason\":\"Daily loss\"}", TRIP_TRIPS, "Daily loss", NULL},
        {TRIP_EVENT_TRIPPED, "{}", TRIP_TRIPS, "Unknown", NULL},
        {TRIP_EVENT_TRIPPED, "{\"reason\":null}", TRIP_TRIPS, "Unknown", NULL},
        {TRIP_EVENT_TRIPPED, "{\"reason\":\"\"}", TRIP_TRIPS, "Unknown", NULL},
        {TRIP_EVENT_TRIPPED, "{\"reason\":[1.5]}", TRIP_TRIPS, "[1.5]", NULL},
        {TRIP_EVENT_TRIPPED, " { \"a b\" : \"c \\\" d\" ,\n\"n\" :\t0.10 } ", TRIP_TRIPS, "Unknown",
         "{\"a b\":\"c \\\" d\",\"n\":0.10}"},
        {TRIP_EVENT_TRIPPED, "{\"l\":123456789012345678901234567890}", TRIP_TRIPS, "Unknown", NULL},
        {TRIP_EVENT_TRIPPED, "{\"l\":NaN,\"m\":[-Infinity,Infinity],\"NaN\":\"NaN\"}", TRIP_TRIPS,
         "Unknown", "{\"l\":\"NaN\",\"m\":[\"-Infinity\",\"Infinity\"],\"NaN\":\"NaN\"}"},
        {TRIP_EVENT_TRIPPED, "{\"reason\":\"\xff\xfe\"}", TRIP_TRIPS, "\xEF\xBF\xBD\xEF\xBF\xBD",
         "{\"reason\":\"\xEF\xBF\xBD\xEF\xBF\xBD\"}"},
        {TRIP_EVENT_TRIPPED, "{\"reason\":\"a\\u0000b\"}", TRIP_TRIPS, "a", NULL},
        {TRIP_EVENT_MANUAL_RESET, "{\"user\":\"op\",\"reason\":\"done\"}", TRIP_RESETS, NULL, NULL},
        {TRIP_EVENT_REARMED, "{\"cooldown_minutes\":15}", TRIP_RESETS, NULL, NULL},
        {TRIP_EVENT_STATE_CHANGED, "{\"new_state\":\"CRITICAL\"}", TRIP_TRIPS, "State CRITICAL",
         NULL},
        {TRIP_EVENT_STATE_CHANGED, "{\"new_state\":\"TRIPPED\",\"reason\":\"r\"}", TRIP_TRIPS, "r",
         NULL},
        {TRIP_EVENT_STATE_CHANGED, "{\"new_state\":\"NORMAL\",\"reset\":true}", TRIP_RESETS, NULL,
         NULL},
        {TRIP_EVENT_STATE_CHANGED, "{\"new_state\":\"ARMED\"}", TRIP_RESETS, NULL, NULL},
        {TRIP_EVENT_STATE_CHANGED, "{\"new_state\":\"DISABLED\"}", TRIP_RESETS, NULL, NULL},
        {TRIP_EVENT_STATE_CHANGED, "{\"new_state\":\"WARNING\"}", TRIP_CHANGES_NOTHING, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        trip_field_t fields[] = {field("event_type", "x"), field("payload", rows[i].payload)};
        trip_event_t event = {0};
        trip_error_t error = {.text = ""};
        if (trip_event_parse(rows[i].type, fields, COUNT_OF(fields), &event, &error))
            fail_msg("%s: %s", rows[i].payload, error.text);
        assert_int_equal(event.effect, rows[i].effect);
        if (rows[i].reason)
            assert_string_equal(event.reason, rows[i].reason);
        else
            assert_null(event.reason);
        assert_string_equal(event.data, rows[i].data ? rows[i].data : rows[i].payload);
        trip_event_clear(&event);
    }
}

static void what_cannot_be_understood_is_refused(void **state)
{
    (void)state;
    static const struct {
        trip_event_type_t type;
        const char *payload;
        const char *reason;
    } rows[] = {
        {TRIP_EVENT_TRIPPED, "", "no JSON"},
        {TRIP_EVENT_TRIPPED, "nonsense", "no JSON"},
        {TRIP_EVENT_TRIPPED, "[1]", "no JSON object"},
        {TRIP_EVENT_TRIPPED, "\"text\"", "no JSON object"},
        {TRIP_EVENT_TRIPPED, "{\"a\":1} x", "no JSON"},
        {TRIP_EVENT_TRIPPED, "{\"a\":\"", "no JSON"},
        {TRIP_EVENT_TRIPPED, "{\"a\":\"\\", "no JSON"},
        {TRIP_EVENT_TRIPPED, "{\"a\":1 2}", "no JSON"},
        {TRIP_EVENT_TRIPPED, "{\"a\":1e999}", "no JSON"},
        {TRIP_EVENT_STATE_CHANGED, "{\"old_state\":\"NORMAL\"}", "new_state"},
        {TRIP_EVENT_STATE_CHANGED, "{\"new_state\":5}", "new_state"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        trip_field_t one = field("payload", rows[i].payload);
        trip_event_t event = {0};
        trip_error_t error = {.text = ""};
        assert_int_equal(trip_event_parse(rows[i].type, &one, 1, &event, &error), -1);
        if (!strstr(error.text, rows[i].reason))
            fail_msg("%s: %s", rows[i].payload, error.text);
        assert_null(event.data);
    }
}

static void payload_is_bounded(void **state)
{
    (void)state;
    trip_event_t event = {0};
    trip_error_t error = {.text = ""};
    size_t n = TRIP_PAYLOAD_MAX_BYTES + 1;
    char *text = malloc(n + 1);
    assert_non_null(text);
    (void)memset(text, ' ', n);
    text[n] = '\0';
    text[0] = '{';
    text[1] = '}';
    trip_field_t large = field("payload", text);
    assert_int_equal(trip_event_parse(TRIP_EVENT_TRIPPED, &large, 1, &event, &error), -1);
    large.value_bytes--;
    assert_int_equal(trip_event_parse(TRIP_EVENT_TRIPPED, &large, 1, &event, &error), 0);
    assert_string_equal(event.data, "{}");
    trip_event_clear(&event);
    trip_field_t raw = field("reason", text);
    assert_int_equal(trip_event_parse(TRIP_EVENT_TRIPPED, &raw, 1, &event, &error), -1);
    free(text);

    for (int depth = TRIP_PAYLOAD_MAX_DEPTH; depth <= TRIP_PAYLOAD_MAX_DEPTH + 1; depth++) {
        char nested[128] = "{\"[[[\":";
        size_t at = strlen(nested);
        for (int i = 1; i < depth; i++)
            nested[at++] = '[';
        for (int i = 1; i < depth; i++)
            nested[at++] = ']';
        nested[at] = '}';
        trip_field_t one = field("payload", nested);
        int rc = trip_event_parse(TRIP_EVENT_TRIPPED, &one, 1, &event, &error);
        assert_int_equal(rc, depth > TRIP_PAYLOAD_MAX_DEPTH ? -1 : 0);
        if (rc == 0)
            trip_event_clear(&event);
    }
    assert_non_null(strstr(error.text, "deeper"));
}

static void reason_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    char payload[TRIP_REASON_MAX_BYTES * 2];
    int n = snprintf(payload, sizeof payload, "{\"reason\":\"a");
    size_t at = (size_t)n;
    while (at < TRIP_REASON_MAX_BYTES + 50) {
        payload[at++] = '\xc3';
        payload[at++] = '\xa9';
    }
    (void)snprintf(payload + at, sizeof payload - at, "\"}");
    trip_field_t one = field("payload", payload);
    trip_event_t event = {0};
    trip_error_t error = {.text = ""};
    assert_int_equal(trip_event_parse(TRIP_EVENT_TRIPPED, &one, 1, &event, &error), 0);
    assert_int_equal(strlen(event.reason), TRIP_REASON_MAX_BYTES - 1);
    trip_event_clear(&event);
}

static void raw_fields_are_the_data(void **state)
{
    (void)state;
    trip_field_t fields[] = {field("reason", "Manual \"stop\""), field("severity", "CRITICAL"),
                             field("n", "5")};
    trip_event_t event = {0};
    trip_error_t error = {.text = ""};
    assert_int_equal(trip_event_parse(TRIP_EVENT_TRIPPED, fields, 3, &event, &error), 0);
    assert_string_equal(event.reason, "Manual \"stop\"");
    assert_string_equal(
        event.data, "{\"reason\":\"Manual \\\"stop\\\"\",\"severity\":\"CRITICAL\",\"n\":\"5\"}");
    trip_event_clear(&event);
    trip_field_t changed = field("new_state", "NORMAL");
    assert_int_equal(trip_event_parse(TRIP_EVENT_STATE_CHANGED, &changed, 1, &event, &error), 0);
    assert_int_equal(event.effect, TRIP_RESETS);
    trip_event_clear(&event);
    assert_int_equal(trip_event_parse(TRIP_EVENT_TRIPPED, NULL, 0, &event, &error), -1);
    trip_field_t *many = calloc(TRIP_FIELDS_MAX + 1, sizeof *many);
    assert_non_null(many);
    assert_int_equal(
        trip_event_parse(TRIP_EVENT_TRIPPED, many, TRIP_FIELDS_MAX + 1, &event, &error), -1);
    free(many);
}

/* --- the one state --- */

/* One entry of a backlog; CLEAR stands beside the stream types. */
enum { CLEAR = TRIP_EVENT_TYPE_COUNT };
typedef struct {
    int type;
    entry_id_t id;
    const char *payload;
} entry_t;

static bool apply(trip_t *trip, const entry_t *entry)
{
    if (entry->type == CLEAR)
        return trip_apply_clear(trip, entry->id);
    trip_event_t event = {0};
    trip_error_t error;
    trip_field_t one = field("payload", entry->payload);
    assert_int_equal(trip_event_parse((trip_event_type_t)entry->type, &one, 1, &event, &error), 0);
    bool changed = trip_apply_event(trip, entry->id, &event);
    trip_event_clear(&event);
    return changed;
}

/* Whether two texts, which may be NULL, are the same. */
static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Applies the entries in every order (Heap's algorithm); each ends as EXPECTED. */
static void every_order(entry_t *entries, size_t n, size_t k, const trip_t *expected,
                        unsigned *n_orders)
{
    if (k == 1) {
        trip_t trip = {0};
        for (size_t i = 0; i < n; i++)
            (void)apply(&trip, &entries[i]);
        assert_int_equal(entry_id_compare(trip.entry_id, expected->entry_id), 0);
        assert_int_equal(trip.is_tripped, expected->is_tripped);
        assert_true(same(trip.reason, expected->reason));
        assert_true(same(trip.data, expected->data));
        trip_clear(&trip);
        ++*n_orders;
        return;
    }
    for (size_t i = 0; i < k; i++) {
        every_order(entries, n, k - 1, expected, n_orders);
        size_t other = k % 2 ? 0 : i;
        entry_t swapped = entries[other];
        entries[other] = entries[k - 1];
        entries[k - 1] = swapped;
    }
}

static void backlog_in_any_order_ends_in_one_state(void **state)
{
    (void)state;
    static char limit[] = "limit";
    static char limit_data[] = "{\"reason\":\"limit\"}";
    static char critical[] = "State CRITICAL";
    static char critical_data[] = "{\"new_state\":\"CRITICAL\"}";
    const struct {
        entry_t entries[7];
        size_t n;
        trip_t expected;
    } rows[] = {
        {{{TRIP_EVENT_TRIPPED, {100, 0}, "{\"reason\":\"old\"}"},
          {TRIP_EVENT_MANUAL_RESET, {200, 0}, "{}"},
          {TRIP_EVENT_TRIPPED, {300, 0}, limit_data},
          {TRIP_EVENT_STATE_CHANGED, {299, 9}, "{\"new_state\":\"NORMAL\"}"},
          {TRIP_EVENT_REARMED, {250, 0}, "{}"},
          {TRIP_EVENT_STATE_CHANGED, {400, 0}, "{\"new_state\":\"WARNING\"}"}},
         6,
         {.entry_id = {300, 0}, .is_tripped = true, .reason = limit, .data = limit_data}},
        {{{TRIP_EVENT_TRIPPED, {300, 0}, limit_data},
          {TRIP_EVENT_REARMED, {300, 1}, "{}"},
          {TRIP_EVENT_STATE_CHANGED, {300, 0}, critical_data},
          {TRIP_EVENT_MANUAL_RESET, {9, 9}, "{}"}},
         4,
         {.entry_id = {300, 1}}},
        {{{TRIP_EVENT_TRIPPED, {300, 0}, limit_data},
          {TRIP_EVENT_REARMED, {300, 0}, "{}"},
          {TRIP_EVENT_STATE_CHANGED, {300, 0}, critical_data},
          {TRIP_EVENT_MANUAL_RESET, {300, 0}, "{}"}},
         4,
         {.entry_id = {300, 0}, .is_tripped = true, .reason = limit, .data = limit_data}},
        {{{TRIP_EVENT_TRIPPED, {300, 0}, limit_data},
          {TRIP_EVENT_STATE_CHANGED, {300, 0}, critical_data},
          {CLEAR, {300, 0}, NULL},
          {TRIP_EVENT_TRIPPED, {299, 7}, limit_data}},
         4,
         {.entry_id = {300, 0}}},
        {{{TRIP_EVENT_TRIPPED, {300, 0}, limit_data},
          {CLEAR, {300, 0}, NULL},
          {TRIP_EVENT_STATE_CHANGED, {301, 0}, critical_data}},
         3,
         {.entry_id = {301, 0}, .is_tripped = true, .reason = critical, .data = critical_data}},
    };
    static const unsigned factorial[] = {1, 1, 2, 6, 24, 120, 720};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        entry_t entries[7];
        unsigned n_orders = 0;
        (void)memcpy(entries, rows[i].entries, sizeof entries);
        every_order(entries, rows[i].n, rows[i].n, &rows[i].expected, &n_orders);
        assert_int_equal(n_orders, factorial[rows[i].n]);
    }
}

static void entry_that_comes_again_changes_nothing(void **state)
{
    (void)state;
    trip_t trip = {0};
    const entry_t tripped = {TRIP_EVENT_TRIPPED, {5, 1}, "{\"reason\":\"r\"}"};
    const entry_t clear = {CLEAR, {5, 1}, NULL};
    const entry_t older = {CLEAR, {5, 0}, NULL};
    assert_true(apply(&trip, &tripped));
    assert_false(apply(&trip, &tripped));
    assert_false(apply(&trip, &older));
    assert_true(trip.is_tripped);
    assert_true(apply(&trip, &clear));
    assert_false(apply(&trip, &clear));
    assert_false(apply(&trip, &tripped));
    assert_false(trip.is_tripped);
    trip_clear(&trip);
}

static void copy_of_what_never_tripped_holds_nothing(void **state)
{
    (void)state;
    const trip_t empty = {0};
    trip_t copy = {0};
    const entry_t tripped = {TRIP_EVENT_TRIPPED, {5, 1}, "{\"reason\":\"r\"}"};
    assert_true(apply(&copy, &tripped));
    assert_int_equal(trip_copy(&empty, &copy), 0);
    assert_false(copy.is_tripped);
    assert_true(!copy.reason && !copy.data);
}

static void state_is_the_same_after_a_restart(void **state)
{
    store_folder_t *self = *state;
    store_error_t error = {.text = ""};
    trip_t trip = {0};
    assert_int_equal(trip_state_load(self->store, &trip, &error), 0);
    assert_int_equal(trip.by, TRIP_BY_NOBODY);
    const entry_t entries[] = {{TRIP_EVENT_TRIPPED, {5, UINT64_MAX}, "{\"reason\":\"r\"}"},
                               {CLEAR, {5, UINT64_MAX}, NULL}};
    for (size_t i = 0; i < COUNT_OF(entries); i++) {
        assert_true(apply(&trip, &entries[i]));
        assert_int_equal(trip_state_save(self->store, &trip, &error), 0);
        store_close(&self->store);
        self->store = folder_open(self);
        trip_t loaded = {0};
        assert_int_equal(trip_state_load(self->store, &loaded, &error), 0);
        char text[TRIP_ENTRY_ID_BYTES];
        trip_entry_id_text(&loaded, text);
        assert_string_equal(text, "5-18446744073709551615");
        assert_int_equal(loaded.by, trip.by);
        assert_int_equal(loaded.is_tripped, trip.is_tripped);
        assert_true(same(loaded.reason, trip.reason));
        assert_true(same(loaded.data, trip.data));
        trip_clear(&loaded);
    }
    trip_clear(&trip);
}

static void uuid_has_version_and_variant(void **state)
{
    (void)state;
    uint8_t random[UUID_RANDOM_BYTES];
    char text[UUID_TEXT_BYTES];
    (void)memset(random, 0xff, sizeof random);
    uuid_v4(random, text);
    assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (uint8_t)i;
    uuid_v4(random, text);
    assert_string_equal(text, "00010203-0405-4607-8809-0a0b0c0d0e0f");
}

static void uuid_of_a_name_is_the_same_each_time_and_its_own(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"health.alert_raised", "db_CRITICAL_2026-11-24T02:45:54.223844+00:00"},
        {"health.alert_resolved", "db_CRITICAL_2026-11-24T02:45:54.223844+00:00"},
        {"health.alert_raised", "db_CRITICAL_2026-11-24T02:45:54.223845+00:00"},
        {"health.alert_raiseddb_", "CRITICAL_2026-11-24T02:45:54.223844+00:00"},
        {"", ""},
    };
    uint8_t bytes[COUNT_OF(names)][UUID_RANDOM_BYTES];
    uint8_t again[UUID_RANDOM_BYTES];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        uuid_bytes_of(names[i][0], names[i][1], bytes[i]);
        uuid_bytes_of(names[i][0], names[i][1], again);
        assert_memory_equal(bytes[i], again, sizeof again);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(bytes[i], bytes[j], 8);
            assert_memory_not_equal(bytes[i] + 8, bytes[j] + 8, 8);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_says_what_happens),
        cmocka_unit_test(what_cannot_be_understood_is_refused),
        cmocka_unit_test(payload_is_bounded),
        cmocka_unit_test(reason_is_cut_at_a_whole_character),
        cmocka_unit_test(raw_fields_are_the_data),
        cmocka_unit_test(backlog_in_any_order_ends_in_one_state),
        cmocka_unit_test(entry_that_comes_again_changes_nothing),
        cmocka_unit_test(copy_of_what_never_tripped_holds_nothing),
        cmocka_unit_test_setup_teardown(state_is_the_same_after_a_restart, folder_setup,
                                        folder_teardown),
        cmocka_unit_test(uuid_has_version_and_variant),
        cmocka_unit_test(uuid_of_a_name_is_the_same_each_time_and_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
