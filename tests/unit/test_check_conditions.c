#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/check.h"
#include "tests/test.h"

#define FINISHED_AT ((int64_t)1795488330289500)
#define DAY_US      (INT64_C(86400) * 1000000)

static condition_workspace_t *workspace;

/* A check that was answered by CODE and BODY. */
typedef struct {
    target_t target;
    conditions_t conditions;
    http_settings_t settings;
    check_seen_t seen;
    check_outcome_t outcome;
} world_t;

static const condition_field_t headers[] = {
    {{"Content-Type", 12}, {"application/json", 16}},
    {{"Set-Cookie", 10}, {"session=hunter2", 15}},
    {{"X-Odd", 5}, {"\xFF\x01", 2}},
};

static void begin(world_t *world, target_kind_t kind, long code, const char *body)
{
    static char name[] = "checkout";
    static char prefix[] = "HTTP check failed: ";
    *world = (world_t){
        .target = {.name = name,
                   .kind = kind,
                   .type = PROBE_HTTP,
                   .timeout_ms = 5000,
                   .error_prefix = kind == KIND_SERVICE ? NULL : prefix},
        .seen = {.ip = "192.0.2.7",
                 .is_connected = true,
                 .http_version = "1.1",
                 .tls_version = "1.3",
                 .status_line = "HTTP/1.1 503 Service Unavailable",
                 .headers = headers,
                 .n_headers = COUNT_OF(headers),
                 .phase_us = {1000, 2000, LATENCY_NONE, 40000, 500},
                 .cert_expires_at_us = FINISHED_AT + 10 * DAY_US,
                 .cert_leaf_expires_at_us = FINISHED_AT + 20 * DAY_US,
                 .content_length_bytes = MEASURED_NONE},
        .outcome = {.http_code = code,
                    .latency_us = 46670,
                    .finished_at_us = FINISHED_AT,
                    .body = body,
                    .n_body = strlen(body),
                    .workspace = workspace},
    };
    world->target.conditions = &world->conditions;
    world->target.http = &world->settings;
    world->outcome.seen = &world->seen;
}

static void add(world_t *world, bool is_degraded, const char *text)
{
    static const char *const names[] = {"load1", "_var-log", "_5min"};
    const condition_vocabulary_t vocabulary = {.probe = "http",
                                               .values = condition_values_of("http"),
                                               .captured = names,
                                               .n_captured = COUNT_OF(names)};
    condition_error_t error;
    assert_int_equal(
        conditions_add(&world->conditions, is_degraded, text, strlen(text), &vocabulary, &error),
        0);
}

/* The result of WORLD, whose conditions are done with. */
static probe_result_t check(world_t *world)
{
    probe_result_t result;
    assert_int_equal(check_http(&world->target, &world->outcome, &result), 0);
    assert_true((result.status == STATUS_OK) == (result.reason == REASON_NONE));
    conditions_clear(&world->conditions);
    return result;
}

