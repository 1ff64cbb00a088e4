/* One Redis connection on an actor's loop: what its owner hears, and when. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/io/redis_io.h"
#include "tests/actor/loop_world.h"
#include "tests/support/support.h"
#include "tests/support/support_tcp.h"
#include "tests/test.h"

enum { LONG_US = 10 * 1000 * 1000, SHORT_US = 200 * 1000, STORY_BYTES = 512 };

typedef struct world world_t;
struct world {
    loop_world_t loop;
    redis_io_t *redis;
    char story[STORY_BYTES]; /* what was heard, in order: "ready +PONG closed:reset " */
    unsigned n_opens_left;   /* opens again when closed */
    redis_url_t url;
    void (*on_ready)(world_t *world);
    bool closes_in_reply;
};

static void tell(world_t *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void tell(world_t *world, const char *format, ...)
{
    size_t n = strlen(world->story);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(world->story + n, sizeof world->story - n, format, arguments);
    va_end(arguments);
}

static void on_ready(void *context)
{
    world_t *world = context;
    assert_true(redis_io_is_ready(world->redis));
    tell(world, "%s ", "ready");
    if (world->on_ready)
        world->on_ready(world);
    else
        actor_stop(world->loop.actor);
}

static void on_closed(void *context, reason_t reason, const char *text)
{
    world_t *world = context;
    assert_true(text[0]);
    assert_true(redis_io_is_closed(world->redis));
    assert_int_equal(redis_io_n_pending(world->redis), 0);
    tell(world, "closed:%s ", reason_name((int)reason));
    if (world->n_opens_left-- > 0)
        redis_io_open(world->redis, &world->url, LONG_US);
    else
        actor_stop(world->loop.actor);
}

static void on_reply(void *context, const redisReply *reply)
{
    world_t *world = context;
    if (!reply)
        tell(world, "%s ", "none");
    else if (reply->type == REDIS_REPLY_ARRAY)
        tell(world, "%s ", "list");
    else
        tell(world, reply->type == REDIS_REPLY_ERROR ? "-%s " : "+%s ", reply->str);
    if (world->closes_in_reply) {
        redis_io_close(world->redis);
        actor_stop(world->loop.actor);
    }
}

static int set_up(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    assert_non_null(world);
    static const redis_io_handlers_t handlers = {.ready = on_ready, .closed = on_closed};
    loop_world_begin(&world->loop);
    world->redis = redis_io_new(world->loop.actor, world->loop.resolve, &handlers, world);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_t *world = *state;
    redis_io_destroy(&world->redis);
    loop_world_end(&world->loop);
    free(world);
    return 0;
}

/* Opens HOST and PORT and runs the loop until the story is told. */
static void run_host(world_t *world, const char *host, uint16_t port, int64_t timeout_us)
{
    char text[64];
    (void)snprintf(text, sizeof text, "redis://%s:%u", host, (unsigned)port);
    assert_int_equal(redis_url_parse(text, &world->url), 0);
    redis_io_open(world->redis, &world->url, timeout_us);
    assert_string_equal(world->story, ""); /* nothing is told inside the call */
    loop_world_run(&world->loop);
}

static void run(world_t *world, uint16_t port)
{
    run_host(world, "127.0.0.1", port, LONG_US);
}

static void command(world_t *world, const char *word, int64_t timeout_us)
{
    assert_int_equal(redis_io_command(world->redis, 1, &word, NULL, timeout_us, on_reply, world),
                     0);
}

static void send_ping(world_t *world)
{
    command(world, "PING", LONG_US);
}

static void send_three(world_t *world)
{
    command(world, "ONE", LONG_US);
    command(world, "TWO", SHORT_US); /* the deadline of a later command counts as well */
    command(world, "THREE", LONG_US);
    assert_int_equal(redis_io_n_pending(world->redis), 3);
}

/* What a peer sends on PING, and what the owner hears of it. */
static void peer_is_told_as_it_is(void **state)
{
    world_t *world = *state;
    static const struct {
        support_tcp_behaviour_t behaviour;
        const char *story;
    } rows[] = {
        {{.answer = "+PONG\r\n"}, "ready +PONG closed:reset "},
        {{.answer = "+PONG\r\n+AGAIN\r\n", .is_kept_open = true}, "ready +PONG closed:protocol "},
        {{.answer = "+PONG\r\n:1\r\n", .is_kept_open = true}, "ready +PONG closed:protocol "},
        {{.answer = "+PONG\r\n$-1\r\n", .is_kept_open = true}, "ready +PONG closed:protocol "},
        {{.answer = "+PONG\r\n*0\r\n", .is_kept_open = true}, "ready +PONG closed:protocol "},
        {{.answer = "+PONG\r\n-ERR go away\r\n", .is_kept_open = true},
         "ready +PONG closed:redis_error "},
        {{.answer = "*3\r\n+a\r\n$2\r\nbc\r\n*1\r\n:5\r\n"}, "ready list closed:reset "},
        {{.answer = "*100001\r\n", .is_kept_open = true}, "ready none closed:protocol "},
        {{.answer = "?what\r\n", .is_kept_open = true}, "ready none closed:protocol "},
        {{.answer = "-ERR bad\r\n"}, "ready -ERR bad closed:reset "},
        {{.answer = NULL}, "ready none closed:reset "},
    };
    world->on_ready = send_ping;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_tcp_t *server = support_tcp_start(&rows[i].behaviour);
        world->story[0] = '\0';
        world->n_opens_left = 0;
        run(world, support_tcp_port(server));
        assert_string_equal(world->story, rows[i].story);
        support_tcp_stop(&server);
    }
}

