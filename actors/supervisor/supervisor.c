/*
 * Start: every actor but the collectors, all at once; when all are ready the collectors; when they
 * are ready "begin" to all. Running: a ping each second; a replaceable actor that returned is
 * started again with a growing wait; one that is stuck, or the loss of any other, ends the process.
 * Stop: "$TERM" to all, and a deadline.
 */
#include "actors/supervisor/supervisor.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <healthd/version.h>

#include "actors/actor.h"
#include "actors/supervisor/child_types.h"
#include "actors/supervisor/notify.h"
#include "actors/supervisor/state_folder.h"
#include "core/restarts.h"
#include "core/shares.h"

#define PING_INTERVAL_MS 1000
#define STUCK_AFTER_US   ((int64_t)3000000)
/* A second that came later than this says that the whole process stood still. */
#define STOOD_STILL_US       ((int64_t)2000000)
#define STUCK_DISK_AFTER_US  ((int64_t)30000000)
#define START_DEADLINE_US    ((int64_t)10000000)
#define STOP_DEADLINE_US     ((int64_t)1500000)
#define PIPE_SEND_TIMEOUT_MS 100
#define DESCRIPTORS_WANTED   65536
#define SOCKETS_PER_PROCESS  1024

typedef struct supervisor supervisor_t;

/* An actor of this process. */
typedef struct {
    supervisor_t *supervisor;
    const child_type_t *type;
    zactor_t *actor; /* NULL: not started, or it returned */
    bool is_ready;
    int64_t heard_us; /* monotonic time of its last word */
    restarts_t restarts;
    int64_t restart_us; /* monotonic; 0: no restart is planned */
} child_t;

typedef enum { PHASE_ACTORS, PHASE_COLLECTORS, PHASE_RUNNING, PHASE_STOPPING } phase_t;

struct supervisor {
    const config_t *config;
    log_t *log;
    actor_args_t args;
    char start_id[17];
    const char *notify_socket;
    child_t children[N_CHILD_TYPES]; /* the wanted ones */
    size_t n_children;
    zloop_t *loop;
    int signals; /* signalfd */
    phase_t phase;
    int64_t started_us; /* monotonic */
    int64_t second_us;  /* monotonic time of the last look at the actors */
    int exit_code;
    start_error_t *error; /* filled while the start is under way */
};

/* --- ends --- */

