/* The environment, variable by variable (contract, sections 1 and 2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "core/config.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

/* The configuration of one variable. */
static config_t *config_of(const char *name, const char *value)
{
    const support_variable_t variables[] = {{name, value}, {NULL, NULL}};
    return support_config(variables);
}

static void assert_refused(const support_variable_t *variables, const char *line)
{
    config_t *config = NULL;
    config_error_t error = {.text = ""};
    if (support_read_config(variables, &config, &error) != -1)
        fail_msg("taken, instead of: %s", line);
    assert_null(config);
    assert_string_equal(error.text, line);
}

static void without_variables_everything_has_its_default(void **state)
{
    (void)state;
    config_t *config = support_config(NULL);
    assert_int_equal(config->log_level, LOG_LEVEL_INFO);
    assert_false(config->log_is_json);
    assert_int_equal(config->check_interval_ms, 60000);
    assert_true(config->latency_degraded_ms == 1000);
    assert_true(config->latency_critical_ms == 5000);
    assert_false(config->alert_degraded_targets);
    assert_false(config->alert_overdue);
    assert_int_equal(config->notify_after_ms, 0);
    assert_int_equal(config->targets[0].notify_after_ms, 0);
    assert_string_equal(config->redis_url, "redis://localhost:6379");
    assert_string_equal(config->listen, "0.0.0.0:8080");
    assert_string_equal(config->publish[0], "tcp://127.0.0.1:5556");
    assert_string_equal(config->state_dir, "/var/lib/healthd");
    assert_null(config->token);

    static const struct {
        const char *name, *url, *error_prefix;
        target_kind_t kind;
        probe_type_t type;
        bool is_critical;
    } targets[] = {
        {.name = "main_backend", .url = "http://localhost:8000/health", .is_critical = true},
        {.name = "scheduler", .url = "http://localhost:8000/health/scheduler", .is_critical = true},
        {.name = "risk_guard", .url = "http://localhost:8000/health/risk", .is_critical = true},
        {.name = "ai_system", .url = "http://localhost:8000/health/ai", .is_critical = true},
        {.name = "system_health_monitor", .url = "http://localhost:8000/health/system"},
        {.name = "redis",
         .kind = KIND_INFRASTRUCTURE,
         .type = PROBE_REDIS,
         .url = "redis://localhost:6379",
         .error_prefix = "Redis ping failed: ",
         .is_critical = true},
        {.name = "postgres",
         .kind = KIND_INFRASTRUCTURE,
         .url = "http://localhost:8000/health",
         .error_prefix = "Postgres check failed: ",
         .is_critical = true},
        {.name = "binance_api",
         .kind = KIND_INFRASTRUCTURE,
         .url = "https://api.binance.com/api/v3/ping",
         .error_prefix = "Binance API check failed: ",
         .is_critical = true},
        {.name = EMERGENCY_STOP, .kind = KIND_NONE, .type = PROBE_PASSIVE, .is_critical = true},
    };
    assert_int_equal(config->n_targets, COUNT_OF(targets));
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        const target_t *target = &config->targets[i];
        assert_string_equal(target->name, targets[i].name);
        assert_int_equal(target->kind, targets[i].kind);
        assert_int_equal(target->type, targets[i].type);
        if (targets[i].url)
            assert_string_equal(target->url, targets[i].url);
        else
            assert_null(target->url);
        assert_string_equal(target->error_prefix,
                            targets[i].error_prefix ? targets[i].error_prefix : "");
        assert_int_equal(target->is_critical, targets[i].is_critical);
        assert_int_equal(target->check_interval_ms, 60000);
        assert_int_equal(target->timeout_ms, 5000);
        assert_int_equal(target->failure_threshold, 1);
        assert_int_equal(target->success_threshold, 1);
        assert_int_equal(config_target_at(config, targets[i].name), i);
    }
    assert_int_equal(config_target_at(config, ""), -1);
    assert_int_equal(config_target_at(config, "redi"), -1);
    assert_int_equal(config_target_at(config, "Redis"), -1);
    config_destroy(&config);
    assert_null(config);
    config_destroy(&config);
}

