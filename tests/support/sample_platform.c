/*
 * A small platform to watch: five services, the health proxy of Postgres and the exchange's ping,
 * all healthy until /control is told otherwise. It plays every fault that a checked service can
 * show, from a slow answer to bytes that are not HTTP. One thread, one loop; `--help` says the
 * rest.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/platform.h"

#define POSTED_BODY_MAX_BYTES ((size_t)1 << 20)

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* --- requests that wait --- */

void request_sleep(request_t *request, int64_t ms)
{
    request->wake_at_ms = now_ms() + ms;
    request->is_asleep = true;
    request->next = request->port->platform->sleepers;
    request->port->platform->sleepers = request;
    MHD_suspend_connection(request->connection);
}

static void sleeper_remove(request_t *request)
{
    request_t **at = &request->port->platform->sleepers;
    while (*at && *at != request)
        at = &(*at)->next;
    if (*at)
        *at = request->next;
    request->is_asleep = false;
}

/* Wakes who is due by UNTIL_MS, or with PORT whoever came through it. */
static void wake(platform_t *platform, int64_t until_ms, const port_t *port)
{
    for (request_t *request = platform->sleepers, *next; request; request = next) {
        next = request->next;
        if (port ? request->port != port : request->wake_at_ms > until_ms)
            continue;
        sleeper_remove(request);
        MHD_resume_connection(request->connection);
    }
}

/* --- MHD's callbacks --- */

static target_t *target_of(const port_t *port, const char *path)
{
    if (port->target)
        return port->target;
    for (size_t i = 0; i < N_TARGETS; i++)
        if (strcmp(port->platform->targets[i].path, path) == 0)
            return &port->platform->targets[i];
    return NULL;
}

static request_t *request_new(const port_t *port, struct MHD_Connection *connection,
                              const char *path)
{
    request_t *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->port = port;
    request->connection = connection;
    request->target = target_of(port, path);
    if (request->target) {
        target_t *target = request->target;
        target->requests++;
        target->in_flight++;
        if (target->in_flight > target->in_flight_max)
            target->in_flight_max = target->in_flight;
    }
    return request;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *n_upload, void **request_p)
{
    (void)version;
    request_t *request = *request_p;
    if (!request) {
        *request_p = request_new(context, connection, path);
        return *request_p ? MHD_YES : MHD_NO;
    }
    if (*n_upload > 0) {
        if (request->n_body + *n_upload > POSTED_BODY_MAX_BYTES)
            return MHD_NO;
        char *body = realloc(request->body, request->n_body + *n_upload);
        if (!body)
            return MHD_NO;
        memcpy(body + request->n_body, upload, *n_upload);
        request->body = body;
        request->n_body += *n_upload;
        *n_upload = 0;
        return MHD_YES;
    }
    return request->target ? answer_target(request) : answer_control(request, path, method);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_p,
                         enum MHD_RequestTerminationCode why)
{
    (void)context;
    (void)connection;
    (void)why;
    request_t *request = *request_p;
    if (!request)
        return;
    if (request->is_asleep)
        sleeper_remove(request);
    if (request->target)
        request->target->in_flight--;
    free(request->body);
    free(request);
    *request_p = NULL;
}

/* --- ports and the loop --- */

/* Opens PORT at its address, or where its number is 0 at a free one, which it then keeps. */
int port_open(port_t *port)
{
    port->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, port,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&port->address, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT, 4000u, MHD_OPTION_END);
    if (!port->daemon)
        return -1;
    int fd = MHD_get_daemon_info(port->daemon, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;
    socklen_t n = sizeof port->address;
    return getsockname(fd, (struct sockaddr *)&port->address, &n);
}

void port_close(port_t *port)
{
    if (!port->daemon)
        return;
    wake(port->platform, 0, port); /* MHD does not end while a request sleeps */
    MHD_stop_daemon(port->daemon);
    port->daemon = NULL;
}

static const char *address_text(const struct sockaddr_in *address, char text[static 32])
{
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address->sin_addr, host, sizeof host);
    snprintf(text, 32, "%s:%u", host, ntohs(address->sin_port));
    return text;
}

static int address_read(const char *text, struct sockaddr_in *address)
{
    char host[INET_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof host)
        return -1;
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    char *end;
    unsigned long number = strtoul(colon + 1, &end, 10);
    if (end == colon + 1 || *end || number > 65535)
        return -1;
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)number)};
    return inet_pton(AF_INET, host, &address->sin_addr) == 1 ? 0 : -1;
}

