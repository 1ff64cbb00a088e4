/* A pause of a target: while it lasts the target is not probed, and counts in no verdict. */
#ifndef HEALTHD_PAUSE_H
#define HEALTHD_PAUSE_H

#include <healthd/wire.h>

/* Bytes of the reason that is given for a pause, and of the name of who gave it, at most. */
#define PAUSE_REASON_MAX_BYTES 255
#define PAUSE_BY_MAX_BYTES     64

typedef struct {
    char *reason;     /* text for people; "" where none was given */
    char *by;         /* the credential that paused it: "token", "anonymous" */
    int64_t since_us; /* Unix time, UTC */
    int64_t until_us; /* when it ends by itself; 0: when somebody resumes */
} pause_t;

WIRE_MESSAGE(pause)

/* A pause that begins, or one that ends. */
typedef struct {
    char *target;   /* its name */
    pause_t *pause; /* NULL: the target goes on */
} pause_change_t;

WIRE_MESSAGE(pause_change)

#endif
