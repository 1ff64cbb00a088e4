/* The HTTP collector and what answers hold: bodies, headers, certificates. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "actors/io/curl_io.h"
#include "tests/actor/http_world.h"

static void large_body_is_dropped_and_the_code_decides(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        status_t status;
        bool is_raw;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n", STATUS_OK, true},
        {"HTTP/1.1 200 OK\r\n\r\n", STATUS_OK, true},
        {"HTTP/1.1 500 No\r\nContent-Length: 67108864\r\n\r\n", STATUS_DOWN, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        scene_t *scene =
            play(&(support_tcp_behaviour_t){.answer = rows[i].answer, .n_fill = (size_t)64 << 20},
                 KIND_SERVICE, TIMEOUT_MS);
        assert_int_equal(scene->result->status, rows[i].status);
        assert_null(scene->result->error);
        if (rows[i].is_raw) {
            assert_starts(scene->result->details, "{\"raw\":\"xxxxx");
            assert_int_equal(strlen(scene->result->details), strlen("{\"raw\":\"\"}") + 200);
        } else {
            assert_string_equal(scene->result->details, "{\"status_code\":500}");
        }
        assert_true(support_tcp_n_sent_bytes(scene->server) < (size_t)32 << 20);
        end_scene(scene);
    }
}

static void body_of_just_256_kib_is_whole(void **state)
{
    (void)state;
    enum { LIMIT = 262144 };
    for (size_t n = LIMIT - 1; n <= LIMIT + 1; n++) {
        char *answer = malloc(LIMIT + 128);
        assert_non_null(answer);
        int n_head = snprintf(answer, 128, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
        memset(answer + n_head, 'a', n);
        answer[n_head] = '"';
        answer[(size_t)n_head + n - 1] = '"';
        answer[(size_t)n_head + n] = '\0';
        scene_t *scene =
            play(&(support_tcp_behaviour_t){.answer = answer}, KIND_SERVICE, TIMEOUT_MS);
        assert_int_equal(scene->result->status, STATUS_OK);
        assert_int_equal(scene->result->details[0], n <= LIMIT ? '"' : '{');
        assert_int_equal(strlen(scene->result->details) == n, n <= LIMIT);
        end_scene(scene);
        free(answer);
    }
}

/* Text of N_HEADERS headers, then N_CHUNKS chunks of one byte each, for free(). */
static char *crumbs(const char *status_line, size_t n_headers, size_t n_chunks)
{
    static const char header[] = "a:\r\n";
    static const char chunk[] = "1\r\nx\r\n";
    char *answer = malloc(256 + n_headers * strlen(header) + n_chunks * strlen(chunk));
    assert_non_null(answer);
    char *end = answer + sprintf(answer, "%s\r\nTransfer-Encoding: chunked\r\n", status_line);
    for (size_t i = 0; i < n_headers; i++)
        end = stpcpy(end, header);
    end = stpcpy(end, "\r\n");
    for (size_t i = 0; i < n_chunks; i++)
        end = stpcpy(end, chunk);
    (void)stpcpy(end, "0\r\n\r\n");
    return answer;
}

/* libcurl calls for each chunk; a look through all headers each time would take minutes. */
static void crumbs_cost_no_time(void **state)
{
    (void)state;
    enum { N_HEADERS = 12000, N_CHUNKS = 200000, MOST_US = 4000 * 1000 };
    static const struct {
        const char *line;
        status_t status;
    } rows[] = {{"HTTP/1.1 200 OK", STATUS_OK}, {"HTTP/1.1 301 Moved", STATUS_DEGRADED}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *answer = crumbs(rows[i].line, N_HEADERS, N_CHUNKS);
        scene_t *scene =
            play(&(support_tcp_behaviour_t){.answer = answer}, KIND_SERVICE, TIMEOUT_MS);
        assert_int_equal(scene->result->status, rows[i].status);
        assert_in_range(scene->result->latency_us, 1, MOST_US);
        end_scene(scene);
        free(answer);
    }
}

