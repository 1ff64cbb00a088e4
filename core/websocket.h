/*
 * WebSocket as a client (RFC 6455), from bytes to bytes: the request that asks for it, the answer,
 * and frames. Pure: keys and masks are the caller's.
 */
#ifndef HEALTHD_CORE_WEBSOCKET_H
#define HEALTHD_CORE_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/condition.h"
#include "core/text.h"

/* Bytes of the answer's head, and headers of it, at most. */
#define WEBSOCKET_HEAD_MAX_BYTES ((size_t)16 << 10)
#define WEBSOCKET_HEADERS_MAX    64
/* Bytes of a key, and of what a server makes of it, with their NULs (section 4.2.2). */
#define WEBSOCKET_KEY_BYTES    25
#define WEBSOCKET_ACCEPT_BYTES 29

/* The head of an answer; texts are in the bytes that it was parsed from. */
typedef struct {
    int64_t status; /* of HTTP */
    condition_field_t headers[WEBSOCKET_HEADERS_MAX];
    size_t n_headers;
    size_t n_bytes; /* of the head, with the empty line */
} websocket_head_t;

typedef enum { WEBSOCKET_MORE, WEBSOCKET_WHOLE, WEBSOCKET_WRONG } websocket_outcome_t;

/* Parses the N BYTES that came first. MORE: the head is not there yet. */
websocket_outcome_t websocket_head_parse(const char *bytes, size_t n, websocket_head_t *ret);

/* The value of the header NAME, in any case; NULL: it is not there. */
const condition_text_t *websocket_header(const websocket_head_t *head, const char *name);

/* Why HEAD (whose status is 101) is no answer to a request with the key that ACCEPT is made of, and
 * with SUBPROTOCOLS ("a, b", or NULL); a static text, or NULL: it is one. */
const char *websocket_head_fault(const websocket_head_t *head, const char *accept,
                                 const char *subprotocols);

/* Operations of frames (section 11.8). */
typedef enum {
    WEBSOCKET_CONTINUATION = 0,
    WEBSOCKET_TEXT = 1,
    WEBSOCKET_BINARY = 2,
    WEBSOCKET_CLOSE = 8,
    WEBSOCKET_PING = 9,
    WEBSOCKET_PONG = 10
} websocket_operation_t;

typedef struct {
    websocket_operation_t operation;
    bool is_final;
    const char *payload; /* in the bytes that it was parsed from */
    size_t n_payload;
    size_t n_bytes; /* of the frame */
} websocket_frame_t;

/* Parses the frame at the start of N BYTES, whose payload may have MOST bytes. WRONG with a static
 * text: a server must not send such a frame. */
websocket_outcome_t websocket_frame_parse(const char *bytes, size_t n, size_t most,
                                          websocket_frame_t *ret, const char **reterr);

/* Appends a final frame of a client with N bytes of payload, masked with MASK. */
void websocket_frame_append(text_t *text, websocket_operation_t operation, const char *payload,
                            size_t n, const unsigned char mask[4]);

/* A message put together of frames. Zero it to begin. */
typedef struct {
    text_t text;
    bool is_open; /* more frames of it will come */
} websocket_message_t;

/* Adds FRAME, one of TEXT, BINARY and CONTINUATION. WHOLE: MESSAGE is whole, and begins anew with
 * the next one. WRONG with a static text: out of order, longer than MOST, or out of memory, which
 * text.is_failed tells. */
websocket_outcome_t websocket_message_add(websocket_message_t *message,
                                          const websocket_frame_t *frame, size_t most,
                                          const char **reterr);

#endif
