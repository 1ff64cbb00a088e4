/*
 * A plain CZMQ PUB that sends a topic and the bytes of a file at a steady pace, and does nothing
 * else: what healthd's publisher is measured against.
 *
 *     bench_bytes_publisher ENDPOINT INTERVAL_MS FILE
 */
#include <czmq.h>

typedef struct {
    zsock_t *pub;
    zchunk_t *bytes;
} publisher_t;

static int on_time(zloop_t *loop, int id, void *context)
{
    (void)loop, (void)id;
    const publisher_t *self = context;
    return zsock_send(self->pub, "sb", "health.snapshot_updated", zchunk_data(self->bytes),
                      zchunk_size(self->bytes));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fprintf(stderr, "usage: %s ENDPOINT INTERVAL_MS FILE\n", argv[0]);
        return 64;
    }
    publisher_t self = {.pub = zsock_new(ZMQ_PUB), .bytes = zchunk_slurp(argv[3], 0)};
    if (!self.bytes || zsock_bind(self.pub, "%s", argv[1]) < 0) {
        perror("bench_bytes_publisher");
        return 1;
    }
    zloop_t *loop = zloop_new();
    (void)zloop_timer(loop, strtoul(argv[2], NULL, 10), 0, on_time, &self);
    (void)zloop_start(loop);
    zloop_destroy(&loop);
    zsock_destroy(&self.pub);
    zchunk_destroy(&self.bytes);
    return 0;
}
