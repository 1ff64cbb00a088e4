/*
 * Certificates that end soon, of targets that ask for it (cert_alert): an alert of its own beside
 * the target's status, for a certificate that ends soon still serves. Texts name the instant and
 * not the time left, so that the alert does not change with every snapshot.
 */
#include <stdio.h>

#include "core/alert_component.h"
#include "core/alert_condition.h"
#include "core/timestamp.h"

_Static_assert(TARGET_NAME_MAX_BYTES + sizeof CERTIFICATE_SUFFIX <= ALERT_COMPONENT_MAX_BYTES,
               "room");

static void describe(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts)
{
    const target_state_t *target = self->subject;
    const measurement_t *measured = target->measurement;
    bool is_over = measured->cert_expires_at_us <= view->now_us;
    char earliest[TIMESTAMP_BYTES];
    char leaf[TIMESTAMP_BYTES];
    timestamp_iso(measured->cert_expires_at_us, earliest);
    timestamp_iso(measured->cert_leaf_expires_at_us, leaf);
    text_appendf(&texts->title, "Certificate %s: %s", is_over ? "expired" : "expires soon",
                 target->name);
    text_appendf(&texts->message, "The certificate of %s %s at %s", target->name,
                 is_over ? "expired" : "expires", earliest);
    text_appendf(&texts->details, "{\"expires_at\": \"%s\", \"leaf_expires_at\": \"%s\"}", earliest,
                 leaf);
}

/* The level of the certificate that STATE shows. */
static int level_of(const alert_view_t *view, const target_t *target, const target_state_t *state)
{
    const measurement_t *measured = state->measurement;
    if (!measured || state->checked_at_us == 0)
        return ALERT_LEVEL_HOLD;
    if (measured->cert_expires_at_us == 0) /* an answer without one, or no answer */
        return measured->http_code == MEASURED_NONE ? ALERT_LEVEL_HOLD : ALERT_LEVEL_NONE;
    int64_t left_us = measured->cert_expires_at_us - view->now_us;
    if (left_us < target->cert_critical_us)
        return SEVERITY_CRITICAL;
    return left_us < target->cert_warning_us ? SEVERITY_WARNING : ALERT_LEVEL_NONE;
}

void alert_make_certificates(alert_book_t *book, const alert_view_t *view)
{
    const config_t *config = view->config;
    for (size_t i = 0; i < view->snapshot->n_targets; i++) {
        const target_state_t *state = &view->snapshot->targets[i];
        long at = config_target_at(config, state->name);
        const target_t *target = at >= 0 ? &config->targets[at] : NULL;
        if (!target || (target->cert_warning_us == 0 && target->cert_critical_us == 0))
            continue; /* an alert that it had is ended as told of by nobody */
        char component[ALERT_COMPONENT_MAX_BYTES + 1];
        (void)snprintf(component, sizeof component, "%s" CERTIFICATE_SUFFIX, state->name);
        const alert_condition_t condition = {
            .component = component,
            .kind = ALERT_KIND_CERTIFICATE,
            .level = level_of(view, target, state),
            .subject = state,
            .describe = describe,
        };
        alert_book_tell(book, view, &condition);
    }
}
