/* What the files of the supervisor share; nobody else includes it. */
#ifndef HEALTHD_ACTORS_SUPERVISOR_STATE_H
#define HEALTHD_ACTORS_SUPERVISOR_STATE_H

#include "actors/actor.h"
#include "actors/supervisor/child_types.h"
#include "actors/supervisor/generations.h"
#include "actors/supervisor/reload.h"
#include "actors/supervisor/supervisor.h"
#include "core/restarts.h"

/* An actor of this process. */
struct child {
    supervisor_t *supervisor;
    const child_type_t *type;
    unsigned number; /* in generations */
    bool is_wanted;  /* by the configuration */
    zactor_t *actor; /* NULL: not started, or it returned */
    bool is_ready;
    bool is_given_up; /* it is stuck: its end is not waited for */
    bool is_leaving;  /* it was told to end, and is started again if it is wanted */
    bool is_awaited;  /* it has not said yet that it took the new configuration */
    int64_t heard_us; /* monotonic time of its last word */
    restarts_t restarts;
    int64_t restart_us; /* monotonic; 0: no restart is planned */
};

typedef enum { PHASE_ACTORS, PHASE_COLLECTORS, PHASE_RUNNING, PHASE_STOPPING } phase_t;

struct supervisor {
    generations_t generations;
    log_t *log;
    char start_id[17];
    const char *notify_socket;
    child_t children[N_CHILD_TYPES];
    zloop_t *loop;
    int signals; /* signalfd */
    phase_t phase;
    int64_t started_us; /* monotonic */
    int64_t second_us;  /* monotonic time of the last look at the actors */
    int exit_code;
    start_error_t *error; /* filled while the start is under way */
    reload_t reload;
};

/* The configuration of now. */
static inline const config_t *supervisor_config(const supervisor_t *self)
{
    return self->generations.newest->config;
}

/* The process is to end; the reason is logged or, while it starts, told to the caller. Gives -1,
 * which ends the loop. */
int supervisor_fail(supervisor_t *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- children.c --- */

/* Starts the actor with the configuration of now. */
void child_start(child_t *child);

/* Starts every wanted actor that is a collector, or that is none. */
void children_start(supervisor_t *self, bool is_collector);

/* Ends the actor; it is started again where it is wanted. */
void child_retire(child_t *child);

/* Asks each actor for a sign, ends the process for one that is stuck (-1), starts what is due.
 * Gives in *RET_IS_WELL whether all have answered of late. */
int children_look_after(supervisor_t *self, int64_t now_us, bool *ret_is_well);

/* For PASSED_US nobody could have spoken: that silence does not count. */
void children_forgive(supervisor_t *self, int64_t passed_us);

/* Ends every actor. One that hangs ends the process here: its thread cannot be joined. */
void children_stop(supervisor_t *self);

/* Name of an actor that the start waits for. */
const char *children_late(const supervisor_t *self);

/* --- supervisor.c --- */

/* Every actor is ready: the work begins. */
void supervisor_begin(supervisor_t *self);

#endif
