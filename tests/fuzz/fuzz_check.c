/* Any fault, code, text and body make a result that the wire takes and gives back. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/check.h"

#define HEAD_BYTES 6

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Encodes, decodes and compares the texts of RESULT. */
static void assert_travels(const probe_result_t *result)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    assert(probe_result_encode(result, &buffer) == 0);
    probe_result_t *copy = NULL;
    wire_error_t error;
    assert(probe_result_decode(buffer.data, buffer.size, &copy, &error) == 0);
    assert(copy->status == result->status && copy->latency_us == result->latency_us);
    assert(!copy->error == !result->error && !copy->details == !result->details);
    assert(!copy->error || strcmp(copy->error, result->error) == 0);
    assert(!copy->details || strcmp(copy->details, result->details) == 0);
    probe_result_destroy(&copy);
    msgpack_sbuffer_destroy(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < HEAD_BYTES)
        return 0;
    char *text = calloc(1, n);
    assert(text);
    memcpy(text, bytes + HEAD_BYTES, n - HEAD_BYTES);
    char name[] = "target";
    char prefix[] = "Postgres check failed: ";
    const target_t target = {.name = name,
                             .kind = bytes[0] & 1 ? KIND_SERVICE : KIND_INFRASTRUCTURE,
                             .error_prefix = prefix,
                             .timeout_ms = bytes[1]};
    const check_outcome_t outcome = {.fault = (reason_t)(bytes[2] % REASON_COUNT),
                                     .fault_text = text,
                                     .latency_us = bytes[3] * 1000,
                                     .http_code = bytes[4] * 8 + bytes[5],
                                     .body = text,
                                     .n_body = n - HEAD_BYTES,
                                     .is_body_cut = bytes[0] & 2};
    probe_result_t result;
    assert(check_http(&target, &outcome, &result) == 0);
    assert(result.status >= STATUS_OK && result.status <= STATUS_DOWN);
    assert((result.status == STATUS_OK) == (result.reason == REASON_NONE));
    assert_travels(&result);
    probe_result_clear(&result);

    assert(check_redis(&target, &outcome, &result) == 0);
    assert((result.status == STATUS_OK) == (outcome.fault == REASON_NONE));
    assert_travels(&result);
    probe_result_clear(&result);

    reason_t reason = check_redis_error_reason(text, n - HEAD_BYTES);
    assert(reason > REASON_NONE && reason < REASON_COUNT);
    free(text);
    return 0;
}
