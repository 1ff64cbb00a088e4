/* Log records as they stand on stderr. */
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "actors/io/log.h"
#include "tests/test.h"

enum { CAPTURE_BYTES = 8192 };

/* stderr of the test goes through a pipe while a record is written. */
typedef struct {
    int saved;
    int pipe[2];
    char text[CAPTURE_BYTES + 1];
} capture_t;

static void begin_capture(capture_t *capture)
{
    capture->saved = dup(STDERR_FILENO);
    assert_true(capture->saved >= 0);
    assert_int_equal(pipe2(capture->pipe, O_NONBLOCK), 0);
    assert_true(dup2(capture->pipe[1], STDERR_FILENO) >= 0);
}

static const char *end_capture(capture_t *capture)
{
    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    close(capture->pipe[1]);
    ssize_t n = read(capture->pipe[0], capture->text, CAPTURE_BYTES);
    close(capture->pipe[0]);
    capture->text[n > 0 ? n : 0] = '\0';
    return capture->text;
}

static const char *record_of(capture_t *capture, bool is_json, const char *text)
{
    const log_t log = {.level = LOG_LEVEL_INFO, .is_json = is_json};
    begin_capture(capture);
    log_write(&log, LOG_LEVEL_WARNING, "probe_failed", "%s", text);
    return end_capture(capture);
}

static void levels_below_the_settings_are_silent(void **state)
{
    (void)state;
    for (int level = LOG_LEVEL_DEBUG; level < LOG_LEVEL_COUNT; level++) {
        const log_t log = {.level = LOG_LEVEL_ERROR};
        capture_t capture;
        begin_capture(&capture);
        log_write(&log, (log_level_t)level, "some_event", "text");
        assert_int_equal(end_capture(&capture)[0] != '\0', level >= LOG_LEVEL_ERROR);
    }
}

static void json_record_is_one_object_that_gives_back_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"plain", "plain"},
        {"", ""},
        {"\"quoted\" and \\", "\"quoted\" and \\"},
        {"two\r\nlines\tand\x1b[31m", "two\r\nlines\tand\x1b[31m"},
        {"\xC3\xA4 \xF0\x9F\x98\x80", "\xC3\xA4 \xF0\x9F\x98\x80"},
        {"bad \xFF\xE2\x82 end", "bad \xEF\xBF\xBD\xEF\xBF\xBD end"},
        {"redis://op:geheim@host:1/0 refused", "redis://op:***@host:1/0 refused"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        capture_t capture;
        const char *line = record_of(&capture, true, rows[i].text);
        assert_int_equal(strcspn(line, "\n"), strlen(line) - 1); /* one line, ended */
        for (const char *at = line; at[1]; at++)
            assert_true((unsigned char)*at >= 0x20);
        json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(record);
        assert_int_equal(json_object_size(record), 5);
        assert_string_equal(json_string_value(json_object_get(record, "level")), "WARNING");
        assert_string_equal(json_string_value(json_object_get(record, "service")),
                            "monitoring-health-service");
        assert_string_equal(json_string_value(json_object_get(record, "event")), "probe_failed");
        assert_string_equal(json_string_value(json_object_get(record, "msg")), rows[i].shown);
        const char *time = json_string_value(json_object_get(record, "ts"));
        assert_non_null(time);
        assert_non_null(strstr(time, "+00:00"));
        json_decref(record);
    }
}

static void text_record_is_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *end;
    } rows[] = {
        {"plain", " WARNING probe_failed: plain\n"},
        {"two\r\nlines\x1b", " WARNING probe_failed: two\\x0d\\x0alines\\x1b\n"},
        {"c1 \xC2\x9B", " WARNING probe_failed: c1 \\x9b\n"},
        {"\xFF", " WARNING probe_failed: \xEF\xBF\xBD\n"},
        {"http://u:p@h/", " WARNING probe_failed: http://u:***@h/\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        capture_t capture;
        const char *line = record_of(&capture, false, rows[i].text);
        size_t n = strlen(rows[i].end);
        assert_true(strlen(line) > n);
        assert_string_equal(line + strlen(line) - n, rows[i].end);
    }
}

