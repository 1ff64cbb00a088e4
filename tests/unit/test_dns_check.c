/* What an answer of DNS says of the server that gave it. */
#include "core/dns_check.h"
#include "tests/test.h"

static char line[] = "a.test. 300 IN A 192.0.2.1";
static dns_data_t data[] = {{.at = 17, .n = 9}};

static dns_answer_t answer_of(unsigned rcode, size_t n_wanted, size_t n_answers)
{
    return (dns_answer_t){
        .rcode = rcode,
        .n_answers = n_answers,
        .n_wanted = n_wanted,
        .ttl_s = 300,
        .output = {.bytes = n_answers ? line : NULL, .size = n_answers ? sizeof line - 1 : 0},
        .data = data,
        .n_data = n_answers};
}

static void verdict_is_that_of_code_and_records(void **state)
{
    (void)state;
    static const struct {
        unsigned rcode;
        size_t n_wanted, n_answers;
        int verdict, reason;
        condition_value_t said_by;
        const char *rcode_text, *text;
    } rows[] = {
        {0, 1, 1, STATUS_OK, REASON_NONE, CONDITION_RCODE, "NOERROR", ""},
        {0, 0, 0, STATUS_DOWN, REASON_DNS_FAILURE, CONDITION_ANSWERS, "NOERROR",
         "no A record for a.test"},
        {0, 0, 1, STATUS_DOWN, REASON_DNS_FAILURE, CONDITION_ANSWERS, "NOERROR",
         "no A record for a.test"},
        {3, 0, 0, STATUS_DOWN, REASON_DNS_NXDOMAIN, CONDITION_RCODE, "NXDOMAIN",
         "NXDOMAIN for a.test"},
        {3, 1, 1, STATUS_DOWN, REASON_DNS_NXDOMAIN, CONDITION_RCODE, "NXDOMAIN",
         "NXDOMAIN for a.test"},
        {2, 0, 0, STATUS_DOWN, REASON_DNS_FAILURE, CONDITION_RCODE, "SERVFAIL",
         "SERVFAIL for a.test"},
        {15, 0, 0, STATUS_DOWN, REASON_DNS_FAILURE, CONDITION_RCODE, "RCODE15",
         "RCODE15 for a.test"},
    };
    const dns_question_t question = {.name = "a.test", .type = 1, .class_code = 1};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        dns_answer_t answer = answer_of(rows[i].rcode, rows[i].n_wanted, rows[i].n_answers);
        dns_check_t check;
        assert_int_equal(dns_check_init(&check, &question, &answer), 0);
        assert_int_equal(check.answer.verdict, rows[i].verdict);
        assert_int_equal(check.answer.reason, rows[i].reason);
        assert_int_equal(check.answer.said_by, rows[i].said_by);
        assert_string_equal(check.answer.rcode, rows[i].rcode_text);
        assert_string_equal(check.answer.text, rows[i].text);
        assert_int_equal(check.answer.n_answers, rows[i].n_answers);
        bool has_ttl = check.answer.present & CONDITION_BIT(CONDITION_DNS_TTL);
        assert_int_equal(has_ttl, rows[i].n_answers > 0);
        bool has_rcode = check.answer.present & CONDITION_BIT(CONDITION_RCODE);
        assert_int_equal(has_rcode, rows[i].rcode < CONDITION_RCODES);
        dns_check_clear(&check);
    }
}

static void value_is_the_serial_or_the_count(void **state)
{
    (void)state;
    dns_question_t question = {.name = "a.test", .type = 1, .class_code = 1};
    dns_answer_t answer = answer_of(0, 1, 1);
    dns_check_t check;
    assert_int_equal(dns_check_init(&check, &question, &answer), 0);
    assert_string_equal(check.answer.value, "1");
    assert_int_equal(check.answer.answers[0].n, 9);
    assert_memory_equal(check.answer.answers[0].bytes, "192.0.2.1", 9);
    assert_int_equal(check.answer.dns_ttl_us, 300000000);
    dns_check_clear(&check);
    question.type = DNS_TYPE_SOA;
    assert_int_equal(dns_check_init(&check, &question, &answer), 0);
    assert_false(check.answer.present & CONDITION_BIT(CONDITION_VALUE));
    dns_check_clear(&check);
    answer.has_serial = true;
    answer.serial = 4026531840u;
    assert_int_equal(dns_check_init(&check, &question, &answer), 0);
    assert_true(check.answer.present & CONDITION_BIT(CONDITION_VALUE));
    assert_string_equal(check.answer.value, "4026531840");
    dns_check_clear(&check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict_is_that_of_code_and_records),
        cmocka_unit_test(value_is_the_serial_or_the_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
