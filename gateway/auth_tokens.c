#include "gateway/auth_tokens.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "core/probes/heartbeat.h"

_Static_assert(AUTH_DIGEST_BYTES == SHA256_DIGEST_LENGTH, "SHA-256");

int auth_tokens_init(auth_tokens_t *self, const config_t *config)
{
    *self = (auth_tokens_t){.tokens = calloc(config->n_targets + 1, sizeof(auth_token_t))};
    if (!self->tokens)
        return -1;
    for (size_t i = 0; i < config->n_targets; i++) {
        const target_t *target = &config->targets[i];
        if (target->type != PROBE_HEARTBEAT)
            continue;
        const heartbeat_settings_t *settings = target->options;
        auth_token_t *token = &self->tokens[self->n++];
        token->target = target;
        if (!SHA256((const unsigned char *)settings->token, strlen(settings->token),
                    token->digest)) {
            auth_tokens_clear(self);
            return -1;
        }
    }
    return 0;
}

void auth_tokens_clear(auth_tokens_t *self)
{
    free(self->tokens);
    *self = (auth_tokens_t){.n = 0};
}

const target_t *auth_tokens_find(const auth_tokens_t *self, const char *token, size_t n)
{
    unsigned char digest[AUTH_DIGEST_BYTES];
    const target_t *found = NULL;
    if (!SHA256((const unsigned char *)token, n, digest))
        return NULL;
    for (size_t i = 0; i < self->n; i++)
        if (CRYPTO_memcmp(self->tokens[i].digest, digest, sizeof digest) == 0)
            found = self->tokens[i].target;
    return found;
}
