/* WebSocket as a client: the answer's head, frames and messages. */
#include <stdlib.h>
#include <string.h>

#include "core/websocket.h"
#include "tests/test.h"

#define MOST 70000

/* The example of RFC 6455, section 1.3. */
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define GOOD                                                                                       \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, "           \
    "Upgrade\r\n"                                                                                  \
    "Sec-WebSocket-Accept: " ACCEPT "\r\n"

static void head_is_parsed_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        websocket_outcome_t outcome;
        int64_t status;
        size_t n_headers;
    } rows[] = {
        {"", WEBSOCKET_MORE, 0, 0},
        {"HTTP/1.1 101 x\r\n", WEBSOCKET_MORE, 0, 0},
        {"HTTP/1.1 404\r\n\r\n", WEBSOCKET_WHOLE, 404, 0},
        {"HTTP/1.0 200 OK\r\nA: b\r\nC:\r\n\r\nrest", WEBSOCKET_WHOLE, 200, 2},
        {"\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/2 101 x\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/1.1 1a1 x\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/1.1 099 x\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/1.1 1011\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/1.1 101 x\r\nnothing\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/1.1 101 x\r\n: x\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/1.1 101 x\r\nA: b\r\n folded: c\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
        {"HTTP/1.1 101 x\r\nA : b\r\n\r\n", WEBSOCKET_WRONG, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        websocket_head_t head = {.status = 0};
        size_t n = strlen(rows[i].bytes);
        assert_int_equal(websocket_head_parse(rows[i].bytes, n, &head), rows[i].outcome);
        if (rows[i].outcome != WEBSOCKET_WHOLE)
            continue;
        assert_int_equal(head.status, rows[i].status);
        assert_int_equal(head.n_headers, rows[i].n_headers);
        assert_int_equal(head.n_bytes, strstr(rows[i].bytes, "\r\n\r\n") + 4 - rows[i].bytes);
    }
}

static void head_without_end_is_refused(void **state)
{
    (void)state;
    static char bytes[WEBSOCKET_HEAD_MAX_BYTES];
    websocket_head_t head;
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(websocket_head_parse(bytes, sizeof bytes - 1, &head), WEBSOCKET_MORE);
    assert_int_equal(websocket_head_parse(bytes, sizeof bytes, &head), WEBSOCKET_WRONG);
}

static void answer_must_be_one_to_what_was_asked(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *subprotocols, *fault;
    } rows[] = {
        {GOOD "\r\n", NULL, NULL},
        {GOOD "Sec-WebSocket-Protocol: b\r\n\r\n", "a, b", NULL},
        {GOOD "Sec-WebSocket-Protocol: B\r\n\r\n", "a, b",
         "The answer has a subprotocol that was not asked for"},
        {GOOD "Sec-WebSocket-Protocol: b\r\n\r\n", NULL,
         "The answer has a subprotocol that was not asked for"},
        {GOOD "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", NULL,
         "The answer has an extension that was not asked for"},
        {"HTTP/1.1 101 x\r\n\r\n", NULL, "The answer does not upgrade to websocket"},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n", NULL,
         "The answer's Connection does not say upgrade"},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", NULL,
         "The answer's Sec-WebSocket-Accept is wrong"},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
         NULL, "The answer's Sec-WebSocket-Accept is wrong"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        websocket_head_t head;
        assert_int_equal(websocket_head_parse(rows[i].bytes, strlen(rows[i].bytes), &head),
                         WEBSOCKET_WHOLE);
        const char *fault = websocket_head_fault(&head, ACCEPT, rows[i].subprotocols);
        assert_string_equal(fault ? fault : "", rows[i].fault ? rows[i].fault : "");
    }
}

