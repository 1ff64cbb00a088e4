/* UUIDs of version 4 (RFC 9562, section 5.4) from random bytes. */
#ifndef HEALTHD_CORE_UUID_H
#define HEALTHD_CORE_UUID_H

#include <stdint.h>

#define UUID_RANDOM_BYTES 16
/* Bytes of the text with its NUL. */
#define UUID_TEXT_BYTES 37

/* "84562a23-b6a1-49dd-a9aa-0ddb39fe92ed", lower case, of 16 RANDOM bytes (borrows). Gives TEXT. */
void uuid_v4(const uint8_t random[UUID_RANDOM_BYTES], char text[UUID_TEXT_BYTES]);

#endif
