/* An alert, and each step of its life as one numbered event of a durable log. */
#ifndef HEALTHD_ALERT_EVENT_H
#define HEALTHD_ALERT_EVENT_H

#include <healthd/status.h>
#include <healthd/wire.h>

/* Bytes of an alert's component: a target's name and what may stand before it. */
#define ALERT_COMPONENT_MAX_BYTES 300
/* Bytes of its id: the component, a level, a time. */
#define ALERT_ID_MAX_BYTES 360
/* Bytes of its title, its message and its details, at most; who makes an alert cuts them. */
#define ALERT_TITLE_MAX_BYTES   512
#define ALERT_MESSAGE_MAX_BYTES ((size_t)1 << 20)
#define ALERT_DETAILS_MAX_BYTES ((size_t)2 << 20)

typedef struct {
    char *alert_id;  /* "{component}_{LEVEL}_{time}"; never changes */
    char *component; /* "system", a target's name, the emergency stop's, or one of healthd's own */
    int kind;        /* alert_kind_t: what it is about */
    int level;       /* severity_t */
    int reason;      /* reason_t of the target, REASON_NONE for the system */
    char *title;
    char *message;
    char *details;          /* JSON text of an object */
    char *entry_id;         /* emergency stop: the stream entry that tripped it; else NULL */
    int64_t raised_at_us;   /* Unix time, UTC: the alert's timestamp */
    int64_t resolved_at_us; /* 0 while it is active */
    int resolution;         /* resolution_t; RESOLUTION_NONE while it is active */
    bool is_unwritten;      /* its newest event is not on disk yet; false wherever it is stored */
} alert_t;

WIRE_MESSAGE(alert)

typedef enum {
    ALERT_RAISED,
    ALERT_UPDATED, /* message, details or reason followed the condition; not sent outside */
    ALERT_RESOLVED,
    ALERT_EVENT_KIND_COUNT
} alert_event_kind_t;

typedef struct {
    uint64_t seq;    /* grows by one with each event, over restarts too */
    int kind;        /* alert_event_kind_t */
    bool is_durable; /* it was on disk when this was sent */
    int64_t at_us;   /* Unix time of the event */
    alert_t *alert;  /* the alert as it is after the event */
} alert_event_t;

WIRE_MESSAGE(alert_event)

#endif