/* Any length is cut to what a pipe takes in one piece, and still a whole record. */
static void long_record_is_cut_and_whole(void **state)
{
    (void)state;
    static const char *const fills[] = {"a", "\"", "\x01", "\xF0\x9F\x98\x80", "\xFF"};
    for (size_t i = 0; i < COUNT_OF(fills); i++)
        for (size_t n = 3900; n < 9000; n += 311) {
            char *text = calloc(1, n * 4 + 1);
            assert_non_null(text);
            for (size_t at = 0; at < n; at++)
                memcpy(text + strlen(fills[i]) * at, fills[i], strlen(fills[i]));
            capture_t capture;
            const char *line = record_of(&capture, true, text);
            assert_in_range(strlen(line), 3900, PIPE_BUF);
            json_t *record = json_loads(line, 0, NULL);
            assert_non_null(record);
            json_decref(record);
            free(text);
        }
}

static void cut_never_shows_half_a_password(void **state)
{
    (void)state;
    for (size_t n = 8100; n < 8192; n++) {
        char text[9000];
        memset(text, 'a', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        /* Many passwords before it: redaction makes the text short enough to show its end. */
        size_t at = 0;
        while (at + 220 < n - 100) {
            memcpy(text + at, "x://u:", 6);
            memset(text + at + 6, 'p', 200);
            memcpy(text + at + 206, "@h ", 3);
            at += 209;
        }
        memset(text + at, ' ', n - at);
        memcpy(text + n - 20, " redis://u:geheimgeheim", 23);
        capture_t capture;
        assert_null(strstr(record_of(&capture, false, text), "geheim"));
    }
}

/* A sink whose reader does not read: what is written to it fits no more. */
typedef struct {
    int reader, writer;
    log_sink_t sink;
} unread_t;

static void fill(int fd)
{
    static const char bytes[PIPE_BUF];
    int flags = fcntl(fd, F_GETFL);
    assert_int_equal(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
    while (write(fd, bytes, sizeof bytes) > 0)
        ;
    assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
}

static unread_t unread(bool is_socket)
{
    int ends[2];
    assert_int_equal(is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends), 0);
    unread_t made = {.reader = ends[0], .writer = ends[1]};
    fill(made.writer);
    made.sink = log_sink_of(made.writer);
    return made;
}

/* What the reader gets from the records on: the filling is NUL. */
static char *read_records(const unread_t *unread, char *text, size_t size)
{
    assert_int_equal(fcntl(unread->reader, F_SETFL, O_NONBLOCK), 0);
    size_t n = 0;
    char byte;
    while (read(unread->reader, &byte, 1) == 1)
        if (byte && n + 1 < size)
            text[n++] = byte;
    text[n] = '\0';
    return text;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void a_reader_that_does_not_read_stops_nobody(void **state)
{
    (void)state;
    for (int is_socket = 0; is_socket <= 1; is_socket++) {
        unread_t end = unread(is_socket);
        const log_t log = {.level = LOG_LEVEL_INFO, .sink = &end.sink};
        int64_t began_ms = now_ms();
        for (int i = 0; i < 1000; i++)
            log_write(&log, LOG_LEVEL_INFO, "unread", "record %d", i);
        assert_in_range(now_ms() - began_ms, 0, 20 * LOG_SINK_WAIT_MS); /* not one wait for each */
        assert_int_equal(fcntl(end.writer, F_GETFL) & O_NONBLOCK, 0);   /* whoever shares it */
        char text[CAPTURE_BYTES];
        assert_string_equal(read_records(&end, text, sizeof text), "");

        log_write(&log, LOG_LEVEL_INFO, "read_again", "that is all");
        (void)read_records(&end, text, sizeof text);
        const char *lost = strstr(text, " WARNING log_records_dropped: 1000 log records were lost");
        assert_non_null(lost);
        assert_non_null(strstr(lost, "\n"));
        assert_non_null(strstr(lost, " INFO read_again: that is all\n"));
        log_write(&log, LOG_LEVEL_INFO, "read_again", "once more");
        assert_null(strstr(read_records(&end, text, sizeof text), "lost")); /* told once */
        log_sink_close(&end.sink);
        close(end.writer);
        close(end.reader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_below_the_settings_are_silent),
        cmocka_unit_test(json_record_is_one_object_that_gives_back_its_text),
        cmocka_unit_test(text_record_is_one_line),
        cmocka_unit_test(long_record_is_cut_and_whole),
        cmocka_unit_test(cut_never_shows_half_a_password),
        cmocka_unit_test(a_reader_that_does_not_read_stops_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
