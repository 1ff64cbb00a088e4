#include "core/utf8.h"

#include <string.h>

/* What may follow a lead byte: number of bytes, and the range of the first of them. */
typedef struct {
    unsigned char n;
    unsigned char low;
    unsigned char high;
} tail_t;

static tail_t tail_of(unsigned char lead)
{
    if (lead >= 0xC2 && lead <= 0xDF)
        return (tail_t){1, 0x80, 0xBF};
    if (lead == 0xE0)
        return (tail_t){2, 0xA0, 0xBF};
    if (lead == 0xED) /* surrogates end here */
        return (tail_t){2, 0x80, 0x9F};
    if (lead >= 0xE1 && lead <= 0xEF)
        return (tail_t){2, 0x80, 0xBF};
    if (lead == 0xF0)
        return (tail_t){3, 0x90, 0xBF};
    if (lead >= 0xF1 && lead <= 0xF3)
        return (tail_t){3, 0x80, 0xBF};
    if (lead == 0xF4)
        return (tail_t){3, 0x80, 0x8F};
    return (tail_t){0, 0, 0};
}

size_t utf8_next(const char *text, size_t n, bool *ret_is_valid)
{
    unsigned char lead = (unsigned char)text[0];
    if (lead < 0x80) {
        *ret_is_valid = true;
        return 1;
    }
    tail_t tail = tail_of(lead);
    size_t length = 1;
    while (length <= tail.n && length < n) {
        unsigned char byte = (unsigned char)text[length];
        if (byte < tail.low || byte > tail.high)
            break;
        tail.low = 0x80;
        tail.high = 0xBF;
        length++;
    }
    *ret_is_valid = tail.n && length == (size_t)tail.n + 1;
    return length;
}

size_t utf8_repair(const char *text, size_t n, char *dst, size_t size)
{
    size_t used = 0;
    for (size_t at = 0; at < n;) {
        bool is_valid = false;
        size_t length = utf8_next(text + at, n - at, &is_valid);
        const char *from = is_valid ? text + at : UTF8_REPLACEMENT;
        size_t n_from = is_valid ? length : strlen(UTF8_REPLACEMENT);
        if (used + n_from >= size)
            break;
        memcpy(dst + used, from, n_from);
        used += n_from;
        at += length;
    }
    dst[used] = '\0';
    return used;
}

bool utf8_is_text(const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        bool is_valid = false;
        size_t length = utf8_next(text + at, n - at, &is_valid);
        if (!is_valid || text[at] == '\0')
            return false;
        at += length;
    }
    return true;
}
