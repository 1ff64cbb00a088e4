#include "store/alert_log.h"
#include "store/cursors.h"
#include "store/sql.h"
#include "tests/unit/test_store_folder.h"

static char component[] = "db";
static char title[] = "Infrastructure DOWN: db";
static char message[] = "Infrastructure component db is unavailable";
static char details[] = "{\"a\":1}";

/* An alert and its event, in place. */
typedef struct {
    char id[32];
    alert_t alert;
    alert_event_t event;
} sample_t;

/* Step KIND with number SEQ of the alert N. */
static void make(sample_t *self, uint64_t seq, unsigned n, alert_event_kind_t kind)
{
    bool is_end = kind == ALERT_RESOLVED;
    (void)snprintf(self->id, sizeof self->id, "db_CRITICAL_%05u", n);
    self->alert = (alert_t){.alert_id = self->id,
                            .component = component,
                            .level = SEVERITY_CRITICAL,
                            .reason = REASON_REFUSED,
                            .title = title,
                            .message = message,
                            .details = details,
                            .raised_at_us = 1000 + n,
                            .resolved_at_us = is_end ? 2000 + n : 0,
                            .resolution = is_end ? RESOLUTION_RECOVERED : RESOLUTION_NONE};
    self->event =
        (alert_event_t){.seq = seq, .kind = (int)kind, .at_us = 5000, .alert = &self->alert};
}

static void append(store_t *store, uint64_t seq, unsigned n, alert_event_kind_t kind)
{
    store_error_t error = {.text = ""};
    sample_t sample;
    make(&sample, seq, n, kind);
    if (alert_log_append(store, &sample.event, 1, NULL, 0, &error))
        fail_msg("%s", error.text);
}

static alert_log_content_t load(store_t *store)
{
    store_error_t error = {.text = ""};
    alert_log_content_t content = {0};
    if (alert_log_load(store, &content, &error))
        fail_msg("%s", error.text);
    return content;
}

static alert_events_t read_after(store_t *store, uint64_t seq, size_t limit)
{
    store_error_t error = {.text = ""};
    alert_events_t events = {0};
    if (alert_log_read(store, seq, limit, &events, &error))
        fail_msg("%s", error.text);
    return events;
}

static void new_log_is_empty(void **state)
{
    store_folder_t *self = *state;
    alert_log_content_t content = load(self->store);
    assert_int_equal(content.n_active, 0);
    assert_int_equal(content.n_history, 0);
    assert_int_equal(content.n_quiet, 0);
    assert_int_equal(content.last_seq, 0);
    alert_log_content_clear(&content);
    alert_events_t events = read_after(self->store, 0, 10);
    assert_int_equal(events.n_events, 0);
    alert_events_clear(&events);
}

static void alerts_follow_their_events_over_a_restart(void **state)
{
    store_folder_t *self = *state;
    append(self->store, 1, 1, ALERT_RAISED);
    append(self->store, 2, 2, ALERT_RAISED);
    append(self->store, 3, 3, ALERT_RAISED);
    append(self->store, 4, 1, ALERT_UPDATED);
    append(self->store, 5, 2, ALERT_RESOLVED);
    store_close(&self->store);
    self->store = folder_open(self);

    alert_log_content_t content = load(self->store);
    assert_int_equal(content.last_seq, 5);
    assert_int_equal(content.n_active, 2);
    assert_string_equal(content.active[0].alert_id, "db_CRITICAL_00001");
    assert_string_equal(content.active[1].alert_id, "db_CRITICAL_00003");
    assert_int_equal(content.n_history, 3);
    assert_string_equal(content.history[1].alert_id, "db_CRITICAL_00002");
    assert_int_equal(content.history[1].resolution, RESOLUTION_RECOVERED);
    assert_int_equal(content.history[1].resolved_at_us, 2002);
    assert_string_equal(content.history[1].details, details);
    assert_int_equal(content.history[1].reason, REASON_REFUSED);
    alert_log_content_clear(&content);
}

