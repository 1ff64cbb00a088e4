#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/supervisor/state.h"

#define STUCK_AFTER_US       ((int64_t)3000000)
#define STUCK_DISK_AFTER_US  ((int64_t)30000000)
#define STOP_DEADLINE_US     ((int64_t)1500000)
#define PIPE_SEND_TIMEOUT_MS 100
/* What an actor that retires has bound is free again a little after it has returned. */
#define RETIRED_WAIT_US ((int64_t)200000)

/* --- one actor --- */

static int on_pipe(zloop_t *loop, zsock_t *pipe, void *context);

void child_start(child_t *child)
{
    supervisor_t *self = child->supervisor;
    child->restart_us = 0;
    child->is_ready = false;
    generations_hold(&self->generations, child->number);
    child->actor = zactor_new(child->type->fn, &self->generations.newest->args);
    assert(child->actor);
    child->heard_us = clock_mono_us();
    zsock_set_sndtimeo(child->actor, PIPE_SEND_TIMEOUT_MS);
    (void)zloop_reader(self->loop, zactor_sock(child->actor), on_pipe, child);
}

void child_retire(child_t *child)
{
    child->is_leaving = true;
    (void)zstr_send(child->actor, "$TERM"); /* one that is gone is seen on its pipe */
}

/* Ends an actor whose last signal was read: CZMQ would wait for another one. */
static void destroy_returned(child_t *child)
{
    zsock_set_rcvtimeo(child->actor, 0);
    zactor_destroy(&child->actor);
    generations_forget(&child->supervisor->generations, child->number);
}

/* An actor that was told to end has ended. */
static int on_retired(child_t *child)
{
    child->is_leaving = false;
    if (child->is_wanted)
        child->restart_us = clock_mono_us() + RETIRED_WAIT_US;
    return 0;
}

/* The actor returned by itself: it is gone for good, or started again after a wait. */
static int on_lost(child_t *child)
{
    supervisor_t *self = child->supervisor;
    if (self->phase != PHASE_RUNNING)
        return supervisor_fail(self, "%s ended while starting", child->type->name);
    if (!child->type->is_leaf)
        return supervisor_fail(self, "%s ended", child->type->name);
    int64_t wait_us = restarts_note(&child->restarts, clock_mono_us());
    if (wait_us < 0)
        return supervisor_fail(self, "%s ended %d times within a minute", child->type->name,
                               RESTARTS_MAX);
    child->restart_us = clock_mono_us() + wait_us;
    log_write(self->log, LOG_LEVEL_ERROR, "actor_ended", "%s ended; starting it again in %.1f s",
              child->type->name, (double)wait_us / 1e6);
    return 0;
}

static int on_returned(child_t *child)
{
    supervisor_t *self = child->supervisor;
    zloop_reader_end(self->loop, zactor_sock(child->actor));
    destroy_returned(child);
    if (child->is_leaving ? on_retired(child) : on_lost(child))
        return -1;
    reload_on_taken(child);
    return 0;
}

static void begin(child_t *child)
{
    (void)zstr_send(child->actor, "begin"); /* one that is gone is seen on its pipe */
}

static bool are_ready(const supervisor_t *self, bool is_collector)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        const child_t *child = &self->children[i];
        if (child->actor && child->type->is_collector == is_collector && !child->is_ready)
            return false;
    }
    return true;
}

void children_start(supervisor_t *self, bool is_collector)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        child_t *child = &self->children[i];
        if (child->is_wanted && child->type->is_collector == is_collector)
            child_start(child);
    }
}

static void on_ready(child_t *child)
{
    supervisor_t *self = child->supervisor;
    child->is_ready = true;
    if (self->phase == PHASE_RUNNING)
        begin(child);
    if (self->phase == PHASE_ACTORS && are_ready(self, false)) {
        self->phase = PHASE_COLLECTORS;
        children_start(self, true);
    }
    if (self->phase != PHASE_COLLECTORS || !are_ready(self, true))
        return;
    self->phase = PHASE_RUNNING;
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        if (self->children[i].actor)
            begin(&self->children[i]);
    }
    supervisor_begin(self);
    if (self->reload.is_wanted_again)
        reload_on_signal(self);
}

/* The actor says in REST why it cannot start. */
static int on_failed(child_t *child, zmsg_t *rest, int exit_code)
{
    supervisor_t *self = child->supervisor;
    CLEANUP(zstr_free) char *reason = zmsg_popstr(rest);
    if (self->phase != PHASE_RUNNING) {
        bool is_first = self->error->exit_code == 0;
        (void)supervisor_fail(self, "%s", reason ? reason : child->type->name);
        if (is_first)
            self->exit_code = self->error->exit_code = exit_code;
        return -1;
    }
    /* A restart that failed: it returns, and counts. */
    log_write(self->log, LOG_LEVEL_ERROR, "actor_failed", "%s: %s", child->type->name,
              reason ? reason : "");
    return 0;
}

