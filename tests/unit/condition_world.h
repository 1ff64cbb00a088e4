/* What the tests of conditions share: a vocabulary, an answer, compiling and evaluating. */
#ifndef HEALTHD_TESTS_UNIT_CONDITION_WORLD_H
#define HEALTHD_TESTS_UNIT_CONDITION_WORLD_H

#include <string.h>

#include "core/condition.h"
#include "tests/test.h"

#define TEXT(literal) ((condition_text_t){.bytes = (literal), .n = sizeof(literal) - 1})

static const char *const world_captured[] = {"token", "depth"};

static inline condition_vocabulary_t world_vocabulary(const char *probe)
{
    return (condition_vocabulary_t){.probe = probe,
                                    .values = condition_values_of(probe),
                                    .captured = world_captured,
                                    .n_captured = COUNT_OF(world_captured)};
}

static inline condition_t *world_compile(const char *probe, const char *text)
{
    condition_vocabulary_t vocabulary = world_vocabulary(probe);
    condition_t *condition = NULL;
    condition_error_t error;
    if (condition_compile(text, strlen(text), &vocabulary, &condition, &error) != 0) {
        char line[CONDITION_ERROR_LINE_BYTES];
        condition_error_line(&error, line);
        fail_msg("%s: %s", text, line);
    }
    return condition;
}

/* Evaluates TEXT once, by itself. */
static inline condition_result_t world_evaluate(const char *probe, const char *text,
                                                const condition_observed_t *observed)
{
    condition_t *condition = world_compile(probe, text);
    condition_workspace_t *workspace = condition_workspace_new();
    assert_non_null(workspace);
    condition_workspace_begin(workspace, observed);
    condition_result_t result;
    assert_int_equal(condition_evaluate(condition, workspace, &result), 0);
    condition_workspace_destroy(&workspace);
    result.text = text; /* the condition's own goes */
    condition_destroy(&condition);
    return result;
}

#endif