/* The process is to end with CODE; REASON is logged, or, while it starts, told to the caller. */
static int fail(supervisor_t *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(supervisor_t *self, const char *format, ...)
{
    char text[sizeof self->error->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    self->exit_code = EXIT_RUNTIME;
    if (self->phase == PHASE_RUNNING) {
        log_write(self->log, LOG_LEVEL_CRITICAL, "ending", "%s; the process ends", text);
    } else if (self->error->exit_code == 0) {
        self->error->exit_code = EXIT_RUNTIME;
        memcpy(self->error->text, text, sizeof text);
    }
    return -1; /* ends the loop */
}

/* --- one actor --- */

static int on_pipe(zloop_t *loop, zsock_t *pipe, void *context);

static void start_child(child_t *child)
{
    supervisor_t *self = child->supervisor;
    child->restart_us = 0;
    child->is_ready = false;
    child->actor = zactor_new(child->type->fn, &self->args);
    assert(child->actor);
    child->heard_us = clock_mono_us();
    zsock_set_sndtimeo(child->actor, PIPE_SEND_TIMEOUT_MS);
    (void)zloop_reader(self->loop, zactor_sock(child->actor), on_pipe, child);
}

/* Ends an actor whose last signal was read: CZMQ would wait for another one. */
static void destroy_returned(child_t *child)
{
    zsock_set_rcvtimeo(child->actor, 0);
    zactor_destroy(&child->actor);
}

/* The actor returned: it is gone for good, or started again after a wait. */
static int on_returned(child_t *child)
{
    supervisor_t *self = child->supervisor;
    zloop_reader_end(self->loop, zactor_sock(child->actor));
    destroy_returned(child);
    if (self->phase != PHASE_RUNNING)
        return fail(self, "%s ended while starting", child->type->name);
    if (!child->type->is_leaf)
        return fail(self, "%s ended", child->type->name);
    int64_t wait_us = restarts_note(&child->restarts, clock_mono_us());
    if (wait_us < 0)
        return fail(self, "%s ended %d times within a minute", child->type->name, RESTARTS_MAX);
    child->restart_us = clock_mono_us() + wait_us;
    log_write(self->log, LOG_LEVEL_ERROR, "actor_ended", "%s ended; starting it again in %.1f s",
              child->type->name, (double)wait_us / 1e6);
    return 0;
}

static void begin(child_t *child)
{
    (void)zstr_send(child->actor, "begin"); /* one that is gone is seen on its pipe */
}

static bool are_ready(const supervisor_t *self, bool is_collector)
{
    for (size_t i = 0; i < self->n_children; i++) {
        const child_t *child = &self->children[i];
        if (child->actor && child->type->is_collector == is_collector && !child->is_ready)
            return false;
    }
    return true;
}

static void start_children(supervisor_t *self, bool is_collector)
{
    for (size_t i = 0; i < self->n_children; i++) {
        child_t *child = &self->children[i];
        if (child->type->is_collector == is_collector)
            start_child(child);
    }
}

/* What runs, in the log and towards the service manager. */
static void tell_start(const supervisor_t *self)
{
    const config_t *config = self->config;
    const char *name = config->instance_name ? config->instance_name : "";
    log_write(self->log, LOG_LEVEL_INFO, "started",
              "healthd %s%s%s%s%s watches %zu targets each %u s; REST on %s, snapshots on %s%s, "
              "state in %s",
              HEALTHD_VERSION, *name ? " " : "", name, config->file ? " with " : "",
              config->file ? config->file : "", config->n_targets - 1,
              config->check_interval_ms / 1000, config->listen, config->publish[0],
              config->n_publish > 1 ? " and others" : "", config->state_dir);
    if (config->overridden)
        log_write(self->log, LOG_LEVEL_INFO, "overridden",
                  "variables override what the file says: %s", config->overridden);
    char state[512];
    (void)snprintf(state, sizeof state, "READY=1\nSTATUS=Running%s%s", *name ? " as " : "", name);
    (void)notify_service_manager(self->notify_socket, state);
}

static void begin_all(supervisor_t *self)
{
    self->phase = PHASE_RUNNING;
    for (size_t i = 0; i < self->n_children; i++) {
        if (self->children[i].actor)
            begin(&self->children[i]);
    }
    tell_start(self);
}

static void on_ready(child_t *child)
{
    supervisor_t *self = child->supervisor;
    child->is_ready = true;
    if (self->phase == PHASE_RUNNING)
        begin(child);
    if (self->phase == PHASE_ACTORS && are_ready(self, false)) {
        self->phase = PHASE_COLLECTORS;
        start_children(self, true);
    }
    if (self->phase == PHASE_COLLECTORS && are_ready(self, true))
        begin_all(self);
}

/* The actor says in REST why it cannot start. */
static int on_failed(child_t *child, zmsg_t *rest, int exit_code)
{
    supervisor_t *self = child->supervisor;
    CLEANUP(zstr_free) char *reason = zmsg_popstr(rest);
    if (self->phase != PHASE_RUNNING) {
        bool is_first = self->error->exit_code == 0;
        (void)fail(self, "%s", reason ? reason : child->type->name);
        if (is_first)
            self->exit_code = self->error->exit_code = exit_code;
        return -1;
    }
    /* A restart that failed: it returns, and counts. */
    log_write(self->log, LOG_LEVEL_ERROR, "actor_failed", "%s: %s", child->type->name,
              reason ? reason : "");
    return 0;
}

static int on_pipe(zloop_t *loop, zsock_t *pipe, void *context)
{
    (void)loop;
    child_t *child = context;
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(pipe);
    if (!message)
        return 0;
    child->heard_us = clock_mono_us();
    if (zmsg_signal(message) >= 0)
        return on_returned(child);
    CLEANUP(zstr_free) char *word = zmsg_popstr(message);
    if (word && strcmp(word, "ready") == 0)
        on_ready(child);
    if (word && strcmp(word, "failed") == 0)
        return on_failed(child, message, EXIT_RUNTIME);
    if (word && strcmp(word, "unusable") == 0)
        return on_failed(child, message, EXIT_CONFIGURATION);
    return 0;
}

/* --- time and signals --- */

/* Whether the actor has been silent for too long; the start has a deadline of its own, but one that
 * is started again and never gets ready has not. */
static bool is_stuck(const child_t *child, int64_t now_us)
{
    int64_t limit_us = child->type->owns_disk ? STUCK_DISK_AFTER_US : STUCK_AFTER_US;
    bool is_watched = child->is_ready || child->supervisor->phase == PHASE_RUNNING;
    return child->actor && is_watched && now_us - child->heard_us > limit_us;
}

/* A process that was stopped, or whose machine was, has deaf actors that are not to blame: the time
 * in which nobody could have spoken does not count. */
static void forgive_standstill(supervisor_t *self, int64_t now_us)
{
    int64_t passed_us = now_us - self->second_us;
    self->second_us = now_us;
    if (passed_us <= STOOD_STILL_US)
        return;
    log_write(self->log, LOG_LEVEL_WARNING, "stood_still",
              "the process stood still for %.1f s: stopped, or the machine was",
              (double)passed_us / 1e6);
    for (size_t i = 0; i < self->n_children; i++)
        self->children[i].heard_us += passed_us - (int64_t)PING_INTERVAL_MS * 1000;
}

/* Name of an actor that the start waits for. */
static const char *name_of_late(const supervisor_t *self)
{
    for (size_t i = 0; i < self->n_children; i++) {
        if (self->children[i].actor && !self->children[i].is_ready)
            return self->children[i].type->name;
    }
    return "an actor";
}

static int on_second(zloop_t *loop, int id, void *context)
{
    (void)loop;
    (void)id;
    supervisor_t *self = context;
    int64_t now_us = clock_mono_us();
    bool is_well = self->phase == PHASE_RUNNING;
    forgive_standstill(self, now_us);
    if (!is_well && now_us - self->started_us > START_DEADLINE_US)
        return fail(self, "%s was not ready within %d s", name_of_late(self),
                    (int)(START_DEADLINE_US / 1000000));
    for (size_t i = 0; i < self->n_children; i++) {
        child_t *child = &self->children[i];
        if (is_stuck(child, now_us))
            return fail(self, "%s is stuck: silent for %.0f s", child->type->name,
                        (double)(now_us - child->heard_us) / 1e6);
        is_well = is_well && (!child->actor || now_us - child->heard_us < STUCK_AFTER_US);
        if (child->actor)
            (void)zstr_send(child->actor, "ping");
        else if (child->restart_us && now_us >= child->restart_us)
            start_child(child);
    }
    if (is_well)
        (void)notify_service_manager(self->notify_socket, "WATCHDOG=1");
    return 0;
}

/* SIGUSR1 makes the log one level more talkative, SIGUSR2 one less. */
static void change_log_level(supervisor_t *self, int by)
{
    int level = self->log->level + by;
    if (level < LOG_LEVEL_DEBUG || level >= LOG_LEVEL_COUNT)
        return;
    log_set_level(self->log, (log_level_t)level);
    log_write(self->log, LOG_LEVEL_CRITICAL, "log_level_changed", "the log level is now %s",
              log_level_name((log_level_t)level));
}

static int on_signal(zloop_t *loop, zmq_pollitem_t *item, void *context)
{
    (void)loop;
    supervisor_t *self = context;
    struct signalfd_siginfo info;
    if (read(item->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return 0;
    switch (info.ssi_signo) {
    case SIGTERM:
    case SIGINT:
        log_write(self->log, LOG_LEVEL_INFO, "stopping", "stopping on signal %u", info.ssi_signo);
        return -1;
    case SIGUSR1:
        change_log_level(self, -1);
        return 0;
    case SIGUSR2:
        change_log_level(self, 1);
        return 0;
    default:
        log_write(self->log, LOG_LEVEL_INFO, "signal_ignored",
                  "signal %u does nothing: a configuration is read at the start alone",
                  info.ssi_signo);
        return 0;
    }
}

/* --- life --- */

/* Waits until CHILD says that it returned, or for the deadline. */
static bool wait_for_end(child_t *child, int64_t deadline_us)
{
    for (;;) {
        int64_t left_us = deadline_us - clock_mono_us();
        zsock_set_rcvtimeo(child->actor, left_us > 1000 ? (int)(left_us / 1000) : 0);
        CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(child->actor);
        if (!message)
            return false;
        if (zmsg_signal(message) >= 0)
            return true;
    }
}

/* Ends every actor. One that hangs ends the process here: its thread cannot be joined. */
static void stop_children(supervisor_t *self)
{
    int64_t deadline_us = clock_mono_us() + STOP_DEADLINE_US;
    self->phase = PHASE_STOPPING;
    for (size_t i = 0; i < self->n_children; i++) {
        if (self->children[i].actor) {
            zsock_set_sndtimeo(self->children[i].actor, 0);
            (void)zstr_send(self->children[i].actor, "$TERM");
        }
    }
    for (size_t i = 0; i < self->n_children; i++) {
        child_t *child = &self->children[i];
        if (!child->actor)
            continue;
        if (!wait_for_end(child, deadline_us)) {
            log_write(self->log, LOG_LEVEL_WARNING, "stop_deadline",
                      "%s did not stop in time; the process ends without it", child->type->name);
            _exit(self->exit_code);
        }
        destroy_returned(child);
    }
}

/* Sockets of probes and readers need more descriptors than the usual soft limit. Gives how many are
 * allowed then (0: not known). 0, or -1 with *RETERR where fewer are allowed than the actors need:
 * CZMQ asserts when a socket gets none. */
static int raise_descriptor_limit(uint64_t *ret, start_error_t *reterr)
{
    *ret = 0;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return 0;
    rlim_t wanted = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    if (limit.rlim_cur < wanted) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit))
            limit.rlim_cur = before;
    }
    *ret = limit.rlim_cur;
    if (limit.rlim_cur >= SHARES_LEAST)
        return 0;
    reterr->exit_code = EXIT_RUNTIME;
    (void)snprintf(reterr->text, sizeof reterr->text,
                   "%llu open files are allowed, at least %d are needed (ulimit -n, LimitNOFILE)",
                   (unsigned long long)limit.rlim_cur, SHARES_LEAST);
    return -1;
}

static void make_start_id(char start_id[17])
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        random = (uint64_t)clock_wall_us(); /* only has to differ from the start before */
    (void)snprintf(start_id, 17, "%016llx", (unsigned long long)random);
}