static void frames_are_parsed_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        websocket_outcome_t outcome;
        size_t n_payload;
    } rows[] = {
        {"\x81\x05Hello", 7, WEBSOCKET_WHOLE, 5}, /* section 5.7 */
        {"\x81\x05Hell", 6, WEBSOCKET_MORE, 0},
        {"\x81", 1, WEBSOCKET_MORE, 0},
        {"\x82\x7e\x01", 3, WEBSOCKET_MORE, 0},
        {"\x82\x7e\x00\x01x", 5, WEBSOCKET_WHOLE, 1},
        {"\x82\x7f\0\0\0\0\0\0\0\x01x", 11, WEBSOCKET_WHOLE, 1},
        {"\x82\x7f\0\0\0\0\0\x01\x11\x70", 10, WEBSOCKET_MORE, 0}, /* 70000 */
        {"\x82\x7f\0\0\0\0\0\x01\x11\x71", 10, WEBSOCKET_WRONG, 0},
        {"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10, WEBSOCKET_WRONG, 0},
        {"\x81\x81", 2, WEBSOCKET_WRONG, 0}, /* masked */
        {"\xc1\x00", 2, WEBSOCKET_WRONG, 0}, /* of an extension */
        {"\x83\x00", 2, WEBSOCKET_WRONG, 0},
        {"\x8b\x00", 2, WEBSOCKET_WRONG, 0},
        {"\x09\x00", 2, WEBSOCKET_WRONG, 0}, /* a ping in parts */
        {"\x89\x7e", 2, WEBSOCKET_WRONG, 0}, /* a long one */
        {"\x88\x00", 2, WEBSOCKET_WHOLE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        websocket_frame_t frame;
        const char *fault = NULL;
        assert_int_equal(websocket_frame_parse(rows[i].bytes, rows[i].n, MOST, &frame, &fault),
                         rows[i].outcome);
        assert_int_equal(fault != NULL, rows[i].outcome == WEBSOCKET_WRONG);
        if (rows[i].outcome != WEBSOCKET_WHOLE)
            continue;
        assert_int_equal(frame.n_payload, rows[i].n_payload);
        assert_int_equal(frame.n_bytes, rows[i].n);
    }
}

static void frames_of_a_client_are_masked(void **state)
{
    (void)state;
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d}; /* section 5.7 */
    static const struct {
        size_t n, n_head;
        const char *head;
    } rows[] = {{5, 2, "\x81\x85"},
                {125, 2, "\x81\xfd"},
                {126, 4, "\x81\xfe\x00\x7e"},
                {65535, 4, "\x81\xfe\xff\xff"},
                {65536, 10, "\x81\xff\0\0\0\0\0\x01\0\0"}};
    static char payload[65536];
    memcpy(payload, "Hello", 5);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text_t frame = {0};
        websocket_frame_append(&frame, WEBSOCKET_TEXT, payload, rows[i].n, mask);
        assert_int_equal(frame.size, rows[i].n_head + 4 + rows[i].n);
        assert_memory_equal(frame.bytes, rows[i].head, rows[i].n_head);
        assert_memory_equal(frame.bytes + rows[i].n_head, mask, 4);
        assert_memory_equal(frame.bytes + rows[i].n_head + 4, "\x7f\x9f\x4d\x51\x58", 5);
        text_clear(&frame);
    }
}

static void messages_are_put_together(void **state)
{
    (void)state;
    static const struct {
        websocket_operation_t operation;
        bool is_final;
        const char *payload;
        websocket_outcome_t outcome;
        const char *text;
    } rows[] = {
        {WEBSOCKET_TEXT, true, "one", WEBSOCKET_WHOLE, "one"},
        {WEBSOCKET_TEXT, false, "a", WEBSOCKET_MORE, "a"},
        {WEBSOCKET_CONTINUATION, false, "b", WEBSOCKET_MORE, "ab"},
        {WEBSOCKET_TEXT, true, "c", WEBSOCKET_WRONG, "ab"},
        {WEBSOCKET_CONTINUATION, true, "c", WEBSOCKET_WHOLE, "abc"},
        {WEBSOCKET_CONTINUATION, true, "d", WEBSOCKET_WRONG, "abc"},
        {WEBSOCKET_BINARY, false, "12345", WEBSOCKET_MORE, "12345"},
        {WEBSOCKET_CONTINUATION, true, "6789", WEBSOCKET_WRONG, "12345"},
    };
    websocket_message_t message = {.is_open = false};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *fault = NULL;
        const websocket_frame_t frame = {.operation = rows[i].operation,
                                         .is_final = rows[i].is_final,
                                         .payload = rows[i].payload,
                                         .n_payload = strlen(rows[i].payload)};
        assert_int_equal(websocket_message_add(&message, &frame, 8, &fault), rows[i].outcome);
        assert_string_equal(message.text.bytes, rows[i].text);
        assert_int_equal(fault != NULL, rows[i].outcome == WEBSOCKET_WRONG);
    }
    text_clear(&message.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_is_parsed_or_refused),
        cmocka_unit_test(head_without_end_is_refused),
        cmocka_unit_test(answer_must_be_one_to_what_was_asked),
        cmocka_unit_test(frames_are_parsed_or_refused),
        cmocka_unit_test(frames_of_a_client_are_masked),
        cmocka_unit_test(messages_are_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
