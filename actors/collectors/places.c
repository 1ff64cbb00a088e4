#include "actors/collectors/places.h"

#include "core/schedule.h"

/* What stands for no place: no number of places reaches it. */
#define PLACE_NONE COLLECTOR_PROBES_MAX

void places_add(places_t *self, size_t n)
{
    if (self->n == 0)
        self->free = PLACE_NONE;
    for (size_t i = n; i-- > self->n;) {
        self->all[i] = (place_t){.next_free = self->free};
        self->free = i;
    }
    self->n = n;
}

size_t places_take(places_t *self, const actor_args_t *args, size_t target)
{
    size_t at = self->free;
    assert(at != PLACE_NONE);
    self->free = self->all[at].next_free;
    self->all[at] = (place_t){.args = args, .target = target, .begun_us = clock_mono_us()};
    self->n_taken++;
    return at;
}

const actor_args_t *places_free(places_t *self, size_t at)
{
    const actor_args_t *args = self->all[at].args;
    assert(args);
    self->all[at] = (place_t){.next_free = self->free};
    self->free = at;
    self->n_taken--;
    return args;
}

bool places_have(const places_t *self, const actor_args_t *args)
{
    for (size_t i = 0; i < self->n; i++) {
        if (self->all[i].args == args)
            return true;
    }
    return false;
}

void places_renumber(places_t *self, const size_t *new_of)
{
    for (size_t i = 0; i < self->n; i++) {
        place_t *place = &self->all[i];
        if (place->args && place->target != SCHEDULE_NONE)
            place->target = new_of[place->target];
    }
}
