/*
 * One question to one name server: over UDP, where an answer that is cut off is asked for again
 * over TCP, or over TCP. What is no answer to it over UDP (another id, question or sender) is as if
 * it had not come.
 */
#ifndef HEALTHD_ACTORS_COLLECTORS_DNS_EXCHANGE_H
#define HEALTHD_ACTORS_COLLECTORS_DNS_EXCHANGE_H

#include "actors/actor.h"
#include "core/dns_message.h"

typedef struct dns_exchange dns_exchange_t;

/* The exchange has ended: with ANSWER (borrowed), or by FAULT, for people TEXT. Called from the
 * loop, never inside a call of this module. */
typedef void dns_exchange_fn(void *context, reason_t fault, const char *text,
                             const dns_answer_t *answer);

/* SCRATCH has DNS_MESSAGE_MAX_BYTES, which exchanges of one actor may share. NULL: no memory. */
dns_exchange_t *dns_exchange_new(actor_t *actor, uint8_t *scratch, dns_exchange_fn *fn,
                                 void *context);
void dns_exchange_destroy(dns_exchange_t **self);

/*
 * Asks QUESTION (borrowed until the end) of the numeric ADDRESS; what was under way ends without a
 * call. REASON_NONE, or why it cannot begin: RET_TEXT says it for people.
 */
reason_t dns_exchange_begin(dns_exchange_t *self, const dns_question_t *question,
                            const char *address, uint16_t port, bool is_tcp, const char **ret_text);

/* Sends the question once more where it went over UDP. */
void dns_exchange_repeat(dns_exchange_t *self);

/* Ends it without a call; does nothing where none is under way. */
void dns_exchange_end(dns_exchange_t *self);

/* Whether it goes over TCP now, and whether that connection stands. */
bool dns_exchange_is_connecting(const dns_exchange_t *self);
/* Whether the answer comes over TCP, as an answer over UDP was cut off or it was asked so. */
bool dns_exchange_is_tcp(const dns_exchange_t *self);
/* Monotonic time when the connection stood; 0: there was none. */
int64_t dns_exchange_connected_us(const dns_exchange_t *self);

#endif
