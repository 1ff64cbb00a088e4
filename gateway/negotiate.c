#include "gateway/negotiate.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t");
}

bool etag_matches(const char *if_none_match, const char *etag)
{
    if (!if_none_match)
        return false;
    size_t n_etag = strlen(etag);
    const char *at = skip_space(if_none_match);
    if (*at == '*' && *skip_space(at + 1) == '\0')
        return true;
    while (*at) {
        at += strspn(at, " \t,");
        if (strncmp(at, "W/", 2) == 0) /* weak comparison: the mark does not count */
            at += 2;
        if (*at != '"')
            return false;
        const char *end = strchr(at + 1, '"');
        if (!end)
            return false;
        size_t n = (size_t)(end - at) + 1;
        if (n == n_etag && memcmp(at, etag, n) == 0)
            return true;
        at = skip_space(end + 1);
        if (*at && *at != ',')
            return false;
    }
    return false;
}

/* Thousandths of the weight in the parameters of one coding (";q=0.5"); 1000 without one, 0 where
 * it cannot be read. */
static int weight_of(const char *text, size_t n)
{
    const char *end = text + n;
    const char *q = memchr(text, ';', n);
    if (!q)
        return 1000;
    q++;
    while (q < end && (*q == ' ' || *q == '\t'))
        q++;
    /* cppcheck-suppress knownConditionTrueFalse ; it takes the loop for one that runs to the end */
    if (end - q < 3 || tolower((unsigned char)q[0]) != 'q' || q[1] != '=' ||
        (q[2] != '0' && q[2] != '1'))
        return 0;
    int weight = (q[2] - '0') * 1000;
    q += 3;
    if (q == end || *q != '.')
        return weight;
    int unit = 100;
    for (q++; q < end && isdigit((unsigned char)*q); q++) {
        weight += (*q - '0') * unit;
        unit /= 10;
    }
    return weight > 1000 ? 1000 : weight;
}

bool gzip_is_wanted(const char *accept_encoding)
{
    if (!accept_encoding)
        return false;
    int gzip = -1; /* -1: not named */
    int identity = -1;
    int any = -1;
    for (const char *at = accept_encoding; *at;) {
        at += strspn(at, " \t,");
        size_t n = strcspn(at, ",");
        size_t n_name = strcspn(at, ",; \t");
        int weight = weight_of(at, n);
        if ((n_name == 4 && strncasecmp(at, "gzip", 4) == 0) ||
            (n_name == 6 && strncasecmp(at, "x-gzip", 6) == 0))
            gzip = weight;
        else if (n_name == 8 && strncasecmp(at, "identity", 8) == 0)
            identity = weight;
        else if (n_name == 1 && *at == '*')
            any = weight;
        at += n;
    }
    if (gzip < 0)
        gzip = any;
    return gzip > 0 && gzip >= identity;
}

bool request_id_is_sane(const char *id)
{
    if (!id)
        return false;
    size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return n > 0 && n <= REQUEST_ID_MAX_BYTES && id[n] == '\0';
}

bool origin_is_own(const char *origin, const char *host)
{
    if (!origin)
        return true;
    const char *authority = strstr(origin, "://");
    return host && authority && strcasecmp(authority + 3, host) == 0;
}
