/*
 * Every key of a configuration file in one table: where it stands, its type, range, default and
 * what it means. From it come the reader and its errors, the JSON Schema for editors and the
 * reference page.
 */
#ifndef HEALTHD_CORE_SCHEMA_H
#define HEALTHD_CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a text or path, at most; of a label's value; of a token. */
#define SCHEMA_TEXT_MAX_BYTES  3072
#define SCHEMA_LABEL_MAX_BYTES 255
/* Bytes of a secret or of a request's body, at most. */
#define SCHEMA_SECRET_MAX_BYTES ((size_t)64 << 10)
/* Labels of one target, at most, and bytes of all of them as JSON. */
#define SCHEMA_LABELS_MAX 32
/* Headers of one request, at most. */
#define SCHEMA_HEADERS_MAX 32
/* Variables of one for_each, and values of all of them together. */
#define SCHEMA_VARIABLES_MAX 8

/*
 * The types of probes (core/probe_type.h): PLAIN(NAME, name) has no map of its own, or one that is
 * part of the tables here, OPTIONS(NAME, name) has a map of its name whose keys stand in its row.
 */
#define PROBE_TYPES(PLAIN, OPTIONS)                                                                \
    PLAIN(HTTP, http)                                                                              \
    PLAIN(REDIS, redis)                                                                            \
    OPTIONS(HEARTBEAT, heartbeat)                                                                  \
    OPTIONS(DNS, dns)                                                                              \
    OPTIONS(POSTGRES, postgres)                                                                    \
    OPTIONS(EXEC, exec)                                                                            \
    OPTIONS(TCP, tcp)                                                                              \
    PLAIN(TLS, tls)                                                                                \
    OPTIONS(HOST, host)                                                                            \
    OPTIONS(UDP, udp)                                                                              \
    OPTIONS(WEBSOCKET, websocket)

#define SCHEMA_NO_OPTIONS(NAME, name)
#define SCHEMA_SECTION_OF(NAME, name) SECTION_##NAME,
#define SCHEMA_TARGET_KEY(NAME, name) TARGET_##NAME,

/* The maps of a file. */
typedef enum {
    SECTION_ROOT,
    SECTION_INSTANCE,
    SECTION_DEFAULTS,
    SECTION_TEMPLATE,
    SECTION_TARGET,
    SECTION_GROUP,
    SECTION_HTTP,
    SECTION_BASIC,
    SECTION_OAUTH2,
    SECTION_TLS,
    SECTION_CERT_ALERT,
    SECTION_PROBING,
    SECTION_SYSTEM,
    SECTION_FLAP_DETECTION, /* below system */
    SECTION_CONNECTIVITY,   /* below system */
    SECTION_ALERTING,
    SECTION_BUS,
    SECTION_PUBLISH,
    SECTION_GATEWAY,
    SECTION_LOGGING,
    PROBE_TYPES(SCHEMA_NO_OPTIONS, SCHEMA_SECTION_OF) /* the options of each */
    SECTION_COUNT
} schema_section_t;

typedef enum {
    SCHEMA_DURATION,  /* milliseconds */
    SCHEMA_SIZE,      /* bytes */
    SCHEMA_COUNT,     /* a whole number */
    SCHEMA_RATIO,     /* 0 .. 1 */
    SCHEMA_THRESHOLD, /* 3, or 3 of 5: a count, and a window */
    SCHEMA_RULE,      /* of a group: all_up, any_up or at_least N; which one, and N */
    SCHEMA_FACTOR,    /* 3x */
    SCHEMA_BOOLEAN,
    SCHEMA_CHOICE, /* one of the row's words; its position */
    SCHEMA_NAME,   /* of a target or template */
    SCHEMA_WORD,   /* without blanks */
    SCHEMA_TEXT,   /* anything */
    SCHEMA_PATH,
    SCHEMA_TARGET_URL, /* what a probe can watch, or none */
    SCHEMA_REDIS_URL,  /* or none */
    SCHEMA_ENDPOINT,   /* of ZeroMQ */
    SCHEMA_ADDRESS,    /* address:port */
    SCHEMA_TOKEN,      /* a credential */
    SCHEMA_SECRET,     /* anything that is not to be shown */
    SCHEMA_HTTP_URL,   /* http:// or https:// */
    SCHEMA_PROXY,      /* URL of a proxy */
    SCHEMA_FIELD,      /* value of an HTTP header */
    SCHEMA_CONDITION,  /* of core/condition.h; compiled when the target is known */
    SCHEMA_MATCHER,    /* of core/matcher.h; parsed by config_matchers */
    SCHEMA_HEADERS,    /* map of texts whose names are those of HTTP headers */
    SCHEMA_LABELS,     /* map of texts */
    SCHEMA_VARIABLES,  /* map of lists of texts: for_each */
    SCHEMA_MAP,        /* of the row's section */
    SCHEMA_TYPE_COUNT
} schema_type_t;

