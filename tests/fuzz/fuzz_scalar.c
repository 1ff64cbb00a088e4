/* Scalars, quoted texts, paths and instants: what is taken is in range, what is refused has a place
 * inside the text. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/condition_tree.h"
#include "core/json_path.h"
#include "core/nearest.h"
#include "core/scalar.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Whether an outcome is 0; else its place must lie in the text. */
static bool is_taken(int outcome, const scalar_error_t *error, size_t n)
{
    if (outcome == 0)
        return true;
    assert(outcome == -1 && error->expected);
    assert(error->offset <= n && error->length <= n - error->offset);
    return false;
}

static void read_scalars(const char *text, size_t n)
{
    scalar_error_t error;
    int64_t us = -1;
    int64_t size = -1;
    int64_t count = -1;
    double ratio = -1;
    double factor = -1;
    bool is_true = false;
    int taken = 0;
    if (is_taken(scalar_duration(text, n, &us, &error), &error, n)) {
        assert(us >= 0 && us <= SCALAR_DURATION_MAX_US);
        taken++;
    }
    if (is_taken(scalar_size(text, n, &size, &error), &error, n)) {
        assert(size >= 0);
        taken++;
    }
    if (is_taken(scalar_count(text, n, &count, &error), &error, n)) {
        assert(count >= 0);
        taken++;
    }
    int64_t needed = -1;
    int64_t window = -1;
    if (is_taken(scalar_threshold(text, n, &needed, &window, &error), &error, n)) {
        assert(needed >= 0 && window >= 0 && (window > 0 || needed == count));
        taken += window > 0; /* a count alone is a threshold too */
    }
    if (is_taken(scalar_ratio(text, n, &ratio, &error), &error, n)) {
        assert(ratio >= 0 && ratio <= 1);
        taken++;
    }
    if (is_taken(scalar_factor(text, n, &factor, &error), &error, n)) {
        assert(factor > 0 && factor <= SCALAR_FACTOR_MAX);
        taken++;
    }
    if (is_taken(scalar_boolean(text, n, &is_true, &error), &error, n))
        taken++;
    assert(taken <= 1); /* no text is of two types */
    scalar_number_t number;
    if (is_taken(scalar_number(text, n, &number, &error), &error, n)) {
        assert(number.is_integer || isfinite(number.real));
        assert(scalar_number_compare(&number, &number) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *text = malloc(n ? n : 1); /* as long as it is: reading past it shows */
    char *decoded = malloc(n ? n : 1);
    assert(text && decoded);
    if (n > 0)
        memcpy(text, bytes, n);
    read_scalars(text, n);

    scalar_error_t error;
    size_t n_decoded = 0;
    size_t used = 0;
    if (is_taken(scalar_quoted(text, n, decoded, &n_decoded, &used, &error), &error, n))
        assert(n_decoded + 2 <= used && used <= n);

    json_path_t *path = NULL;
    if (is_taken(json_path_parse(text, n, &path, &used, &error), &error, n))
        assert(used <= n);
    json_t *body = NULL;
    assert(json_path_load_body(text, n, &body) == 0);
    (void)json_path_find(path, body); /* any outcome */
    json_decref(body);
    json_path_destroy(&path);

    int64_t instant_us = -1;
    if (condition_instant_of_text(text, n, &instant_us) == 0)
        assert(instant_us >= -INT64_C(86400000000) && instant_us < INT64_C(253402387200000000));
    nearest_t nearest = {.word = text, .n = n};
    nearest_offer(&nearest, "latency");
    nearest_offer(&nearest, "status");
    assert(!nearest.nearest || nearest.distance <= (n + 2) / 3);
    free(decoded);
    free(text);
    return 0;
}
