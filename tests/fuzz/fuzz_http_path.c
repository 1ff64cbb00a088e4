/* What strangers write into a request line and headers: target, query, limit, lists of tags. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/utf8.h"
#include "gateway/negotiate.h"
#include "gateway/routes.h"

/* Whether the N bytes of TEXT are UTF-8. */
static bool is_utf8(const char *text, size_t n)
{
    while (n > 0) {
        bool is_valid;
        size_t used = utf8_next(text, n, &is_valid);
        if (!is_valid)
            return false;
        text += used;
        n -= used;
    }
    return true;
}

static void decode(slice_t encoded, bool plus_is_space)
{
    size_t n;
    char *text = path_decode(encoded, plus_is_space, &n);
    assert(text && n <= encoded.n * UTF8_REPAIR_FACTOR && text[n] == '\0' && is_utf8(text, n));
    int64_t limit = 0;
    assert(integer_clamped(text, n, 1, 500, &limit) != 0 || (limit >= 1 && limit <= 500));
    free(text);
}

static void follow(const char *target)
{
    slice_t path;
    slice_t query;
    path_split(target, &path, &query);
    int route = -1;
    slice_t parameters[PATH_PARAMETERS_MAX] = {{.text = "", .n = 0}, {.text = "", .n = 0}};
    route_outcome_t outcome = route_find("POST", path, &route, parameters);
    assert((outcome == ROUTE_UNKNOWN) == (route == -1));
    slice_t shorter;
    if (outcome == ROUTE_SLASH) {
        assert(path_without_slash(path, &shorter) && shorter.n < path.n);
        assert(shorter.n > 1 && shorter.text[0] == '/' && shorter.text[1] != '/');
    }
    decode(path, false);
    decode(parameters[0], false);
    decode(parameters[1], false);
    slice_t value;
    if (query_value(query, "limit", &value))
        decode(value, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    follow(text);
    (void)etag_matches(text, "\"a-1\"");
    (void)gzip_is_wanted(text);
    (void)request_id_is_sane(text);
    (void)origin_is_own(text, "a:80");
    free(text);
    return 0;
}
