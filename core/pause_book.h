/*
 * The pauses that hold, and when each ends by itself: at a time of the wall clock, which is kept on
 * disk, but measured on the monotonic one from the moment at which it was learned. Pure.
 */
#ifndef HEALTHD_CORE_PAUSE_BOOK_H
#define HEALTHD_CORE_PAUSE_BOOK_H

#include <healthd/pause.h>

#include "core/model.h"

/* Pauses at once, at most. */
#define PAUSES_MAX 10000
/* A pause lasts no longer than this, unless it has no end. */
#define PAUSE_MAX_US (INT64_C(366) * 24 * 3600 * 1000000)

typedef struct {
    char *target;
    pause_t pause;
    int64_t deadline_us; /* monotonic; INT64_MAX: it has none */
} kept_pause_t;

/* Zero it to begin. In no order. */
typedef struct {
    kept_pause_t *pauses;
    size_t n;
} pause_book_t;

typedef enum { PAUSE_KEPT, PAUSE_BOOK_FULL, PAUSE_NO_MEMORY } pause_outcome_t;

/* The pause of TARGET, or NULL; borrowed until the next call that changes the book. */
const kept_pause_t *pause_book_at(const pause_book_t *self, const char *target);

/* Keeps a copy of PAUSE for TARGET in place of the one that it had. */
pause_outcome_t pause_book_put(pause_book_t *self, const char *target, const pause_t *pause,
                               now_t now);

/* Forgets the pause of TARGET, if there is one. */
void pause_book_remove(pause_book_t *self, const char *target);

/* A pause whose end has passed, or NULL; borrowed as pause_book_at. */
const kept_pause_t *pause_book_overdue(const pause_book_t *self, int64_t mono_us);

/* The earliest end, monotonic; INT64_MAX where none ends by itself. */
int64_t pause_book_next_us(const pause_book_t *self);

void pause_book_clear(pause_book_t *self);

/*
 * What a target shows from the begin of PAUSE on, or, where it is NULL, from the end of one:
 * UNKNOWN, with "paused by token until 2026-11-24T12:00:00.000000+00:00: new disks" as its error,
 * or none where memory ran out. Gives a result without a target, to be ended with
 * probe_result_clear.
 */
probe_result_t pause_result(const pause_t *pause, int64_t checked_at_us);

#endif
