/* What good configuration files become: values, layers, for_each, substitution, includes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <healthd/snapshot.h>

#include "actors/supervisor/config_load.h"
#include "core/text.h"
#include "tests/support/support.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

static const char *lookup(const char *name, void *context)
{
    const support_variable_t *row = context;
    for (; row && row->name; row++) {
        if (strcmp(row->name, name) == 0)
            return row->value;
    }
    return NULL;
}

static void write_file(const char *path, const char *bytes, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static config_load_t load_with(const char *yaml, const support_variable_t *variables)
{
    union {
        const support_variable_t *variables;
        void *context;
    } cast = {.variables = variables};
    write_file("x.yaml", yaml, strlen(yaml));
    config_load_t load;
    (void)config_load("x.yaml", lookup, cast.context, &load); /* the faults say it too */
    return load;
}

/* The configuration of YAML, which must be fine. */
static config_t *config_with(const char *yaml, const support_variable_t *variables)
{
    config_load_t load = load_with(yaml, variables);
    if (!load.config)
        fail_msg("%s", load.report);
    config_t *config = load.config;
    load.config = NULL;
    config_load_clear(&load);
    return config;
}

static config_t *config_of(const char *yaml)
{
    return config_with(yaml, NULL);
}

/* --- values --- */

static void six_lines_watch_a_url(void **state)
{
    (void)state;
    config_t *config = config_of("services:\n"
                                 "  - name: shop\n"
                                 "    url: https://shop.example.org/health\n");
    assert_int_equal(config->n_targets, 2);
    const target_t *shop = support_target(config, "shop");
    assert_string_equal(shop->url, "https://shop.example.org/health");
    assert_int_equal(shop->kind, KIND_SERVICE);
    assert_int_equal(shop->type, PROBE_HTTP);
    assert_int_equal(shop->status_rule, RULE_SUCCESS);
    assert_int_equal(shop->check_interval_ms, 60000);
    assert_int_equal(shop->timeout_ms, 5000);
    assert_int_equal(shop->retry_interval_ms, 10000);
    assert_int_equal(shop->failure_threshold, 3);
    assert_int_equal(shop->success_threshold, 2);
    assert_true(shop->is_spread);
    assert_true(shop->jitter_ratio == 0.1);
    assert_false(shop->is_critical);
    assert_null(shop->labels);
    assert_string_equal(config->targets[1].name, EMERGENCY_STOP);
    assert_null(config->redis_url);
    assert_string_equal(config->listen, "127.0.0.1:8080");
    assert_int_equal(config->anonymous_role, ROLE_VIEWER);
    assert_true(config->alert_degraded_targets);
    assert_true(config->alert_overdue);
    assert_int_equal(config->notify_after_ms, 30000);
    assert_int_equal(shop->notify_after_ms, 30000);
    assert_int_equal(support_target(config, EMERGENCY_STOP)->notify_after_ms, 0);
    assert_true(config->latency_degraded_ms != config->latency_degraded_ms); /* NAN */
    assert_true(config->staleness == 3);
    assert_string_equal(config->file, "x.yaml");
    assert_null(config->overridden);
    config_destroy(&config);
}