/* A list of N numbers, for free(). */
static char *list_of(size_t n)
{
    static const char value[] = ":1\r\n";
    char *answer = malloc(32 + n * strlen(value));
    assert_non_null(answer);
    char *end = answer + sprintf(answer, "*%zu\r\n", n);
    for (size_t i = 0; i < n; i++)
        end = stpcpy(end, value);
    return answer;
}

static void each_value_of_an_answer_counts_once(void **state)
{
    world_t *world = *state;
    static const struct {
        size_t n;
        const char *story;
    } rows[] = {
        {REDIS_IO_REPLY_MAX_VALUES, "ready list closed:reset "},
        {REDIS_IO_REPLY_MAX_VALUES + 1, "ready none closed:protocol "},
    };
    world->on_ready = send_ping;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *answer = list_of(rows[i].n);
        support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.answer = answer});
        world->story[0] = '\0';
        world->n_opens_left = 0;
        run(world, support_tcp_port(server));
        assert_string_equal(world->story, rows[i].story);
        support_tcp_stop(&server);
        free(answer);
    }
}

/* The server listens on the second address of two.test alone. */
static void name_is_looked_up_and_each_address_tried(void **state)
{
    world_t *world = *state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.answer = "+PONG\r\n"});
    const struct {
        const char *host;
        int64_t timeout_us;
        const char *story;
    } rows[] = {
        {"two.test", LONG_US, "ready +PONG closed:reset "},
        {"two.test", LONG_US, "ready +PONG closed:reset "}, /* now from the cache */
        {"good.test", LONG_US, "closed:refused "},
        {"missing.test", LONG_US, "closed:dns_nxdomain "},
        {"broken.test", LONG_US, "closed:dns_failure "},
        {"silent.test", SHORT_US, "closed:timeout_resolve "},
    };
    world->on_ready = send_ping;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world->story[0] = '\0';
        world->n_opens_left = 0;
        run_host(world, rows[i].host, support_tcp_port(server), rows[i].timeout_us);
        assert_string_equal(world->story, rows[i].story);
    }
    support_tcp_stop(&server);
}

/* A listener on 127.0.0.9 whose queue is full: the kernel drops what else comes. */
typedef struct {
    int listener;
    int fillers[4];
} silent_t;

static void begin_silent(silent_t *silent, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, "127.0.0.9", &address.sin_addr), 1);
    silent->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(silent->listener >= 0);
    assert_int_equal(bind(silent->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(silent->listener, 0), 0);
    for (size_t i = 0; i < COUNT_OF(silent->fillers); i++) {
        silent->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        assert_true(silent->fillers[i] >= 0);
        (void)connect(silent->fillers[i], (struct sockaddr *)&address, sizeof address);
    }
}

static void end_silent(const silent_t *silent)
{
    for (size_t i = 0; i < COUNT_OF(silent->fillers); i++)
        close(silent->fillers[i]);
    close(silent->listener);
}

static void silent_address_leaves_time_for_the_next(void **state)
{
    world_t *world = *state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.answer = "+PONG\r\n"});
    silent_t silent;
    begin_silent(&silent, support_tcp_port(server));
    world->on_ready = send_ping;
    run_host(world, "two.test", support_tcp_port(server), 5 * SHORT_US);
    assert_string_equal(world->story, "ready +PONG closed:reset ");

    world->story[0] = '\0';
    world->n_opens_left = 0;
    int64_t begun_us = clock_mono_us();
    run_host(world, "good.test", support_tcp_port(server), SHORT_US); /* its only address */
    assert_string_equal(world->story, "closed:timeout_connect ");
    assert_true(clock_mono_us() - begun_us >= SHORT_US);
    end_silent(&silent);
    support_tcp_stop(&server);
}

