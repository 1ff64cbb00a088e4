/*
 * Names to addresses by c-ares on the actor's epoll: /etc/hosts, then DNS. Never blocks, not even
 * with a resolver that is dead. IPv4 and IPv6 are asked for apart, so that who needs just any
 * address waits no more than 50 ms for the second answer (RFC 8305). Lookups of one name that are
 * under way at the same time are one; an address that was found is kept for RESOLVE_CACHE_US, a
 * failure is not kept. Name servers that
 * change in /etc/resolv.conf are asked from the next lookup on.
 */
#ifndef HEALTHD_ACTORS_IO_RESOLVE_H
#define HEALTHD_ACTORS_IO_RESOLVE_H

#include <netinet/in.h>

#include <healthd/status.h>

#include "actors/actor.h"

/* How long an address is used without asking again. */
#define RESOLVE_CACHE_US ((int64_t)60 * 1000 * 1000)
/* Names kept at once; when there are more, all are forgotten. */
#define RESOLVE_CACHE_MAX 4096
/* Waiters at once; resolve_start refuses more. */
#define RESOLVE_WAITERS_MAX 4096
/* Addresses of one name that are used. */
#define RESOLVE_ADDRESSES_MAX 8

/* Which addresses are wanted. */
typedef enum {
    RESOLVE_ANY, /* those of IPv4 and IPv6 that are there soon */
    RESOLVE_V4,
    RESOLVE_V6,
    RESOLVE_BOTH /* all of both */
} resolve_family_t;

typedef struct {
    reason_t failure;   /* REASON_NONE, or REASON_DNS_NXDOMAIN, _DNS_FAILURE, _TIMEOUT_RESOLVE */
    const char *text;   /* the failure for people, a static text; NULL where there is none */
    size_t n_addresses; /* at least 1 without a failure */
    char addresses[RESOLVE_ADDRESSES_MAX][INET6_ADDRSTRLEN]; /* numeric, the best first */
} resolve_answer_t;

typedef struct resolve resolve_t;
typedef struct resolve_waiter resolve_waiter_t;

/* ANSWER is borrowed; the waiter is gone. May start and cancel other waiters. */
typedef void resolve_fn(void *context, const resolve_answer_t *answer);

/* NULL where memory ran out or c-ares could not be set up. */
resolve_t *resolve_new(actor_t *actor);

/* Reads PATH (borrows, for life) in place of /etc/resolv.conf, and asks its servers at PORT. 0, or
 * -1 where memory ran out. */
int resolve_use_file(resolve_t *self, const char *path, uint16_t port);

/* Ends every lookup; no waiter is called. Not from inside a resolve_fn. */
void resolve_destroy(resolve_t **self);

/*
 * The answer where it is known at once: HOST is numeric or in the cache. Gives it (borrowed, until
 * the next call of this module), or NULL: then ask with resolve_start.
 */
const resolve_answer_t *resolve_known(resolve_t *self, const char *host, resolve_family_t family);

/* Forgets what is known of HOST, whose addresses were of no use: who asks next looks it up anew. */
void resolve_forget(resolve_t *self, const char *host);

/*
 * Looks HOST up and calls FN(CONTEXT) from the loop, never inside this call, within TIMEOUT_US
 * (> 0). Gives the waiter, owned by SELF and valid until FN is called; NULL where there is no
 * memory or there are too many.
 */
resolve_waiter_t *resolve_start(resolve_t *self, const char *host, resolve_family_t family,
                                int64_t timeout_us, resolve_fn *fn, void *context);

/* Ends the waiter without a call. Sets *WAITER to NULL; takes NULL. */
void resolve_cancel(resolve_waiter_t **waiter);

#endif
