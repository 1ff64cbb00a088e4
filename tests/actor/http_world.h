/* One HTTP collector against servers of the test: what its test programs share. */
#ifndef HEALTHD_TESTS_ACTOR_HTTP_WORLD_H
#define HEALTHD_TESTS_ACTOR_HTTP_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/collectors/collectors.h"
#include "tests/support/support.h"
#include "tests/support/support_collector.h"
#include "tests/support/support_tcp.h"
#include "tests/test.h"

enum {
    DEADLINE_MS = 15000, /* for a result; sanitizers and valgrind are slow */
    STOP_DEADLINE_MS = 1000,
    INTERVAL_MS = 60000,
    TIMEOUT_MS = 5000,
    SHORT_TIMEOUT_MS = 300
};

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}"

/* Whole answer of a status line without a body. */
#define CODE_ANSWER(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\n\r\n"

static inline target_t target_at(const char *name, target_kind_t kind, uint16_t port, char url[64])
{
    (void)snprintf(url, 64, "http://127.0.0.1:%u/health", (unsigned)port);
    static char error_prefix[] = "Postgres check failed: ";
    char *text = strdup(name);
    assert_non_null(text);
    return (target_t){.name = text,
                      .kind = kind,
                      .type = PROBE_HTTP,
                      .url = url,
                      .error_prefix = kind == KIND_INFRASTRUCTURE ? error_prefix : NULL,
                      .check_interval_ms = INTERVAL_MS,
                      .timeout_ms = TIMEOUT_MS};
}

/* One server, one target, one result. */
typedef struct {
    support_tcp_t *server;
    support_collector_t *collector;
    target_t target;
    char url[64];
    const probe_result_t *result;
} scene_t;

static inline scene_t *play(const support_tcp_behaviour_t *behaviour, target_kind_t kind,
                            uint32_t timeout_ms)
{
    scene_t *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->server = support_tcp_start(behaviour);
    scene->target = target_at("risk_guard", kind, support_tcp_port(scene->server), scene->url);
    scene->target.timeout_ms = timeout_ms;
    scene->collector = support_collector_start(http_collector_actor, &scene->target, 1);
    scene->result = support_collector_result_of(scene->collector, "risk_guard", DEADLINE_MS);
    return scene;
}

static inline void end_scene(scene_t *scene)
{
    support_collector_stop(&scene->collector, STOP_DEADLINE_MS);
    support_tcp_stop(&scene->server);
    free(scene->target.name);
    free(scene);
}

static inline void assert_starts(const char *text, const char *start)
{
    assert_non_null(text);
    if (strncmp(text, start, strlen(start)) != 0)
        fail_msg("\"%s\" does not start with \"%s\"", text, start);
}

static inline void assert_timeout(const probe_result_t *result, reason_t reason)
{
    assert_int_equal(result->status, STATUS_DOWN);
    assert_int_equal(result->reason, reason);
    assert_string_equal(result->error, "Request timeout");
    assert_in_range(result->latency_us, SHORT_TIMEOUT_MS * 1000 + 10, 10 * SHORT_TIMEOUT_MS * 1000);
    assert_null(result->details);
}

#endif
