/* The status of each target, and the emergency stop (contract, section 8). */
#include "core/alert_condition.h"

static void describe_stop(const target_state_t *stop, alert_texts_t *texts)
{
    text_append_string(&texts->title, "Emergency Stop System TRIPPED");
    text_appendf(&texts->message, "ESS activated: %s", stop->error ? stop->error : "Unknown");
    text_append_string(&texts->details, stop->details ? stop->details : "{}");
}

static void append_reason(const target_state_t *target, alert_texts_t *texts)
{
    text_append_string(&texts->details, "{\"reason\": ");
    text_append_json(&texts->details, reason_name(target->reason));
    text_append_string(&texts->details, "}");
}

static void describe_degraded(const target_state_t *target, alert_texts_t *texts)
{
    text_appendf(&texts->message, "%s %s is degraded: %s",
                 target->kind == KIND_SERVICE ? "Service" : "Infrastructure component",
                 target->name, target->error ? target->error : reason_name(target->reason));
    append_reason(target, texts);
}

/* A group answers nobody; which of its members fail is what one must know. */
static void describe_group_down(const target_state_t *group, alert_texts_t *texts)
{
    text_appendf(&texts->message, "%s %s is down: %s",
                 group->kind == KIND_SERVICE ? "Service" : "Infrastructure component", group->name,
                 group->error ? group->error : reason_name(group->reason));
    append_reason(group, texts);
}

static void describe_down(const target_state_t *target, alert_texts_t *texts)
{
    if (target->reason == REASON_MEMBERS) {
        describe_group_down(target, texts);
        return;
    }
    text_appendf(&texts->message,
                 target->kind == KIND_SERVICE ? "Service %s is not responding"
                                              : "Infrastructure component %s is unavailable",
                 target->name);
    text_append_string(&texts->details, "{}");
}

static void describe(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts)
{
    (void)view;
    const target_state_t *target = self->subject;
    if (target->kind == KIND_NONE) {
        describe_stop(target, texts);
        return;
    }
    text_appendf(&texts->title, "%s %s: %s",
                 target->kind == KIND_SERVICE ? "Service" : "Infrastructure",
                 status_name(target->status), target->name);
    if (target->status == STATUS_DEGRADED)
        describe_degraded(target, texts);
    else
        describe_down(target, texts);
}

/* The emergency stop is known from the start; probed targets wait until all have had a result.
 * While a target flaps its turns tell nothing; that it flaps is told instead (alert_of_flapping.c).
 */
static int level_of(const alert_view_t *view, const target_state_t *target)
{
    if ((!view->is_settled && target->kind != KIND_NONE) || target->is_flapping)
        return ALERT_LEVEL_HOLD;
    switch ((status_t)target->status) {
    case STATUS_DOWN:
        return target->is_critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
    case STATUS_DEGRADED:
        return view->config->alert_degraded_targets ? SEVERITY_WARNING : ALERT_LEVEL_NONE;
    case STATUS_OK:
        return ALERT_LEVEL_NONE;
    case STATUS_UNKNOWN:
    case STATUS_COUNT:
        break;
    }
    return ALERT_LEVEL_HOLD;
}

static int64_t wait_of(const config_t *config, const target_state_t *target)
{
    long at = config_target_at(config, target->name);
    return at < 0 ? 0 : (int64_t)config->targets[at].notify_after_ms * 1000;
}

alert_condition_t alert_of_target(const alert_view_t *view, const target_state_t *target)
{
    int level = level_of(view, target);
    return (alert_condition_t){
        .component = target->name,
        .level = level,
        .reason = target->reason,
        .is_trip = target->kind == KIND_NONE,
        .entry_id = target->entry_id,
        .since_us = target->since_us,
        .wait_us = level >= 0 ? wait_of(view->config, target) : 0,
        .subject = target,
        .describe = describe,
    };
}

void alert_make_targets(alert_book_t *book, const alert_view_t *view)
{
    for (size_t i = 0; i < view->snapshot->n_targets; i++) {
        const alert_condition_t condition = alert_of_target(view, &view->snapshot->targets[i]);
        alert_book_tell(book, view, &condition);
    }
}