static void an_empty_variable_counts_as_unset(void **state)
{
    (void)state;
    static const support_variable_t empty[] = {
        {"REDIS_URL", ""},          {"LOG_LEVEL", ""},
        {"LOG_FORMAT", ""},         {"HEALTH_CHECK_INTERVAL", ""},
        {"BASE_SERVICE_URL", ""},   {"POSTGRES_HEALTH_URL", ""},
        {"BINANCE_HEALTH_URL", ""}, {"HEALTHD_LISTEN", ""},
        {"HEALTHD_PUBLISH", ""},    {"HEALTHD_STATE_DIR", ""},
        {"HEALTHD_TOKEN", ""},      {NULL, NULL},
    };
    config_t *config = support_config(empty);
    config_t *expected = support_config(NULL);
    assert_string_equal(config->redis_url, expected->redis_url);
    assert_int_equal(config->log_level, expected->log_level);
    assert_int_equal(config->log_is_json, expected->log_is_json);
    assert_int_equal(config->check_interval_ms, expected->check_interval_ms);
    assert_string_equal(config->listen, expected->listen);
    assert_string_equal(config->publish[0], expected->publish[0]);
    assert_string_equal(config->state_dir, expected->state_dir);
    assert_null(config->token);
    assert_int_equal(config->n_targets, expected->n_targets);
    for (size_t i = 0; i + 1 < config->n_targets; i++)
        assert_string_equal(config->targets[i].url, expected->targets[i].url);
    config_destroy(&config);
    config_destroy(&expected);
}

static void a_good_interval_is_every_targets(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint32_t ms;
    } rows[] = {{"1", 1000}, {"60", 60000}, {"86400", 86400000}, {"00060", 60000}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        config_t *config = config_of("HEALTH_CHECK_INTERVAL", rows[i].value);
        assert_int_equal(config->check_interval_ms, rows[i].ms);
        for (size_t j = 0; j < config->n_targets; j++)
            assert_int_equal(config->targets[j].check_interval_ms, rows[i].ms);
        config_destroy(&config);
    }
}

static void good_logging_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        log_level_t level;
    } levels[] = {
        {"DEBUG", LOG_LEVEL_DEBUG},       {"info", LOG_LEVEL_INFO},
        {"Warning", LOG_LEVEL_WARNING},   {"ERROR", LOG_LEVEL_ERROR},
        {"critical", LOG_LEVEL_CRITICAL},
    };
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        config_t *config = config_of("LOG_LEVEL", levels[i].value);
        assert_int_equal(config->log_level, levels[i].level);
        config_destroy(&config);
    }
    config_t *config = config_of("LOG_FORMAT", "json");
    assert_true(config->log_is_json);
    config_destroy(&config);
    config = config_of("LOG_FORMAT", "text");
    assert_false(config->log_is_json);
    config_destroy(&config);
}

static const char *url_of(const config_t *config, const char *target)
{
    long at = config_target_at(config, target);
    return at < 0 ? NULL : config->targets[at].url;
}

static void urls_go_to_their_targets(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *value, *target, *url;
    } rows[] = {
        {"BASE_SERVICE_URL", "http://h:1", "main_backend", "http://h:1/health"},
        {"BASE_SERVICE_URL", "http://h:1/", "main_backend", "http://h:1/health"},
        {"BASE_SERVICE_URL", "https://h/base/", "scheduler", "https://h/base/health/scheduler"},
        {"BASE_SERVICE_URL", "http://h", "risk_guard", "http://h/health/risk"},
        {"BASE_SERVICE_URL", "http://h", "ai_system", "http://h/health/ai"},
        {"BASE_SERVICE_URL", "http://h", "system_health_monitor", "http://h/health/system"},
        {"BASE_SERVICE_URL", "http://h", "postgres", "http://localhost:8000/health"},
        {"POSTGRES_HEALTH_URL", "https://[::1]:9/p?q=/", "postgres", "https://[::1]:9/p?q=/"},
        {"POSTGRES_HEALTH_URL", "http://h/", "postgres", "http://h/"},
        {"BINANCE_HEALTH_URL", "http://h/ping", "binance_api", "http://h/ping"},
        {"REDIS_URL", "redis://u:p@h:1/2", "redis", "redis://u:p@h:1/2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        config_t *config = config_of(rows[i].variable, rows[i].value);
        assert_string_equal(url_of(config, rows[i].target), rows[i].url);
        config_destroy(&config);
    }
}

static void without_redis_there_is_neither_bus_nor_target(void **state)
{
    (void)state;
    config_t *config = config_of("REDIS_URL", "none");
    assert_null(config->redis_url);
    assert_int_equal(config->n_targets, 8);
    assert_int_equal(config_target_at(config, "redis"), -1);
    assert_int_equal(config_target_at(config, "postgres"), 5); /* the others close ranks */
    assert_int_equal(config_target_at(config, EMERGENCY_STOP), 7);
    config_destroy(&config);
}

