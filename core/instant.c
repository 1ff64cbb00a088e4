#include "core/instant.h"

#include <string.h>

#include "core/condition_tree.h"
#include "core/scalar.h"

/* 10000-01-01T00:00:00Z */
#define END_US (INT64_C(253402300800) * 1000000)

static int read_relative(const char *text, size_t n, int64_t now_us, int64_t *ret_us)
{
    int64_t span_us = 0;
    scalar_error_t error;
    if (scalar_duration(text + 1, n - 1, &span_us, &error))
        return -1;
    *ret_us = *text == '+' ? now_us + span_us : now_us - span_us;
    return 0;
}

/* Whether TEXT says where it counts from: a time without offset could be any zone's. */
static bool has_offset(const char *text, size_t n)
{
    char last = text[n - 1];
    return last == 'Z' || last == 'z' || (n > 6 && (text[n - 6] == '+' || text[n - 6] == '-'));
}

int instant_parse(const char *text, size_t n, int64_t now_us, int64_t *ret_us)
{
    if (n == 0)
        return -1;
    int64_t us = 0;
    int64_t seconds = 0;
    scalar_error_t error;
    if (*text == '+' || *text == '-') {
        if (read_relative(text, n, now_us, &us))
            return -1;
    } else if (scalar_count(text, n, &seconds, &error) == 0) {
        if (seconds >= END_US / 1000000)
            return -1;
        us = seconds * 1000000;
    } else if (*text < '0' || *text > '9' || !has_offset(text, n) ||
               condition_instant_of_text(text, n, &us)) {
        return -1;
    }
    if (us < 0 || us >= END_US)
        return -1;
    *ret_us = us;
    return 0;
}
