/* What conditions come to on an answer, and what is shown of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/condition_world.h"

#define MS  INT64_C(1000)
#define S   INT64_C(1000000)
#define DAY (86400 * S)

static const char body[] =
    "{\"status\":\"ok\",\"n\":5,\"big\":9007199254740993,\"real\":2.5,\"text5\":\"5\","
    "\"yes\":true,\"nothing\":null,\"items\":[1,\"two\",{\"k\":3.0},null],\"tags\":[\"a\","
    "\"\\u00e4\"],"
    "\"object\":{\"a\":1,\"b\":2},\"name\":\"gr\\u00fc\\u00df\\ud83d\\ude00\",\"empty\":\"\","
    "\"at\":\"2023-11-14T22:13:20Z\",\"epoch\":1700000000,\"rate\":0.05}";

static const condition_field_t headers[] = {
    {{"Content-Type", 12}, {"application/json", 16}},
    {{"X-Count", 7}, {"12", 2}},
    {{"x-count", 7}, {"13", 2}},
    {{"Date", 4}, {"Tue, 14 Nov 2023 22:12:20 GMT", 29}},
};
static const condition_field_t captured[] = {{{"token", 5}, {"a1", 2}}};
static const condition_text_t answers[] = {{"192.0.2.1", 9}, {"192.0.2.2", 9}};

/* All values are there. */
static condition_observed_t answer(void)
{
    return (condition_observed_t){
        .present = UINT64_MAX,
        .now_us = 1700000060 * S,
        .status = 200,
        .latency_us = 250 * MS,
        .is_connected = true,
        .ip = TEXT("192.0.2.7"),
        .body = TEXT(body),
        .headers = headers,
        .n_headers = COUNT_OF(headers),
        .cert_expiry_us = 21 * DAY,
        .domain_expiry_us = -2 * DAY,
        .tls_version = TEXT("TLSv1.3"),
        .http_version = TEXT("2"),
        .phase_us = {1 * MS, 2 * MS, 3 * MS, 4 * MS, 5 * MS},
        .rcode = TEXT("NOERROR"),
        .answers = answers,
        .n_answers = 2,
        .dns_ttl_us = 300 * S,
        .ttl = 64,
        .loss_ratio = 1.0 / 3,
        .exit_code = 2,
        .output = TEXT("DISK WARNING - 91% used\n"),
        .value = TEXT("301"),
        .captured = captured,
        .n_captured = 1,
    };
}

typedef struct {
    const char *probe;
    const char *text;
    condition_outcome_t outcome;
    const char *actual;
} row_t;

static void check_rows(const row_t *rows, size_t n, const condition_observed_t *observed)
{
    for (size_t i = 0; i < n; i++) {
        condition_result_t result = world_evaluate(rows[i].probe, rows[i].text, observed);
        if (result.outcome != rows[i].outcome ||
            (rows[i].actual && strcmp(result.actual, rows[i].actual) != 0))
            fail_msg("%s: %s, %s", rows[i].text, condition_outcome_name((int)result.outcome),
                     result.actual);
    }
}

