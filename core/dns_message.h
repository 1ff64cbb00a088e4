/*
 * Questions and answers of DNS (RFC 1035, section 4): one question to bytes, and the bytes of an
 * answer, which come from outside, to what a check looks at. Pure.
 */
#ifndef HEALTHD_CORE_DNS_MESSAGE_H
#define HEALTHD_CORE_DNS_MESSAGE_H

#include <stdbool.h>

#include "core/dns_record.h"

/* Bytes of a message, at most, and of a question. */
#define DNS_MESSAGE_MAX_BYTES  65535
#define DNS_QUESTION_MAX_BYTES (12 + DNS_NAME_MAX_BYTES + 4)
/* Records of an answer that are kept, and bytes of all of them as text, about; those beyond are
 * counted alone. */
#define DNS_ANSWERS_MAX      1024
#define DNS_OUTPUT_MAX_BYTES ((size_t)256 << 10)

typedef struct {
    const char *name;
    unsigned type;
    unsigned class_code;
    bool wants_recursion;
} dns_question_t;

/* Bytes of QUESTION with ID; 0: its name is none (dns_name_encode). */
size_t dns_question_encode(const dns_question_t *question, uint16_t id,
                           uint8_t ret[DNS_QUESTION_MAX_BYTES]);

/* The data of a record of the answer section, in the output. */
typedef struct {
    size_t at;
    size_t n;
} dns_data_t;

typedef struct {
    unsigned rcode;
    bool is_truncated; /* then nothing of what follows but rcode is there */
    size_t n_answers;  /* records of the three sections */
    size_t n_authority;
    size_t n_additional;
    size_t n_wanted;  /* answers of the type and class that were asked for */
    uint32_t ttl_s;   /* the least of the answers; where there is one */
    bool has_serial;  /* an SOA is among the answers */
    uint32_t serial;  /* ... and this its serial number */
    text_t output;    /* the answer section, one line each: "example.org. 300 IN A 192.0.2.1" */
    dns_data_t *data; /* of each line: "192.0.2.1", as dig +short prints it; owned */
    size_t n_data;
} dns_answer_t;

typedef enum {
    DNS_ANSWERED,
    DNS_FOREIGN,   /* no answer to this question with this id */
    DNS_MALFORMED, /* an answer to it that cannot be read */
    DNS_OUT_OF_MEMORY
} dns_outcome_t;

/* Reads the N bytes as the answer to QUESTION with ID. DNS_ANSWERED gives RET, to be ended with
 * dns_answer_clear. */
dns_outcome_t dns_answer_decode(const dns_question_t *question, uint16_t id, const uint8_t *bytes,
                                size_t n, dns_answer_t *ret);
void dns_answer_clear(dns_answer_t *answer);

#endif
