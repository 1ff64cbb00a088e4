#include "gateway/http.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "gateway/http_clients.h"
#include "gateway/http_linger.h"
#include "gateway/http_response.h"
#include "gateway/problem.h"

/* What libmicrohttpd has for one connection: head, its parsed form and the head of the answer. A
 * request that does not fit is answered by the library itself, 431 or 414. It clears all of this
 * memory after each request, so that more would cost time as well. */
#define CONNECTION_MEMORY_BYTES ((size_t)80 << 10)
/* A reader that takes nothing of its answer for so long is cut by the library. */
#define INACTIVE_S 10u
/* Between two looks for slow readers, while there is any. */
#define SWEEP_US ((int64_t)500000)
/* Turns of the library at once, before others have theirs. */
#define RUNS_AT_ONCE 64

typedef enum {
    REQUEST_NONE,    /* between two requests */
    REQUEST_HEAD,    /* the request line is there */
    REQUEST_BODY,    /* the head is there */
    REQUEST_ASKED,   /* the gateway has it */
    REQUEST_WAITING, /* it has not answered at once: the connection is suspended */
    REQUEST_REPLIED  /* the answer is there */
} request_state_t;

struct http_request {
    http_t *owner;
    struct MHD_Connection *connection;
    client_t *client; /* the connection's place, which is the request's place too */
    request_state_t state;
    uint64_t id; /* serial number times places, plus the place */
    const char *method;
    char *target;
    int route;
    size_t n_body; /* bytes that came */
    text_t body;   /* they, while they are not too many */
    int64_t asked_us;
    reply_t *reply;
};

struct http {
    actor_t *actor;
    struct MHD_Daemon *daemon;
    epoll_source_t *source;
    actor_timer_t *sweep_timer;
    actor_timer_t *run_timer;
    bool is_sweeping;
    bool is_running;
    http_callbacks_t callbacks;
    http_linger_t *linger;
    uint64_t n_requests;
    http_clients_t clients;
    http_request_t requests[HTTP_CONNECTIONS_MAX]; /* at the places of their connections */
};

/* --- requests, as the gateway sees them --- */

uint64_t http_request_id(const http_request_t *request)
{
    return request->id;
}

const char *http_request_method(const http_request_t *request)
{
    return request->method;
}

const char *http_request_target(const http_request_t *request)
{
    return request->target;
}

const char *http_request_header(const http_request_t *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_request_body(const http_request_t *request, size_t *ret_n)
{
    *ret_n = request->body.size;
    return request->body.bytes ? request->body.bytes : "";
}

int64_t http_request_asked_us(const http_request_t *request)
{
    return request->asked_us;
}

void http_request_set_route(http_request_t *request, int route)
{
    request->route = route;
}

int http_request_route(const http_request_t *request)
{
    return request->route;
}

void http_reply(http_t *self, uint64_t request_id, reply_t *reply)
{
    http_request_t *request = &self->requests[request_id % HTTP_CONNECTIONS_MAX];
    if (request->id != request_id ||
        (request->state != REQUEST_ASKED && request->state != REQUEST_WAITING))
        return;
    request->reply = problem_of(request->target, reply);
    if (request->state == REQUEST_WAITING)
        MHD_resume_connection(request->connection);
    request->state = REQUEST_REPLIED;
}

/* --- answers --- */

static enum MHD_Result queue(http_request_t *request, unsigned code, struct MHD_Response *response)
{
    enum MHD_Result result = MHD_queue_response(request->connection, code, response);
    MHD_destroy_response(response);
    http_t *self = request->owner;
    http_client_turn(request->client, CLIENT_READING, clock_mono_us());
    self->callbacks.on_answered(self->callbacks.context, request, code);
    return result;
}

static enum MHD_Result send_reply(http_request_t *request)
{
    if (!request->reply)
        return MHD_NO;
    const preference_t preference = {
        .method = request->method,
        .accept_encoding = http_request_header(request, "Accept-Encoding"),
        .if_none_match = http_request_header(request, "If-None-Match"),
    };
    representation_t form = representation_of(request->reply, &preference);
    struct MHD_Response *response =
        http_response_new(request->reply, &form, http_request_header(request, "X-Request-Id"));
    return response ? queue(request, form.code, response) : MHD_NO;
}

static enum MHD_Result refuse(http_request_t *request, unsigned code, const char *detail)
{
    request->state = REQUEST_REPLIED;
    request->asked_us = clock_mono_us();
    CLEANUP(reply_release) reply_t *reply = reply_error(code, detail, strlen(detail));
    request->reply = problem_of(request->target, reply);
    return send_reply(request);
}

/* --- requests, as the library delivers them --- */

static http_request_t *request_of(http_t *self, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    client_t *client = info ? info->socket_context : NULL;
    return client ? &self->requests[client - self->clients.places] : NULL;
}

/* The request line is there; gives what the library then calls the request's context. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    http_t *self = context;
    http_request_t *request = request_of(self, connection);
    if (!request)
        return NULL;
    size_t place = (size_t)(request - self->requests);
    *request = (http_request_t){.owner = self,
                                .connection = connection,
                                .client = &self->clients.places[place],
                                .state = REQUEST_HEAD,
                                .id = ++self->n_requests * HTTP_CONNECTIONS_MAX + place,
                                .target = strdup(target && target[0] ? target : "/"),
                                .route = -1};
    http_client_begins(request->client, clock_mono_us());
    return request;
}

/* Bytes of the body that the head announces; 0 where it does not say. */
static unsigned long long announced_bytes(const http_request_t *request)
{
    const char *length = http_request_header(request, "Content-Length");
    return length ? strtoull(length, NULL, 10) : 0; /* the library has checked it */
}

static enum MHD_Result on_head(http_request_t *request, const char *method)
{
    request->method = method; /* lives as long as the request */
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (info && info->header_size > HTTP_HEAD_MAX_BYTES)
        return refuse(request, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE,
                      "Request Header Fields Too Large");
    size_t n_read_at_most =
        http_request_header(request, "Expect") ? HTTP_BODY_MAX_BYTES : HTTP_BODY_DRAINED_MAX_BYTES;
    if (announced_bytes(request) > n_read_at_most)
        return refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "Content Too Large");
    request->state = REQUEST_BODY;
    return MHD_YES;
}

