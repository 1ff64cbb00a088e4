/* UUIDs of version 4 (RFC 9562, section 5.4), from random bytes or from what they stand for. Pure.
 */
#ifndef HEALTHD_CORE_UUID_H
#define HEALTHD_CORE_UUID_H

#include <stdint.h>

#define UUID_RANDOM_BYTES 16
/* Bytes of the text with its NUL. */
#define UUID_TEXT_BYTES 37

/* "84562a23-b6a1-49dd-a9aa-0ddb39fe92ed", lower case, of 16 RANDOM bytes (borrows). Gives TEXT. */
void uuid_v4(const uint8_t random[UUID_RANDOM_BYTES], char text[UUID_TEXT_BYTES]);

/*
 * Gives bytes that follow from SCOPE and NAME (borrow) alone and are spread as random ones are: for
 * an id that is the same at every repeat. FNV-1a (draft-eastlake-fnv) with the finalizer of
 * SplitMix64; no protection from people who look for collisions.
 */
void uuid_bytes_of(const char *scope, const char *name, uint8_t ret_bytes[UUID_RANDOM_BYTES]);

#endif
