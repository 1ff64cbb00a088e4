/*
 * The status of groups. A member that turns only marks its groups; they are worked out before
 * anybody looks, so that a thousand turns of one moment cost one look at each group.
 */
#include <stdlib.h>
#include <string.h>

#include "core/model_parts.h"

void model_mark_groups(model_t *model, size_t i, now_t now)
{
    const group_set_t *groups = &model->config->groups;
    for (size_t k = groups->n ? groups->first[i] : 0; groups->n && k < groups->first[i + 1]; k++) {
        model->is_group_marked[groups->parents[k]] = true;
        model->has_marked_group = true;
        model->groups_now = now;
    }
}

void model_mark_all_groups(model_t *model, now_t now)
{
    size_t n = model->config->groups.n;
    memset(model->is_group_marked, true, n * sizeof *model->is_group_marked);
    model->has_marked_group = n > 0;
    model->groups_now = now;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Works GROUP out. Without memory for its text it turns all the same. */
static void settle(model_t *model, const group_t *group)
{
    target_state_t *shown = &model->shown[group->at];
    group_count_t count = group_count(group, model->shown);
    probe_result_t result = {
        .status = count.status,
        .reason = count.status == STATUS_OK ? REASON_NONE : REASON_MEMBERS,
        .latency_us = LATENCY_NONE,
        .error = count.status == STATUS_OK ? NULL : group_tell(group, &count, model->shown),
    };
    if (shown->status != result.status || shown->reason != result.reason ||
        !is_same_text(shown->error, result.error))
        model_show(model, group->at, &result, model->groups_now);
    free(result.error);
    if (shown->is_flapping == count.is_by_flapping)
        return;
    shown->is_flapping = count.is_by_flapping;
    model->progress[group->at].is_changed = model->is_due = true;
    model_mark_groups(model, group->at, model->groups_now);
}

void model_settle_groups(model_t *model)
{
    const group_set_t *groups = &model->config->groups;
    if (!model->has_marked_group)
        return;
    for (size_t i = 0; i < groups->n; i++) {
        size_t at = groups->order[i];
        if (!model->is_group_marked[at])
            continue;
        model->is_group_marked[at] = false;
        settle(model, &groups->items[at]); /* marks groups that come later */
    }
    model->has_marked_group = false;
}
