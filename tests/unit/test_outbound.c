#include "store/outbound.h"
#include "tests/unit/test_store_folder.h"

static char correlation_id[] = "84562a23-b6a1-49dd-a9aa-0ddb39fe92ed";
static char snapshot_type[] = "health.snapshot_updated";
static char alert_type[] = "health.alert_raised";

/* Pushes a row whose body has BODY_BYTES. Gives what was dropped. */
static outbound_drops_t push(store_t *store, bool is_alert, size_t body_bytes, int64_t max_bytes)
{
    store_error_t error = {.text = ""};
    outbound_drops_t drops = {0};
    char *body = malloc(body_bytes + 1);
    assert_non_null(body);
    (void)memset(body, 'x', body_bytes);
    body[body_bytes] = '\0';
    outbound_t row = {.event_type = is_alert ? alert_type : snapshot_type,
                      .event_time_us = 1795488354223939,
                      .correlation_id = correlation_id,
                      .is_alert = is_alert,
                      .body = body};
    if (outbound_push(store, &row, max_bytes, &drops, &error))
        fail_msg("%s", error.text);
    free(body);
    return drops;
}

static void assert_size(store_t *store, int64_t bytes, int64_t rows)
{
    store_error_t error = {.text = ""};
    int64_t now_bytes = -1;
    int64_t now_rows = -1;
    assert_int_equal(outbound_size(store, &now_bytes, &now_rows, &error), 0);
    assert_int_equal(now_bytes, bytes);
    assert_int_equal(now_rows, rows);
}

/* The numbers of all rows, in order. Gives how many. */
static size_t list(store_t *store, int64_t *seqs, size_t max)
{
    store_error_t error = {.text = ""};
    size_t n = 0;
    outbound_t row;
    int64_t after = 0;
    int rc = 0;
    while (n < max && (rc = outbound_next(store, after, &row, &error)) > 0) {
        after = seqs[n++] = row.seq;
        outbound_clear(&row);
    }
    assert_int_equal(rc, 0);
    return n;
}

static void rows_come_back_in_order_and_whole_over_a_restart(void **state)
{
    store_folder_t *self = *state;
    store_error_t error = {.text = ""};
    outbound_t row = {0};
    assert_int_equal(outbound_next(self->store, 0, &row, &error), 0);
    push(self->store, false, 5, OUTBOUND_MAX_BYTES);
    push(self->store, true, 7, OUTBOUND_MAX_BYTES);
    store_close(&self->store);
    self->store = folder_open(self);
    assert_int_equal(outbound_next(self->store, 0, &row, &error), 1);
    assert_string_equal(row.event_type, snapshot_type);
    assert_string_equal(row.correlation_id, correlation_id);
    assert_int_equal(row.event_time_us, 1795488354223939);
    assert_string_equal(row.body, "xxxxx");
    assert_false(row.is_alert);
    int64_t first = row.seq;
    outbound_clear(&row);
    assert_int_equal(outbound_next(self->store, first, &row, &error), 1);
    assert_true(row.is_alert);
    assert_string_equal(row.body, "xxxxxxx");
    outbound_clear(&row);
    assert_size(self->store, 12 + 2 * OUTBOUND_ROW_BYTES, 2);
}

static void deleted_rows_are_gone_and_their_numbers_too(void **state)
{
    store_folder_t *self = *state;
    store_error_t error = {.text = ""};
    int64_t seqs[4];
    for (int i = 0; i < 3; i++)
        push(self->store, false, 1, OUTBOUND_MAX_BYTES);
    assert_int_equal(list(self->store, seqs, COUNT_OF(seqs)), 3);
    int64_t newest = seqs[2];
    assert_int_equal(outbound_delete_up_to(self->store, seqs[1], &error), 0);
    assert_int_equal(outbound_delete_up_to(self->store, seqs[0], &error), 0);
    assert_size(self->store, 1 + OUTBOUND_ROW_BYTES, 1);
    assert_int_equal(outbound_delete_up_to(self->store, newest, &error), 0);
    assert_size(self->store, 0, 0);
    push(self->store, false, 1, OUTBOUND_MAX_BYTES);
    assert_int_equal(list(self->store, seqs, COUNT_OF(seqs)), 1);
    assert_true(seqs[0] > newest);
}

static void bound_drops_oldest_snapshots_first_and_alerts_last(void **state)
{
    store_folder_t *self = *state;
    enum { ROW = 1000 };
    const size_t body = ROW - OUTBOUND_ROW_BYTES;
    static const struct {
        bool is_alert;
        size_t dropped_snapshots, dropped_alerts, n_left;
        int64_t left[4];
    } rows[] = {
        {true, 0, 0, 1, {1}},           {false, 0, 0, 2, {1, 2}},
        {false, 0, 0, 3, {1, 2, 3}},    {true, 0, 0, 4, {1, 2, 3, 4}},
        {false, 1, 0, 4, {1, 3, 4, 5}}, {true, 1, 0, 4, {1, 4, 5, 6}},
        {true, 1, 0, 4, {1, 4, 6, 7}},  {false, 1, 0, 4, {1, 4, 6, 7}}, /* itself */
        {true, 0, 1, 4, {4, 6, 7, 9}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t seqs[8];
        outbound_drops_t drops = push(self->store, rows[i].is_alert, body, 4 * ROW);
        assert_int_equal(drops.n_snapshots, rows[i].dropped_snapshots);
        assert_int_equal(drops.n_alerts, rows[i].dropped_alerts);
        assert_int_equal(list(self->store, seqs, COUNT_OF(seqs)), rows[i].n_left);
        assert_memory_equal(seqs, rows[i].left, rows[i].n_left * sizeof seqs[0]);
        assert_size(self->store, (int64_t)rows[i].n_left * ROW, (int64_t)rows[i].n_left);
    }
}

static void rolled_back_push_counts_nothing(void **state)
{
    store_folder_t *self = *state;
    store_error_t error = {.text = ""};
    assert_int_equal(store_begin(self->store, &error), 0);
    push(self->store, true, 100, OUTBOUND_MAX_BYTES);
    store_rollback(self->store);
    assert_size(self->store, 0, 0);
}

#define STORE_TEST(f) cmocka_unit_test_setup_teardown(f, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(rows_come_back_in_order_and_whole_over_a_restart),
        STORE_TEST(deleted_rows_are_gone_and_their_numbers_too),
        STORE_TEST(bound_drops_oldest_snapshots_first_and_alerts_last),
        STORE_TEST(rolled_back_push_counts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