static void init_children(supervisor_t *self)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        const child_type_t *type = &child_types[i];
        if (type->is_wanted && !type->is_wanted(self->config))
            continue;
        self->children[self->n_children++] = (child_t){.supervisor = self, .type = type};
        self->args.n_health_readers += type->reads_health;
        self->args.n_alert_readers += type->reads_alerts;
    }
}

static int run_loop(supervisor_t *self)
{
    sigset_t signals;
    supervisor_signals(&signals);
    self->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    self->loop = zloop_new();
    if (self->signals < 0 || !self->loop) {
        (void)fail(self, "out of memory or descriptors");
        return self->exit_code;
    }
    zloop_set_nonstop(self->loop, true);
    zmq_pollitem_t item = {.fd = self->signals, .events = ZMQ_POLLIN};
    (void)zloop_poller(self->loop, &item, on_signal, self);
    (void)zloop_timer(self->loop, PING_INTERVAL_MS, 0, on_second, self);
    self->second_us = clock_mono_us();
    start_children(self, false);
    (void)zloop_start(self->loop);
    (void)notify_service_manager(self->notify_socket, "STOPPING=1");
    stop_children(self);
    zloop_destroy(&self->loop);
    close(self->signals);
    return self->exit_code;
}

void supervisor_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGHUP);
    sigaddset(ret, SIGUSR1);
    sigaddset(ret, SIGUSR2);
}

