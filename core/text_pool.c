#include "core/text_pool.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

/* Open addressing; at most half full, so that a look-up ends. */
struct text_pool {
    char **slots;
    size_t n_slots; /* a power of two */
    size_t n;
};

text_pool_t *text_pool_new(void)
{
    text_pool_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->n_slots = 8;
    self->slots = calloc(self->n_slots, sizeof(char *));
    if (!self->slots)
        text_pool_destroy(&self);
    return self;
}

void text_pool_destroy(text_pool_t **self_p)
{
    text_pool_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; self->slots && i < self->n_slots; i++)
        free(self->slots[i]);
    free(self->slots);
    free(self);
    *self_p = NULL;
}

/* The slot of TEXT, which may be a free one. */
static char **slot_of(char **slots, size_t n_slots, const char *text)
{
    size_t at = (size_t)hash_of_text(text) & (n_slots - 1);
    while (slots[at] && strcmp(slots[at], text) != 0)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static int grow(text_pool_t *self)
{
    size_t n_slots = 2 * self->n_slots;
    char **slots = calloc(n_slots, sizeof(char *));
    if (!slots)
        return -1;
    for (size_t i = 0; i < self->n_slots; i++) {
        if (self->slots[i])
            *slot_of(slots, n_slots, self->slots[i]) = self->slots[i];
    }
    free(self->slots);
    self->slots = slots;
    self->n_slots = n_slots;
    return 0;
}

const char *text_pool_keep(text_pool_t *self, char **text)
{
    char *taken = *text;
    *text = NULL;
    if (!taken)
        return NULL;
    if (2 * (self->n + 1) > self->n_slots && grow(self)) {
        free(taken);
        return NULL;
    }
    char **slot = slot_of(self->slots, self->n_slots, taken);
    if (*slot) {
        free(taken);
    } else {
        *slot = taken;
        self->n++;
    }
    return *slot;
}
