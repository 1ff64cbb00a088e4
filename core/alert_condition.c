#include "core/alert_condition.h"

#include <stdlib.h>
#include <string.h>

int alert_describe(const alert_view_t *view, const alert_condition_t *condition, alert_t *ret)
{
    alert_texts_t texts = {0};
    condition->describe(view, condition, &texts);
    alert_t alert = {
        .component = strdup(condition->component),
        .kind = condition->kind,
        .reason = condition->reason,
        .title = text_take(&texts.title),
        .message = text_take(&texts.message),
        .details = text_take(&texts.details),
        .entry_id = condition->entry_id ? strdup(condition->entry_id) : NULL,
    };
    if (!alert.component || !alert.title || !alert.message || !alert.details ||
        (condition->entry_id && !alert.entry_id)) {
        alert_clear(&alert);
        return -1;
    }
    *ret = alert;
    return 0;
}
