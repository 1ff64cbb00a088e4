#include "actors/io/websocket_key.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define KEY_RAW_BYTES  16
#define SHA1_RAW_BYTES 20
/* Section 1.3. */
#define MAGIC "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

int websocket_key_accept(const char *key, char ret_accept[WEBSOCKET_ACCEPT_BYTES])
{
    char joined[WEBSOCKET_KEY_BYTES + sizeof MAGIC];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n_digest = 0;
    int n = snprintf(joined, sizeof joined, "%.*s" MAGIC, WEBSOCKET_KEY_BYTES - 1, key);
    if (EVP_Digest(joined, (size_t)n, digest, &n_digest, EVP_sha1(), NULL) != 1 ||
        n_digest != SHA1_RAW_BYTES)
        return -1;
    (void)EVP_EncodeBlock((unsigned char *)ret_accept, digest, SHA1_RAW_BYTES);
    return 0;
}

int websocket_key_new(char ret_key[WEBSOCKET_KEY_BYTES], char ret_accept[WEBSOCKET_ACCEPT_BYTES])
{
    unsigned char raw[KEY_RAW_BYTES];
    if (RAND_bytes(raw, sizeof raw) != 1)
        return -1;
    (void)EVP_EncodeBlock((unsigned char *)ret_key, raw, sizeof raw);
    return websocket_key_accept(ret_key, ret_accept);
}

int websocket_key_mask(unsigned char ret_mask[4])
{
    return RAND_bytes(ret_mask, 4) == 1 ? 0 : -1;
}
