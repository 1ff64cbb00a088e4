/* What alerts say (contract, section 8): component, level, title, message and details to the
 * letter. */
#include <stdio.h>

#include "core/alert_condition.h"
#include "tests/unit/alert_life.h"

static void each_condition_has_its_exact_texts(void **state)
{
    life_t *life = *state;
    static const struct {
        const char *line, *component;
        severity_t level;
        const char *title, *message, *details;
    } rows[] = {
        {"system=CRITICAL risk_guard=DOWN redis=DOWN", "system", SEVERITY_CRITICAL,
         "System Health CRITICAL",
         "Critical failures detected: Service: risk_guard, Infrastructure: redis",
         "{\"critical_failures\": [\"Service: risk_guard\", \"Infrastructure: redis\"], "
         "\"services_down\": [\"risk_guard\"], \"infra_down\": [\"redis\"]}"},
        {"system=CRITICAL redis=DOWN system_health_monitor=DOWN scheduler=DEGRADED", "system",
         SEVERITY_CRITICAL, "System Health CRITICAL",
         "Critical failures detected: Infrastructure: redis",
         "{\"critical_failures\": [\"Infrastructure: redis\"], "
         "\"services_down\": [\"system_health_monitor\"], \"infra_down\": [\"redis\"]}"},
        {"system=CRITICAL stop=DOWN@5-0", "system", SEVERITY_CRITICAL, "System Health CRITICAL",
         "Critical failures detected: Emergency Stop System: Daily loss limit exceeded",
         "{\"critical_failures\": [\"Emergency Stop System: Daily loss limit exceeded\"], "
         "\"services_down\": [], \"infra_down\": []}"},
        {"system=DEGRADED scheduler=DEGRADED", "system", SEVERITY_WARNING, "System Health DEGRADED",
         "System degraded: 1 services degraded, 0 down",
         "{\"services_degraded\": [\"scheduler\"], \"services_down\": [], "
         "\"infra_degraded\": []}"},
        {"system=DEGRADED scheduler=DEGRADED main_backend=DEGRADED system_health_monitor=DOWN "
         "postgres=DEGRADED redis=DEGRADED",
         "system", SEVERITY_WARNING, "System Health DEGRADED",
         "System degraded: 2 services degraded, 1 down",
         "{\"services_degraded\": [\"main_backend\", \"scheduler\"], "
         "\"services_down\": [\"system_health_monitor\"], "
         "\"infra_degraded\": [\"redis\", \"postgres\"]}"},
        {"system=DEGRADED", "system", SEVERITY_WARNING, "System Health DEGRADED", /* by latency */
         "System degraded: 0 services degraded, 0 down",
         "{\"services_degraded\": [], \"services_down\": [], \"infra_degraded\": []}"},
        {"system=CRITICAL risk_guard=DOWN", "risk_guard", SEVERITY_CRITICAL,
         "Service DOWN: risk_guard", "Service risk_guard is not responding", "{}"},
        {"system=DEGRADED system_health_monitor=DOWN", "system_health_monitor", SEVERITY_WARNING,
         "Service DOWN: system_health_monitor", "Service system_health_monitor is not responding",
         "{}"},
        {"system=CRITICAL postgres=DOWN", "postgres", SEVERITY_CRITICAL,
         "Infrastructure DOWN: postgres", "Infrastructure component postgres is unavailable", "{}"},
        {"system=CRITICAL stop=DOWN@5-0", "stop", SEVERITY_CRITICAL,
         "Emergency Stop System TRIPPED", "ESS activated: Daily loss limit exceeded",
         "{\"reason\": \"Daily loss limit exceeded\"}"},
        /* with a configuration file */
        {"system=DEGRADED scheduler=DEGRADED", "scheduler", SEVERITY_WARNING,
         "Service DEGRADED: scheduler", "Service scheduler is degraded: status",
         "{\"reason\": \"status\"}"},
        {"system=DEGRADED postgres=DEGRADED", "postgres", SEVERITY_WARNING,
         "Infrastructure DEGRADED: postgres",
         "Infrastructure component postgres is degraded: status", "{\"reason\": \"status\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        life_begin_anew(life, true);
        (void)life_step_quietly(life, rows[i].line);
        const alert_t *alert = life_active(life, rows[i].component);
        if (!alert)
            fail_msg("[%s] raises nothing of %s", rows[i].line, rows[i].component);
        assert_int_equal(alert->level, rows[i].level);
        assert_string_equal(alert->title, rows[i].title);
        assert_string_equal(alert->message, rows[i].message);
        assert_string_equal(alert->details, rows[i].details);
        char id[ALERT_ID_MAX_BYTES];
        (void)snprintf(id, sizeof id, "%s_%s_2026-11-24T02:45:31.289500+00:00", alert->component,
                       severity_name(alert->level));
        assert_string_equal(alert->alert_id, id);
        assert_int_equal(alert->raised_at_us, LIFE_START_US + SECOND_US);
    }
}

/* What the alert about TARGET (NULL: the system) says. */
static int describe(const snapshot_t *snapshot, const target_state_t *target, alert_t *ret)
{
    config_t *config = life_config(true);
    const alert_view_t view = {.config = config, .snapshot = snapshot, .is_settled = true};
    const alert_condition_t condition =
        target ? alert_of_target(&view, target) : alert_of_system(&view);
    int rc = alert_describe(&view, &condition, ret);
    config_destroy(&config);
    return rc;
}

static void texts_of_others_are_escaped_in_details_alone(void **state)
{
    (void)state;
    target_state_t targets[] = {
        {.name = support_text("say \"hi\"\n"), .status = STATUS_DOWN, .is_critical = true},
    };
    critical_failure_t failures[] = {{.text = support_text("Service: say \"hi\"\n")}};
    const snapshot_t snapshot = {
        .status = SYSTEM_CRITICAL,
        .targets = targets,
        .n_targets = 1,
        .critical_failures = failures,
        .n_critical_failures = 1,
    };
    alert_t alert = {0};
    assert_int_equal(describe(&snapshot, NULL, &alert), 0);
    assert_string_equal(alert.message, "Critical failures detected: Service: say \"hi\"\n");
    assert_string_equal(alert.details,
                        "{\"critical_failures\": [\"Service: say \\\"hi\\\"\\u000a\"], "
                        "\"services_down\": [\"say \\\"hi\\\"\\u000a\"], \"infra_down\": []}");
    alert_clear(&alert);
    assert_int_equal(describe(&snapshot, &targets[0], &alert), 0);
    assert_string_equal(alert.title, "Service DOWN: say \"hi\"\n");
    assert_string_equal(alert.component, targets[0].name);
    assert_null(alert.entry_id);
    alert_clear(&alert);
}

static void a_stop_without_texts_says_so(void **state)
{
    (void)state;
    const target_state_t stop = {
        .name = support_text(EMERGENCY_STOP), .kind = KIND_NONE, .status = STATUS_DOWN};
    const snapshot_t snapshot = {.status = SYSTEM_CRITICAL};
    alert_t alert = {0};
    assert_int_equal(describe(&snapshot, &stop, &alert), 0);
    assert_string_equal(alert.message, "ESS activated: Unknown");
    assert_string_equal(alert.details, "{}");
    alert_clear(&alert);
}

/* A degraded target's own words come before the word of its reason. */
static void a_degraded_target_tells_its_error(void **state)
{
    (void)state;
    const target_state_t target = {
        .name = support_text("postgres"),
        .kind = KIND_INFRASTRUCTURE,
        .status = STATUS_DEGRADED,
        .reason = REASON_STATUS,
        .error = support_text("Status code: 503"),
    };
    const snapshot_t snapshot = {.status = SYSTEM_DEGRADED};
    alert_t alert = {0};
    assert_int_equal(describe(&snapshot, &target, &alert), 0);
    assert_string_equal(alert.message,
                        "Infrastructure component postgres is degraded: Status code: 503");
    assert_int_equal(alert.reason, REASON_STATUS);
    alert_clear(&alert);
}

/* The largest texts that a snapshot can hold fit the limits of an alert on the wire. */
static void many_failures_are_counted_and_fit_the_message(void **state)
{
    (void)state;
    enum { N = ALERT_NAMES_MAX + 7 };
    char name[TARGET_NAME_MAX_BYTES + 1];
    char text[CRITICAL_FAILURE_MAX_BYTES + 1];
    memset(name, 'n', sizeof name - 1);
    memset(text, 'f', sizeof text - 1);
    name[sizeof name - 1] = '\0';
    text[sizeof text - 1] = '\0';
    target_state_t *targets = calloc(2 * N, sizeof *targets);
    critical_failure_t *failures = calloc(N, sizeof *failures);
    assert_true(targets && failures);
    for (size_t i = 0; i < N; i++) {
        failures[i].text = text;
        for (size_t kind = 0; kind < 2; kind++)
            targets[2 * i + kind] = (target_state_t){
                .name = name, .kind = (int)kind, .status = STATUS_DOWN, .is_critical = true};
    }
    const snapshot_t snapshot = {
        .status = SYSTEM_CRITICAL,
        .targets = targets,
        .n_targets = (size_t)2 * N,
        .critical_failures = failures,
        .n_critical_failures = N,
    };
    alert_t alert = {0};
    assert_int_equal(describe(&snapshot, NULL, &alert), 0);
    const char *tail = strrchr(alert.message, ' ');
    assert_non_null(tail);
    assert_string_equal(tail - strlen(" and 7"), " and 7 more");
    assert_true(strlen(alert.message) <= ALERT_MESSAGE_MAX_BYTES);
    assert_true(strlen(alert.details) <= ALERT_DETAILS_MAX_BYTES);
    alert.alert_id = strdup("system_CRITICAL_2026-11-24T02:45:31.289500+00:00");
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    assert_int_equal(alert_encode(&alert, &out), 0);
    alert_t *back = NULL;
    wire_error_t error;
    assert_int_equal(alert_decode(out.data, out.size, &back, &error), 0);
    alert_destroy(&back);
    msgpack_sbuffer_destroy(&out);
    alert_clear(&alert);
    free(targets);
    free(failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE_TEST(each_condition_has_its_exact_texts),
        cmocka_unit_test(texts_of_others_are_escaped_in_details_alone),
        cmocka_unit_test(a_stop_without_texts_says_so),
        cmocka_unit_test(a_degraded_target_tells_its_error),
        cmocka_unit_test(many_failures_are_counted_and_fit_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
