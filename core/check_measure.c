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

measurement_t *check_measurement(probe_result_t *ret)
{
    if (!ret->measurement)
        ret->measurement = calloc(1, sizeof *ret->measurement);
    else
        return ret->measurement;
    if (ret->measurement)
        *ret->measurement = (measurement_t){
            .http_code = MEASURED_NONE,
            .resolve_us = MEASURED_NONE,
            .connect_us = MEASURED_NONE,
            .tls_us = MEASURED_NONE,
            .first_byte_us = MEASURED_NONE,
            .transfer_us = MEASURED_NONE,
            .n_redirects = MEASURED_NONE,
            .content_length_bytes = MEASURED_NONE,
        };
    return ret->measurement;
}

static int measure_values(const check_answer_t *answer, probe_result_t *ret)
{
    size_t n = answer->n_values < MEASURED_VALUES_MAX ? answer->n_values : MEASURED_VALUES_MAX;
    measurement_t *measured = check_measurement(ret);
    if (!measured)
        return -1;
    measured->values = calloc(n, sizeof *measured->values);
    if (!measured->values)
        return -1;
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        char *name = copy_of(answer->values[i].name, VALUE_NAME_MAX_BYTES, &rc);
        if (!name)
            continue;
        measured->values[measured->n_values++] =
            (measured_value_t){.name = name, .number = answer->values[i].number};
    }
    return rc;
}

int check_measure(const check_outcome_t *outcome, probe_result_t *ret)
{
    const check_seen_t *seen = outcome->seen;
    const check_answer_t *answer = outcome->fault ? NULL : outcome->answer;
    if (answer && answer->n_values > 0 && measure_values(answer, ret))
        return -1;
    if (!seen)
        return 0;
    measurement_t *measured = check_measurement(ret);
    if (!measured)
        return -1;
    int rc = 0;
    *measured = (measurement_t){
        .ip = copy_of(seen->ip, ADDRESS_MAX_BYTES, &rc),
        .http_code = outcome->fault || outcome->http_code == 0 ? MEASURED_NONE : outcome->http_code,
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
        .values = measured->values,
        .n_values = measured->n_values,
    };
    if (seen->n_numbers > 0) {
        measured->numbers = malloc(seen->n_numbers * sizeof *measured->numbers);
        if (!measured->numbers)
            return -1;
        memcpy(measured->numbers, seen->numbers, seen->n_numbers * sizeof *measured->numbers);
        measured->n_numbers = seen->n_numbers;
    }
    return rc;
}
