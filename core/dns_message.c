#include "core/dns_message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    HEADER_BYTES = 12,
    FLAG_ANSWER = 0x8000,
    OPCODE_BITS = 0x7800,
    FLAG_TRUNCATED = 0x0200,
    FLAG_RECURSION_DESIRED = 0x0100,
    RCODE_BITS = 0x000F,
    SOA_NUMBERS_BYTES = 20 /* serial and four more at the end of its data */
};

static void put_u16(uint8_t *bytes, unsigned number)
{
    bytes[0] = (uint8_t)(number >> 8);
    bytes[1] = (uint8_t)number;
}

size_t dns_question_encode(const dns_question_t *question, uint16_t id,
                           uint8_t ret[DNS_QUESTION_MAX_BYTES])
{
    size_t n_name;
    if (dns_name_encode(question->name, ret + HEADER_BYTES, &n_name))
        return 0;
    memset(ret, 0, HEADER_BYTES);
    put_u16(ret, id);
    put_u16(ret + 2, question->wants_recursion ? FLAG_RECURSION_DESIRED : 0);
    ret[5] = 1; /* question */
    put_u16(ret + HEADER_BYTES + n_name, question->type);
    put_u16(ret + HEADER_BYTES + n_name + 2, question->class_code);
    return HEADER_BYTES + n_name + 4;
}

/* --- the answer --- */

/* The header, and where reading goes on. */
typedef struct {
    dns_reader_t reader;
    unsigned flags;
    size_t n_questions;
    size_t n_records[3];
} message_t;

static int read_header(const uint8_t *bytes, size_t n, uint16_t id, message_t *ret)
{
    if (n < HEADER_BYTES)
        return -1;
    ret->reader = (dns_reader_t){.bytes = bytes, .n = n};
    int64_t id_there = dns_read_u16(&ret->reader);
    ret->flags = (unsigned)dns_read_u16(&ret->reader);
    ret->n_questions = (size_t)dns_read_u16(&ret->reader);
    for (size_t i = 0; i < 3; i++)
        ret->n_records[i] = (size_t)dns_read_u16(&ret->reader);
    bool is_answer = ret->flags & FLAG_ANSWER && !(ret->flags & OPCODE_BITS);
    return is_answer && id_there == id ? 0 : -1;
}

/* Whether the question of MESSAGE is QUESTION; servers that refuse may leave it out. */
static bool repeats(message_t *message, const dns_question_t *question)
{
    if (message->n_questions == 0)
        return message->flags & RCODE_BITS;
    uint8_t wire[DNS_NAME_MAX_BYTES];
    size_t n_wire;
    char ours[DNS_NAME_TEXT_BYTES];
    char theirs[DNS_NAME_TEXT_BYTES];
    if (dns_name_encode(question->name, wire, &n_wire))
        return false;
    dns_reader_t reader = {.bytes = wire, .n = n_wire};
    if (dns_read_name(&reader, ours) || dns_read_name(&message->reader, theirs))
        return false;
    return message->n_questions == 1 && strcasecmp(ours, theirs) == 0 &&
           dns_read_u16(&message->reader) == question->type &&
           dns_read_u16(&message->reader) == question->class_code;
}

/* What stands before the data of a record. */
typedef struct {
    char name[DNS_NAME_TEXT_BYTES];
    unsigned type;
    unsigned class_code;
    uint32_t ttl_s;
    size_t n_data;
} record_t;

static int read_record(dns_reader_t *reader, record_t *ret)
{
    if (dns_read_name(reader, ret->name))
        return -1;
    int64_t type = dns_read_u16(reader);
    int64_t class_code = dns_read_u16(reader);
    int64_t ttl_s = dns_read_u32(reader);
    int64_t n_data = dns_read_u16(reader);
    if (n_data < 0 || reader->n - reader->at < (size_t)n_data)
        return -1;
    ret->type = (unsigned)type;
    ret->class_code = (unsigned)class_code;
    ret->ttl_s = ttl_s > INT32_MAX ? 0 : (uint32_t)ttl_s; /* RFC 2181, section 8 */
    ret->n_data = (size_t)n_data;
    return 0;
}

