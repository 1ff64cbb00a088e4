/* Readers that send too much, too little, too slowly, nonsense, or go away. */
#include <sys/resource.h>

#include "gateway/http.h"
#include "gateway/http_clients.h"
#include "tests/actor/gateway_world.h"

static int setup(void **state)
{
    *state = world_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    world_destroy(*state);
    return 0;
}

/* Somebody else is served as ever. */
static void assert_serves(world_t *world)
{
    response_t response;
    fetch(world, "GET", "/health", "", &response);
    assert_int_equal(response.code, 200);
}

/* Sends a request whose header or query makes its head N bytes long. */
static void send_head_of(reader_t *reader, size_t n, bool is_target)
{
    static const char before_query[] = "GET /livez?";
    static const char before_header[] = "GET /livez HTTP/1.1\r\nHost: a:80\r\nX-Filler: ";
    static const char after_query[] = " HTTP/1.1\r\nHost: a:80\r\n\r\n";
    static const char after_header[] = "\r\n\r\n";
    const char *before = is_target ? before_query : before_header;
    const char *after = is_target ? after_query : after_header;
    char *head = malloc(n);
    assert_non_null(head);
    memset(head, 'x', n);
    memcpy(head, before, strlen(before));
    memcpy(head + n - strlen(after), after, strlen(after));
    reader_send_bytes(reader, head, n);
    free(head);
}

static void a_head_over_64_kib_is_431(void **state)
{
    static const struct {
        size_t n;
        bool is_target;
        int code;
    } rows[] = {
        {HTTP_HEAD_MAX_BYTES - 1000, false, 200}, {HTTP_HEAD_MAX_BYTES, false, 200},
        {HTTP_HEAD_MAX_BYTES + 1, false, 431},    {HTTP_HEAD_MAX_BYTES + 4096, false, 431},
        {(size_t)200 << 10, false, 431},          {(size_t)1 << 20, false, 431},
        {HTTP_HEAD_MAX_BYTES, true, 200},         {HTTP_HEAD_MAX_BYTES + 4096, true, 431},
    };
    world_t *world = *state;
    reader_t *other = reader_new(world);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        reader_t *reader = reader_new(world);
        send_head_of(reader, rows[i].n, rows[i].is_target);
        response_t response;
        reader_receive(reader, world, false, &response);
        assert_int_equal(response.code, rows[i].code);
        reader_destroy(&reader);
        reader_ask(other, "GET", "/livez", "");
        reader_receive(other, world, false, &response);
        assert_int_equal(response.code, 200);
    }
    reader_destroy(&other);
}

static void our_own_431_is_json(void **state)
{
    world_t *world = *state;
    reader_t *reader = reader_new(world);
    send_head_of(reader, HTTP_HEAD_MAX_BYTES + 1, false);
    response_t response;
    reader_receive(reader, world, false, &response);
    assert_int_equal(response.code, 431);
    assert_string_equal(response.body, "{\"detail\":\"Request Header Fields Too Large\"}");
    reader_destroy(&reader);
}

static void send_body(reader_t *reader, size_t n)
{
    char headers[64];
    (void)snprintf(headers, sizeof headers, "Content-Length: %zu\r\n", n);
    reader_ask(reader, "POST", "/alerts/x/clear", headers);
    char *body = malloc(n + 1);
    assert_non_null(body);
    memset(body, 'x', n);
    reader_send_bytes(reader, body, n);
    free(body);
}

static void a_body_over_64_kib_is_413_and_the_connection_goes_on(void **state)
{
    static const struct {
        size_t n;
        int code;
    } rows[] = {{0, 200},
                {HTTP_BODY_MAX_BYTES, 200},
                {HTTP_BODY_MAX_BYTES + 1, 413},
                {(size_t)900 << 10, 413},
                {10, 200}};
    world_t *world = *state;
    reader_t *reader = reader_new(world);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        response_t response;
        send_body(reader, rows[i].n);
        reader_receive(reader, world, false, &response);
        assert_int_equal(response.code, rows[i].code);
    }
    reader_destroy(&reader);
    assert_int_equal(world->alerts.n_queries, 3);
}

static void a_huge_body_is_413_before_it_is_sent(void **state)
{
    static const char *const headers[] = {
        "Content-Length: 9999999999\r\n",
        "Content-Length: 70000\r\nExpect: 100-continue\r\n",
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        response_t response;
        fetch(world, "POST", "/alerts/x/clear", headers[i], &response);
        assert_int_equal(response.code, 413);
        assert_string_equal(response.body, "{\"detail\":\"Content Too Large\"}");
    }
    assert_int_equal(world->alerts.n_queries, 0);
}