static void every_value_is_read(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"http", "status == 200", CONDITION_TRUE, "200"},
        {"http", "status != 200", CONDITION_FALSE, "200"},
        {"http", "200 < status", CONDITION_FALSE, "200"},
        {"http", "200 <= status", CONDITION_TRUE, "200"},
        {"http", "latency < 1s", CONDITION_TRUE, "250ms"},
        {"http", "latency <= 250ms", CONDITION_TRUE, "250ms"},
        {"http", "latency < 0.25s", CONDITION_FALSE, "250ms"},
        {"http", "latency > 249.999ms", CONDITION_TRUE, "250ms"},
        {"http", "connected", CONDITION_TRUE, "true"},
        {"http", "connected == false", CONDITION_FALSE, "true"},
        {"http", "ip == \"192.0.2.7\"", CONDITION_TRUE, "\"192.0.2.7\""},
        {"http", "reason == none", CONDITION_TRUE, "none"},
        {"http", "body =~ \"\\\"status\\\"\"", CONDITION_TRUE, NULL},
        {"http", "len(body) > 256B and len(body) < 1KiB", CONDITION_TRUE, NULL},
        {"http", "header[\"content-type\"] == \"application/json\"", CONDITION_TRUE,
         "\"application/json\""},
        {"http", "header[\"X-COUNT\"] == 12", CONDITION_TRUE, "\"12\""}, /* the first of them */
        {"http", "cert_expiry > 7d", CONDITION_TRUE, "21d"},
        {"http", "cert_expiry < 3w", CONDITION_FALSE, "21d"},
        {"http", "domain_expiry < -1d", CONDITION_TRUE, "-2d"},
        {"http", "tls_version >= 1.2", CONDITION_TRUE, "1.3"},
        {"http", "tls_version in (\"1.3\", 1.2)", CONDITION_TRUE, "1.3"},
        {"http", "http_version > \"HTTP/1.1\"", CONDITION_TRUE, "2.0"},
        {"http", "phase.resolve == 1ms", CONDITION_TRUE, "1ms"},
        {"http", "phase.connect == 2ms", CONDITION_TRUE, "2ms"},
        {"http", "phase.tls == 3ms", CONDITION_TRUE, "3ms"},
        {"http", "phase.first_byte == 4ms", CONDITION_TRUE, "4ms"},
        {"http", "phase.transfer == 5ms", CONDITION_TRUE, "5ms"},
        {"http", "phase.tls < phase.transfer", CONDITION_TRUE, "3ms"},
        {"http", "token == \"a1\"", CONDITION_TRUE, "\"a1\""},
        {"http", "depth == 1", CONDITION_MISSING, "missing"},
        {"dns", "rcode == NOERROR", CONDITION_TRUE, "NOERROR"},
        {"dns", "rcode != \"NXDOMAIN\"", CONDITION_TRUE, "NOERROR"},
        {"dns", "rcode in (NXDOMAIN, SERVFAIL)", CONDITION_FALSE, "NOERROR"},
        {"dns", "answers >= 1", CONDITION_TRUE, "2: 192.0.2.1 192.0.2.2"},
        {"dns", "len(answers) == 2", CONDITION_TRUE, "2"},
        {"dns", "\"192.0.2.2\" in answers", CONDITION_TRUE, "2: 192.0.2.1 192.0.2.2"},
        {"dns", "\"192.0.2.3\" in answers", CONDITION_FALSE, "2: 192.0.2.1 192.0.2.2"},
        {"dns", "answers =~ \"\\.2$\"", CONDITION_TRUE, NULL},
        {"dns", "answers !~ \"\\.2$\"", CONDITION_FALSE, NULL},
        {"dns", "answers !~ \"^10\\.\"", CONDITION_TRUE, NULL},
        {"dns", "ttl == 5m", CONDITION_TRUE, "5m"},
        {"icmp", "ttl == 64", CONDITION_TRUE, "64"},
        {"icmp", "loss < 34%", CONDITION_TRUE, "33.33%"},
        {"icmp", "loss == 0%", CONDITION_FALSE, "33.33%"},
        {"exec", "exit_code in (0, 1)", CONDITION_FALSE, "2"},
        {"exec", "output =~ \"^DISK (OK|WARNING)\"", CONDITION_TRUE,
         "\"DISK WARNING - 91% used\\u000a\""},
        {"exec", "value > 300", CONDITION_TRUE, "301"},
        {"exec", "value =~ \"^30\"", CONDITION_TRUE, "301"},
        {"postgres", "value < 300", CONDITION_FALSE, "301"},
    };
    condition_observed_t observed = answer();
    check_rows(rows, COUNT_OF(rows), &observed);
}

