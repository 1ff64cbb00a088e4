#include "core/alert_book.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

/* --- lists --- */

int book_list_add(book_list_t *list, void *item)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        void **grown = realloc(list->items, capacity * sizeof *list->items);
        if (!grown)
            return -1;
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->n++] = item;
    return 0;
}

void kept_alert_destroy(kept_alert_t **kept)
{
    if (*kept)
        alert_clear(&(*kept)->alert);
    free(*kept);
    *kept = NULL;
}

void kept_quiet_destroy(kept_quiet_t **kept)
{
    if (*kept) {
        free((*kept)->quiet.component);
        free((*kept)->quiet.alert_id);
        free((*kept)->entry_id);
    }
    free(*kept);
    *kept = NULL;
}

kept_alert_t *book_alert_at(const alert_book_t *book, size_t i)
{
    return book->alerts.items[i];
}

kept_quiet_t *book_quiet_at(const alert_book_t *book, size_t i)
{
    return book->quiets.items[i];
}

/* Forgets ended quiet marks and the oldest ended alerts beyond ALERT_HISTORY_MAX. */
void book_sweep(alert_book_t *book)
{
    size_t n_ended = 0;
    for (size_t i = 0; i < book->alerts.n; i++)
        n_ended += !kept_is_active(book_alert_at(book, i));
    size_t n_forget = n_ended > ALERT_HISTORY_MAX ? n_ended - ALERT_HISTORY_MAX : 0;
    size_t n = 0;
    for (size_t i = 0; i < book->alerts.n; i++) {
        kept_alert_t *kept = book_alert_at(book, i);
        kept->is_seen = false;
        if (n_forget > 0 && !kept_is_active(kept)) {
            kept_alert_destroy(&kept);
            n_forget--;
        } else {
            book->alerts.items[n++] = kept;
        }
    }
    book->alerts.n = n;
    n = 0;
    for (size_t i = 0; i < book->quiets.n; i++) {
        kept_quiet_t *kept = book_quiet_at(book, i);
        kept->is_seen = false;
        if (kept->is_ended)
            kept_quiet_destroy(&kept);
        else
            book->quiets.items[n++] = kept;
    }
    book->quiets.n = n;
}

static kept_quiet_t *quiet_of(const quiet_t *quiet, int kind, const char *entry_id)
{
    kept_quiet_t *kept = calloc(1, sizeof *kept);
    if (!kept)
        return NULL;
    kept->kind = kind;
    kept->quiet.component = strdup(quiet->component);
    kept->quiet.level = quiet->level;
    kept->quiet.since_us = quiet->since_us;
    kept->quiet.alert_id = strdup(quiet->alert_id);
    kept->entry_id = entry_id ? strdup(entry_id) : NULL;
    if (!kept->quiet.component || !kept->quiet.alert_id || (entry_id && !kept->entry_id))
        kept_quiet_destroy(&kept);
    return kept;
}

kept_quiet_t *kept_quiet_new(const alert_t *alert, int64_t since_us)
{
    const quiet_t quiet = {
        .component = alert->component,
        .level = alert->level,
        .since_us = since_us,
        .alert_id = alert->alert_id,
    };
    return quiet_of(&quiet, alert->kind, alert->entry_id);
}

/* --- look-up by component and level --- */

static size_t hash_of(const char *component, int level)
{
    return (size_t)hash_mix(hash_of_text(component) + (uint64_t)level);
}

/* The slot of COMPONENT and LEVEL, which may be a free one. */
book_slot_t *book_slot_at(const alert_book_t *book, const char *component, int level)
{
    size_t at = hash_of(component, level) & (book->n_slots - 1);
    while (book->slots[at].component &&
           (book->slots[at].level != level || strcmp(book->slots[at].component, component) != 0))
        at = (at + 1) & (book->n_slots - 1);
    return &book->slots[at];
}

