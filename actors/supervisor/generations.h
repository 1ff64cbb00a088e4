/*
 * The configurations that actors still borrow: the one of now, and older ones whose last check is
 * not over. Each lives until the last actor that holds it has released it or returned.
 */
#ifndef HEALTHD_ACTORS_SUPERVISOR_GENERATIONS_H
#define HEALTHD_ACTORS_SUPERVISOR_GENERATIONS_H

#include "actors/actor.h"

/* Configurations that are kept at once; with more, a reload must wait for checks to end. */
#define GENERATIONS_MAX 16

/* One configuration, and who holds it: bit N stands for actor number N. */
typedef struct generation generation_t;
struct generation {
    generation_t *older;
    config_t *config; /* owned */
    actor_args_t args;
    uint32_t held_by;
};

/* Zero it to begin. */
typedef struct {
    generation_t *newest;
    size_t n;
} generations_t;

/*
 * Makes CONFIG, which it takes where it returns 0, the newest; its arguments are those of ARGS
 * (borrows) with this configuration. 0, or -1: out of memory.
 */
int generations_add(generations_t *self, config_t **config, const actor_args_t *args);

/* Actor number ACTOR is given the newest. */
void generations_hold(generations_t *self, unsigned actor);

/* Actor number ACTOR has released ARGS; they are freed where they are old and nobody else's. */
void generations_release(generations_t *self, unsigned actor, const actor_args_t *args);

/* Actor number ACTOR has returned and holds nothing any more. */
void generations_forget(generations_t *self, unsigned actor);

/* Frees all of them, when every actor has returned. */
void generations_clear(generations_t *self);

#endif
