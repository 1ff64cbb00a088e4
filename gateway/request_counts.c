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

void request_counts_add(request_counts_t *self, const char *route, const char *method,
                        unsigned code)
{
    const char *label = request_method_label(method);
    for (size_t i = 0; i < self->n_rows; i++) {
        request_count_t *row = &self->rows[i];
        if (row->route == route && row->method == label && row->code == code) {
            row->n++;
            return;
        }
    }
    if (self->n_rows < REQUEST_COUNTS_MAX)
        self->rows[self->n_rows++] =
            (request_count_t){.route = route, .method = label, .code = code, .n = 1};
}
