#include "core/websocket.h"

#include <string.h>
#include <strings.h>

/* Bits of a frame's first two bytes. */
#define FINAL     0x80
#define RESERVED  0x70
#define OPERATION 0x0f
#define MASKED    0x80
#define LENGTH    0x7f
/* Lengths that stand for "the next 2 (8) bytes are the length". */
#define LENGTH_16 126
#define LENGTH_64 127
/* Payload of a control frame, at most (section 5.5). */
#define CONTROL_MAX_BYTES 125

/* --- the head of the answer --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static condition_text_t trimmed(const char *from, const char *to)
{
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    return (condition_text_t){.bytes = from, .n = (size_t)(to - from)};
}

static bool is_text(const condition_text_t *text, const char *wanted)
{
    return text->n == strlen(wanted) && strncasecmp(text->bytes, wanted, text->n) == 0;
}

/* "HTTP/1.1 101 Switching Protocols"; -1: it is no status line. */
static int64_t status_of(const char *line, size_t n)
{
    if (n < 12 || memcmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ' || (n > 12 && line[12] != ' '))
        return -1;
    int64_t status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (line[i] < '0' || line[i] > '9')
            return -1;
        status = status * 10 + (line[i] - '0');
    }
    return status >= 100 ? status : -1;
}

/* Headers beyond the limit are left out; a folded or nameless one is wrong. */
static int add_header(websocket_head_t *head, const char *line, const char *end)
{
    const char *colon = memchr(line, ':', (size_t)(end - line));
    if (!colon || colon == line || is_blank(line[0]) || is_blank(colon[-1]))
        return -1;
    if (head->n_headers < WEBSOCKET_HEADERS_MAX)
        head->headers[head->n_headers++] = (condition_field_t){
            .name = {.bytes = line, .n = (size_t)(colon - line)}, .text = trimmed(colon + 1, end)};
    return 0;
}

websocket_outcome_t websocket_head_parse(const char *bytes, size_t n, websocket_head_t *ret)
{
    size_t n_looked_at = n < WEBSOCKET_HEAD_MAX_BYTES ? n : WEBSOCKET_HEAD_MAX_BYTES;
    const char *end = memmem(bytes, n_looked_at, "\r\n\r\n", 4);
    if (!end)
        return n < WEBSOCKET_HEAD_MAX_BYTES ? WEBSOCKET_MORE : WEBSOCKET_WRONG;
    *ret = (websocket_head_t){.n_bytes = (size_t)(end - bytes) + 4};
    const char *line = bytes;
    while (line <= end) {
        const char *line_end = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        if (line == bytes) {
            ret->status = status_of(line, (size_t)(line_end - line));
            if (ret->status < 0)
                return WEBSOCKET_WRONG;
        } else if (add_header(ret, line, line_end)) {
            return WEBSOCKET_WRONG;
        }
        line = line_end + 2;
    }
    return WEBSOCKET_WHOLE;
}

const condition_text_t *websocket_header(const websocket_head_t *head, const char *name)
{
    for (size_t i = 0; i < head->n_headers; i++)
        if (is_text(&head->headers[i].name, name))
            return &head->headers[i].text;
    return NULL;
}

/* Whether WORD is an item of LIST (N bytes, separated by commas). */
static bool has_item(const char *list, size_t n, const condition_text_t *word, bool is_exact)
{
    const char *end = list + n;
    while (list < end) {
        const char *comma = memchr(list, ',', (size_t)(end - list));
        condition_text_t item = trimmed(list, comma ? comma : end);
        bool is_same =
            item.n == word->n && (is_exact ? memcmp(item.bytes, word->bytes, item.n) == 0
                                           : strncasecmp(item.bytes, word->bytes, item.n) == 0);
        if (is_same)
            return true;
        list = comma ? comma + 1 : end;
    }
    return false;
}

