#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert_book.h"

static kept_alert_t *active_at(const alert_book_t *book, const char *alert_id)
{
    for (size_t i = 0; i < book->alerts.n; i++) {
        kept_alert_t *kept = book_alert_at(book, i);
        if (kept_is_active(kept) && strcmp(kept->alert.alert_id, alert_id) == 0)
            return kept;
    }
    return NULL;
}

const alert_t *alert_book_active_at(const alert_book_t *book, const char *alert_id)
{
    const kept_alert_t *kept = active_at(book, alert_id);
    return kept ? &kept->alert : NULL;
}

alert_clear_t alert_book_begin_clear(alert_book_t *book, const char *alert_id, int64_t now_us,
                                     alert_effects_t *ret)
{
    assert(!book->to_clear);
    kept_alert_t *active = active_at(book, alert_id);
    if (!active)
        return ALERT_CLEAR_NOT_ACTIVE;
    const alert_t *alert = &active->alert;
    book->n_effects = 0;
    book->is_out_of_memory = false;
    book->to_clear = active;
    book->cleared = calloc(1, sizeof *book->cleared);
    book->quieted = kept_quiet_new(alert, now_us);
    if (!book->cleared || !book->quieted || alert_copy(alert, &book->cleared->alert)) {
        alert_book_end_clear(book, false);
        return ALERT_CLEAR_NO_MEMORY;
    }
    book_resolve(book, book->cleared, RESOLUTION_CLEARED, now_us);
    book_add_effect(book,
                    (alert_effect_t){.type = EFFECT_QUIET_SET, .quiet = &book->quieted->quiet});
    if (book->is_out_of_memory || book_list_add(&book->quiets, book->quieted)) {
        alert_book_end_clear(book, false);
        return ALERT_CLEAR_NO_MEMORY;
    }
    *ret = (alert_effects_t){.effects = book->effects, .n_effects = book->n_effects};
    return ALERT_CLEAR_BEGUN;
}

void alert_book_end_clear(alert_book_t *book, bool is_taken)
{
    kept_quiet_t *last = book->quiets.n ? book_quiet_at(book, book->quiets.n - 1) : NULL;
    if (is_taken) {
        book->to_clear->alert.resolution = book->cleared->alert.resolution;
        book->to_clear->alert.resolved_at_us = book->cleared->alert.resolved_at_us;
        book->quieted = NULL; /* the list has it */
    } else if (last && last == book->quieted) {
        book->quiets.n--;
    }
    kept_quiet_destroy(&book->quieted);
    kept_alert_destroy(&book->cleared);
    book->to_clear = NULL;
}