static void values_of_the_answer_have_the_type_they_have(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"http", "body.status in (\"healthy\", \"ok\")", CONDITION_TRUE, "\"ok\""},
        {"http", "body.status == \"OK\"", CONDITION_FALSE, "\"ok\""},
        {"http", "body.n == 5.0", CONDITION_TRUE, "5"},
        {"http", "body.big == 9007199254740992", CONDITION_FALSE, "9007199254740993"},
        {"http", "body.big > 9007199254740992", CONDITION_TRUE, "9007199254740993"},
        {"http", "body.real >= 2.5", CONDITION_TRUE, "2.5"},
        {"http", "body.rate <= 5%", CONDITION_TRUE, "0.05"},
        {"http", "body.n < 1KiB", CONDITION_TRUE, "5"},
        {"http", "body.text5 == 5", CONDITION_TRUE, "\"5\""}, /* texts that are numbers */
        {"http", "body.text5 < 6", CONDITION_TRUE, "\"5\""},
        {"http", "body.text5 == body.n", CONDITION_TRUE, "\"5\""},
        {"http", "body.yes", CONDITION_TRUE, "true"},
        {"http", "body.yes == true", CONDITION_TRUE, "true"},
        {"http", "body.yes != false", CONDITION_TRUE, "true"},
        {"http", "body.status != 5", CONDITION_TRUE, "\"ok\""}, /* another type is not equal */
        {"http", "body.n == \"x\"", CONDITION_FALSE, "5"},
        {"http", "body.items[0] == 1", CONDITION_TRUE, "1"},
        {"http", "body.items[2].k == 3", CONDITION_TRUE, "3"},
        {"http", "body[\"items\"][-2][\"k\"] == 3", CONDITION_TRUE, "3"},
        {"http", "\"two\" in body.items", CONDITION_TRUE, "a list of 4"},
        {"http", "1 in body.items", CONDITION_TRUE, "a list of 4"},
        {"http", "\"\\u00e4\" in body.tags", CONDITION_TRUE, "a list of 2"},
        {"http", "\"\xC3\xA4\" in body.tags", CONDITION_TRUE, "a list of 2"},
        {"http", "status in body.items", CONDITION_FALSE, "200"},
        {"http", "body.status in body.tags", CONDITION_FALSE, "\"ok\""},
        {"http", "len(body.items) >= 0", CONDITION_TRUE, "4"},
        {"http", "len(body.object) == 2", CONDITION_TRUE, "2"},
        {"http", "len(body.name) == 5", CONDITION_TRUE, "5"}, /* characters, not bytes */
        {"http", "len(body.empty) == 0", CONDITION_TRUE, "0"},
        {"http", "body.name =~ \"^gr\xC3\xBC.{2}$\"", CONDITION_TRUE, NULL},
        {"http", "body.name =~ \"(?i)GR\xC3\x9C\"", CONDITION_TRUE, NULL},
        {"http", "body.empty == \"\"", CONDITION_TRUE, "\"\""},
        {"http", "body.empty =~ \"^$\"", CONDITION_TRUE, "\"\""},
        {"http", "has(body.n)", CONDITION_TRUE, "5"},
        {"http", "has(body.nothing)", CONDITION_FALSE, "missing"},
        {"http", "not has(header[\"x-nope\"])", CONDITION_TRUE, "missing"},
        {"http", "has(body)", CONDITION_TRUE, NULL},
        {"http", "age(body.at) == 60s", CONDITION_TRUE, "1m"},
        {"http", "age(body.epoch) <= 1m", CONDITION_TRUE, "1m"},
        {"http", "age(header[\"date\"]) == 2m", CONDITION_TRUE, "2m"},
        /* what cannot be compared so, whatever `not` says */
        {"http", "body.status < 5", CONDITION_MISMATCH, "\"ok\""},
        {"http", "not (body.status < 5)", CONDITION_MISMATCH, "\"ok\""},
        {"http", "body.n", CONDITION_MISMATCH, "5"},
        {"http", "body.n =~ \"5\"", CONDITION_MISMATCH, "5"},
        {"http", "body.n !~ \"6\"", CONDITION_MISMATCH, "5"},
        {"http", "len(body.n) > 0", CONDITION_MISMATCH, "5"},
        {"http", "age(body.status) < 1m", CONDITION_MISMATCH, "\"ok\""},
        {"http", "age(body.yes) < 1m", CONDITION_MISMATCH, "true"},
        {"http", "\"x\" in body.status", CONDITION_MISMATCH, "\"ok\""},
        {"http", "body.items > 3", CONDITION_MISMATCH, "a list of 4"},
        {"http", "body.object == 3", CONDITION_FALSE, "an object of 2"},
        {"http", "body.status < body.name", CONDITION_MISMATCH, "\"ok\""},
    };
    condition_observed_t observed = answer();
    check_rows(rows, COUNT_OF(rows), &observed);
}

