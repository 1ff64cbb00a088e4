#include "core/uuid.h"

#include "core/hash.h"

void uuid_v4(const uint8_t random[UUID_RANDOM_BYTES], char text[UUID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *at = text;
    for (int i = 0; i < UUID_RANDOM_BYTES; i++) {
        uint8_t byte = random[i];
        if (i == 6)
            byte = (uint8_t)((byte & 0x0f) | 0x40); /* version 4 */
        if (i == 8)
            byte = (uint8_t)((byte & 0x3f) | 0x80); /* variant 10 */
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 0x0f];
    }
    *at = '\0';
}

static uint64_t fnv_1a(uint64_t hash, const char *text)
{
    do /* the NUL too: it parts one text from the next */
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    while (*text++);
    return hash;
}

void uuid_bytes_of(const char *scope, const char *name, uint8_t ret_bytes[UUID_RANDOM_BYTES])
{
    /* FNV moves few bits of the last bytes upwards; hash_mix spreads them over all. */
    uint64_t high = hash_mix(fnv_1a(fnv_1a(14695981039346656037u, scope), name));
    uint64_t low = hash_mix(fnv_1a(fnv_1a(high, scope), name));
    for (int i = 0; i < 8; i++) {
        ret_bytes[i] = (uint8_t)(high >> (8 * i));
        ret_bytes[8 + i] = (uint8_t)(low >> (8 * i));
    }
}
