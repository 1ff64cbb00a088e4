/* A collector goes over to another configuration. */
#include "actors/collectors/collector_parts.h"
#include "core/shares.h"

static size_t most_of(size_t n_most)
{
    return n_most == 0 || n_most > COLLECTOR_PROBES_MAX ? COLLECTOR_PROBES_MAX : n_most;
}

size_t collector_n_probes_for(const actor_args_t *args, const target_list_t *list, size_t n_most)
{
    size_t max = args->config->max_in_flight;
    if (max == 0 || max > most_of(n_most))
        max = most_of(n_most);
    size_t n_all = args->config->n_targets + args->config->n_internal;
    return shares_probes(args->n_descriptors, list->n, n_all, max);
}

/* More targets than there are places: room for their probes, and for as many again as there was. */
static void grow(collector_t *self)
{
    size_t n = 2 * self->places.n;
    if (self->n_probes <= self->places.n)
        return;
    if (n < COLLECTOR_GROWN_MIN)
        n = COLLECTOR_GROWN_MIN;
    if (n < self->n_probes)
        n = self->n_probes;
    if (n > most_of(self->handlers.n_most))
        n = most_of(self->handlers.n_most);
    if (self->handlers.grow(self->handlers.context, n)) {
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "out_of_memory",
                  "%zu checks at once stay the most of a collector until the next reload",
                  self->places.n);
        self->n_probes = self->places.n;
        return;
    }
    places_add(&self->places, n);
}

/* Targets that wait at their host are as if they had not been taken: their turn comes anew. */
static void take_back_waiting(collector_t *self)
{
    for (size_t at = 0; at < self->list.n; at++) {
        wish_t *wish = &self->list.wishes[at];
        if (!wish->is_waiting)
            continue;
        wish->is_waiting = false;
        schedule_put_back(self->schedule, at, clock_mono_us(), 0);
        wish->is_wanted = wish->order_id != 0;
        collector_hold_if_paused(self, at);
    }
}

/* Goes over to TURNS, which it takes; probes that are under way count. */
static void take_turns(collector_t *self, const host_turns_t *turns)
{
    host_turns_clear(&self->turns);
    self->turns = *turns;
    for (size_t i = 0; i < self->places.n; i++) {
        const place_t *place = &self->places.all[i];
        if (place->args && place->target != SCHEDULE_NONE)
            host_turns_count(&self->turns, place->target);
    }
}

/* Goes over to LIST, whose contents it takes where that is possible; else -1 with nothing done. */
static int take_list(collector_t *self, const config_t *config, target_list_t *list)
{
    target_change_t change;
    host_turns_t turns;
    if (host_turns_init(&turns, list->targets, list->n, config->max_in_flight_per_host))
        return -1;
    take_back_waiting(self);
    if (target_change_init(&self->list, config, list, &change)) {
        host_turns_clear(&turns);
        return -1;
    }
    int rc = 0;
    if (self->schedule)
        rc = schedule_reconfigure(self->schedule, change.times, list->n, change.old_of,
                                  clock_mono_us());
    if (rc == 0) {
        places_renumber(&self->places, change.new_of);
        target_list_clear(&self->list);
        self->list = *list;
        *list = (target_list_t){.targets = NULL};
        self->n_wanted = target_list_n_wanted(&self->list);
        for (size_t i = 0; self->schedule && i < self->list.n; i++)
            collector_hold_if_paused(self, i);
        take_turns(self, &turns);
    } else {
        host_turns_clear(&turns);
    }
    target_change_clear(&change);
    return rc;
}

actor_reload_t collector_on_reload(void *context, const actor_args_t *args)
{
    collector_t *self = context;
    target_list_t list;
    if (target_list_init(args->config, self->handlers.type, &list))
        return ACTOR_NEEDS_RESTART;
    int rc = take_list(self, args->config, &list);
    target_list_clear(&list);
    if (rc)
        return ACTOR_NEEDS_RESTART;
    const actor_args_t *old = self->args;
    self->args = args;
    self->n_probes = collector_n_probes_for(args, &self->list, self->handlers.n_most);
    grow(self);
    if (self->schedule)
        collector_begin_due(self);
    zsock_set_subscribe(self->orders, ""); /* asks anew what holds, for targets that are new */
    return places_have(&self->places, old) ? ACTOR_KEEPS_OLD : ACTOR_RELOADED;
}
