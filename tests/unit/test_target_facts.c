#include <string.h>

#include "core/target_facts.h"
#include "tests/test.h"

static char name[] = "edge-router";

static void assert_fact(target_facts_t *facts, const char *fact, const char *expected)
{
    const char *value = target_fact(fact, facts);
    if (expected) {
        assert_non_null(value);
        assert_string_equal(value, expected);
    } else {
        assert_null(value);
    }
}

static void target_has_its_settings_and_labels(void **state)
{
    (void)state;
    static char labels[] = "{\"team\":\"core\",\"kind\":\"other\"}";
    const target_t target = {.name = name,
                             .kind = KIND_INFRASTRUCTURE,
                             .type = PROBE_TCP,
                             .is_critical = true,
                             .labels = labels};
    target_facts_t facts = {.target = &target};
    assert_fact(&facts, "component", name);
    assert_fact(&facts, "name", name);
    assert_fact(&facts, "kind", "infrastructure"); /* a label of that name is not asked */
    assert_fact(&facts, "type", "tcp");
    assert_fact(&facts, "critical", "true");
    assert_fact(&facts, "team", "core");
    assert_fact(&facts, "team", "core"); /* read once */
    assert_fact(&facts, "site", NULL);
    target_facts_clear(&facts);
}

static void target_without_labels_has_none(void **state)
{
    (void)state;
    const target_t target = {.name = name, .kind = KIND_SERVICE};
    target_facts_t facts = {.target = &target};
    assert_fact(&facts, "critical", "false");
    assert_fact(&facts, "kind", "service");
    assert_fact(&facts, "type", "http");
    assert_fact(&facts, "team", NULL);
    target_facts_clear(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_has_its_settings_and_labels),
        cmocka_unit_test(target_without_labels_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
