/* Messages over inproc sockets, each with its name frame. No wait is without a deadline. */
#include <czmq.h>

#include "core/cleanup.h"
#include "proto/frame.h"
#include "proto/query.h"
#include "tests/test.h"

#define DEADLINE_MS 5000

static zsock_t *socket_of(int type, const char *endpoint, bool binds)
{
    zsock_t *socket = zsock_new(type);
    assert_non_null(socket);
    zsock_set_linger(socket, 0);
    assert_true(
        (binds ? zsock_bind(socket, "%s", endpoint) : zsock_connect(socket, "%s", endpoint)) >= 0);
    return socket;
}

static void wait_for_input(zsock_t *socket)
{
    zpoller_t *poller = zpoller_new(socket, NULL);
    assert_non_null(poller);
    assert_ptr_equal(zpoller_wait(poller, DEADLINE_MS), socket);
    zpoller_destroy(&poller);
}

static frame_t received(zsock_t *socket)
{
    wait_for_input(socket);
    frame_t frame;
    assert_int_equal(frame_recv(socket, &frame), 1);
    return frame;
}

static const query_t question = {.request_id = 7, .verb = QUERY_ALERTS_HISTORY, .limit = 100};

static void a_message_arrives_under_its_name(void **state)
{
    (void)state;
    CLEANUP(zsock_destroy) zsock_t *pull = socket_of(ZMQ_PULL, "inproc://frame-push", true);
    CLEANUP(zsock_destroy) zsock_t *push = socket_of(ZMQ_PUSH, "inproc://frame-push", false);
    frame_t frame;
    assert_int_equal(frame_recv(pull, &frame), 0); /* nothing is waiting */
    assert_int_equal(frame_send(push, &query_schema, &question, NULL), 0);
    frame = received(pull);
    assert_string_equal(frame.name, "query");
    assert_null(frame.identity);

    void *msg = NULL;
    wire_error_t error;
    assert_int_equal(frame_decode(&frame, &query_schema, &msg, &error), 0);
    query_t *query = msg;
    assert_int_equal(query->request_id, 7);
    assert_int_equal(query->verb, QUERY_ALERTS_HISTORY);
    assert_int_equal(query->limit, 100);
    query_destroy(&query);

    /* Another table than the one that the name says. */
    msg = NULL;
    assert_int_equal(frame_decode(&frame, &answer_schema, &msg, &error), -1);
    assert_null(msg);
    assert_string_equal(error.message, "answer");
    assert_string_equal(error.reason, "another message came");
    frame_clear(&frame);
    assert_null(frame.payload);
    frame_clear(&frame);
    assert_int_equal(frame_recv(pull, &frame), 0);
}

static void a_subscriber_filters_by_name(void **state)
{
    (void)state;
    CLEANUP(zsock_destroy) zsock_t *xpub = socket_of(ZMQ_XPUB, "inproc://frame-xpub", true);
    CLEANUP(zsock_destroy) zsock_t *sub = socket_of(ZMQ_SUB, "inproc://frame-xpub", false);
    zsock_set_subscribe(sub, "answer");
    wait_for_input(xpub);
    CLEANUP(zframe_destroy) zframe_t *subscription = zframe_recv(xpub);
    assert_non_null(subscription);

    const answer_t answer = {.request_id = 9};
    assert_int_equal(frame_send(xpub, &query_schema, &question, NULL), 0);
    assert_int_equal(frame_send(xpub, &answer_schema, &answer, NULL), 0);
    frame_t frame = received(sub);
    assert_string_equal(frame.name, "answer");
    frame_clear(&frame);
    assert_int_equal(frame_recv(sub, &frame), 0);
}

static void a_router_answers_the_peer_that_asked(void **state)
{
    (void)state;
    CLEANUP(zsock_destroy) zsock_t *router = socket_of(ZMQ_ROUTER, "inproc://frame-router", true);
    CLEANUP(zsock_destroy) zsock_t *first = socket_of(ZMQ_DEALER, "inproc://frame-router", false);
    CLEANUP(zsock_destroy) zsock_t *second = socket_of(ZMQ_DEALER, "inproc://frame-router", false);
    assert_int_equal(frame_send(second, &query_schema, &question, NULL), 0);
    frame_t asked = received(router);
    assert_string_equal(asked.name, "query");
    assert_non_null(asked.identity);

    /* The identity stays with the question, so that it can be answered twice. */
    const answer_t answer = {.request_id = 7};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(frame_send(router, &answer_schema, &answer, asked.identity), 0);
        frame_t answered = received(second);
        assert_string_equal(answered.name, "answer");
        assert_null(answered.identity);
        frame_clear(&answered);
    }
    frame_t none;
    assert_int_equal(frame_recv(first, &none), 0);
    frame_clear(&asked);
}