static int platform_open(platform_t *platform)
{
    static const char *const names[][2] = {{"main_backend", "/health"},
                                           {"scheduler", "/health/scheduler"},
                                           {"risk_guard", "/health/risk"},
                                           {"ai_system", "/health/ai"},
                                           {"system_health_monitor", "/health/system"},
                                           {"postgres", "/postgres/health"},
                                           {"binance_api", "/api/v3/ping"}};
    char text[32];
    for (size_t i = 0; i < N_TARGETS; i++) {
        target_t *target = &platform->targets[i];
        *target = (target_t){.name = names[i][0], .path = names[i][1]};
        target->behaviour.code = MHD_HTTP_OK;
        target->port = (port_t){.platform = platform, .target = target};
        target->port.address = platform->shared.address;
        target->port.address.sin_port = 0;
        if (!platform->is_separate)
            continue;
        if (port_open(&target->port))
            return -1;
        printf("sample platform: %s at http://%s%s\n", target->name,
               address_text(&target->port.address, text), target->path);
    }
    platform->shared.platform = platform;
    if (port_open(&platform->shared))
        return -1;
    printf("sample platform: listening on http://%s\n",
           address_text(&platform->shared.address, text));
    return fflush(stdout);
}

/* Milliseconds until something is due, at most a second. */
static int64_t next_due_ms(const platform_t *platform, struct MHD_Daemon *const *daemons, size_t n)
{
    int64_t now = now_ms(), due_ms = 1000;
    for (const request_t *request = platform->sleepers; request; request = request->next)
        if (request->wake_at_ms - now < due_ms)
            due_ms = request->wake_at_ms - now;
    for (size_t i = 0; i < n; i++) {
        MHD_UNSIGNED_LONG_LONG timeout_ms;
        if (MHD_get_timeout(daemons[i], &timeout_ms) == MHD_YES && timeout_ms < (uint64_t)due_ms)
            due_ms = (int64_t)timeout_ms;
    }
    return due_ms > 0 ? due_ms : 0;
}

static void platform_run(platform_t *platform, int signal_fd)
{
    for (;;) {
        struct pollfd polled[N_TARGETS + 2] = {{.fd = signal_fd, .events = POLLIN}};
        struct MHD_Daemon *daemons[N_TARGETS + 1];
        size_t n = 0;
        for (size_t i = 0; i <= N_TARGETS; i++) {
            port_t *port = i < N_TARGETS ? &platform->targets[i].port : &platform->shared;
            if (port->daemon)
                daemons[n++] = port->daemon;
        }
        for (size_t i = 0; i < n; i++)
            polled[i + 1] = (struct pollfd){
                .fd = MHD_get_daemon_info(daemons[i], MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
                .events = POLLIN};
        if (poll(polled, n + 1, (int)next_due_ms(platform, daemons, n)) < 0)
            return;
        if (polled[0].revents)
            return;
        wake(platform, now_ms(), NULL);
        /* The shared port is run last: only its requests open and close other ports. */
        for (size_t i = 0; i < n; i++)
            MHD_run(daemons[i]);
    }
}

int main(int argc, char **argv)
{
    platform_t platform = {.is_separate = false};
    const char *listen_at = "127.0.0.1:18000";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return fputs(platform_help, stdout) < 0;
        if (strcmp(argv[i], "--separate") == 0) {
            platform.is_separate = true;
        } else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc) {
            listen_at = argv[++i];
        } else {
            fprintf(stderr, "sample platform: %s is unknown or incomplete; see --help\n", argv[i]);
            return 64;
        }
    }
    if (address_read(listen_at, &platform.shared.address)) {
        fprintf(stderr, "sample platform: %s is not ADDRESS:PORT\n", listen_at);
        return 64;
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signal_fd = signalfd(-1, &ends, SFD_CLOEXEC);
    int rc = platform_open(&platform);
    if (rc)
        fprintf(stderr, "sample platform: cannot listen on %s\n", listen_at);
    else
        platform_run(&platform, signal_fd);
    port_close(&platform.shared);
    for (size_t i = 0; i < N_TARGETS; i++) {
        port_close(&platform.targets[i].port);
        behaviour_clear(&platform.targets[i].behaviour);
    }
    close(signal_fd);
    return rc ? 1 : 0;
}
