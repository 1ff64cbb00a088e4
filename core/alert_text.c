#include "core/alert_text.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

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

static void describe_critical_system(const snapshot_t *snapshot, text_t *message, text_t *details)
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

static void describe_degraded_system(const snapshot_t *snapshot, text_t *message, text_t *details)
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

static void describe_degraded_target(const target_state_t *target, text_t *message, text_t *details)
{
    text_appendf(message, "%s %s is degraded: %s",
                 target->kind == KIND_SERVICE ? "Service" : "Infrastructure component",
                 target->name, target->error ? target->error : reason_name(target->reason));
    text_append_string(details, "{\"reason\": ");
    text_append_json(details, reason_name(target->reason));
    text_append_string(details, "}");
}

/* The title, message and details of COMPONENT's condition; TARGET is NULL for the system. */
static void describe(const snapshot_t *snapshot, const target_state_t *target, text_t *title,
                     text_t *message, text_t *details)
{
    if (!target) {
        text_appendf(title, "System Health %s", system_status_name(snapshot->status));
        if (snapshot->status == SYSTEM_CRITICAL)
            describe_critical_system(snapshot, message, details);
        else
            describe_degraded_system(snapshot, message, details);
        return;
    }
    if (target->kind == KIND_NONE) {
        text_append_string(title, "Emergency Stop System TRIPPED");
        text_appendf(message, "ESS activated: %s", target->error ? target->error : "Unknown");
        text_append_string(details, target->details ? target->details : "{}");
        return;
    }
    text_appendf(title, "%s %s: %s", target->kind == KIND_SERVICE ? "Service" : "Infrastructure",
                 status_name(target->status), target->name);
    if (target->status == STATUS_DEGRADED) {
        describe_degraded_target(target, message, details);
        return;
    }
    text_appendf(message,
                 target->kind == KIND_SERVICE ? "Service %s is not responding"
                                              : "Infrastructure component %s is unavailable",
                 target->name);
    text_append_string(details, "{}");
}

int alert_describe(const snapshot_t *snapshot, const target_state_t *target, alert_t *ret)
{
    text_t title = {0};
    text_t message = {0};
    text_t details = {0};
    describe(snapshot, target, &title, &message, &details);
    bool has_entry = target && target->entry_id;
    alert_t alert = {
        .component = strdup(target ? target->name : ALERT_SYSTEM),
        .reason = target ? target->reason : REASON_NONE,
        .title = text_take(&title),
        .message = text_take(&message),
        .details = text_take(&details),
        .entry_id = has_entry ? strdup(target->entry_id) : NULL,
    };
    if (!alert.component || !alert.title || !alert.message || !alert.details ||
        (has_entry && !alert.entry_id)) {
        alert_clear(&alert);
        return -1;
    }
    *ret = alert;
    return 0;
}