static void every_key_reaches_the_configuration(void **state)
{
    (void)state;
    write_file("token", "s3cr3t\n", 7);
    config_t *config = config_of(
        "version: 1\n"
        "instance: {name: eu-1, state_dir: /srv/state}\n"
        "defaults: {check_interval: 1m30s, timeout: 250ms, retry_interval: 2s,\n"
        "           failure_threshold: 5, success_threshold: 4, spread: false, jitter: 12.5%,\n"
        "           status_rule: platform, notify_after: 90s}\n"
        "services:\n  - {name: a, url: http://a/, critical: true}\n"
        "system: {latency_degraded: 1s, latency_critical: 2s, staleness: 4.5x}\n"
        "alerting: {degraded: false, overdue: false}\n"
        "bus: {url: redis://h:1/2, stream_prefix: 's:', group_prefix: 'g:', service_name: me,\n"
        "      max_length: 77, spool_max_size: 2MiB}\n"
        "publish: {endpoints: [tcp://127.0.0.1:1, ipc://x], high_water_mark: 5}\n"
        "gateway: {listen: ['[::1]:99'], token: '${file:token}', anonymous_role: none,\n"
        "          max_connections: 100}\n"
        "logging: {level: debug, format: json}\n");
    assert_string_equal(config->instance_name, "eu-1");
    assert_string_equal(config->state_dir, "/srv/state");
    assert_int_equal(config->check_interval_ms, 90000);
    const target_t *a = support_target(config, "a");
    assert_int_equal(a->check_interval_ms, 90000);
    assert_int_equal(a->timeout_ms, 250);
    assert_int_equal(a->retry_interval_ms, 2000);
    assert_int_equal(a->failure_threshold, 5);
    assert_int_equal(a->success_threshold, 4);
    assert_false(a->is_spread);
    assert_true(a->jitter_ratio == 0.125);
    assert_int_equal(a->status_rule, RULE_PLATFORM);
    assert_true(a->is_critical);
    assert_true(config->latency_degraded_ms == 1000 && config->latency_critical_ms == 2000);
    assert_true(config->staleness == 4.5);
    assert_false(config->alert_degraded_targets);
    assert_false(config->alert_overdue);
    assert_int_equal(config->notify_after_ms, 90000);
    assert_int_equal(a->notify_after_ms, 90000);
    assert_string_equal(config->redis_url, "redis://h:1/2");
    assert_string_equal(config->bus_stream_prefix, "s:");
    assert_string_equal(config->bus_group_prefix, "g:");
    assert_string_equal(config->bus_service_name, "me");
    assert_int_equal(config->bus_max_length, 77);
    assert_int_equal(config->spool_max_bytes, 2 << 20);
    assert_int_equal(config->n_publish, 2);
    assert_string_equal(config->publish[1], "ipc://x");
    assert_int_equal(config->publish_high_water_mark, 5);
    assert_string_equal(config->listen, "[::1]:99");
    assert_string_equal(config->token, "s3cr3t");
    assert_int_equal(config->anonymous_role, ROLE_NONE);
    assert_int_equal(config->max_connections, 100);
    assert_int_equal(config->log_level, LOG_LEVEL_DEBUG);
    assert_true(config->log_is_json);
    config_destroy(&config);
}

static void an_empty_file_is_an_empty_configuration(void **state)
{
    (void)state;
    static const char *const files[] = {"",
                                        "\n\n",
                                        "# nothing\n",
                                        "---\n",
                                        "{}\n",
                                        "services:\ndefaults:\n",
                                        "\xEF\xBB\xBF# a mark\n"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        config_t *config = config_of(files[i]);
        assert_int_equal(config->n_targets, 1);
        config_destroy(&config);
    }
}

/* --- layers --- */

