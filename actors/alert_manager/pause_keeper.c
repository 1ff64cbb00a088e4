#include "actors/alert_manager/pause_keeper.h"

#include <stdlib.h>
#include <string.h>

#include "core/pause_book.h"
#include "core/snapshot_view.h"
#include "proto/frame.h"
#include "store/pauses.h"

/* A pause or its end is answered when a snapshot shows it, or after so long. */
#define SHOWN_DEADLINE_US ((int64_t)1000000)
/* Questions that wait for their snapshot, at most; beyond, they are answered at once. */
#define WAITING_MAX 64
/* When the disk refused to forget a pause that has ended, it is asked again after so long. */
#define FORGET_RETRY_US ((int64_t)1000000)

/* A question whose effect no snapshot has shown yet. */
typedef struct {
    zframe_t *asker; /* NULL: the place is free */
    uint64_t request_id;
    char target[TARGET_NAME_MAX_BYTES + 1];
    int64_t since_us; /* of the pause; 0: it has ended */
    int64_t deadline_us;
} waiting_t;

struct pause_keeper {
    pause_keeper_world_t world;
    pause_book_t book;
    actor_timer_t *end; /* of the pause that ends next */
    actor_timer_t *deadline;
    waiting_t waiting[WAITING_MAX];
};

static now_t now(void)
{
    return (now_t){.wall_us = clock_wall_us(), .mono_us = clock_mono_us()};
}

/* Tells the aggregator of CHANGE. */
static void tell(const pause_keeper_t *self, pause_change_t change)
{
    const probe_results_t batch = {.pauses = &change, .n_pauses = 1};
    if (frame_send(self->world.results, &probe_results_schema, &batch, NULL))
        log_write(actor_log(self->world.actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "alert manager: a pause could not be told; it takes effect at the next start");
}

/* --- ends by themselves --- */

static void set_end(pause_keeper_t *self)
{
    int64_t next_us = pause_book_next_us(&self->book);
    if (next_us == INT64_MAX)
        actor_timer_cancel(self->end);
    else
        actor_timer_set(self->end, next_us - clock_mono_us());
}

/* Ends the pauses whose time is over. One that the disk does not forget holds a little longer: else
 * it would come back with the next start. */
static void on_end(void *context)
{
    pause_keeper_t *self = context;
    const kept_pause_t *kept;
    while ((kept = pause_book_overdue(&self->book, clock_mono_us()))) {
        store_error_t error;
        if (pauses_remove(self->world.store, kept->target, &error)) {
            log_write(actor_log(self->world.actor), LOG_LEVEL_WARNING, "pause_stays",
                      "the pause of %s has ended, but %s; trying again in 1 s", kept->target,
                      error.text);
            actor_timer_set(self->end, FORGET_RETRY_US);
            return;
        }
        log_write(actor_log(self->world.actor), LOG_LEVEL_INFO, "resumed",
                  "%s goes on: its pause has ended", kept->target);
        tell(self, (pause_change_t){.target = kept->target});
        pause_book_remove(&self->book, kept->target);
    }
    set_end(self);
}

/* --- answers --- */

static void end_waiting(waiting_t *waiting)
{
    zframe_destroy(&waiting->asker);
    *waiting = (waiting_t){.request_id = 0};
}

static bool is_shown(const snapshot_t *state, const waiting_t *waiting)
{
    const target_state_t *target = state ? snapshot_target_at(state, waiting->target) : NULL;
    if (!target)
        return false;
    return waiting->since_us == 0 ? !target->pause
                                  : target->pause && target->pause->since_us == waiting->since_us;
}

void pause_keeper_look(pause_keeper_t *self, const snapshot_t *state)
{
    int64_t now_us = clock_mono_us();
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < WAITING_MAX; i++) {
        waiting_t *waiting = &self->waiting[i];
        if (!waiting->asker)
            continue;
        if (!is_shown(state, waiting) && now_us < waiting->deadline_us) {
            next_us = waiting->deadline_us < next_us ? waiting->deadline_us : next_us;
            continue;
        }
        self->world.answer(self->world.context, waiting->request_id, ANSWER_OK, waiting->asker);
        end_waiting(waiting);
    }
    if (next_us != INT64_MAX)
        actor_timer_set(self->deadline, next_us - now_us);
}

static void on_deadline(void *context)
{
    pause_keeper_look(context, NULL);
}

/* Answers QUERY when a snapshot shows the pause that began SINCE_US, or that there is none (0). */
static void answer_when_shown(pause_keeper_t *self, const query_t *query, int64_t since_us,
                              zframe_t *asker)
{
    waiting_t *waiting = self->waiting;
    const waiting_t *end = waiting + WAITING_MAX;
    while (waiting < end && waiting->asker)
        waiting++;
    if (waiting == end) {
        self->world.answer(self->world.context, query->request_id, ANSWER_OK, asker);
        return;
    }
    *waiting = (waiting_t){.asker = zframe_dup(asker),
                           .request_id = query->request_id,
                           .since_us = since_us,
                           .deadline_us = clock_mono_us() + SHOWN_DEADLINE_US};
    memcpy(waiting->target, query->target, strlen(query->target) + 1);
    pause_keeper_look(self, NULL);
}