int supervisor_run(const config_t *config, log_t *log, start_error_t *reterr)
{
    *reterr = (start_error_t){0};
    uint64_t n_descriptors;
    if (raise_descriptor_limit(&n_descriptors, reterr))
        return reterr->exit_code;
    int state_lock = -1;
    store_error_t state_error;
    if (state_folder_take(config, &state_lock, &state_error)) {
        reterr->exit_code = EXIT_CONFIGURATION;
        (void)snprintf(reterr->text, sizeof reterr->text, "%s: %s",
                       config->file ? "instance.state_dir" : "HEALTHD_STATE_DIR", state_error.text);
        return reterr->exit_code;
    }
    zsys_handler_set(NULL);
    zsys_init();
    zsys_set_max_sockets(SOCKETS_PER_PROCESS);
    zsys_set_logstream(NULL);
    supervisor_t self = {
        .config = config,
        .log = log,
        .args = {.config = config, .log = log, .n_descriptors = n_descriptors},
        .notify_socket = getenv("NOTIFY_SOCKET"), /* NOLINT(concurrency-mt-unsafe): no thread yet */
        .started_us = clock_mono_us(),
        .error = reterr,
    };
    make_start_id(self.start_id);
    self.args.start_id = self.start_id;
    init_children(&self);
    int exit_code = run_loop(&self);
    actor_args_returned(&self.args);
    zsys_shutdown();
    close(state_lock);
    return exit_code;
}
