#include "core/dns_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { RCODE_NOERROR = 0, RCODE_NXDOMAIN = 3 };

static void judge(dns_check_t *check, const dns_question_t *question, const dns_answer_t *answer)
{
    check_answer_t *said = &check->answer;
    char type[16];
    said->verdict = STATUS_DOWN;
    said->reason = answer->rcode == RCODE_NXDOMAIN ? REASON_DNS_NXDOMAIN : REASON_DNS_FAILURE;
    said->text = check->text;
    said->said_by = CONDITION_RCODE;
    if (answer->rcode != RCODE_NOERROR) {
        (void)snprintf(check->text, sizeof check->text, "%s for %s", check->rcode, question->name);
    } else if (answer->n_wanted == 0) {
        said->said_by = CONDITION_ANSWERS;
        (void)snprintf(check->text, sizeof check->text, "no %s record for %s",
                       dns_type_text(question->type, type), question->name);
    } else {
        said->verdict = STATUS_OK;
        said->reason = REASON_NONE;
    }
}

int dns_check_init(dns_check_t *ret, const dns_question_t *question, const dns_answer_t *answer)
{
    *ret = (dns_check_t){.answers = calloc(answer->n_data + 1, sizeof *ret->answers)};
    if (!ret->answers)
        return -1;
    for (size_t i = 0; i < answer->n_data; i++)
        ret->answers[i] = (condition_text_t){.bytes = answer->output.bytes + answer->data[i].at,
                                             .n = answer->data[i].n};
    const char *rcode = condition_rcode_name(answer->rcode);
    if (rcode)
        (void)snprintf(ret->rcode, sizeof ret->rcode, "%s", rcode);
    else
        (void)snprintf(ret->rcode, sizeof ret->rcode, "RCODE%u", answer->rcode);
    bool is_soa = question->type == DNS_TYPE_SOA;
    if (is_soa)
        (void)snprintf(ret->value, sizeof ret->value, "%" PRIu32, answer->serial);
    else
        (void)snprintf(ret->value, sizeof ret->value, "%zu", answer->n_answers);
    uint64_t present = CONDITION_BIT(CONDITION_OUTPUT) | CONDITION_BIT(CONDITION_ANSWERS);
    if (rcode)
        present |= CONDITION_BIT(CONDITION_RCODE);
    if (answer->n_answers > 0)
        present |= CONDITION_BIT(CONDITION_DNS_TTL);
    if (!is_soa || answer->has_serial)
        present |= CONDITION_BIT(CONDITION_VALUE);
    ret->answer = (check_answer_t){
        .present = present,
        .output = answer->output.bytes ? answer->output.bytes : "",
        .n_output = answer->output.size,
        .value = ret->value,
        .rcode = ret->rcode,
        .answers = ret->answers,
        .n_answers = answer->n_data,
        .dns_ttl_us = (int64_t)answer->ttl_s * 1000000,
    };
    judge(ret, question, answer);
    return 0;
}

void dns_check_clear(dns_check_t *check)
{
    free(check->answers);
    check->answers = NULL;
}
