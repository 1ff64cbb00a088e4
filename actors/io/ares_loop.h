/*
 * c-ares' channel on the actor's epoll and timer, for resolve.c alone. c-ares reads the file of
 * name servers only when a channel is made; here a file that has changed makes a new one (a daemon
 * may be up before its network is), and the questions under way are asked anew.
 */
#ifndef HEALTHD_ACTORS_IO_ARES_LOOP_H
#define HEALTHD_ACTORS_IO_ARES_LOOP_H

#include <ares.h>

#include "actors/actor.h"

typedef struct ares_loop ares_loop_t;

/* The answer to a question: a status of c-ares, and what it found (gives; NULL where nothing). */
typedef void ares_loop_fn(void *context, int status, struct ares_addrinfo *info);

/* SETTLED(CONTEXT) is called after each turn of c-ares. NULL where memory ran out or c-ares could
 * not be set up. */
ares_loop_t *ares_loop_new(actor_t *actor, void (*settled)(void *context), void *context);

/* Reads PATH (borrows, for life) in place of /etc/resolv.conf, and asks its servers at PORT. 0, or
 * -1 where memory ran out. */
int ares_loop_use_file(ares_loop_t *self, const char *path, uint16_t port);

/* Ends every question by its function. */
void ares_loop_destroy(ares_loop_t **self);

/*
 * Asks for the addresses of HOST (borrows) of FAMILY, AF_INET or AF_INET6. FN(CONTEXT) is called
 * once, maybe inside this call, and never to ask again from inside it. 0, or -1 where memory ran
 * out: FN is then not called.
 */
int ares_loop_ask(ares_loop_t *self, const char *host, int family, ares_loop_fn *fn, void *context);

#endif
