/* JSON text of what a service answered. Pure; one allocation for the text and one to repair it. */
#ifndef HEALTHD_CORE_JSON_TEXT_H
#define HEALTHD_CORE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a body beyond which it is not taken as JSON. */
#define JSON_TEXT_BODY_MAX_BYTES ((size_t)256 << 10)
/* Lists and objects inside each other, at most. */
#define JSON_TEXT_MAX_DEPTH 24
/* Characters (code points) of a body that is shown as text. */
#define JSON_TEXT_RAW_CHARACTERS 200

/*
 * The `details` of an answer's BODY (N bytes, borrows; IS_CUT: there was more). Bytes that are not
 * UTF-8 become U+FFFD. What then is JSON (RFC 8259) of any type is given without its blanks,
 * numbers and strings as they were written. Not JSON here: a body that was cut or is longer than
 * JSON_TEXT_BODY_MAX_BYTES, deeper nesting, NaN, Infinity and numbers that overflow to it, integers
 * beyond 64 bits with sign, half of a surrogate pair. All that is not JSON is given as
 * {"raw":"..."} with its first characters. Gives the text, NUL-terminated, for free(); NULL where
 * memory ran out.
 */
char *json_text_of_body(const char *body, size_t n, bool is_cut);

#endif
