/* Answers of c-ares about the two families of addresses, read and merged, for resolve.c alone. */
#ifndef HEALTHD_ACTORS_IO_RESOLVE_ANSWER_H
#define HEALTHD_ACTORS_IO_RESOLVE_ANSWER_H

#include <ares.h>

#include "actors/io/resolve.h"

enum { RESOLVE_HALF_V4, RESOLVE_HALF_V6, RESOLVE_HALVES };

/* What is known of a name in one family. */
typedef struct {
    bool is_done;
    resolve_answer_t answer; /* where is_done */
} resolve_half_t;

/* The end of a question for FAMILY (AF_INET, AF_INET6): a status of c-ares and what it found
 * (borrows; NULL where nothing), of which other families do not count. */
void resolve_half_read(resolve_half_t *half, int family, int status,
                       const struct ares_addrinfo *info);

static inline bool resolve_half_has_addresses(const resolve_half_t *half)
{
    return half->is_done && !half->answer.failure;
}

/* The answer is final: there are addresses, or there is none by such a name. */
static inline bool resolve_half_is_certain(const resolve_half_t *half)
{
    return half->is_done && (!half->answer.failure || half->answer.failure == REASON_DNS_NXDOMAIN);
}

/* Gives in *RET what HALVES say of FAMILY: of both families one by one in turn, the family first
 * that this machine has a route for, IPv6 where it has one for both (RFC 6724, section 6). */
void resolve_merge(const resolve_half_t halves[RESOLVE_HALVES], resolve_family_t family,
                   resolve_answer_t *ret);

/* The answer of the numeric HOST. 0, or -1 where it is not numeric. */
int resolve_numeric(const char *host, resolve_family_t family, resolve_answer_t *ret);

/* A failure; TEXT is static. */
void resolve_fail(resolve_answer_t *answer, reason_t failure, const char *text);

#endif
