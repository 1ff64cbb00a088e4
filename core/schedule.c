#include "core/schedule.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/hash.h"

typedef struct {
    schedule_times_t times;
    int64_t due_us;     /* of the run that is awaited or under way */
    int64_t regular_us; /* the regular time, without jitter, that comes next or is this run's */
    uint64_t n_regular; /* regular times passed; what jitter follows from */
    bool is_regular;    /* the run is that of regular_us */
    bool is_under_way;
} entry_t;

struct schedule {
    entry_t *entries; /* by target */
    size_t n;
    size_t *heap; /* targets that are not under way, the one due first at the root */
    size_t n_heap;
    int64_t start_us; /* what phases are counted from */
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

/* The first time not before AT_US that is FROM_US plus a multiple of STEP_US. */
static int64_t next_multiple(int64_t from_us, int64_t step_us, int64_t at_us)
{
    if (from_us >= at_us)
        return from_us;
    return from_us + (at_us - from_us + step_us - 1) / step_us * step_us;
}

static entry_t first_entry(const schedule_times_t *times, int64_t start_us, int64_t now_us)
{
    assert(times->interval_us > 0 && times->first_us >= 0);
    int64_t due_us = now_us + times->first_us;
    int64_t regular_us = start_us + times->phase_us;
    bool is_regular = due_us == regular_us;
    if (!is_regular)
        regular_us = next_multiple(regular_us, times->interval_us, due_us + times->interval_us / 2);
    return (entry_t){
        .times = *times, .due_us = due_us, .regular_us = regular_us, .is_regular = is_regular};
}

/* Puts every target that is not under way into the empty heap. */
static void fill_heap(schedule_t *self)
{
    self->n_heap = 0;
    for (size_t i = 0; i < self->n; i++) {
        if (self->entries[i].is_under_way)
            continue;
        self->heap[self->n_heap] = i;
        sift_up(self, self->n_heap++);
    }
}

schedule_t *schedule_new(const schedule_times_t *times, size_t n, int64_t now_us)
{
    schedule_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->n = n;
    self->start_us = now_us;
    self->entries = calloc(n + 1, sizeof *self->entries); /* calloc(0) may give NULL */
    self->heap = calloc(n + 1, sizeof *self->heap);
    if (!self->entries || !self->heap) {
        schedule_destroy(&self);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        self->entries[i] = first_entry(&times[i], now_us, now_us);
    fill_heap(self);
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

/* When the regular run of ENTRY is due. */
static int64_t with_jitter(const entry_t *entry)
{
    int64_t jitter_us = entry->times.jitter_us;
    if (jitter_us == 0)
        return entry->regular_us;
    uint64_t random = hash_mix(entry->times.seed + entry->n_regular * 0x9e3779b97f4a7c15u);
    return entry->regular_us + (int64_t)(random % (uint64_t)(jitter_us + 1));
}

/* ENTRY, which goes on, with other TIMES. */
static void change_times(entry_t *entry, const schedule_times_t *times, int64_t start_us,
                         int64_t now_us)
{
    bool is_same_beat =
        entry->times.interval_us == times->interval_us && entry->times.phase_us == times->phase_us;
    bool is_retry = !entry->is_regular;
    entry->times = *times;
    if (is_same_beat)
        return;
    entry->regular_us = next_multiple(start_us + times->phase_us, times->interval_us, now_us);
    entry->is_regular = false; /* a run that is under way was none of this beat */
    int64_t regular_due_us = with_jitter(entry);
    if ((is_retry || entry->is_under_way) && entry->due_us < regular_due_us)
        return; /* due before, or, of one taken early, put back to when it was due */
    entry->due_us = regular_due_us;
    entry->is_regular = true;
}

int schedule_reconfigure(schedule_t *self, const schedule_times_t *times, size_t n,
                         const size_t *old_of, int64_t now_us)
{
    entry_t *entries = calloc(n + 1, sizeof *entries);
    size_t *heap = calloc(n + 1, sizeof *heap);
    if (!entries || !heap) {
        free(entries);
        free(heap);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (old_of[i] == SCHEDULE_NONE) {
            entries[i] = first_entry(&times[i], self->start_us, now_us);
            continue;
        }
        assert(old_of[i] < self->n);
        entries[i] = self->entries[old_of[i]];
        change_times(&entries[i], &times[i], self->start_us, now_us);
    }
    free(self->entries);
    free(self->heap);
    self->entries = entries;
    self->heap = heap;
    self->n = n;
    fill_heap(self);
    return 0;
}

void schedule_finish(schedule_t *self, size_t target, int64_t now_us, int64_t retry_us)
{
    assert(target < self->n && self->entries[target].is_under_way);
    entry_t *entry = &self->entries[target];
    int64_t interval_us = entry->times.interval_us;
    int64_t retry_at_us =
        retry_us > 0 ? next_multiple(entry->due_us + retry_us, retry_us, now_us) : SCHEDULE_NEVER;
    int64_t earliest_us = entry->is_regular ? entry->regular_us + interval_us : entry->regular_us;
    int64_t regular_us = next_multiple(earliest_us, interval_us, now_us);
    entry->n_regular += (uint64_t)((regular_us - entry->regular_us) / interval_us);
    entry->regular_us = regular_us;
    entry->due_us = with_jitter(entry);
    entry->is_regular = entry->due_us <= retry_at_us;
    if (!entry->is_regular)
        entry->due_us = retry_at_us;
    entry->is_under_way = false;
    self->heap[self->n_heap] = target;
    sift_up(self, self->n_heap++);
}

bool schedule_take_early(schedule_t *self, size_t target)
{
    assert(target < self->n);
    if (self->entries[target].is_under_way)
        return false;
    size_t at = 0;
    while (self->heap[at] != target)
        at++;
    self->entries[target].is_under_way = true;
    self->heap[at] = self->heap[--self->n_heap];
    if (at < self->n_heap) {
        size_t moved = self->heap[at];
        sift_up(self, at);
        if (self->heap[at] == moved)
            sift_down(self, at);
    }
    return true;
}

void schedule_put_back(schedule_t *self, size_t target, int64_t now_us, int64_t retry_us)
{
    assert(target < self->n && self->entries[target].is_under_way);
    entry_t *entry = &self->entries[target];
    if (retry_us > 0 && now_us + retry_us < entry->due_us) {
        entry->due_us = now_us + retry_us;
        entry->is_regular = false;
    }
    entry->is_under_way = false;
    self->heap[self->n_heap] = target;
    sift_up(self, self->n_heap++);
}

int64_t schedule_next_us(const schedule_t *self)
{
    return self->n_heap > 0 ? self->entries[self->heap[0]].due_us : SCHEDULE_NEVER;
}
