/* Well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no surrogate, nothing past U+10FFFF.
 */
#ifndef HEALTHD_PROTO_UTF8_H
#define HEALTHD_PROTO_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at TEXT, of which N bytes are there (n > 0): 1 .. 4, or 0 where it is
 * none. */
size_t utf8_character_bytes(const uint8_t *text, size_t n);

/* Whether N bytes are UTF-8 without a NUL. */
bool utf8_is_text(const uint8_t *text, size_t n);

#endif
