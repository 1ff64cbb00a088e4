#include "gateway/request_counts.h"

#include <string.h>

const char *request_method_label(const char *method)
{
    static const char *const usual[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS", "DELETE"};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (strcmp(method, usual[i]) == 0)
            return usual[i];
    return "other";
}

/* The row of ROUTE, LABEL and CODE, a new one where there is none; NULL where there are too many.
 */
static request_count_t *row_of(request_counts_t *self, const char *route, const char *label,
                               unsigned code)
{
    for (size_t i = 0; i < self->n_rows; i++) {
        request_count_t *row = &self->rows[i];
        if (row->route == route && row->method == label && row->code == code)
            return row;
    }
    if (self->n_rows == REQUEST_COUNTS_MAX)
        return NULL;
    request_count_t *row = &self->rows[self->n_rows++];
    *row = (request_count_t){.route = route, .method = label, .code = code};
    return row;
}

void request_counts_add(request_counts_t *self, const char *route, const char *method,
                        unsigned code, int64_t took_us)
{
    request_count_t *row = row_of(self, route, request_method_label(method), code);
    if (row)
        histogram_add(&row->durations, took_us);
}
