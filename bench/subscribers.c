/*
 * A crowd of SUB clients of one endpoint in one process. Prints "subscribed" when all sockets are
 * connecting, and on each SIGUSR1 the number of messages that came since the one before.
 *
 *     bench_subscribers ENDPOINT N
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

static volatile sig_atomic_t is_asked;

static void on_question(int number)
{
    (void)number;
    is_asked = 1;
}

/* Messages that wait on SOCKET, thrown away. */
static unsigned long drain(void *socket)
{
    unsigned long n = 0;
    zmq_msg_t part;
    (void)zmq_msg_init(&part);
    while (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) >= 0)
        n += !zmq_msg_more(&part);
    (void)zmq_msg_close(&part);
    return n;
}

int main(int argc, char **argv)
{
    int n = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (n <= 0) {
        (void)fprintf(stderr, "usage: %s ENDPOINT N\n", argv[0]);
        return 64;
    }
    struct sigaction action = {.sa_handler = on_question};
    (void)sigaction(SIGUSR1, &action, NULL);
    void *context = zmq_ctx_new();
    (void)zmq_ctx_set(context, ZMQ_MAX_SOCKETS, n + 8);
    zmq_pollitem_t *items = calloc((size_t)n, sizeof *items);
    for (int i = 0; items && i < n; i++) {
        void *socket = zmq_socket(context, ZMQ_SUB);
        if (!socket || zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) ||
            zmq_connect(socket, argv[1])) {
            perror("bench_subscribers");
            return 1;
        }
        items[i] = (zmq_pollitem_t){.socket = socket, .events = ZMQ_POLLIN};
    }
    (void)printf("subscribed\n");
    (void)fflush(stdout);
    unsigned long n_messages = 0;
    while (items) {
        (void)zmq_poll(items, n, 100);
        if (is_asked) {
            is_asked = 0;
            (void)printf("%lu\n", n_messages);
            (void)fflush(stdout);
            n_messages = 0;
        }
        for (int i = 0; i < n; i++)
            if (items[i].revents & ZMQ_POLLIN)
                n_messages += drain(items[i].socket);
    }
    return 1;
}
