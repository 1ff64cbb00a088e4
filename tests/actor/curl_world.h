/* Requests of curl_io.h on an actor's loop, and servers of our own bytes on the same loop that keep
 * what they were asked. */
#ifndef HEALTHD_TESTS_ACTOR_CURL_WORLD_H
#define HEALTHD_TESTS_ACTOR_CURL_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "actors/io/curl_io.h"
#include "core/text.h"
#include "tests/actor/loop_world.h"
#include "tests/test.h"

enum {
    CURL_WORLD_TIMEOUT_US = 10 * 1000 * 1000,
    CURL_WORLD_CONCURRENCY = 2,
    CURL_WORLD_LOG_BYTES = 16384,
    CURL_WORLD_CLIENTS_MAX = 64
};

typedef struct curl_server curl_server_t;

typedef struct {
    curl_server_t *server;
    int fd;
    epoll_source_t *source;
    char request[8192];
    size_t n_request;
} curl_client_t;

/* Answers each request by the row of its path ("*": any path), then closes. */
typedef struct {
    const char *path;
    const char *answer;
    size_t n_answer; /* 0: up to its NUL */
} curl_row_t;

struct curl_server {
    actor_t *actor;
    int listener;
    epoll_source_t *source;
    uint16_t port;
    const curl_row_t *rows; /* a NULL path ends them */
    bool is_kept_open;      /* after an answer */
    unsigned n_connections;
    char log[CURL_WORLD_LOG_BYTES]; /* all requests, one after another */
    size_t n_log;
    curl_client_t clients[CURL_WORLD_CLIENTS_MAX];
};

typedef struct {
    loop_world_t loop;
    curl_io_t *curl;
    bool is_in_begin, is_done;
    /* The last answer, with copies of what is borrowed. */
    curl_io_answer_t answer;
    char *body;
    char ip[64], text[256], status_line[256], http_version[8], tls_version[8];
    text_t headers; /* "name=value\n" each */
} curl_world_t;

/* --- the server --- */

static inline void curl_client_end(curl_client_t *client)
{
    epoll_remove(&client->source);
    close(client->fd);
    client->fd = -1;
}

static inline void curl_server_answer(curl_client_t *client)
{
    curl_server_t *server = client->server;
    assert_true(server->n_log + client->n_request < sizeof server->log);
    memcpy(server->log + server->n_log, client->request, client->n_request + 1);
    server->n_log += client->n_request;
    const char *path = strchr(client->request, ' ') + 1;
    size_t n_path = strcspn(path, " ");
    const curl_row_t *row = server->rows;
    while (row->path && strcmp(row->path, "*") != 0 &&
           (strlen(row->path) != n_path || strncmp(row->path, path, n_path) != 0))
        row++;
    assert_non_null(row->path);
    size_t n_left = row->n_answer ? row->n_answer : strlen(row->answer);
    const char *at = row->answer;
    int buffer_bytes = 4 << 20;
    (void)setsockopt(client->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer_bytes, sizeof buffer_bytes);
    while (n_left) { /* what does not fit the kernel's memory is never read either */
        ssize_t n = send(client->fd, at, n_left, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n <= 0)
            break;
        at += n;
        n_left -= (size_t)n;
    }
    client->n_request = 0;
    if (!server->is_kept_open)
        curl_client_end(client);
}

static inline void curl_server_on_bytes(void *context, uint32_t events)
{
    (void)events;
    curl_client_t *client = context;
    size_t left = sizeof client->request - 1 - client->n_request;
    ssize_t n = recv(client->fd, client->request + client->n_request, left, MSG_DONTWAIT);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            curl_client_end(client);
        return;
    }
    client->n_request += (size_t)n;
    client->request[client->n_request] = '\0';
    const char *end = strstr(client->request, "\r\n\r\n");
    if (!end)
        return;
    const char *length = strcasestr(client->request, "\r\nContent-Length:");
    size_t n_body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    if (client->n_request >= (size_t)(end + 4 - client->request) + n_body)
        curl_server_answer(client);
}

static inline void curl_server_on_client(void *context, uint32_t events)
{
    (void)events;
    curl_server_t *server = context;
    int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    server->n_connections++;
    curl_client_t *client = server->clients;
    while (client->fd >= 0)
        assert_true(++client < server->clients + CURL_WORLD_CLIENTS_MAX);
    *client = (curl_client_t){.server = server, .fd = fd};
    client->source =
        epoll_add(actor_epoll(server->actor), fd, EPOLLIN, curl_server_on_bytes, client);
    assert_non_null(client->source);
}

