#include <string.h>

#include "core/scalar.h"

static int refuse(scalar_error_t *error, size_t offset, size_t length, const char *expected)
{
    *error = (scalar_error_t){.offset = offset, .length = length, .expected = expected};
    return -1;
}

/* Value of four hex digits at the start of TEXT, or -1. */
static long hex4(const char *text, size_t n)
{
    long value = 0;
    for (size_t i = 0; i < 4; i++) {
        static const char hex[] = "0123456789abcdef0123456789ABCDEF";
        const char *at = i < n && text[i] ? strchr(hex, text[i]) : NULL;
        if (!at)
            return -1;
        value = value * 16 + (at - hex) % 16;
    }
    return value;
}

/* The character of the \uXXXX, or pair of them, at the start of TEXT; -1: none, or a NUL. */
static long unicode_escape(const char *text, size_t n, size_t *ret_used)
{
    long unit = n >= 6 ? hex4(text + 2, n - 2) : -1;
    *ret_used = 6;
    if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return -1;
    if (unit < 0xD800 || unit > 0xDBFF)
        return unit;
    long low = n >= 12 && text[6] == '\\' && text[7] == 'u' ? hex4(text + 8, n - 8) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return -1;
    *ret_used = 12;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/* Bytes of CHARACTER as UTF-8, put into DST: never more than its escape had. */
static size_t put_utf8(long character, char *dst)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1;) {
        dst[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    dst[0] = (char)(leads[n] | character);
    return n;
}

/* Puts what the escape at the start of TEXT stands for; gives its bytes, or 0 where it is none. */
static size_t put_escape(const char *text, size_t n, char *dst, size_t *n_dst)
{
    static const char names[] = "\"\\/nrt";
    static const char meanings[] = "\"\\/\n\r\t";
    if (n < 2)
        return 0;
    if (text[1] == 'u') {
        size_t used = 0;
        long character = unicode_escape(text, n, &used);
        if (character < 0)
            return 0;
        *n_dst += put_utf8(character, dst + *n_dst);
        return used;
    }
    const char *name = text[1] ? strchr(names, text[1]) : NULL;
    if (!name)
        return 0;
    dst[(*n_dst)++] = meanings[name - names];
    return 2;
}

int scalar_quoted(const char *text, size_t n, char *dst, size_t *ret_n, size_t *ret_used,
                  scalar_error_t *reterr)
{
    if (n == 0 || text[0] != '"')
        return refuse(reterr, 0, n ? 1 : 0, "a text such as \"ok\"");
    size_t n_dst = 0;
    size_t at = 1;
    while (at < n && text[at] != '"') {
        size_t used = 1;
        if (text[at] == '\\')
            used = put_escape(text + at, n - at, dst, &n_dst);
        else if ((unsigned char)text[at] < 0x20 || text[at] == 0x7F)
            return refuse(reterr, at, 1, "a control character as an escape: \\n \\r \\t \\u001b");
        else
            dst[n_dst++] = text[at];
        if (used == 0)
            return refuse(reterr, at, n - at > 1 ? 2 : 1,
                          "one of the escapes \\\" \\\\ \\/ \\n \\r \\t \\uXXXX");
        at += used;
    }
    if (at == n)
        return refuse(reterr, n, 0, "the closing quote of a text");
    *ret_n = n_dst;
    *ret_used = at + 1;
    return 0;
}
