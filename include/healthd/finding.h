/*
 * What an actor found out that may become an alert without being the status of a target: trouble
 * of healthd itself, a prediction, the outcome of a healing action. Sent to inproc://findings.
 *
 * A finding is a level, not an event. While it holds its source repeats it every FINDING_REPEAT_US;
 * one that is over, or was not repeated for FINDING_LIFE_US, ends. So nothing has to be undone when
 * a source is started again, and the alert of an earlier run goes on or ends by itself.
 * `actors/findings.h` does the repeating.
 */
#ifndef HEALTHD_FINDING_H
#define HEALTHD_FINDING_H

#include <healthd/alert_event.h>

/* How often a source repeats what still holds, and for how long it holds without. */
#define FINDING_REPEAT_US ((int64_t)10 * 1000000)
#define FINDING_LIFE_US   ((int64_t)60 * 1000000)
/* Bytes of the name of a source, and of a finding's texts, at most. */
#define FINDING_SOURCE_MAX_BYTES  63
#define FINDING_MESSAGE_MAX_BYTES ((size_t)4 << 10)
#define FINDING_DETAILS_MAX_BYTES ((size_t)16 << 10)

/* Several actors write state.db, and say the same where it refuses; the message holds why. */
#define STORAGE_TROUBLE_COMPONENT "healthd:storage"
#define STORAGE_TROUBLE_TITLE     "Storage trouble"
#define STORAGE_TROUBLE_MESSAGE                                                                    \
    "The state folder refuses writes: %s. Alerts are sent without being durable and written "      \
    "later; clears are refused"

/* A file that was to be read anew has a fault, or would drop too many targets. */
#define CONFIGURATION_TROUBLE_COMPONENT "healthd:configuration"
#define CONFIGURATION_TROUBLE_TITLE     "Configuration trouble"

typedef struct {
    char *source;    /* the actor that says it: several may say the same of one component, whose
                        alert lasts until the last of them has ended */
    char *component; /* of the alert: "healthd:storage"; no target is called so */
    int kind;        /* alert_kind_t, not ALERT_KIND_STATUS */
    int severity;    /* severity_t */
    bool is_active;  /* false: it is over; title and message may then be "" */
    char *title;
    char *message;
    char *details; /* JSON text of an object, or NULL */
    int64_t at_us; /* Unix time when it began to be so */
} finding_t;

WIRE_MESSAGE(finding)

#endif