static inline void curl_server_listen(curl_server_t *server, actor_t *actor, int fd,
                                      const struct sockaddr *address, socklen_t size)
{
    *server = (curl_server_t){.actor = actor, .listener = fd};
    for (size_t i = 0; i < CURL_WORLD_CLIENTS_MAX; i++)
        server->clients[i].fd = -1;
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, address, size), 0);
    assert_int_equal(listen(fd, 16), 0);
    server->source = epoll_add(actor_epoll(actor), fd, EPOLLIN, curl_server_on_client, server);
    assert_non_null(server->source);
}

/* Serves ROWS (borrows) at ADDRESS (IPv4) on PORT, 0: a free one. */
static inline void curl_server_begin(curl_server_t *server, actor_t *actor, const char *address,
                                     uint16_t port, const curl_row_t *rows)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof at;
    assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
    curl_server_listen(server, actor, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
                       (struct sockaddr *)&at, size);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &size), 0);
    server->port = ntohs(at.sin_port);
    server->rows = rows;
}

static inline void curl_server_end(curl_server_t *server)
{
    for (size_t i = 0; i < CURL_WORLD_CLIENTS_MAX; i++)
        if (server->clients[i].fd >= 0)
            curl_client_end(&server->clients[i]);
    epoll_remove(&server->source);
    close(server->listener);
}

/* --- requests --- */

static inline int curl_world_set_up(void **state)
{
    curl_world_t *world = calloc(1, sizeof *world);
    assert_non_null(world);
    loop_world_begin(&world->loop);
    world->curl = curl_io_new(world->loop.actor, world->loop.resolve, CURL_WORLD_CONCURRENCY);
    assert_non_null(world->curl);
    *state = world;
    return 0;
}

static inline int curl_world_tear_down(void **state)
{
    curl_world_t *world = *state;
    curl_io_destroy(&world->curl);
    loop_world_end(&world->loop);
    free(world->body);
    text_clear(&world->headers);
    free(world);
    return 0;
}

static inline void curl_world_on_answer(void *context, const curl_io_answer_t *answer)
{
    curl_world_t *world = context;
    assert_false(world->is_in_begin);
    assert_false(world->is_done);
    world->is_done = true;
    world->answer = *answer;
    free(world->body);
    world->body = malloc(answer->n_body + 1);
    assert_non_null(world->body);
    memcpy(world->body, answer->body, answer->n_body); /* which has no NUL at its end */
    world->body[answer->n_body] = '\0';
    (void)snprintf(world->ip, sizeof world->ip, "%s", answer->ip);
    (void)snprintf(world->text, sizeof world->text, "%s", answer->text);
    (void)snprintf(world->status_line, sizeof world->status_line, "%s", answer->status_line);
    (void)snprintf(world->http_version, sizeof world->http_version, "%s", answer->http_version);
    (void)snprintf(world->tls_version, sizeof world->tls_version, "%s", answer->tls_version);
    text_clear(&world->headers);
    for (size_t i = 0; i < answer->n_headers; i++) {
        const curl_io_header_t *header = &answer->headers[i];
        text_append(&world->headers, header->name, header->n_name);
        text_append_string(&world->headers, "=");
        text_append(&world->headers, header->value, header->n_value);
        text_append_string(&world->headers, "\n");
    }
    actor_stop(world->loop.actor);
}

/* The answer to one request for URL; TIMEOUT_US for all of it. */
static inline const curl_io_answer_t *curl_world_ask(curl_world_t *world, const char *url,
                                                     const http_settings_t *settings,
                                                     const char *bearer, int64_t timeout_us)
{
    const curl_io_request_t request = {
        .url = url, .timeout_us = timeout_us, .settings = settings, .bearer = bearer};
    world->is_done = false;
    world->is_in_begin = true;
    assert_int_equal(curl_io_begin(world->curl, &request, curl_world_on_answer, world), 0);
    world->is_in_begin = false;
    loop_world_run(&world->loop);
    assert_true(world->is_done);
    return &world->answer;
}

static inline const curl_io_answer_t *curl_world_get(curl_world_t *world, const char *url,
                                                     const http_settings_t *settings)
{
    return curl_world_ask(world, url, settings, NULL, CURL_WORLD_TIMEOUT_US);
}

/* The defaults of the configuration. */
static inline http_settings_t curl_world_settings(void)
{
    return (http_settings_t){.follows_redirects = true,
                             .redirects_max = CURL_IO_REDIRECTS_MAX,
                             .body_limit_bytes = CURL_IO_BODY_MAX_BYTES};
}

static inline void assert_answered(const curl_world_t *world, long code)
{
    if (world->answer.end != CURL_IO_END_CURL || world->answer.code != CURLE_OK ||
        world->answer.response_code != code)
        fail_msg("end %d, curl %d, code %ld, \"%s\" in place of code %ld", (int)world->answer.end,
                 (int)world->answer.code, world->answer.response_code, world->text, code);
}

static inline void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in \"%s\"", part, text);
}

#endif
