/* Two actors that write the same counter: the run under ThreadSanitizer must say so. */
#include <czmq.h>

static void counting_actor(zsock_t *pipe, void *args)
{
    unsigned *shared = args;
    zsock_signal(pipe, 0);
    for (unsigned i = 0; i < 100000; i++)
        ++*shared;
    char *command = zstr_recv(pipe);
    zstr_free(&command);
}

int main(void)
{
    unsigned shared = 0;
    zactor_t *one = zactor_new(counting_actor, &shared);
    zactor_t *other = zactor_new(counting_actor, &shared);
    zactor_destroy(&one);
    zactor_destroy(&other);
    printf("counted to %u\n", shared);
    return 0;
}
