#include "gateway/path.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"

void path_split(const char *target, slice_t *ret_path, slice_t *ret_query)
{
    if (target[0] != '/') {
        const char *authority = strstr(target, "://");
        if (authority) {
            authority += 3;
            target = authority + strcspn(authority, "/?#");
        }
    }
    size_t n_path = strcspn(target, "?#");
    *ret_path = (slice_t){.text = target, .n = n_path};
    if (n_path == 0) /* an absolute target without a path means its root */
        *ret_path = (slice_t){.text = "/", .n = 1};
    const char *query = target + n_path;
    if (*query == '?')
        query++;
    *ret_query = (slice_t){.text = query, .n = strcspn(query, "#")};
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* The decoded byte at TEXT and how many bytes of it that took: 3 for an escape, else 1. */
static char decoded_at(slice_t text, size_t *ret_used)
{
    *ret_used = 1;
    if (text.text[0] == '%' && text.n >= 3) {
        int high = hex_value(text.text[1]);
        int low = hex_value(text.text[2]);
        if (high >= 0 && low >= 0) {
            *ret_used = 3;
            return (char)(high * 16 + low);
        }
    }
    return text.text[0];
}

char *path_decode(slice_t text, bool plus_is_space, size_t *ret_n)
{
    char *bytes = malloc(text.n + 1);
    if (!bytes)
        return NULL;
    size_t n = 0;
    while (text.n > 0) {
        size_t used;
        bytes[n] = decoded_at(text, &used);
        if (plus_is_space && used == 1 && bytes[n] == '+')
            bytes[n] = ' ';
        n++;
        text.text += used;
        text.n -= used;
    }
    size_t size = n * UTF8_REPAIR_FACTOR + 1;
    char *repaired = malloc(size);
    if (repaired)
        *ret_n = utf8_repair(bytes, n, repaired, size);
    free(bytes);
    return repaired;
}

/* Whether the encoded SEGMENT stands for the LITERAL of N bytes. */
static bool segment_is(slice_t segment, const char *literal, size_t n)
{
    size_t at = 0;
    while (segment.n > 0 && at < n) {
        size_t used;
        if (decoded_at(segment, &used) != literal[at])
            return false;
        at++;
        segment.text += used;
        segment.n -= used;
    }
    return segment.n == 0 && at == n;
}

static size_t segment_length(const char *text, size_t n)
{
    const char *slash = memchr(text, '/', n);
    return slash ? (size_t)(slash - text) : n;
}

bool path_matches(const char *pattern, slice_t path, slice_t ret_parameters[PATH_PARAMETERS_MAX])
{
    size_t n_pattern = strlen(pattern);
    slice_t parameters[PATH_PARAMETERS_MAX] = {{.text = "", .n = 0}, {.text = "", .n = 0}};
    size_t n_parameters = 0;
    while (n_pattern > 0 && path.n > 0) {
        if (*pattern != '/' || *path.text != '/')
            return false;
        size_t n_literal = segment_length(pattern + 1, n_pattern - 1);
        slice_t segment = {.text = path.text + 1, .n = segment_length(path.text + 1, path.n - 1)};
        if (pattern[1] == '{') {
            if (segment.n == 0)
                return false;
            assert(n_parameters < PATH_PARAMETERS_MAX);
            parameters[n_parameters++] = segment;
        } else if (!segment_is(segment, pattern + 1, n_literal)) {
            return false;
        }
        pattern += n_literal + 1;
        n_pattern -= n_literal + 1;
        path.text += segment.n + 1;
        path.n -= segment.n + 1;
    }
    if (n_pattern > 0 || path.n > 0)
        return false;
    memcpy(ret_parameters, parameters, sizeof parameters);
    return true;
}

bool path_without_slash(slice_t path, slice_t *ret)
{
    size_t n = path.n;
    while (n > 0 && path.text[n - 1] == '/')
        n--;
    if (n == path.n || n == 0)
        return false;
    *ret = (slice_t){.text = path.text, .n = n};
    return true;
}

bool query_value(slice_t query, const char *key, slice_t *ret)
{
    bool is_there = false;
    while (query.n > 0) {
        const char *ampersand = memchr(query.text, '&', query.n);
        size_t n_pair = ampersand ? (size_t)(ampersand - query.text) : query.n;
        const char *equals = memchr(query.text, '=', n_pair);
        size_t n_key = equals ? (size_t)(equals - query.text) : n_pair;
        slice_t name = {.text = query.text, .n = n_key};
        if (segment_is(name, key, strlen(key))) {
            is_there = true;
            size_t value_at = equals ? n_key + 1 : n_pair;
            *ret = (slice_t){.text = query.text + value_at, .n = n_pair - value_at};
        }
        size_t used = ampersand ? n_pair + 1 : n_pair;
        query.text += used;
        query.n -= used;
    }
    return is_there;
}

int integer_clamped(const char *text, size_t n, int64_t min, int64_t max, int64_t *ret)
{
    while (n > 0 && isspace((unsigned char)text[0])) {
        text++;
        n--;
    }
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    bool is_negative = n > 0 && text[0] == '-';
    size_t at = n > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    if (at == n)
        return -1;

    int64_t value = 0;
    bool is_digit = false; /* the character before was one */
    for (; at < n; at++) {
        if (text[at] == '_' && is_digit) {
            is_digit = false;
            continue;
        }
        if (text[at] < '0' || text[at] > '9')
            return -1;
        is_digit = true;
        if (value < INT64_MAX / 10 - 1) /* beyond that it is out of every range anyway */
            value = value * 10 + (text[at] - '0');
    }
    if (!is_digit)
        return -1;
    if (is_negative)
        value = -value;
    *ret = value < min ? min : value > max ? max : value;
    return 0;
}

int query_flag(slice_t query, const char *key, bool *ret)
{
    slice_t value;
    *ret = false;
    if (!query_value(query, key, &value))
        return 0;
    *ret = value.n == 4 && memcmp(value.text, "true", 4) == 0;
    return *ret || (value.n == 5 && memcmp(value.text, "false", 5) == 0) ? 0 : -1;
}
