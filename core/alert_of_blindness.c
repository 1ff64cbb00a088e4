/* healthd's own network is lost: one alert in place of one for each target that cannot be seen. */
#include "core/alert_component.h"
#include "core/alert_condition.h"

static void describe(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts)
{
    (void)self;
    const snapshot_t *snapshot = view->snapshot;
    size_t n = 0;
    text_append_string(&texts->title, "Blind: own network lost");
    text_append_string(&texts->message, "No address answers of connectivity check ");
    text_append_string(&texts->details, "{\"connectivity_checks\": [");
    for (size_t i = 0; i < snapshot->n_connectivity; i++) {
        const connectivity_t *check = &snapshot->connectivity[i];
        if (check->sight != SIGHT_LOST)
            continue;
        text_appendf(&texts->message, "%s%s", n > 0 ? ", " : "", check->name);
        text_append_string(&texts->details, n > 0 ? ", " : "");
        text_append_json(&texts->details, check->name);
        n++;
    }
    text_append_string(&texts->message,
                       ": targets whose own checks fail are UNKNOWN until one does");
    text_append_string(&texts->details, "]}");
}

/* What an earlier run told stays until every check has been seen to work. */
static int level_of(const snapshot_t *snapshot)
{
    int level = ALERT_LEVEL_NONE;
    for (size_t i = 0; i < snapshot->n_connectivity; i++) {
        int sight = snapshot->connectivity[i].sight;
        if (sight == SIGHT_LOST)
            return SEVERITY_CRITICAL;
        if (sight != SIGHT_OK)
            level = ALERT_LEVEL_HOLD;
    }
    return level;
}

void alert_make_blindness(alert_book_t *book, const alert_view_t *view)
{
    if (view->snapshot->n_connectivity == 0)
        return;
    const alert_condition_t condition = {
        .component = ALERT_BLIND,
        .kind = ALERT_KIND_BLIND,
        .level = level_of(view->snapshot),
        .reason = REASON_BLIND,
        .describe = describe,
    };
    alert_book_tell(book, view, &condition);
}
