/* What the tests of explanations share: asking, and looking into the answer. */
#ifndef HEALTHD_TESTS_UNIT_EXPLAIN_WORLD_H
#define HEALTHD_TESTS_UNIT_EXPLAIN_WORLD_H

#include <jansson.h>

#include "core/explain.h"
#include "tests/unit/model_world.h"

/* The explanation of NAME (NULL: the system), to be released. */
static inline json_t *explained(world_t *world, const char *name)
{
    char *text = NULL;
    assert_int_equal(explain(world->model, name, world->now, &text), EXPLAINED);
    json_t *tree = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (!tree)
        fail_msg("no JSON: %s", text);
    free(text);
    return tree;
}

static inline const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "(none)";
}

/* The node of RULE in NODES, or NULL. */
static inline json_t *node_of(const json_t *nodes, const char *rule)
{
    size_t i;
    json_t *node;
    json_array_foreach(nodes, i, node)
    {
        if (strcmp(text_at(node, "rule"), rule) == 0)
            return node;
    }
    return NULL;
}

static inline json_t *rule_of(const json_t *tree, const char *rule)
{
    json_t *node = node_of(json_object_get(tree, "derivation"), rule);
    if (!node)
        fail_msg("there is no rule %s", rule);
    return node;
}

static inline json_int_t integer_of(const json_t *tree, const char *rule, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(rule_of(tree, rule), "values"), key));
}

static inline bool holds(const json_t *tree, const char *rule)
{
    return json_is_true(json_object_get(rule_of(tree, rule), "holds"));
}

static inline void assert_sentence(world_t *world, const char *name, const char *expected)
{
    json_t *tree = explained(world, name);
    assert_string_equal(text_at(tree, "sentence"), expected);
    json_decref(tree);
}

#endif
