#include "actors/supervisor/generations.h"

#include <stdlib.h>

int generations_add(generations_t *self, config_t **config, const actor_args_t *args)
{
    generation_t *made = calloc(1, sizeof *made);
    if (!made)
        return -1;
    made->older = self->newest;
    made->config = *config;
    made->args = *args;
    made->args.config = made->config;
    *config = NULL;
    self->newest = made;
    self->n++;
    return 0;
}

static void free_generation(generation_t *generation)
{
    actor_args_returned(&generation->args);
    config_destroy(&generation->config);
    free(generation);
}

/* Frees the old ones that nobody holds. */
static void sweep(generations_t *self)
{
    if (!self->newest)
        return;
    for (generation_t **at = &self->newest->older; *at;) {
        generation_t *generation = *at;
        if (generation->held_by) {
            at = &generation->older;
            continue;
        }
        *at = generation->older;
        free_generation(generation);
        self->n--;
    }
}

void generations_hold(generations_t *self, unsigned actor)
{
    self->newest->held_by |= UINT32_C(1) << actor;
    actor_args_given(&self->newest->args);
}

void generations_release(generations_t *self, unsigned actor, const actor_args_t *args)
{
    for (generation_t *at = self->newest; at; at = at->older) {
        if (&at->args == args)
            at->held_by &= ~(UINT32_C(1) << actor);
    }
    sweep(self);
}

void generations_forget(generations_t *self, unsigned actor)
{
    for (generation_t *at = self->newest; at; at = at->older) {
        if (at->held_by & UINT32_C(1) << actor)
            actor_args_returned(&at->args);
        at->held_by &= ~(UINT32_C(1) << actor);
    }
    sweep(self);
}

void generations_clear(generations_t *self)
{
    while (self->newest) {
        generation_t *generation = self->newest;
        self->newest = generation->older;
        free_generation(generation);
    }
    self->n = 0;
}
