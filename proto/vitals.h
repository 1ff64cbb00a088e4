/*
 * Vital signs: what an actor tells of itself each fifth time the supervisor asks whether it lives,
 * so each five seconds: how much waited for it, and what it counted since its start. Readers keep
 * the newest of each actor.
 */
#ifndef HEALTHD_PROTO_VITALS_H
#define HEALTHD_PROTO_VITALS_H

#include <healthd/wire.h>

/* Bytes of an actor's name, and of one sign's labels, at most. */
#define VITAL_ACTOR_MAX_BYTES  63
#define VITAL_LABELS_MAX_BYTES 127
/* Signs of one actor, at most. */
#define VITALS_MAX 256

typedef enum {
    VITAL_MAILBOX,        /* messages that waited at once, at most, since the sign before */
    VITAL_PROBES,         /* results of probes; labels type, outcome */
    VITAL_PROBE_FAILURES, /* those that are not OK; type, reason */
    VITAL_PROBE_DURATION, /* histogram in seconds; type */
    VITAL_PROBE_LAG,      /* histogram in seconds from due to begun; type */
    VITAL_BUS_CONNECTED,  /* 0 or 1 */
    VITAL_BUS_BUFFERED,   /* events in memory that wait for the disk */
    VITAL_BUS_EVENTS,     /* events; outcome */
    VITAL_PUBLISH_FRAMES, /* messages handed to ZeroMQ; topic */
    VITAL_ALERTS_RAISED,  /* severity */
    VITAL_ALERTS_RESOLVED,
    VITAL_STATE_DURABLE, /* 0 while the disk refuses writes, else 1 */
    VITAL_COUNT
} vital_metric_t;

/* Which sample of its metric a sign is. */
typedef enum { VITAL_VALUE, VITAL_BUCKET, VITAL_SUM, VITAL_N, VITAL_PART_COUNT } vital_part_t;

typedef struct {
    int metric;   /* vital_metric_t */
    int part;     /* vital_part_t */
    char *labels; /* `type="http",le="0.1"`, of closed lists only; or NULL */
    double value;
} vital_t;

WIRE_MESSAGE(vital)

typedef struct {
    char *actor;
    int64_t at_us; /* Unix time */
    vital_t *signs;
    size_t n_signs;
} vitals_t;

WIRE_MESSAGE(vitals)

/* Signs while they are put together. Zero n to begin. */
typedef struct {
    size_t n;
    vital_t signs[VITALS_MAX];
    char labels[VITALS_MAX][VITAL_LABELS_MAX_BYTES + 1];
} vitals_draft_t;

/* Adds a sign with the labels FORMAT; one beyond VITALS_MAX is left out. */
void vitals_add(vitals_draft_t *draft, vital_metric_t metric, double value, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for PART of a histogram. */
void vitals_add_part(vitals_draft_t *draft, vital_metric_t metric, vital_part_t part, double value,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