static void a_body_in_chunks_is_counted(void **state)
{
    world_t *world = *state;
    reader_t *reader = reader_new(world);
    reader_ask(reader, "POST", "/alerts/x/clear", "Transfer-Encoding: chunked\r\n");
    char chunk[4096];
    memset(chunk, 'x', sizeof chunk);
    for (size_t n = 0; n <= HTTP_BODY_MAX_BYTES; n += sizeof chunk) {
        reader_send(reader, "1000\r\n");
        reader_send_bytes(reader, chunk, sizeof chunk);
        reader_send(reader, "\r\n");
    }
    reader_send(reader, "0\r\n\r\n");
    response_t response;
    reader_receive(reader, world, false, &response);
    assert_int_equal(response.code, 413);
    reader_destroy(&reader);
    assert_serves(world);
}

static void a_sender_of_8_mib_still_reads_the_refusal(void **state)
{
    enum { N = 8 << 20, PIECE = 65536 };
    world_t *world = *state;
    reader_t *reader = reader_new(world);
    reader_ask(reader, "POST", "/alerts/x/clear", "Content-Length: 8388608\r\n");
    static char piece[PIECE];
    memset(piece, 'x', sizeof piece);
    for (int sent = 0; sent < N; sent += PIECE)
        reader_send_bytes(reader, piece, PIECE);
    response_t response;
    reader_receive(reader, world, false, &response);
    assert_int_equal(response.code, 413);
    reader_destroy(&reader);
}

static void nonsense_harms_nobody(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        {"\r\n\r\n\r\n", 6},
        {"GARBAGE\r\n\r\n", 11},
        {"\x16\x03\x01\x00\xa5\x01\x00\x00\r\n\r\n", 12},
        {"GET / HTTP/9.9\r\n\r\n", 18},
        {"GET /\0/health HTTP/1.1\r\nHost: a\r\n\r\n", 35},
        {"GET / HTTP/1.1\r\nNoColon\r\n\r\n", 27},
        {"POST /alerts/x/clear HTTP/1.1\r\nContent-Length: abc\r\n\r\n", 55},
        {"POST /alerts/x/clear HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 54},
        {"POST /alerts/x/clear HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 65},
        {"GET /%zz%00%ff HTTP/1.1\r\nHost: a\r\n\r\n", 37},
        {"GET /health HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"\r\nAccept-Encoding: ;;q\r\n\r\n",
         74},
    };
    world_t *world = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        reader_t *reader = reader_new(world);
        reader_send_bytes(reader, rows[i].text, rows[i].n);
        assert_serves(world); /* and while it is open, and after that */
        reader_destroy(&reader);
        assert_serves(world);
    }
}

static void readers_that_go_away_while_they_wait_are_forgotten(void **state)
{
    world_t *world = *state;
    world->health.mode = OWNER_HOLDS;
    world->alerts.mode = OWNER_HOLDS;
    for (int i = 0; i < 20; i++) {
        reader_t *reader = reader_new(world);
        reader_ask(reader, i % 2 ? "GET" : "POST", i % 2 ? "/health/system" : "/alerts/x/clear",
                   "");
        world_wait_queries(world, i % 2 ? &world->health : &world->alerts,
                           i % 2 ? 1 : 1u + (unsigned)i / 2);
        reader_destroy(&reader);
    }
    world->health.mode = OWNER_ANSWERS;
    world_answer(world, &world->health);
    world_settle(world);
    assert_serves(world);
    response_t response;
    fetch(world, "GET", "/health/system", "", &response);
    assert_int_equal(response.code, 200);
}

static void many_limits_are_shown_at_once(void **state)
{
    enum { N = 60 };
    world_t *world = *state;
    reader_t *readers[N];
    world->alerts.mode = OWNER_HOLDS;
    for (unsigned i = 0; i < N; i++) {
        char target[64];
        (void)snprintf(target, sizeof target, "/alerts/history?limit=%u", i + 1);
        readers[i] = reader_new(world);
        reader_ask(readers[i], "GET", target, "");
        world_wait_queries(world, &world->alerts, i + 1);
        world_answer(world, &world->alerts);
    }
    for (unsigned i = 0; i < N; i++) {
        char end[64];
        (void)snprintf(end, sizeof end, "\"limit\":%u}", i + 1);
        response_t response;
        reader_receive(readers[i], world, false, &response);
        assert_int_equal(response.code, 200);
        assert_non_null(strstr(response.body, end));
        reader_destroy(&readers[i]);
    }
}

static void more_questions_than_are_open_at_once_get_answered(void **state)
{
    world_t *world = *state;
    reader_t *reader = reader_new(world);
    for (unsigned i = 1; i <= ASK_UNANSWERED_MAX + 10; i++) {
        response_t response;
        reader_ask(reader, "POST", "/alerts/x/clear", "");
        reader_receive(reader, world, false, &response);
        assert_int_equal(response.code, 200);
        assert_int_equal(world->alerts.n_queries, i);
    }
    reader_destroy(&reader);
}

