/* The system's status: one alert that lists what makes it (contract, section 8). */
#include "core/alert_condition.h"

/* The names of targets of KIND in STATUS as a JSON array. */
static void append_names(text_t *text, const snapshot_t *snapshot, int kind, int status)
{
    size_t n = 0;
    text_append_string(text, "[");
    for (size_t i = 0; i < snapshot->n_targets && n < ALERT_NAMES_MAX; i++) {
        const target_state_t *target = &snapshot->targets[i];
        if (target->kind != kind || target->status != status)
            continue;
        if (n++ > 0)
            text_append_string(text, ", ");
        text_append_json(text, target->name);
    }
    text_append_string(text, "]");
}

static size_t count_services(const snapshot_t *snapshot, int status)
{
    size_t n = 0;
    for (size_t i = 0; i < snapshot->n_targets; i++)
        n += snapshot->targets[i].kind == KIND_SERVICE && snapshot->targets[i].status == status;
    return n;
}

static void describe_critical(const snapshot_t *snapshot, text_t *message, text_t *details)
{
    text_append_string(message, "Critical failures detected: ");
    text_append_string(details, "{\"critical_failures\": [");
    size_t n = snapshot->n_critical_failures;
    for (size_t i = 0; i < n && i < ALERT_NAMES_MAX; i++) {
        const char *failure = snapshot->critical_failures[i].text;
        text_appendf(message, "%s%s", i > 0 ? ", " : "", failure);
        if (i > 0)
            text_append_string(details, ", ");
        text_append_json(details, failure);
    }
    if (n > ALERT_NAMES_MAX)
        text_appendf(message, " and %zu more", n - ALERT_NAMES_MAX);
    text_append_string(details, "], \"services_down\": ");
    append_names(details, snapshot, KIND_SERVICE, STATUS_DOWN);
    text_append_string(details, ", \"infra_down\": ");
    append_names(details, snapshot, KIND_INFRASTRUCTURE, STATUS_DOWN);
    text_append_string(details, "}");
}

static void describe_degraded(const snapshot_t *snapshot, text_t *message, text_t *details)
{
    text_appendf(message, "System degraded: %zu services degraded, %zu down",
                 count_services(snapshot, STATUS_DEGRADED), count_services(snapshot, STATUS_DOWN));
    text_append_string(details, "{\"services_degraded\": ");
    append_names(details, snapshot, KIND_SERVICE, STATUS_DEGRADED);
    text_append_string(details, ", \"services_down\": ");
    append_names(details, snapshot, KIND_SERVICE, STATUS_DOWN);
    text_append_string(details, ", \"infra_degraded\": ");
    append_names(details, snapshot, KIND_INFRASTRUCTURE, STATUS_DEGRADED);
    text_append_string(details, "}");
}

static void describe(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts)
{
    (void)self;
    const snapshot_t *snapshot = view->snapshot;
    text_appendf(&texts->title, "System Health %s", system_status_name(snapshot->status));
    if (snapshot->status == SYSTEM_CRITICAL)
        describe_critical(snapshot, &texts->message, &texts->details);
    else
        describe_degraded(snapshot, &texts->message, &texts->details);
}

static int level_of(const alert_view_t *view)
{
    if (!view->is_settled)
        return ALERT_LEVEL_HOLD;
    switch ((system_status_t)view->snapshot->status) {
    case SYSTEM_CRITICAL:
        return SEVERITY_CRITICAL;
    case SYSTEM_DEGRADED:
        return SEVERITY_WARNING;
    case SYSTEM_OK:
        return ALERT_LEVEL_NONE;
    case SYSTEM_UNKNOWN:
    case SYSTEM_STATUS_COUNT:
        break;
    }
    return ALERT_LEVEL_HOLD;
}

alert_condition_t alert_of_system(const alert_view_t *view)
{
    return (alert_condition_t){
        .component = ALERT_SYSTEM,
        .level = level_of(view),
        .wait_us = (int64_t)view->config->notify_after_ms * 1000,
        .describe = describe,
    };
}

/* Whether a target that makes the system as bad as LEVEL need not wait. */
static bool is_explained(alert_book_t *book, const alert_view_t *view, int level)
{
    for (size_t i = 0; i < view->snapshot->n_targets; i++) {
        const target_state_t *target = &view->snapshot->targets[i];
        if (target->status != STATUS_DOWN && target->status != STATUS_DEGRADED)
            continue;
        const alert_condition_t condition = alert_of_target(view, target);
        if (condition.level >= level && alert_book_is_due(book, view, &condition))
            return true;
    }
    return false;
}

/* The system waits as long as its own notify_after, but no longer than a target that explains it:
 * who is told of the one is told of the other. */
void alert_make_system(alert_book_t *book, const alert_view_t *view)
{
    alert_condition_t condition = alert_of_system(view);
    if (condition.level >= 0 && condition.wait_us > 0 && is_explained(book, view, condition.level))
        condition.wait_us = 0;
    alert_book_tell(book, view, &condition);
}
