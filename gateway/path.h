/* Request targets as they stand in the request line: splitting, decoding, matching. Pure. */
#ifndef HEALTHD_GATEWAY_PATH_H
#define HEALTHD_GATEWAY_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parts in braces of one pattern, at most. */
#define PATH_PARAMETERS_MAX 2

/* A part of a text that belongs to someone else; not NUL-terminated. */
typedef struct {
    const char *text;
    size_t n;
} slice_t;

/*
 * Splits TARGET (borrows) at the first '?'. Of an absolute target (http://host/path, RFC 9112,
 * section 3.2.2) the scheme and host are left out. Gives both slices; the query is empty where
 * there is none.
 */
void path_split(const char *target, slice_t *ret_path, slice_t *ret_query);

/*
 * Percent-decodes TEXT; what is no escape stays as it is. Where PLUS_IS_SPACE, '+' becomes a space.
 * Bytes that are not UTF-8 become U+FFFD. Gives the text, to be freed, which may hold NULs and has
 * one at its end, and its length; NULL where memory ran out.
 */
char *path_decode(slice_t text, bool plus_is_space, size_t *ret_n);

/*
 * Whether PATH, still encoded, is PATTERN: "/alerts/{alert_id}/clear", where a part in braces is
 * any non-empty segment; PATTERN has PATH_PARAMETERS_MAX of them at most. Gives these segments,
 * still encoded, in RET_PARAMETERS (empty where there are fewer).
 */
bool path_matches(const char *pattern, slice_t path, slice_t ret_parameters[PATH_PARAMETERS_MAX]);

/* PATH without the slashes at its end; false where it has none, or is nothing else. */
bool path_without_slash(slice_t path, slice_t *ret);

/* The last value of KEY in QUERY, still encoded; false where it is not there. */
bool query_value(slice_t query, const char *key, slice_t *ret);

/* Whether KEY of QUERY is true; false where it is not there. 0, or -1: it is neither "true" nor
 * "false". */
int query_flag(slice_t query, const char *key, bool *ret);

/*
 * The whole number that TEXT (N bytes) is: white space around it, a sign and single underscores
 * between its digits are allowed, any number of digits is; what is out of MIN .. MAX becomes the
 * nearer of the two. 0, or -1 where it is no whole number.
 */
int integer_clamped(const char *text, size_t n, int64_t min, int64_t max, int64_t *ret);

#endif
