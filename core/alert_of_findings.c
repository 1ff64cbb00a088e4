/* What actors found out: a condition that lasts as long as one of them says so. */
#include <stdlib.h>
#include <string.h>

#include "core/alert_book.h"
#include "core/alert_condition.h"

static kept_finding_t *finding_at(const alert_book_t *book, size_t i)
{
    return book->findings.items[i];
}

void kept_finding_destroy(kept_finding_t **kept)
{
    if (*kept)
        finding_clear(&(*kept)->finding);
    free(*kept);
    *kept = NULL;
}

/* Position of the finding of SOURCE about COMPONENT, or of the place where it belongs: those about
 * one component stand side by side. */
static size_t place_of(const alert_book_t *book, const finding_t *finding, bool *ret_is_known)
{
    size_t place = book->findings.n;
    *ret_is_known = false;
    for (size_t i = 0; i < book->findings.n; i++) {
        const finding_t *other = &finding_at(book, i)->finding;
        if (strcmp(other->component, finding->component) != 0)
            continue;
        place = i + 1;
        *ret_is_known = strcmp(other->source, finding->source) == 0;
        if (*ret_is_known)
            return i;
    }
    return place;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same(const finding_t *a, const finding_t *b)
{
    return a->is_active == b->is_active &&
           (!a->is_active ||
            (a->severity == b->severity && a->kind == b->kind && is_same_text(a->title, b->title) &&
             is_same_text(a->message, b->message) && is_same_text(a->details, b->details)));
}

/* Puts KEPT at PLACE; -1: out of memory. */
static int insert(alert_book_t *book, kept_finding_t *kept, size_t place)
{
    if (book_list_add(&book->findings, kept))
        return -1;
    void **items = book->findings.items;
    memmove(&items[place + 1], &items[place], (book->findings.n - 1 - place) * sizeof *items);
    items[place] = kept;
    return 0;
}

finding_outcome_t alert_book_take_finding(alert_book_t *book, const finding_t *finding,
                                          int64_t since_start_us)
{
    bool is_known;
    size_t place = place_of(book, finding, &is_known);
    kept_finding_t *known = is_known ? finding_at(book, place) : NULL;
    if (!known && !finding->is_active)
        return FINDING_OLD;
    if (finding->kind == ALERT_KIND_STATUS || (!known && book->findings.n >= FINDINGS_MAX))
        return FINDING_REFUSED;
    if (known && is_same(&known->finding, finding)) {
        known->heard_us = since_start_us;
        return FINDING_OLD;
    }
    finding_t copy = {0};
    if (finding_copy(finding, &copy))
        return FINDING_REFUSED;
    if (known) {
        finding_clear(&known->finding);
        *known = (kept_finding_t){.finding = copy, .heard_us = since_start_us};
        return FINDING_NEW;
    }
    kept_finding_t *kept = calloc(1, sizeof *kept);
    if (!kept || insert(book, kept, place)) {
        free(kept);
        finding_clear(&copy);
        return FINDING_REFUSED;
    }
    *kept = (kept_finding_t){.finding = copy, .heard_us = since_start_us};
    return FINDING_NEW;
}

/* Whether KEPT holds; one that nobody repeated any more ends here. */
static bool does_hold(alert_book_t *book, kept_finding_t *kept, const alert_view_t *view)
{
    int64_t end_us = kept->heard_us + FINDING_LIFE_US;
    if (view->since_start_us >= end_us)
        kept->finding.is_active = false;
    if (kept->finding.is_active)
        alert_book_wake_at(book, end_us);
    return kept->finding.is_active;
}

static void describe(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts)
{
    (void)view;
    const finding_t *finding = self->subject;
    text_append_string(&texts->title, finding->title);
    text_append_string(&texts->message, finding->message);
    text_append_string(&texts->details, finding->details ? finding->details : "{}");
}

/* Tells of the component of the finding at I; gives the position of the next component's. */
static size_t tell_component(alert_book_t *book, const alert_view_t *view, size_t i)
{
    const finding_t *first = &finding_at(book, i)->finding;
    alert_condition_t condition = {.component = first->component,
                                   .kind = first->kind,
                                   .level = ALERT_LEVEL_NONE,
                                   .describe = describe};
    for (; i < book->findings.n; i++) {
        kept_finding_t *kept = finding_at(book, i);
        if (strcmp(kept->finding.component, condition.component) != 0)
            break;
        if (does_hold(book, kept, view) && kept->finding.severity > condition.level) {
            condition.level = kept->finding.severity;
            condition.kind = kept->finding.kind;
            condition.subject = &kept->finding;
        }
    }
    alert_book_tell(book, view, &condition);
    return i;
}

/* Those that are over were told once more above, and are forgotten. */
static void sweep(alert_book_t *book)
{
    size_t n = 0;
    for (size_t i = 0; i < book->findings.n; i++) {
        kept_finding_t *kept = finding_at(book, i);
        if (kept->finding.is_active)
            book->findings.items[n++] = kept;
        else
            kept_finding_destroy(&kept);
    }
    book->findings.n = n;
}

void alert_make_findings(alert_book_t *book, const alert_view_t *view)
{
    for (size_t i = 0; i < book->findings.n;)
        i = tell_component(book, view, i);
    sweep(book);
}
