#include "gateway/live.h"

#include <stdlib.h>

#include "core/snapshot_view.h"

/* Someone who waits for a state of this version or a later one. */
typedef struct waiter {
    struct waiter *next;
    uint64_t version;
    int64_t deadline_us;
    live_fn *fn;
    void *context;
} waiter_t;

struct live {
    asks_t *asks;
    snapshot_view_t view;
    waiter_t *waiters;
    size_t n_waiters;
    bool is_asking;
};

static bool knows(const live_t *self, uint64_t version)
{
    return self->view.is_known && self->view.whole.version >= version;
}

/* Takes the first waiter that can be told something at NOW_US, or whoever is first where IS_LOST;
 * NULL where there is none. */
static waiter_t *take_waiter(live_t *self, int64_t now_us, bool is_lost)
{
    for (waiter_t **at = &self->waiters; *at; at = &(*at)->next) {
        waiter_t *found = *at;
        if (!is_lost && !knows(self, found->version) && found->deadline_us > now_us)
            continue;
        *at = found->next;
        self->n_waiters--;
        return found;
    }
    return NULL;
}

static void tell_waiters(live_t *self, bool is_lost)
{
    int64_t now_us = clock_mono_us();
    waiter_t *waiter;
    while ((waiter = take_waiter(self, now_us, is_lost))) {
        waiter->fn(waiter->context, knows(self, waiter->version) ? &self->view.whole : NULL);
        free(waiter);
    }
}

/* --- the state --- */

static void on_snapshot(void *context, snapshot_t *snapshot)
{
    live_t *self = context;
    /* Changes against a version that is not known are of no use; the next reader asks for all. */
    if (snapshot_view_apply(&self->view, snapshot) == SNAPSHOT_GAP)
        self->view.is_known = false;
    tell_waiters(self, false);
}

static void ask(live_t *self);

static void on_answer(void *context, answer_t **answer)
{
    live_t *self = context;
    self->is_asking = false;
    bool is_lost = !*answer || !(*answer)->snapshot;
    if (!is_lost)
        (void)snapshot_view_apply(&self->view, (*answer)->snapshot); /* or it is old news */
    tell_waiters(self, is_lost);
    if (self->waiters)
        ask(self);
}

static void ask(live_t *self)
{
    query_t query = {.verb = QUERY_WHOLE_STATE};
    self->is_asking =
        asks_send(self->asks, ASK_HEALTH, &query, self->waiters->deadline_us, on_answer, self) == 0;
    if (!self->is_asking)
        tell_waiters(self, true);
}

int live_show(live_t *self, live_fn *fn, void *context)
{
    asks_hear(self->asks);
    uint64_t version = asks_newest(self->asks).snapshot_version;
    if (knows(self, version)) {
        fn(context, &self->view.whole);
        return 0;
    }
    waiter_t *waiter = self->n_waiters < LIVE_WAITERS_MAX ? malloc(sizeof *waiter) : NULL;
    if (!waiter)
        return -1;
    *waiter = (waiter_t){.next = self->waiters,
                         .version = version,
                         .deadline_us = clock_mono_us() + ASK_ANSWER_US,
                         .fn = fn,
                         .context = context};
    self->waiters = waiter;
    self->n_waiters++;
    if (!self->is_asking)
        ask(self);
    return 0;
}

/* --- life --- */

live_t *live_new(asks_t *asks)
{
    live_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->asks = asks;
    asks_on_snapshot(asks, on_snapshot, self);
    return self;
}

void live_destroy(live_t **self_p)
{
    live_t *self = *self_p;
    if (!self)
        return;
    tell_waiters(self, true);
    snapshot_view_clear(&self->view);
    free(self);
    *self_p = NULL;
}
