/* What the conditions of a target make of a result; captured values. */
#include <stdlib.h>

#include "tests/unit/condition_world.h"

#define MAX_TEXTS 3

typedef struct {
    const char *conditions[MAX_TEXTS];
    const char *degraded[MAX_TEXTS];
    int64_t status; /* 0: missing */
    reason_t fault;
    bool is_connected;

    status_t verdict;
    reason_t reason;
    const char *deciding; /* NULL: none */
    const char *actual;
} row_t;

static void add(conditions_t *conditions, bool is_degraded, const char *const *texts)
{
    condition_vocabulary_t vocabulary = world_vocabulary("http");
    condition_error_t error;
    for (size_t i = 0; i < MAX_TEXTS && texts[i]; i++)
        assert_int_equal(conditions_add(conditions, is_degraded, texts[i], strlen(texts[i]),
                                        &vocabulary, &error),
                         0);
}

static void check_row(const row_t *row)
{
    conditions_t conditions = {0};
    add(&conditions, false, row->conditions);
    add(&conditions, true, row->degraded);
    condition_observed_t observed = {
        .present = CONDITION_BIT(CONDITION_CONNECTED) | CONDITION_BIT(CONDITION_BODY),
        .fault = row->fault,
        .status = row->status,
        .latency_us = 800000,
        .is_connected = row->is_connected,
        .body = TEXT("{\"depth\":1200}"),
    };
    if (row->status)
        observed.present |= CONDITION_BIT(CONDITION_STATUS) | CONDITION_BIT(CONDITION_LATENCY);
    condition_workspace_t *workspace = condition_workspace_new();
    condition_workspace_begin(workspace, &observed);
    conditions_verdict_t verdict;
    assert_int_equal(conditions_judge(&conditions, workspace, &verdict), 0);
    assert_string_equal(status_name((int)verdict.status), status_name((int)row->verdict));
    assert_string_equal(reason_name((int)verdict.reason), reason_name((int)row->reason));
    assert_int_equal(verdict.n_results, conditions.n_conditions + conditions.n_degraded_conditions);
    assert_int_equal(!verdict.deciding, !row->deciding);
    if (row->deciding) {
        assert_string_equal(verdict.deciding->text, row->deciding);
        assert_string_equal(verdict.deciding->actual, row->actual);
        assert_true(verdict.deciding >= verdict.results &&
                    verdict.deciding < verdict.results + verdict.n_results);
    }
    condition_workspace_destroy(&workspace);
    conditions_clear(&conditions);
    assert_int_equal(conditions.n_conditions, 0);
}

