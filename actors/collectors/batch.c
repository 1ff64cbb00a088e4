#include "actors/collectors/batch.h"

#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"

/* Results and bytes of their texts after which a batch is sent at once: far below WIRE_MAX_BYTES.
 */
#define BATCH_MAX       256
#define BATCH_MAX_BYTES ((size_t)8 << 20)

struct batch {
    actor_t *actor;
    zsock_t *results;
    actor_timer_t *send_timer; /* fires in the loop's next turn */
    probe_result_t kept[BATCH_MAX];
    size_t n;
    size_t n_bytes;
};

static void clear(batch_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        probe_result_clear(&self->kept[i]);
    self->n = 0;
    self->n_bytes = 0;
}

static void send_all(void *context)
{
    batch_t *self = context;
    if (self->n == 0)
        return;
    const probe_results_t message = {.results = self->kept, .n_results = self->n};
    if (frame_send(self->results, &probe_results_schema, &message, NULL))
        log_write(
            actor_log(self->actor), LOG_LEVEL_ERROR, "results_lost",
            "%zu probe results could not be sent, out of memory; the next checks replace them",
            self->n);
    clear(self);
}

batch_t *batch_new(actor_t *actor)
{
    batch_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->actor = actor;
    self->send_timer = actor_timer_new(actor, send_all, self);
    self->results = actor_socket(ZMQ_PUSH, ENDPOINT_RESULTS, false);
    return self;
}

void batch_destroy(batch_t **self_p)
{
    batch_t *self = *self_p;
    if (!self)
        return;
    clear(self);
    zsock_destroy(&self->results);
    actor_timer_destroy(&self->send_timer);
    free(self);
    *self_p = NULL;
}

static size_t bytes_of(const char *text)
{
    return text ? strlen(text) : 0;
}

/* Bytes of what of RESULT may be large. */
static size_t size_of(const probe_result_t *result)
{
    const measurement_t *measured = result->measurement;
    size_t n = bytes_of(result->details) + bytes_of(result->evidence);
    for (size_t i = 0; measured && i < measured->n_conditions; i++)
        n += bytes_of(measured->conditions[i].text);
    return n;
}

void batch_keep(batch_t *self, const probe_result_t *result)
{
    if (self->n == 0)
        actor_timer_set(self->send_timer, 0);
    self->kept[self->n++] = *result;
    self->n_bytes += size_of(result);
    if (self->n == BATCH_MAX || self->n_bytes > BATCH_MAX_BYTES)
        send_all(self);
}
