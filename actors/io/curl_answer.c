#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actors/io/curl_transfer.h"

/* Bytes of memory for a body or headers: the first piece, which doubles up to the limit, and what
 * is kept from one request to the next. */
#define BUFFER_FIRST_BYTES 4096

void transfer_enter(transfer_t *transfer, int phase)
{
    int64_t now_us = clock_mono_us();
    int64_t *phase_us = transfer->answer.phase_us;
    if (transfer->timed_phase >= 0)
        phase_us[transfer->timed_phase] += now_us - transfer->phase_began_us;
    if (phase >= 0 && phase_us[phase] < 0)
        phase_us[phase] = 0;
    transfer->timed_phase = phase;
    transfer->phase_began_us = now_us;
}

/* --- memory --- */

/* Makes room for N bytes. 0, or -1 where memory ran out. */
static int reserve(curl_buffer_t *buffer, size_t n)
{
    if (n <= buffer->size)
        return 0;
    size_t size = buffer->size ? buffer->size : BUFFER_FIRST_BYTES;
    while (size < n)
        size *= 2;
    char *bytes = realloc(buffer->bytes, size);
    if (!bytes)
        return -1;
    buffer->bytes = bytes;
    buffer->size = size;
    return 0;
}

static void empty(curl_buffer_t *buffer)
{
    buffer->n = 0;
    if (buffer->size <= BUFFER_FIRST_BYTES)
        return;
    free(buffer->bytes);
    *buffer = (curl_buffer_t){.size = 0};
}

/* --- headers --- */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Notes one line of headers; a status line begins another answer, a blank the line before goes on.
 * 0, or -1 where memory ran out. */
static int note_header(curl_buffer_t *headers, const char *line, size_t n)
{
    bool is_folded = headers->n && n && (line[0] == ' ' || line[0] == '\t');
    if (n >= 5 && memcmp(line, "HTTP/", 5) == 0)
        headers->n = 0;
    while (n && is_blank(line[n - 1]))
        n--;
    while (n && is_blank(line[0])) {
        line++;
        n--;
    }
    if (n == 0)
        return 0;
    if (reserve(headers, headers->n + n + 1))
        return -1;
    if (is_folded)
        headers->bytes[headers->n - 1] = ' ';
    char *to = headers->bytes + headers->n;
    memcpy(to, line, n);
    for (size_t i = 0; i < n; i++) {
        if (to[i] == '\n')
            to[i] = ' '; /* ours alone separates */
    }
    headers->n += n;
    headers->bytes[headers->n++] = '\n';
    return 0;
}

static size_t on_header(char *line, size_t size, size_t n, void *context)
{
    transfer_t *transfer = context;
    if (transfer->timed_phase != CURL_IO_PHASE_TRANSFER)
        transfer_enter(transfer, CURL_IO_PHASE_TRANSFER);
    transfer->n_header_bytes += size * n;
    if (transfer->n_header_bytes > CURL_IO_HEADERS_MAX_BYTES)
        transfer->answer.end = CURL_IO_END_HEADERS;
    else if (note_header(&transfer->head, line, size * n))
        transfer->answer.end = CURL_IO_END_RESOURCES;
    else
        return size * n;
    return 0;
}

/* Gives the number of headers in TEXT, which is one line each; the first is the status line. */
static size_t list_headers(const curl_buffer_t *text, curl_io_header_t *headers)
{
    size_t n_headers = 0;
    const char *end = text->bytes + text->n;
    const char *at = memchr(text->bytes, '\n', text->n);
    for (const char *line = at + 1; line < end && n_headers < CURL_IO_HEADERS_MAX; line = at + 1) {
        at = memchr(line, '\n', (size_t)(end - line));
        const char *colon = memchr(line, ':', (size_t)(at - line));
        if (!colon)
            continue;
        const char *value = colon + 1;
        while (value < at && is_blank(*value))
            value++;
        headers[n_headers++] = (curl_io_header_t){.name = line,
                                                  .n_name = (size_t)(colon - line),
                                                  .value = value,
                                                  .n_value = (size_t)(at - value)};
    }
    return n_headers;
}

/* --- the body --- */

