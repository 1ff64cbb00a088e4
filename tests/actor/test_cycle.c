/*
 * One cycle of the whole program, from a check to those who must know: a real healthd, one HTTP
 * server that every target points to, a REST client and a subscriber.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <msgpack.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "tests/support/support.h"
#include "tests/support/support_tcp.h"
#include "tests/test.h"

enum { DEADLINE_MS = 20000, ID_MAX_BYTES = 256 };

typedef struct {
    char folder[64];
    support_tcp_t *server;
    pid_t healthd;
    uint16_t rest_port;
    void *context;
    void *subscriber;
} world_t;

static void set(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set(const char *name, const char *format, ...)
{
    char value[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    assert_int_equal(setenv(name, value, 1), 0);
}

static void subscribe(world_t *world, const char *endpoint)
{
    int deadline_ms = DEADLINE_MS, linger_ms = 0;
    world->context = zmq_ctx_new();
    world->subscriber = zmq_socket(world->context, ZMQ_SUB);
    assert_non_null(world->subscriber);
    zmq_setsockopt(world->subscriber, ZMQ_RCVTIMEO, &deadline_ms, sizeof deadline_ms);
    zmq_setsockopt(world->subscriber, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    zmq_setsockopt(world->subscriber, ZMQ_SUBSCRIBE, "health.", 7);
    assert_int_equal(zmq_connect(world->subscriber, endpoint), 0);
}

static int setup(void **state)
{
    static world_t world;
    static const support_tcp_behaviour_t healthy = {
        .answer = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}"};
    *state = &world;
    support_make_folder(world.folder);
    world.server = support_tcp_start(&healthy);
    unsigned port = support_tcp_port(world.server);
    world.rest_port = support_free_port();
    char endpoint[64];
    (void)snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", support_free_port());
    set("HEALTHD_STATE_DIR", "%s/state", world.folder);
    set("HEALTHD_LISTEN", "127.0.0.1:%u", world.rest_port);
    set("HEALTHD_PUBLISH", "%s", endpoint);
    set("REDIS_URL", "none");
    set("HEALTH_CHECK_INTERVAL", "1");
    set("BASE_SERVICE_URL", "http://127.0.0.1:%u", port);
    set("POSTGRES_HEALTH_URL", "http://127.0.0.1:%u/", port);
    set("BINANCE_HEALTH_URL", "http://127.0.0.1:%u/", port);
    const char *const argv[] = {HEALTHD_PROGRAM, NULL};
    world.healthd = support_start(argv);
    support_wait_for_port(world.rest_port);
    subscribe(&world, endpoint);
    return 0;
}

static int teardown(void **state)
{
    world_t *world = *state;
    if (world->healthd > 0)
        (void)support_stop(world->healthd, SIGKILL);
    zmq_close(world->subscriber);
    zmq_ctx_term(world->context);
    if (world->server)
        support_tcp_stop(&world->server);
    support_remove_folder(world->folder);
    return 0;
}

/* --- the subscriber --- */

/* Copies the text of KEY; false where the map has none that fits. */
static bool copy_text(const msgpack_object_map *map, const char *key, char text[ID_MAX_BYTES])
{
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object_kv *pair = &map->ptr[i];
        if (pair->key.type != MSGPACK_OBJECT_STR || pair->val.type != MSGPACK_OBJECT_STR ||
            pair->key.via.str.size != strlen(key) ||
            memcmp(pair->key.via.str.ptr, key, strlen(key)) != 0 ||
            pair->val.via.str.size >= ID_MAX_BYTES)
            continue;
        memcpy(text, pair->val.via.str.ptr, pair->val.via.str.size);
        text[pair->val.via.str.size] = '\0';
        return true;
    }
    return false;
}

