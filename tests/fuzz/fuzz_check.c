/* Any fault, code, text and body make a result that the wire takes and gives back, by the code of
 * the answer and by conditions on every value that a check of the type has. */
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

static void add_conditions(conditions_t *conditions, const char *probe, const char *const *texts)
{
    const condition_vocabulary_t vocabulary = {.probe = probe,
                                               .values = condition_values_of(probe)};
    for (size_t i = 0; texts[i]; i++) {
        condition_error_t error;
        assert(conditions_add(conditions, i % 2, texts[i], strlen(texts[i]), &vocabulary, &error) ==
               0);
    }
}

/* One for each value that an HTTP check has, and of a Redis check what else it has. */
static const char *const http_texts[] = {"status < 500",
                                         "latency < 200ms",
                                         "connected",
                                         "ip != \"192.0.2.9\"",
                                         "reason == none",
                                         "len(body) > 2B",
                                         "body.status in (\"healthy\", \"ok\")",
                                         "header[\"x-odd\"] =~ \"a\"",
                                         "cert_expiry > 7d",
                                         "not has(domain_expiry)",
                                         "tls_version >= 1.2",
                                         "http_version >= 1.1",
                                         "phase.resolve < 1s",
                                         "phase.connect < 1s",
                                         "phase.tls < 1s",
                                         "phase.first_byte < 1s",
                                         "phase.transfer < 1s",
                                         "age(body.at) < 1h",
                                         NULL};
static const char *const redis_texts[] = {"output == \"PONG\"", "body.used_memory < 1000000",
                                          "not has(value)", "latency < 1s", NULL};

typedef int check_fn(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

static void check_with_conditions(const target_t *target, const check_outcome_t *outcome,
                                  check_fn *check, const char *probe, const char *const *texts)
{
    conditions_t conditions = {.n_conditions = 0};
    add_conditions(&conditions, probe, texts);
    target_t strict = *target;
    strict.conditions = &conditions;
    check_outcome_t told = *outcome;
    told.workspace = condition_workspace_new();
    assert(told.workspace);
    probe_result_t result;
    assert(check(&strict, &told, &result) == 0);
    assert((result.status == STATUS_OK) == (result.reason == REASON_NONE));
    assert(result.status != STATUS_OK || outcome->fault == REASON_NONE);
    assert_travels(&result);
    probe_result_clear(&result);
    condition_workspace_destroy(&told.workspace);
    conditions_clear(&conditions);
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
    const condition_field_t header = {.name = {"X-Odd", 5}, .text = {text, n - HEAD_BYTES}};
    const check_seen_t seen = {.ip = "192.0.2.1",
                               .is_connected = bytes[0] & 8,
                               .http_version = "1.1",
                               .tls_version = bytes[0] & 16 ? "TLSv1.3" : NULL,
                               .status_line = text,
                               .headers = &header,
                               .n_headers = 1,
                               .phase_us = {1000, bytes[3] * 1000, LATENCY_NONE, 5, bytes[1]},
                               .cert_expires_at_us = bytes[5] * INT64_C(3600000000),
                               .content_length_bytes = bytes[4] - 1};
    const check_outcome_t outcome = {.fault = (reason_t)(bytes[2] % REASON_COUNT),
                                     .fault_text = text,
                                     .latency_us = bytes[3] * 1000,
                                     .http_code = bytes[4] * 8 + bytes[5],
                                     .body = text,
                                     .n_body = n - HEAD_BYTES,
                                     .is_body_cut = bytes[0] & 2,
                                     .seen = bytes[0] & 4 ? &seen : NULL};
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

    target_t http = target;
    http.type = PROBE_HTTP;
    check_with_conditions(&http, &outcome, check_http, "http", http_texts);
    target_t redis = target;
    redis.type = PROBE_REDIS;
    check_with_conditions(&redis, &outcome, check_redis, "redis", redis_texts);

    reason_t reason = check_redis_error_reason(text, n - HEAD_BYTES);
    assert(reason > REASON_NONE && reason < REASON_COUNT);
    free(text);
    return 0;
}
