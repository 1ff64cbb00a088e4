/* A question to the actor that owns the answer, over inproc://ask/...; never forwarded. */
#ifndef HEALTHD_PROTO_QUERY_H
#define HEALTHD_PROTO_QUERY_H

#include <healthd/alert_event.h>
#include <healthd/evidence.h>
#include <healthd/ping.h>
#include <healthd/snapshot.h>
#include <healthd/wire.h>

/* Alerts in one answer, at most: two for each target and for the system. */
#define ALERTS_MAX ((size_t)2 * TARGETS_MAX + 2)

typedef enum {
    QUERY_WHOLE_STATE,    /* ask/health: the latest snapshot, whole */
    QUERY_ALERTS_ACTIVE,  /* ask/alerts: every active alert, oldest first */
    QUERY_ALERTS_HISTORY, /* ask/alerts: the newest LIMIT alerts, oldest of them first */
    QUERY_ALERT_CLEAR,    /* ask/alerts: resolve ALERT_ID as cleared */
    QUERY_PROBE,          /* ask/health: probe TARGET now and give its result */
    QUERY_CONFIG_RELOAD,  /* ask/supervisor: read the configuration file anew */
    QUERY_EVIDENCE,       /* ask/health: what was kept of the failed checks of TARGET */
    QUERY_PAUSE,          /* ask/alerts: pause TARGET as PAUSE says */
    QUERY_RESUME,         /* ask/alerts: end the pause of TARGET */
    QUERY_EXPLAIN,        /* ask/health: why TARGET, or without one the system, is what it is */
    QUERY_PING,           /* ask/heartbeats: PING came for TARGET */
    QUERY_VERB_COUNT
} query_verb_t;

typedef struct {
    uint64_t request_id; /* chosen by the asker, repeated in the answer */
    int verb;            /* query_verb_t */
    int64_t limit;       /* QUERY_ALERTS_HISTORY: 1 .. 500 */
    char *alert_id;      /* QUERY_ALERT_CLEAR */
    char *target;        /* QUERY_PROBE, _EVIDENCE, _PAUSE, _RESUME, _EXPLAIN, _PING: its name */
    bool is_dry_run;     /* QUERY_PROBE: the result changes nothing */
    bool is_forced;      /* QUERY_CONFIG_RELOAD: also where it drops many targets */
    pause_t *pause;      /* QUERY_PAUSE */
    ping_t *ping;        /* QUERY_PING */
} query_t;

WIRE_MESSAGE(query)

/* Bytes of an answer's text, at most. */
#define ANSWER_TEXT_MAX_BYTES ((size_t)1 << 20)

typedef enum {
    ANSWER_OK,
    ANSWER_NOT_FOUND,
    ANSWER_REFUSED,  /* nothing was changed, try again later: the disk refuses, or it is busy */
    ANSWER_STARTED,  /* QUERY_PROBE: it takes longer than was waited */
    ANSWER_BUSY,     /* too many wait for such an answer: nothing was done, try again later */
    ANSWER_INVALID,  /* nothing was changed: `text` says what is wrong with what was asked for */
    ANSWER_CONFLICT, /* nothing was changed: what stands against it, for reloads in `text` */
    ANSWER_OUTCOME_COUNT
} answer_outcome_t;

typedef struct {
    uint64_t request_id;
    int outcome;               /* answer_outcome_t */
    uint64_t snapshot_version; /* the state that the answer stands on; after a clear: shows it */
    uint64_t alert_seq;        /* newest alert event that the answer knows */
    snapshot_t *snapshot;      /* QUERY_WHOLE_STATE */
    alert_t *alerts;           /* QUERY_ALERTS_* */
    size_t n_alerts;
    probe_result_t *result; /* QUERY_PROBE */
    evidence_t *evidence;   /* QUERY_EVIDENCE: newest first */
    size_t n_evidence;
    char *text; /* ANSWER_OK to QUERY_CONFIG_RELOAD, _EXPLAIN: a JSON object; else for people */
} answer_t;

WIRE_MESSAGE(answer)

#endif
