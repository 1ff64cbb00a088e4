#include "actors/collectors/exec_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Bytes that are read of a pipe in one turn of the loop. */
#define READ_BYTES ((size_t)16 << 10)
/* How long all programs together may take to end after SIGKILL when the actor ends. */
#define STOP_MS 200

/* A pipe from the program. */
typedef struct {
    int fd; /* -1: it was closed */
    epoll_source_t *source;
    char *bytes; /* n of them, at most `most` */
    size_t n, most;
    size_t n_dropped;
} stream_t;

struct exec_run {
    exec_runs_t *owner;
    exec_run_t *next, *previous;
    size_t at;
    process_t process;
    epoll_source_t *end_source;
    stream_t output, errors;
    actor_timer_t *timer;
    int64_t started_us;
    int64_t forced_us; /* when it was told to end */
    exec_force_t force;
    bool is_killed;
    bool is_stuck; /* it was told of without its end */
};

struct exec_runs {
    actor_t *actor;
    exec_done_fn *done;
    void *context;
    exec_run_t *all;
    size_t n_stuck;
};

/* --- life --- */

static void stream_close(stream_t *stream)
{
    epoll_remove(&stream->source);
    if (stream->fd >= 0)
        (void)close(stream->fd); /* it was only read */
    stream->fd = -1;
}

static void run_destroy(exec_run_t *run)
{
    stream_close(&run->output);
    stream_close(&run->errors);
    epoll_remove(&run->end_source);
    (void)close(run->process.end); /* a pidfd */
    actor_timer_destroy(&run->timer);
    free(run->output.bytes);
    free(run->errors.bytes);
    if (run->previous)
        run->previous->next = run->next;
    else
        run->owner->all = run->next;
    if (run->next)
        run->next->previous = run->previous;
    run->owner->n_stuck -= run->is_stuck;
    free(run);
}

/* Tells what came of RUN; END is NULL where it has not ended. */
static void tell(const exec_run_t *run, const process_end_t *end)
{
    const stream_t *stream = run->output.n > 0 ? &run->output : &run->errors;
    int64_t until_us = run->force ? run->forced_us : clock_mono_us();
    exec_result_t result = {.force = run->force,
                            .has_end = end,
                            .output = stream->bytes,
                            .n_output = stream->n,
                            .latency_us = until_us - run->started_us};
    if (end)
        result.end = *end;
    run->owner->done(run->owner->context, run->at, &result);
}

/* --- its end --- */

/* Asks all of its group to end; on_timer says it louder. */
static void force(exec_run_t *run, exec_force_t why)
{
    if (run->force)
        return;
    run->force = why;
    run->forced_us = clock_mono_us();
    process_signal(&run->process, SIGTERM);
    process_signal(&run->process, SIGCONT); /* one that was stopped hears it too */
    actor_timer_set(run->timer, EXEC_GRACE_US);
}

static void on_timer(void *context)
{
    exec_run_t *run = context;
    if (!run->force) {
        force(run, EXEC_TIMED_OUT);
    } else if (!run->is_killed) {
        run->is_killed = true;
        process_signal(&run->process, SIGKILL);
        actor_timer_set(run->timer, EXEC_KILL_US);
    } else {
        stream_close(&run->output);
        stream_close(&run->errors);
        run->is_stuck = true;
        run->owner->n_stuck++;
        tell(run, NULL);
    }
}

/* --- its output --- */

/* Reads once. Whether there may be more now. */
static bool read_some(stream_t *stream)
{
    char bytes[READ_BYTES];
    ssize_t n = read(stream->fd, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
        return true;
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0) {
        stream_close(stream);
        return false;
    }
    size_t room = stream->most - stream->n;
    size_t n_kept = (size_t)n < room ? (size_t)n : room;
    memcpy(stream->bytes + stream->n, bytes, n_kept);
    stream->n += n_kept;
    stream->n_dropped += (size_t)n - n_kept;
    return true;
}

static void on_bytes(exec_run_t *run, stream_t *stream)
{
    (void)read_some(stream);
    if (run->output.n_dropped + run->errors.n_dropped > EXEC_OUTPUT_SPARE_BYTES)
        force(run, EXEC_WROTE_TOO_MUCH);
}

static void on_output(void *context, uint32_t events)
{
    (void)events;
    exec_run_t *run = context;
    on_bytes(run, &run->output);
}

