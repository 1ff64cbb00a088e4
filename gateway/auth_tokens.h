/* The tokens of heartbeats: each is the credential of one target's pings. */
#ifndef HEALTHD_GATEWAY_AUTH_TOKENS_H
#define HEALTHD_GATEWAY_AUTH_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config.h"

/* Bytes of a digest. */
#define AUTH_DIGEST_BYTES 32

typedef struct {
    unsigned char digest[AUTH_DIGEST_BYTES];
    const target_t *target; /* borrowed from the configuration */
} auth_token_t;

typedef struct {
    auth_token_t *tokens;
    size_t n;
} auth_tokens_t;

/* The tokens of the heartbeats of CONFIG. 0, or -1 where memory ran out: SELF is empty. */
int auth_tokens_init(auth_tokens_t *self, const config_t *config);
void auth_tokens_clear(auth_tokens_t *self);

/*
 * The target whose token is TOKEN (N bytes), or NULL. The time it takes tells nothing of any token:
 * digests are compared, all of them, each in constant time. O(number of heartbeats).
 */
const target_t *auth_tokens_find(const auth_tokens_t *self, const char *token, size_t n);

#endif
