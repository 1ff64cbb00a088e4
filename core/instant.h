/* Instants as people and programs give them in a request. Pure. */
#ifndef HEALTHD_CORE_INSTANT_H
#define HEALTHD_CORE_INSTANT_H

#include <stddef.h>
#include <stdint.h>

/* What is allowed, for a message. */
#define INSTANT_EXPECTED                                                                           \
    "an RFC 3339 time with its offset, seconds since 1970, or a duration from now such as +15m"

/*
 * `2026-11-24T12:00:00Z` with Z or an offset, `1795488330` (seconds since 1970), or `+15m`,
 * `-1h30m` from NOW_US on. Reads the N bytes of TEXT whole. Gives Unix time in microseconds. 0, or
 * -1.
 */
int instant_parse(const char *text, size_t n, int64_t now_us, int64_t *ret_us);

#endif
