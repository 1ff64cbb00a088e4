/* The publisher's public socket: peers that mean harm, and addresses that cannot be had. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/actor/publisher_world.h"

/* --- the hostile --- */

/* Shorter than the publisher's wait of 5 s for a handshake, which ends a mute connection too. */
#define CUT_DEADLINE_S 4

/* A TCP connection that has done the ZMTP 3.0 handshake of a SUB (rfc.zeromq.org/spec/23). */
static int raw_subscriber(const world_t *world)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    struct timeval deadline = {.tv_sec = CUT_DEADLINE_S};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline), 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(strrchr(world->endpoint, ':') + 1)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    char greeting[64] = {[0] = '\xff', [9] = '\x7f', [10] = 3, [12] = 'N', 'U', 'L', 'L'};
    static const char ready[] = "\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB";
    assert_int_equal(send(fd, greeting, sizeof greeting, MSG_NOSIGNAL), sizeof greeting);
    assert_int_equal(send(fd, ready, sizeof ready - 1, MSG_NOSIGNAL), sizeof ready - 1);
    assert_int_equal(recv(fd, greeting, sizeof greeting, MSG_WAITALL), sizeof greeting);
    assert_int_equal(greeting[0], '\xff');
    return fd;
}

static void a_frame_of_a_mebibyte_ends_its_own_connection_alone(void **state)
{
    world_t *world = *state;
    start_on_free_port(world);
    show(world, "", true, false);
    zsock_t *good = settled_subscriber(world, "");
    int hostile = raw_subscriber(world);
    char *frame = calloc(1, 9 + (1 << 20)); /* a long frame: its size in eight bytes */
    assert_non_null(frame);
    frame[0] = 2;
    frame[6] = 0x10;
    frame[9] = 1;
    for (size_t sent = 0; sent < 9 + (1 << 20);) {
        ssize_t n = send(hostile, frame + sent, 9 + (1 << 20) - sent, MSG_NOSIGNAL);
        if (n <= 0) /* cut off while it sends */
            break;
        sent += (size_t)n;
    }
    free(frame);
    char bytes[4096];
    ssize_t n;
    do {
        n = recv(hostile, bytes, sizeof bytes, 0);
    } while (n > 0);
    assert_true(n == 0 || errno == ECONNRESET); /* cut off, before the deadline */
    close(hostile);
    show(world, "system=CRITICAL redis=DOWN", false, true);
    expect(good, SNAPSHOT, "Infrastructure: redis");
    support_actor_ping(world->actor);
    zsock_destroy(&good);
}

static void a_subscriber_that_does_not_read_slows_nobody(void **state)
{
    world_t *world = *state;
    start_on_free_port(world);
    show(world, "", true, false);
    zsock_t *good = settled_subscriber(world, "");
    int silent = raw_subscriber(world);
    static const char everything[] = "\x00\x01\x01"; /* subscribes to every topic */
    assert_int_equal(send(silent, everything, 3, MSG_NOSIGNAL), 3);
    for (size_t i = 0; i < 3000; i++) { /* some 5 MB: more than its queue and its socket hold */
        show(world, i % 2 ? "" : "system=CRITICAL redis=DOWN", false, true);
        zframe_t *payload = receive(good, SNAPSHOT, "status");
        zframe_destroy(&payload);
    }
    close(silent);
    zsock_destroy(&good);
}

/* --- binding --- */

static void an_address_in_use_is_named(void **state)
{
    world_t *world = *state;
    zsock_t *other = zsock_new(ZMQ_PUB);
    char endpoint[64];
    int port = zsock_bind(other, "tcp://127.0.0.1:*");
    assert_true(port > 0);
    (void)snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%d", port);
    start(world, endpoint, true);
    char *reason = support_actor_failure(world->actor);
    char expected[160];
    (void)snprintf(expected, sizeof expected,
                   "HEALTHD_PUBLISH: cannot bind %s: Address already in use", endpoint);
    assert_string_equal(reason, expected);
    zstr_free(&reason);
    zsock_destroy(&other);
}

static void a_path_that_cannot_be_made_is_named(void **state)
{
    world_t *world = *state;
    start(world, "ipc:///dev/null/x", true);
    char *reason = support_actor_failure(world->actor);
    assert_memory_equal(reason, "HEALTHD_PUBLISH: cannot bind ipc:///dev/null/x: ", 48);
    zstr_free(&reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_frame_of_a_mebibyte_ends_its_own_connection_alone),
        WORLD_TEST(a_subscriber_that_does_not_read_slows_nobody),
        WORLD_TEST(an_address_in_use_is_named),
        WORLD_TEST(a_path_that_cannot_be_made_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