static void first_false_condition_decides_and_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *condition, *degraded;
        int status, reason;
        const char *error;
    } rows[] = {
        {"status == 200", "latency < 1s", STATUS_OK, REASON_NONE, NULL},
        {"status == 201", "latency < 1s", STATUS_DOWN, REASON_CONDITION,
         "condition `status == 201` is false: 200"},
        {"status == 200", "latency < 10ms", STATUS_DEGRADED, REASON_CONDITION,
         "condition `latency < 10ms` is false: 46.67ms"},
        {"status == 201", "latency < 10ms", STATUS_DOWN, REASON_CONDITION,
         "condition `status == 201` is false: 200"},
        {"body.state == \"up\"", "latency < 1s", STATUS_DOWN, REASON_CONDITION,
         "condition `body.state == \"up\"` is false: \"busy\""},
        {"body.depth < 10", "latency < 1s", STATUS_DOWN, REASON_MISSING_VALUE,
         "condition `body.depth < 10` lacks a value: missing"},
        {"has(body.state)", "body.depth < 10", STATUS_DEGRADED, REASON_MISSING_VALUE,
         "condition `body.depth < 10` lacks a value: missing"},
        {"header[\"content-type\"] == \"application/json\"", "ip == \"192.0.2.7\"", STATUS_OK,
         REASON_NONE, NULL},
        {"cert_expiry > 9d and cert_expiry < 11d", "tls_version >= 1.3", STATUS_OK, REASON_NONE,
         NULL},
        {"phase.connect == 2ms and phase.first_byte == 40ms", "phase.tls < 1s", STATUS_DEGRADED,
         REASON_MISSING_VALUE, "condition `phase.tls < 1s` lacks a value: missing"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_t world;
        begin(&world, KIND_SERVICE, 200, "{\"state\": \"busy\"}");
        add(&world, false, rows[i].condition);
        add(&world, true, rows[i].degraded);
        probe_result_t result = check(&world);
        assert_int_equal(result.status, rows[i].status);
        assert_int_equal(result.reason, rows[i].reason);
        assert_true(!rows[i].error == !result.error);
        if (rows[i].error)
            assert_string_equal(result.error, rows[i].error);
        assert_int_equal(result.latency_us, 46670);
        assert_string_equal(result.details, "{\"state\":\"busy\"}");
        assert_int_equal(result.measurement->n_conditions, 2);
        assert_string_equal(result.measurement->conditions[0].text, rows[i].condition);
        assert_true(result.measurement->conditions[1].is_degraded);
        probe_result_clear(&result);
    }
}

static void conditions_alone_decide_and_the_code_does_not(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_INFRASTRUCTURE, 503, "");
    add(&world, true, "status < 500");
    probe_result_t result = check(&world);
    assert_int_equal(result.status, STATUS_DEGRADED);
    assert_string_equal(result.error, "HTTP check failed: condition `status < 500` is false: 503");
    assert_null(result.details);
    probe_result_clear(&result);
}

static void fault_is_told_as_without_conditions_unless_they_answer_for_it(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_SERVICE, 0, "");
    world.outcome.fault = REASON_REFUSED;
    world.outcome.fault_text = "Connection refused";
    world.seen.is_connected = false;
    add(&world, false, "status == 200");
    probe_result_t result = check(&world);
    assert_int_equal(result.status, STATUS_DOWN);
    assert_int_equal(result.reason, REASON_REFUSED);
    assert_string_equal(result.error, "Connection failed: Connection refused");
    assert_int_equal(result.latency_us, LATENCY_NONE);
    assert_int_equal(result.measurement->http_code, MEASURED_NONE);
    probe_result_clear(&result);

    begin(&world, KIND_SERVICE, 0, "");
    world.outcome.fault = REASON_REFUSED;
    world.seen.is_connected = false;
    add(&world, false, "not connected");
    result = check(&world);
    assert_int_equal(result.status, STATUS_OK);
    assert_null(result.error);
    probe_result_clear(&result);
}