static void layers_lie_over_each_other_in_order(void **state)
{
    (void)state;
    config_t *config = config_of(
        "defaults: {timeout: 1s, check_interval: 10s, failure_threshold: 2}\n"
        "templates:\n"
        "  - {name: slow, timeout: 2s, failure_threshold: 7, labels: {a: slow, b: slow}}\n"
        "  - {name: web, timeout: 3s, url: http://web/, labels: {b: web, c: web}}\n"
        "services:\n"
        "  - {name: plain, url: http://h/}\n"
        "  - {name: one, template: slow, url: http://h/}\n"
        "  - {name: two, template: [slow, web], labels: {c: own}}\n"
        "  - {name: turned, template: [web, slow]}\n"
        "  - {name: own, template: [slow, web], timeout: 4s, url: http://own/}\n");
    static const struct {
        const char *name, *url;
        unsigned timeout_ms, failure_threshold;
        const char *labels;
    } rows[] = {
        {"plain", "http://h/", 1000, 2, NULL},
        {"one", "http://h/", 2000, 7, "{\"a\":\"slow\",\"b\":\"slow\"}"},
        {"two", "http://web/", 3000, 7, "{\"a\":\"slow\",\"b\":\"web\",\"c\":\"own\"}"},
        {"turned", "http://web/", 2000, 7, "{\"c\":\"web\",\"a\":\"slow\",\"b\":\"slow\"}"},
        {"own", "http://own/", 4000, 7, "{\"a\":\"slow\",\"b\":\"web\",\"c\":\"web\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const target_t *target = support_target(config, rows[i].name);
        assert_string_equal(target->url, rows[i].url);
        assert_int_equal(target->timeout_ms, rows[i].timeout_ms);
        assert_int_equal(target->failure_threshold, rows[i].failure_threshold);
        assert_int_equal(target->check_interval_ms, 10000);
        if (rows[i].labels)
            assert_string_equal(target->labels, rows[i].labels);
        else
            assert_null(target->labels);
    }
    config_destroy(&config);
}

static void infrastructure_is_critical_unless_it_says_no(void **state)
{
    (void)state;
    config_t *config = config_of("defaults: {critical: false}\n"
                                 "templates: [{name: soft, critical: false}]\n"
                                 "infrastructure:\n"
                                 "  - {name: a, url: redis://h}\n"
                                 "  - {name: b, url: http://h/, critical: false}\n"
                                 "  - {name: c, url: http://h/, template: soft}\n"
                                 "  - {name: d, url: http://h/, error_prefix: 'D: '}\n");
    assert_true(support_target(config, "a")->is_critical);
    assert_false(support_target(config, "b")->is_critical);
    assert_false(support_target(config, "c")->is_critical);
    assert_int_equal(support_target(config, "a")->type, PROBE_REDIS);
    assert_string_equal(support_target(config, "a")->error_prefix, "Redis ping failed: ");
    assert_string_equal(support_target(config, "b")->error_prefix, "HTTP check failed: ");
    assert_string_equal(support_target(config, "d")->error_prefix, "D: ");
    config_destroy(&config);
}

static void aliases_and_merge_keys_are_followed(void **state)
{
    (void)state;
    config_t *config = config_of("services:\n"
                                 "  - &base {name: a, url: http://h/, timeout: 1s}\n"
                                 "  - <<: *base\n"
                                 "    name: b\n"
                                 "  - <<: [{name: c, timeout: 2s}, *base]\n"
                                 "  - {name: d, url: &url http://d/}\n"
                                 "  - {name: e, url: *url}\n");
    assert_string_equal(support_target(config, "b")->url, "http://h/");
    assert_int_equal(support_target(config, "b")->timeout_ms, 1000);
    assert_string_equal(support_target(config, "c")->url, "http://h/");
    assert_int_equal(support_target(config, "c")->timeout_ms, 2000);
    assert_string_equal(support_target(config, "e")->url, "http://d/");
    config_destroy(&config);
}

static void for_each_makes_every_combination(void **state)
{
    (void)state;
    config_t *config = config_of("targets:\n"
                                 "  - for_each: {site: [eu, us], app: [cart, pay]}\n"
                                 "    name: \"{{app}}-{{ site }}\"\n"
                                 "    url: https://{{app}}.{{site}}.example.org/\n"
                                 "    labels: {site: \"{{site}}\", team: shop}\n"
                                 "  - {name: db, kind: infrastructure, url: redis://db}\n"
                                 "services:\n  - {name: z, url: http://z/}\n");
    static const char *const names[] = {"z",      "cart-eu", "pay-eu",      "cart-us",
                                        "pay-us", "db",      EMERGENCY_STOP};
    assert_int_equal(config->n_targets, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_string_equal(config->targets[i].name, names[i]);
    const target_t *target = support_target(config, "pay-us");
    assert_string_equal(target->url, "https://pay.us.example.org/");
    assert_string_equal(target->labels, "{\"site\":\"us\",\"team\":\"shop\"}");
    assert_int_equal(support_target(config, "db")->kind, KIND_INFRASTRUCTURE);
    config_destroy(&config);
}

static void none_leaves_a_target_and_the_bus_out(void **state)
{
    (void)state;
    config_t *config = config_of("bus: {url: None}\n"
                                 "infrastructure:\n"
                                 "  - {name: a, url: none}\n"
                                 "  - {name: b, url: http://b/}\n");
    assert_int_equal(config->n_targets, 2);
    assert_int_equal(config_target_at(config, "a"), -1);
    assert_null(config->redis_url);
    config_destroy(&config);
}

/* --- substitution --- */

static void values_are_put_in_once_and_as_text(void **state)
{
    (void)state;
    static const struct {
        const char *written, *prefix;
    } rows[] = {
        {"${SET}", "value"},     {"<${SET}>", "<value>"},    {"${UNSET:-x}", "x"},
        {"${EMPTY:-x}", "x"},    {"${UNSET:-}y", "y"},       {"$$", "$"},
        {"$${SET}", "${SET}"},   {"$SET 5$", "$SET 5$"},     {"${NESTED}", "${SET}"},
        {"${file:one}", "line"}, {"${file:two}", "line\n"},  {"a${SET}${SET}b", "avaluevalueb"},
        {"${YAML}", "{a: [b"},   {"${UNSET:-a:-b}", "a:-b"}, {"${UNSET:-$}", "$"},
    };
    const support_variable_t variables[] = {
        {"SET", "value"}, {"EMPTY", ""}, {"NESTED", "${SET}"}, {"YAML", "{a: [b"}, {NULL, NULL}};
    write_file("one", "line\n", 5);
    write_file("two", "line\n\n", 6);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char yaml[256];
        (void)snprintf(yaml, sizeof yaml,
                       "infrastructure: [{name: a, url: http://a/, error_prefix: '%s'}]\n",
                       rows[i].written);
        config_t *config = config_with(yaml, variables);
        assert_string_equal(support_target(config, "a")->error_prefix, rows[i].prefix);
        config_destroy(&config);
    }
}

static void variables_of_the_contract_override_the_file(void **state)
{
    (void)state;
    static const char yaml[] = "instance: {state_dir: /file}\n"
                               "bus: {url: redis://file}\n"
                               "publish: {endpoints: [tcp://127.0.0.1:1, tcp://127.0.0.1:2]}\n"
                               "gateway: {listen: 127.0.0.1:1, token: '${FROM}'}\n"
                               "logging: {level: ERROR, format: json}\n"
                               "services: [{name: a, url: '${BASE_SERVICE_URL}/a',\n"
                               "            check_interval: '${HEALTH_CHECK_INTERVAL}s'}]\n";
    const support_variable_t variables[] = {{"FROM", "file"},
                                            {"HEALTHD_STATE_DIR", "/environment"},
                                            {"REDIS_URL", "redis://environment"},
                                            {"HEALTHD_PUBLISH", "tcp://127.0.0.1:3"},
                                            {"HEALTHD_LISTEN", "127.0.0.1:3"},
                                            {"HEALTHD_TOKEN", "environment"},
                                            {"LOG_LEVEL", "DEBUG"},
                                            {"LOG_FORMAT", "TEXT"},
                                            {"BASE_SERVICE_URL", "http://h//"},
                                            {"HEALTH_CHECK_INTERVAL", "007"},
                                            {NULL, NULL}};
    config_t *config = config_with(yaml, variables);
    assert_string_equal(config->state_dir, "/environment");
    assert_string_equal(config->redis_url, "redis://environment");
    assert_int_equal(config->n_publish, 1);
    assert_string_equal(config->publish[0], "tcp://127.0.0.1:3");
    assert_string_equal(config->listen, "127.0.0.1:3");
    assert_string_equal(config->token, "environment");
    assert_int_equal(config->log_level, LOG_LEVEL_DEBUG);
    assert_false(config->log_is_json);
    assert_string_equal(support_target(config, "a")->url, "http://h/a");
    assert_int_equal(support_target(config, "a")->check_interval_ms, 7000);
    assert_int_equal(config->check_interval_ms, 60000); /* the file does not name it there */
    assert_string_equal(config->overridden,
                        "bus.url by REDIS_URL, gateway.listen by HEALTHD_LISTEN, gateway.token by "
                        "HEALTHD_TOKEN, instance.state_dir by HEALTHD_STATE_DIR, publish.endpoints "
                        "by HEALTHD_PUBLISH, logging.level by LOG_LEVEL, logging.format by "
                        "LOG_FORMAT");
    config_destroy(&config);
    const support_variable_t none[] = {{"REDIS_URL", "none"}, {NULL, NULL}};
    config = config_with("bus: {url: redis://file}\n", none);
    assert_null(config->redis_url);
    assert_string_equal(config->overridden, "bus.url by REDIS_URL");
    config_destroy(&config);
}

static void a_bad_variable_and_bad_keys_are_told_together(void **state)
{
    (void)state;
    const support_variable_t variables[] = {{"HEALTHD_LISTEN", "8080"},
                                            {"HEALTH_CHECK_INTERVAL", "abc"}, /* no key names it */
                                            {NULL, NULL}};
    config_load_t load = load_with("version: 2\n", variables);
    assert_null(load.config);
    assert_int_equal(load.n_faults, 2);
    assert_string_equal(load.report,
                        "healthd: HEALTHD_LISTEN: \"8080\" is not address:port (IPv6 as "
                        "[::]:8080)\n"
                        "x.yaml:1:10: version: 2 is out of range; allowed is 1\n"
                        "  version: 2\n"
                        "           ^\n");
    config_load_clear(&load);
}

/* --- include --- */

static void included_files_bring_targets_with_their_own_defaults(void **state)
{
    (void)state;
    static const char b[] = "defaults: {timeout: 2s}\n"
                            "services: [{name: b, url: http://b/, template: web}]\n";
    static const char a[] = "templates: [{name: web, success_threshold: 9}]\n"
                            "services: [{name: a, url: http://a/}]\n";
    assert_int_equal(mkdir("conf.d", 0700), 0);
    write_file("conf.d/b.yaml", b, strlen(b));
    write_file("conf.d/a.yaml", a, strlen(a));
    write_file("conf.d/notes.txt", "[", 1);
    write_file("conf.d/.c.yaml", "[", 1);
    config_t *config = config_of("include: [conf.d]\n"
                                 "defaults: {timeout: 1s}\n"
                                 "services: [{name: main, url: http://m/}]\n");
    static const char *const names[] = {"main", "a", "b", EMERGENCY_STOP};
    assert_int_equal(config->n_targets, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_string_equal(config->targets[i].name, names[i]);
    assert_int_equal(support_target(config, "main")->timeout_ms, 1000);
    assert_int_equal(support_target(config, "a")->timeout_ms, 5000);
    assert_int_equal(support_target(config, "b")->timeout_ms, 2000);
    assert_int_equal(support_target(config, "b")->success_threshold, 9);
    config_destroy(&config);

    static const char bad[] = "gateway: {listen: 127.0.0.1:1}\n"
                              "services: [{name: main, url: http://m/}]\n";
    write_file("conf.d/b.yaml", bad, strlen(bad));
    config_load_t load = load_with("include: [conf.d]\n"
                                   "services: [{name: main, url: http://m/}]\n",
                                   NULL);
    assert_null(load.config);
    assert_string_equal(
        load.report,
        "./conf.d/b.yaml:1:1: \"gateway\" may stand in the main file alone, not in an included "
        "one\n"
        "  gateway: {listen: 127.0.0.1:1}\n"
        "  ^~~~~~~\n"
        "./conf.d/b.yaml:2:19: name: there is another target \"main\", in line 2 of another file\n"
        "  services: [{name: main, url: http://m/}]\n"
        "                    ^~~~\n");
    config_load_clear(&load);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *path, *report;
    } rows[] = {
        {"nowhere.yaml", "nowhere.yaml: cannot be read: No such file or directory\n"},
        {"/dev/zero", "/dev/zero: cannot be read: it is no regular file\n"},
        {".", ".: cannot be read: it is a folder\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        config_load_t load;
        assert_int_equal(config_load(rows[i].path, lookup, NULL, &load), -1);
        assert_string_equal(load.report, rows[i].report);
        config_load_clear(&load);
    }
}

static void the_compiled_in_file_is_fine_and_the_same_as_none(void **state)
{
    (void)state;
    config_load_t load = load_with(config_builtin_file(), NULL);
    assert_string_equal(load.report, "");
    config_t *expected = support_config(NULL);
    const config_t *config = load.config;
    assert_int_equal(config->n_targets, expected->n_targets);
    for (size_t i = 0; i < config->n_targets; i++) {
        assert_string_equal(config->targets[i].name, expected->targets[i].name);
        assert_int_equal(config->targets[i].is_critical, expected->targets[i].is_critical);
    }
    assert_string_equal(config->listen, expected->listen);
    config_destroy(&expected);
    config_load_clear(&load);
}

int main(void)
{
    char folder[64];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_lines_watch_a_url),
        cmocka_unit_test(every_key_reaches_the_configuration),
        cmocka_unit_test(an_empty_file_is_an_empty_configuration),
        cmocka_unit_test(layers_lie_over_each_other_in_order),
        cmocka_unit_test(infrastructure_is_critical_unless_it_says_no),
        cmocka_unit_test(aliases_and_merge_keys_are_followed),
        cmocka_unit_test(for_each_makes_every_combination),
        cmocka_unit_test(none_leaves_a_target_and_the_bus_out),
        cmocka_unit_test(values_are_put_in_once_and_as_text),
        cmocka_unit_test(variables_of_the_contract_override_the_file),
        cmocka_unit_test(a_bad_variable_and_bad_keys_are_told_together),
        cmocka_unit_test(included_files_bring_targets_with_their_own_defaults),
        cmocka_unit_test(a_file_that_cannot_be_read_is_told),
        cmocka_unit_test(the_compiled_in_file_is_fine_and_the_same_as_none),
    };
    support_make_folder(folder);
    if (chdir(folder))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    support_remove_folder(folder);
    return rc;
}
