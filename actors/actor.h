/*
 * The shell that every actor shares: one thread with one zloop over its pipe, its sockets, its
 * timers and one nested epoll. The pipe speaks with the supervisor:
 *   actor -> supervisor   "ready" | "failed" REASON | "unusable" REASON | "pong" | "reloaded" |
 * "outdated" | "released" ARGS supervisor -> actor   "ping" | "begin" | "reload" ARGS | "kept" |
 * "$TERM" "begin" comes once, when every actor is ready: only then do collectors probe, the
 * aggregator make its first snapshot and the gateway answer. "reload" hands over another
 * configuration, at any time after the start; ARGS is the address of an actor_args_t. An actor that
 * has taken it says "reloaded", and "released" when it needs the old one no more; one that cannot
 * take it says "outdated" and is started again by the supervisor. "kept" says that a configuration
 * was refused and the one in force stays.
 */
#ifndef HEALTHD_ACTORS_ACTOR_H
#define HEALTHD_ACTORS_ACTOR_H

#include <czmq.h>

#include <healthd/wire.h>

#include "actors/io/epoll.h"
#include "actors/io/log.h"
#include "core/cleanup.h"
#include "core/config.h"
#include "proto/vitals.h"

/* Endpoints inside the process; each is bound by the one actor that owns it. */
#define ENDPOINT_RESULTS        "inproc://results"        /* PULL: aggregator */
#define ENDPOINT_HEALTH         "inproc://health"         /* XPUB: aggregator */
#define ENDPOINT_ALERTS         "inproc://alerts"         /* XPUB: alert manager */
#define ENDPOINT_ORDERS         "inproc://orders"         /* XPUB: aggregator */
#define ENDPOINT_FINDINGS       "inproc://findings"       /* PULL: alert manager */
#define ENDPOINT_VITALS         "inproc://vitals"         /* PULL: gateway */
#define ENDPOINT_ASK_HEALTH     "inproc://ask/health"     /* ROUTER: aggregator */
#define ENDPOINT_ASK_ALERTS     "inproc://ask/alerts"     /* ROUTER: alert manager */
#define ENDPOINT_ASK_SUPERVISOR "inproc://ask/supervisor" /* ROUTER: supervisor */
/* Bound by who asks, the gateway's DEALER: the ROUTER, the heartbeat collector, comes and goes. */
#define ENDPOINT_ASK_HEARTBEATS "inproc://ask/heartbeats"

/* What an actor is started with, or goes over to; borrowed until it says "released" or returns,
 * which the supervisor sees to. */
typedef struct {
    const config_t *config;
    const log_t *log;
    const char *start_id;      /* of this start of the process, 16 hex digits */
    unsigned n_health_readers; /* subscribers that the aggregator waits for */
    unsigned n_alert_readers;  /* subscribers that the alert manager waits for */
    uint64_t n_descriptors;    /* that the process may have open; 0: not known */
} actor_args_t;

typedef struct actor actor_t;

/* Wall clock, Unix time in microseconds. May jump; for what is shown and stored only. */
int64_t clock_wall_us(void);
/* Monotonic clock in microseconds; for every interval, deadline and latency. */
int64_t clock_mono_us(void);

/*
 * First thing in a zactor function: signals the pipe and makes loop and epoll. NAME is a constant.
 * Never NULL (memory that runs out at start ends the process with a line).
 */
actor_t *actor_new(zsock_t *pipe, const char *name, const actor_args_t *args);

/* Ends loop and epoll, last of all: sockets, timers and whatever reads the arguments end before. */
void actor_destroy(actor_t **self);

/*
 * Called by who started actors with ARGS, after their threads have ended or released them, and
 * before anything that ARGS points to is changed or freed: ThreadSanitizer cannot see that
 * hand-over inside libczmq. Does nothing in other builds.
 */
void actor_args_returned(const actor_args_t *args);

/* MADE, which an actor cannot start without; where it is NULL, memory or descriptors ran out and
 * the process ends with a line. */
void *actor_must(const actor_t *self, void *made);

