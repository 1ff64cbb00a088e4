/* What the answer of a name server says of it, as a check's answer. Pure. */
#ifndef HEALTHD_CORE_DNS_CHECK_H
#define HEALTHD_CORE_DNS_CHECK_H

#include "core/check.h"
#include "core/dns_message.h"

typedef struct {
    check_answer_t answer; /* its texts are those of the dns_answer_t and of this struct */
    condition_text_t *answers;
    char rcode[16];
    char value[24];
    char text[64 + DNS_NAME_MAX_BYTES];
} dns_check_t;

/*
 * Judges ANSWER to QUESTION (borrows both until RET is cleared): without NOERROR, or without a
 * record of the type asked for, it is DOWN. Fills RET in place, which must not move; 0, or -1 where
 * memory ran out.
 */
int dns_check_init(dns_check_t *ret, const dns_question_t *question, const dns_answer_t *answer);
void dns_check_clear(dns_check_t *check);

#endif
