/* Whether, and when, a thing that ended by itself is started again. Pure. */
#ifndef HEALTHD_CORE_RESTARTS_H
#define HEALTHD_CORE_RESTARTS_H

#include <stdint.h>

/* So many ends within the window are too many. */
#define RESTARTS_MAX       5
#define RESTARTS_WINDOW_US ((int64_t)60 * 1000000)
/* Wait before the first restart within the window; doubles with each further one. */
#define RESTARTS_FIRST_WAIT_US ((int64_t)500000)

/* Zero it to begin. */
typedef struct {
    int64_t ended_us[RESTARTS_MAX]; /* monotonic, newest last */
    unsigned n;
} restarts_t;

/*
 * Notes an end at NOW_US (monotonic). Gives the wait before the next start in microseconds, or -1
 * where it was the RESTARTS_MAX-th within the window.
 */
int64_t restarts_note(restarts_t *restarts, int64_t now_us);

#endif