static void count(const dns_question_t *question, const record_t *record,
                  const dns_reader_t *reader, dns_answer_t *answer)
{
    bool is_any = question->type == DNS_TYPE_ANY;
    if ((is_any || record->type == question->type) && record->class_code == question->class_code)
        answer->n_wanted++;
    if (answer->n_answers++ == 0 || record->ttl_s < answer->ttl_s)
        answer->ttl_s = record->ttl_s;
    if (record->type == DNS_TYPE_SOA && record->n_data >= SOA_NUMBERS_BYTES) {
        dns_reader_t numbers = *reader;
        numbers.at += record->n_data - SOA_NUMBERS_BYTES;
        answer->serial = (uint32_t)dns_read_u32(&numbers);
        answer->has_serial = true;
    }
}

static int read_answer(const dns_question_t *question, dns_reader_t *reader, dns_answer_t *answer)
{
    record_t record;
    if (read_record(reader, &record))
        return -1;
    count(question, &record, reader, answer);
    if (answer->n_data == DNS_ANSWERS_MAX || answer->output.size > DNS_OUTPUT_MAX_BYTES) {
        reader->at += record.n_data;
        return 0;
    }
    char type[16];
    char class_text[16];
    text_appendf(&answer->output, "%s%s %u %s %s ", answer->n_data ? "\n" : "", record.name,
                 record.ttl_s, dns_class_text(record.class_code, class_text),
                 dns_type_text(record.type, type));
    size_t at = answer->output.size;
    if (dns_read_data(reader, record.n_data, record.type, record.class_code, &answer->output))
        return -1;
    answer->data[answer->n_data++] = (dns_data_t){.at = at, .n = answer->output.size - at};
    return 0;
}

static int skip_records(dns_reader_t *reader, size_t n)
{
    record_t record;
    for (size_t i = 0; i < n; i++) {
        if (read_record(reader, &record))
            return -1;
        reader->at += record.n_data;
    }
    return 0;
}

static int read_sections(const dns_question_t *question, message_t *message, dns_answer_t *answer)
{
    for (size_t i = 0; i < message->n_records[0]; i++)
        if (read_answer(question, &message->reader, answer))
            return -1;
    answer->n_authority = message->n_records[1];
    answer->n_additional = message->n_records[2];
    return skip_records(&message->reader, answer->n_authority) ||
                   skip_records(&message->reader, answer->n_additional)
               ? -1
               : 0;
}

dns_outcome_t dns_answer_decode(const dns_question_t *question, uint16_t id, const uint8_t *bytes,
                                size_t n, dns_answer_t *ret)
{
    message_t message;
    if (read_header(bytes, n, id, &message) || !repeats(&message, question))
        return DNS_FOREIGN;
    dns_answer_t answer = {.rcode = message.flags & RCODE_BITS,
                           .is_truncated = message.flags & FLAG_TRUNCATED};
    dns_outcome_t outcome = DNS_ANSWERED;
    if (!answer.is_truncated) {
        size_t n_records = message.n_records[0];
        size_t n_kept = n_records < DNS_ANSWERS_MAX ? n_records : DNS_ANSWERS_MAX;
        answer.data = calloc(n_kept + 1, sizeof *answer.data);
        if (!answer.data)
            return DNS_OUT_OF_MEMORY;
        if (read_sections(question, &message, &answer))
            outcome = DNS_MALFORMED;
        else if (answer.output.is_failed)
            outcome = DNS_OUT_OF_MEMORY;
    }
    if (outcome == DNS_ANSWERED)
        *ret = answer;
    else
        dns_answer_clear(&answer);
    return outcome;
}

void dns_answer_clear(dns_answer_t *answer)
{
    text_clear(&answer->output);
    free(answer->data);
    *answer = (dns_answer_t){.rcode = 0};
}
