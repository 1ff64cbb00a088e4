/* Bytes from outside as UTF-8 (RFC 3629): no overlong forms, no surrogates, up to U+10FFFF. Pure.
 */
#ifndef HEALTHD_CORE_UTF8_H
#define HEALTHD_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* U+FFFD, what stands in for bytes that are not UTF-8. */
#define UTF8_REPLACEMENT "\xEF\xBF\xBD"
/* A repaired text is at most this many times as long as what it was made from. */
#define UTF8_REPAIR_FACTOR 3

/*
 * Length in bytes, 1 .. 4, of the character at the start of TEXT (N bytes, at least 1). Where it is
 * none, *RET_IS_VALID is false and the length is that of the maximal subpart that one U+FFFD stands
 * for (Unicode 15, section 3.9, table 3-8).
 */
size_t utf8_next(const char *text, size_t n, bool *ret_is_valid);

/*
 * Copies N bytes of TEXT with U+FFFD for what is not UTF-8, at most SIZE - 1 bytes and cut at a
 * whole character. Gives DST, NUL-terminated, and its length in bytes. SIZE is at least 1.
 */
size_t utf8_repair(const char *text, size_t n, char *dst, size_t size);

/* Whether N bytes are UTF-8 without a NUL. */
bool utf8_is_text(const char *text, size_t n);

#endif