static void take_piece(http_request_t *request, const char *piece, size_t n)
{
    request->n_body += n;
    if (request->n_body <= HTTP_BODY_MAX_BYTES)
        text_append(&request->body, piece, n);
    else
        text_clear(&request->body); /* it is read on, to be refused */
}

static enum MHD_Result on_whole(http_request_t *request)
{
    http_t *self = request->owner;
    if (request->n_body > HTTP_BODY_MAX_BYTES)
        return refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "Content Too Large");
    if (request->body.is_failed)
        return MHD_NO;
    request->state = REQUEST_ASKED;
    request->asked_us = clock_mono_us();
    http_client_turn(request->client, CLIENT_ASKING, clock_mono_us());
    self->callbacks.on_request(self->callbacks.context, request);
    if (request->state == REQUEST_REPLIED)
        return send_reply(request);
    request->state = REQUEST_WAITING;
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

/* Called when the head is there, for each piece of the body, when it is whole, and after a wait. */
// NOLINTNEXTLINE(readability-function-size): the library says how many parameters
static enum MHD_Result on_progress(void *context, struct MHD_Connection *connection,
                                   const char *path, const char *method, const char *version,
                                   const char *piece, size_t *n_piece, void **request_p)
{
    (void)context;
    (void)connection;
    (void)path;
    (void)version;
    http_request_t *request = *request_p;
    if (!request || !request->target)
        return MHD_NO;
    switch (request->state) {
    case REQUEST_HEAD:
        return on_head(request, method);
    case REQUEST_BODY:
        if (*n_piece == 0)
            return on_whole(request);
        take_piece(request, piece, *n_piece);
        *n_piece = 0;
        return request->n_body > HTTP_BODY_DRAINED_MAX_BYTES ? MHD_NO : MHD_YES;
    case REQUEST_REPLIED:
        return send_reply(request);
    case REQUEST_NONE:
    case REQUEST_ASKED:
    case REQUEST_WAITING:
    default:
        return MHD_NO;
    }
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_p,
                         enum MHD_RequestTerminationCode why)
{
    (void)context;
    (void)connection;
    (void)why;
    http_request_t *request = *request_p;
    *request_p = NULL;
    if (!request)
        return;
    reply_release(&request->reply);
    text_clear(&request->body);
    free(request->target);
    request->target = NULL;
    request->id = 0;
    request->state = REQUEST_NONE;
    http_client_turn(request->client, CLIENT_IDLE, clock_mono_us());
}

/* --- connections --- */