/* What was connected is told from the fault where nothing else tells it. */
static void fault_alone_tells_whether_a_connection_stood(void **state)
{
    (void)state;
    static const struct {
        reason_t fault;
        bool is_connected;
    } rows[] = {
        {REASON_NONE, true},
        {REASON_TIMEOUT_RESPONSE, true},
        {REASON_REFUSED, false},
        {REASON_TIMEOUT_RESOLVE, false},
        {REASON_TIMEOUT_CONNECT, false},
        {REASON_RESOURCES, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_t world;
        begin(&world, KIND_SERVICE, 200, "{}");
        world.outcome.seen = NULL;
        world.outcome.fault = rows[i].fault;
        add(&world, false, rows[i].is_connected ? "connected" : "not connected");
        probe_result_t result = check(&world);
        assert_int_equal(result.measurement->n_conditions, 1);
        assert_int_equal(result.measurement->conditions[0].outcome, CONDITION_TRUE);
        /* that it was connected does not answer for a fault that came later */
        bool is_fine = !rows[i].fault || !rows[i].is_connected;
        assert_int_equal(result.status, is_fine ? STATUS_OK : STATUS_DOWN);
        probe_result_clear(&result);
    }
}

static void what_was_not_seen_is_missing(void **state)
{
    (void)state;
    static const char *const conditions[] = {
        "ip == \"192.0.2.7\"", "tls_version >= 1.2", "http_version >= 1.0",
        "cert_expiry > 1d",    "phase.resolve < 1s", "has(header[\"content-type\"])"};
    static const check_seen_t nothing = {.ip = "", .phase_us = {-1, -1, -1, -1, -1}};
    for (size_t i = 0; i < 2 * COUNT_OF(conditions); i++) {
        world_t world;
        begin(&world, KIND_SERVICE, 200, "{}");
        world.outcome.seen = i % 2 ? &nothing : NULL;
        add(&world, false, conditions[i / 2]);
        probe_result_t result = check(&world);
        assert_int_equal(result.status, STATUS_DOWN);
        assert_int_equal(result.reason, i / 2 == 5 ? REASON_CONDITION : REASON_MISSING_VALUE);
        assert_true(!result.measurement->ip && !result.measurement->tls_version);
        probe_result_clear(&result);
    }
}

static void redis_answers_pong_and_info(void **state)
{
    (void)state;
    static const struct {
        const char *condition, *info;
        int status, reason;
    } rows[] = {
        {"output == \"PONG\"", NULL, STATUS_OK, REASON_NONE},
        {"output == \"PANG\"", NULL, STATUS_DOWN, REASON_CONDITION},
        {"body.role == \"master\"", "{\"role\":\"master\"}", STATUS_OK, REASON_NONE},
        {"body.role == \"master\"", "{\"role\":\"slave\"}", STATUS_DOWN, REASON_CONDITION},
        {"body.role == \"master\"", NULL, STATUS_DOWN, REASON_MISSING_VALUE},
    };
    const condition_vocabulary_t vocabulary = {.probe = "redis",
                                               .values = condition_values_of("redis")};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_t world;
        begin(&world, KIND_INFRASTRUCTURE, 0, "");
        world.target.type = PROBE_REDIS;
        world.target.http = NULL;
        world.outcome.seen = NULL;
        world.outcome.body = rows[i].info;
        world.outcome.n_body = rows[i].info ? strlen(rows[i].info) : 0;
        condition_error_t error;
        assert_int_equal(conditions_add(&world.conditions, false, rows[i].condition,
                                        strlen(rows[i].condition), &vocabulary, &error),
                         0);
        probe_result_t result;
        assert_int_equal(check_redis(&world.target, &world.outcome, &result), 0);
        assert_int_equal(result.status, rows[i].status);
        assert_int_equal(result.reason, rows[i].reason);
        assert_null(result.details);
        conditions_clear(&world.conditions);
        probe_result_clear(&result);
    }
}

static void error_tells_why_and_cuts_a_long_condition(void **state)
{
    (void)state;
    char text[1024];
    static const char begun[] = "body.state == \"";
    memset(text, 'x', sizeof text);
    memcpy(text, begun, sizeof begun - 1);
    memcpy(text + 400, "\"", 2);
    world_t world;
    begin(&world, KIND_SERVICE, 200, "{\"state\":\"up\"}");
    add(&world, false, text);
    probe_result_t result = check(&world);
    assert_non_null(strstr(result.error, "xxx...` is false: \"up\""));
    probe_result_clear(&result);

    begin(&world, KIND_SERVICE, 200, "{\"state\":\"up\"}");
    add(&world, false, "body.state > 5");
    result = check(&world);
    assert_string_equal(result.error, "condition `body.state > 5` cannot be compared with what "
                                      "came: \"up\"");
    probe_result_clear(&result);
}

