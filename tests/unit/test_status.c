/* The words that statuses, severities, kinds, resolutions and reasons have on the wire. */
#include <string.h>

#include <healthd/status.h>

#include "core/log_level.h"
#include "core/target.h"
#include "tests/test.h"

/* The words of one enumeration, in the order of its values. */
typedef struct {
    const char *(*name)(int value);
    int count;
    const char *words[REASON_COUNT];
} words_t;

static void the_words_are_those_of_the_contract(void **state)
{
    (void)state;
    static const words_t rows[] = {
        {status_name, STATUS_COUNT, {"OK", "DEGRADED", "DOWN", "UNKNOWN"}},
        {system_status_name, SYSTEM_STATUS_COUNT, {"OK", "DEGRADED", "CRITICAL", "UNKNOWN"}},
        {severity_name, SEVERITY_COUNT, {"INFO", "WARNING", "CRITICAL"}},
        {target_kind_name, KIND_COUNT, {"service", "infrastructure", "none"}},
        {resolution_name,
         RESOLUTION_COUNT,
         {"none", "recovered", "cleared", "replaced", "reset", "target_removed"}},
        {reason_name,
         REASON_COUNT,
         {
             "none",
             "status",
             "timeout_resolve",
             "timeout_connect",
             "timeout_tls",
             "timeout_response",
             "dns_nxdomain",
             "dns_failure",
             "refused",
             "unreachable",
             "reset",
             "protocol",
             "tls_expired",
             "tls_untrusted",
             "tls_name_mismatch",
             "tls_failure",
             "redirect",
             "redis_loading",
             "redis_masterdown",
             "authentication",
             "redis_error",
             "emergency_stop",
             "stale",
             "resources",
             "condition",
             "missing_value",
             "unexpected_success",
             "paused",
             "members",
             "database_starting",
             "database_error",
             "exit_code",
             "exit_unknown",
             "killed",
             "not_executable",
             "output_limit",
             "blind",
             "threshold",
             "not_found",
             "unreadable",
             "no_ping",
             "late",
             "missed",
             "job_failed",
             "overrun",
         }},
        {sight_name, SIGHT_COUNT, {"unknown", "ok", "never", "lost"}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int value = 0; value < rows[i].count; value++)
            assert_string_equal(rows[i].name(value), rows[i].words[value]);
    }
}

/* What metrics show of the system is the value itself. */
static void the_codes_are_those_of_the_contract(void **state)
{
    (void)state;
    assert_int_equal(SYSTEM_OK, 0);
    assert_int_equal(SYSTEM_DEGRADED, 1);
    assert_int_equal(SYSTEM_CRITICAL, 2);
    assert_int_equal(SYSTEM_UNKNOWN, 3);
}

static void probe_types_have_names(void **state)
{
    (void)state;
    assert_string_equal(probe_type_name(PROBE_HTTP), "http");
    assert_string_equal(probe_type_name(PROBE_REDIS), "redis");
    assert_string_equal(probe_type_name(PROBE_PASSIVE), "passive");
    assert_string_equal(probe_type_name(PROBE_GROUP), "group");
}

static void log_levels_are_read_in_any_case(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        log_level_t level;
    } rows[] = {
        {"DEBUG", LOG_LEVEL_DEBUG},       {"info", LOG_LEVEL_INFO},
        {"WaRnInG", LOG_LEVEL_WARNING},   {"error", LOG_LEVEL_ERROR},
        {"CRITICAL", LOG_LEVEL_CRITICAL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        log_level_t level = LOG_LEVEL_COUNT;
        assert_int_equal(log_level_of(rows[i].name, &level), 0);
        assert_int_equal(level, rows[i].level);
        assert_int_equal(strcasecmp(log_level_name(level), rows[i].name), 0);
    }
    static const char *const none[] = {"", "WARN", "INFO ", "FATAL", "0", "debugging"};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        log_level_t level = LOG_LEVEL_COUNT;
        assert_int_equal(log_level_of(none[i], &level), -1);
        assert_int_equal(level, LOG_LEVEL_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_are_those_of_the_contract),
        cmocka_unit_test(the_codes_are_those_of_the_contract),
        cmocka_unit_test(probe_types_have_names),
        cmocka_unit_test(log_levels_are_read_in_any_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
