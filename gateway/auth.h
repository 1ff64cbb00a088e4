/* The credential of writes. */
#ifndef HEALTHD_GATEWAY_AUTH_H
#define HEALTHD_GATEWAY_AUTH_H

#include <stdbool.h>

/*
 * Whether the header Authorization AUTHORIZATION (NULL: not there) is "Bearer TOKEN". The time it
 * takes tells nothing about TOKEN: digests are compared, in constant time.
 */
bool auth_is_bearer(const char *authorization, const char *token);

#endif
