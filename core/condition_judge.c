/* What the conditions of a target make of a result. */
#include "core/condition_tree.h"

/* Evaluates a list onto the end of the results; -1 where memory ran out. */
static int evaluate_list(condition_t *const *list, size_t n, bool is_degraded,
                         condition_workspace_t *workspace, conditions_verdict_t *verdict)
{
    for (size_t i = 0; i < n; i++) {
        condition_result_t *result = &verdict->results[verdict->n_results];
        if (condition_evaluate(list[i], workspace, result) != 0)
            return -1;
        result->is_degraded = is_degraded;
        verdict->n_results++;
        if (result->outcome != CONDITION_TRUE && !verdict->deciding)
            verdict->deciding = result;
    }
    return 0;
}

/* Whether the conditions themselves say what a fault means. */
static bool is_fault_answered(const conditions_t *conditions, const condition_observed_t *observed)
{
    bool is_connected =
        observed->is_connected && observed->present & CONDITION_BIT(CONDITION_CONNECTED);
    uint64_t answering = CONDITION_BIT(CONDITION_REASON);
    if (!is_connected)
        answering |= CONDITION_BIT(CONDITION_CONNECTED);
    for (size_t i = 0; i < conditions->n_conditions; i++)
        if (condition_values(conditions->conditions[i]) & answering)
            return true;
    return false;
}

int conditions_judge(const conditions_t *conditions, condition_workspace_t *workspace,
                     conditions_verdict_t *ret)
{
    const condition_observed_t *observed = workspace->observed;
    ret->status = STATUS_OK;
    ret->reason = REASON_NONE;
    ret->deciding = NULL;
    ret->n_results = 0;
    if (evaluate_list(conditions->conditions, conditions->n_conditions, false, workspace, ret) !=
            0 ||
        evaluate_list(conditions->degraded_conditions, conditions->n_degraded_conditions, true,
                      workspace, ret) != 0)
        return -1;
    if (observed->fault != REASON_NONE && !is_fault_answered(conditions, observed)) {
        ret->status = STATUS_DOWN;
        ret->reason = observed->fault;
        ret->deciding = NULL;
        return 0;
    }
    if (!ret->deciding)
        return 0;
    bool is_missing = ret->deciding->outcome == CONDITION_MISSING;
    ret->status = ret->deciding->is_degraded ? STATUS_DEGRADED : STATUS_DOWN;
    ret->reason = is_missing ? REASON_MISSING_VALUE : REASON_CONDITION;
    if (is_missing && observed->fault != REASON_NONE)
        ret->reason = observed->fault;
    return 0;
}
