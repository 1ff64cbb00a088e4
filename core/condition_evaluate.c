/* Conditions on a result. Recursion is bounded by the depth that the parser allowed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/condition_tree.h"

/* --- workspace --- */

condition_workspace_t *condition_workspace_new(void)
{
    condition_workspace_t *workspace = calloc(1, sizeof *workspace);
    if (!workspace)
        return NULL;
    workspace->matcher = condition_matcher_new();
    if (!workspace->matcher)
        condition_workspace_destroy(&workspace);
    return workspace;
}

void condition_workspace_destroy(condition_workspace_t **workspace)
{
    if (!*workspace)
        return;
    condition_workspace_end(*workspace);
    condition_matcher_destroy(&(*workspace)->matcher);
    free(*workspace);
    *workspace = NULL;
}

void condition_workspace_begin(condition_workspace_t *workspace,
                               const condition_observed_t *observed)
{
    condition_workspace_end(workspace);
    workspace->observed = observed;
    condition_matcher_begin(workspace->matcher);
}

void condition_workspace_end(condition_workspace_t *workspace)
{
    json_decref(workspace->body);
    workspace->body = NULL;
    workspace->is_body_read = false;
    workspace->is_out_of_memory = false;
    workspace->observed = NULL;
}

/* --- leaves --- */

/* What a part came to, and the leaf that decided it. */
typedef struct {
    condition_outcome_t outcome;
    const condition_node_t *leaf;
} part_t;

static condition_outcome_t read(condition_workspace_t *workspace, const condition_t *condition,
                                int operand, condition_datum_t *datum)
{
    return condition_read(workspace, &condition->operands[operand], datum);
}

static condition_outcome_t test(condition_workspace_t *workspace, const condition_t *condition,
                                const condition_node_t *node)
{
    condition_datum_t datum;
    condition_outcome_t outcome = read(workspace, condition, node->left, &datum);
    if (outcome != CONDITION_TRUE)
        return outcome;
    if (datum.type != CONDITION_BOOLEAN)
        return CONDITION_MISMATCH;
    return datum.is_true ? CONDITION_TRUE : CONDITION_FALSE;
}

static condition_outcome_t compare(condition_workspace_t *workspace, const condition_t *condition,
                                   const condition_node_t *node)
{
    condition_datum_t left;
    condition_datum_t right;
    condition_outcome_t outcome = read(workspace, condition, node->left, &left);
    if (outcome == CONDITION_TRUE)
        outcome = read(workspace, condition, node->right, &right);
    return outcome == CONDITION_TRUE ? condition_compare(&left, node->relation, &right) : outcome;
}

static condition_outcome_t match_text(condition_workspace_t *workspace,
                                      const condition_node_t *node, condition_text_t text)
{
    switch (condition_regex_match(node->regex, workspace->matcher, text.bytes, text.n)) {
    case REGEX_MATCH:
        return CONDITION_TRUE;
    case REGEX_NO_MATCH:
        return CONDITION_FALSE;
    case REGEX_NO_MEMORY:
        workspace->is_out_of_memory = true;
        return CONDITION_GAVE_UP;
    case REGEX_GAVE_UP:
        break;
    }
    return CONDITION_GAVE_UP;
}

/* Whether one of the answers matches. */
static condition_outcome_t match_answers(condition_workspace_t *workspace,
                                         const condition_node_t *node)
{
    const condition_observed_t *observed = workspace->observed;
    for (size_t i = 0; i < observed->n_answers; i++) {
        condition_outcome_t outcome = match_text(workspace, node, observed->answers[i]);
        if (outcome != CONDITION_FALSE)
            return outcome;
    }
    return CONDITION_FALSE;
}

static condition_outcome_t negated(condition_outcome_t outcome)
{
    if (outcome == CONDITION_TRUE)
        return CONDITION_FALSE;
    return outcome == CONDITION_FALSE ? CONDITION_TRUE : outcome;
}

static condition_outcome_t match_value(condition_workspace_t *workspace,
                                       const condition_t *condition, const condition_node_t *node)
{
    condition_datum_t datum;
    condition_outcome_t outcome = read(workspace, condition, node->left, &datum);
    if (outcome != CONDITION_TRUE)
        return outcome;
    if (datum.type == CONDITION_ANSWER_LIST)
        outcome = match_answers(workspace, node);
    else if (datum.text.bytes || datum.type == CONDITION_TEXT) /* numbers given as texts too */
        outcome = match_text(workspace, node, datum.text);
    else
        return CONDITION_MISMATCH;
    return node->relation == OPERATOR_MATCHES ? outcome : negated(outcome);
}

static condition_outcome_t in_list(condition_workspace_t *workspace, const condition_t *condition,
                                   const condition_node_t *node)
{
    condition_datum_t left;
    condition_outcome_t outcome = read(workspace, condition, node->left, &left);
    if (outcome != CONDITION_TRUE)
        return outcome;
    for (size_t i = 0; i < node->n_items; i++) {
        const condition_datum_t *item = &condition->operands[(size_t)node->right + i].literal;
        if (condition_compare(&left, OPERATOR_EQUAL, item) == CONDITION_TRUE)
            return CONDITION_TRUE;
    }
    return CONDITION_FALSE;
}

static bool is_among_answers(const condition_datum_t *left, const condition_observed_t *observed)
{
    for (size_t i = 0; i < observed->n_answers; i++) {
        const condition_datum_t item = {.type = CONDITION_TEXT, .text = observed->answers[i]};
        if (condition_compare(left, OPERATOR_EQUAL, &item) == CONDITION_TRUE)
            return true;
    }
    return false;
}

