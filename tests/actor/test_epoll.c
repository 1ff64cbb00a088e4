/* The nested epoll: what is removed in a batch is not called any more in that batch. */
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "actors/io/epoll.h"
#include "tests/test.h"

enum { N = 3, GUARD_MS = 10000 };

typedef struct world world_t;

typedef struct {
    world_t *world;
    epoll_source_t *source;
    int fd;
    unsigned n_calls;
} peer_t;

struct world {
    zloop_t *loop;
    epoll_t *epoll;
    peer_t peers[N];
    void (*act)(peer_t *peer);
    unsigned n_batches;
    unsigned n_batches_wanted;
    bool is_late;
};

static int end_loop(zloop_t *loop, int id, void *context)
{
    (void)loop;
    (void)id;
    (void)context;
    return -1;
}

static int on_guard(zloop_t *loop, int id, void *context)
{
    (void)loop;
    (void)id;
    world_t *world = context;
    world->is_late = true;
    return -1;
}

static void after_batch(void *context)
{
    world_t *world = context;
    if (++world->n_batches == world->n_batches_wanted)
        (void)zloop_timer(world->loop, 0, 1, end_loop, NULL);
}

static void on_event(void *context, uint32_t events)
{
    peer_t *peer = context;
    assert_true(events & EPOLLIN);
    peer->n_calls++;
    peer->world->act(peer);
}

static int set_up(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->loop = zloop_new();
    zloop_set_nonstop(world->loop, true);
    world->epoll = epoll_new(world->loop);
    assert_non_null(world->epoll);
    epoll_after_batch(world->epoll, after_batch, world);
    world->n_batches_wanted = 1;
    for (size_t i = 0; i < N; i++) {
        peer_t *peer = &world->peers[i];
        peer->world = world;
        peer->fd = eventfd(1, EFD_NONBLOCK); /* readable from the start: all in one batch */
        assert_true(peer->fd >= 0);
        peer->source = epoll_add(world->epoll, peer->fd, EPOLLIN, on_event, peer);
        assert_non_null(peer->source);
    }
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_t *world = *state;
    epoll_destroy(&world->epoll);
    assert_null(world->epoll);
    zloop_destroy(&world->loop);
    for (size_t i = 0; i < N; i++)
        close(world->peers[i].fd);
    free(world);
    return 0;
}

static void run(world_t *world)
{
    (void)zloop_timer(world->loop, GUARD_MS, 1, on_guard, world);
    (void)zloop_start(world->loop);
    assert_false(world->is_late);
}

static unsigned n_calls(const world_t *world)
{
    unsigned n = 0;
    for (size_t i = 0; i < N; i++)
        n += world->peers[i].n_calls;
    return n;
}

static void remove_all(peer_t *peer)
{
    epoll_source_t *own = peer->source;
    for (size_t i = 0; i < N; i++)
        epoll_remove(&peer->world->peers[i].source);
    assert_null(peer->source);
    assert_true(epoll_is_removed(own)); /* its memory lasts until the batch is handled */
}

static void removed_source_is_not_called_in_the_same_batch(void **state)
{
    world_t *world = *state;
    world->act = remove_all;
    run(world);
    assert_int_equal(n_calls(world), 1);
}

static void mute_others(peer_t *peer)
{
    for (size_t i = 0; i < N; i++)
        if (&peer->world->peers[i] != peer)
            assert_int_equal(epoll_change(peer->world->peers[i].source, 0), 0);
}

static void source_without_events_is_silent_until_it_has_some(void **state)
{
    world_t *world = *state;
    world->act = mute_others;
    world->n_batches_wanted = 3;
    run(world);
    assert_int_equal(n_calls(world), 3); /* one peer, thrice: level-triggered */
    for (size_t i = 0; i < N; i++)
        assert_true(world->peers[i].n_calls == 0 || world->peers[i].n_calls == 3);

    for (size_t i = 0; i < N; i++)
        assert_int_equal(epoll_change(world->peers[i].source, EPOLLIN), 0);
    world->n_batches = 0;
    world->n_batches_wanted = 1;
    world->act = remove_all;
    run(world);
    assert_int_equal(n_calls(world), 4);
}

static void add_again(peer_t *peer)
{
    epoll_remove(&peer->source);
    peer->source = epoll_add(peer->world->epoll, peer->fd, EPOLLIN, on_event, peer);
    assert_non_null(peer->source);
}

static void source_may_be_replaced_inside_its_own_call(void **state)
{
    world_t *world = *state;
    world->act = add_again;
    world->n_batches_wanted = 4;
    run(world);
    assert_int_equal(n_calls(world), 4 * N);
}

static void what_the_kernel_refuses_is_no_source(void **state)
{
    world_t *world = *state;
    assert_null(epoll_add(world->epoll, -1, EPOLLIN, on_event, NULL));
    assert_null(epoll_add(world->epoll, world->peers[0].fd, EPOLLIN, on_event, NULL));
    epoll_source_t *none = NULL;
    epoll_remove(&none);
    world->act = remove_all;
    run(world);
    assert_int_equal(n_calls(world), 1);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(removed_source_is_not_called_in_the_same_batch, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(source_without_events_is_silent_until_it_has_some, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(source_may_be_replaced_inside_its_own_call, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_the_kernel_refuses_is_no_source, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
