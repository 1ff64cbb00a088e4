/* An actor's loop with what looks names up and a name server of our own on it, for tests of the
 * glue to libraries: the test is the actor. */
#ifndef HEALTHD_TESTS_ACTOR_LOOP_WORLD_H
#define HEALTHD_TESTS_ACTOR_LOOP_WORLD_H

#include "actors/actor.h"
#include "actors/io/resolve.h"
#include "tests/actor/name_server.h"
#include "tests/test.h"

/* A test that waits longer has failed. */
#define LOOP_WORLD_GUARD_US (20 * 1000 * 1000)

typedef struct {
    zsock_t *supervisor, *pipe;
    actor_t *actor;
    resolve_t *resolve;
    name_server_t names;
    actor_timer_t *guard;
    bool is_late;
} loop_world_t;

static inline void loop_world_on_guard(void *context)
{
    loop_world_t *self = context;
    self->is_late = true;
    actor_stop(self->actor);
}

/* SELF stays where it is from here on. */
static inline void loop_world_begin(loop_world_t *self)
{
    static const log_t log = {.level = LOG_LEVEL_WARNING};
    static const actor_args_t args = {.log = &log};
    *self = (loop_world_t){.is_late = false};
    self->supervisor = zsys_create_pipe(&self->pipe);
    self->actor = actor_new(self->pipe, "test", &args);
    self->resolve = resolve_new(self->actor);
    assert_non_null(self->resolve);
    name_server_begin(&self->names, self->actor, self->resolve);
    self->guard = actor_timer_new(self->actor, loop_world_on_guard, self);
}

/* Runs the loop until a handler of the test stops it. */
static inline void loop_world_run(loop_world_t *self)
{
    actor_timer_set(self->guard, LOOP_WORLD_GUARD_US);
    actor_run(self->actor);
    assert_false(self->is_late);
}

/* After what lives on the loop has ended. */
static inline void loop_world_end(loop_world_t *self)
{
    actor_timer_destroy(&self->guard);
    resolve_destroy(&self->resolve);
    name_server_end(&self->names);
    actor_destroy(&self->actor);
    zsock_destroy(&self->pipe);
    zsock_destroy(&self->supervisor);
}

#endif
