/*
 * One connection to Redis by hiredis on the actor's epoll. Opening it looks the name up, tries its
 * addresses in turn, each in its share of the time, then AUTH and SELECT as the URL says, each when
 * the one before was answered; only then it is ready. Connecting and every command have a deadline.
 * There is no reconnecting here: when and whether to open again is for the owner to decide.
 *
 * The life of a connection, which can be repeated on one redis_io_t:
 *   redis_io_open -> ready -> redis_io_command ... -> closed
 *   redis_io_open -> closed
 * or at any time redis_io_close, after which nothing is called any more.
 *
 * Answers are bounded (REDIS_IO_REPLY_*); what is larger, nested deeper than hiredis allows, no
 * RESP, or an answer that nobody asked for closes the connection with REASON_PROTOCOL.
 */
#ifndef HEALTHD_ACTORS_IO_REDIS_IO_H
#define HEALTHD_ACTORS_IO_REDIS_IO_H

#include <hiredis/hiredis.h>

#include <healthd/status.h>

#include "actors/actor.h"
#include "actors/io/resolve.h"
#include "core/url.h"

/* Commands that wait for their answer; redis_io_command refuses more. */
#define REDIS_IO_PENDING_MAX 1024
/* Texts of one command. */
#define REDIS_IO_ARGS_MAX 64
/* Bytes of texts in one answer, and of an answer that is not whole yet, at most. */
#define REDIS_IO_REPLY_MAX_BYTES ((size_t)64 << 20)
/* Values in one answer, those of nested lists included, at most. */
#define REDIS_IO_REPLY_MAX_VALUES 100000
/* Bytes of the text that says why a connection closed. */
#define REDIS_IO_TEXT_BYTES 256

typedef struct redis_io redis_io_t;

/* What the owner hears; all with the context given to redis_io_new. Each may call every function
 * of this module but redis_io_destroy. */
typedef struct {
    /* Connected, authenticated and the database selected: commands may be sent. */
    void (*ready)(void *context);
    /*
     * The connection ended by itself, or never stood. REASON says why:
     *   REASON_TIMEOUT_RESOLVE, _TIMEOUT_CONNECT, _TIMEOUT_RESPONSE   a deadline passed
     *   REASON_DNS_NXDOMAIN, _DNS_FAILURE, _REFUSED, _UNREACHABLE     no connection
     *   REASON_AUTHENTICATION   AUTH was refused
     *   REASON_REDIS_*          SELECT was refused, or the server ended it with an error
     *   REASON_RESET            the peer closed
     *   REASON_PROTOCOL         the peer does not speak Redis, or too much
     *   REASON_RESOURCES        no memory or descriptor here
     * TEXT (borrowed, UTF-8 not assured) is for people and never holds the password. Answers that
     * were still awaited have been given NULL before this is called.
     */
    void (*closed)(void *context, reason_t reason, const char *text);
} redis_io_handlers_t;

/*
 * The answer of one command: REPLY (borrowed) may be an error (REDIS_REPLY_ERROR); NULL where the
 * connection closed before it came, `closed` follows.
 */
typedef void redis_io_reply_fn(void *context, const redisReply *reply);

/*
 * A connection that is not open yet. ACTOR and RESOLVE are borrowed and must outlive it. Never NULL
 * (memory that runs out at start ends the process).
 */
redis_io_t *redis_io_new(actor_t *actor, resolve_t *resolve, const redis_io_handlers_t *handlers,
                         void *context);

/* Closes it without a call. Not from inside any callback of this module. */
void redis_io_destroy(redis_io_t **self);

/*
 * Begins to connect to URL (borrows). TIMEOUT_US (> 0) holds for everything up to `ready`: name,
 * connection, AUTH, SELECT. SELF must be closed. `ready` or `closed` is called from the loop, never
 * inside this call.
 */
void redis_io_open(redis_io_t *self, const redis_url_t *url, int64_t timeout_us);

/* Whether commands may be sent. */
bool redis_io_is_ready(const redis_io_t *self);

/* Whether it is neither opening nor ready, so that redis_io_open may be called. */
bool redis_io_is_closed(const redis_io_t *self);

/*
 * Sends a command of N_ARGS texts, 1 .. REDIS_IO_ARGS_MAX (borrows; LENGTHS their bytes, NULL: all
 * are NUL-terminated).
 * FN(CONTEXT) is called once with the answer, in the order of the commands, never inside this call;
 * FN may be NULL. No answer within TIMEOUT_US (> 0) closes the connection; for a blocking command
 * give its blocking time and some. Returns 0, or -1 where the connection is not ready or
 * REDIS_IO_PENDING_MAX commands wait: FN is then not called.
 */
int redis_io_command(redis_io_t *self, size_t n_args, const char *const *args,
                     const size_t *lengths, int64_t timeout_us, redis_io_reply_fn *fn,
                     void *context);

/* Commands that wait for their answer. */
size_t redis_io_n_pending(const redis_io_t *self);

/* Closes at once: no answer function and no `closed` is called for it any more. Takes one that is
 * closed already. */
void redis_io_close(redis_io_t *self);

#endif
