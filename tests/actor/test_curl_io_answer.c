/* What a request tells of its answer, and answers that mean harm. */
#include <zlib.h>

#include "tests/actor/curl_world.h"

#define OK "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nhi"

static void url_at(char url[96], const char *host, uint16_t port, const char *path)
{
    (void)snprintf(url, 96, "http://%s:%u%s", host, (unsigned)port, path);
}

/* --- what comes back --- */

static void answer_is_told_whole(void **state)
{
    curl_world_t *world = *state;
    static const curl_row_t rows[] = {
        {"*",
         "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
         "HTTP/1.0 200 Fine\r\nX-A: one\r\nx-b:two  \r\n\tthree\r\nX-A: four\r\n"
         "Content-Length: 2\r\n\r\nhi",
         0},
        {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    curl_server_begin(&server, world->loop.actor, "127.0.0.9", 0, rows);
    url_at(url, "good.test", server.port, "/");
    const curl_io_answer_t *answer = curl_world_get(world, url, NULL);
    assert_answered(world, 200);
    assert_string_equal(world->status_line, "HTTP/1.0 200 Fine");
    assert_string_equal(world->headers.bytes,
                        "X-A=one\nx-b=two three\nX-A=four\nContent-Length=2\n");
    assert_string_equal(world->body, "hi");
    assert_string_equal(world->ip, "127.0.0.9");
    assert_string_equal(world->http_version, "1.0");
    assert_string_equal(world->tls_version, "");
    assert_int_equal(answer->content_length, 2);
    assert_true(answer->is_connected);
    assert_false(answer->was_reused);
    assert_int_equal(answer->cert_expires_at_us, 0);
    int64_t sum_us = 0;
    for (size_t i = 0; i < CURL_IO_PHASES; i++) {
        if (i == CURL_IO_PHASE_TLS) {
            assert_int_equal(answer->phase_us[i], -1);
            continue;
        }
        assert_in_range(answer->phase_us[i], 0, answer->latency_us);
        sum_us += answer->phase_us[i];
    }
    assert_in_range(sum_us, 1, answer->latency_us);
    curl_server_end(&server);
}

/* A page of zeros as gzip packs it: the smallest bomb. */
static size_t pack(char *packed, size_t size, size_t n_zeros)
{
    z_stream stream = {.zalloc = NULL};
    char zeros[4096] = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)size;
    for (size_t n = 0; n < n_zeros; n += sizeof zeros) {
        stream.next_in = (Bytef *)zeros;
        stream.avail_in = sizeof zeros;
        assert_int_equal(deflate(&stream, n + sizeof zeros < n_zeros ? Z_NO_FLUSH : Z_FINISH) < 0,
                         0);
    }
    size_t n_packed = size - stream.avail_out;
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return n_packed;
}

static void bodies_stop_at_their_limit(void **state)
{
    curl_world_t *world = *state;
    enum { PACKED_BYTES = 65536, BOMB_BYTES = 32 << 20 };
    static char answer[PACKED_BYTES + 256];
    size_t n_head =
        (size_t)snprintf(answer, 256, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
    size_t n = n_head + pack(answer + n_head, PACKED_BYTES, BOMB_BYTES);
    const curl_row_t rows[] = {
        {"/bomb", answer, n},
        {"/ten", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", 0},
        {NULL, NULL, 0}};
    curl_server_t server;
    char url[96];
    curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
    http_settings_t settings = curl_world_settings();
    settings.decompresses = true;
    url_at(url, "127.0.0.1", server.port, "/bomb");
    const curl_io_answer_t *result = curl_world_get(world, url, &settings);
    assert_answered(world, 200);
    assert_true(result->is_body_cut);
    assert_int_equal(result->n_body, CURL_IO_BODY_MAX_BYTES);

    static const struct {
        uint32_t limit;
        bool is_cut;
    } table[] = {{0, true}, {9, true}, {10, false}, {11, false}};
    url_at(url, "127.0.0.1", server.port, "/ten");
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        settings.body_limit_bytes = table[i].limit;
        result = curl_world_get(world, url, &settings);
        assert_answered(world, 200);
        assert_int_equal(result->is_body_cut, table[i].is_cut);
        assert_int_equal(result->n_body, table[i].limit < 10 ? table[i].limit : 10);
    }
    curl_server_end(&server);
}

static void hostile_answers_end_in_bounds(void **state)
{
    curl_world_t *world = *state;
    enum { FLOOD_BYTES = 1 << 20 };
    static char flood[FLOOD_BYTES + 64];
    static char headers[FLOOD_BYTES + 64];
    static const char hint[] = "HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n";
    for (size_t n = 0; n < FLOOD_BYTES; n += sizeof hint - 1)
        memcpy(flood + n, hint, sizeof hint);
    static const char header[] = "A: b\r\n";
    size_t n_head = (size_t)snprintf(headers, 64, "HTTP/1.1 200 OK\r\n");
    for (size_t n = n_head; n < FLOOD_BYTES; n += sizeof header - 1)
        memcpy(headers + n, header, sizeof header);
    const curl_row_t rows[] = {
        {"/flood", flood, 0},
        {"/headers", headers, 0},
        {"/junk", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk", 0},
        {"/file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", 0},
        {NULL, NULL, 0}};
    static const struct {
        const char *path;
        curl_io_end_t end;
    } table[] = {{"/flood", CURL_IO_END_HEADERS},
                 {"/headers", CURL_IO_END_HEADERS},
                 {"/junk", CURL_IO_END_CURL},
                 {"/file", CURL_IO_END_BAD_REDIRECT}};
    curl_server_t server;
    char url[96];
    curl_server_begin(&server, world->loop.actor, "127.0.0.1", 0, rows);
    http_settings_t settings = curl_world_settings();
    settings.decompresses = true;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        url_at(url, "127.0.0.1", server.port, table[i].path);
        const curl_io_answer_t *answer = curl_world_get(world, url, &settings);
        assert_int_equal(answer->end, table[i].end);
        if (answer->end == CURL_IO_END_CURL)
            assert_int_equal(answer->code, CURLE_BAD_CONTENT_ENCODING);
    }
    curl_server_end(&server);
}

int main(void)
{
    zsys_handler_set(NULL);
#define ROW(name) cmocka_unit_test_setup_teardown(name, curl_world_set_up, curl_world_tear_down)
    const struct CMUnitTest tests[] = {
        ROW(answer_is_told_whole),
        ROW(bodies_stop_at_their_limit),
        ROW(hostile_answers_end_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