/* N times "HTTP/1.1 100 Continue", then an answer, for free(). */
static char *interim_answers(size_t n)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    char *answer = malloc(n * strlen(interim) + sizeof OK_ANSWER);
    assert_non_null(answer);
    char *end = answer;
    for (size_t i = 0; i < n; i++)
        end = stpcpy(end, interim);
    (void)stpcpy(end, OK_ANSWER);
    return answer;
}

static void headers_of_one_answer_are_bounded(void **state)
{
    (void)state;
    const struct {
        char *answer;
        bool is_refused;
    } rows[] = {
        {crumbs("HTTP/1.1 200 OK", CURL_IO_HEADERS_MAX_BYTES / 4 - 20, 1), false},
        {crumbs("HTTP/1.1 200 OK", CURL_IO_HEADERS_MAX_BYTES / 4, 1), true},
        {interim_answers(CURL_IO_HEADERS_MAX_BYTES / 25 - 10), false},
        {interim_answers(CURL_IO_HEADERS_MAX_BYTES / 25), true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        scene_t *scene =
            play(&(support_tcp_behaviour_t){.answer = rows[i].answer}, KIND_SERVICE, TIMEOUT_MS);
        assert_int_equal(scene->result->status, rows[i].is_refused ? STATUS_DOWN : STATUS_OK);
        if (rows[i].is_refused) {
            assert_int_equal(scene->result->reason, REASON_PROTOCOL);
            assert_string_equal(scene->result->error, "Unexpected error: Headers too long");
        }
        end_scene(scene);
        free(rows[i].answer);
    }
}

/* To read the certificates of all authorities takes 22 ms; done for each check, 200 targets would
 * hold up the loop for seconds. Here the first check reads those that TLS names, or the system's,
 * and the others cost next to nothing. */
static void are_read_once(const http_settings_t *http)
{
    enum { N_MORE = 40, MOST_TIMES = 10, TIGHT_INTERVAL_MS = 20 };
    support_tcp_t *server = support_tcp_start(&(support_tcp_behaviour_t){.answer = NULL});
    char url[64];
    target_t target = target_at("a", KIND_SERVICE, support_tcp_port(server), url);
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/", (unsigned)support_tcp_port(server));
    target.check_interval_ms = TIGHT_INTERVAL_MS;
    target.http = http;
    support_collector_t *collector = support_collector_start(http_collector_actor, &target, 1);
    clock_t begun = clock();
    const probe_result_t *result = support_collector_next(collector, DEADLINE_MS);
    assert_int_equal(result->status, STATUS_DOWN); /* the server speaks no TLS */
    clock_t first = clock() - begun;
    begun = clock();
    for (int i = 0; i < N_MORE; i++)
        assert_int_equal(support_collector_next(collector, DEADLINE_MS)->status, STATUS_DOWN);
    assert_in_range(clock() - begun, 0, MOST_TIMES * first);
    support_collector_stop(&collector, STOP_DEADLINE_MS);
    support_tcp_stop(&server);
    free(target.name);
}

static void certificates_of_authorities_are_read_once(void **state)
{
    (void)state;
    are_read_once(NULL);
}

static void certificates_of_a_file_are_read_once(void **state)
{
    (void)state;
    char bundle[] = "/etc/ssl/certs/ca-certificates.crt";
    http_settings_t http = {.body_limit_bytes = CURL_IO_BODY_MAX_BYTES,
                            .version = HTTP_VERSION_1_1,
                            .tls.ca_file = bundle};
    are_read_once(&http);
}

int main(void)
{
    zsys_handler_set(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_body_is_dropped_and_the_code_decides),
        cmocka_unit_test(body_of_just_256_kib_is_whole),
        cmocka_unit_test(crumbs_cost_no_time),
        cmocka_unit_test(headers_of_one_answer_are_bounded),
        cmocka_unit_test(certificates_of_authorities_are_read_once),
        cmocka_unit_test(certificates_of_a_file_are_read_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
