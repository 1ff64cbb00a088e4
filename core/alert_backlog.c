#include "core/alert_backlog.h"

#include <stdlib.h>
#include <string.h>

/* What is known of a waiting event's alert while events are shed. */
typedef struct {
    const alert_event_t *event;
    size_t position;
    bool is_ended;  /* the end of its alert waits too */
    bool is_raised; /* the raise of its alert waits too, or was shed */
} place_t;

static size_t length(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static size_t cost(const alert_event_t *event)
{
    const alert_t *alert = event->alert;
    return sizeof *event + sizeof *alert + length(alert->alert_id) + length(alert->component) +
           length(alert->title) + length(alert->message) + length(alert->details) +
           length(alert->entry_id);
}

/* --- shedding --- */

static int compare_places(const void *a, const void *b)
{
    const place_t *x = a;
    const place_t *y = b;
    int order = strcmp(x->event->alert->alert_id, y->event->alert->alert_id);
    return order ? order : (x->position > y->position) - (x->position < y->position);
}

static int compare_positions(const void *a, const void *b)
{
    const place_t *x = a;
    const place_t *y = b;
    return (x->position > y->position) - (x->position < y->position);
}

/* Marks the N events of one alert. */
static void mark_alert(const alert_backlog_t *self, place_t *places, size_t n)
{
    bool is_raised = false;
    bool is_ended = false;
    for (size_t i = 0; i < n; i++) {
        is_raised = is_raised || places[i].event->kind == ALERT_RAISED ||
                    self->is_orphan[places[i].position];
        is_ended = is_ended || places[i].event->kind == ALERT_RESOLVED;
    }
    for (size_t i = 0; i < n; i++) {
        places[i].is_raised = is_raised;
        places[i].is_ended = is_ended;
    }
}

/* One place for each event, in their order. NULL: out of memory. */
static place_t *find_places(const alert_backlog_t *self)
{
    size_t n = self->n_events;
    place_t *places = calloc(n + 1, sizeof *places);
    if (!places)
        return NULL;
    for (size_t i = 0; i < n; i++)
        places[i] = (place_t){.event = &self->events[i], .position = i};
    qsort(places, n, sizeof *places, compare_places);
    for (size_t first = 0, end = 0; first < n; first = end) {
        const char *alert_id = places[first].event->alert->alert_id;
        for (end = first; end < n && !strcmp(places[end].event->alert->alert_id, alert_id);)
            end++;
        mark_alert(self, &places[first], end - first);
    }
    qsort(places, n, sizeof *places, compare_positions);
    return places;
}

/* Which of the three classes an event is in; 3: it is never shed. */
static int class_of(const place_t *place)
{
    if (place->event->kind == ALERT_UPDATED)
        return 0;
    if (!place->is_raised || !place->is_ended)
        return 3;
    return place->event->kind == ALERT_RAISED ? 1 : 2;
}

static void shed_event(alert_backlog_t *self, alert_event_t *event)
{
    self->bytes -= cost(event);
    if (event->kind == ALERT_UPDATED)
        self->n_shed_updates++;
    else
        self->n_shed_others++;
    alert_event_clear(event);
}

static void move_event(alert_backlog_t *self, size_t to, size_t from)
{
    self->events[to] = self->events[from];
    self->is_orphan[to] = self->is_orphan[from];
}

static void compact(alert_backlog_t *self)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n_events; i++)
        if (self->events[i].alert)
            move_event(self, n++, i);
    self->n_events = n;
}

/* Down to half of the bound, as far as may be. */
static void shed(alert_backlog_t *self)
{
    place_t *places = find_places(self);
    if (!places)
        return; /* the next event tries again */
    for (int class = 0; class < 3; class ++) {
        for (size_t i = 0; i < self->n_events; i++) {
            if (self->bytes <= ALERT_BACKLOG_MAX_BYTES / 2)
                break;
            if (self->events[i].alert && class_of(&places[i]) == class)
                shed_event(self, &self->events[i]);
        }
    }
    for (size_t i = 0; i < self->n_events; i++)
        self->is_orphan[i] = places[i].is_raised && places[i].is_ended;
    free(places);
    compact(self);
    self->shed_at_bytes = self->bytes + ALERT_BACKLOG_MAX_BYTES / 2;
}

/* --- what waits --- */

/* Makes room for one more item of SIZE bytes in a list. 0, or -1: out of memory. */
static int reserve(void **list, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity)
        return 0;
    size_t grown = *capacity ? 2 * *capacity : 16;
    void *larger = reallocarray(*list, grown, size);
    if (!larger)
        return -1;
    *list = larger;
    *capacity = grown;
    return 0;
}

/* Both arrays grow, or a second try finds one that has. */
static int reserve_event(alert_backlog_t *self)
{
    void *events = self->events;
    void *orphans = self->is_orphan;
    size_t capacity = self->events_capacity;
    size_t same = capacity;
    int rc = reserve(&events, self->n_events, &capacity, sizeof *self->events);
    self->events = events;
    if (!rc)
        rc = reserve(&orphans, self->n_events, &same, sizeof *self->is_orphan);
    self->is_orphan = orphans;
    if (!rc)
        self->events_capacity = capacity;
    return rc;
}

int alert_backlog_add(alert_backlog_t *self, const alert_event_t *event)
{
    alert_event_t copy = {0};
    if (reserve_event(self) || alert_event_copy(event, &copy))
        return -1;
    self->is_orphan[self->n_events] = false;
    self->events[self->n_events++] = copy;
    self->bytes += cost(&copy);
    size_t limit = self->shed_at_bytes ? self->shed_at_bytes : ALERT_BACKLOG_MAX_BYTES;
    if (self->bytes > limit)
        shed(self);
    return 0;
}

static void clear_change(quiet_change_t *change)
{
    free(change->quiet.component);
    free(change->quiet.alert_id);
    *change = (quiet_change_t){0};
}

int alert_backlog_add_change(alert_backlog_t *self, const quiet_change_t *change)
{
    void *list = self->changes;
    int rc = reserve(&list, self->n_changes, &self->changes_capacity, sizeof *self->changes);
    self->changes = list;
    if (rc)
        return -1;
    quiet_change_t copy = *change;
    copy.quiet.component = strdup(change->quiet.component);
    copy.quiet.alert_id = change->quiet.alert_id ? strdup(change->quiet.alert_id) : NULL;
    if (!copy.quiet.component || (change->quiet.alert_id && !copy.quiet.alert_id)) {
        clear_change(&copy);
        return -1;
    }
    self->changes[self->n_changes++] = copy;
    return 0;
}

bool alert_backlog_is_empty(const alert_backlog_t *self)
{
    return self->n_events == 0 && self->n_changes == 0;
}

void alert_backlog_clear(alert_backlog_t *self)
{
    for (size_t i = 0; i < self->n_events; i++)
        alert_event_clear(&self->events[i]);
    for (size_t i = 0; i < self->n_changes; i++)
        clear_change(&self->changes[i]);
    free(self->events);
    free(self->is_orphan);
    free(self->changes);
    *self = (alert_backlog_t){0};
}
