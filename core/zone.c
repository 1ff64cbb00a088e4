#include "core/zone.h"

#include <stdlib.h>
#include <string.h>

#include "core/zone_rule.h"

/* RFC 8536, section 3.1: the header, and the bytes of what its counts speak of. */
enum { HEADER_BYTES = 44, TYPE_BYTES = 6, TYPES_MAX = 256 };

struct zone {
    int64_t offsets_s[TYPES_MAX]; /* by type */
    size_t n_types;
    int64_t *turns_s; /* instants at which a type begins, ascending; owned */
    uint8_t *types;   /* the type of each; owned */
    size_t n_turns;
    bool has_rule;
    zone_rule_t rule; /* from the last turn on */
};

/* --- TZif --- */

/* The counts of a header. */
typedef struct {
    size_t n_ut, n_standard, n_leaps, n_turns, n_types, n_characters;
} counts_t;

static uint64_t read_big_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* Bytes of the block behind a header, whose times are of TIME_BYTES; SIZE_MAX: more than a file
 * has. */
static size_t block_bytes(const counts_t *counts, size_t time_bytes)
{
    const size_t all[] = {counts->n_ut,    counts->n_standard, counts->n_leaps,
                          counts->n_turns, counts->n_types,    counts->n_characters};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] > ZONE_FILE_MAX_BYTES)
            return SIZE_MAX;
    return counts->n_turns * (time_bytes + 1) + counts->n_types * TYPE_BYTES +
           counts->n_characters + counts->n_leaps * (time_bytes + 4) + counts->n_standard +
           counts->n_ut;
}

/* Reads the header at the start of N BYTES; 0 with its block behind it whole, or -1. */
static int read_header(const uint8_t *bytes, size_t n, bool is_first, counts_t *ret,
                       uint8_t *ret_version)
{
    if (n < HEADER_BYTES || memcmp(bytes, "TZif", 4) != 0)
        return -1;
    *ret_version = bytes[4];
    size_t *const places[] = {&ret->n_ut,    &ret->n_standard, &ret->n_leaps,
                              &ret->n_turns, &ret->n_types,    &ret->n_characters};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        *places[i] = (size_t)read_big_endian(bytes + 20 + 4 * i, 4);
    size_t n_block = block_bytes(ret, is_first ? 4 : 8);
    return n_block > n - HEADER_BYTES ? -1 : 0;
}

static int read_turns(zone_t *zone, const uint8_t *bytes, size_t n, size_t time_bytes)
{
    zone->turns_s = calloc(n + 1, sizeof *zone->turns_s);
    zone->types = calloc(n + 1, sizeof *zone->types);
    if (!zone->turns_s || !zone->types)
        return -1;
    zone->n_turns = n;
    for (size_t i = 0; i < n; i++) {
        uint64_t value = read_big_endian(bytes + i * time_bytes, time_bytes);
        zone->turns_s[i] = time_bytes == 8 ? (int64_t)value : (int32_t)(uint32_t)value;
        zone->types[i] = bytes[n * time_bytes + i];
    }
    return 0;
}

/* Whether the list ascends and names types that are there, whose offsets are within bounds. */
static bool is_sound(const zone_t *zone)
{
    for (size_t i = 0; i < zone->n_turns; i++)
        if (zone->types[i] >= zone->n_types || (i > 0 && zone->turns_s[i] <= zone->turns_s[i - 1]))
            return false;
    for (size_t i = 0; i < zone->n_types; i++)
        if (zone->offsets_s[i] > ZONE_OFFSET_MAX_S || zone->offsets_s[i] < -ZONE_OFFSET_MAX_S)
            return false;
    return true;
}

/* Reads the block of COUNTS at BYTES. 0, or -1 with *RETERR. */
static int read_block(zone_t *zone, const uint8_t *bytes, const counts_t *counts, size_t time_bytes,
                      const char **reterr)
{
    *reterr = "it counts leap seconds";
    if (counts->n_leaps > 0)
        return -1;
    *reterr = "it is damaged";
    if (counts->n_types == 0 || counts->n_types > TYPES_MAX)
        return -1;
    const uint8_t *types = bytes + counts->n_turns * (time_bytes + 1);
    zone->n_types = counts->n_types;
    for (size_t i = 0; i < zone->n_types; i++)
        zone->offsets_s[i] = (int32_t)(uint32_t)read_big_endian(types + TYPE_BYTES * i, 4);
    if (read_turns(zone, bytes, counts->n_turns, time_bytes)) {
        *reterr = "out of memory";
        return -1;
    }
    return is_sound(zone) ? 0 : -1;
}