static void the_first_false_condition_decides(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {.status = 200, .verdict = STATUS_OK},
        {.conditions = {"status < 500"}, .status = 200, .verdict = STATUS_OK},
        {.conditions = {"status < 500"},
         .degraded = {"status == 200", "latency < 1s"},
         .status = 200,
         .verdict = STATUS_OK},
        {.conditions = {"status < 500"},
         .degraded = {"status == 200", "latency < 1s"},
         .status = 404,
         .verdict = STATUS_DEGRADED,
         .reason = REASON_CONDITION,
         .deciding = "status == 200",
         .actual = "404"},
        {.conditions = {"status < 500"},
         .degraded = {"status == 200", "latency < 500ms"},
         .status = 200,
         .verdict = STATUS_DEGRADED,
         .reason = REASON_CONDITION,
         .deciding = "latency < 500ms",
         .actual = "800ms"},
        {.conditions = {"status < 500"}, /* DOWN before DEGRADED */
         .degraded = {"status == 200"},
         .status = 503,
         .verdict = STATUS_DOWN,
         .reason = REASON_CONDITION,
         .deciding = "status < 500",
         .actual = "503"},
        {.conditions = {"status == 200", "body.status == \"ok\""},
         .status = 200,
         .verdict = STATUS_DOWN,
         .reason = REASON_MISSING_VALUE,
         .deciding = "body.status == \"ok\"",
         .actual = "missing"},
        {.degraded = {"body.queue < 1000"},
         .status = 200,
         .verdict = STATUS_DEGRADED,
         .reason = REASON_MISSING_VALUE,
         .deciding = "body.queue < 1000",
         .actual = "missing"},
        {.degraded = {"body.depth < 1000"},
         .status = 200,
         .verdict = STATUS_DEGRADED,
         .reason = REASON_CONDITION,
         .deciding = "body.depth < 1000",
         .actual = "1200"},
        {.conditions = {"body.depth =~ \"1\""}, /* of another type: a false condition */
         .status = 200,
         .verdict = STATUS_DOWN,
         .reason = REASON_CONDITION,
         .deciding = "body.depth =~ \"1\"",
         .actual = "1200"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_row(&rows[i]);
}

static void a_fault_is_down_unless_the_conditions_answer_for_it(void **state)
{
    (void)state;
    static const row_t rows[] = {
        {.fault = REASON_REFUSED, .verdict = STATUS_DOWN, .reason = REASON_REFUSED},
        {.conditions = {"status == 200"},
         .fault = REASON_TIMEOUT_CONNECT,
         .verdict = STATUS_DOWN,
         .reason = REASON_TIMEOUT_CONNECT},
        {.degraded = {"latency < 1s"},
         .fault = REASON_TIMEOUT_CONNECT,
         .verdict = STATUS_DOWN,
         .reason = REASON_TIMEOUT_CONNECT},
        {.degraded = {"reason == refused"}, /* says nothing about DOWN */
         .fault = REASON_REFUSED,
         .verdict = STATUS_DOWN,
         .reason = REASON_REFUSED},
        {.conditions = {"reason == refused"}, .fault = REASON_REFUSED, .verdict = STATUS_OK},
        {.conditions = {"not connected"}, .fault = REASON_REFUSED, .verdict = STATUS_OK},
        {.conditions = {"reason in (refused, none)"},
         .fault = REASON_TIMEOUT_CONNECT,
         .verdict = STATUS_DOWN,
         .reason = REASON_CONDITION,
         .deciding = "reason in (refused, none)",
         .actual = "timeout_connect"},
        {.conditions = {"connected"}, /* it was, and then failed: no lie */
         .fault = REASON_TLS_EXPIRED,
         .is_connected = true,
         .verdict = STATUS_DOWN,
         .reason = REASON_TLS_EXPIRED},
        {.conditions = {"connected"},
         .fault = REASON_REFUSED,
         .verdict = STATUS_DOWN,
         .reason = REASON_CONDITION,
         .deciding = "connected",
         .actual = "false"},
        {.conditions = {"reason != tls_expired", "status == 200"},
         .fault = REASON_REFUSED,
         .verdict = STATUS_DOWN,
         .reason = REASON_REFUSED, /* why it is missing */
         .deciding = "status == 200",
         .actual = "missing"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_row(&rows[i]);
}

static void every_condition_has_its_outcome(void **state)
{
    (void)state;
    conditions_t conditions = {0};
    static const char *const texts[MAX_TEXTS] = {"status == 1", "status == 200", "body.x == 1"};
    static const char *const degraded[MAX_TEXTS] = {"body =~ \"dep\"", "body.depth"};
    add(&conditions, false, texts);
    add(&conditions, true, degraded);
    condition_observed_t observed = {.present = CONDITION_BIT(CONDITION_STATUS) |
                                                CONDITION_BIT(CONDITION_BODY),
                                     .status = 200,
                                     .body = TEXT("{\"depth\":1200}")};
    condition_workspace_t *workspace = condition_workspace_new();
    condition_workspace_begin(workspace, &observed);
    conditions_verdict_t verdict;
    assert_int_equal(conditions_judge(&conditions, workspace, &verdict), 0);
    static const struct {
        const char *outcome;
        const char *actual;
    } rows[] = {{"false", "200"},
                {"true", "200"},
                {"missing", "missing"},
                {"true", "\"{\\\"depth\\\":1200}\""},
                {"mismatch", "1200"}};
    assert_int_equal(verdict.n_results, COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(condition_outcome_name((int)verdict.results[i].outcome),
                            rows[i].outcome);
        assert_string_equal(verdict.results[i].actual, rows[i].actual);
        assert_int_equal(verdict.results[i].is_degraded, i >= 3);
    }
    /* The workspace serves the next result, of another body. */
    observed.body = TEXT("[{\"depth\":true}]");
    condition_workspace_begin(workspace, &observed);
    assert_int_equal(conditions_judge(&conditions, workspace, &verdict), 0);
    assert_string_equal(verdict.results[4].actual, "missing");
    condition_workspace_end(workspace);
    condition_workspace_destroy(&workspace);
    conditions_clear(&conditions);
}

static void a_regex_that_explodes_makes_its_condition_false_and_the_result_stands(void **state)
{
    (void)state;
    conditions_t conditions = {0};
    static const char *const texts[MAX_TEXTS] = {"not (body =~ \"(x+x+)+[yz]\")", "status == 200"};
    add(&conditions, false, texts);
    char body[4096];
    memset(body, 'x', sizeof body);
    const condition_observed_t observed = {.present = CONDITION_BIT(CONDITION_STATUS) |
                                                      CONDITION_BIT(CONDITION_BODY),
                                           .status = 200,
                                           .body = {.bytes = body, .n = sizeof body}};
    condition_workspace_t *workspace = condition_workspace_new();
    condition_workspace_begin(workspace, &observed);
    conditions_verdict_t verdict;
    assert_int_equal(conditions_judge(&conditions, workspace, &verdict), 0);
    assert_int_equal(verdict.status, STATUS_DOWN);
    assert_int_equal(verdict.reason, REASON_CONDITION);
    assert_int_equal(verdict.results[0].outcome, CONDITION_GAVE_UP);
    assert_int_equal(verdict.results[1].outcome, CONDITION_TRUE);
    condition_workspace_destroy(&workspace);
    conditions_clear(&conditions);
}

static void a_list_has_at_most_32_conditions(void **state)
{
    (void)state;
    conditions_t conditions = {0};
    condition_vocabulary_t vocabulary = world_vocabulary("http");
    condition_error_t error;
    for (size_t i = 0; i < CONDITIONS_MAX; i++)
        assert_int_equal(conditions_add(&conditions, true, "connected", 9, &vocabulary, &error), 0);
    assert_int_equal(conditions_add(&conditions, true, "connected", 9, &vocabulary, &error), -1);
    assert_string_equal(error.text, "more than 32 conditions in one list");
    assert_int_equal(conditions_add(&conditions, false, "connect", 7, &vocabulary, &error), -1);
    assert_string_equal(error.nearest, "connected");
    assert_int_equal(conditions_add(&conditions, false, "connected", 9, &vocabulary, &error), 0);
    assert_int_equal(conditions.n_conditions, 1);
    assert_int_equal(conditions.n_degraded_conditions, CONDITIONS_MAX);
    conditions_clear(&conditions);
}

static void values_are_captured_as_texts_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *captured; /* NULL: missing */
        bool is_number;
        double number;
    } rows[] = {
        {"body.token", "a\xC3\xA4", false, 0}, {"body.depth", "1200", true, 1200},
        {"body.price", "12.50", true, 12.5}, /* a text that is a number stays as it was */
        {"body.yes", "true", false, 0},        {"body.list", NULL, false, 0},
        {"body.null", NULL, false, 0},         {"body.nul", NULL, false, 0},
        {"body.nope", NULL, false, 0},         {"len(body.list)", "2", true, 2},
        {"latency", "0.8", true, 0.8},         {"status", NULL, false, 0},
        {"reason", "none", false, 0},          {"has(body.list)", "true", false, 0},
        {"header[\"a\"]", NULL, false, 0},
    };
    condition_vocabulary_t vocabulary = world_vocabulary("http");
    const condition_observed_t observed = {
        .present = CONDITION_BIT(CONDITION_LATENCY) | CONDITION_BIT(CONDITION_BODY),
        .latency_us = 800000,
        .body = TEXT("{\"token\":\"a\\u00e4\",\"depth\":1200,\"price\":\"12.50\",\"yes\":true,"
                     "\"list\":[1,2],\"null\":null,\"nul\":\"\\u0000\"}")};
    condition_workspace_t *workspace = condition_workspace_new();
    condition_workspace_begin(workspace, &observed);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        condition_t *value = NULL;
        condition_error_t error;
        assert_int_equal(condition_compile_value(rows[i].text, strlen(rows[i].text), &vocabulary,
                                                 &value, &error),
                         0);
        condition_capture_t captured;
        assert_int_equal(condition_capture(value, workspace, &captured), 0);
        assert_int_equal(!captured.text, !rows[i].captured);
        if (captured.text)
            assert_string_equal(captured.text, rows[i].captured);
        assert_int_equal(captured.is_number, rows[i].is_number);
        assert_true(captured.number == rows[i].number);
        free(captured.text);
        condition_destroy(&value);
    }
    condition_workspace_destroy(&workspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_false_condition_decides),
        cmocka_unit_test(a_fault_is_down_unless_the_conditions_answer_for_it),
        cmocka_unit_test(every_condition_has_its_outcome),
        cmocka_unit_test(a_regex_that_explodes_makes_its_condition_false_and_the_result_stands),
        cmocka_unit_test(a_list_has_at_most_32_conditions),
        cmocka_unit_test(values_are_captured_as_texts_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
