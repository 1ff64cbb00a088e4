#include "core/schedule.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct {
    int64_t due_us; /* of the run that is awaited or under way */
    int64_t interval_us;
    bool is_under_way;
} entry_t;

struct schedule {
    entry_t *entries; /* by target */
    size_t n;
    size_t *heap; /* targets that are not under way, the one due first at the root */
    size_t n_heap;
};

static bool is_before(const schedule_t *self, size_t a, size_t b)
{
    int64_t due_a = self->entries[a].due_us;
    int64_t due_b = self->entries[b].due_us;
    return due_a != due_b ? due_a < due_b : a < b;
}

static void sift_up(schedule_t *self, size_t at)
{
    size_t target = self->heap[at];
    while (at > 0 && is_before(self, target, self->heap[(at - 1) / 2])) {
        self->heap[at] = self->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    self->heap[at] = target;
}

static void sift_down(schedule_t *self, size_t at)
{
    size_t target = self->heap[at];
    for (size_t child = 2 * at + 1; child < self->n_heap; child = 2 * at + 1) {
        if (child + 1 < self->n_heap && is_before(self, self->heap[child + 1], self->heap[child]))
            child++;
        if (!is_before(self, self->heap[child], target))
            break;
        self->heap[at] = self->heap[child];
        at = child;
    }
    self->heap[at] = target;
}

schedule_t *schedule_new(const int64_t *interval_us, size_t n, int64_t now_us)
{
    schedule_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->n = n;
    self->entries = calloc(n + 1, sizeof *self->entries); /* calloc(0) may give NULL */
    self->heap = calloc(n + 1, sizeof *self->heap);
    if (!self->entries || !self->heap) {
        schedule_destroy(&self);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) { /* all due at once, in order: a heap as it stands */
        assert(interval_us[i] > 0);
        self->entries[i] = (entry_t){.due_us = now_us, .interval_us = interval_us[i]};
        self->heap[i] = i;
    }
    self->n_heap = n;
    return self;
}

void schedule_destroy(schedule_t **self_p)
{
    schedule_t *self = *self_p;
    if (!self)
        return;
    free(self->entries);
    free(self->heap);
    free(self);
    *self_p = NULL;
}

size_t schedule_take(schedule_t *self, int64_t now_us)
{
    if (schedule_next_us(self) > now_us || self->n_heap == 0)
        return SCHEDULE_NONE;
    size_t target = self->heap[0];
    self->entries[target].is_under_way = true;
    self->heap[0] = self->heap[--self->n_heap];
    if (self->n_heap > 0)
        sift_down(self, 0);
    return target;
}

void schedule_finish(schedule_t *self, size_t target, int64_t now_us)
{
    assert(target < self->n && self->entries[target].is_under_way);
    entry_t *entry = &self->entries[target];
    entry->is_under_way = false;
    entry->due_us += entry->interval_us;
    if (entry->due_us < now_us) {
        int64_t n_missed = (now_us - entry->due_us + entry->interval_us - 1) / entry->interval_us;
        entry->due_us += n_missed * entry->interval_us;
    }
    self->heap[self->n_heap] = target;
    sift_up(self, self->n_heap++);
}

int64_t schedule_next_us(const schedule_t *self)
{
    return self->n_heap > 0 ? self->entries[self->heap[0]].due_us : SCHEDULE_NEVER;
}
