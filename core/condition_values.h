/*
 * What conditions can look at: the values of a check, which of them a type of probe has, and the
 * types that they are compared by. Pure.
 */
#ifndef HEALTHD_CORE_CONDITION_VALUES_H
#define HEALTHD_CORE_CONDITION_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One for each row of the table of values, in docs/conditions.md too. */
typedef enum {
    CONDITION_STATUS,
    CONDITION_LATENCY,
    CONDITION_CONNECTED,
    CONDITION_IP,
    CONDITION_REASON,
    CONDITION_BODY,
    CONDITION_HEADER,
    CONDITION_CERT_EXPIRY,
    CONDITION_DOMAIN_EXPIRY,
    CONDITION_TLS_VERSION,
    CONDITION_HTTP_VERSION,
    CONDITION_PHASE_RESOLVE,
    CONDITION_PHASE_CONNECT,
    CONDITION_PHASE_TLS,
    CONDITION_PHASE_FIRST_BYTE,
    CONDITION_PHASE_TRANSFER,
    CONDITION_RCODE,
    CONDITION_ANSWERS,
    CONDITION_DNS_TTL, /* `ttl` of a dns probe: a duration */
    CONDITION_TTL,     /* `ttl` of an icmp probe: hops, a number */
    CONDITION_LOSS,
    CONDITION_EXIT_CODE,
    CONDITION_OUTPUT,
    CONDITION_VALUE,
    CONDITION_CAPTURED, /* by a name of the configuration */
    CONDITION_VALUE_COUNT
} condition_value_t;

#define CONDITION_PHASES (CONDITION_PHASE_TRANSFER - CONDITION_PHASE_RESOLVE + 1)
/* A set of values is the sum of these. */
#define CONDITION_BIT(value) (UINT64_C(1) << (value))

/* What a check that connects can say, one that speaks TLS, and one whose answer takes its time. */
#define CONDITION_REACHED                                                                          \
    (CONDITION_BIT(CONDITION_LATENCY) | CONDITION_BIT(CONDITION_CONNECTED) |                       \
     CONDITION_BIT(CONDITION_IP) | CONDITION_BIT(CONDITION_REASON) |                               \
     CONDITION_BIT(CONDITION_PHASE_RESOLVE) | CONDITION_BIT(CONDITION_PHASE_CONNECT))
#define CONDITION_SECURED                                                                          \
    (CONDITION_BIT(CONDITION_PHASE_TLS) | CONDITION_BIT(CONDITION_CERT_EXPIRY) |                   \
     CONDITION_BIT(CONDITION_TLS_VERSION))
#define CONDITION_ANSWERED                                                                         \
    (CONDITION_BIT(CONDITION_PHASE_FIRST_BYTE) | CONDITION_BIT(CONDITION_PHASE_TRANSFER))

/* Types of operands. What stands after ANY is known at run time alone. */
typedef enum {
    CONDITION_NUMBER,
    CONDITION_BYTES, /* a number of bytes: len(body) */
    CONDITION_SIZE,  /* a literal: 16KiB */
    CONDITION_DURATION,
    CONDITION_RATIO,
    CONDITION_TEXT,
    CONDITION_BOOLEAN,
    CONDITION_RCODE_WORD,
    CONDITION_REASON_WORD,
    CONDITION_VERSION,
    CONDITION_ANSWER_LIST,
    CONDITION_ANY, /* the answer decides: a JSON value, a header, a captured value */
    CONDITION_TYPE_COUNT,
    CONDITION_LIST = CONDITION_TYPE_COUNT,
    CONDITION_OBJECT
} condition_type_t;

/* `status`, `phase.tls`; the name that conditions use. */
const char *condition_value_name(condition_value_t value);
condition_type_t condition_value_type(condition_value_t value);

/* The values of a type of probe, by the scheme of its URL ("http", "dns", ...), as a set; 0: there
 * is no such type. */
uint64_t condition_values_of(const char *probe);

/* The value that NAME (N bytes) is: the one in the set VALUES where two have the name;
 * CONDITION_VALUE_COUNT: none has. */
condition_value_t condition_value_at(const char *name, size_t n, uint64_t values);

/* Response codes of DNS (RFC 1035, RFC 2136; the IANA registry), by the value on the wire; NULL:
 * the code has no name. */
const char *condition_rcode_name(unsigned code);
#define CONDITION_RCODES 11

/* The word of TYPE (RCODE_WORD, REASON_WORD) that the N bytes are, as a static text, or NULL. */
const char *condition_word_at(condition_type_t type, const char *text, size_t n);
/* The words of TYPE in their order; NULL after the last. */
const char *condition_word(condition_type_t type, size_t i);

/* Major and minor of a version: "1.2", "2", also "TLSv1.3" and "HTTP/1.1", as major * 65536 +
 * minor; -1: it is none. */
int64_t condition_version_of(const char *text, size_t n);

#endif
