#include "core/trip.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *trip_event_type_name(int type)
{
    static const char *const names[TRIP_EVENT_TYPE_COUNT] = {
        [TRIP_EVENT_TRIPPED] = "ess.tripped",
        [TRIP_EVENT_MANUAL_RESET] = "ess.manual_reset",
        [TRIP_EVENT_REARMED] = "ess.rearmed",
        [TRIP_EVENT_STATE_CHANGED] = "ess.state.changed",
    };
    assert(type >= 0 && type < TRIP_EVENT_TYPE_COUNT);
    return names[type];
}

void trip_entry_id_text(const trip_t *self, char text[TRIP_ENTRY_ID_BYTES])
{
    (void)snprintf(text, TRIP_ENTRY_ID_BYTES, "%" PRIu64 "-%" PRIu64, self->entry_id.time_ms,
                   self->entry_id.sequence);
}

void trip_clear(trip_t *self)
{
    free(self->reason);
    free(self->data);
    *self = (trip_t){0};
}

int trip_copy(const trip_t *src, trip_t *dst)
{
    trip_t copy = *src;
    copy.reason = src->reason ? strdup(src->reason) : NULL;
    copy.data = src->data ? strdup(src->data) : NULL;
    if ((src->reason && !copy.reason) || (src->data && !copy.data)) {
        trip_clear(&copy);
        return -1;
    }
    trip_clear(dst);
    *dst = copy;
    return 0;
}

void trip_event_clear(trip_event_t *self)
{
    free(self->reason);
    free(self->data);
    *self = (trip_event_t){0};
}

/* Whether ENTRY_ID and BY decide over what SELF holds. */
static bool decides(const trip_t *self, entry_id_t entry_id, trip_by_t by)
{
    int order = entry_id_compare(entry_id, self->entry_id);
    return order > 0 || (order == 0 && by > self->by);
}

bool trip_apply_event(trip_t *self, entry_id_t entry_id, trip_event_t *event)
{
    if (event->effect == TRIP_CHANGES_NOTHING)
        return false;
    bool trips = event->effect == TRIP_TRIPS;
    trip_by_t by = TRIP_BY_RESET;
    if (trips)
        by = event->type == TRIP_EVENT_TRIPPED ? TRIP_BY_TRIPPED : TRIP_BY_STATE_CHANGED;
    if (!decides(self, entry_id, by))
        return false;
    trip_clear(self);
    *self = (trip_t){.entry_id = entry_id, .by = by, .is_tripped = trips};
    if (trips) {
        self->reason = event->reason;
        self->data = event->data;
        event->reason = NULL;
        event->data = NULL;
    }
    return true;
}

bool trip_apply_clear(trip_t *self, entry_id_t entry_id)
{
    if (!decides(self, entry_id, TRIP_BY_CLEAR))
        return false;
    trip_clear(self);
    *self = (trip_t){.entry_id = entry_id, .by = TRIP_BY_CLEAR};
    return true;
}