/* Nothing was there but a body that is no JSON. */
static void what_is_missing_makes_it_false(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"http", "status == 200", CONDITION_MISSING, "missing"},
        {"http", "status != 200", CONDITION_MISSING, "missing"},
        {"http", "not (status == 200)", CONDITION_MISSING, "missing"},
        {"http", "latency < 1s", CONDITION_MISSING, "missing"},
        {"http", "connected", CONDITION_MISSING, "missing"},
        {"http", "not connected", CONDITION_MISSING, "missing"},
        {"http", "ip =~ \".\"", CONDITION_MISSING, "missing"},
        {"http", "ip !~ \".\"", CONDITION_MISSING, "missing"},
        {"http", "header[\"a\"] in (\"b\")", CONDITION_MISSING, "missing"},
        {"http", "body.status == \"ok\"", CONDITION_MISSING, "missing"},
        {"http", "\"a\" in body.tags", CONDITION_MISSING, "missing"},
        {"http", "len(body.items) >= 0", CONDITION_MISSING, "missing"},
        {"http", "age(body.at) > 0s", CONDITION_MISSING, "missing"},
        {"http", "body.a == body.b", CONDITION_MISSING, "missing"},
        {"http", "has(body.a)", CONDITION_FALSE, "missing"},
        {"http", "has(status)", CONDITION_FALSE, "missing"},
        {"http", "tls_version >= 1.2", CONDITION_MISSING, "missing"},
        {"http", "body == \"not json\"", CONDITION_TRUE, "\"not json\""},
        {"http", "len(body) == 8", CONDITION_TRUE, "8"},
        {"http", "reason == timeout_connect", CONDITION_TRUE, "timeout_connect"},
        {"http", "status == 200 and has(body)", CONDITION_MISSING, "status = missing"},
        {"http", "status == 200 or has(body)", CONDITION_TRUE, "has(body) = \"not json\""},
        {"http", "has(body.a) and body.a == 1", CONDITION_FALSE, "has(body.a) = missing"},
        {"http", "not has(body.a) or body.a == 1", CONDITION_TRUE, "has(body.a) = missing"},
        {"http", "body == body.a", CONDITION_MISSING, "missing"},
    };
    const condition_observed_t observed = {.present = CONDITION_BIT(CONDITION_BODY),
                                           .fault = REASON_TIMEOUT_CONNECT,
                                           .body = TEXT("not json")};
    check_rows(rows, COUNT_OF(rows), &observed);
    const condition_observed_t nothing = {.present = UINT64_MAX, .loss_ratio = (double)NAN};
    static const row_t empty_rows[] = {
        {"icmp", "loss < 1%", CONDITION_MISSING, "missing"},
        {"http", "tls_version >= 1.2", CONDITION_MISSING, "missing"},
        {"http", "body == \"\"", CONDITION_TRUE, "\"\""},
        {"http", "body =~ \"^$\"", CONDITION_TRUE, "\"\""},
        {"http", "body.a == 1", CONDITION_MISSING, "missing"},
        {"http", "len(body) == 0", CONDITION_TRUE, "0"},
        {"dns", "answers == 0", CONDITION_TRUE, "0"},
        {"dns", "answers =~ \".\"", CONDITION_FALSE, "0"},
        {"exec", "value == \"\"", CONDITION_TRUE, "\"\""},
    };
    check_rows(empty_rows, COUNT_OF(empty_rows), &nothing);
}

/* T, F and M(issing) of three values: how tightly not, and, or bind, and what decides. */
static void precedence_and_three_values(void **state)
{
    (void)state;
    static const struct {
        const char *text; /* t true, f false, m missing */
        condition_outcome_t outcome;
    } rows[] = {
        {"t or f and f", CONDITION_TRUE},
        {"(t or f) and f", CONDITION_FALSE},
        {"f and f or t", CONDITION_TRUE},
        {"f and (f or t)", CONDITION_FALSE},
        {"not f and f", CONDITION_FALSE},
        {"not (f and f)", CONDITION_TRUE},
        {"not t or t", CONDITION_TRUE},
        {"not (t or t)", CONDITION_FALSE},
        {"not not t", CONDITION_TRUE},
        {"not not not t", CONDITION_FALSE},
        {"t and t and t and f", CONDITION_FALSE},
        {"f or f or f or t", CONDITION_TRUE},
        {"m", CONDITION_MISSING},
        {"not m", CONDITION_MISSING},
        {"m and t", CONDITION_MISSING},
        {"t and m", CONDITION_MISSING},
        {"m and f", CONDITION_FALSE},
        {"f and m", CONDITION_FALSE},
        {"m or t", CONDITION_TRUE},
        {"t or m", CONDITION_TRUE},
        {"m or f", CONDITION_MISSING},
        {"f or m", CONDITION_MISSING},
        {"not (m and f)", CONDITION_TRUE},
        {"not (m or f)", CONDITION_MISSING},
        {"f or t and not f", CONDITION_TRUE},
        {"t and f or m and t", CONDITION_MISSING},
    };
    condition_observed_t observed = answer();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[256] = "";
        size_t n = 0;
        for (const char *c = rows[i].text; *c; c++) {
            bool is_letter =
                (c == rows[i].text || strchr(" (", c[-1])) && (c[1] == '\0' || strchr(" )", c[1]));
            const char *leaf = *c == 't'   ? "status == 200"
                               : *c == 'f' ? "status == 1"
                                           : "body.m == 1";
            bool is_leaf = is_letter && strchr("tfm", *c);
            n += (size_t)snprintf(text + n, sizeof text - n, "%.*s", is_leaf ? 20 : 1,
                                  is_leaf ? leaf : c);
        }
        condition_result_t result = world_evaluate("http", text, &observed);
        if (result.outcome != rows[i].outcome)
            fail_msg("%s: %s", text, condition_outcome_name((int)result.outcome));
    }
}