const char *websocket_head_fault(const websocket_head_t *head, const char *accept,
                                 const char *subprotocols)
{
    static const condition_text_t upgrade_word = {.bytes = "upgrade", .n = 7};
    const condition_text_t *upgrade = websocket_header(head, "Upgrade");
    const condition_text_t *connection = websocket_header(head, "Connection");
    const condition_text_t *accepted = websocket_header(head, "Sec-WebSocket-Accept");
    const condition_text_t *protocol = websocket_header(head, "Sec-WebSocket-Protocol");
    if (!upgrade || !is_text(upgrade, "websocket"))
        return "The answer does not upgrade to websocket";
    if (!connection || !has_item(connection->bytes, connection->n, &upgrade_word, false))
        return "The answer's Connection does not say upgrade";
    if (!accepted || accepted->n != strlen(accept) ||
        memcmp(accepted->bytes, accept, accepted->n) != 0)
        return "The answer's Sec-WebSocket-Accept is wrong";
    if (websocket_header(head, "Sec-WebSocket-Extensions"))
        return "The answer has an extension that was not asked for";
    if (protocol &&
        (!subprotocols || !has_item(subprotocols, strlen(subprotocols), protocol, true)))
        return "The answer has a subprotocol that was not asked for";
    return NULL;
}

/* --- frames --- */

static websocket_outcome_t refuse(const char **reterr, const char *text)
{
    *reterr = text;
    return WEBSOCKET_WRONG;
}

static bool is_known(unsigned operation)
{
    return operation <= WEBSOCKET_BINARY ||
           (operation >= WEBSOCKET_CLOSE && operation <= WEBSOCKET_PONG);
}

static uint64_t number_of(const unsigned char *bytes, size_t n)
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++)
        number = number << 8 | bytes[i];
    return number;
}

websocket_outcome_t websocket_frame_parse(const char *bytes, size_t n, size_t most,
                                          websocket_frame_t *ret, const char **reterr)
{
    const unsigned char *head = (const unsigned char *)bytes;
    if (n < 2)
        return WEBSOCKET_MORE;
    unsigned operation = head[0] & OPERATION;
    uint64_t length = head[1] & LENGTH;
    bool is_control = operation >= WEBSOCKET_CLOSE;
    if (head[0] & RESERVED || !is_known(operation))
        return refuse(reterr, "A frame of an unknown kind");
    if (head[1] & MASKED)
        return refuse(reterr, "A masked frame of a server");
    if (is_control && (!(head[0] & FINAL) || length > CONTROL_MAX_BYTES))
        return refuse(reterr, "A control frame in parts, or too long");
    size_t n_length = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
    if (n < 2 + n_length)
        return WEBSOCKET_MORE;
    if (n_length)
        length = number_of(head + 2, n_length);
    if (length > most)
        return refuse(reterr, "A frame that is too long");
    if (n - 2 - n_length < length)
        return WEBSOCKET_MORE;
    *ret = (websocket_frame_t){.operation = (websocket_operation_t)operation,
                               .is_final = head[0] & FINAL,
                               .payload = bytes + 2 + n_length,
                               .n_payload = (size_t)length,
                               .n_bytes = 2 + n_length + (size_t)length};
    return WEBSOCKET_WHOLE;
}

void websocket_frame_append(text_t *text, websocket_operation_t operation, const char *payload,
                            size_t n, const unsigned char mask[4])
{
    unsigned char head[10] = {(unsigned char)(FINAL | operation), 0};
    size_t n_head = n < LENGTH_16 ? 2 : n <= UINT16_MAX ? 4 : 10;
    if (n_head == 2)
        head[1] = (unsigned char)(MASKED | n);
    else
        head[1] = n_head == 4 ? MASKED | LENGTH_16 : MASKED | LENGTH_64;
    for (size_t i = 2; i < n_head; i++)
        head[i] = (unsigned char)((uint64_t)n >> (8 * (n_head - 1 - i)));
    text_append(text, (const char *)head, n_head);
    text_append(text, (const char *)mask, 4);
    for (size_t i = 0; i < n; i++) {
        char byte = (char)((unsigned char)payload[i] ^ mask[i % 4]);
        text_append(text, &byte, 1);
    }
}

websocket_outcome_t websocket_message_add(websocket_message_t *message,
                                          const websocket_frame_t *frame, size_t most,
                                          const char **reterr)
{
    bool is_first = frame->operation != WEBSOCKET_CONTINUATION;
    if (is_first == message->is_open)
        return refuse(reterr, "A part of a message out of its order");
    if (is_first)
        message->text.size = 0;
    if (frame->n_payload > most - message->text.size)
        return refuse(reterr, "A message that is too long");
    text_append(&message->text, frame->payload, frame->n_payload);
    if (message->text.is_failed)
        return refuse(reterr, "Out of memory");
    message->is_open = !frame->is_final;
    return frame->is_final ? WEBSOCKET_WHOLE : WEBSOCKET_MORE;
}