static void a_socket_that_takes_nothing_is_an_error_at_once(void **state)
{
    (void)state;
    CLEANUP(zsock_destroy) zsock_t *push = zsock_new(ZMQ_PUSH); /* without a peer */
    assert_non_null(push);
    zsock_set_linger(push, 0);
    int64_t before_ms = zclock_mono();
    assert_int_equal(frame_send(push, &query_schema, &question, NULL), -1);
    assert_true(zclock_mono() - before_ms < DEADLINE_MS);
}

/* Sends a name frame of NAME_SIZE bytes and N_PAYLOADS small maps. */
static void send_foreign(zsock_t *socket, const char *name, size_t name_size, size_t n_payloads)
{
    zmsg_t *message = zmsg_new();
    assert_int_equal(zmsg_addmem(message, name, name_size), 0);
    for (size_t i = 0; i < n_payloads; i++)
        assert_int_equal(zmsg_addmem(message, "\x80", 1), 0);
    assert_int_equal(zmsg_send(&message, socket), 0);
}

static void what_is_no_message_is_refused_and_gone(void **state)
{
    (void)state;
    CLEANUP(zsock_destroy) zsock_t *pull = socket_of(ZMQ_PULL, "inproc://frame-foreign", true);
    CLEANUP(zsock_destroy) zsock_t *push = socket_of(ZMQ_PUSH, "inproc://frame-foreign", false);
    char long_name[64];
    memset(long_name, 'n', sizeof long_name);
    const struct {
        const char *name;
        size_t name_size;
        size_t n_payloads;
    } rows[] = {
        {"query", 5, 0},
        {"query", 5, 2},
        {"", 0, 1},
        {"que\0ry", 6, 1},
        {long_name, sizeof long_name, 1},
    };
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        send_foreign(push, rows[row].name, rows[row].name_size, rows[row].n_payloads);
        wait_for_input(pull);
        frame_t frame;
        assert_int_equal(frame_recv(pull, &frame), -1);
        assert_null(frame.payload);
        assert_int_equal(frame_recv(pull, &frame), 0);
    }
    send_foreign(push, long_name, 63, 1); /* the longest name there may be */
    frame_t frame = received(pull);
    assert_int_equal(strlen(frame.name), 63);
    frame_clear(&frame);

    /* A router needs the name and the payload behind the identity. */
    CLEANUP(zsock_destroy) zsock_t *router = socket_of(ZMQ_ROUTER, "inproc://frame-lone", true);
    CLEANUP(zsock_destroy) zsock_t *dealer = socket_of(ZMQ_DEALER, "inproc://frame-lone", false);
    send_foreign(dealer, "query", 5, 0);
    wait_for_input(router);
    assert_int_equal(frame_recv(router, &frame), -1);
    assert_null(frame.identity);
}

static void more_than_64_mib_is_not_sent_and_not_taken(void **state)
{
    (void)state;
    CLEANUP(zsock_destroy) zsock_t *pull = socket_of(ZMQ_PULL, "inproc://frame-long", true);
    CLEANUP(zsock_destroy) zsock_t *push = socket_of(ZMQ_PUSH, "inproc://frame-long", false);
    size_t size = (size_t)WIRE_MAX_BYTES + 1;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    text[size] = '\0';
    const query_t long_query = {.alert_id = text};
    assert_int_equal(frame_send(push, &query_schema, &long_query, NULL), -1);
    frame_t frame;
    assert_int_equal(frame_recv(pull, &frame), 0);

    zmsg_t *message = zmsg_new();
    assert_int_equal(zmsg_addstr(message, "query"), 0);
    assert_int_equal(zmsg_addmem(message, text, size), 0);
    free(text);
    assert_int_equal(zmsg_send(&message, push), 0);
    wait_for_input(pull);
    assert_int_equal(frame_recv(pull, &frame), -1);
    assert_null(frame.payload);
}

static int switch_handlers_off(void **state)
{
    (void)state;
    zsys_handler_set(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_arrives_under_its_name),
        cmocka_unit_test(a_subscriber_filters_by_name),
        cmocka_unit_test(a_router_answers_the_peer_that_asked),
        cmocka_unit_test(a_socket_that_takes_nothing_is_an_error_at_once),
        cmocka_unit_test(what_is_no_message_is_refused_and_gone),
        cmocka_unit_test(more_than_64_mib_is_not_sent_and_not_taken),
    };
    int rc = cmocka_run_group_tests(tests, switch_handlers_off, NULL);
    zsys_shutdown();
    return rc;
}