static void a_compound_condition_names_the_value_that_decided(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {"http", "status == 200 and latency < 1ms", CONDITION_FALSE, "latency = 250ms"},
        {"http", "status == 1 or latency < 1ms", CONDITION_FALSE, "latency = 250ms"},
        {"http", "status == 1 or body.status == \"ok\"", CONDITION_TRUE, "body.status = \"ok\""},
        {"http", "status == 200 and len(\n body.items ) == 4", CONDITION_TRUE,
         "len(  body.items ) = 4"},
        {"http", "status == 200 and len(\n body.items ) == 9", CONDITION_FALSE,
         "len(  body.items ) = 4"},
    };
    condition_observed_t observed = answer();
    check_rows(rows, COUNT_OF(rows), &observed);
}

static void what_is_shown_is_bounded_text(void **state)
{
    (void)state;
    char text[4096];
    static const char *const parts[] = {"a", "\xC3\xA4", "\xF0\x9F\x98\x80", "\"", "\n", "\xFF"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t n = strlen(parts[i]);
        for (size_t k = 0; k < 1000; k++)
            memcpy(text + k * n, parts[i], n);
        for (size_t count = 0; count <= 1000; count = count < 130 ? count + 1 : count + 870) {
            condition_observed_t observed = answer();
            observed.body = (condition_text_t){.bytes = text, .n = count * n};
            condition_result_t result = world_evaluate("http", "body == \"x\"", &observed);
            size_t shown = strlen(result.actual);
            assert_true(shown < CONDITION_ACTUAL_BYTES);
            assert_int_equal(result.actual[0], '"');
            assert_int_equal(result.actual[shown - 1], '"');
            bool is_cut = strstr(result.actual, "\xE2\x80\xA6\"") != NULL;
            assert_true(is_cut || count < 130);
            assert_true(!is_cut || shown > CONDITION_ACTUAL_BYTES - 10);
        }
    }
}

static void durations_are_shown_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *shown;
    } rows[] = {
        {0, "0ms"},
        {1, "0.001ms"},
        {999999, "999.999ms"},
        {S, "1s"},
        {1500 * MS, "1.5s"},
        {59999999, "60s"},
        {60 * S, "1m"},
        {90 * S, "1m30s"},
        {3600 * S, "1h"},
        {3660 * S, "1h1m"},
        {25 * 3600 * S, "1d1h"},
        {DAY + 60 * S, "1d"},
        {-DAY - 3600 * S, "-1d1h"},
        {INT64_MIN, "-106751991d4h"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_observed_t observed = answer();
        observed.cert_expiry_us = rows[i].us;
        condition_result_t result = world_evaluate("http", "cert_expiry > 36500d", &observed);
        assert_string_equal(result.actual, rows[i].shown);
    }
}

static void a_body_that_was_cut_is_text_alone(void **state)
{
    (void)state;
    condition_observed_t observed = answer();
    observed.is_body_cut = true;
    static const row_t rows[] = {
        {"http", "body.n == 5", CONDITION_MISSING, "missing"},
        {"http", "body =~ \"status\"", CONDITION_TRUE, NULL},
    };
    check_rows(rows, COUNT_OF(rows), &observed);
}