/* A short return ends the transfer with CURLE_WRITE_ERROR. */
static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    transfer_t *transfer = context;
    curl_buffer_t *body = &transfer->body;
    size_t n_bytes = size * n;
    /* The body of a redirect is of no use. Asked once: libcurl looks through all headers. */
    if (body->n == 0 && curl_redirect_location(transfer))
        return 0;
    size_t left = transfer->settings->body_limit_bytes - body->n;
    size_t n_kept = n_bytes < left ? n_bytes : left;
    if (reserve(body, body->n + n_kept)) {
        transfer->answer.end = CURL_IO_END_RESOURCES;
        return 0;
    }
    if (n_kept)
        memcpy(body->bytes + body->n, bytes, n_kept);
    body->n += n_kept;
    transfer->answer.is_body_cut = n_kept < n_bytes;
    return n_kept;
}

/* --- the connection --- */

/* As libcurl would; it keeps neither the address nor why there is no socket. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *peer)
{
    (void)purpose;
    transfer_t *transfer = context;
    const void *address = NULL;
    if (peer->family == AF_INET)
        address = &((const struct sockaddr_in *)(const void *)&peer->addr)->sin_addr;
    else if (peer->family == AF_INET6)
        address = &((const struct sockaddr_in6 *)(const void *)&peer->addr)->sin6_addr;
    if (!address || !inet_ntop(peer->family, address, transfer->tried, sizeof transfer->tried))
        transfer->tried[0] = '\0';
    int fd = socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
    transfer->socket_errno = fd < 0 ? errno : 0;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* Comes when the connection stands; libcurl's own CONNECT_TIME is still 0 during the handshake. */
static CURLcode on_tls(CURL *easy, void *context_of_tls, void *context)
{
    (void)easy;
    transfer_t *transfer = context;
    transfer_enter(transfer, CURL_IO_PHASE_TLS);
    transfer->answer.is_connected = true;
    curl_tls_watch(context_of_tls, transfer);
    return CURLE_OK;
}

/* Comes when the request is about to be sent. */
/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's own type of function */
static int on_request(void *context, char *remote_address, char *local_address, int remote_port,
                      int local_port)
{
    (void)remote_address;
    (void)local_address;
    (void)remote_port;
    (void)local_port;
    transfer_t *transfer = context;
    long n_connects = 1;
    curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &n_connects);
    transfer_enter(transfer, CURL_IO_PHASE_FIRST_BYTE);
    transfer->answer.is_connected = true;
    transfer->answer.was_reused = n_connects == 0;
    if (n_connects == 0)
        transfer->answer.phase_us[CURL_IO_PHASE_CONNECT] = transfer->connect_before_us;
    if (transfer->place.is_https)
        curl_tls_note(transfer);
    return CURL_PREREQFUNC_OK;
}

/* --- all of it --- */

void curl_answer_listen(transfer_t *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

void curl_answer_begin(transfer_t *transfer)
{
    curl_io_answer_t *answer = &transfer->answer;
    transfer->n_header_bytes = 0;
    transfer->head.n = 0;
    transfer->body.n = 0;
    transfer->tried[0] = '\0';
    transfer->tls_version[0] = '\0';
    transfer->socket_errno = 0;
    transfer->connect_before_us = answer->phase_us[CURL_IO_PHASE_CONNECT];
    answer->is_connected = false;
    answer->was_reused = false;
    answer->verify_result = 0;
    answer->cert_expires_at_us = 0;
    answer->cert_leaf_expires_at_us = 0;
}

static curl_io_phase_t phase_of(int timed_phase)
{
    switch (timed_phase) {
    case CURL_IO_PHASE_RESOLVE:
        return CURL_IO_RESOLVING;
    case CURL_IO_PHASE_TLS:
        return CURL_IO_TLS;
    case CURL_IO_PHASE_FIRST_BYTE:
    case CURL_IO_PHASE_TRANSFER:
        return CURL_IO_ANSWERING;
    default:
        return CURL_IO_CONNECTING;
    }
}

static const char *version_name(long version)
{
    switch (version) {
    case CURL_HTTP_VERSION_1_0:
        return "1.0";
    case CURL_HTTP_VERSION_1_1:
        return "1.1";
    case CURL_HTTP_VERSION_2_0:
        return "2";
    default:
        return "";
    }
}

/* What libcurl has no code for. */
static curl_io_end_t end_of(const transfer_t *transfer, long http_version)
{
    const curl_io_answer_t *answer = &transfer->answer;
    http_version_t demanded = transfer->settings->version;
    long connect_code = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &connect_code);
    if (answer->end != CURL_IO_END_CURL)
        return answer->end;
    /* libcurl's word for a line of the head that is longer than it takes. */
    if (answer->code == CURLE_OUT_OF_MEMORY && answer->phase == CURL_IO_ANSWERING)
        return CURL_IO_END_HEADERS;
    if (answer->code == CURLE_COULDNT_CONNECT &&
        (transfer->socket_errno == EMFILE || transfer->socket_errno == ENFILE ||
         transfer->socket_errno == ENOBUFS || transfer->socket_errno == ENOMEM))
        return CURL_IO_END_RESOURCES;
    if (answer->code != CURLE_OK && !answer->response_code && connect_code >= 300)
        return connect_code == 407 ? CURL_IO_END_PROXY_CREDENTIALS : CURL_IO_END_PROXY;
    if (answer->code == CURLE_PROXY || answer->code == CURLE_COULDNT_RESOLVE_PROXY)
        return CURL_IO_END_PROXY;
    if (answer->code != CURLE_OK || demanded == HTTP_VERSION_ANY)
        return CURL_IO_END_CURL;
    bool is_2 = http_version == CURL_HTTP_VERSION_2_0;
    return is_2 == (demanded == HTTP_VERSION_2) ? CURL_IO_END_CURL : CURL_IO_END_VERSION;
}

