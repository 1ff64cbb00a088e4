/* A real actor and the sockets around it: the test is its supervisor and its neighbours. */
#ifndef HEALTHD_TESTS_SUPPORT_SUPPORT_ACTOR_H
#define HEALTHD_TESTS_SUPPORT_SUPPORT_ACTOR_H

#include <czmq.h>

#include <healthd/snapshot.h>

#include "actors/actor.h"
#include "proto/query.h"

/* No wait of these tests is longer. */
#define SUPPORT_DEADLINE_MS 10000

/* Starts ACTOR with ARGS, which live as long. */
zactor_t *support_actor_start(zactor_fn *actor, const actor_args_t *args);

/* Ends the actor and gives ARGS back, whatever it points to: both may then go. Takes NULL. */
void support_actor_stop(zactor_t **self, const actor_args_t *args);

/* Waits for the next word on the pipe, which must be WORD. */
void support_actor_expect(zactor_t *self, const char *word);

/* Waits for "failed" and gives the reason; to be freed with zstr_free. */
char *support_actor_failure(zactor_t *self);

/* Waits until "pong" answers a "ping"; no other word may come before it. */
void support_actor_ping(zactor_t *self);

/* Waits until the actor has handled what was sent to its inproc sockets before this call: one turn
 * of its loop may have missed it, and the next may answer before it looks at it. */
void support_actor_settle(zactor_t *self);

/* Waits until ENDPOINT can be bound: a socket that was destroyed leaves an inproc one a little
 * later, and the next owner must not come before. */
void support_wait_for_endpoint(const char *endpoint);

/* A socket without high-water marks; connected unless BIND. A SUB subscribes to everything. */
zsock_t *support_socket(int type, const char *endpoint, bool bind);

/* Whether SOCKET has something to read within DEADLINE_MS. */
bool support_is_readable(zsock_t *socket, int deadline_ms);

/* The next message, which must be SCHEMA's; to be ended with wire_destroy or NAME_destroy. On a
 * ROUTER the asker is given in *RET_ASKER (NULL elsewhere). */
void *support_receive(zsock_t *socket, const wire_schema_t *schema, zframe_t **ret_asker);

/* Sends MSG, which must go out; ASKER as in frame_send. */
void support_send(zsock_t *socket, const wire_schema_t *schema, const void *msg, zframe_t *asker);

/* Waits until a reader has subscribed to the XPUB SOCKET. */
void support_wait_for_subscriber(zsock_t *socket);

/* Asks VERB on a DEALER and gives the answer, whose number must be the question's. */
answer_t *support_ask(zsock_t *dealer, const query_t *query);

/* The bytes of MSG, to compare messages with; to be ended with zframe_destroy. */
zframe_t *support_encoded(const wire_schema_t *schema, const void *msg);

#endif
