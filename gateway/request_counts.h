/* How many requests were answered, by route, method and code. */
#ifndef HEALTHD_GATEWAY_REQUEST_COUNTS_H
#define HEALTHD_GATEWAY_REQUEST_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/histogram.h"

/* Combinations that are counted each for itself; what comes beyond is not counted. */
#define REQUEST_COUNTS_MAX 256

typedef struct {
    const char *route;  /* its pattern, a constant */
    const char *method; /* a constant */
    unsigned code;
    histogram_t durations; /* from the request whole to its answer; it counts them too */
} request_count_t;

typedef struct {
    request_count_t rows[REQUEST_COUNTS_MAX];
    size_t n_rows;
} request_counts_t;

/* The constant for METHOD, "other" for one that is unusual: readers cannot make up labels. */
const char *request_method_label(const char *method);

/* Counts one that took TOOK_US microseconds. ROUTE is a constant; METHOD (borrows) is any text:
 * unusual ones count as "other". */
void request_counts_add(request_counts_t *self, const char *route, const char *method,
                        unsigned code, int64_t took_us);

#endif