static const char *text_of(const transfer_t *transfer)
{
    const curl_io_answer_t *answer = &transfer->answer;
    switch (answer->end) {
    case CURL_IO_END_HEADERS:
        return "Headers too long";
    case CURL_IO_END_RESOURCES:
        return transfer->socket_errno ? strerrordesc_np(transfer->socket_errno) : "Out of memory";
    case CURL_IO_END_VERSION:
        return transfer->settings->version == HTTP_VERSION_2 ? "The answer is not in HTTP/2"
                                                             : "The answer is not in HTTP/1.1";
    case CURL_IO_END_CURL:
    case CURL_IO_END_LOOKUP:
    case CURL_IO_END_TOO_MANY_REDIRECTS:
    case CURL_IO_END_BAD_REDIRECT:
    case CURL_IO_END_PROXY:
    case CURL_IO_END_PROXY_CREDENTIALS:
    default:
        if (answer->code != CURLE_OK && !transfer->error[0])
            return curl_easy_strerror(answer->code);
        return transfer->error;
    }
}

void curl_answer_read(transfer_t *transfer, CURLcode code)
{
    curl_io_answer_t *answer = &transfer->answer;
    CURL *easy = transfer->easy;
    long os_errno = 0;
    long http_version = 0;
    curl_off_t content_length = -1;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->response_code);
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &http_version);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &content_length);
    answer->os_errno = (int)os_errno;
    answer->phase = phase_of(transfer->timed_phase);
    answer->code = code == CURLE_WRITE_ERROR && answer->is_body_cut ? CURLE_OK : code;
    answer->http_version = version_name(http_version);
    answer->content_length = content_length;
    const char *ip = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &ip);
    if (ip && ip[0] && strlen(ip) < sizeof transfer->tried && !transfer->settings->unix_socket)
        memcpy(transfer->tried, ip, strlen(ip) + 1);
    answer->end = end_of(transfer, http_version);
    answer->text = text_of(transfer);
}

void curl_answer_seal(transfer_t *transfer, curl_io_header_t *headers)
{
    curl_io_answer_t *answer = &transfer->answer;
    answer->body = transfer->body.n ? transfer->body.bytes : "";
    answer->n_body = transfer->body.n;
    answer->status_line = "";
    if (transfer->head.n) {
        answer->headers = headers;
        answer->n_headers = list_headers(&transfer->head, headers);
        *(char *)memchr(transfer->head.bytes, '\n', transfer->head.n) = '\0';
        answer->status_line = transfer->head.bytes;
    }
    answer->ip = transfer->tried;
    answer->tls_version = transfer->tls_version;
    if (!answer->http_version)
        answer->http_version = "";
    if (!answer->text)
        answer->text = transfer->error;
}

void curl_answer_clear(transfer_t *transfer)
{
    empty(&transfer->head);
    empty(&transfer->body);
    transfer->error[0] = '\0';
}
