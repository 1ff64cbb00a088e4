/* Pauses on disk. */
#include "store/pauses.h"
#include "tests/support/support_health.h"
#include "tests/unit/test_store_folder.h"

typedef struct {
    size_t n;
    size_t fails_at; /* row that no memory is there for, from 1; 0: none */
    char text[512];
} seen_t;

static int see(void *context, const char *target, const pause_t *pause)
{
    seen_t *seen = context;
    if (++seen->n == seen->fails_at)
        return -1;
    size_t used = strlen(seen->text);
    (void)snprintf(seen->text + used, sizeof seen->text - used, "%s|%s|%s|%lld|%lld\n", target,
                   pause->reason, pause->by, (long long)pause->since_us,
                   (long long)pause->until_us);
    return 0;
}

static void assert_stored(store_t *store, const char *expected)
{
    seen_t seen = {.n = 0};
    store_error_t error = {.text = ""};
    if (pauses_load(store, see, &seen, &error))
        fail_msg("%s", error.text);
    assert_string_equal(seen.text, expected);
}

static void pauses_come_back_after_a_restart(void **state)
{
    store_folder_t *folder = *state;
    store_error_t error = {.text = ""};
    pause_t pause = {.reason = support_text("disks"), .by = support_text("token"), .since_us = 5};
    assert_stored(folder->store, "");
    assert_int_equal(pauses_save(folder->store, "a", &pause, &error), 0);
    pause.until_us = 9;
    assert_int_equal(pauses_save(folder->store, "b", &pause, &error), 0);
    pause.reason = support_text("");
    assert_int_equal(pauses_save(folder->store, "a", &pause, &error), 0); /* the newest holds */
    store_close(&folder->store);
    folder->store = folder_open(folder);
    assert_stored(folder->store, "a||token|5|9\nb|disks|token|5|9\n");
    assert_int_equal(pauses_remove(folder->store, "a", &error), 0);
    assert_int_equal(pauses_remove(folder->store, "nobody", &error), 0);
    assert_stored(folder->store, "b|disks|token|5|9\n");
}

static void a_reader_without_memory_ends_the_reading(void **state)
{
    store_folder_t *folder = *state;
    store_error_t error = {.text = ""};
    pause_t pause = {.reason = support_text("disks"), .by = support_text("token")};
    assert_int_equal(pauses_save(folder->store, "a", &pause, &error), 0);
    assert_int_equal(pauses_save(folder->store, "b", &pause, &error), 0);
    seen_t seen = {.fails_at = 1};
    assert_int_equal(pauses_load(folder->store, see, &seen, &error), -1);
    assert_int_equal(error.kind, STORE_REFUSES);
    assert_stored(folder->store, "a|disks|token|0|0\nb|disks|token|0|0\n");
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(pauses_come_back_after_a_restart),
        STORE_TEST(a_reader_without_memory_ends_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
