/*
 * Start: every actor but the collectors, all at once; when all are ready the collectors; when they
 * are ready "begin" to all. Running: a ping each second; a replaceable actor that returned is
 * started again with a growing wait; one that is stuck, or the loss of any other, ends the process.
 * Reload: see reload.c. Stop: "$TERM" to all, and a deadline.
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

#include "actors/supervisor/notify.h"
#include "actors/supervisor/state.h"
#include "actors/supervisor/state_folder.h"
#include "core/shares.h"

#define PING_INTERVAL_MS 1000
/* A second that came later than this says that the whole process stood still. */
#define STOOD_STILL_US      ((int64_t)2000000)
#define START_DEADLINE_US   ((int64_t)10000000)
#define DESCRIPTORS_WANTED  65536
#define SOCKETS_PER_PROCESS 1024

/* --- ends --- */

int supervisor_fail(supervisor_t *self, const char *format, ...)
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

/* --- start --- */

/* What runs, in the log and towards the service manager. */
void supervisor_begin(supervisor_t *self)
{
    const config_t *config = supervisor_config(self);
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

/* --- time and signals --- */

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
    children_forgive(self, passed_us - (int64_t)PING_INTERVAL_MS * 1000);
}

static int on_second(zloop_t *loop, int id, void *context)
{
    (void)loop;
    (void)id;
    supervisor_t *self = context;
    int64_t now_us = clock_mono_us();
    forgive_standstill(self, now_us);
    if (self->phase != PHASE_RUNNING && now_us - self->started_us > START_DEADLINE_US)
        return supervisor_fail(self, "%s was not ready within %d s", children_late(self),
                               (int)(START_DEADLINE_US / 1000000));
    bool is_well = false;
    if (children_look_after(self, now_us, &is_well))
        return -1;
    if (is_well && self->phase == PHASE_RUNNING)
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
    default: /* SIGHUP */
        reload_on_signal(self);
        return 0;
    }
}

/* --- life --- */

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

static void init_children(supervisor_t *self, const config_t *config, actor_args_t *args)
{
    for (size_t i = 0; i < N_CHILD_TYPES; i++) {
        const child_type_t *type = &child_types[i];
        bool is_wanted = child_is_wanted(type, config);
        self->children[i] = (child_t){
            .supervisor = self, .type = type, .number = (unsigned)i, .is_wanted = is_wanted};
        args->n_health_readers += is_wanted && type->reads_health;
        args->n_alert_readers += is_wanted && type->reads_alerts;
    }
}

static int run_loop(supervisor_t *self)
{
    sigset_t signals;
    supervisor_signals(&signals);
    self->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    self->loop = zloop_new();
    if (self->signals < 0 || !self->loop) {
        (void)supervisor_fail(self, "out of memory or descriptors");
        return self->exit_code;
    }
    zloop_set_nonstop(self->loop, true);
    zmq_pollitem_t item = {.fd = self->signals, .events = ZMQ_POLLIN};
    (void)zloop_poller(self->loop, &item, on_signal, self);
    (void)zloop_timer(self->loop, PING_INTERVAL_MS, 0, on_second, self);
    self->second_us = clock_mono_us();
    reload_open(self);
    children_start(self, false);
    (void)zloop_start(self->loop);
    (void)notify_service_manager(self->notify_socket, "STOPPING=1");
    self->phase = PHASE_STOPPING;
    children_stop(self);
    reload_close(self);
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

int supervisor_run(config_t **config, log_t *log, start_error_t *reterr)
{
    *reterr = (start_error_t){0};
    uint64_t n_descriptors;
    if (raise_descriptor_limit(&n_descriptors, reterr))
        return reterr->exit_code;
    int state_lock = -1;
    store_error_t state_error;
    if (state_folder_take(*config, &state_lock, &state_error)) {
        reterr->exit_code = EXIT_CONFIGURATION;
        (void)snprintf(reterr->text, sizeof reterr->text, "%s: %s",
                       (*config)->file ? "instance.state_dir" : "HEALTHD_STATE_DIR",
                       state_error.text);
        return reterr->exit_code;
    }
    zsys_handler_set(NULL);
    zsys_init();
    zsys_set_max_sockets(SOCKETS_PER_PROCESS);
    zsys_set_logstream(NULL);
    supervisor_t self = {
        .log = log,
        .notify_socket = getenv("NOTIFY_SOCKET"), /* NOLINT(concurrency-mt-unsafe): no thread yet */
        .started_us = clock_mono_us(),
        .error = reterr,
    };
    make_start_id(self.start_id);
    actor_args_t args = {.log = log, .start_id = self.start_id, .n_descriptors = n_descriptors};
    init_children(&self, *config, &args);
    if (generations_add(&self.generations, config, &args)) {
        close(state_lock);
        return supervisor_fail(&self, "out of memory") ? self.exit_code : 0;
    }
    int exit_code = run_loop(&self);
    generations_clear(&self.generations);
    zsys_shutdown();
    close(state_lock);
    return exit_code;
}
