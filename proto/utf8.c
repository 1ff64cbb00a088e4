#include "proto/utf8.h"

/* Lead bytes up to LAST begin a character of BYTES bytes whose second byte is in LOW .. HIGH. */
static const struct {
    uint8_t last, bytes, low, high;
} leads[] = {
    {0x7f, 1, 0, 0},       {0xc1, 0, 0, 0},       {0xdf, 2, 0x80, 0xbf}, {0xe0, 3, 0xa0, 0xbf},
    {0xec, 3, 0x80, 0xbf}, {0xed, 3, 0x80, 0x9f}, {0xef, 3, 0x80, 0xbf}, {0xf0, 4, 0x90, 0xbf},
    {0xf3, 4, 0x80, 0xbf}, {0xf4, 4, 0x80, 0x8f}, {0xff, 0, 0, 0},
};

size_t utf8_character_bytes(const uint8_t *text, size_t n)
{
    size_t row = 0;
    while (text[0] > leads[row].last)
        row++;
    size_t bytes = leads[row].bytes;
    if (bytes <= 1)
        return bytes;
    if (bytes > n || text[1] < leads[row].low || text[1] > leads[row].high)
        return 0;
    for (size_t i = 2; i < bytes; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return bytes;
}

bool utf8_is_text(const uint8_t *text, size_t n)
{
    size_t i = 0;
    while (i < n) {
        size_t bytes = utf8_character_bytes(text + i, n - i);
        if (!bytes || !text[i])
            return false;
        i += bytes;
    }
    return true;
}
