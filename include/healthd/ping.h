/* A ping: what a job tells of itself. */
#ifndef HEALTHD_PING_H
#define HEALTHD_PING_H

#include <healthd/wire.h>

/* Bytes of what a job says beside its signal that are kept: the last ones, as UTF-8. */
#define PING_LOG_MAX_BYTES ((size_t)10 << 10)
/* The largest exit code. */
#define PING_EXIT_CODE_MAX 255

typedef enum {
    PING_START,   /* a run begins */
    PING_SUCCESS, /* it is done */
    PING_FAIL,    /* it has failed */
    PING_LOG,     /* nothing but what it says */
    PING_SIGNAL_COUNT
} ping_signal_t;

/* "start", "success", "fail", "log". */
const char *ping_signal_name(int signal);

typedef struct {
    int signal;        /* ping_signal_t */
    int64_t exit_code; /* of the job, where PING_SUCCESS or PING_FAIL came of one; else -1 */
    char *log;         /* or NULL */
} ping_t;

WIRE_MESSAGE(ping)

#endif
