/*
 * The words of the health model: statuses, severities, kinds, resolutions and failure reasons, with
 * the names that they carry on the wire. Every *_name gives a static text; a value outside its
 * enumeration is our own bug and asserts.
 */
#ifndef HEALTHD_STATUS_H
#define HEALTHD_STATUS_H

/* Status of one target. */
typedef enum {
    STATUS_OK,
    STATUS_DEGRADED,
    STATUS_DOWN,
    STATUS_UNKNOWN, /* no result yet, or the last one is stale */
    STATUS_COUNT
} status_t;

/* Status of the whole system; the value is the code that metrics show. */
typedef enum {
    SYSTEM_OK,
    SYSTEM_DEGRADED,
    SYSTEM_CRITICAL,
    SYSTEM_UNKNOWN,
    SYSTEM_STATUS_COUNT
} system_status_t;

/* Severity of an alert. */
typedef enum { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITY_COUNT } severity_t;

/* What a target is; KIND_NONE is the emergency stop, which stands in no list and no count. */
typedef enum { KIND_SERVICE, KIND_INFRASTRUCTURE, KIND_NONE, KIND_COUNT } target_kind_t;

/* How an alert ended; RESOLUTION_NONE while it is active. */
typedef enum {
    RESOLUTION_NONE,
    RESOLUTION_RECOVERED,
    RESOLUTION_CLEARED,
    RESOLUTION_REPLACED,
    RESOLUTION_RESET,
    RESOLUTION_TARGET_REMOVED,
    RESOLUTION_COUNT
} resolution_t;

/* What an alert is about. */
typedef enum {
    ALERT_KIND_STATUS,                /* the status of a target or of the system */
    ALERT_KIND_STORAGE_TROUBLE,       /* the state folder refuses writes */
    ALERT_KIND_CONFIGURATION_TROUBLE, /* a changed configuration cannot be used */
    ALERT_KIND_RECEIVER_TROUBLE,      /* notifications do not arrive */
    ALERT_KIND_PREDICTION,            /* what is likely to come */
    ALERT_KIND_HEALING,               /* what became of a healing action */
    ALERT_KIND_OVERDUE,               /* checks that are not made in time */
    ALERT_KIND_FLAPPING,              /* a target whose results change too often */
    ALERT_KIND_CERTIFICATE,           /* a certificate that ends soon */
    ALERT_KIND_BLIND,                 /* healthd's own network is lost */
    ALERT_KIND_COUNT
} alert_kind_t;

/* Why a target is not OK: a closed list, the same on result, snapshot, alert and metric. */
typedef enum {
    REASON_NONE,
    REASON_STATUS,             /* the code of the answer */
    REASON_TIMEOUT_RESOLVE,    /* the deadline passed while the name was looked up */
    REASON_TIMEOUT_CONNECT,    /* ... before the connection stood */
    REASON_TIMEOUT_TLS,        /* ... before the TLS handshake was through */
    REASON_TIMEOUT_RESPONSE,   /* ... before the answer was whole */
    REASON_DNS_NXDOMAIN,       /* the name does not exist */
    REASON_DNS_FAILURE,        /* the name could not be looked up */
    REASON_REFUSED,            /* the connection was refused */
    REASON_UNREACHABLE,        /* no route, network or host unreachable */
    REASON_RESET,              /* the connection was closed before the answer was whole */
    REASON_PROTOCOL,           /* the answer does not speak the protocol */
    REASON_TLS_EXPIRED,        /* the certificate is expired or not yet valid */
    REASON_TLS_UNTRUSTED,      /* the certificate is not signed by a trusted authority */
    REASON_TLS_NAME_MISMATCH,  /* the certificate is for another name */
    REASON_TLS_FAILURE,        /* any other fault of the TLS handshake */
    REASON_REDIRECT,           /* too many redirects, or one to a forbidden scheme */
    REASON_REDIS_LOADING,      /* Redis answers LOADING */
    REASON_REDIS_MASTERDOWN,   /* Redis answers MASTERDOWN */
    REASON_AUTHENTICATION,     /* the credentials are missing or refused */
    REASON_REDIS_ERROR,        /* Redis answers with any other error */
    REASON_EMERGENCY_STOP,     /* the emergency stop is tripped */
    REASON_STALE,              /* the last result is too old */
    REASON_RESOURCES,          /* healthd itself lacked memory or descriptors for the check */
    REASON_CONDITION,          /* a condition of the target is false */
    REASON_MISSING_VALUE,      /* ... because the answer lacks a value that it names */
    REASON_UNEXPECTED_SUCCESS, /* the check should have failed, and did not */
    REASON_PAUSED,             /* somebody paused the target: it is not probed */
    REASON_MEMBERS,            /* of a group: what its members make of it */
    REASON_DATABASE_STARTING,  /* the database starts or stops and takes nobody in */
    REASON_DATABASE_ERROR,     /* the database answers with any other error */
    REASON_EXIT_CODE,          /* the program ended with 1 or 2, as its contract has it */
    REASON_EXIT_UNKNOWN,       /* ... with another code: it cannot tell */
    REASON_KILLED,             /* a signal ended the program */
    REASON_NOT_EXECUTABLE,     /* the program cannot be started */
    REASON_OUTPUT_LIMIT,       /* the program wrote far more than is read */
    REASON_BLIND,              /* the check failed while healthd's own network was lost */
    REASON_THRESHOLD,          /* a value of the host is beyond its limit */
    REASON_NOT_FOUND,          /* the path is not there */
    REASON_UNREADABLE,         /* it cannot be read: nothing is known of it */
    REASON_NO_PING,            /* a heartbeat of which no run has ended yet */
    REASON_LATE,               /* its ping was expected, and may still come in time */
    REASON_MISSED,             /* ... and did not come */
    REASON_JOB_FAILED,         /* the job reported a failure */
    REASON_OVERRUN,            /* a run of the job takes too long */
    REASON_COUNT
} reason_t;

/* What a connectivity check says of healthd's own network. */
typedef enum {
    SIGHT_UNKNOWN, /* it has no result yet */
    SIGHT_OK,      /* one of its addresses answered */
    SIGHT_NEVER,   /* none has answered since the start: most likely the check itself is wrong */
    SIGHT_LOST,    /* none answers any more: healthd is blind */
    SIGHT_COUNT
} sight_t;

const char *status_name(int status);        /* "OK", "DEGRADED", "DOWN", "UNKNOWN" */
const char *system_status_name(int status); /* "OK", "DEGRADED", "CRITICAL", "UNKNOWN" */
const char *severity_name(int severity);    /* "INFO", "WARNING", "CRITICAL" */
const char *target_kind_name(int kind);     /* "service", "infrastructure", "none" */
const char *resolution_name(int resolution);
const char *alert_kind_name(int kind); /* "status", "storage_trouble", ... */
const char *reason_name(int reason);   /* "timeout_connect", ...; "none" for REASON_NONE */
const char *sight_name(int sight);     /* "unknown", "ok", "never", "lost" */

#endif