static void late_answer_ends_all_that_wait_in_order(void **state)
{
    world_t *world = *state;
    support_tcp_t *server =
        support_tcp_start(&(support_tcp_behaviour_t){.answer = "+first\r\n", .is_kept_open = true});
    world->on_ready = send_three;
    run(world, support_tcp_port(server));
    assert_string_equal(world->story, "ready +first none none closed:timeout_response ");
    support_tcp_stop(&server);
}

static void owner_may_open_again_when_closed(void **state)
{
    world_t *world = *state;
    world->n_opens_left = 2;
    run(world, support_free_port());
    assert_string_equal(world->story, "closed:refused closed:refused closed:refused ");

    world->story[0] = '\0';
    world->n_opens_left = 2;
    world->on_ready = send_ping;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.answer = "+PONG\r\n"});
    run(world, support_tcp_port(server));
    assert_string_equal(world->story, "ready +PONG closed:reset ready +PONG closed:reset "
                                      "ready +PONG closed:reset ");
    support_tcp_stop(&server);
}

static void nothing_is_told_after_close(void **state)
{
    world_t *world = *state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){
        .answer = "+first\r\n+second\r\n+third\r\n+fourth\r\n", .is_kept_open = true});
    world->on_ready = send_three;
    world->closes_in_reply = true;
    run(world, support_tcp_port(server));
    assert_string_equal(world->story, "ready +first ");
    assert_true(redis_io_is_closed(world->redis));
    assert_int_equal(redis_io_n_pending(world->redis), 0);
    const char *const ping = "PING";
    assert_int_equal(redis_io_command(world->redis, 1, &ping, NULL, LONG_US, on_reply, world), -1);
    support_tcp_stop(&server);
}

static void fill_up(world_t *world)
{
    for (size_t i = 0; i < REDIS_IO_PENDING_MAX; i++)
        send_ping(world);
    const char *const ping = "PING";
    assert_int_equal(redis_io_command(world->redis, 1, &ping, NULL, LONG_US, on_reply, world), -1);
    assert_int_equal(redis_io_n_pending(world->redis), REDIS_IO_PENDING_MAX);
    actor_stop(world->loop.actor);
}

static void commands_that_wait_are_bounded(void **state)
{
    world_t *world = *state;
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.is_kept_open = true});
    world->on_ready = fill_up;
    run(world, support_tcp_port(server));
    assert_string_equal(world->story, "ready ");
    support_tcp_stop(&server);
}

/* --- a real server: a blocking read on one connection, binary arguments --- */

static void on_block(void *context, const redisReply *reply)
{
    world_t *world = context;
    assert_non_null(reply);
    assert_int_equal(reply->type, REDIS_REPLY_NIL); /* BLOCK ended without an entry */
    tell(world, "%s ", "nil");
    actor_stop(world->loop.actor);
}

static void on_length(void *context, const redisReply *reply)
{
    world_t *world = context;
    assert_non_null(reply);
    assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
    tell(world, "%s ", reply->integer == 3 ? "3" : "wrong");
}

static void read_blocking(world_t *world)
{
    const char *const set[] = {"SET", "key", "a\0b"};
    const size_t lengths[] = {3, 3, 3};
    assert_int_equal(redis_io_command(world->redis, 3, set, lengths, LONG_US, on_reply, world), 0);
    const char *const length[] = {"STRLEN", "key"};
    assert_int_equal(redis_io_command(world->redis, 2, length, NULL, LONG_US, on_length, world), 0);
    const char *const xread[] = {"XREAD", "BLOCK", "100", "STREAMS", "stream", "$"};
    assert_int_equal(redis_io_command(world->redis, 6, xread, NULL, LONG_US, on_block, world), 0);
}

static void blocking_command_and_binary_texts_work(void **state)
{
    world_t *world = *state;
    uint16_t port = support_free_port();
    char folder[64];
    char port_text[8];
    support_make_folder(folder);
    (void)snprintf(port_text, sizeof port_text, "%u", (unsigned)port);
    const char *const argv[] = {"redis-server", "--port", port_text, "--bind", "127.0.0.1",
                                "--dir",        folder,   "--save",  "",       NULL};
    pid_t pid = support_start(argv);
    support_wait_for_port(port);
    world->on_ready = read_blocking;
    run(world, port);
    assert_string_equal(world->story, "ready +OK 3 nil ");
    redis_io_close(world->redis);
    (void)support_stop(pid, SIGTERM);
    support_remove_folder(folder);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(peer_is_told_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_value_of_an_answer_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(name_is_looked_up_and_each_address_tried, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(silent_address_leaves_time_for_the_next, set_up, tear_down),
        cmocka_unit_test_setup_teardown(late_answer_ends_all_that_wait_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(owner_may_open_again_when_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_told_after_close, set_up, tear_down),
        cmocka_unit_test_setup_teardown(commands_that_wait_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(blocking_command_and_binary_texts_work, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
