/* Bytes written down for people: hex pairs and 'text', blanks between them as one likes. */
#ifndef HEALTHD_TESTS_UNIT_BYTES_H
#define HEALTHD_TESTS_UNIT_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

typedef struct {
    size_t len;
    uint8_t at[8192];
} bytes_t;

/* "82 a4'name'" is the six bytes 82 a4 6e 61 6d 65. */
static inline bytes_t bytes_of(const char *notation)
{
    bytes_t bytes = {.len = 0};
    while (*notation) {
        assert_true(bytes.len < sizeof bytes.at);
        if (*notation == ' ') {
            notation++;
        } else if (*notation == '\'') {
            const char *end = strchr(notation + 1, '\'');
            assert_non_null(end);
            size_t n = (size_t)(end - notation - 1);
            assert_true(bytes.len + n <= sizeof bytes.at);
            memcpy(bytes.at + bytes.len, notation + 1, n);
            bytes.len += n;
            notation = end + 1;
        } else {
            const char pair[] = {notation[0], notation[1], '\0'};
            char *end;
            bytes.at[bytes.len++] = (uint8_t)strtoul(pair, &end, 16);
            assert_true(end == pair + 2);
            notation += 2;
        }
    }
    return bytes;
}

#endif
