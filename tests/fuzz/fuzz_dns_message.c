/*
 * What a name server answers. The first two bytes are the type that was asked for; the id and the
 * question of the answer are made right where the third byte is even, so that the rest is reached.
 */
#include <stdlib.h>
#include <string.h>

#include "core/dns_check.h"
#include "core/dns_message.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check_answer_of(const dns_question_t *question, const dns_answer_t *answer)
{
    require(answer->n_data <= DNS_ANSWERS_MAX && answer->n_data <= answer->n_answers);
    require(answer->n_wanted <= answer->n_answers);
    size_t end = 0;
    for (size_t i = 0; i < answer->n_data; i++) {
        require(answer->data[i].at > end || i == 0);
        end = answer->data[i].at + answer->data[i].n;
        require(end <= answer->output.size);
    }
    for (size_t i = 0; i < answer->output.size; i++)
        require(answer->output.bytes[i] == '\n' ||
                (answer->output.bytes[i] >= 0x20 && answer->output.bytes[i] < 0x7F));
    dns_check_t check;
    require(dns_check_init(&check, question, answer) == 0);
    require((check.answer.verdict == STATUS_OK) == (check.answer.reason == REASON_NONE));
    dns_check_clear(&check);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    dns_question_t question = {.name = "a.test", .type = 1, .class_code = 1};
    question.type = (unsigned)data[0] << 8 | data[1];
    uint8_t *bytes = malloc(size + DNS_QUESTION_MAX_BYTES);
    require(bytes != NULL);
    size_t n = 0;
    if (data[2] % 2 == 0) {
        n = dns_question_encode(&question, 0x1234, bytes);
        bytes[2] = 0x80;
        for (size_t i = 0; i < 7 && i + 3 < size; i++) /* rcode and the counts of records */
            bytes[i ? i + 5 : 3] = data[i + 3];
        size = size > 10 ? size - 10 : 0;
        data += 10;
    } else {
        data += 3;
        size -= 3;
    }
    if (size)
        memcpy(bytes + n, data, size);
    dns_answer_t answer;
    if (dns_answer_decode(&question, 0x1234, bytes, n + size, &answer) == DNS_ANSWERED) {
        check_answer_of(&question, &answer);
        dns_answer_clear(&answer);
    }
    char name[256];
    size_t n_name = size < sizeof name - 1 ? size : sizeof name - 1;
    if (n_name)
        memcpy(name, data, n_name);
    name[n_name] = '\0';
    uint8_t wire[DNS_NAME_MAX_BYTES];
    size_t n_wire = 0;
    char text[DNS_NAME_TEXT_BYTES];
    if (dns_name_encode(name, wire, &n_wire) == 0) {
        dns_reader_t reader = {.bytes = wire, .n = n_wire};
        require(dns_read_name(&reader, text) == 0 && reader.at == n_wire);
    }
    free(bytes);
    return 0;
}