static bool is_among_items(const condition_datum_t *left, const json_t *list)
{
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        condition_datum_t item;
        if (condition_datum_of_json(&item, json_array_get(list, i)) == CONDITION_TRUE &&
            condition_compare(left, OPERATOR_EQUAL, &item) == CONDITION_TRUE)
            return true;
    }
    return false;
}

static condition_outcome_t in_value(condition_workspace_t *workspace, const condition_t *condition,
                                    const condition_node_t *node)
{
    condition_datum_t left;
    condition_datum_t list;
    condition_outcome_t outcome = read(workspace, condition, node->left, &left);
    if (outcome == CONDITION_TRUE)
        outcome = read(workspace, condition, node->right, &list);
    if (outcome != CONDITION_TRUE)
        return outcome;
    bool is_found = false;
    if (list.type == CONDITION_ANSWER_LIST)
        is_found = is_among_answers(&left, workspace->observed);
    else if (list.type == CONDITION_LIST)
        is_found = is_among_items(&left, list.json);
    else
        return CONDITION_MISMATCH;
    return is_found ? CONDITION_TRUE : CONDITION_FALSE;
}

/* --- the tree --- */

static part_t evaluate(condition_workspace_t *workspace, const condition_t *condition, int at);

/* The first child that is DECIDED (TRUE for or, FALSE for and) decides; else the first that is
 * neither; else the last. */
static part_t chain(condition_workspace_t *workspace, const condition_t *condition,
                    const condition_node_t *node)
{
    condition_outcome_t decided = node->kind == NODE_OR ? CONDITION_TRUE : CONDITION_FALSE;
    part_t result = evaluate(workspace, condition, node->first);
    int at = condition->nodes[node->first].next;
    for (; at != NO_NODE && result.outcome != decided; at = condition->nodes[at].next) {
        part_t part = evaluate(workspace, condition, at);
        if (part.outcome == decided || result.outcome == negated(decided))
            result = part;
    }
    return result;
}

static part_t evaluate(condition_workspace_t *workspace, const condition_t *condition, int at)
{
    const condition_node_t *node = &condition->nodes[at];
    part_t part = {.leaf = node};
    switch (node->kind) {
    case NODE_OR:
    case NODE_AND:
        return chain(workspace, condition, node);
    case NODE_NOT:
        part = evaluate(workspace, condition, node->first);
        part.outcome = negated(part.outcome);
        break;
    case NODE_TEST:
        part.outcome = test(workspace, condition, node);
        break;
    case NODE_COMPARE:
        part.outcome = compare(workspace, condition, node);
        break;
    case NODE_MATCH:
        part.outcome = match_value(workspace, condition, node);
        break;
    case NODE_IN_LIST:
        part.outcome = in_list(workspace, condition, node);
        break;
    case NODE_IN_VALUE:
        part.outcome = in_value(workspace, condition, node);
        break;
    }
    return part;
}

/* --- results --- */

/* The operand of a leaf that people want to see: not the literal; the one that is missing. */
static const condition_operand_t *shown_operand(condition_workspace_t *workspace,
                                                const condition_t *condition, const part_t *part,
                                                condition_datum_t *datum)
{
    const condition_operand_t *left = &condition->operands[part->leaf->left];
    bool has_right = part->leaf->kind == NODE_COMPARE || part->leaf->kind == NODE_IN_VALUE;
    const condition_operand_t *right = has_right ? &condition->operands[part->leaf->right] : left;
    if (left->kind == OPERAND_LITERAL)
        return right;
    bool is_right_missing = part->outcome == CONDITION_MISSING && has_right &&
                            condition_read(workspace, left, datum) == CONDITION_TRUE;
    return is_right_missing ? right : left;
}

/* "NAME = "; gives its bytes. */
static size_t show_name(const condition_t *condition, const condition_operand_t *operand,
                        char actual[CONDITION_ACTUAL_BYTES])
{
    static const char separator[] = " = ";
    int length = condition_source_length(condition, operand->offset, operand->length);
    size_t n = (size_t)length;
    memcpy(actual, condition->text + operand->offset, n);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)actual[i] < ' ') /* a line may end inside a function */
            actual[i] = ' ';
    memcpy(actual + n, separator, sizeof separator);
    return n + strlen(separator);
}

/* The value that decided; with its name where the condition looks at several. */
static void show_actual(condition_workspace_t *workspace, const condition_t *condition,
                        const part_t *part, char actual[CONDITION_ACTUAL_BYTES])
{
    condition_datum_t datum;
    condition_operand_t operand = *shown_operand(workspace, condition, part, &datum);
    size_t n = condition->n_leaves > 1 ? show_name(condition, &operand, actual) : 0;
    if (operand.function == FUNCTION_HAS) /* what it has is seen by what it is */
        operand.function = FUNCTION_NONE;
    condition_outcome_t outcome = condition_read(workspace, &operand, &datum);
    if (outcome == CONDITION_MISSING)
        (void)snprintf(actual + n, CONDITION_ACTUAL_BYTES - n, "missing");
    else
        condition_show(&datum, workspace->observed, actual + n, CONDITION_ACTUAL_BYTES - n);
}

int condition_evaluate(const condition_t *condition, condition_workspace_t *workspace,
                       condition_result_t *ret)
{
    assert(condition->root != NO_NODE && workspace->observed);
    part_t part = evaluate(workspace, condition, condition->root);
    ret->text = condition->text;
    ret->is_degraded = false;
    ret->outcome = part.outcome;
    show_actual(workspace, condition, &part, ret->actual);
    return workspace->is_out_of_memory ? -1 : 0;
}