static void expected_failure_is_fine_and_success_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *condition;
        reason_t fault;
        int status, reason;
    } rows[] = {
        {"status == 503", REASON_NONE, STATUS_DOWN, REASON_UNEXPECTED_SUCCESS},
        {"status == 200", REASON_NONE, STATUS_OK, REASON_NONE},
        {"status == 200", REASON_REFUSED, STATUS_OK, REASON_NONE},
        {"status == 200", REASON_RESOURCES, STATUS_DOWN, REASON_RESOURCES},
        {NULL, REASON_NONE, STATUS_OK, REASON_NONE}, /* 503 by the rule of the code */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_t world;
        begin(&world, KIND_SERVICE, 503, "");
        world.target.expects_failure = true;
        world.outcome.fault = rows[i].fault;
        if (rows[i].condition)
            add(&world, false, rows[i].condition);
        else
            world.target.conditions = NULL;
        probe_result_t result = check(&world);
        assert_int_equal(result.status, rows[i].status);
        assert_int_equal(result.reason, rows[i].reason);
        assert_true((result.status == STATUS_OK) == (result.error == NULL));
        probe_result_clear(&result);
    }
}

/* --- evidence --- */

static json_t *evidence_of(world_t *world)
{
    add(world, false, "status == 200");
    probe_result_t result = check(world);
    assert_non_null(result.evidence);
    assert_true(strlen(result.evidence) <= EVIDENCE_MAX_BYTES);
    assert_null(strstr(result.evidence, "hunter2"));
    json_t *evidence = json_loads(result.evidence, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(evidence);
    probe_result_clear(&result);
    return evidence;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void evidence_says_what_came_back(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_SERVICE, 503, "upstream \xFFgone");
    json_t *evidence = evidence_of(&world);
    assert_string_equal(text_at(evidence, "ip"), "192.0.2.7");
    assert_string_equal(text_at(evidence, "reason"), "condition");
    assert_string_equal(text_at(evidence, "status_line"), "HTTP/1.1 503 Service Unavailable");
    assert_string_equal(text_at(evidence, "body"), "upstream \xEF\xBF\xBDgone");
    assert_false(json_is_true(json_object_get(evidence, "is_body_cut")));
    const json_t *phases = json_object_get(evidence, "phases_ms");
    assert_int_equal(json_object_size(phases), 4); /* tls was not reached */
    const json_t *listed = json_object_get(evidence, "headers");
    assert_int_equal(json_array_size(listed), COUNT_OF(headers));
    const json_t *cookie = json_array_get(listed, 1);
    assert_string_equal(json_string_value(json_array_get(cookie, 1)), "***");
    json_decref(evidence);
}

static void good_result_has_no_evidence(void **state)
{
    (void)state;
    world_t world;
    begin(&world, KIND_SERVICE, 200, "{}");
    add(&world, false, "status == 200");
    probe_result_t result = check(&world);
    assert_null(result.evidence);
    assert_string_equal(result.measurement->ip, "192.0.2.7");
    assert_int_equal(result.measurement->http_code, 200);
    assert_int_equal(result.measurement->tls_us, LATENCY_NONE);
    assert_int_equal(result.measurement->cert_expires_at_us, FINISHED_AT + 10 * DAY_US);
    probe_result_clear(&result);
}

static void evidence_does_not_repeat_our_credentials(void **state)
{
    (void)state;
    world_t world;
    char token[] = "hunter2-token";
    char name[] = "Authorization";
    char value[] = "Basic hunter2==";
    http_header_t sent[] = {{.name = name, .value = value}};
    begin(&world, KIND_SERVICE, 500, "you sent hunter2-token and Basic hunter2==");
    world.settings.token = token;
    world.settings.headers = sent;
    world.settings.n_headers = 1;
    json_t *evidence = evidence_of(&world);
    assert_string_equal(text_at(evidence, "body"), "you sent ************* and ***************");
    json_decref(evidence);
}

static void evidence_is_bounded_whatever_came(void **state)
{
    (void)state;
    enum { N_HEADERS = 256, N_BODY = 65536 };
    static condition_field_t many[N_HEADERS];
    static char worst[N_BODY];
    static const char *const fills[] = {"\xFF", "\"", "\n", "\x01", "a"};
    for (size_t i = 0; i < COUNT_OF(fills); i++) {
        memset(worst, fills[i][0], sizeof worst);
        for (size_t j = 0; j < N_HEADERS; j++)
            many[j] = (condition_field_t){{worst, 100 + j}, {worst, 4096}};
        world_t world;
        begin(&world, KIND_SERVICE, 500, "");
        world.outcome.body = worst;
        world.outcome.n_body = sizeof worst;
        world.seen.headers = many;
        world.seen.n_headers = N_HEADERS;
        json_t *evidence = evidence_of(&world);
        assert_true(json_is_true(json_object_get(evidence, "is_body_cut")));
        size_t n_listed = json_array_size(json_object_get(evidence, "headers"));
        size_t n_left_out =
            (size_t)json_integer_value(json_object_get(evidence, "n_headers_left_out"));
        assert_true(n_listed > 0 && n_left_out > 0);
        assert_int_equal(n_listed + n_left_out, N_HEADERS);
        json_decref(evidence);
    }
}

static int set_up(void **state)
{
    (void)state;
    workspace = condition_workspace_new();
    return workspace ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    condition_workspace_destroy(&workspace);
    return 0;
}

static void numbers_of_an_answer_have_names(void **state)
{
    (void)state;
    world_t world;
    probe_result_t result;
    const check_value_t values[] = {{"load1", 0.1}, {"/var-log", 1e6}, {"5min", -3}};
    const check_answer_t answer = {.values = values, .n_values = COUNT_OF(values)};
    begin(&world, KIND_SERVICE, 200, "{}");
    add(&world, false, "load1 == 0.1 and _var-log == 1000000 and _5min < 0");
    add(&world, true, "_var-log < 10%");
    world.outcome.answer = &answer;
    assert_int_equal(check_http(&world.target, &world.outcome, &result), 0);
    assert_int_equal(result.status, STATUS_DEGRADED);
    assert_string_equal(result.error, "condition `_var-log < 10%` is false: \"1000000\"");
    const measurement_t *measured = result.measurement;
    assert_int_equal(measured->n_values, COUNT_OF(values));
    assert_string_equal(measured->values[1].name, "/var-log");
    assert_true(measured->values[2].number == -3);
    assert_string_equal(measured->ip, "192.0.2.7");
    probe_result_clear(&result);
    world.outcome.fault = REASON_REFUSED;
    assert_int_equal(check_http(&world.target, &world.outcome, &result), 0);
    assert_int_equal(result.measurement->n_values, 0);
    probe_result_clear(&result);
    conditions_clear(&world.conditions);
}

static void a_fault_that_says_nothing_of_the_target_is_not_down(void **state)
{
    (void)state;
    world_t world;
    probe_result_t result;
    for (int with = 0; with < 2; with++) {
        begin(&world, KIND_SERVICE, 200, "{}");
        if (with)
            add(&world, false, "status == 200");
        else
            world.target.conditions = NULL;
        world.outcome.fault = REASON_PROTOCOL;
        world.outcome.fault_status = STATUS_DEGRADED;
        assert_int_equal(check_http(&world.target, &world.outcome, &result), 0);
        assert_int_equal(result.status, STATUS_DEGRADED);
        assert_int_equal(result.reason, REASON_PROTOCOL);
        probe_result_clear(&result);
        conditions_clear(&world.conditions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_false_condition_decides_and_is_named),
        cmocka_unit_test(conditions_alone_decide_and_the_code_does_not),
        cmocka_unit_test(fault_is_told_as_without_conditions_unless_they_answer_for_it),
        cmocka_unit_test(fault_alone_tells_whether_a_connection_stood),
        cmocka_unit_test(what_was_not_seen_is_missing),
        cmocka_unit_test(redis_answers_pong_and_info),
        cmocka_unit_test(error_tells_why_and_cuts_a_long_condition),
        cmocka_unit_test(expected_failure_is_fine_and_success_is_not),
        cmocka_unit_test(evidence_says_what_came_back),
        cmocka_unit_test(good_result_has_no_evidence),
        cmocka_unit_test(evidence_does_not_repeat_our_credentials),
        cmocka_unit_test(evidence_is_bounded_whatever_came),
        cmocka_unit_test(numbers_of_an_answer_have_names),
        cmocka_unit_test(a_fault_that_says_nothing_of_the_target_is_not_down),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
