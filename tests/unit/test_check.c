#include <stdio.h>
#include <string.h>

#include "core/check.h"
#include "tests/test.h"

#define FINISHED_AT ((int64_t)1795488330289500)

static const target_t targets[] = {
    [KIND_SERVICE] = {.kind = KIND_SERVICE, .timeout_ms = 5000},
    [KIND_INFRASTRUCTURE] = {.kind = KIND_INFRASTRUCTURE, .timeout_ms = 5000},
};

/* A target of KIND whose texts live as long as the test. */
static target_t target_of(target_kind_t kind)
{
    static char name[] = "postgres";
    static char prefix[] = "Postgres check failed: ";
    target_t target = targets[kind];
    target.name = name;
    target.error_prefix = kind == KIND_INFRASTRUCTURE ? prefix : NULL;
    return target;
}

typedef struct {
    target_kind_t kind;
    check_outcome_t outcome;
    int status;
    int reason;
    int64_t latency_us;
    const char *error;
    const char *details;
} row_t;

static void assert_same_text(const char *text, const char *expected)
{
    if (expected) {
        assert_non_null(text);
        assert_string_equal(text, expected);
    } else {
        assert_null(text);
    }
}

static void assert_row(const row_t *row,
                       int (*check)(const target_t *, const check_outcome_t *, probe_result_t *))
{
    target_t target = target_of(row->kind);
    check_outcome_t outcome = row->outcome;
    outcome.finished_at_us = FINISHED_AT;
    probe_result_t result;
    assert_int_equal(check(&target, &outcome, &result), 0);
    assert_string_equal(result.target, target.name);
    assert_int_equal(result.status, row->status);
    assert_int_equal(result.reason, row->reason);
    assert_int_equal(result.finished_at_us, FINISHED_AT);
    assert_int_equal(result.latency_us, row->latency_us);
    assert_same_text(result.error, row->error);
    assert_same_text(result.details, row->details);
    assert_null(result.entry_id);
    assert_false(result.is_clear);
    probe_result_clear(&result);
}

#define CODE(code)                                                                                 \
    {                                                                                              \
        .http_code = (code), .latency_us = 4750, .body = "{}", .n_body = 2                         \
    }
#define BODY(text_)                                                                                \
    {                                                                                              \
        .http_code = 200, .latency_us = 4750, .body = (text_), .n_body = sizeof(text_) - 1         \
    }
#define FAULT(fault_, text_, latency)                                                              \
    {                                                                                              \
        .fault = (fault_), .fault_text = (text_), .latency_us = (latency)                          \
    }
#define SERVICE KIND_SERVICE
#define INFRA   KIND_INFRASTRUCTURE