static void age_reads_the_forms_that_services_write(void **state)
{
    (void)state;
    static const struct {
        const char *text; /* as JSON */
        const char *age;  /* at 2023-11-14T22:14:20Z; NULL: none */
    } rows[] = {
        {"\"2023-11-14T22:13:20+00:00\"", "1m"},
        {"\"2023-11-14T23:13:20.500+01:00\"", "59.5s"},
        {"\"2023-11-14 17:13:20-05:00\"", "1m"},
        {"\"2023-11-14T22:13:20\"", "1m"},
        {"\"2023-11-14t22:13:20.1234567z\"", "59.8765s"},
        {"\"2024-02-29T00:00:00Z\"", "-106d1h"},
        {"\"1970-01-01T00:00:00Z\"", "19675d22h"},
        {"\"Tue, 14 Nov 2023 22:13:20 GMT\"", "1m"},
        {"1700000000", "1m"},
        {"1700000000.5", "59.5s"},
        {"1700000000000", "1m"},
        {"1700000000000000", "1m"},
        {"\"1700000000\"", "1m"},
        {"\"2023-02-29T00:00:00Z\"", NULL},
        {"\"2023-13-01T00:00:00Z\"", NULL},
        {"\"2023-11-14T24:00:00Z\"", NULL},
        {"\"2023-11-14\"", NULL},
        {"\"2023-11-14T22:13:20.Z\"", NULL},
        {"\"2023-11-14T22:13:20+0100\"", NULL},
        {"\"2023-11-14T22:13:20Zz\"", NULL},
        {"\"2000-02-29T00:00:00Z\"", "8659d22h"},
        {"\"2023-03-01 00:00:00 \"", NULL},
        {"\"2100-02-29T00:00:00Z\"", NULL},
        {"\"2023-00-14T00:00:00Z\"", NULL},
        {"\"2023-11-00T00:00:00Z\"", NULL},
        {"\"2023:11-14T22:13:20Z\"", NULL},
        {"\"2023-11:14T22:13:20Z\"", NULL},
        {"\"2023-11-14_22:13:20Z\"", NULL},
        {"\"2023-11-14T22.13:20Z\"", NULL},
        {"\"2023-11-14T22:13.20Z\"", NULL},
        {"\"2023-11-14T2x:13:20Z\"", NULL},
        {"\"2023-11-14T22:1x:20Z\"", NULL},
        {"\"2023-11-14T22:13:2x\"", NULL},
        {"\"2023-11-14T22:60:20Z\"", NULL},
        {"\"2023-11-14T22:13:61Z\"", NULL},
        {"\"2023-11-14T22:13:20+24:00\"", NULL},
        {"\"2023-11-14T22:13:20+0x:00\"", NULL},
        {"\"2023-11-14T22:13:20+01:60\"", NULL},
        {"\"2023-11-14T22:13:20+01:0x\"", NULL},
        {"\"2023-11-14T22:13:20\\u0000\"", NULL},
        {"\"Tue; 14 Nov 2023 22:13:20 GMT\"", NULL},
        {"\"Tue, 14-Nov 2023 22:13:20 GMT\"", NULL},
        {"\"Tue, 14 Nov-2023 22:13:20 GMT\"", NULL},
        {"\"Tue, 14 Nov 2023-22:13:20 GMT\"", NULL},
        {"\"Tue, 14 Nox 2023 22:13:20 GMT\"", NULL},
        {"\"Tue, 31 Nov 2023 22:13:20 GMT\"", NULL},
        {"\"Tue, 14 Nov 2023 22:13:99 GMT\"", NULL},
        {"\":2023-11-14T22:13:20Z\"", NULL},
        {"\"1969-12-31T23:59:59Z\"", NULL},
        {"\"Tue, 14 Nov 2023 22:13:20 CET\"", NULL},
        {"\"yesterday\"", NULL},
        {"\"\"", NULL},
        {"-1", NULL},
        {"1e30", NULL},
        {"[]", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        int n = snprintf(text, sizeof text, "{\"at\":%s}", rows[i].text);
        condition_observed_t observed = answer();
        observed.body = (condition_text_t){.bytes = text, .n = (size_t)n};
        condition_result_t result = world_evaluate("http", "age(body.at) > -36500d", &observed);
        assert_int_equal(result.outcome, rows[i].age ? CONDITION_TRUE : CONDITION_MISMATCH);
        if (rows[i].age)
            assert_string_equal(result.actual, rows[i].age);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_read),
        cmocka_unit_test(values_of_the_answer_have_the_type_they_have),
        cmocka_unit_test(what_is_missing_makes_it_false),
        cmocka_unit_test(precedence_and_three_values),
        cmocka_unit_test(a_compound_condition_names_the_value_that_decided),
        cmocka_unit_test(what_is_shown_is_bounded_text),
        cmocka_unit_test(durations_are_shown_as_they_are_written),
        cmocka_unit_test(a_body_that_was_cut_is_text_alone),
        cmocka_unit_test(age_reads_the_forms_that_services_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
