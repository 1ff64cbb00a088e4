/*
 * The one epoll descriptor of an actor, in which the sockets of its libraries live (libcurl,
 * hiredis, c-ares, libmicrohttpd). It is a single poller of the actor's zloop, so that an event
 * costs the same with ten descriptors and with ten thousand. A source that is removed while a batch
 * of events is being handled is only marked; it is freed after the batch, so that a later event of
 * the same batch never meets freed memory.
 */
#ifndef HEALTHD_ACTORS_IO_EPOLL_H
#define HEALTHD_ACTORS_IO_EPOLL_H

#include <czmq.h>
#include <stdint.h>

typedef struct epoll epoll_t;
typedef struct epoll_source epoll_source_t;

/* EVENTS: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP as epoll_wait gave them. */
typedef void epoll_fn(void *context, uint32_t events);

/* Makes the descriptor and registers it with LOOP (borrows; must outlive it). NULL on failure. */
epoll_t *epoll_new(zloop_t *loop);

/* Ends every source that is left. */
void epoll_destroy(epoll_t **self);

/* Watches FD (borrows) for EVENTS. Gives the source, owned by SELF; NULL where the kernel
 * refused.*/
epoll_source_t *epoll_add(epoll_t *self, int fd, uint32_t events, epoll_fn *fn, void *context);

/* Changes what is watched for; 0 events is allowed. 0, or -1. */
int epoll_change(epoll_source_t *source, uint32_t events);

/* Stops watching. Call it before the descriptor is closed. Sets *SOURCE to NULL; takes NULL. */
void epoll_remove(epoll_source_t **source);

/* Whether the source was removed in the batch that is being handled; for use in a callback that
 * handles reading, then writing. */
bool epoll_is_removed(const epoll_source_t *source);

/* Calls FN after each batch of events, before removed sources are freed. At most 8. */
void epoll_after_batch(epoll_t *self, void (*fn)(void *context), void *context);

#endif