static void code_decides_the_status(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {SERVICE, CODE(200), STATUS_OK, REASON_NONE, 4750, NULL, "{}"},
        {SERVICE, CODE(199), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":199}"},
        {SERVICE, CODE(201), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":201}"},
        {SERVICE, CODE(204), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":204}"},
        {SERVICE, CODE(301), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":301}"},
        {SERVICE, CODE(404), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":404}"},
        {SERVICE, CODE(451), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":451}"},
        {SERVICE, CODE(499), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":499}"},
        {SERVICE, CODE(500), STATUS_DOWN, REASON_STATUS, 4750, NULL, "{\"status_code\":500}"},
        {SERVICE, CODE(503), STATUS_DOWN, REASON_STATUS, 4750, NULL, "{\"status_code\":503}"},
        {SERVICE, CODE(599), STATUS_DOWN, REASON_STATUS, 4750, NULL, "{\"status_code\":599}"},
        {SERVICE, CODE(600), STATUS_DEGRADED, REASON_STATUS, 4750, NULL, "{\"status_code\":600}"},
        {INFRA, CODE(200), STATUS_OK, REASON_NONE, 4750, NULL, NULL},
        {INFRA, CODE(204), STATUS_DEGRADED, REASON_STATUS, 4750, "Status code: 204", NULL},
        {INFRA, CODE(404), STATUS_DEGRADED, REASON_STATUS, 4750, "Status code: 404", NULL},
        {INFRA, CODE(500), STATUS_DEGRADED, REASON_STATUS, 4750, "Status code: 500", NULL},
        {INFRA, CODE(503), STATUS_DEGRADED, REASON_STATUS, 4750, "Status code: 503", NULL},
        {INFRA, CODE(599), STATUS_DEGRADED, REASON_STATUS, 4750, "Status code: 599", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_row(&rows[i], check_http);
}

static void body_of_a_200_becomes_details_and_never_the_status(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {SERVICE, BODY("{\"status\": \"unhealthy\"}"), STATUS_OK, REASON_NONE, 4750, NULL,
         "{\"status\":\"unhealthy\"}"},
        {SERVICE, BODY("[1, 2]"), STATUS_OK, REASON_NONE, 4750, NULL, "[1,2]"},
        {SERVICE, BODY("null"), STATUS_OK, REASON_NONE, 4750, NULL, "null"},
        {SERVICE, BODY("plain"), STATUS_OK, REASON_NONE, 4750, NULL, "{\"raw\":\"plain\"}"},
        {SERVICE, BODY(""), STATUS_OK, REASON_NONE, 4750, NULL, "{\"raw\":\"\"}"},
        {SERVICE,
         {.http_code = 200, .latency_us = 9, .body = "{}", .n_body = 2, .is_body_cut = true},
         STATUS_OK,
         REASON_NONE,
         9,
         NULL,
         "{\"raw\":\"{}\"}"},
        {SERVICE,
         {.http_code = 503, .latency_us = 9, .body = "{}", .n_body = 2, .is_body_cut = true},
         STATUS_DOWN,
         REASON_STATUS,
         9,
         NULL,
         "{\"status_code\":503}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_row(&rows[i], check_http);
}

static void timeout_has_its_words_and_its_latency(void **state)
{
    (void)state;
    static const reason_t reasons[] = {REASON_TIMEOUT_RESOLVE, REASON_TIMEOUT_CONNECT,
                                       REASON_TIMEOUT_TLS, REASON_TIMEOUT_RESPONSE};
    static const struct {
        int64_t measured_us, latency_us;
    } latencies[] = {
        {4999000, 5000010}, {5000000, 5000010}, {5000010, 5000010},
        {5000011, 5000011}, {5042000, 5042000},
    };
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        for (size_t j = 0; j < COUNT_OF(latencies); j++) {
            const row_t on_service = {SERVICE,
                                      FAULT(reasons[i], "whatever", latencies[j].measured_us),
                                      STATUS_DOWN,
                                      (int)reasons[i],
                                      latencies[j].latency_us,
                                      "Request timeout",
                                      NULL};
            const row_t on_infra = {
                INFRA,        FAULT(reasons[i], "whatever", latencies[j].measured_us),
                STATUS_DOWN,  (int)reasons[i],
                LATENCY_NONE, "Postgres check failed: Request timeout",
                NULL};
            assert_row(&on_service, check_http);
            assert_row(&on_infra, check_http);
        }
}

static void fault_names_what_kind_it_is(void **state)
{
    (void)state;
    static const struct {
        reason_t reason;
        const char *prefix;
    } rows[] = {
        {REASON_REFUSED, "Connection failed: "},
        {REASON_UNREACHABLE, "Connection failed: "},
        {REASON_DNS_NXDOMAIN, "Connection failed: "},
        {REASON_DNS_FAILURE, "Connection failed: "},
        {REASON_RESET, "Unexpected error: "},
        {REASON_PROTOCOL, "Unexpected error: "},
        {REASON_TLS_EXPIRED, "Unexpected error: "},
        {REASON_TLS_UNTRUSTED, "Unexpected error: "},
        {REASON_TLS_NAME_MISMATCH, "Unexpected error: "},
        {REASON_TLS_FAILURE, "Unexpected error: "},
        {REASON_REDIRECT, "Unexpected error: "},
        {REASON_RESOURCES, "Unexpected error: "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char error[64];
        (void)snprintf(error, sizeof error, "%sit broke", rows[i].prefix);
        const row_t on_service = {SERVICE,      FAULT(rows[i].reason, "it broke", 700),
                                  STATUS_DOWN,  (int)rows[i].reason,
                                  LATENCY_NONE, error,
                                  NULL};
        const row_t on_infra = {
            INFRA,        FAULT(rows[i].reason, "it broke", 700), STATUS_DOWN, (int)rows[i].reason,
            LATENCY_NONE, "Postgres check failed: it broke",      NULL};
        assert_row(&on_service, check_http);
        assert_row(&on_infra, check_http);
    }
}

static void error_text_is_clean_and_bounded(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {SERVICE, FAULT(REASON_RESET, NULL, 1), STATUS_DOWN, REASON_RESET, LATENCY_NONE,
         "Unexpected error: reset", NULL},
        {SERVICE, FAULT(REASON_RESET, "", 1), STATUS_DOWN, REASON_RESET, LATENCY_NONE,
         "Unexpected error: reset", NULL},
        {SERVICE, FAULT(REASON_PROTOCOL, "a\r\n\x7F\xFFz", 1), STATUS_DOWN, REASON_PROTOCOL,
         LATENCY_NONE, "Unexpected error: a   \xEF\xBF\xBDz", NULL},
        {INFRA, FAULT(REASON_REFUSED, "at http://op:geheim@db:1/x", 1), STATUS_DOWN, REASON_REFUSED,
         LATENCY_NONE, "Postgres check failed: at http://op:***@db:1/x", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_row(&rows[i], check_http);

    char text[5000];
    memset(text, 0xFF, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    target_t target = target_of(SERVICE);
    const check_outcome_t outcome = FAULT(REASON_RESET, text, 1);
    probe_result_t result;
    assert_int_equal(check_http(&target, &outcome, &result), 0);
    assert_in_range(strlen(result.error), ERROR_MAX_BYTES - 12, ERROR_MAX_BYTES);
    probe_result_clear(&result);
}

static void redis_is_ok_or_down(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {INFRA, {.latency_us = 1750}, STATUS_OK, REASON_NONE, 1750, NULL, NULL},
        {INFRA, FAULT(REASON_REDIS_LOADING, "LOADING Redis is loading", 9), STATUS_DOWN,
         REASON_REDIS_LOADING, LATENCY_NONE, "Postgres check failed: LOADING Redis is loading",
         NULL},
        {INFRA, FAULT(REASON_TIMEOUT_RESPONSE, "x", 5000000), STATUS_DOWN, REASON_TIMEOUT_RESPONSE,
         LATENCY_NONE, "Postgres check failed: Request timeout", NULL},
        {SERVICE, FAULT(REASON_REFUSED, "Connection refused", 9), STATUS_DOWN, REASON_REFUSED,
         LATENCY_NONE, "Connection failed: Connection refused", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_row(&rows[i], check_redis);
}

static void redis_errors_have_their_own_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        reason_t reason;
    } rows[] = {
        {"LOADING Redis is loading the dataset in memory", REASON_REDIS_LOADING},
        {"MASTERDOWN Link with MASTER is down", REASON_REDIS_MASTERDOWN},
        {"NOAUTH Authentication required.", REASON_AUTHENTICATION},
        {"NOPERM this user has no permissions to run the 'ping' command", REASON_AUTHENTICATION},
        {"WRONGPASS invalid username-password pair", REASON_AUTHENTICATION},
        {"ERR invalid password", REASON_AUTHENTICATION},
        {"ERR Client sent AUTH, but no password is set", REASON_AUTHENTICATION},
        {"ERR AUTH <password> called without any password configured", REASON_AUTHENTICATION},
        {"ERR max number of clients reached", REASON_REDIS_ERROR},
        {"ERR DB index is out of range", REASON_REDIS_ERROR},
        {"LOADIN", REASON_REDIS_ERROR},
        {"", REASON_REDIS_ERROR},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(check_redis_error_reason(rows[i].text, strlen(rows[i].text)),
                         rows[i].reason);
}

static void with_a_file_any_2xx_is_good_and_all_else_down(void **state)
{
    (void)state;
    static const struct {
        long code;
        status_t status;
    } rows[] = {{200, STATUS_OK},   {204, STATUS_OK},   {299, STATUS_OK},   {199, STATUS_DOWN},
                {300, STATUS_DOWN}, {404, STATUS_DOWN}, {503, STATUS_DOWN}, {600, STATUS_DOWN}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int kind = 0; kind < 2; kind++) {
            target_t target = target_of(kind ? KIND_INFRASTRUCTURE : KIND_SERVICE);
            target.status_rule = RULE_SUCCESS;
            const check_outcome_t outcome = {
                .http_code = rows[i].code, .body = "", .latency_us = 1};
            probe_result_t result;
            assert_int_equal(check_http(&target, &outcome, &result), 0);
            assert_int_equal(result.status, rows[i].status);
            assert_int_equal(result.reason,
                             rows[i].status == STATUS_OK ? REASON_NONE : REASON_STATUS);
            probe_result_clear(&result);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_decides_the_status),
        cmocka_unit_test(body_of_a_200_becomes_details_and_never_the_status),
        cmocka_unit_test(timeout_has_its_words_and_its_latency),
        cmocka_unit_test(fault_names_what_kind_it_is),
        cmocka_unit_test(error_text_is_clean_and_bounded),
        cmocka_unit_test(redis_is_ok_or_down),
        cmocka_unit_test(redis_errors_have_their_own_reason),
        cmocka_unit_test(with_a_file_any_2xx_is_good_and_all_else_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
