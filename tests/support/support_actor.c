#include "tests/support/support_actor.h"

#include "proto/frame.h"
#include "tests/support/support.h"
#include "tests/test.h"

zactor_t *support_actor_start(zactor_fn *actor, const actor_args_t *args)
{
    union {
        const actor_args_t *args;
        void *context;
    } cast = {.args = args};
    zsys_handler_set(NULL);
    zactor_t *self = zactor_new(actor, cast.context);
    assert_non_null(self);
    zsock_set_rcvtimeo(zactor_sock(self), SUPPORT_DEADLINE_MS);
    return self;
}

void support_actor_stop(zactor_t **self, const actor_args_t *args)
{
    if (!*self)
        return;
    zactor_destroy(self);
    actor_args_returned(args);
}

void support_actor_expect(zactor_t *self, const char *word)
{
    char *heard = zstr_recv(self);
    if (!heard || strcmp(heard, word) != 0)
        fail_msg("the actor says %s instead of %s", heard ? heard : "nothing", word);
    zstr_free(&heard);
}

char *support_actor_failure(zactor_t *self)
{
    char *word = NULL;
    char *reason = NULL;
    assert_true(zstr_recvx(self, &word, &reason, NULL) > 0);
    assert_string_equal(word, "failed");
    assert_non_null(reason);
    zstr_free(&word);
    return reason;
}

void support_actor_ping(zactor_t *self)
{
    assert_int_equal(zstr_send(self, "ping"), 0);
    support_actor_expect(self, "pong");
}

void support_actor_settle(zactor_t *self)
{
    for (int turn = 0; turn < 3; turn++)
        support_actor_ping(self);
}

typedef struct {
    zsock_t *socket;
    const char *endpoint;
} bind_try_t;

static bool can_bind(void *context)
{
    bind_try_t *try = context;
    return zsock_bind(try->socket, "%s", try->endpoint) != -1;
}

void support_wait_for_endpoint(const char *endpoint)
{
    bind_try_t try = {.socket = zsock_new(ZMQ_PAIR), .endpoint = endpoint};
    assert_non_null(try.socket);
    assert_true(support_wait_until(can_bind, &try, SUPPORT_DEADLINE_MS));
    assert_int_equal(zsock_unbind(try.socket, "%s", endpoint), 0);
    zsock_destroy(&try.socket);
}

zsock_t *support_socket(int type, const char *endpoint, bool bind)
{
    zsock_t *socket = zsock_new(type);
    assert_non_null(socket);
    zsock_set_sndhwm(socket, 0);
    zsock_set_rcvhwm(socket, 0);
    zsock_set_linger(socket, 0);
    if (type == ZMQ_SUB)
        zsock_set_subscribe(socket, "");
    if (type == ZMQ_XPUB)
        zsock_set_xpub_verbose(socket, 1);
    if (bind)
        support_wait_for_endpoint(endpoint);
    int rc = bind ? zsock_bind(socket, "%s", endpoint) : zsock_connect(socket, "%s", endpoint);
    assert_int_not_equal(rc, -1);
    return socket;
}

bool support_is_readable(zsock_t *socket, int deadline_ms)
{
    zmq_pollitem_t item = {.socket = zsock_resolve(socket), .events = ZMQ_POLLIN};
    return zmq_poll(&item, 1, deadline_ms) > 0;
}

void *support_receive(zsock_t *socket, const wire_schema_t *schema, zframe_t **ret_asker)
{
    if (!support_is_readable(socket, SUPPORT_DEADLINE_MS))
        fail_msg("no %s came", schema->name);
    frame_t frame;
    assert_int_equal(frame_recv(socket, &frame), 1);
    void *msg = NULL;
    wire_error_t error;
    if (frame_decode(&frame, schema, &msg, &error))
        fail_msg("%s came instead of %s: %s %s", frame.name, schema->name, error.key, error.reason);
    if (ret_asker) {
        *ret_asker = frame.identity;
        frame.identity = NULL;
    }
    frame_clear(&frame);
    return msg;
}

void support_send(zsock_t *socket, const wire_schema_t *schema, const void *msg, zframe_t *asker)
{
    assert_int_equal(frame_send(socket, schema, msg, asker), 0);
}

void support_wait_for_subscriber(zsock_t *socket)
{
    assert_true(support_is_readable(socket, SUPPORT_DEADLINE_MS));
    zframe_t *frame = zframe_recv(socket);
    assert_non_null(frame);
    assert_true(zframe_size(frame) >= 1 && zframe_data(frame)[0] == 1);
    zframe_destroy(&frame);
}

answer_t *support_ask(zsock_t *dealer, const query_t *query)
{
    support_send(dealer, &query_schema, query, NULL);
    answer_t *answer = support_receive(dealer, &answer_schema, NULL);
    assert_int_equal(answer->request_id, query->request_id);
    return answer;
}

zframe_t *support_encoded(const wire_schema_t *schema, const void *msg)
{
    msgpack_sbuffer bytes;
    msgpack_sbuffer_init(&bytes);
    assert_int_equal(wire_encode(schema, msg, &bytes), 0);
    zframe_t *frame = zframe_new(bytes.data, bytes.size);
    msgpack_sbuffer_destroy(&bytes);
    assert_non_null(frame);
    return frame;
}
