/* What is said to differ between two configurations, and what a reload must leave as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_diff.h"
#include "core/config_keep.h"
#include "tests/support/support_config.h"
#include "tests/test.h"

static const char base[] = "version: 1\n"
                           "defaults: {check_interval: 60s}\n"
                           "templates:\n"
                           "  - {name: fast, timeout: 1s, labels: {pace: fast}}\n"
                           "services:\n"
                           "  - {name: a, url: 'http://a/'}\n"
                           "  - {name: b, url: 'http://b/', template: fast, labels: {team: x}}\n"
                           "infrastructure:\n"
                           "  - {name: r, url: 'redis://user:secret@r/'}\n"
                           "gateway: {token: topsecret}\n";

/* The base with ROW's FROM replaced by TO. */
static char *edited(const char *from, const char *to)
{
    const char *at = strstr(base, from);
    assert_non_null(at);
    text_t text = {0};
    text_append(&text, base, (size_t)(at - base));
    text_append_string(&text, to);
    text_append_string(&text, at + strlen(from));
    return text_take(&text);
}

/* "+a -b c(url, kind) *gateway.listen": what differs. */
static char *said(const config_diff_t *diff)
{
    text_t text = {0};
    for (size_t i = 0; i < diff->n_targets; i++) {
        const config_change_t *change = &diff->targets[i];
        text_append_string(&text, text.size ? " " : "");
        if (change->kind == CONFIG_CHANGED)
            text_appendf(&text, "%s(%s)", change->name, change->keys);
        else
            text_appendf(&text, "%s%s", change->kind == CONFIG_ADDED ? "+" : "-", change->name);
    }
    for (size_t i = 0; i < diff->n_keys; i++)
        text_appendf(&text, "%s*%s", text.size ? " " : "", diff->keys[i]);
    return text_take(&text);
}

static void each_edit_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        const char *said;
    } rows[] = {
        {"version: 1\n", "version: 1\n# a comment\n", ""},
        {"60s", "1m", ""}, /* the same, written otherwise */
        {"'http://a/'", "'http://a/', failure_threshold: 3 of 5", "a(failure_threshold)"},
        {"60s", "30s",
         "a(check_interval) b(check_interval) r(check_interval) *defaults.check_interval"},
        {"  - {name: a, url: 'http://a/'}\n", "", "-a"},
        {"  - {name: a,", "  - {name: c, url: 'http://c/'}\n  - {name: a,", "+c"},
        {"name: a", "name: z", "-a +z"},
        {"http://a/", "http://a/x", "a(url)"},
        {"http://a/'", "http://a/', critical: true", "a(critical)"},
        {"timeout: 1s", "timeout: 2s", "b(timeout)"},
        {"pace: fast", "pace: slow", "b(labels)"},
        {"team: x", "team: x, room: y", "b(labels)"},
        {"services:", "targets:", ""}, /* which says the same */
        {"secret@", "other@", "r(url)"},
        {"infrastructure:\n", "", "r(kind, error_prefix, critical)"},
        {"topsecret", "nosecret", "*gateway.token"},
        {"gateway:", "logging: {level: DEBUG}\ngateway:", "*logging.level"},
        {"gateway:", "bus: {url: 'redis://h/', max_length: 5}\ngateway:",
         "*bus.url *bus.max_length"},
        {"gateway: {", "gateway: {listen: '127.0.0.1:9', ", "*gateway.listen"},
        {"gateway:", "publish: {endpoints: ['ipc:///a', 'ipc:///b']}\ngateway:",
         "*publish.endpoints"},
        {"gateway:", "system: {latency_degraded: 1s, staleness: 4x}\ngateway:",
         "*system.latency_degraded *system.staleness"},
        {"gateway:", "alerting: {degraded: false}\ngateway:", "*alerting.degraded"},
        {"gateway:", "instance: {name: me, state_dir: /x}\ngateway:",
         "*instance.name *instance.state_dir"},
    };
    config_t *before = support_config_of_text(base);
    config_list_t old;
    assert_int_equal(config_list_of(before, SETTINGS_WHOLE, &old), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = edited(rows[i].from, rows[i].to);
        config_t *now = support_config_of_text(text);
        config_list_t new;
        config_diff_t diff;
        assert_int_equal(config_list_of(now, SETTINGS_WHOLE, &new), 0);
        assert_int_equal(config_diff(&old, &new, &diff), 0);
        char *told = said(&diff);
        if (strcmp(told, rows[i].said) != 0)
            fail_msg("\"%s\" to \"%s\": [%s] instead of [%s]", rows[i].from, rows[i].to, told,
                     rows[i].said);
        free(told);
        config_diff_clear(&diff);
        config_list_clear(&new);
        config_destroy(&now);
        free(text);
    }
    config_list_clear(&old);
    config_destroy(&before);
}

