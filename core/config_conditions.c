#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_draft.h"
#include "core/config_matchers.h"

/* "https" of "HTTPS://host"; "" where there is no scheme. */
static void scheme_of(const char *url, char *scheme, size_t size)
{
    size_t n = strcspn(url, ":");
    if (n >= size)
        n = 0;
    for (size_t i = 0; i < n; i++)
        scheme[i] = (char)tolower((unsigned char)url[i]);
    scheme[n] = '\0';
}

/* Compiles what the layers of STACK say; false with a fault told. */
static bool compile(const draft_t *draft, const draft_stack_t *stack, const char *key,
                    const condition_vocabulary_t *vocabulary, conditions_t *conditions)
{
    bool is_degraded = stack == &draft->degraded_conditions;
    bool is_fine = true;
    for (size_t i = 0; i < stack->n; i++) {
        const config_value_t *layer = stack->layers[i];
        for (size_t j = 0; j < layer->n_texts; j++) {
            const config_node_t *node = layer->text_nodes[j];
            char *text = draft_expand(draft, key, node, layer->texts[j]);
            condition_error_t error;
            size_t n = is_degraded ? conditions->n_degraded_conditions : conditions->n_conditions;
            if (text && n == CONDITIONS_MAX) {
                config_fault(draft->work->reader->faults, node->place,
                             "%s: more than %d with those of templates and defaults", key,
                             CONDITIONS_MAX);
                is_fine = false;
            } else if (text && conditions_add(conditions, is_degraded, text, strlen(text),
                                              vocabulary, &error)) {
                config_fault_inside(draft->work->reader, key, node, text, &error);
                is_fine = false;
            }
            is_fine = is_fine && text;
            free(text);
            if (n == CONDITIONS_MAX)
                return false;
        }
    }
    return is_fine;
}

static bool has_variable(const draft_stack_t *stack)
{
    for (size_t i = 0; i < stack->n; i++) {
        for (size_t j = 0; j < stack->layers[i]->n_texts; j++) {
            if (config_has_variable(stack->layers[i]->texts[j]))
                return true;
        }
    }
    return false;
}

const conditions_t *draft_conditions(draft_t *draft, const target_t *target)
{
    char scheme[16];
    scheme_of(target->url, scheme, sizeof scheme);
    condition_vocabulary_t vocabulary = {.probe = scheme, .values = condition_values_of(scheme)};
    const probe_type_row_t *row = probe_type_row(target->type);
    if (row->names && target->options)
        vocabulary.captured = row->names(target->options, &vocabulary.n_captured);
    if (draft->conditions.n + draft->degraded_conditions.n == 0)
        return NULL;
    if (draft->compiled && draft->compiled_for == vocabulary.values &&
        draft->compiled_with == vocabulary.captured)
        return draft->compiled;
    conditions_t *conditions = config_shared_conditions(draft->work->shared);
    if (!conditions) {
        draft_out_of_memory(draft);
        return NULL;
    }
    bool is_fine = compile(draft, &draft->conditions, "conditions", &vocabulary, conditions);
    is_fine = compile(draft, &draft->degraded_conditions, "degraded_conditions", &vocabulary,
                      conditions) &&
              is_fine;
    if (is_fine && !has_variable(&draft->conditions) &&
        !has_variable(&draft->degraded_conditions)) {
        draft->compiled = conditions;
        draft->compiled_for = vocabulary.values;
        draft->compiled_with = vocabulary.captured;
    }
    return is_fine && conditions->n_conditions + conditions->n_degraded_conditions > 0 ? conditions
                                                                                       : NULL;
}
