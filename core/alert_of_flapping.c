/* Targets whose results change too often: one alert says so in place of one at each turn. */
#include <stdio.h>

#include "core/alert_book.h"
#include "core/alert_condition.h"

static void describe(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts)
{
    const target_state_t *target = self->subject;
    const flap_settings_t *flap = &view->config->flap;
    const char *kind = target->kind == KIND_SERVICE ? "Service" : "Infrastructure";
    text_appendf(&texts->title, "%s flapping: %s", kind, target->name);
    text_appendf(&texts->message,
                 "More than %g%% of the last %u results of %s differ from the one before; its "
                 "turns are not told until less than %g%% do",
                 flap->high * 100, flap->window, target->name, flap->low * 100);
    text_appendf(&texts->details, "{\"window\": %u, \"high\": %g, \"low\": %g}", flap->window,
                 flap->high, flap->low);
}

/* After a start a target is quiet only once it has had results enough. */
static int level_of(const alert_view_t *view, const target_state_t *target)
{
    if (!view->is_settled || target->is_flapping_unknown)
        return ALERT_LEVEL_HOLD;
    return target->is_flapping ? SEVERITY_WARNING : ALERT_LEVEL_NONE;
}

/* A group flaps by its members, of which this is told. */
static bool is_group(const config_t *config, const target_state_t *target)
{
    long at = config_target_at(config, target->name);
    return at >= 0 && config->targets[at].type == PROBE_GROUP;
}

/* Whether anything is remembered that a target which does not flap must end. */
static bool has_remembered(const alert_book_t *book)
{
    for (size_t i = 0; i < book->alerts.n; i++) {
        const kept_alert_t *kept = book_alert_at(book, i);
        if (kept->alert.kind == ALERT_KIND_FLAPPING && kept_is_active(kept))
            return true;
    }
    for (size_t i = 0; i < book->quiets.n; i++) {
        if (book_quiet_at(book, i)->kind == ALERT_KIND_FLAPPING)
            return true;
    }
    return false;
}

void alert_make_flapping(alert_book_t *book, const alert_view_t *view)
{
    bool tells_all = has_remembered(book);
    for (size_t i = 0; i < view->snapshot->n_targets; i++) {
        const target_state_t *target = &view->snapshot->targets[i];
        if ((!tells_all && !target->is_flapping) || is_group(view->config, target))
            continue;
        char component[TARGET_NAME_MAX_BYTES + sizeof FLAPPING_SUFFIX];
        (void)snprintf(component, sizeof component, "%s" FLAPPING_SUFFIX, target->name);
        const alert_condition_t condition = {
            .component = component,
            .kind = ALERT_KIND_FLAPPING,
            .level = level_of(view, target),
            .subject = target,
            .describe = describe,
        };
        alert_book_tell(book, view, &condition);
    }
}