static void a_silent_owner_is_not_asked_without_bound(void **state)
{
    enum { N_READERS = 400, N_PIPELINED = 3 };
    world_t *world = *state;
    world->alerts.mode = OWNER_HOLDS;
    static reader_t *readers[N_READERS];
    for (size_t i = 0; i < N_READERS; i++) {
        readers[i] = reader_new(world);
        for (size_t k = 0; k < N_PIPELINED; k++)
            reader_ask(readers[i], "POST", "/alerts/x/clear", "");
    }
    for (size_t i = 0; i < N_READERS; i++) {
        for (size_t k = 0; k < N_PIPELINED; k++) {
            response_t response;
            reader_receive(readers[i], world, false, &response);
            assert_int_equal(response.code, 503);
        }
        reader_destroy(&readers[i]);
    }
    assert_int_equal(world->alerts.n_queries, ASK_UNANSWERED_MAX);
}

/* More half requests than there are places, and then an honest reader. */
static void half_requests_do_not_shut_out_others(void **state)
{
    enum { N = 700 };
    world_t *world = *state;
    struct rlimit descriptors;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    descriptors.rlim_cur = descriptors.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
    assert_true(descriptors.rlim_cur > N + HTTP_CONNECTIONS_MAX + 200);

    static int fds[N];
    for (size_t i = 0; i < N; i++) {
        reader_t *half = reader_new(world);
        reader_send(half, "GET /health HTTP/1.1\r\nHost: a");
        fds[i] = half->fd;
        free(half);
        if (i % 50 == 49)
            assert_serves(world);
    }
    int64_t begun_us = clock_mono_us();
    for (int i = 0; i < 50; i++)
        assert_serves(world);
    assert_true(clock_mono_us() - begun_us < HTTP_FIRST_LINE_US); /* long before anybody is cut */
    for (size_t i = 0; i < N; i++)
        assert_int_equal(close(fds[i]), 0);
}

/* One that drips, one that is silent, one that has been served: all are cut within 10 seconds. */
static void slow_readers_are_cut(void **state)
{
    enum { CUT_MS = 10000, SLACK_MS = 5000 };
    world_t *world = *state;
    reader_t *readers[3];
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        readers[i] = reader_new(world);
    reader_ask(readers[0], "GET", "/livez", "");
    response_t response;
    reader_receive(readers[0], world, false, &response);
    assert_int_equal(response.code, 200);
    reader_send(readers[1], "GET /livez HTTP/1.1\r\n");
    int64_t begun_us = clock_mono_us();
    size_t n_open = COUNT_OF(readers);
    struct pollfd items[COUNT_OF(readers)];
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        items[i] = (struct pollfd){.fd = readers[i]->fd, .events = POLLIN};
    while (n_open > 0) {
        if (poll(items, COUNT_OF(items), 500) == 0)
            (void)send(readers[1]->fd, "X", 1, MSG_NOSIGNAL); /* fails once it is cut */
        for (size_t i = 0; i < COUNT_OF(items); i++)
            if (items[i].fd != -1 && items[i].revents && !reader_fill(readers[i])) {
                items[i].fd = -1;
                n_open--;
            }
        assert_true(clock_mono_us() - begun_us < (int64_t)(CUT_MS + SLACK_MS) * 1000);
    }
    assert_true(clock_mono_us() - begun_us >= HTTP_NEXT_LINE_US - 1000000);
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        reader_destroy(&readers[i]);
    assert_serves(world);
}

static void the_end_answers_who_waits(void **state)
{
    (void)state;
    world_t *world = world_new(NULL);
    world->health.mode = OWNER_HOLDS;
    reader_t *reader = reader_new(world);
    reader_ask(reader, "GET", "/health/system", "");
    world_wait_queries(world, &world->health, 1);
    int64_t begun_us = clock_mono_us();
    zactor_destroy(&world->gateway);
    assert_true(clock_mono_us() - begun_us < ASK_ANSWER_US);
    while (reader_fill(reader)) {
        struct pollfd item = {.fd = reader->fd, .events = POLLIN};
        assert_int_equal(poll(&item, 1, DEADLINE_MS), 1);
    }
    response_t response;
    assert_true(reader_take(reader, false, &response));
    assert_int_equal(response.code, 503);
    reader_destroy(&reader);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_head_over_64_kib_is_431, setup, teardown),
        cmocka_unit_test_setup_teardown(our_own_431_is_json, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_over_64_kib_is_413_and_the_connection_goes_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_huge_body_is_413_before_it_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_in_chunks_is_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sender_of_8_mib_still_reads_the_refusal, setup, teardown),
        cmocka_unit_test_setup_teardown(nonsense_harms_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_that_go_away_while_they_wait_are_forgotten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_limits_are_shown_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(more_questions_than_are_open_at_once_get_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_silent_owner_is_not_asked_without_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(half_requests_do_not_shut_out_others, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_readers_are_cut, setup, teardown),
        cmocka_unit_test(the_end_answers_who_waits),
    };
    zsys_handler_set(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
