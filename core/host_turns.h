/*
 * Probes of one host at once, at most so many: those that are due beyond wait for their turn, in
 * order, and hold up no other host. Pure.
 */
#ifndef HEALTHD_CORE_HOST_TURNS_H
#define HEALTHD_CORE_HOST_TURNS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/target.h"

/* Position that stands for no target. */
#define TURN_NONE ((size_t)-1)

typedef struct {
    size_t n_running;
    size_t first, last; /* that wait; TURN_NONE: none */
} host_turn_t;

/* Zero it to begin; then it bounds nothing. */
typedef struct {
    size_t max;         /* 0: no bound */
    size_t *host_of;    /* by target */
    size_t *next;       /* by target that waits */
    host_turn_t *hosts; /* at the position of the host's first target */
} host_turns_t;

/*
 * Turns of N TARGETS (borrows during the call), at most MAX of each host (0: no bound). Which host
 * is what the URL says, in any case, whatever the port; one whose URL names none has its own. 0, or
 * -1 where memory ran out: SELF is then zero. O(n).
 */
int host_turns_init(host_turns_t *self, const target_t *const *targets, size_t n, size_t max);
void host_turns_clear(host_turns_t *self);

/* A probe of TARGET is due: true where it may run, which is counted; else it waits. O(1). */
bool host_turns_take(host_turns_t *self, size_t target);

/* A probe of TARGET runs, whatever the bound: it began before. */
void host_turns_count(host_turns_t *self, size_t target);

/* A probe of TARGET has ended. Gives the target whose turn it is, which is counted as running, or
 * TURN_NONE. O(1). */
size_t host_turns_give(host_turns_t *self, size_t target);

#endif
