#include "actors/event_bus/waiting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static size_t cost(const waiting_event_t *event)
{
    return strlen(event->row.body) + OUTBOUND_ROW_BYTES;
}

/* Takes out the event after BEFORE, which must be there. */
static void remove_after(waiting_t *self, waiting_event_t *before)
{
    waiting_event_t *event = before->next;
    before->next = event->next;
    if (self->last == event)
        self->last = before;
    self->bytes -= cost(event);
    self->n--;
    outbound_clear(&event->row);
    free(event);
}

/* The event before the oldest one of a class that may be dropped, or NULL. */
static waiting_event_t *before_oldest(const waiting_t *self, bool is_alert)
{
    for (waiting_event_t *at = self->first; at && at->next && at->next != self->last; at = at->next)
        if (at->next->row.is_alert == is_alert)
            return at;
    return NULL;
}

int waiting_add(waiting_t *self, outbound_t *row, outbound_drops_t *drops)
{
    waiting_event_t *event = calloc(1, sizeof *event);
    if (!event)
        return -1;
    event->row = *row;
    *row = (outbound_t){0};
    if (self->last)
        self->last->next = event;
    else
        self->first = event;
    self->last = event;
    self->bytes += cost(event);
    self->n++;
    while (self->bytes > WAITING_MAX_BYTES) {
        waiting_event_t *before = before_oldest(self, false);
        if (!before)
            before = before_oldest(self, true);
        if (!before)
            break;
        outbound_drops_count(drops, before->next->row.is_alert);
        remove_after(self, before);
    }
    return 0;
}

outbound_t waiting_take_first(waiting_t *self)
{
    waiting_event_t *event = self->first;
    assert(event);
    self->first = event->next;
    if (!self->first)
        self->last = NULL;
    self->bytes -= cost(event);
    self->n--;
    outbound_t row = event->row;
    free(event);
    return row;
}

void waiting_clear(waiting_t *self)
{
    while (self->first) {
        outbound_t row = waiting_take_first(self);
        outbound_clear(&row);
    }
}
