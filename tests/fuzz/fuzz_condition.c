/*
 * Any text compiles or is refused with its place, and what compiles can be evaluated on any answer.
 * Input: a byte for the type of probe, eight for the values that are there, the condition, a NUL,
 * the body.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/condition.h"
#include "core/utf8.h"

#define HEAD_BYTES 9

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* One of each set of values. */
static const char *const probes[] = {"http", "dns",   "icmp", "exec", "postgres", "tls",
                                     "grpc", "redis", "tcp",  "udp",  "ws",       "docker"};
static const char *const captured_names[] = {"token", "depth"};

static void assert_place(const condition_error_t *error, size_t n)
{
    assert(!error->is_memory && error->text[0]);
    assert(error->offset <= n && error->length <= n - error->offset);
    assert(utf8_is_text(error->nearest, strlen(error->nearest)));
    char line[CONDITION_ERROR_LINE_BYTES];
    condition_error_line(error, line);
    assert(strncmp(line, error->text, strlen(error->text)) == 0);
}

static condition_observed_t observe(const uint8_t *bytes, const char *body, size_t n_body)
{
    static const condition_text_t answers[] = {{"192.0.2.1", 9}, {"\xFF\0", 2}};
    condition_observed_t observed = {
        .now_us = INT64_C(1700000000000000),
        .fault = (reason_t)(bytes[1] % REASON_COUNT),
        .status = bytes[2] * INT64_C(3),
        .latency_us = bytes[3] * INT64_C(10000),
        .is_connected = bytes[4] & 1,
        .ip = {.bytes = n_body > 0 ? body : NULL, .n = n_body < 15 ? n_body : 15},
        .body = {.bytes = n_body > 0 ? body : NULL, .n = n_body},
        .cert_expiry_us = (bytes[5] - 20) * INT64_C(86400000000),
        .domain_expiry_us = (bytes[6] - 20) * INT64_C(86400000000),
        .phase_us = {0, bytes[2] * INT64_C(1000), 1, bytes[3] * INT64_C(1000), INT64_MAX},
        .dns_ttl_us = bytes[7] * INT64_C(1000000),
        .ttl = bytes[8],
        .tls_version = {.bytes = n_body > 0 ? body : NULL, .n = n_body < 8 ? n_body : 8},
        .http_version = {.bytes = "HTTP/1.1", .n = 8},
        .rcode = {.bytes = body, .n = n_body < 8 ? n_body : 8},
        .answers = answers,
        .n_answers = bytes[6] % 3,
        .loss_ratio = bytes[7] / 255.0,
        .exit_code = bytes[8],
        .output = {.bytes = body, .n = n_body},
        .value = {.bytes = n_body > 0 ? body : NULL, .n = n_body < 20 ? n_body : 20},
        .is_body_cut = (bytes[4] & 2) != 0,
    };
    memcpy(&observed.present, bytes + 1, sizeof observed.present);
    return observed;
}

static void evaluate(const condition_t *condition, condition_workspace_t *workspace)
{
    condition_result_t result;
    assert(condition_evaluate(condition, workspace, &result) == 0);
    assert(result.outcome < CONDITION_OUTCOME_COUNT);
    assert(utf8_is_text(result.actual, strlen(result.actual)) && result.actual[0]);
    for (const char *c = result.actual; *c; c++)
        assert((unsigned char)*c >= ' ');
    condition_result_t again;
    assert(condition_evaluate(condition, workspace, &again) == 0);
    assert(again.outcome == result.outcome || again.outcome == CONDITION_GAVE_UP);
}

static void capture(const condition_t *value, condition_workspace_t *workspace)
{
    condition_capture_t captured;
    assert(condition_capture(value, workspace, &captured) == 0);
    assert(captured.text || !captured.is_number);
    assert(!captured.text || utf8_is_text(captured.text, strlen(captured.text)));
    free(captured.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < HEAD_BYTES)
        return 0;
    const char *probe = probes[bytes[0] % (sizeof probes / sizeof probes[0])];
    const condition_vocabulary_t vocabulary = {.probe = probe,
                                               .values = condition_values_of(probe),
                                               .captured = captured_names,
                                               .n_captured = 2};
    const char *text = (const char *)bytes + HEAD_BYTES;
    size_t n_text = strnlen(text, n - HEAD_BYTES);
    size_t n_skipped = HEAD_BYTES + n_text + (HEAD_BYTES + n_text < n ? 1 : 0);
    char *body = malloc(n - n_skipped + 1); /* as long as it is: reading past it shows */
    assert(body);
    memcpy(body, bytes + n_skipped, n - n_skipped);
    char *shorter = realloc(body, n > n_skipped ? n - n_skipped : 1);
    assert(shorter);

    const condition_field_t fields[] = {
        {.name = {"token", 5}, .text = {shorter, n - n_skipped}},
        {.name = {"Content-Type", 12}, .text = {"text/plain", 10}},
    };
    condition_observed_t observed = observe(bytes, shorter, n - n_skipped);
    observed.captured = fields;
    observed.n_captured = 1;
    observed.headers = fields;
    observed.n_headers = 2;
    condition_workspace_t *workspace = condition_workspace_new();
    assert(workspace);
    condition_workspace_begin(workspace, &observed);

    condition_t *condition = NULL;
    condition_error_t error = {0};
    if (condition_compile(text, n_text, &vocabulary, &condition, &error) == 0)
        evaluate(condition, workspace);
    else
        assert_place(&error, n_text);
    condition_destroy(&condition);
    if (condition_compile_value(text, n_text, &vocabulary, &condition, &error) == 0)
        capture(condition, workspace);
    else
        assert_place(&error, n_text);
    condition_destroy(&condition);
    condition_workspace_destroy(&workspace);
    free(shorter);
    return 0;
}
