/* The sample platform: how a target answers, in health and with every fault that it can play. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/support/platform.h"

#define DRIP_PERIOD_MS 100
#define HANG_PERIOD_MS 200 /* how often a hung request looks whether its client went away */

static const char json_type[] = "application/json";

static int connection_socket(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static bool is_peer_gone(struct MHD_Connection *connection)
{
    char byte;
    return recv(connection_socket(connection), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

enum MHD_Result answer_bytes(struct MHD_Connection *connection, unsigned code, const char *type,
                             const void *body, size_t n_body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(n_body, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    enum MHD_Result rc = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return rc;
}

/* Answers with what READER yields; N_BYTES is what Content-Length says, SIZE_UNKNOWN: chunked. */
static enum MHD_Result answer_from(request_t *request, unsigned code, uint64_t n_bytes,
                                   MHD_ContentReaderCallback reader)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(n_bytes, 4096, reader, request, NULL);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, json_type);
    enum MHD_Result rc = MHD_queue_response(request->connection, code, response);
    MHD_destroy_response(response);
    return rc;
}

static ssize_t read_drip(void *context, uint64_t position, char *buffer, size_t size)
{
    request_t *request = context;
    (void)position;
    (void)size; /* MHD asks for at least one byte */
    request->is_dripping = !request->is_dripping;
    if (!request->is_dripping) {
        request_sleep(request, DRIP_PERIOD_MS);
        return 0;
    }
    buffer[0] = ' ';
    return 1;
}

/* A JSON text of the asked length: a string of a's between its quotes. */
static ssize_t read_big(void *context, uint64_t position, char *buffer, size_t size)
{
    const request_t *request = context;
    uint64_t total = request->target->behaviour.big_bytes;
    if (position >= total)
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t n = size < total - position ? size : (size_t)(total - position);
    memset(buffer, 'a', n);
    if (position == 0)
        buffer[0] = '"';
    if (position + n == total)
        buffer[n - 1] = '"';
    return (ssize_t)n;
}

static ssize_t read_short(void *context, uint64_t position, char *buffer, size_t size)
{
    static const char begun[] = "{\"status\":";
    (void)context;
    size_t n = sizeof begun - 1;
    if (position > 0 || size < n)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    memcpy(buffer, begun, n);
    return (ssize_t)n;
}

static enum MHD_Result answer_redirect(struct MHD_Connection *connection, const char *location)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, location);
    enum MHD_Result rc = MHD_queue_response(connection, MHD_HTTP_FOUND, response);
    MHD_destroy_response(response);
    return rc;
}

/* Below HTTP: breaks the connection itself. MHD then closes what is left of it. */
static enum MHD_Result break_connection(struct MHD_Connection *connection, fault_mode_t mode)
{
    static const char garbage[] = "\x16\x03\x01 this is not HTTP\r\n\r\n";
    int fd = connection_socket(connection);
    if (mode == MODE_GARBAGE) {
        (void)send(fd, garbage, sizeof garbage - 1, MSG_NOSIGNAL); /* a gone peer is no matter */
    } else {
        /* The kernel's way to send RST at once; closing after SO_LINGER 0 would come too late,
         * because MHD sends FIN first. */
        struct sockaddr nobody = {.sa_family = AF_UNSPEC};
        (void)connect(fd, &nobody, sizeof nobody); /* fails where the peer is gone already */
    }
    return MHD_NO;
}

static enum MHD_Result answer_text(const request_t *request, const char *type, const char *text)
{
    return answer_bytes(request->connection, request->target->behaviour.code, type, text,
                        strlen(text));
}

static enum MHD_Result answer_plainly(const request_t *request)
{
    unsigned code = request->target->behaviour.code;
    char text[128] = "";
    if (code != MHD_HTTP_NO_CONTENT && code != MHD_HTTP_NOT_MODIFIED)
        snprintf(text, sizeof text, "{\"status\":\"%s\",\"path\":\"%s\"}",
                 code == MHD_HTTP_OK ? "ok" : "error", request->target->path);
    return answer_text(request, json_type, text);
}

enum MHD_Result answer_target(request_t *request)
{
    struct MHD_Connection *connection = request->connection;
    const behaviour_t *behaviour = &request->target->behaviour;
    unsigned code = behaviour->code;
    if (behaviour->delay_ms > 0 && !request->is_delayed) {
        request->is_delayed = true;
        request_sleep(request, behaviour->delay_ms);
        return MHD_YES;
    }
    switch (behaviour->mode) {
    case MODE_HANG:
        if (is_peer_gone(connection))
            return MHD_NO;
        request_sleep(request, HANG_PERIOD_MS);
        return MHD_YES;
    case MODE_RESET:
    case MODE_REFUSE:
    case MODE_GARBAGE:
        return break_connection(connection, behaviour->mode);
    case MODE_DRIP:
        return answer_from(request, code, MHD_SIZE_UNKNOWN, read_drip);
    case MODE_SHORT:
        return answer_from(request, code, 1000, read_short);
    case MODE_BIG:
        return answer_from(request, code, behaviour->big_bytes, read_big);
    case MODE_REDIRECT:
        return answer_redirect(connection, behaviour->location);
    case MODE_LOOP:
        return answer_redirect(connection, request->target->path);
    case MODE_BODY:
        return answer_bytes(connection, code, json_type, behaviour->body, behaviour->n_body);
    case MODE_INVALID_UTF8:
        return answer_text(request, json_type, "{\"status\":\"\xff\xfe\xc3\"}");
    case MODE_TEXT:
        return answer_text(request, "text/plain", "all is well, but this is not JSON");
    case MODE_EMPTY:
        return answer_text(request, json_type, "");
    case MODE_NAN:
        return answer_text(request, json_type, "{\"load\":NaN}");
    case MODE_OK:
    case MODE_STATUS:
    case MODE_SLOW:
    case MODE_COUNT:
        break;
    }
    return answer_plainly(request);
}
