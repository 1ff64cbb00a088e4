/* What writes the alert log, while another connection holds the database. */
#include "actors/alert_manager/alert_writer.h"
#include "tests/unit/test_store_folder.h"

/* Clears an alert as far as the disk is concerned: one change that must be written or refused. */
static int write_or_refuse(alert_writer_t *writer)
{
    static char component[] = "redis";
    static char alert_id[] = "redis_CRITICAL_x";
    quiet_t quiet = {.component = component, .alert_id = alert_id, .level = SEVERITY_CRITICAL};
    alert_effect_t effect = {.type = EFFECT_QUIET_SET, .quiet = &quiet};
    const alert_effects_t effects = {.effects = &effect, .n_effects = 1};
    const alert_event_t *events = NULL;
    size_t n_events = 0;
    return alert_writer_write_or_refuse(writer, &effects, &events, &n_events);
}

/* Nothing waits to be written, so that only a try of its own tells when the disk is back. */
static void trouble_ends_when_the_disk_takes_writes_and_not_before(void **state)
{
    store_folder_t *self = *state;
    store_error_t error;
    const log_t log = {.level = LOG_LEVEL_CRITICAL + 1};
    store_t *other = folder_open(self);
    alert_writer_t *writer = alert_writer_new(self->store, &log, 0);
    assert_non_null(writer);
    assert_true(alert_writer_retry(writer)); /* all is well, and nothing is tried */

    assert_int_equal(store_begin(other, &error), 0);
    assert_true(alert_writer_retry(writer));
    assert_null(alert_writer_trouble(writer));
    assert_int_equal(write_or_refuse(writer), -1);
    assert_non_null(alert_writer_trouble(writer));
    assert_false(alert_writer_retry(writer));
    assert_non_null(alert_writer_trouble(writer));

    store_rollback(other);
    assert_true(alert_writer_retry(writer));
    assert_null(alert_writer_trouble(writer));
    assert_int_equal(write_or_refuse(writer), 0);
    alert_writer_destroy(&writer);
    store_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        trouble_ends_when_the_disk_takes_writes_and_not_before, folder_setup, folder_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
