#include "actors/alert_manager/stop_clears.h"

#include <stdlib.h>
#include <string.h>

#include "core/entry_id.h"
#include "core/snapshot_view.h"

static void end_place(stop_clear_t *place)
{
    zframe_destroy(&place->asker);
    free(place->entry_id);
    *place = (stop_clear_t){0};
}

/* Whether the state no longer shows the trip that was cleared. */
static bool shows_clear(const snapshot_t *state, const stop_clear_t *place)
{
    const target_state_t *stop = state ? snapshot_target_at(state, EMERGENCY_STOP) : NULL;
    return stop && (stop->status != STATUS_DOWN ||
                    entry_id_compare_texts(stop->entry_id, place->entry_id) > 0);
}

bool stop_clears_add(stop_clears_t *self, const alert_t *stop, zframe_t *asker, uint64_t request_id,
                     int64_t now_us)
{
    for (size_t i = 0; i < STOP_CLEARS_MAX; i++) {
        if (self->places[i].asker)
            continue;
        self->places[i] = (stop_clear_t){
            .asker = zframe_dup(asker),
            .request_id = request_id,
            .entry_id = stop->entry_id ? strdup(stop->entry_id) : NULL,
            .deadline_us = now_us + STOP_CLEAR_DEADLINE_US,
        };
        return true;
    }
    return false;
}

int64_t stop_clears_step(stop_clears_t *self, const snapshot_t *state, int64_t now_us,
                         stop_clears_answer_fn *answer, void *context)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < STOP_CLEARS_MAX; i++) {
        stop_clear_t *place = &self->places[i];
        if (!place->asker)
            continue;
        if (!shows_clear(state, place) && now_us < place->deadline_us) {
            next_us = place->deadline_us < next_us ? place->deadline_us : next_us;
            continue;
        }
        answer(context, place->request_id, place->asker);
        end_place(place);
    }
    return next_us;
}

void stop_clears_end(stop_clears_t *self)
{
    for (size_t i = 0; i < STOP_CLEARS_MAX; i++)
        end_place(&self->places[i]);
}