typedef struct {
    const char *key;
    schema_type_t type;
    bool is_list; /* one or several */
    bool is_required;
    double least, most;         /* of numbers in the unit of the type, of lists in items */
    const char *fallback;       /* as it would be written; NULL: none */
    const char *const *choices; /* SCHEMA_CHOICE: words, a NULL at the end */
    schema_section_t section;   /* SCHEMA_MAP */
    bool is_main_only;          /* not in included files */
    bool takes_restart;         /* read at the start alone: a reload leaves it as it was */
    bool is_nested;             /* SCHEMA_MAP: read with the map that it stands in */
    const char *text;           /* one line for people */
} schema_key_t;

/* Positions of the rows in each section; targets, templates and defaults share theirs. */
enum {
    ROOT_VERSION,
    ROOT_INSTANCE,
    ROOT_DEFAULTS,
    ROOT_TEMPLATES,
    ROOT_SERVICES,
    ROOT_INFRASTRUCTURE,
    ROOT_TARGETS,
    ROOT_GROUPS,
    ROOT_INCLUDE,
    ROOT_PROBING,
    ROOT_SYSTEM,
    ROOT_ALERTING,
    ROOT_BUS,
    ROOT_PUBLISH,
    ROOT_GATEWAY,
    ROOT_LOGGING,
    ROOT_KEYS
};
enum { INSTANCE_NAME, INSTANCE_STATE_DIR, INSTANCE_KEYS };
enum { /* the first rows up to DEFAULTS_KEYS stand in defaults, up to TEMPLATE_KEYS in templates */
       TARGET_CHECK_INTERVAL,
       TARGET_TIMEOUT,
       TARGET_RETRY_INTERVAL,
       TARGET_FAILURE_THRESHOLD,
       TARGET_SUCCESS_THRESHOLD,
       TARGET_CRITICAL,
       TARGET_SPREAD,
       TARGET_JITTER,
       TARGET_STATUS_RULE,
       TARGET_CONDITIONS,
       TARGET_CONDITIONS_MORE,
       TARGET_DEGRADED_CONDITIONS,
       TARGET_DEGRADED_CONDITIONS_MORE,
       TARGET_EXPECT_FAILURE,
       TARGET_CONNECTION,
       TARGET_IP_PROTOCOL,
       TARGET_HTTP,
       TARGET_TLS,
       TARGET_CERT_ALERT,
       TARGET_NOTIFY_AFTER,
       PROBE_TYPES(SCHEMA_NO_OPTIONS, SCHEMA_TARGET_KEY) /* the options of each type */
       DEFAULTS_KEYS,
       TARGET_NAME = DEFAULTS_KEYS,
       TARGET_URL,
       TARGET_ERROR_PREFIX,
       TARGET_LABELS,
       TEMPLATE_KEYS,
       TARGET_TEMPLATE = TEMPLATE_KEYS,
       TARGET_FOR_EACH,
       TARGET_KIND,
       TARGET_KEYS
};
enum {
    GROUP_NAME,
    GROUP_MEMBERS,
    GROUP_RULE,
    GROUP_KIND,
    GROUP_CRITICAL,
    GROUP_NOTIFY_AFTER,
    GROUP_LABELS,
    GROUP_FOR_EACH,
    GROUP_KEYS
};
enum {
    HTTP_METHOD,
    HTTP_HEADERS,
    HTTP_BODY,
    HTTP_BODY_FILE,
    HTTP_USER_AGENT,
    HTTP_BASIC,
    HTTP_BEARER_TOKEN,
    HTTP_OAUTH2,
    HTTP_COOKIES,
    HTTP_FOLLOW_REDIRECTS,
    HTTP_MAX_REDIRECTS,
    HTTP_ALLOW_REDIRECT_TO,
    HTTP_BODY_LIMIT,
    HTTP_DECOMPRESS,
    HTTP_VERSION,
    HTTP_PROXY,
    HTTP_NO_PROXY,
    HTTP_SOURCE_ADDRESS,
    HTTP_UNIX_SOCKET,
    HTTP_KEYS
};
enum { BASIC_USERNAME, BASIC_PASSWORD, BASIC_KEYS };
enum { OAUTH2_TOKEN_URL, OAUTH2_CLIENT_ID, OAUTH2_CLIENT_SECRET, OAUTH2_SCOPE, OAUTH2_KEYS };
enum {
    TLS_CA_FILE,
    TLS_CERT_FILE,
    TLS_KEY_FILE,
    TLS_SERVER_NAME,
    TLS_MIN_VERSION,
    TLS_SKIP_VERIFY,
    TLS_KEYS
};
enum { CERT_ALERT_WARNING, CERT_ALERT_CRITICAL, CERT_ALERT_KEYS };
enum {
    SYSTEM_LATENCY_DEGRADED,
    SYSTEM_LATENCY_CRITICAL,
    SYSTEM_STALENESS,
    SYSTEM_FLAP_DETECTION,
    SYSTEM_CONNECTIVITY_CHECKS,
    SYSTEM_KEYS
};
enum {
    CONNECTIVITY_NAME,
    CONNECTIVITY_ANY_OF,
    CONNECTIVITY_APPLIES_TO,
    CONNECTIVITY_CHECK_INTERVAL,
    CONNECTIVITY_TIMEOUT,
    CONNECTIVITY_KEYS
};
enum { FLAP_ENABLED, FLAP_WINDOW, FLAP_HIGH, FLAP_LOW, FLAP_KEYS };
enum { PROBING_MAX_IN_FLIGHT, PROBING_MAX_IN_FLIGHT_PER_HOST, PROBING_KEYS };
enum { ALERTING_DEGRADED, ALERTING_OVERDUE, ALERTING_KEYS };
enum {
    BUS_URL,
    BUS_STREAM_PREFIX,
    BUS_GROUP_PREFIX,
    BUS_SERVICE_NAME,
    BUS_MAX_LENGTH,
    BUS_SPOOL_MAX_SIZE,
    BUS_KEYS
};
enum { PUBLISH_ENDPOINTS, PUBLISH_HIGH_WATER_MARK, PUBLISH_KEYS };
enum {
    GATEWAY_LISTEN,
    GATEWAY_TOKEN,
    GATEWAY_ANONYMOUS_ROLE,
    GATEWAY_MAX_CONNECTIONS,
    GATEWAY_METRIC_LABELS,
    GATEWAY_KEYS
};
enum { LOGGING_LEVEL, LOGGING_FORMAT, LOGGING_KEYS };

/* Keys of the largest section. */
#define SCHEMA_KEYS_MAX 48
_Static_assert((int)TARGET_KEYS <= SCHEMA_KEYS_MAX && (int)ROOT_KEYS <= SCHEMA_KEYS_MAX, "room");

/* The rows of SECTION, *RET_N of them. */
const schema_key_t *schema_keys(schema_section_t section, size_t *ret_n);

/* How the values of a type are written: "a duration such as 500ms, 1.5s or 1h30m ...". */
const char *schema_type_expected(schema_type_t type);
/* The type's name on the reference page: "duration". */
const char *schema_type_name(schema_type_t type);

/* VALUE, of a row's least or most, as it would be written: "500ms", "64MiB", "10%". */
void schema_number_text(schema_type_t type, double value, char *text, size_t size);

#endif