static void good_endpoints_are_taken_as_they_are(void **state)
{
    (void)state;
    static const char *const listens[] = {"127.0.0.1:1", "[::]:8080", "localhost:65535"};
    for (size_t i = 0; i < COUNT_OF(listens); i++) {
        config_t *config = config_of("HEALTHD_LISTEN", listens[i]);
        assert_string_equal(config->listen, listens[i]);
        config_destroy(&config);
    }
    static const char *const publishes[] = {"tcp://127.0.0.1:1", "tcp://*:5556", "tcp://[::1]:5556",
                                            "ipc:///run/healthd.sock", "ipc://x"};
    for (size_t i = 0; i < COUNT_OF(publishes); i++) {
        config_t *config = config_of("HEALTHD_PUBLISH", publishes[i]);
        assert_string_equal(config->publish[0], publishes[i]);
        config_destroy(&config);
    }
    config_t *config = config_of("HEALTHD_STATE_DIR", "./state dir");
    assert_string_equal(config->state_dir, "./state dir");
    config_destroy(&config);
    config = config_of("HEALTHD_TOKEN", "s3cr3t~!");
    assert_string_equal(config->token, "s3cr3t~!");
    config_destroy(&config);
}

/* --- bad values --- */

#define NOT_SECONDS "is not a whole number of seconds from 1 to 86400"
#define NOT_HTTP    "is not an http or https URL"
#define NOT_REDIS   "is neither redis://[user[:password]@]host[:port][/db] nor none"
#define NOT_LEVEL   "is none of DEBUG, INFO, WARNING, ERROR, CRITICAL"
#define NOT_ADDRESS "is not address:port (IPv6 as [::]:8080)"
#define NOT_PUBLISH "is neither tcp://address:port nor ipc://path"
#define NOT_TOKEN   "is not 1 to 1024 printable characters without spaces"
#define NOT_TLS                                                                                    \
    "is a TLS address, which healthd cannot speak: put stunnel before Redis and name it as "       \
    "redis://"