static void on_errors(void *context, uint32_t events)
{
    (void)events;
    exec_run_t *run = context;
    on_bytes(run, &run->errors);
}

/* What is in the pipe still. Others that hold it may write on: they are not waited for. */
static void drain(stream_t *stream)
{
    while (stream->fd >= 0 && stream->n < stream->most && read_some(stream)) {
    }
}

static void on_end(void *context, uint32_t events)
{
    (void)events;
    exec_run_t *run = context;
    process_end_t end;
    if (!process_reap(&run->process, &end))
        return;
    drain(&run->output);
    drain(&run->errors);
    if (!run->is_stuck)
        tell(run, &end);
    run_destroy(run);
}

/* --- start --- */

/* Where memory or descriptors run out the run has what it has. */
static int listen_to(exec_run_t *run)
{
    epoll_t *epoll = actor_epoll(run->owner->actor);
    run->end_source = epoll_add(epoll, run->process.end, EPOLLIN, on_end, run);
    run->output.source = epoll_add(epoll, run->output.fd, EPOLLIN, on_output, run);
    run->errors.source = epoll_add(epoll, run->errors.fd, EPOLLIN, on_errors, run);
    return run->end_source && run->output.source && run->errors.source ? 0 : -1;
}

static exec_run_t *run_new(exec_runs_t *runs, size_t at, size_t output_bytes)
{
    exec_run_t *run = calloc(1, sizeof *run);
    if (!run)
        return NULL;
    *run = (exec_run_t){.owner = runs,
                        .next = runs->all,
                        .at = at,
                        .process = {.end = -1},
                        .output = {.fd = -1, .most = output_bytes},
                        .errors = {.fd = -1, .most = EXEC_ERRORS_BYTES}};
    if (runs->all)
        runs->all->previous = run;
    runs->all = run;
    run->timer = actor_timer_new(runs->actor, on_timer, run);
    run->output.bytes = malloc(output_bytes);
    run->errors.bytes = malloc(EXEC_ERRORS_BYTES);
    if (run->output.bytes && run->errors.bytes)
        return run;
    run_destroy(run);
    return NULL;
}

int exec_run_start(exec_runs_t *runs, size_t at, const process_plan_t *plan, int64_t timeout_us,
                   size_t output_bytes, process_error_t *reterr)
{
    *reterr = (process_error_t){.text = "Out of memory", .is_ours = true};
    exec_run_t *run = run_new(runs, at, output_bytes);
    if (!run)
        return -1;
    run->started_us = clock_mono_us();
    if (process_start(plan, &run->process, reterr)) {
        run->process.end = -1;
        run_destroy(run);
        return -1;
    }
    run->output.fd = run->process.output;
    run->errors.fd = run->process.errors;
    actor_timer_set(run->timer, timeout_us);
    if (listen_to(run) == 0)
        return 0;
    /* It is told of here; on_end, or the end of the actor, buries it. */
    process_signal(&run->process, SIGKILL);
    actor_timer_cancel(run->timer);
    run->is_stuck = true;
    runs->n_stuck++;
    return -1;
}

/* --- all of them --- */

exec_runs_t *exec_runs_new(actor_t *actor, exec_done_fn *done, void *context)
{
    exec_runs_t *runs = actor_must(actor, calloc(1, sizeof *runs));
    *runs = (exec_runs_t){.actor = actor, .done = done, .context = context};
    return runs;
}

size_t exec_runs_n_stuck(const exec_runs_t *runs)
{
    return runs->n_stuck;
}

void exec_runs_destroy(exec_runs_t **runs_p)
{
    exec_runs_t *runs = *runs_p;
    if (!runs)
        return;
    for (const exec_run_t *run = runs->all; run; run = run->next)
        process_signal(&run->process, SIGKILL);
    int64_t deadline_us = clock_mono_us() + (int64_t)STOP_MS * 1000;
    for (exec_run_t *run = runs->all, *next; run; run = next) {
        int64_t left_us = deadline_us - clock_mono_us();
        struct pollfd end = {.fd = run->process.end, .events = POLLIN};
        process_end_t how;
        if (left_us > 0 && poll(&end, 1, (int)(left_us / 1000) + 1) == 1)
            (void)process_reap(&run->process, &how);
        next = run->next;
        run_destroy(run);
    }
    free(runs);
    *runs_p = NULL;
}
