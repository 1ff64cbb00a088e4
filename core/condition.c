#include "core/condition.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/condition_parser.h"

void condition_destroy(condition_t **condition)
{
    condition_t *self = *condition;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_nodes; i++)
        condition_regex_destroy(&self->nodes[i].regex);
    for (size_t i = 0; i < self->n_operands; i++)
        json_path_destroy(&self->operands[i].path);
    free(self->nodes);
    free(self->operands);
    free(self->pool);
    free(self->text);
    free(self);
    *condition = NULL;
}

const char *condition_text(const condition_t *condition)
{
    return condition->text;
}

uint64_t condition_values(const condition_t *condition)
{
    return condition->values;
}

bool condition_is_free_name(const char *name)
{
    size_t n = 0;
    while (condition_is_word_character(name[n]))
        n++;
    bool begins_well = n > 0 && name[0] != '-' && !(name[0] >= '0' && name[0] <= '9');
    return begins_well && name[n] == '\0' && !condition_is_keyword(name, n) &&
           condition_value_at(name, n, 0) == CONDITION_VALUE_COUNT &&
           !condition_word_at(CONDITION_RCODE_WORD, name, n) &&
           !condition_word_at(CONDITION_REASON_WORD, name, n);
}

int conditions_add(conditions_t *conditions, bool is_degraded, const char *text, size_t n,
                   const condition_vocabulary_t *vocabulary, condition_error_t *reterr)
{
    condition_t **list = is_degraded ? conditions->degraded_conditions : conditions->conditions;
    size_t *n_list = is_degraded ? &conditions->n_degraded_conditions : &conditions->n_conditions;
    if (*n_list == CONDITIONS_MAX) {
        *reterr = (condition_error_t){.length = n, .text = "more than 32 conditions in one list"};
        return -1;
    }
    if (condition_compile(text, n, vocabulary, &list[*n_list], reterr) != 0)
        return -1;
    (*n_list)++;
    return 0;
}

void conditions_clear(conditions_t *conditions)
{
    for (size_t i = 0; i < conditions->n_conditions; i++)
        condition_destroy(&conditions->conditions[i]);
    for (size_t i = 0; i < conditions->n_degraded_conditions; i++)
        condition_destroy(&conditions->degraded_conditions[i]);
    *conditions = (conditions_t){0};
}
