#include "core/pause_book.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/timestamp.h"

static kept_pause_t *kept_at(const pause_book_t *self, const char *target)
{
    for (size_t i = 0; i < self->n; i++) {
        if (strcmp(self->pauses[i].target, target) == 0)
            return &self->pauses[i];
    }
    return NULL;
}

const kept_pause_t *pause_book_at(const pause_book_t *self, const char *target)
{
    return kept_at(self, target);
}

static void clear_kept(kept_pause_t *kept)
{
    free(kept->target);
    pause_clear(&kept->pause);
    *kept = (kept_pause_t){.target = NULL};
}

static int64_t deadline_of(const pause_t *pause, now_t now)
{
    if (pause->until_us == 0)
        return INT64_MAX;
    int64_t left_us = pause->until_us - now.wall_us;
    return now.mono_us + (left_us > 0 ? left_us : 0);
}

/* Room for one more; NULL where memory ran out. */
static kept_pause_t *add(pause_book_t *self)
{
    kept_pause_t *grown = realloc(self->pauses, (self->n + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    self->pauses = grown;
    return &self->pauses[self->n];
}

pause_outcome_t pause_book_put(pause_book_t *self, const char *target, const pause_t *pause,
                               now_t now)
{
    kept_pause_t next = {.deadline_us = deadline_of(pause, now)};
    kept_pause_t *place = kept_at(self, target);
    bool is_new = !place;
    if (is_new && self->n == PAUSES_MAX)
        return PAUSE_BOOK_FULL;
    next.target = strdup(target);
    if (is_new)
        place = add(self);
    if (!next.target || !place || pause_copy(pause, &next.pause)) {
        clear_kept(&next);
        return PAUSE_NO_MEMORY;
    }
    if (is_new)
        self->n++;
    else
        clear_kept(place);
    *place = next;
    return PAUSE_KEPT;
}

void pause_book_remove(pause_book_t *self, const char *target)
{
    kept_pause_t *kept = kept_at(self, target);
    if (!kept)
        return;
    clear_kept(kept);
    *kept = self->pauses[--self->n];
}

const kept_pause_t *pause_book_overdue(const pause_book_t *self, int64_t mono_us)
{
    for (size_t i = 0; i < self->n; i++) {
        if (self->pauses[i].deadline_us <= mono_us)
            return &self->pauses[i];
    }
    return NULL;
}

int64_t pause_book_next_us(const pause_book_t *self)
{
    int64_t next_us = INT64_MAX;
    for (size_t i = 0; i < self->n; i++) {
        if (self->pauses[i].deadline_us < next_us)
            next_us = self->pauses[i].deadline_us;
    }
    return next_us;
}

void pause_book_clear(pause_book_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        clear_kept(&self->pauses[i]);
    free(self->pauses);
    *self = (pause_book_t){.n = 0};
}

static char *pause_text(const pause_t *pause)
{
    text_t text = {0};
    text_appendf(&text, "paused by %s", pause->by);
    if (pause->until_us != 0) {
        char until[TIMESTAMP_BYTES];
        timestamp_iso(pause->until_us, until);
        text_appendf(&text, " until %s", until);
    }
    if (pause->reason[0])
        text_appendf(&text, ": %s", pause->reason);
    return text_take(&text);
}

probe_result_t pause_result(const pause_t *pause, int64_t checked_at_us)
{
    return (probe_result_t){
        .status = STATUS_UNKNOWN,
        .reason = pause ? REASON_PAUSED : REASON_NONE,
        .latency_us = LATENCY_NONE,
        .finished_at_us = checked_at_us,
        .error = pause ? pause_text(pause) : NULL,
    };
}
