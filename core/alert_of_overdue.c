/* Checks that are not made in time: a late probe or a queue that is full, whatever the reason. */
#include "core/alert_component.h"
#include "core/alert_condition.h"

/* Targets that the message names; the details name up to ALERT_NAMES_MAX. */
#define NAMED_IN_MESSAGE 10

static bool is_overdue(const target_state_t *target)
{
    return target->status == STATUS_UNKNOWN && target->reason == REASON_STALE &&
           target->kind != KIND_NONE;
}

static void describe(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts)
{
    (void)self;
    const snapshot_t *snapshot = view->snapshot;
    size_t n = 0;
    text_t names = {0};
    text_append_string(&texts->title, "Checks overdue");
    text_append_string(&texts->details, "{\"targets\": [");
    for (size_t i = 0; i < snapshot->n_targets; i++) {
        const target_state_t *target = &snapshot->targets[i];
        if (!is_overdue(target))
            continue;
        if (n < NAMED_IN_MESSAGE)
            text_appendf(&names, "%s%s", n > 0 ? ", " : "", target->name);
        if (n < ALERT_NAMES_MAX) {
            text_append_string(&texts->details, n > 0 ? ", " : "");
            text_append_json(&texts->details, target->name);
        }
        n++;
    }
    text_appendf(&texts->details, "], \"count\": %zu}", n);
    text_appendf(&texts->message, "%zu of %zu targets have no fresh result: %s", n,
                 snapshot->n_targets - 1, names.bytes ? names.bytes : "");
    if (n > NAMED_IN_MESSAGE)
        text_appendf(&texts->message, " and %zu more", n - NAMED_IN_MESSAGE);
    texts->message.is_failed = texts->message.is_failed || names.is_failed;
    text_clear(&names);
}

static int level_of(const alert_view_t *view)
{
    if (!view->is_settled)
        return ALERT_LEVEL_HOLD;
    for (size_t i = 0; i < view->snapshot->n_targets; i++)
        if (is_overdue(&view->snapshot->targets[i]))
            return SEVERITY_WARNING;
    return ALERT_LEVEL_NONE;
}

void alert_make_overdue(alert_book_t *book, const alert_view_t *view)
{
    if (!view->config->alert_overdue)
        return;
    const alert_condition_t condition = {
        .component = ALERT_OVERDUE,
        .kind = ALERT_KIND_OVERDUE,
        .level = level_of(view),
        .describe = describe,
    };
    alert_book_tell(book, view, &condition);
}
