/* notify_after: what lasts less than that tells nobody. */
#include <stdlib.h>
#include <string.h>

#include "core/alert_book.h"

void kept_wait_destroy(kept_wait_t **kept)
{
    if (*kept)
        free((*kept)->component);
    free(*kept);
    *kept = NULL;
}

/* Whether someone was told, or has cleared what was told. */
static bool is_known(const alert_book_t *book, const char *component)
{
    for (int level = SEVERITY_INFO; level < SEVERITY_COUNT; level++) {
        const book_slot_t *slot = book_slot_at(book, component, level);
        if (kept_is_active(slot->newest) || (slot->quiet && !slot->quiet->is_ended))
            return true;
    }
    return false;
}

/* When a condition that is told for the first time began: what the wall clock says of it is
 * believed as far as the wait. */
static int64_t begun_us(const alert_view_t *view, const alert_condition_t *condition)
{
    int64_t age_us = condition->since_us ? view->now_us - condition->since_us : 0;
    if (age_us < 0)
        age_us = 0;
    return view->since_start_us - (age_us < condition->wait_us ? age_us : condition->wait_us);
}

static kept_wait_t *begin(alert_book_t *book, const alert_view_t *view,
                          const alert_condition_t *condition)
{
    kept_wait_t *wait = calloc(1, sizeof *wait);
    if (!wait)
        return NULL;
    wait->component = strdup(condition->component);
    wait->begun_us = begun_us(view, condition);
    if (!wait->component || book_list_add(&book->waits, wait) ||
        (2 * book_size(book) > book->n_slots && book_make_slots(book))) {
        if (book->waits.n > 0 && book->waits.items[book->waits.n - 1] == wait)
            book->waits.n--;
        kept_wait_destroy(&wait);
        return NULL;
    }
    book_slot_t *slot = book_slot_at(book, wait->component, BOOK_NO_LEVEL);
    slot->component = wait->component;
    slot->level = BOOK_NO_LEVEL;
    slot->wait = wait;
    return wait;
}

bool alert_book_is_due(alert_book_t *book, const alert_view_t *view,
                       const alert_condition_t *condition)
{
    if (condition->wait_us == 0 || is_known(book, condition->component))
        return true;
    kept_wait_t *wait = book_slot_at(book, condition->component, BOOK_NO_LEVEL)->wait;
    if (!wait)
        wait = begin(book, view, condition);
    if (!wait)
        return true; /* without memory for the wait, rather too early */
    int64_t due_us = wait->begun_us + condition->wait_us;
    if (view->since_start_us >= due_us)
        return true;
    alert_book_wake_at(book, due_us);
    return false;
}

void alert_wait_follow(alert_book_t *book, const alert_condition_t *condition, bool is_raised)
{
    kept_wait_t *wait = book_slot_at(book, condition->component, BOOK_NO_LEVEL)->wait;
    if (wait)
        wait->is_seen = !is_raised && condition->level != ALERT_LEVEL_NONE;
}

void alert_wait_sweep(alert_book_t *book)
{
    size_t n = 0;
    for (size_t i = 0; i < book->waits.n; i++) {
        kept_wait_t *wait = book->waits.items[i];
        if (wait->is_seen)
            book->waits.items[n++] = wait;
        else
            kept_wait_destroy(&wait);
        if (wait)
            wait->is_seen = false;
    }
    book->waits.n = n;
}
