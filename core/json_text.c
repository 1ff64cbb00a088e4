#include "core/json_text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

/* --- minifying in place: OUT never passes AT --- */

/* The text is followed by a NUL, which no rule of JSON accepts: reading one byte ahead is safe. */
typedef struct {
    const char *at;
    char *out;
    unsigned depth;
} scanner_t;

static void skip_blanks(scanner_t *scanner)
{
    while (*scanner->at == ' ' || *scanner->at == '\t' || *scanner->at == '\n' ||
           *scanner->at == '\r')
        scanner->at++;
}

static void keep(scanner_t *scanner, size_t n)
{
    memmove(scanner->out, scanner->at, n);
    scanner->out += n;
    scanner->at += n;
}

static bool take(scanner_t *scanner, char wanted)
{
    skip_blanks(scanner);
    if (*scanner->at != wanted)
        return false;
    keep(scanner, 1);
    return true;
}

static bool take_word(scanner_t *scanner, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(scanner->at, word, n) != 0)
        return false;
    keep(scanner, n);
    return true;
}

/* Value of the four hex digits at TEXT, or -1. */
static long hex4(const char *text)
{
    long value = 0;
    for (int i = 0; i < 4; i++) {
        char digit = text[i];
        if (digit >= '0' && digit <= '9')
            value = value * 16 + (digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value = value * 16 + (digit - 'a') + 10;
        else if (digit >= 'A' && digit <= 'F')
            value = value * 16 + (digit - 'A') + 10;
        else
            return -1;
    }
    return value;
}

/* Bytes of the escape at TEXT ("\n", "\u00e4", a whole surrogate pair), or 0 where it is none. */
static size_t escape_bytes(const char *text)
{
    if (text[1] && strchr("\"\\/bfnrt", text[1]))
        return 2;
    if (text[1] != 'u')
        return 0;
    long unit = hex4(text + 2);
    if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return 0;
    if (unit < 0xD800 || unit > 0xDBFF)
        return 6;
    if (text[6] != '\\' || text[7] != 'u')
        return 0;
    long low = hex4(text + 8);
    return low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
}

static bool scan_string(scanner_t *scanner)
{
    if (!take(scanner, '"'))
        return false;
    while (*scanner->at != '"') {
        size_t n = 1;
        if (*scanner->at == '\\')
            n = escape_bytes(scanner->at);
        else if ((unsigned char)*scanner->at < 0x20)
            n = 0;
        if (n == 0)
            return false;
        keep(scanner, n);
    }
    keep(scanner, 1);
    return true;
}

static size_t digits(const char *text)
{
    size_t n = 0;
    while (isdigit((unsigned char)text[n]))
        n++;
    return n;
}

/* Bytes of the fraction and exponent at TEXT; SIZE_MAX where they are begun and not ended. */
static size_t fraction_bytes(const char *text)
{
    size_t n = 0;
    if (text[n] == '.') {
        size_t n_digits = digits(text + n + 1);
        if (n_digits == 0)
            return SIZE_MAX;
        n += 1 + n_digits;
    }
    if (text[n] == 'e' || text[n] == 'E') {
        size_t n_sign = text[n + 1] == '+' || text[n + 1] == '-' ? 1 : 0;
        size_t n_digits = digits(text + n + 1 + n_sign);
        if (n_digits == 0)
            return SIZE_MAX;
        n += 1 + n_sign + n_digits;
    }
    return n;
}

static bool scan_number(scanner_t *scanner)
{
    const char *text = scanner->at;
    size_t n = *text == '-' ? 1 : 0;
    size_t n_digits = digits(text + n);
    if (n_digits == 0 || (n_digits > 1 && text[n] == '0'))
        return false;
    n += n_digits;
    size_t n_fraction = fraction_bytes(text + n);
    if (n_fraction == SIZE_MAX)
        return false;
    errno = 0;
    if (n_fraction == 0)
        (void)strtoll(text, NULL, 10);
    else if (!isinf(strtod(text, NULL)))
        errno = 0; /* too small is no fault */
    if (errno == ERANGE)
        return false;
    keep(scanner, n + n_fraction);
    return true;
}

static bool scan_value(scanner_t *scanner);

static bool scan_list(scanner_t *scanner)
{
    keep(scanner, 1);
    if (take(scanner, ']'))
        return true;
    do {
        if (!scan_value(scanner))
            return false;
    } while (take(scanner, ','));
    return take(scanner, ']');
}

static bool scan_object(scanner_t *scanner)
{
    keep(scanner, 1);
    if (take(scanner, '}'))
        return true;
    do {
        if (!scan_string(scanner) || !take(scanner, ':') || !scan_value(scanner))
            return false;
    } while (take(scanner, ','));
    return take(scanner, '}');
}

/* Recursion is bounded by JSON_TEXT_MAX_DEPTH. */
static bool scan_value(scanner_t *scanner)
{
    skip_blanks(scanner);
    switch (*scanner->at) {
    case '{':
    case '[': {
        if (scanner->depth == JSON_TEXT_MAX_DEPTH)
            return false;
        scanner->depth++;
        bool is_good = *scanner->at == '{' ? scan_object(scanner) : scan_list(scanner);
        scanner->depth--;
        return is_good;
    }
    case '"':
        return scan_string(scanner);
    case 't':
        return take_word(scanner, "true");
    case 'f':
        return take_word(scanner, "false");
    case 'n':
        return take_word(scanner, "null");
    default:
        return scan_number(scanner);
    }
}

/* --- bodies --- */

/* The body repaired and minified, or NULL where it is not JSON; *RET_IS_MEMORY where memory ran
 * out. */
static char *json_of(const char *body, size_t n, bool *ret_is_memory)
{
    size_t size = n * UTF8_REPAIR_FACTOR + 1;
    char *text = malloc(size);
    if (!text) {
        *ret_is_memory = true;
        return NULL;
    }
    size_t n_text = utf8_repair(body, n, text, size);
    scanner_t scanner = {.at = text, .out = text};
    bool is_json = scan_value(&scanner);
    skip_blanks(&scanner);
    if (!is_json || scanner.at != text + n_text) {
        free(text);
        return NULL;
    }
    *scanner.out = '\0';
    char *json = strdup(text); /* as large as it is, not as a repair might have made it */
    free(text);
    *ret_is_memory = !json;
    return json;
}

static size_t put_character(char *out, const char *character, size_t length)
{
    unsigned char byte = (unsigned char)*character;
    if (byte == '"' || byte == '\\') {
        out[0] = '\\';
        out[1] = (char)byte;
        return 2;
    }
    if (byte < 0x20)
        return (size_t)snprintf(out, 7, "\\u%04x", byte);
    memcpy(out, character, length);
    return length;
}

static char *raw_of(const char *body, size_t n)
{
    static const char head[] = "{\"raw\":\"";
    static const char tail[] = "\"}";
    char *text = malloc(sizeof head + sizeof tail + (size_t)JSON_TEXT_RAW_CHARACTERS * 6);
    if (!text)
        return NULL;
    memcpy(text, head, sizeof head);
    char *out = text + strlen(head);
    size_t at = 0;
    for (int i = 0; i < JSON_TEXT_RAW_CHARACTERS && at < n; i++) {
        bool is_valid = false;
        size_t length = utf8_next(body + at, n - at, &is_valid);
        out += is_valid ? put_character(out, body + at, length)
                        : put_character(out, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
        at += length;
    }
    memcpy(out, tail, sizeof tail);
    return text;
}

char *json_text_of_body(const char *body, size_t n, bool is_cut)
{
    bool is_memory = false;
    if (!is_cut && n <= JSON_TEXT_BODY_MAX_BYTES) {
        char *json = json_of(body, n, &is_memory);
        if (json || is_memory)
            return json;
    }
    return raw_of(body, n);
}
