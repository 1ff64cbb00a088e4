#include "gateway/auth.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>
#include <strings.h>

const char *auth_bearer(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (!authorization || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return NULL;
    const char *given = authorization + sizeof scheme - 1;
    return given + strspn(given, " ");
}

bool auth_is_bearer(const char *authorization, const char *token)
{
    const char *given = auth_bearer(authorization);
    if (!given)
        return false;
    unsigned char given_digest[SHA256_DIGEST_LENGTH];
    unsigned char token_digest[SHA256_DIGEST_LENGTH];
    if (!SHA256((const unsigned char *)given, strlen(given), given_digest) ||
        !SHA256((const unsigned char *)token, strlen(token), token_digest))
        return false;
    return CRYPTO_memcmp(given_digest, token_digest, sizeof given_digest) == 0;
}