/* The actor cannot take another configuration while it runs. */
static int on_outdated(child_t *child)
{
    supervisor_t *self = child->supervisor;
    if (!child->type->is_leaf)
        return supervisor_fail(self, "%s cannot take the new configuration", child->type->name);
    child_retire(child);
    reload_on_taken(child);
    return 0;
}

static int on_word(child_t *child, const char *word, zmsg_t *message)
{
    if (strcmp(word, "ready") == 0)
        on_ready(child);
    if (strcmp(word, "outdated") == 0)
        return on_outdated(child);
    if (strcmp(word, "reloaded") == 0)
        reload_on_taken(child);
    if (strcmp(word, "released") == 0) {
        CLEANUP(zframe_destroy) zframe_t *frame = zmsg_pop(message);
        const void *args = NULL;
        if (frame && zframe_size(frame) == sizeof args) {
            memcpy(&args, zframe_data(frame), sizeof args);
            generations_release(&child->supervisor->generations, child->number, args);
        }
    }
    if (strcmp(word, "failed") == 0)
        return on_failed(child, message, EXIT_RUNTIME);
    if (strcmp(word, "unusable") == 0)
        return on_failed(child, message, EXIT_CONFIGURATION);
    return 0;
}

static int on_pipe(zloop_t *loop, zsock_t *pipe, void *context)
{
    (void)loop;
    child_t *child = context;
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(pipe);
    if (!message)
        return 0;
    child->heard_us = clock_mono_us();
    if (zmsg_signal(message) >= 0)
        return on_returned(child);
    CLEANUP(zstr_free) char *word = zmsg_popstr(message);
    return word ? on_word(child, word, message) : 0;
}

/* --- time --- */

/* Whether the actor has been silent for too long; the start has a deadline of its own, but one that
 * is started again and never gets ready has not. */
static bool is_stuck(const child_t *child, int64_t now_us)
{
    int64_t limit_us = child->type->owns_disk ? STUCK_DISK_AFTER_US : STUCK_AFTER_US;
    bool is_watched = child->is_ready || child->supervisor->phase == PHASE_RUNNING;
    return child->actor && is_watched && now_us - child->heard_us > limit_us;
}

void children_forgive(supervisor_t *self, int64_t passed_us)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++)
        self->children[i].heard_us += passed_us;
}

const char *children_late(const supervisor_t *self)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        if (self->children[i].actor && !self->children[i].is_ready)
            return self->children[i].type->name;
    }
    return "an actor";
}

int children_look_after(supervisor_t *self, int64_t now_us, bool *ret_is_well)
{
    *ret_is_well = true;
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        child_t *child = &self->children[i];
        child->is_given_up = is_stuck(child, now_us);
        if (child->is_given_up)
            return supervisor_fail(self, "%s is stuck: silent for %.0f s", child->type->name,
                                   (double)(now_us - child->heard_us) / 1e6);
        if (child->actor && now_us - child->heard_us >= STUCK_AFTER_US)
            *ret_is_well = false;
        if (child->actor)
            (void)zstr_send(child->actor, "ping");
        else if (child->restart_us && now_us >= child->restart_us)
            child_start(child);
    }
    return 0;
}

/* --- the end --- */

/* Waits until CHILD says that it returned, or for the deadline. */
static bool wait_for_end(child_t *child, int64_t deadline_us)
{
    for (;;) {
        int64_t left_us = deadline_us - clock_mono_us();
        zsock_set_rcvtimeo(child->actor, left_us > 1000 ? (int)(left_us / 1000) : 0);
        CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(child->actor);
        if (!message)
            return false;
        if (zmsg_signal(message) >= 0)
            return true;
    }
}

void children_stop(supervisor_t *self)
{
    int64_t deadline_us = clock_mono_us() + STOP_DEADLINE_US;
    bool is_whole = true;
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        if (self->children[i].actor) {
            zsock_set_sndtimeo(self->children[i].actor, 0);
            (void)zstr_send(self->children[i].actor, "$TERM");
        }
    }
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        child_t *child = &self->children[i];
        is_whole = is_whole && !child->is_given_up;
        if (!child->actor || child->is_given_up)
            continue;
        if (!wait_for_end(child, deadline_us)) {
            log_write(self->log, LOG_LEVEL_WARNING, "stop_deadline",
                      "%s did not stop in time; the process ends without it", child->type->name);
            _exit(self->exit_code);
        }
        destroy_returned(child);
    }
    if (!is_whole)
        _exit(self->exit_code); /* a thread that is stuck cannot be joined */
}
