/*
 * Connects to the first of several addresses that answers: IPv6 and IPv4 in turn, the next one
 * 250 ms after the one before or as soon as that has failed, those under way going on (RFC 8305,
 * section 5).
 */
#ifndef HEALTHD_ACTORS_IO_STREAM_DIAL_H
#define HEALTHD_ACTORS_IO_STREAM_DIAL_H

#include <stdbool.h>

#include "actors/actor.h"
#include "actors/io/resolve.h"

typedef struct stream_dial stream_dial_t;

/* FD, connected (gives), at ADDRESS (borrows, until the next begin); or -1, and ERROR is the most
 * telling errno, ADDRESS the one that gave it. */
typedef void stream_dial_fn(void *context, int fd, const char *address, int error);

/* ACTOR (borrows) must outlive it. Never NULL (memory that runs out ends the process). */
stream_dial_t *stream_dial_new(actor_t *actor, stream_dial_fn *fn, void *context);
void stream_dial_destroy(stream_dial_t **self);

/* Begins with ANSWER (copied), which has an address. FN is called once from the loop, never inside
 * this call. Datagram sockets are connected to the first address that can be reached at all. */
void stream_dial_begin(stream_dial_t *self, const resolve_answer_t *answer, uint16_t port,
                       bool is_datagram);

/* Goes on with the addresses after the one that FN was given last. False: there are none. */
bool stream_dial_resume(stream_dial_t *self);

/* Ends all attempts without a call. */
void stream_dial_cancel(stream_dial_t *self);

#endif
