/* Tokens by client credentials (RFC 6749, section 4.4): what is asked, and what the answer says.
 * Pure. */
#ifndef HEALTHD_CORE_OAUTH2_H
#define HEALTHD_CORE_OAUTH2_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a token, at most. */
#define OAUTH2_TOKEN_MAX_BYTES 8192
/* How long a token is kept whose answer does not say how long it holds, and any at most. */
#define OAUTH2_KEEP_UNKNOWN_US ((int64_t)300 * 1000000)
#define OAUTH2_KEEP_MAX_US     ((int64_t)86400 * 1000000)
/* A token is fetched anew so long before it ends; half its life where that is less. */
#define OAUTH2_MARGIN_US ((int64_t)30 * 1000000)
/* Room for what is wrong with an answer. */
#define OAUTH2_ERROR_BYTES 160

/* TEXT as application/x-www-form-urlencoded (RFC 6749, appendix B), for free(); NULL where memory
 * ran out. */
char *oauth2_encode(const char *text);

/* The body of the question, SCOPE (NULL: none) encoded, for free(); NULL where memory ran out. */
char *oauth2_body(const char *scope);

/*
 * Reads an answer of status CODE with N bytes of BODY. Gives the token, for free(), and how long it
 * may be kept. 0, or -1 with a text for people that may hold bytes from outside.
 */
int oauth2_read(long code, const char *body, size_t n, char **ret_token, int64_t *ret_keep_us,
                char reterr[OAUTH2_ERROR_BYTES]);

#endif
