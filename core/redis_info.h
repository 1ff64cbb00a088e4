/* The answer to INFO of Redis as JSON, for conditions. Pure. */
#ifndef HEALTHD_CORE_REDIS_INFO_H
#define HEALTHD_CORE_REDIS_INFO_H

#include <stddef.h>

/* Bytes of an answer that are looked at; a server of today sends a tenth of it. */
#define REDIS_INFO_MAX_BYTES ((size_t)64 << 10)

/*
 * One JSON object with a member for each line NAME:VALUE of the N bytes of TEXT (borrows), numbers
 * as numbers, all else as texts; section titles and what is no such line are left out, bytes that
 * are no UTF-8 repaired. Gives the JSON, NUL-terminated, for free(); NULL where memory ran out.
 */
char *redis_info_json(const char *text, size_t n);

#endif
