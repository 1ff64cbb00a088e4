/* The credential of writes. */
#ifndef HEALTHD_GATEWAY_AUTH_H
#define HEALTHD_GATEWAY_AUTH_H

#include <stdbool.h>

/* What the header Authorization AUTHORIZATION (NULL: not there) carries as a bearer, a part of it;
 * NULL: nothing. */
const char *auth_bearer(const char *authorization);

/*
 * Whether the header Authorization AUTHORIZATION (NULL: not there) is "Bearer TOKEN". The time it
 * takes tells nothing about TOKEN: digests are compared, in constant time.
 */
bool auth_is_bearer(const char *authorization, const char *token);

#endif
