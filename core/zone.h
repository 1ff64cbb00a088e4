/*
 * Local time of an IANA time zone, from the bytes of its TZif file (RFC 8536): its transitions, and
 * behind the last of them the rule in its footer (a TZ string of POSIX.1-2017, section 8.3, with
 * the hours of RFC 8536, section 3.3.1). The C library's own TZ is one for the whole process. Pure;
 * the bytes are not trusted.
 */
#ifndef HEALTHD_CORE_ZONE_H
#define HEALTHD_CORE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a zone's file, at most, and of its name: "America/Argentina/ComodRivadavia". */
#define ZONE_FILE_MAX_BYTES ((size_t)64 << 10)
#define ZONE_NAME_MAX_BYTES 64
/* Local time is never further from UTC than this. */
#define ZONE_OFFSET_MAX_S ((int64_t)26 * 3600)

typedef struct zone zone_t;

/* The zone of N bytes of a TZif file. NULL with a static text why not. */
zone_t *zone_of_tzif(const void *bytes, size_t n, const char **reterr);

/* Takes NULL. */
void zone_destroy(zone_t **zone);

/* Whether NAME can be that of a zone: parts of letters, digits, - + _ with slashes between them. It
 * is safe to be looked for below a folder. */
bool zone_is_name(const char *name);

/* Seconds that local time is ahead of UTC, and for which instants (Unix time in seconds) that
 * holds. */
typedef struct {
    int64_t offset_s;
    int64_t begins_s; /* INT64_MIN: always */
    int64_t ends_s;   /* the first instant behind it; INT64_MAX: never */
} zone_span_t;

/* The span that AT_S is in. ZONE is NULL for UTC. O(log of the number of transitions). */
zone_span_t zone_span_at(const zone_t *zone, int64_t at_s);

/*
 * The first instant at which local time is LOCAL_S (seconds since 1970-01-01 00:00 as a local clock
 * shows them) or later. Where the clock jumps over LOCAL_S that is the end of the jump, and
 * *RET_IS_SHOWN is false; where it shows LOCAL_S twice, the first time.
 */
int64_t zone_first_of(const zone_t *zone, int64_t local_s, bool *ret_is_shown);

/* The last instant at which local time is LOCAL_S; false where it never is. */
bool zone_last_of(const zone_t *zone, int64_t local_s, int64_t *ret_s);

#endif