static void more_than_a_fifth_is_too_many(void **state)
{
    (void)state;
    static const struct {
        size_t n_before, n_removed;
        bool is_too_many;
    } rows[] = {{0, 0, false},  {5, 1, false}, {4, 1, true},
                {10, 2, false}, {10, 3, true}, {1, 1, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const config_diff_t diff = {.n_before = rows[i].n_before, .n_removed = rows[i].n_removed};
        assert_int_equal(config_diff_drops_too_many(&diff), rows[i].is_too_many);
    }
}

static void what_may_be_shown_has_no_secret(void **state)
{
    (void)state;
    config_t *config = support_config_of_text(base);
    config_list_t list;
    assert_int_equal(config_list_of(config, SETTINGS_SHOWN, &list), 0);
    text_t all = {0};
    for (size_t i = 0; i < list.n; i++)
        text_append_string(&all, list.items[i].lines);
    assert_null(strstr(all.bytes, "secret"));
    assert_non_null(strstr(all.bytes, "gateway.token: \"***\""));
    text_clear(&all);
    config_list_clear(&list);
    config_destroy(&config);
}

static void a_threshold_is_shown_as_it_is_written(void **state)
{
    (void)state;
    char *text = edited("'http://a/'", "'http://a/', failure_threshold: 3 of 5");
    config_t *config = support_config_of_text(text);
    const target_t *target = &config->targets[config_target_at(config, "a")];
    assert_non_null(strstr(target->settings_shown, "failure_threshold: \"3 of 5\"\n"));
    assert_non_null(strstr(target->settings_shown, "success_threshold: "));
    config_destroy(&config);
    free(text);
}

static void lines_become_members_of_an_object(void **state)
{
    (void)state;
    text_t json = {0};
    config_lines_to_json(&json, "url: \"http://a/: b\"\nlabels: {\"x\":\"y\"}\nn: 3\n");
    assert_string_equal(json.bytes, "\"url\":\"http://a/: b\",\"labels\":{\"x\":\"y\"},\"n\":3");
    text_clear(&json);
    config_lines_to_json(&json, "");
    assert_null(json.bytes);
}

static void a_running_process_keeps_what_takes_a_restart(void **state)
{
    (void)state;
    config_t *before = support_config_of_text(base);
    char *text = edited("gateway: {", "instance: {state_dir: /elsewhere}\n"
                                      "logging: {format: json}\n"
                                      "gateway: {max_connections: 20, listen: '127.0.0.1:9', "
                                      "anonymous_role: none, ");
    config_t *now = support_config_of_text(text);
    assert_int_equal(config_keep(before, now), 0);
    assert_string_equal(now->state_dir, before->state_dir);
    assert_string_equal(now->listen, before->listen);
    assert_int_equal(now->max_connections, before->max_connections);
    assert_int_equal(now->log_is_json, before->log_is_json);
    assert_int_equal(now->anonymous_role, ROLE_NONE);
    config_list_t old, new;
    config_diff_t diff;
    assert_int_equal(config_list_of(before, SETTINGS_WHOLE, &old), 0);
    assert_int_equal(config_list_of(now, SETTINGS_WHOLE, &new), 0);
    assert_int_equal(config_diff(&old, &new, &diff), 0);
    char *told = said(&diff);
    assert_string_equal(told, "*gateway.anonymous_role");
    free(told);
    config_diff_clear(&diff);
    config_list_clear(&old);
    config_list_clear(&new);
    config_destroy(&before);
    config_destroy(&now);
    free(text);
}

/* Every key that a file may have is compared, or is one of those that stand elsewhere. */
static void no_key_is_left_out(void **state)
{
    (void)state;
    config_t *config = support_config_of_text(base);
    size_t n;
    const schema_key_t *root = schema_keys(SECTION_ROOT, &n);
    for (size_t i = 0; i < n; i++) {
        size_t n_rows;
        if (root[i].type != SCHEMA_MAP || root[i].is_list || i == ROOT_DEFAULTS)
            continue;
        const schema_key_t *rows = schema_keys(root[i].section, &n_rows);
        for (size_t j = 0; j < n_rows; j++) {
            char key[128];
            size_t n_value;
            (void)snprintf(key, sizeof key, "%s.%s", root[i].key, rows[j].key);
            if (!config_line_at(config->settings, key, &n_value))
                fail_msg("%s has no line", key);
        }
    }
    config_list_t list;
    assert_int_equal(config_list_of(config, SETTINGS_WHOLE, &list), 0);
    const schema_key_t *rows = schema_keys(SECTION_TEMPLATE, &n);
    for (size_t i = 0; i < n; i++) {
        size_t n_value;
        if (i != TARGET_NAME && !config_line_at(list.items[1].lines, rows[i].key, &n_value))
            fail_msg("%s of a target has no line", rows[i].key);
    }
    config_list_clear(&list);
    config_destroy(&config);
}

static void what_has_no_file_is_shown_as_null(void **state)
{
    (void)state;
    static char name[] = "a", none[] = "stop", file[] = "/etc/\"h\".yaml", keys[] = "[\"x\"]";
    static const char head[] = "{\"file\":null,\"variables\":[],\"settings\":{},";
    target_t targets[] = {{.name = name, .kind = KIND_SERVICE}, {.name = none, .kind = KIND_NONE}};
    config_t config = {.targets = targets, .n_targets = 2};
    config_list_t list;
    assert_int_equal(config_list_of(&config, SETTINGS_SHOWN, &list), 0);
    text_t json = {0};
    config_list_to_json(&list, &config, &json);
    assert_memory_equal(json.bytes, head, sizeof head - 1);
    assert_non_null(strstr(json.bytes, "\"targets\":[{\"name\":\"a\",\"kind\":\"service\","));
    assert_null(strstr(json.bytes, "stop"));
    text_clear(&json);
    config.file = file;
    config.variable_keys = keys;
    config_list_to_json(&(config_list_t){.items = NULL}, &config, &json);
    assert_string_equal(json.bytes, "{\"file\":\"/etc/\\\"h\\\".yaml\",\"variables\":[\"x\"],"
                                    "\"settings\":{},\"targets\":[]}");
    text_clear(&json);
    config_list_clear(&list);
}

/* Lines come from another process as well: one that is cut short is no member, and ends the rest.
 */
static void a_cut_line_is_not_told(void **state)
{
    (void)state;
    size_t n_value;
    text_t json = {0};
    config_lines_to_json(&json, "a: 1\nb: 2");
    assert_string_equal(json.bytes, "\"a\":1");
    text_clear(&json);
    config_lines_to_json(&json, "a: 1\nb\n");
    assert_string_equal(json.bytes, "\"a\":1");
    text_clear(&json);
    assert_null(config_line_at("a: 1\nb: 2", "b", &n_value));
    assert_null(config_line_at("bb: 1\nb:2\n", "b", &n_value));
    static char before_lines[] = "a: 1\n", now_lines[] = "a: 2\nb\nc: 3\n", empty[] = "";
    config_item_t old_item = {.name = empty, .lines = before_lines};
    config_item_t new_item = {.name = empty, .lines = now_lines};
    config_diff_t diff;
    assert_int_equal(config_diff(&(config_list_t){.items = &old_item, .n = 1},
                                 &(config_list_t){.items = &new_item, .n = 1}, &diff),
                     0);
    char *told = said(&diff);
    assert_string_equal(told, "*a");
    free(told);
    config_diff_clear(&diff);
}

static void only_some_keys_take_a_restart(void **state)
{
    (void)state;
    assert_true(config_key_takes_restart("gateway.listen"));
    static const char *const others[] = {
        "gateway.anonymous_role", "gateway.nothing", "nothing.listen",
        "services.name",          "version",         ""};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(config_key_takes_restart(others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_edit_is_told),
        cmocka_unit_test(more_than_a_fifth_is_too_many),
        cmocka_unit_test(what_may_be_shown_has_no_secret),
        cmocka_unit_test(a_threshold_is_shown_as_it_is_written),
        cmocka_unit_test(lines_become_members_of_an_object),
        cmocka_unit_test(a_running_process_keeps_what_takes_a_restart),
        cmocka_unit_test(no_key_is_left_out),
        cmocka_unit_test(what_has_no_file_is_shown_as_null),
        cmocka_unit_test(a_cut_line_is_not_told),
        cmocka_unit_test(only_some_keys_take_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
