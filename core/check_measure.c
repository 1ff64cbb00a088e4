/* What a check saw, as the message that travels with its result. */
#include <stdlib.h>
#include <string.h>

#include "core/check_parts.h"
#include "core/utf8.h"

/* A copy of TEXT of at most MAX bytes; NULL where it is empty, or memory ran out: *RETERR is -1
 * then. */
static char *copy_of(const char *text, size_t max, int *reterr)
{
    if (!text || !text[0])
        return NULL;
    char *copy = malloc(max + 1);
    if (copy)
        (void)utf8_repair(text, strlen(text), copy, max + 1);
    else
        *reterr = -1;
    return copy;
}

static int64_t phase_of(const check_seen_t *seen, condition_value_t phase)
{
    return seen->phase_us[phase - CONDITION_PHASE_RESOLVE];
}

int check_measure(const check_outcome_t *outcome, probe_result_t *ret)
{
    const check_seen_t *seen = outcome->seen;
    if (!seen)
        return 0;
    measurement_t *measured = calloc(1, sizeof *measured);
    ret->measurement = measured;
    if (!measured)
        return -1;
    int rc = 0;
    *measured = (measurement_t){
        .ip = copy_of(seen->ip, ADDRESS_MAX_BYTES, &rc),
        .http_code = outcome->fault ? MEASURED_NONE : outcome->http_code,
        .http_version = copy_of(seen->http_version, PROTOCOL_VERSION_MAX_BYTES, &rc),
        .tls_version = copy_of(seen->tls_version, PROTOCOL_VERSION_MAX_BYTES, &rc),
        .resolve_us = phase_of(seen, CONDITION_PHASE_RESOLVE),
        .connect_us = phase_of(seen, CONDITION_PHASE_CONNECT),
        .tls_us = phase_of(seen, CONDITION_PHASE_TLS),
        .first_byte_us = phase_of(seen, CONDITION_PHASE_FIRST_BYTE),
        .transfer_us = phase_of(seen, CONDITION_PHASE_TRANSFER),
        .cert_expires_at_us = seen->cert_expires_at_us,
        .cert_leaf_expires_at_us = seen->cert_leaf_expires_at_us,
        .n_redirects = seen->n_redirects,
        .content_length_bytes = seen->content_length_bytes,
        .was_reused = seen->was_reused,
    };
    return rc;
}