zloop_t *actor_loop(actor_t *self);
epoll_t *actor_epoll(actor_t *self);
const log_t *actor_log(const actor_t *self);

/* Called once when the supervisor says "begin". */
void actor_on_begin(actor_t *self, void (*fn)(void *context), void *context);

/* How an actor takes another configuration. */
typedef enum {
    ACTOR_RELOADED,      /* nothing points into the old arguments any more */
    ACTOR_KEEPS_OLD,     /* the same, but for what actor_release will be called */
    ACTOR_NEEDS_RESTART, /* nothing was taken: what changed is for a new life of the actor */
} actor_reload_t;

/* ARGS, whose configuration differs, are borrowed from now on. */
typedef actor_reload_t actor_reload_fn(void *context, const actor_args_t *args);

/* FN(CONTEXT) is called when the supervisor hands over another configuration; without it the actor
 * needs a restart for each. */
void actor_on_reload(actor_t *self, actor_reload_fn *fn, void *context);

/* FN(CONTEXT) is called when a configuration was refused. */
void actor_on_kept(actor_t *self, void (*fn)(void *context), void *context);

/* Tells the supervisor that nothing points into ARGS, which were kept, any more. */
void actor_release(actor_t *self, const actor_args_t *args);

/* For the supervisor: before it hands ARGS over, ThreadSanitizer is told (see actor_args_returned).
 */
void actor_args_given(const actor_args_t *args);

/* Called with the first ping of the supervisor and each fifth after it, to add what the actor
 * counted to its vital signs, which then go to inproc://vitals. */
void actor_on_vitals(actor_t *self, void (*fn)(void *context, vitals_draft_t *draft),
                     void *context);

/*
 * A socket without high-water marks, connected or bound (BIND) to ENDPOINT. TYPE is ZMQ_PUB and the
 * like; a ZMQ_SUB subscribes to everything, a ZMQ_XPUB tells of every subscription. Gives the
 * socket; asserts only on our own bugs (every socket is made at start).
 */
zsock_t *actor_socket(int type, const char *endpoint, bool bind);

/* Calls FN(CONTEXT) whenever SOCKET has something to read; FN drains it. */
void actor_read(actor_t *self, zsock_t *socket, void (*fn)(void *context), void *context);

/*
 * A timer of the loop, one-shot, which can be set again and again. It is never early and up to
 * 2 ms late; setting it replaces what was set.
 */
typedef struct actor_timer actor_timer_t;
actor_timer_t *actor_timer_new(actor_t *self, void (*fn)(void *context), void *context);
void actor_timer_set(actor_timer_t *timer, int64_t after_us);
void actor_timer_cancel(actor_timer_t *timer);
void actor_timer_destroy(actor_timer_t **timer);

/*
 * Tells the supervisor "ready" and runs the loop until "$TERM" or the end of the pipe. Returns
 * after the last handler returned.
 */
void actor_run(actor_t *self);

/*
 * As actor_run, for the owner of XPUB (borrows), which must not send before N_READERS have
 * subscribed: "ready" is said when the last of their subscriptions has come.
 */
void actor_run_with_readers(actor_t *self, zsock_t *xpub, unsigned n_readers);

/* Tells the supervisor why the actor cannot start; it then returns from its function. */
void actor_failed(actor_t *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same where what it was given must be changed by a person first (EXIT_CONFIGURATION): to start
 * it again would end the same way. */
void actor_unusable(actor_t *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the loop from inside a handler, as if the actor returned by itself. */
void actor_stop(actor_t *self);

/* MESSAGE is borrowed, but its contents may be taken (they are zeroed then). PEER is who asked, on
 * a ROUTER, or NULL. */
typedef void actor_message_fn(void *context, void *message, zframe_t *peer);

/*
 * Receives every message that waits on SOCKET and calls FN with each of SCHEMA. Those with another
 * name are skipped; one that its decoder refuses is logged and dropped.
 */
void actor_receive(actor_t *self, zsock_t *socket, const wire_schema_t *schema,
                   actor_message_fn *fn, void *context);

/* Logs that a message was refused by its decoder. */
void actor_refused(actor_t *self, const wire_error_t *error);

#endif