static enum MHD_Result on_accept(void *context, const struct sockaddr *address, socklen_t n)
{
    (void)n;
    http_t *self = context;
    return http_clients_admit(&self->clients, address) ? MHD_YES : MHD_NO;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **client_p,
                          enum MHD_ConnectionNotificationCode what)
{
    http_t *self = context;
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*client_p) {
            http_linger_add(self->linger, fd, clock_mono_us());
            http_clients_remove(&self->clients, *client_p);
        }
        *client_p = NULL;
        return;
    }
    const struct sockaddr *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    *client_p = http_clients_add(&self->clients, fd, address, clock_mono_us());
    if (!self->is_sweeping)
        actor_timer_set(self->sweep_timer, SWEEP_US);
    self->is_sweeping = true;
}

/* --- the loop --- */

void http_run(http_t *self)
{
    if (self->is_running || !self->source) /* inside on_request, or before the begin */
        return;
    self->is_running = true;
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;
    for (int i = 0; i < RUNS_AT_ONCE && wait_ms == 0; i++) {
        (void)MHD_run(self->daemon); /* fails only where there is no daemon */
        if (MHD_get_timeout(self->daemon, &wait_ms) != MHD_YES)
            wait_ms = 1; /* nothing but events and the sweep will wake it */
    }
    self->is_running = false;
    if (wait_ms == 0)
        actor_timer_set(self->run_timer, 0);
}

static void on_event(void *context, uint32_t events)
{
    (void)events;
    http_run(context);
}

static void on_run_timer(void *context)
{
    http_run(context);
}

/* Slow readers are looked for only while there are readers: an idle gateway never wakes up. */
static void on_sweep_timer(void *context)
{
    http_t *self = context;
    int64_t now_us = clock_mono_us();
    http_clients_sweep(&self->clients, now_us);
    http_linger_sweep(self->linger, now_us);
    http_run(self); /* the library looks for inactive readers too */
    self->is_sweeping = self->clients.n_used > 0 || http_linger_is_busy(self->linger);
    if (self->is_sweeping)
        actor_timer_set(self->sweep_timer, SWEEP_US);
}

/* --- construct and destruct --- */

__attribute__((format(printf, 2, 0))) static void on_library_log(void *context, const char *format,
                                                                 va_list arguments)
{
    http_t *self = context;
    char text[256];
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut where it is longer */
    text[strcspn(text, "\n")] = '\0';
    log_write(actor_log(self->actor), LOG_LEVEL_DEBUG, "http_library", "%s", text);
}

http_t *http_new(actor_t *actor, int listen_fd, unsigned max_connections,
                 const http_callbacks_t *callbacks)
{
    http_t *self = calloc(1, sizeof *self);
    if (!self) {
        (void)close(listen_fd);
        return NULL;
    }
    self->actor = actor;
    self->callbacks = *callbacks;
    self->clients.n_max = max_connections;
    self->sweep_timer = actor_timer_new(actor, on_sweep_timer, self);
    self->run_timer = actor_timer_new(actor, on_run_timer, self);
    self->linger = http_linger_new(actor_epoll(actor));
    if (self->linger)
        self->daemon = MHD_start_daemon(
            MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, on_accept, self,
            on_progress, self, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, self,
            MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
            (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, INACTIVE_S,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES,
            MHD_OPTION_URI_LOG_CALLBACK, on_target, self, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
            self, MHD_OPTION_NOTIFY_CONNECTION, on_connection, self, MHD_OPTION_END);
    if (!self->daemon) {
        (void)close(listen_fd);
        http_destroy(&self);
    }
    return self;
}

int http_begin(http_t *self)
{
    int fd = MHD_get_daemon_info(self->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    self->source = epoll_add(actor_epoll(self->actor), fd, EPOLLIN, on_event, self);
    if (!self->source)
        return -1;
    http_run(self);
    return 0;
}

void http_destroy(http_t **self_p)
{
    http_t *self = *self_p;
    if (!self)
        return;
    epoll_remove(&self->source);
    if (self->daemon) {
        /* The library refuses to stop with suspended connections: these end unanswered. */
        for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++)
            if (self->requests[i].state == REQUEST_WAITING)
                http_reply(self, self->requests[i].id, NULL);
        (void)MHD_run(self->daemon);
        MHD_stop_daemon(self->daemon);
    }
    http_linger_destroy(&self->linger);
    actor_timer_destroy(&self->sweep_timer);
    actor_timer_destroy(&self->run_timer);
    free(self);
    *self_p = NULL;
}