/* One publication: whether it is of TOPIC and its KEY reads WANTED; then the text of OTHER too. */
static bool receive(void *subscriber, const char *topic, const char *key, const char *wanted,
                    const char *other, char text[ID_MAX_BYTES])
{
    char heard[64] = "";
    int n = zmq_recv(subscriber, heard, sizeof heard - 1, 0);
    assert_true(n > 0 && n < (int)sizeof heard);
    zmq_msg_t body;
    zmq_msg_init(&body);
    assert_true(zmq_msg_recv(&body, subscriber, 0) > 0);
    assert_false(zmq_msg_more(&body));
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    assert_int_equal(msgpack_unpack_next(&unpacked, zmq_msg_data(&body), zmq_msg_size(&body), NULL),
                     MSGPACK_UNPACK_SUCCESS);
    assert_int_equal(unpacked.data.type, MSGPACK_OBJECT_MAP);
    char found[ID_MAX_BYTES];
    bool is_it = strcmp(heard, topic) == 0 && copy_text(&unpacked.data.via.map, key, found) &&
                 strcmp(found, wanted) == 0 && copy_text(&unpacked.data.via.map, other, text);
    msgpack_unpacked_destroy(&unpacked);
    zmq_msg_close(&body);
    return is_it;
}

/* Waits for such a publication; ZMQ_RCVTIMEO is the deadline of each. */
static void expect(world_t *world, const char *topic, const char *key, const char *wanted,
                   const char *other, char text[ID_MAX_BYTES])
{
    for (int i = 0; i < 100; i++)
        if (receive(world->subscriber, topic, key, wanted, other, text))
            return;
    fail_msg("no %s whose %s is %s", topic, key, wanted);
}

/* --- REST --- */

typedef struct {
    char bytes[65536];
    size_t n;
} body_t;

static size_t on_bytes(char *bytes, size_t size, size_t n, void *context)
{
    body_t *body = context;
    if (size * n > sizeof body->bytes - body->n)
        return 0;
    memcpy(body->bytes + body->n, bytes, size * n);
    body->n += size * n;
    return size * n;
}

/* The body of GET PATH; to be ended with json_decref. */
static json_t *get(const world_t *world, const char *path)
{
    char url[128];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", world->rest_port, path);
    body_t body = {.n = 0};
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)DEADLINE_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    assert_int_equal(curl_easy_perform(curl), CURLE_OK);
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_cleanup(curl);
    assert_int_equal(code, 200);
    json_t *json = json_loadb(body.bytes, body.n, 0, NULL);
    assert_non_null(json);
    return json;
}

/* The system's status, and of risk_guard what its entry says under KEY. */
static void assert_system(const world_t *world, const char *status, const char *key,
                          const char *starts)
{
    json_t *system = get(world, "/health/system");
    const char *system_status = NULL, *said = NULL;
    json_t *snapshot = NULL;
    assert_int_equal(
        json_unpack(system, "{s:s,s:o}", "status", &system_status, "snapshot", &snapshot), 0);
    assert_string_equal(system_status, status);
    assert_int_equal(json_unpack(snapshot, "{s:{s:{s:s}}}", "services", "risk_guard", key, &said),
                     0);
    assert_memory_equal(said, starts, strlen(starts));
    json_decref(system);
}

/* --- the cycle --- */

static void one_end_to_end_cycle(void **state)
{
    world_t *world = *state;
    char timestamp[ID_MAX_BYTES], alert_id[ID_MAX_BYTES];
    expect(world, "health.snapshot_updated", "status", "OK", "timestamp", timestamp);
    assert_system(world, "OK", "status", "OK");
    assert_true(support_tcp_n_connections(world->server) >= 7);

    support_tcp_stop(&world->server); /* from now on every check is refused */
    expect(world, "health.alert_raised", "component", "risk_guard", "alert_id", alert_id);
    assert_memory_equal(alert_id, "risk_guard_CRITICAL_20", 22);
    expect(world, "health.snapshot_updated", "status", "CRITICAL", "timestamp", timestamp);
    assert_system(world, "CRITICAL", "error", "Connection failed: ");
    json_t *active = get(world, "/alerts/active"), *alert = NULL;
    size_t i = 0;
    bool is_active = false;
    json_array_foreach(json_object_get(active, "alerts"), i, alert)
    {
        is_active |= strcmp(json_string_value(json_object_get(alert, "alert_id")), alert_id) == 0;
    }
    json_decref(active);
    assert_true(is_active);

    assert_int_equal(support_stop(world->healthd, SIGTERM), 0);
    world->healthd = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_end_to_end_cycle, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
