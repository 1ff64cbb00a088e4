/*
 * Whatever a server sends is a head and frames, or is refused with a reason, and messages stay
 * within their bound. Input: all bytes of the server.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/websocket.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#define MOST 300

static void read_frames(const char *bytes, size_t n)
{
    websocket_message_t message = {.is_open = false};
    websocket_frame_t frame;
    const char *fault = NULL;
    while (websocket_frame_parse(bytes, n, MOST, &frame, &fault) == WEBSOCKET_WHOLE) {
        assert(frame.n_bytes <= n && frame.n_payload <= MOST);
        assert(frame.payload + frame.n_payload == bytes + frame.n_bytes);
        if (frame.operation < WEBSOCKET_CLOSE &&
            websocket_message_add(&message, &frame, MOST, &fault) == WEBSOCKET_WRONG)
            break;
        assert(message.text.size <= MOST);
        bytes += frame.n_bytes;
        n -= frame.n_bytes;
    }
    text_clear(&message.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char *copy = malloc(n + 1); /* its end is where a byte too many is seen */
    assert(copy);
    memcpy(copy, bytes, n);
    websocket_head_t head;
    if (websocket_head_parse(copy, n, &head) == WEBSOCKET_WHOLE) {
        assert(head.n_bytes <= n && head.status >= 100 && head.status <= 999);
        (void)websocket_head_fault(&head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "a, b");
        read_frames(copy + head.n_bytes, n - head.n_bytes);
    }
    read_frames(copy, n);
    free(copy);
    return 0;
}
