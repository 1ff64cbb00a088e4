/* What the parts of the sample platform share: see sample_platform.c. */
#ifndef HEALTHD_TESTS_SUPPORT_PLATFORM_H
#define HEALTHD_TESTS_SUPPORT_PLATFORM_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    MODE_OK,
    MODE_STATUS,
    MODE_SLOW,
    MODE_HANG,
    MODE_RESET,
    MODE_REFUSE,
    MODE_DRIP,
    MODE_GARBAGE,
    MODE_SHORT,
    MODE_BIG,
    MODE_REDIRECT,
    MODE_LOOP,
    MODE_BODY,
    MODE_INVALID_UTF8,
    MODE_TEXT,
    MODE_EMPTY,
    MODE_NAN,
    MODE_COUNT
} fault_mode_t;

/* How a target behaves until it is told otherwise. */
typedef struct {
    fault_mode_t mode;
    unsigned code;
    int64_t delay_ms;
    uint64_t big_bytes;
    char *location; /* MODE_REDIRECT */
    char *body;     /* MODE_BODY */
    size_t n_body;
} behaviour_t;

typedef struct platform platform_t;
typedef struct target target_t;

/* A port and what is behind it: everything, or with target one target alone. */
typedef struct {
    platform_t *platform;
    target_t *target;
    struct sockaddr_in address;
    struct MHD_Daemon *daemon; /* NULL while nobody listens */
} port_t;

struct target {
    const char *name;
    const char *path;
    behaviour_t behaviour;
    port_t port;       /* with --separate */
    uint64_t requests; /* that came */
    unsigned in_flight, in_flight_max;
};

/* One request, kept by MHD from its first line to its end. */
typedef struct request {
    const port_t *port;
    target_t *target; /* NULL: a control request */
    struct MHD_Connection *connection;
    bool is_delayed; /* its delay is over */
    bool is_dripping;
    bool is_asleep;
    int64_t wake_at_ms;
    struct request *next; /* sleeper */
    char *body;           /* of a control request */
    size_t n_body;
} request_t;

#define N_TARGETS 7

struct platform {
    bool is_separate;
    port_t shared;
    target_t targets[N_TARGETS];
    request_t *sleepers;
};

extern const char platform_help[];

/* Suspends REQUEST for MS milliseconds; MHD then asks its handler or reader again. */
void request_sleep(request_t *request, int64_t ms);

/* Answers a request for a target as its behaviour says, or sleeps first. */
enum MHD_Result answer_target(request_t *request);
enum MHD_Result answer_control(request_t *request, const char *path, const char *method);
/* Answers with N_BODY bytes (borrows). */
enum MHD_Result answer_bytes(struct MHD_Connection *connection, unsigned code, const char *type,
                             const void *body, size_t n_body);

/* Opens PORT at its address; where its number is 0 at a free one, which it then keeps. 0 or -1. */
int port_open(port_t *port);
void port_close(port_t *port);
void behaviour_clear(behaviour_t *behaviour);

#endif