/* Reads the footer: a line feed, a rule or nothing, a line feed. */
static int read_footer(zone_t *zone, const uint8_t *bytes, size_t n)
{
    if (n < 2 || bytes[0] != '\n')
        return -1;
    const uint8_t *end = memchr(bytes + 1, '\n', n - 1);
    if (!end)
        return -1;
    size_t n_rule = (size_t)(end - bytes) - 1;
    zone->has_rule = n_rule > 0;
    return n_rule > 0 ? zone_rule_parse((const char *)bytes + 1, n_rule, &zone->rule) : 0;
}

/* Reads N BYTES into ZONE. 0, or -1 with *RETERR. */
static int read_tzif(zone_t *zone, const uint8_t *bytes, size_t n, const char **reterr)
{
    counts_t counts;
    uint8_t version = 0;
    *reterr = "it is no TZif file";
    if (n > ZONE_FILE_MAX_BYTES || read_header(bytes, n, true, &counts, &version))
        return -1;
    if (version == 0)
        return read_block(zone, bytes + HEADER_BYTES, &counts, 4, reterr);
    size_t n_first = HEADER_BYTES + block_bytes(&counts, 4);
    bytes += n_first;
    n -= n_first;
    if (read_header(bytes, n, false, &counts, &version))
        return -1;
    if (read_block(zone, bytes + HEADER_BYTES, &counts, 8, reterr))
        return -1;
    size_t n_second = HEADER_BYTES + block_bytes(&counts, 8);
    return read_footer(zone, bytes + n_second, n - n_second);
}

zone_t *zone_of_tzif(const void *bytes, size_t n, const char **reterr)
{
    zone_t *zone = calloc(1, sizeof *zone);
    if (!zone)
        *reterr = "out of memory";
    else if (read_tzif(zone, bytes, n, reterr))
        zone_destroy(&zone);
    return zone;
}

void zone_destroy(zone_t **zone_p)
{
    zone_t *zone = *zone_p;
    if (!zone)
        return;
    free(zone->turns_s);
    free(zone->types);
    free(zone);
    *zone_p = NULL;
}

bool zone_is_name(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-";
    if (strlen(name) > ZONE_NAME_MAX_BYTES)
        return false;
    for (;; name++) {
        size_t n = strspn(name, letters);
        name += n;
        if (n == 0 || *name != '/')
            return n > 0 && *name == '\0';
    }
}

/* --- local time --- */

/* Turns at or before AT_S. */
static size_t turns_up_to(const zone_t *zone, int64_t at_s)
{
    size_t low = 0;
    size_t high = zone->n_turns;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->turns_s[middle] <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

zone_span_t zone_span_at(const zone_t *zone, int64_t at_s)
{
    zone_span_t span = {.begins_s = INT64_MIN, .ends_s = INT64_MAX};
    if (!zone)
        return span;
    size_t n = turns_up_to(zone, at_s);
    if (n == zone->n_turns && zone->has_rule) {
        span = zone_rule_span_at(&zone->rule, at_s);
        if (n > 0 && span.begins_s < zone->turns_s[n - 1])
            span.begins_s = zone->turns_s[n - 1];
        return span;
    }
    span.offset_s = zone->offsets_s[n > 0 ? zone->types[n - 1] : 0];
    if (n > 0)
        span.begins_s = zone->turns_s[n - 1];
    if (n < zone->n_turns)
        span.ends_s = zone->turns_s[n];
    return span;
}

int64_t zone_first_of(const zone_t *zone, int64_t local_s, bool *ret_is_shown)
{
    zone_span_t span = zone_span_at(zone, local_s - ZONE_OFFSET_MAX_S - 1);
    for (;;) {
        int64_t at_s = local_s - span.offset_s;
        *ret_is_shown = at_s >= span.begins_s;
        if (!*ret_is_shown)
            at_s = span.begins_s;
        if (at_s < span.ends_s)
            return at_s;
        span = zone_span_at(zone, span.ends_s);
    }
}

bool zone_last_of(const zone_t *zone, int64_t local_s, int64_t *ret_s)
{
    zone_span_t span = zone_span_at(zone, local_s - ZONE_OFFSET_MAX_S - 1);
    bool is_found = false;
    while (span.begins_s <= local_s + ZONE_OFFSET_MAX_S) {
        int64_t at_s = local_s - span.offset_s;
        if (at_s >= span.begins_s && at_s < span.ends_s) {
            *ret_s = at_s;
            is_found = true;
        }
        if (span.ends_s == INT64_MAX)
            break;
        span = zone_span_at(zone, span.ends_s);
    }
    return is_found;
}
