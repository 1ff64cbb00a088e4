/*
 * A heartbeat: a job tells that it ran, and its target is judged by when it last did. Until the
 * first ping it is UNKNOWN for REASON_NO_PING. Then, the first row that holds:
 *   a run takes longer than max_runtime              DOWN      REASON_OVERRUN
 *   grace has passed since a ping was expected       DOWN      REASON_MISSED
 *   the job reported a failure                       DOWN      REASON_JOB_FAILED
 *   tolerance has passed since one was expected      DEGRADED  REASON_LATE
 *   else                                             OK
 * While a run is under way that max_runtime bounds, what counts is how late it began. A period is
 * measured by the monotonic clock. A schedule goes by the wall clock, but grace and tolerance are
 * never shorter by the monotonic one: where the wall clock jumps over an expected time, both begin
 * at the jump. Pure.
 */
#ifndef HEALTHD_CORE_HEARTBEAT_H
#define HEALTHD_CORE_HEARTBEAT_H

#include <healthd/ping.h>
#include <healthd/status.h>

#include "core/model.h"
#include "core/probes/heartbeat.h"

/* A schedule is looked at anew at least so often, as the wall clock may have jumped. */
#define HEARTBEAT_LOOK_US ((int64_t)30000000)
/* Pings of one heartbeat that are taken at once, and the time after which one more is. */
#define HEARTBEAT_PINGS_AT_ONCE 30
#define HEARTBEAT_PING_EVERY_US ((int64_t)200000)
/* Nothing comes any more. */
#define HEARTBEAT_NEVER INT64_MAX
/* Bytes of a verdict's text, with its NUL. */
#define HEARTBEAT_TEXT_BYTES 200

/* How the last run ended. */
typedef enum { RUN_NONE, RUN_SUCCEEDED, RUN_FAILED, RUN_OUTCOME_COUNT } run_outcome_t;

/* What is stored of a heartbeat; instants are Unix time, 0: there was none. */
typedef struct {
    int64_t last_ping_us; /* of any signal */
    int64_t counted_us;   /* from when on the next one is expected */
    int64_t started_us;   /* of the run under way */
    int64_t runtime_us;   /* of the last run whose start was told; LATENCY_NONE: none */
    int outcome;          /* run_outcome_t */
    int64_t exit_code;    /* of the last run; -1: not told */
    char *log;            /* what was said last, or NULL; owned */
} heartbeat_record_t;

/* Of a heartbeat that is new. */
#define HEARTBEAT_NOTHING                                                                          \
    {                                                                                              \
        .runtime_us = -1, .exit_code = -1                                                          \
    }

typedef struct {
    heartbeat_record_t record;
    int64_t counted_mono_us; /* what stands in the record, by the monotonic clock */
    int64_t started_mono_us;
    int64_t expected_us;        /* by the schedule, Unix time; HEARTBEAT_NEVER: none */
    int64_t overdue_mono_us;    /* since when the schedule's time has passed; 0: it has not */
    int64_t start_lateness_us;  /* of the run under way */
    now_t looked;               /* the last look at both clocks */
    int64_t pings_paid_mono_us; /* up to when the pings that were taken use up their rate */
} heartbeat_t;

/* What holds at an instant. */
typedef struct {
    status_t status;
    reason_t reason;
    char text[HEARTBEAT_TEXT_BYTES]; /* for people; "" where it is OK */
    int64_t expected_us;             /* when the next ping is expected, Unix time; 0: not known */
    int64_t deadline_us;             /* when it will be DOWN without it; 0: not known */
    int64_t wake_mono_us;            /* when something else may hold; HEARTBEAT_NEVER */
} heartbeat_verdict_t;

/* Begins with RECORD, whose contents it takes, as it was stored; HEARTBEAT_NOTHING where none was.
 */
void heartbeat_begin(heartbeat_t *self, const heartbeat_settings_t *settings,
                     heartbeat_record_t *record, now_t now);

void heartbeat_record_clear(heartbeat_record_t *record);

/* Goes over to SETTINGS, which differ. */
void heartbeat_reconfigure(heartbeat_t *self, const heartbeat_settings_t *settings, now_t now);

/* Whether one more ping is taken now; else there are too many. */
bool heartbeat_admit(heartbeat_t *self, int64_t now_mono_us);

/* PING (borrows; its log may be taken) came. */
void heartbeat_ping(heartbeat_t *self, const heartbeat_settings_t *settings, ping_t *ping,
                    now_t now);

/* A pause is over: what was expected during it counts from now on, and a run whose time ran out is
 * none. Whether the record changed. */
bool heartbeat_resume(heartbeat_t *self, const heartbeat_settings_t *settings, now_t now);

/* What holds NOW. To be asked by wake_mono_us at the latest. */
void heartbeat_look(heartbeat_t *self, const heartbeat_settings_t *settings, now_t now,
                    heartbeat_verdict_t *ret);

#endif
