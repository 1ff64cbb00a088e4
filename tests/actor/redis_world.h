/* A Redis collector's target and a real redis-server for it. */
#ifndef HEALTHD_TESTS_ACTOR_REDIS_WORLD_H
#define HEALTHD_TESTS_ACTOR_REDIS_WORLD_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/collectors.h"
#include "tests/support/support.h"
#include "tests/support/support_collector.h"
#include "tests/support/support_health.h"
#include "tests/support/support_tcp.h"
#include "tests/test.h"

enum {
    DEADLINE_MS = 15000,
    STOP_DEADLINE_MS = 1000,
    INTERVAL_MS = 60000,
    TIMEOUT_MS = 5000,
    SHORT_TIMEOUT_MS = 300
};

#define PREFIX "Redis ping failed: "

static char name[] = "redis";
static char error_prefix[] = PREFIX;

static inline target_t target_at(char *url)
{
    return (target_t){.name = name,
                      .kind = KIND_INFRASTRUCTURE,
                      .type = PROBE_REDIS,
                      .url = url,
                      .error_prefix = error_prefix,
                      .check_interval_ms = INTERVAL_MS,
                      .timeout_ms = TIMEOUT_MS};
}

/* --- a real server --- */

typedef struct {
    char folder[64];
    uint16_t port;
    pid_t pid;
} server_t;

static inline server_t start_server(const char *option, const char *value)
{
    server_t server = {.port = support_free_port()};
    support_make_folder(server.folder);
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)server.port);
    const char *const argv[] = {"redis-server", "--port",      port,     "--bind", "127.0.0.1",
                                "--dir",        server.folder, "--save", "",       "--appendonly",
                                "no",           option,        value,    NULL};
    server.pid = support_start(argv);
    support_wait_for_port(server.port);
    return server;
}

static inline void stop_server(const server_t *server)
{
    (void)support_stop(server->pid, SIGTERM);
    support_remove_folder(server->folder);
}

#endif
