/* What the groups of a file become. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "actors/supervisor/config_load.h"
#include "core/config_list.h"
#include "core/text.h"
#include "tests/support/support.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

static const char *no_variable(const char *name, void *context)
{
    (void)name;
    (void)context;
    return NULL;
}

static config_t *config_of(const char *yaml)
{
    FILE *file = fopen("x.yaml", "w");
    assert_non_null(file);
    assert_int_equal(fwrite(yaml, 1, strlen(yaml), file), strlen(yaml));
    assert_int_equal(fclose(file), 0);
    config_load_t load;
    if (config_load("x.yaml", no_variable, NULL, &load))
        fail_msg("%s", load.report);
    config_t *config = load.config;
    load.config = NULL;
    config_load_clear(&load);
    return config;
}

/* Asserts the names of the members of group NAME, in their order. */
static void assert_members(config_t *config, const char *name, const char *expected)
{
    const target_t *target = support_target(config, name);
    text_t names = {0};
    assert_int_equal(target->type, PROBE_GROUP);
    assert_non_null(target->group);
    for (size_t i = 0; i < target->group->n_members; i++)
        text_appendf(&names, "%s%s", i ? " " : "", config->targets[target->group->members[i]].name);
    char *text = text_take(&names);
    assert_string_equal(text, expected);
    free(text);
}

static void groups_are_targets_behind_those_of_their_kind(void **state)
{
    (void)state;
    static const char *const order[] = {"a", "b-1", "b-2", "g", "d", "h", EMERGENCY_STOP};
    config_t *config = config_of("groups:\n"
                                 "  - {name: g, members: [b-2, h, a], rule: at_least 2}\n"
                                 "  - {name: h, members: d, kind: infrastructure}\n"
                                 "infrastructure: [{name: d, url: \"redis://d\"}]\n"
                                 "services:\n"
                                 "  - {name: a, url: \"http://a/\"}\n"
                                 "targets:\n"
                                 "  - {for_each: {n: [1, 2]}, name: \"b-{{n}}\",\n"
                                 "     url: \"http://b/\"}\n");
    assert_int_equal(config->n_targets, COUNT_OF(order));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        assert_string_equal(config->targets[i].name, order[i]);
    assert_members(config, "g", "b-2 h a");
    assert_members(config, "h", "d");
    const target_t *group = support_target(config, "g");
    assert_int_equal(group->group->rule, GROUP_AT_LEAST);
    assert_int_equal(group->group->n_least, 2);
    assert_int_equal(config->targets[group->group->at].type, PROBE_GROUP);
    assert_int_equal(support_target(config, "h")->group->rule, GROUP_ALL_UP);
    assert_int_equal(config->groups.n, 2);
    assert_string_equal(config->targets[config->groups.items[config->groups.order[0]].at].name,
                        "h");
    assert_null(support_target(config, "a")->group);
    assert_false(target_is_probed(group));
    config_destroy(&config);
}

/* What a target of the same kind would have. */
static void what_a_group_does_not_say_the_defaults_say(void **state)
{
    (void)state;
    static const struct {
        const char *text; /* of a group */
        bool is_critical;
        uint32_t notify_after_ms;
        const char *labels;
    } rows[] = {
        {"", true, 7000, NULL},
        {"critical: false, notify_after: 1m, labels: {b: x, a: \"1\"}", false, 60000,
         "{\"b\":\"x\",\"a\":\"1\"}"},
        {"kind: infrastructure", true, 7000, NULL},
        {"kind: infrastructure, critical: false, notify_after: 0s", false, 0, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char yaml[512];
        (void)snprintf(yaml, sizeof yaml,
                       "defaults: {critical: true, notify_after: 7s}\n"
                       "services: [{name: a, url: \"http://a/\"}]\n"
                       "groups: [{name: g, members: [a], %s}]\n",
                       rows[i].text);
        config_t *config = config_of(yaml);
        const target_t *group = support_target(config, "g");
        assert_int_equal(group->is_critical, rows[i].is_critical);
        assert_int_equal(group->notify_after_ms, rows[i].notify_after_ms);
        if (rows[i].labels)
            assert_string_equal(group->labels, rows[i].labels);
        else
            assert_null(group->labels);
        config_destroy(&config);
    }
    config_t *config = config_of("infrastructure: [{name: a, url: \"http://a/\"}]\n"
                                 "groups: [{name: g, members: a}, {name: h, members: a,\n"
                                 "          kind: infrastructure}]\n");
    assert_false(support_target(config, "g")->is_critical);
    assert_true(support_target(config, "h")->is_critical);
    assert_int_equal(support_target(config, "g")->notify_after_ms, 30000);
    config_destroy(&config);
}

static void for_each_makes_groups_too(void **state)
{
    (void)state;
    config_t *config = config_of("targets:\n"
                                 "  - for_each: {site: [eu, us], app: [cart, pay]}\n"
                                 "    name: \"{{app}}-{{site}}\"\n"
                                 "    url: \"http://{{app}}.{{site}}/\"\n"
                                 "groups:\n"
                                 "  - for_each: {site: [eu, us]}\n"
                                 "    name: \"{{site}}\"\n"
                                 "    members: [\"cart-{{site}}\", \"pay-{{site}}\"]\n"
                                 "    labels: {site: \"{{site}}\"}\n");
    assert_members(config, "eu", "cart-eu pay-eu");
    assert_members(config, "us", "cart-us pay-us");
    assert_string_equal(support_target(config, "us")->labels, "{\"site\":\"us\"}");
    config_destroy(&config);
}

/* What `config show` and `config diff` look at. */
static void the_lines_of_a_group_are_its_own(void **state)
{
    (void)state;
    config_t *config = config_of("services: [{name: a, url: \"http://a/\"},\n"
                                 "           {name: b, url: \"http://b/\"}]\n"
                                 "groups: [{name: g, members: [a, b], rule: at_least 1,\n"
                                 "          labels: {x: y}}]\n");
    config_list_t list;
    assert_int_equal(config_list_of(config, SETTINGS_SHOWN, &list), 0);
    assert_int_equal(list.n, 4);
    assert_string_equal(list.items[3].name, "g");
    assert_string_equal(list.items[3].lines, "kind: \"service\"\n"
                                             "labels: {\"x\":\"y\"}\n"
                                             "members: [\"a\",\"b\"]\n"
                                             "rule: \"at_least 1\"\n"
                                             "critical: false\n"
                                             "notify_after: \"30s\"\n");
    config_list_clear(&list);
    config_destroy(&config);
}

int main(void)
{
    char folder[64];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_targets_behind_those_of_their_kind),
        cmocka_unit_test(what_a_group_does_not_say_the_defaults_say),
        cmocka_unit_test(for_each_makes_groups_too),
        cmocka_unit_test(the_lines_of_a_group_are_its_own),
    };
    support_make_folder(folder);
    if (chdir(folder))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    support_remove_folder(folder);
    return rc;
}