static void reading_goes_on_after_a_number(void **state)
{
    store_folder_t *self = *state;
    for (unsigned i = 1; i <= 7; i++)
        append(self->store, i, i, ALERT_RAISED);
    alert_events_t events = read_after(self->store, 2, 3);
    assert_int_equal(events.n_events, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(events.events[i].seq, 3 + i);
        assert_true(events.events[i].is_durable);
        assert_int_equal(events.events[i].alert->raised_at_us, 1003 + (int64_t)i);
    }
    alert_events_clear(&events);
    events = read_after(self->store, 7, 3);
    assert_int_equal(events.n_events, 0);
    alert_events_clear(&events);
}

static void batch_is_whole_or_not_at_all(void **state)
{
    store_folder_t *self = *state;
    sample_t samples[2];
    alert_event_t events[2];
    quiet_change_t change = {
        .is_quiet = true,
        .quiet = {.component = component, .level = SEVERITY_CRITICAL, .alert_id = title}};
    make(&samples[0], 1, 1, ALERT_RAISED);
    make(&samples[1], 1, 2, ALERT_RAISED); /* the same number: our own fault */
    events[0] = samples[0].event;
    events[1] = samples[1].event;
    store_error_t error = {.text = ""};
    assert_int_equal(alert_log_append(self->store, events, 2, &change, 1, &error), -1);
    assert_int_equal(error.kind, STORE_DAMAGED);
    alert_log_content_t content = load(self->store);
    assert_int_equal(content.n_history + content.n_quiet, 0);
    alert_log_content_clear(&content);

    events[1].seq = 2;
    assert_int_equal(alert_log_append(self->store, events, 2, &change, 1, &error), 0);
    content = load(self->store);
    assert_int_equal(content.n_active, 2);
    assert_int_equal(content.n_quiet, 1);
    alert_log_content_clear(&content);
}

static void quiet_marks_are_set_once_and_removed(void **state)
{
    store_folder_t *self = *state;
    char other[] = "cache";
    quiet_change_t changes[] = {
        {.is_quiet = true, .quiet = {component, SEVERITY_CRITICAL, 10, title}},
        {.is_quiet = true, .quiet = {component, SEVERITY_WARNING, 11, title}},
        {.is_quiet = true, .quiet = {other, SEVERITY_CRITICAL, 12, title}},
        {.is_quiet = true, .quiet = {component, SEVERITY_CRITICAL, 13, message}},
        {.is_quiet = false, .quiet = {.component = component, .level = SEVERITY_WARNING}},
    };
    store_error_t error = {.text = ""};
    assert_int_equal(alert_log_append(self->store, NULL, 0, changes, COUNT_OF(changes), &error), 0);
    alert_log_content_t content = load(self->store);
    assert_int_equal(content.n_quiet, 2);
    assert_string_equal(content.quiet[0].component, "cache");
    assert_int_equal(content.quiet[1].since_us, 13);
    assert_string_equal(content.quiet[1].alert_id, message);
    alert_log_content_clear(&content);
}

/* Events 2n-1 and 2n raise and resolve alert n. */
static void fill(store_t *store, unsigned n)
{
    enum { BATCH = 100 };
    static sample_t samples[2 * BATCH];
    static alert_event_t events[2 * BATCH];
    store_error_t error = {.text = ""};
    for (unsigned from = 1; from <= n; from += BATCH) {
        size_t n_events = 0;
        for (unsigned i = from; i < from + BATCH && i <= n; i++)
            for (unsigned end = 0; end < 2; end++, n_events++) {
                make(&samples[n_events], 2 * i - 1 + end, i, end ? ALERT_RESOLVED : ALERT_RAISED);
                events[n_events] = samples[n_events].event;
            }
        assert_int_equal(alert_log_append(store, events, n_events, NULL, 0, &error), 0);
    }
}

static size_t prune_all(store_t *store)
{
    store_error_t error = {.text = ""};
    size_t sum = 0;
    size_t deleted = 0;
    do {
        if (alert_log_prune(store, &deleted, &error))
            fail_msg("%s", error.text);
        assert_true(deleted <= 4 * ALERT_LOG_PRUNE_STEP);
        sum += deleted;
    } while (deleted > 0);
    return sum;
}