static void a_bad_value_is_refused_with_one_exact_line(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *value, *line;
    } rows[] = {
        {"HEALTH_CHECK_INTERVAL", "abc", "HEALTH_CHECK_INTERVAL: \"abc\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "0", "HEALTH_CHECK_INTERVAL: \"0\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "86401", "HEALTH_CHECK_INTERVAL: \"86401\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "1.5", "HEALTH_CHECK_INTERVAL: \"1.5\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "-1", "HEALTH_CHECK_INTERVAL: \"-1\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "+5", "HEALTH_CHECK_INTERVAL: \"+5\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "60s", "HEALTH_CHECK_INTERVAL: \"60s\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", " 60", "HEALTH_CHECK_INTERVAL: \" 60\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "0x10", "HEALTH_CHECK_INTERVAL: \"0x10\" " NOT_SECONDS},
        {"HEALTH_CHECK_INTERVAL", "4294967297",
         "HEALTH_CHECK_INTERVAL: \"4294967297\" " NOT_SECONDS},
        {"LOG_LEVEL", "loud", "LOG_LEVEL: \"loud\" " NOT_LEVEL},
        {"LOG_LEVEL", "INFO ", "LOG_LEVEL: \"INFO \" " NOT_LEVEL},
        {"LOG_FORMAT", "xml", "LOG_FORMAT: \"xml\" is neither text nor json"},
        {"BASE_SERVICE_URL", "localhost:8000", "BASE_SERVICE_URL: \"localhost:8000\" " NOT_HTTP},
        {"BASE_SERVICE_URL", "http://", "BASE_SERVICE_URL: \"http://\" " NOT_HTTP},
        {"POSTGRES_HEALTH_URL", "postgres://u:secret@h/db",
         "POSTGRES_HEALTH_URL: \"postgres://***@h/db\" " NOT_HTTP},
        {"BINANCE_HEALTH_URL", "ftp://h/", "BINANCE_HEALTH_URL: \"ftp://h/\" " NOT_HTTP},
        {"BINANCE_HEALTH_URL", "http://h/\n\xff", "BINANCE_HEALTH_URL: \"http://h/??\" " NOT_HTTP},
        {"REDIS_URL", "localhost:6379", "REDIS_URL: \"localhost:6379\" " NOT_REDIS},
        {"REDIS_URL", "http://h", "REDIS_URL: \"http://h\" " NOT_REDIS},
        {"REDIS_URL", "redis://h/99999", "REDIS_URL: \"redis://h/99999\" " NOT_REDIS},
        {"REDIS_URL", "redis://u:secret@h/x", "REDIS_URL: \"redis://***@h/x\" " NOT_REDIS},
        {"REDIS_URL", "redis://u:se/cr@et@h", "REDIS_URL: \"redis://***@h\" " NOT_REDIS},
        {"REDIS_URL", "redis://u:12/secret@h", "REDIS_URL: \"redis://***@h\" " NOT_REDIS},
        {"REDIS_URL", "redis://u:se cret@h", "REDIS_URL: \"redis://***@h\" " NOT_REDIS},
        {"REDIS_URL", "u:secret@h:6379", "REDIS_URL: \"***@h:6379\" " NOT_REDIS},
        {"REDIS_URL", "rediss://u:secret@h", "REDIS_URL: \"rediss://***@h\" " NOT_TLS},
        {"HEALTHD_LISTEN", "8080", "HEALTHD_LISTEN: \"8080\" " NOT_ADDRESS},
        {"HEALTHD_LISTEN", "0.0.0.0:0", "HEALTHD_LISTEN: \"0.0.0.0:0\" " NOT_ADDRESS},
        {"HEALTHD_LISTEN", "::1:8080", "HEALTHD_LISTEN: \"::1:8080\" " NOT_ADDRESS},
        {"HEALTHD_PUBLISH", "udp://h:1", "HEALTHD_PUBLISH: \"udp://h:1\" " NOT_PUBLISH},
        {"HEALTHD_PUBLISH", "tcp://h", "HEALTHD_PUBLISH: \"tcp://h\" " NOT_PUBLISH},
        {"HEALTHD_PUBLISH", "ipc://", "HEALTHD_PUBLISH: \"ipc://\" " NOT_PUBLISH},
        {"HEALTHD_PUBLISH", "inproc://x", "HEALTHD_PUBLISH: \"inproc://x\" " NOT_PUBLISH},
        {"HEALTHD_TOKEN", "two words", "HEALTHD_TOKEN: \"...\" " NOT_TOKEN},
        {"HEALTHD_TOKEN", "line\n", "HEALTHD_TOKEN: \"...\" " NOT_TOKEN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const support_variable_t variables[] = {{rows[i].variable, rows[i].value}, {NULL, NULL}};
        assert_refused(variables, rows[i].line);
    }
}

static void what_is_too_long_is_refused_and_cut(void **state)
{
    (void)state;
    char value[4096];
    memset(value, 'x', sizeof value);
    value[sizeof value - 1] = '\0';
    static const char *const variables[] = {
        "LOG_LEVEL",      "HEALTH_CHECK_INTERVAL", "BASE_SERVICE_URL",  "REDIS_URL",
        "HEALTHD_LISTEN", "HEALTHD_PUBLISH",       "HEALTHD_STATE_DIR", "HEALTHD_TOKEN"};
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        const support_variable_t rows[] = {{variables[i], value}, {NULL, NULL}};
        config_t *config = NULL;
        config_error_t error = {.text = ""};
        assert_int_equal(support_read_config(rows, &config, &error), -1);
        assert_memory_equal(error.text, variables[i], strlen(variables[i]));
        assert_true(strlen(error.text) < 400);
    }
    char path[260];
    memset(path, 'x', sizeof path);
    memcpy(path, "ipc://", 6);
    path[255] = '\0';
    config_t *config = config_of("HEALTHD_PUBLISH", path);
    config_destroy(&config);
    path[255] = 'x';
    path[256] = '\0';
    const support_variable_t rows[] = {{"HEALTHD_PUBLISH", path}, {NULL, NULL}};
    char line[400];
    (void)snprintf(line, sizeof line, "HEALTHD_PUBLISH: \"%.159s\" %s", path, NOT_PUBLISH);
    assert_refused(rows, line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_variables_everything_has_its_default),
        cmocka_unit_test(an_empty_variable_counts_as_unset),
        cmocka_unit_test(a_good_interval_is_every_targets),
        cmocka_unit_test(good_logging_is_taken),
        cmocka_unit_test(urls_go_to_their_targets),
        cmocka_unit_test(without_redis_there_is_neither_bus_nor_target),
        cmocka_unit_test(good_endpoints_are_taken_as_they_are),
        cmocka_unit_test(a_bad_value_is_refused_with_one_exact_line),
        cmocka_unit_test(what_is_too_long_is_refused_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
