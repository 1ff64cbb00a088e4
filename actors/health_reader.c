#include "actors/health_reader.h"

#include <stdlib.h>

#include "core/snapshot_view.h"
#include "proto/frame.h"
#include "proto/query.h"

struct health_reader {
    actor_t *actor;
    health_reader_fn *fn;
    void *context;
    zsock_t *health; /* SUB */
    zsock_t *ask;    /* DEALER */
    snapshot_view_t view;
    uint64_t request_id; /* of the question under way */
};

static void ask_for_whole_state(health_reader_t *self)
{
    const query_t query = {.request_id = ++self->request_id, .verb = QUERY_WHOLE_STATE};
    (void)frame_send(self->ask, &query_schema, &query, NULL); /* the next gap asks again */
}

static void apply(health_reader_t *self, snapshot_t *snapshot)
{
    switch (snapshot_view_apply(&self->view, snapshot)) {
    case SNAPSHOT_APPLIED:
        self->fn(self->context, &self->view.whole);
        break;
    case SNAPSHOT_GAP:
        ask_for_whole_state(self);
        break;
    case SNAPSHOT_OLD:
        break;
    }
}

static void on_snapshot(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    apply(context, message);
}

static void on_health(void *context)
{
    health_reader_t *self = context;
    actor_receive(self->actor, self->health, &snapshot_schema, on_snapshot, self);
}

void health_reader_drain(health_reader_t *self)
{
    on_health(self);
}

static void on_answer(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    health_reader_t *self = context;
    answer_t *answer = message;
    snapshot_t *snapshot = answer->snapshot;
    if (answer->request_id != self->request_id || !snapshot)
        return;
    /* The event of that version is long over; what matters is what this reader did not know. */
    const snapshot_t *known = health_reader_state(self);
    snapshot->is_periodic = false;
    snapshot->is_status_changed = known && known->status != snapshot->status;
    apply(self, snapshot);
}

static void on_ask(void *context)
{
    health_reader_t *self = context;
    actor_receive(self->actor, self->ask, &answer_schema, on_answer, self);
}

health_reader_t *health_reader_new(actor_t *actor, health_reader_fn *fn, void *context)
{
    health_reader_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->actor = actor;
    self->fn = fn;
    self->context = context;
    self->health = actor_socket(ZMQ_SUB, ENDPOINT_HEALTH, false);
    self->ask = actor_socket(ZMQ_DEALER, ENDPOINT_ASK_HEALTH, false);
    actor_read(actor, self->health, on_health, self);
    actor_read(actor, self->ask, on_ask, self);
    ask_for_whole_state(self); /* an actor that was started again knows it at once */
    return self;
}

const snapshot_t *health_reader_state(const health_reader_t *self)
{
    return self->view.is_known ? &self->view.whole : NULL;
}

void health_reader_destroy(health_reader_t **self_p)
{
    health_reader_t *self = *self_p;
    if (!self)
        return;
    zsock_destroy(&self->health);
    zsock_destroy(&self->ask);
    snapshot_view_clear(&self->view);
    free(self);
    *self_p = NULL;
}