static void pruning_keeps_the_newest_and_what_cursors_need(void **state)
{
    store_folder_t *self = *state;
    store_error_t error;
    fill(self->store, 1300);
    assert_int_equal(cursor_set(self->store, "fast", 2600, &error), 0);
    assert_int_equal(cursor_set(self->store, "slow", 101, &error), 0);

    /* Alerts 1 .. 50 are passed by both; 51 is raised at 101 but ends at 102. */
    assert_int_equal(prune_all(self->store), 50 * 3);
    alert_events_t events = read_after(self->store, 0, 1);
    assert_int_equal(events.events[0].seq, 101);
    alert_events_clear(&events);

    assert_int_equal(cursor_remove(self->store, "slow", &error), 0);
    assert_int_equal(prune_all(self->store), 250 * 3);
    alert_log_content_t content = load(self->store);
    assert_int_equal(content.n_history, 1000);
    assert_string_equal(content.history[0].alert_id, "db_CRITICAL_00301");
    assert_string_equal(content.history[999].alert_id, "db_CRITICAL_01300");
    assert_int_equal(content.last_seq, 2600);
    alert_log_content_clear(&content);
    assert_int_equal(prune_all(self->store), 0);
}

static void pruning_never_gives_a_number_back(void **state)
{
    store_folder_t *self = *state;
    store_error_t error;
    append(self->store, 1, 0, ALERT_RAISED);
    /* 1000 newer ones, then the oldest ends last. */
    assert_int_equal(sql_execute(self->store, "PRAGMA synchronous = OFF", &error), 0);
    for (unsigned n = 1; n <= 1000; n++)
        append(self->store, 1 + n, n, ALERT_RESOLVED);
    append(self->store, 1002, 0, ALERT_RESOLVED);
    assert_int_equal(prune_all(self->store), 0);
    uint64_t last = 0;
    assert_int_equal(alert_log_last_seq(self->store, &last, &error), 0);
    assert_int_equal(last, 1002);
    append(self->store, 1003, 1001, ALERT_RAISED);
    assert_int_equal(prune_all(self->store), 3); /* now the old one goes: two events, one alert */
}

static void updates_of_an_alert_that_lasts_are_bounded(void **state)
{
    store_folder_t *self = *state;
    enum { N = ALERT_LOG_KEPT_UPDATES + 250 };
    store_error_t error = {.text = ""};
    sample_t sample;
    alert_event_t *events = calloc(N, sizeof *events);
    assert_non_null(events);
    make(&sample, 1, 1, ALERT_RAISED);
    for (unsigned i = 0; i < N; i++) {
        events[i] = sample.event;
        events[i].seq = i + 1;
        events[i].kind = i ? ALERT_UPDATED : ALERT_RAISED;
    }
    assert_int_equal(alert_log_append(self->store, events, N, NULL, 0, &error), 0);
    free(events);
    assert_int_equal(prune_all(self->store), 249);
    alert_events_t left = read_after(self->store, 0, 2);
    assert_int_equal(left.events[0].kind, ALERT_RAISED);
    assert_int_equal(left.events[1].seq, 251);
    alert_events_clear(&left);
}

static void row_that_cannot_be_read_is_damage(void **state)
{
    store_folder_t *self = *state;
    store_error_t error = {.text = ""};
    append(self->store, 1, 1, ALERT_RAISED);
    assert_int_equal(sql_execute(self->store, "UPDATE alert_event SET body = x'c1'", &error), 0);
    assert_int_equal(sql_execute(self->store, "UPDATE alert SET body = x'80'", &error), 0);
    alert_events_t events = {0};
    alert_log_content_t content = {0};
    assert_int_equal(alert_log_read(self->store, 0, 5, &events, &error), -1);
    assert_int_equal(error.kind, STORE_DAMAGED);
    assert_int_equal(alert_log_load(self->store, &content, &error), -1);
    assert_int_equal(error.kind, STORE_DAMAGED);
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(new_log_is_empty),
        STORE_TEST(alerts_follow_their_events_over_a_restart),
        STORE_TEST(reading_goes_on_after_a_number),
        STORE_TEST(batch_is_whole_or_not_at_all),
        STORE_TEST(quiet_marks_are_set_once_and_removed),
        STORE_TEST(pruning_keeps_the_newest_and_what_cursors_need),
        STORE_TEST(pruning_never_gives_a_number_back),
        STORE_TEST(updates_of_an_alert_that_lasts_are_bounded),
        STORE_TEST(row_that_cannot_be_read_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
