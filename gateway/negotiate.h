/* What request headers ask for, as pure functions over their values. */
#ifndef HEALTHD_GATEWAY_NEGOTIATE_H
#define HEALTHD_GATEWAY_NEGOTIATE_H

#include <stdbool.h>

/* Bytes of an X-Request-Id that is echoed, at most. */
#define REQUEST_ID_MAX_BYTES 128

/*
 * Whether If-None-Match IF_NONE_MATCH names ETAG, which stands with its quotes: a list, weak tags,
 * "*" (RFC 9110, section 13.1.2). NULL names none.
 */
bool etag_matches(const char *if_none_match, const char *etag);

/*
 * Whether the reader wants gzip by Accept-Encoding ACCEPT_ENCODING (RFC 9110, section 12.5.3): it
 * is acceptable and not less wanted than the plain body. NULL: no.
 */
bool gzip_is_wanted(const char *accept_encoding);

/* Whether ID may be echoed: 1 .. REQUEST_ID_MAX_BYTES of [A-Za-z0-9._-]. NULL: no. */
bool request_id_is_sane(const char *id);

/*
 * Whether the page at ORIGIN ("http://host:port") was served by HOST ("host:port"), so that its
 * writes are the user's own. No ORIGIN (NULL): no browser is at work, yes.
 */
bool origin_is_own(const char *origin, const char *host);

#endif
