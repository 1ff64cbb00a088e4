/* Questions and answers of DNS, also those that lie. */
#include <stdio.h>
#include <stdlib.h>

#include "core/dns_message.h"
#include "tests/test.h"

enum { ID = 0x1234, HEADER_BYTES = 12 };

/* A literal and its bytes without the NUL at its end. */
#define BYTES(literal) literal, sizeof(literal) - 1

static const dns_question_t question = {
    .name = "a.Test", .type = 1, .class_code = DNS_CLASS_IN, .wants_recursion = true};

/* --- questions --- */

static void question_is_bytes_of_the_rfc(void **state)
{
    (void)state;
    uint8_t bytes[DNS_QUESTION_MAX_BYTES];
    static const char whole[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\1a\4Test\0\0\1\0\1";
    assert_int_equal(dns_question_encode(&question, ID, bytes), sizeof whole - 1);
    assert_memory_equal(bytes, whole, sizeof whole - 1);
    const dns_question_t version = {.name = "version.bind.", .type = 16, .class_code = 3};
    static const char chaos[] = "\x12\x34\0\0\0\1\0\0\0\0\0\0\7version\4bind\0\0\x10\0\3";
    assert_int_equal(dns_question_encode(&version, ID, bytes), sizeof chaos - 1);
    assert_memory_equal(bytes, chaos, sizeof chaos - 1);
}

static void names_have_labels_of_1_to_63_bytes(void **state)
{
    (void)state;
    char label[65];
    memset(label, 'a', sizeof label - 1);
    label[64] = '\0';
    char most[256];
    (void)snprintf(most, sizeof most, "%.63s.%.63s.%.63s.%.61s", label, label, label, label);
    char beyond[260];
    (void)snprintf(beyond, sizeof beyond, "%sa", most);
    const struct {
        const char *name;
        int rc;
        size_t n;
    } rows[] = {
        {"example.org", 0, 13}, {"example.org.", 0, 13}, {".", 0, 1},
        {"_sip._tcp.x", 0, 13}, {most, 0, 255},          {label + 1, 0, 65},
        {label, -1, 0},         {beyond, -1, 0},         {"", -1, 0},
        {"a..b", -1, 0},        {".a", -1, 0},           {"a..", -1, 0},
        {"a b", -1, 0},         {"t\xc3\xa4st", -1, 0},  {"a\\.b", -1, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t wire[DNS_NAME_MAX_BYTES];
        size_t n = 0;
        assert_int_equal(dns_name_encode(rows[i].name, wire, &n), rows[i].rc);
        assert_int_equal(n, rows[i].n);
    }
}

/* --- answers --- */

typedef struct {
    uint8_t bytes[1024];
    size_t n;
} message_t;

static void put(message_t *message, const char *bytes, size_t n)
{
    assert_true(message->n + n <= sizeof message->bytes);
    memcpy(message->bytes + message->n, bytes, n);
    message->n += n;
}

/* The header and the question of an answer with N_ANSWERS records. */
static message_t answer_to(unsigned n_answers, unsigned rcode)
{
    message_t message = {.n = 0};
    put(&message, BYTES("\x12\x34\x81\x80\0\1\0\0\0\0\0\0\1A\4tEST\0\0\1\0\1"));
    message.bytes[3] = (uint8_t)(0x80 | rcode);
    message.bytes[7] = (uint8_t)n_answers;
    return message;
}

/* A record of the name in the question. */
static void put_record(message_t *message, unsigned type, unsigned class_code, unsigned ttl_s,
                       const char *data, size_t n)
{
    const char head[] = {(char)0xC0,
                         HEADER_BYTES,
                         (char)(type >> 8),
                         (char)type,
                         (char)(class_code >> 8),
                         (char)class_code,
                         (char)(ttl_s >> 24),
                         (char)(ttl_s >> 16),
                         (char)(ttl_s >> 8),
                         (char)ttl_s,
                         (char)(n >> 8),
                         (char)n};
    put(message, head, sizeof head);
    put(message, data, n);
}

static dns_outcome_t decode(const message_t *message, dns_answer_t *ret)
{
    /* Exactly as large as it is, so that a sanitizer sees what is read beyond. */
    uint8_t *bytes = malloc(message->n + 1);
    assert_non_null(bytes);
    memcpy(bytes + 1, message->bytes, message->n);
    dns_outcome_t outcome = dns_answer_decode(&question, ID, bytes + 1, message->n, ret);
    free(bytes);
    return outcome;
}

static void data_reads_as_dig_prints_it(void **state)
{
    (void)state;
    static const struct {
        unsigned type, class_code;
        const char *data;
        size_t n;
        const char *text; /* NULL: it is no such data */
    } rows[] = {
        {1, 1, BYTES("\xC0\0\2\1"), "192.0.2.1"},
        {1, 1, BYTES("\xC0\0\2"), NULL},
        {1, 1, BYTES("\xC0\0\2\1\1"), NULL},
        {1, 3, BYTES("\xC0\0\2\1"), "\\# 4 C0000201"},
        {28, 1, BYTES(" \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "2001:db8::1"},
        {28, 1, BYTES(" \1\r\xb8"), NULL},
        {2, 1, BYTES("\2ns\xC0\x0C"), "ns.A.tEST."},
        {5, 1, BYTES("\1b\0"), "b."},
        {12, 1, BYTES("\0"), "."},
        {12, 1, BYTES("\4a.\\\xff\0"), "a\\.\\\\\\255."},
        {12, 1, BYTES("\1b\0x"), NULL},
        {12, 1, BYTES("\1b"), NULL},
        {12, 1,
         BYTES("\x41"
               "b\0"),
         NULL},
        {12, 1, BYTES("\xC0"), NULL},
        {15, 1, BYTES("\0\n\1m\xC0\x0C"), "10 m.A.tEST."},
        {15, 1, BYTES("\0"), NULL},
        {16, 1, BYTES("\2hi\0\4\"\\\n\xe4"), "\"hi\" \"\" \"\\\"\\\\\\010\\228\""},
        {16, 1, BYTES("\3hi"), NULL},
        {16, 1, BYTES(""), NULL},
        {16, 3, BYTES("\0039.1"), "\"9.1\""},
        {33, 1, BYTES("\0\1\0\2\x13\xc4\1s\0"), "1 2 5060 s."},
        {35, 1, BYTES("\0\1\0\2\1U\3SIP\0\1r\0"), "1 2 \"U\" \"SIP\" \"\" r."},
        {6, 1, BYTES("\1n\0\1a\0\0\0\0\7\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4"), "n. a. 7 1 2 3 4"},
        {6, 1, BYTES("\1n\0\1a\0\0\0\0\7"), NULL},
        {43, 1, BYTES("\0\x7b\x08\2\xab\xcd"), "123 8 2 ABCD"},
        {52, 1, BYTES("\3\1\1\xff"), "3 1 1 FF"},
        {257, 1, BYTES("\0\5issueca.example"), "0 issue \"ca.example\""},
        {257, 1, BYTES("\0\5iss"), NULL},
        {65, 1, BYTES("\0\1\0"), "\\# 3 000100"},
        {999, 1, BYTES(""), "\\# 0"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        message_t message = answer_to(1, 0);
        put_record(&message, rows[i].type, rows[i].class_code, 300, rows[i].data, rows[i].n);
        dns_answer_t answer;
        dns_outcome_t outcome = decode(&message, &answer);
        assert_int_equal(outcome, rows[i].text ? DNS_ANSWERED : DNS_MALFORMED);
        if (!rows[i].text)
            continue;
        assert_int_equal(answer.n_data, 1);
        assert_string_equal(answer.output.bytes + answer.data[0].at, rows[i].text);
        assert_int_equal(answer.data[0].n, strlen(rows[i].text));
        dns_answer_clear(&answer);
    }
}

static void whole_answer_is_counted_and_listed(void **state)
{
    (void)state;
    message_t message = answer_to(4, 0);
    message.bytes[9] = 1;
    message.bytes[11] = 1;
    put_record(&message, 5, 1, 60, BYTES("\1b\xC0\x0E"));
    put_record(&message, 1, 1, 300, BYTES("\xC0\0\2\1"));
    put_record(&message, 1, 1, 0x80000000, BYTES("\xC0\0\2\2")); /* RFC 2181: 0 */
    put_record(&message, 6, 1, 9, BYTES("\1n\0\1a\0\x80\0\0\7\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4"));
    put_record(&message, 2, 1, 1, BYTES("\1n\0"));
    put_record(&message, 1, 1, 1, BYTES("\xC0\0\2\3"));
    put(&message, BYTES("more")); /* beyond what is counted: ignored */
    dns_answer_t answer;
    assert_int_equal(decode(&message, &answer), DNS_ANSWERED);
    assert_int_equal(answer.n_answers, 4);
    assert_int_equal(answer.n_wanted, 2);
    assert_int_equal(answer.n_authority, 1);
    assert_int_equal(answer.n_additional, 1);
    assert_int_equal(answer.ttl_s, 0);
    assert_true(answer.has_serial);
    assert_int_equal(answer.serial, 0x80000007);
    assert_string_equal(answer.output.bytes, "A.tEST. 60 IN CNAME b.tEST.\n"
                                             "A.tEST. 300 IN A 192.0.2.1\n"
                                             "A.tEST. 0 IN A 192.0.2.2\n"
                                             "A.tEST. 9 IN SOA n. a. 2147483655 1 2 3 4");
    dns_answer_clear(&answer);
}

static void every_beginning_of_an_answer_is_refused(void **state)
{
    (void)state;
    message_t message = answer_to(2, 0);
    put_record(&message, 15, 1, 300, BYTES("\0\n\1m\xC0\x0C"));
    put_record(&message, 1, 1, 300, BYTES("\xC0\0\2\1"));
    size_t n = message.n;
    dns_answer_t answer;
    for (message.n = 0; message.n < n; message.n++)
        assert_int_not_equal(decode(&message, &answer), DNS_ANSWERED);
    assert_int_equal(decode(&message, &answer), DNS_ANSWERED);
    dns_answer_clear(&answer);
}

static void answers_to_something_else_are_foreign(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
        dns_outcome_t outcome;
    } rows[] = {
        {0, 0x13, DNS_FOREIGN},  /* another id */
        {2, 0x01, DNS_FOREIGN},  /* a question */
        {2, 0x89, DNS_FOREIGN},  /* another kind of message */
        {5, 2, DNS_FOREIGN},     /* two questions */
        {5, 0, DNS_FOREIGN},     /* none, and no error */
        {13, 'x', DNS_FOREIGN},  /* another name */
        {12, 0xC0, DNS_FOREIGN}, /* a pointer as name, which leads nowhere */
        {21, 28, DNS_FOREIGN},   /* another type */
        {23, 3, DNS_FOREIGN},    /* another class */
        {7, 1, DNS_MALFORMED},   /* one record, and there is none */
        {9, 1, DNS_MALFORMED},   {11, 1, DNS_MALFORMED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        message_t message = answer_to(0, 0);
        message.bytes[rows[i].at] = rows[i].byte;
        dns_answer_t answer;
        assert_int_equal(decode(&message, &answer), rows[i].outcome);
    }
    message_t refusal = {.n = 0};
    put(&refusal, BYTES("\x12\x34\x80\x01\0\0\0\0\0\0\0\0")); /* FORMERR without the question */
    dns_answer_t answer;
    assert_int_equal(decode(&refusal, &answer), DNS_ANSWERED);
    assert_int_equal(answer.rcode, 1);
    dns_answer_clear(&answer);
}

static void pointers_that_do_not_lead_back_end(void **state)
{
    (void)state;
    static const char *const names[] = {
        "\xC0\x24", /* to itself: the data begins at 36 */
        "\xC0\x26", /* beyond */
        "\xFF\xFF", /* out of the message */
        "\1a\xC0\x24",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        message_t message = answer_to(1, 0);
        put_record(&message, 2, 1, 1, names[i], strlen(names[i]));
        dns_answer_t answer;
        assert_int_equal(decode(&message, &answer), DNS_MALFORMED);
    }
}

/* Five labels of 63 bytes, each with a pointer to the one before: three of them make a name. */
static void name_grown_by_pointers_has_its_limit(void **state)
{
    (void)state;
    uint8_t bytes[5 * 66] = {0};
    for (size_t i = 0; i < 5; i++) {
        uint8_t *label = bytes + i * 66;
        label[0] = DNS_LABEL_MAX_BYTES;
        memset(label + 1, 'a', DNS_LABEL_MAX_BYTES);
        if (i > 0) {
            label[64] = (uint8_t)(0xC0 | (i - 1) * 66 >> 8);
            label[65] = (uint8_t)((i - 1) * 66);
        }
    }
    char name[DNS_NAME_TEXT_BYTES];
    for (size_t i = 0; i < 5; i++) {
        dns_reader_t reader = {.bytes = bytes, .n = sizeof bytes, .at = i * 66};
        assert_int_equal(dns_read_name(&reader, name), i < 3 ? 0 : -1);
        if (i > 0 && i < 3)
            assert_int_equal(reader.at, i * 66 + 66);
        if (i < 3)
            assert_int_equal(strlen(name), (i + 1) * 64);
    }
}

static void cut_off_answer_says_so_alone(void **state)
{
    (void)state;
    message_t message = answer_to(7, 0);
    message.bytes[2] |= 2;
    dns_answer_t answer;
    assert_int_equal(decode(&message, &answer), DNS_ANSWERED);
    assert_true(answer.is_truncated);
    assert_int_equal(answer.n_answers, 0);
    dns_answer_clear(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(question_is_bytes_of_the_rfc),
        cmocka_unit_test(names_have_labels_of_1_to_63_bytes),
        cmocka_unit_test(data_reads_as_dig_prints_it),
        cmocka_unit_test(whole_answer_is_counted_and_listed),
        cmocka_unit_test(every_beginning_of_an_answer_is_refused),
        cmocka_unit_test(answers_to_something_else_are_foreign),
        cmocka_unit_test(pointers_that_do_not_lead_back_end),
        cmocka_unit_test(name_grown_by_pointers_has_its_limit),
        cmocka_unit_test(cut_off_answer_says_so_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
