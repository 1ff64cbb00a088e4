/*
 * One hiredis context on the epoll, for redis_io.c alone: it takes hiredis' rules about who may
 * free what and when out of the state machine above it, and bounds what a peer may send.
 */
#ifndef HEALTHD_ACTORS_IO_REDIS_CHANNEL_H
#define HEALTHD_ACTORS_IO_REDIS_CHANNEL_H

#include <hiredis/hiredis.h>

#include <healthd/status.h>

#include "actors/io/epoll.h"

typedef struct redis_channel redis_channel_t;

/* `settled` comes after each turn of hiredis, also one in which the channel was lost. All may drop
 * the channel; `connected` must not, hiredis still uses it. */
typedef struct {
    void (*connected)(void *owner);
    void (*replied)(void *owner, const redisReply *reply);        /* in the order of the commands */
    void (*lost)(void *owner, reason_t reason, const char *text); /* the channel is gone */
    void (*settled)(void *owner);
} redis_channel_events_t;

/* Why a channel could not be opened. */
typedef struct {
    reason_t reason;
    char text[128];
} redis_channel_error_t;

/* Begins to connect to a numeric ADDRESS. EVENTS and OWNER are borrowed. NULL with *RETERR. */
redis_channel_t *redis_channel_open(epoll_t *epoll, const char *address, uint16_t port,
                                    const redis_channel_events_t *events, void *owner,
                                    redis_channel_error_t *reterr);

/* Sends a command (borrows). 0, or -1 where the connection is ending or memory ran out. */
int redis_channel_send(redis_channel_t *self, size_t n_args, const char *const *args,
                       const size_t *lengths);

/* Closes without an event. Sets *SELF to NULL; takes NULL. */
void redis_channel_drop(redis_channel_t **self);

#endif
