/* Loses a message that it decoded: the run under AddressSanitizer must say so. */
#include <stdio.h>

#include "proto/query.h"

int main(void)
{
    const query_t query = {.request_id = 1, .verb = QUERY_WHOLE_STATE};
    msgpack_sbuffer bytes;
    msgpack_sbuffer_init(&bytes);
    query_t *lost = NULL;
    wire_error_t error;
    int rc = query_encode(&query, &bytes) || query_decode(bytes.data, bytes.size, &lost, &error);
    msgpack_sbuffer_destroy(&bytes);
    printf("%s\n", rc ? "not decoded" : "decoded, and lost");
    lost = NULL;
    return rc;
}