int book_make_slots(alert_book_t *book)
{
    size_t n = 16;
    while (n < 2 * book_size(book))
        n *= 2;
    book_slot_t *slots = calloc(n, sizeof *slots);
    if (!slots)
        return -1;
    free(book->slots);
    book->slots = slots;
    book->n_slots = n;
    for (size_t i = 0; i < book->alerts.n; i++) {
        kept_alert_t *kept = book_alert_at(book, i);
        book_slot_t *slot = book_slot_at(book, kept->alert.component, kept->alert.level);
        slot->component = kept->alert.component;
        slot->level = kept->alert.level;
        kept->older = slot->newest;
        slot->newest = kept;
    }
    for (size_t i = 0; i < book->quiets.n; i++) {
        kept_quiet_t *kept = book_quiet_at(book, i);
        book_slot_t *slot = book_slot_at(book, kept->quiet.component, kept->quiet.level);
        slot->component = kept->quiet.component;
        slot->level = kept->quiet.level;
        slot->quiet = kept;
    }
    for (size_t i = 0; i < book->waits.n; i++) {
        kept_wait_t *kept = book->waits.items[i];
        book_slot_t *slot = book_slot_at(book, kept->component, BOOK_NO_LEVEL);
        slot->component = kept->component;
        slot->level = BOOK_NO_LEVEL;
        slot->wait = kept;
    }
    return 0;
}

/* --- life --- */

alert_book_t *alert_book_new(const config_t *config)
{
    alert_book_t *book = calloc(1, sizeof *book);
    if (book) {
        book->config = config;
        book->next_us = INT64_MAX;
    }
    return book;
}

void alert_book_reconfigure(alert_book_t *book, const config_t *config)
{
    book->config = config;
}

void alert_book_destroy(alert_book_t **book_p)
{
    alert_book_t *book = *book_p;
    if (!book)
        return;
    for (size_t i = 0; i < book->alerts.n; i++) {
        kept_alert_t *kept = book_alert_at(book, i);
        kept_alert_destroy(&kept);
    }
    for (size_t i = 0; i < book->quiets.n; i++) {
        kept_quiet_t *kept = book_quiet_at(book, i);
        kept_quiet_destroy(&kept);
    }
    for (size_t i = 0; i < book->findings.n; i++) {
        kept_finding_t *kept = book->findings.items[i];
        kept_finding_destroy(&kept);
    }
    free(book->alerts.items);
    free(book->quiets.items);
    for (size_t i = 0; i < book->waits.n; i++) {
        kept_wait_t *kept = book->waits.items[i];
        kept_wait_destroy(&kept);
    }
    free(book->findings.items);
    free(book->waits.items);
    free(book->slots);
    free(book->effects);
    free(book);
    *book_p = NULL;
}

int alert_book_restore_alert(alert_book_t *book, const alert_t *alert)
{
    kept_alert_t *kept = calloc(1, sizeof *kept);
    if (kept && alert_copy(alert, &kept->alert) == 0 && book_list_add(&book->alerts, kept) == 0)
        return 0;
    kept_alert_destroy(&kept);
    return -1;
}

int alert_book_restore_quiet(alert_book_t *book, const quiet_t *quiet)
{
    const char *entry_id = NULL;
    int kind = ALERT_KIND_STATUS;
    for (size_t i = 0; i < book->alerts.n; i++) {
        const alert_t *alert = alert_book_at(book, i);
        if (strcmp(alert->alert_id, quiet->alert_id) == 0) {
            entry_id = alert->entry_id;
            kind = alert->kind;
        }
    }
    kept_quiet_t *kept = quiet_of(quiet, kind, entry_id);
    if (kept && book_list_add(&book->quiets, kept) == 0)
        return 0;
    kept_quiet_destroy(&kept);
    return -1;
}

size_t alert_book_count(const alert_book_t *book)
{
    return book->alerts.n;
}

const alert_t *alert_book_at(const alert_book_t *book, size_t i)
{
    return &book_alert_at(book, i)->alert;
}

void alert_book_note_written(alert_book_t *book, const alert_event_t *events, size_t n_events)
{
    (void)book; /* whose alerts they are */
    for (size_t i = 0; i < n_events; i++)
        events[i].alert->is_unwritten = !events[i].is_durable;
}

void alert_book_note_all_written(alert_book_t *book)
{
    for (size_t i = 0; i < book->alerts.n; i++)
        book_alert_at(book, i)->alert.is_unwritten = false;
}