/* --- questions --- */

static answer_outcome_t begin_pause(pause_keeper_t *self, const query_t *query)
{
    pause_t *pause = query->pause;
    if (!pause_book_at(&self->book, query->target) && self->book.n == PAUSES_MAX)
        return ANSWER_BUSY;
    store_error_t error;
    if (pauses_save(self->world.store, query->target, pause, &error)) {
        log_write(actor_log(self->world.actor), LOG_LEVEL_WARNING, "pause_refused",
                  "%s is not paused: %s", query->target, error.text);
        return ANSWER_REFUSED;
    }
    if (pause_book_put(&self->book, query->target, pause, now()) != PAUSE_KEPT)
        log_write(actor_log(self->world.actor), LOG_LEVEL_ERROR, "out_of_memory",
                  "the pause of %s ends by itself only after a restart", query->target);
    set_end(self);
    log_write(actor_log(self->world.actor), LOG_LEVEL_INFO, "paused", "%s is paused by %s: %s",
              query->target, pause->by, pause->reason);
    tell(self, (pause_change_t){.target = query->target, .pause = pause});
    return ANSWER_OK;
}

static answer_outcome_t end_pause(pause_keeper_t *self, const query_t *query)
{
    if (!pause_book_at(&self->book, query->target))
        return ANSWER_CONFLICT;
    store_error_t error;
    if (pauses_remove(self->world.store, query->target, &error)) {
        log_write(actor_log(self->world.actor), LOG_LEVEL_WARNING, "pause_stays",
                  "%s is not resumed: %s", query->target, error.text);
        return ANSWER_REFUSED;
    }
    pause_book_remove(&self->book, query->target);
    set_end(self);
    log_write(actor_log(self->world.actor), LOG_LEVEL_INFO, "resumed", "%s goes on", query->target);
    tell(self, (pause_change_t){.target = query->target});
    return ANSWER_OK;
}

/* Whether QUERY names a target that is probed, and says what is needed. */
static bool is_sound(const pause_keeper_t *self, const query_t *query)
{
    const config_t *config = self->world.args->config;
    long at = query->target ? config_target_at(config, query->target) : -1;
    return at >= 0 && config->targets[at].type != PROBE_PASSIVE &&
           config->targets[at].type != PROBE_GROUP && (query->verb == QUERY_RESUME || query->pause);
}

void pause_keeper_query(pause_keeper_t *self, const query_t *query, zframe_t *asker)
{
    answer_outcome_t outcome = ANSWER_NOT_FOUND;
    bool is_pause = query->verb == QUERY_PAUSE;
    if (is_sound(self, query))
        outcome = is_pause ? begin_pause(self, query) : end_pause(self, query);
    if (outcome == ANSWER_OK)
        answer_when_shown(self, query, is_pause ? query->pause->since_us : 0, asker);
    else
        self->world.answer(self->world.context, query->request_id, outcome, asker);
}

/* --- life --- */

static int keep_row(void *context, const char *target, const pause_t *pause)
{
    pause_keeper_t *self = context;
    return pause_book_put(&self->book, target, pause, now()) == PAUSE_NO_MEMORY ? -1 : 0;
}

static void tell_all(const pause_keeper_t *self)
{
    for (size_t i = 0; i < self->book.n; i++) {
        kept_pause_t *kept = &self->book.pauses[i];
        tell(self, (pause_change_t){.target = kept->target, .pause = &kept->pause});
    }
}

void pause_keeper_reload(pause_keeper_t *self, const actor_args_t *args)
{
    self->world.args = args;
    tell_all(self);
}

int pause_keeper_load(pause_keeper_t *self, store_error_t *reterr)
{
    if (pauses_load(self->world.store, keep_row, self, reterr))
        return -1;
    tell_all(self);
    set_end(self);
    return 0;
}

pause_keeper_t *pause_keeper_new(const pause_keeper_world_t *world)
{
    pause_keeper_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->world = *world;
    self->end = actor_timer_new(world->actor, on_end, self);
    self->deadline = actor_timer_new(world->actor, on_deadline, self);
    return self;
}

void pause_keeper_destroy(pause_keeper_t **self_p)
{
    pause_keeper_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < WAITING_MAX; i++)
        end_waiting(&self->waiting[i]);
    pause_book_clear(&self->book);
    actor_timer_destroy(&self->deadline);
    actor_timer_destroy(&self->end);
    free(self);
    *self_p = NULL;
}
