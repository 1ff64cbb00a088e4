/*
 * The host collector: reads disks, load, memory, processes and files of this machine, each reading
 * in a thread of its own (host_reader.h). A reading that does not end is kept: the next check of
 * the same target waits for it and starts no other. Emits probe_results.
 */
#include "core/probes/host.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/collectors/host_reader.h"
#include "core/scalar.h"

/* Readings under way at once, at most. */
#define HOST_READINGS_MAX 32
/* Readings that nobody waits for and that do not end; with more no check is made. */
#define HOST_STUCK_MAX 64

typedef struct self self_t;

typedef struct {
    self_t *owner;
    size_t at;
    const target_t *target;
    host_form_t form;
    const char *subject; /* in the target's url */
    int fd;
    epoll_source_t *source;
    actor_timer_t *timer;
    int64_t started_us; /* monotonic */
} probe_t;

typedef struct {
    int fd;
    char *url;
} stuck_t;

struct self {
    actor_t *actor;
    collector_t *collector;
    condition_workspace_t *workspace;
    probe_t probes[HOST_READINGS_MAX]; /* by place */
    stuck_t stuck[HOST_STUCK_MAX];
    size_t n_stuck;
};

/* --- readings that do not end --- */

static void forget_stuck(self_t *self, size_t i)
{
    free(self->stuck[i].url);
    self->stuck[i] = self->stuck[--self->n_stuck];
}

/* Drops those that have ended since: what they read is old. */
static void drop_ended(self_t *self)
{
    for (size_t i = self->n_stuck; i-- > 0;) {
        struct pollfd end = {.fd = self->stuck[i].fd, .events = POLLIN};
        if (poll(&end, 1, 0) == 0)
            continue;
        (void)close(self->stuck[i].fd);
        forget_stuck(self, i);
    }
}

/* The reading of URL that does not end, or -1. */
static int take_stuck(self_t *self, const char *url)
{
    for (size_t i = 0; i < self->n_stuck; i++) {
        if (strcmp(self->stuck[i].url, url) != 0)
            continue;
        int fd = self->stuck[i].fd;
        forget_stuck(self, i);
        return fd;
    }
    return -1;
}

/* Gives up waiting for the reading of PROBE, whose thread may wait for ever. */
static void keep_stuck(self_t *self, const probe_t *probe)
{
    char *url = self->n_stuck < HOST_STUCK_MAX ? strdup(probe->target->url) : NULL;
    if (url)
        self->stuck[self->n_stuck++] = (stuck_t){.fd = probe->fd, .url = url};
    else
        (void)close(probe->fd); /* the thread finds nobody, and ends */
}

/* --- the end of a check --- */

static void finish(probe_t *probe, check_outcome_t *outcome)
{
    epoll_remove(&probe->source);
    actor_timer_cancel(probe->timer);
    outcome->latency_us = clock_mono_us() - probe->started_us;
    outcome->workspace = probe->owner->workspace;
    collector_finish(probe->owner->collector, probe->at, outcome, check_answer);
}

static void fail(probe_t *probe, reason_t fault, status_t status, const char *text)
{
    check_outcome_t outcome = {.fault = fault, .fault_status = status, .fault_text = text};
    finish(probe, &outcome);
}

static void fail_by_errno(probe_t *probe, int fault)
{
    char text[ERROR_MAX_BYTES];
    const char *why = strerrordesc_np(fault);
    (void)snprintf(text, sizeof text, "%.300s: %s", probe->subject, why ? why : "unknown error");
    if (fault == ENOENT || fault == ENOTDIR)
        fail(probe, REASON_NOT_FOUND, STATUS_DOWN, text);
    else if (fault == ENOMEM || fault == EMFILE || fault == ENFILE)
        fail(probe, REASON_RESOURCES, STATUS_DOWN, text);
    else
        fail(probe, REASON_UNREADABLE, STATUS_DEGRADED, text);
}

static void answer(probe_t *probe, const host_reading_t *reading)
{
    host_verdict_t verdict;
    char value[SCALAR_NUMBER_TEXT_BYTES];
    host_judge(probe->target->options, reading, probe->subject, clock_wall_us(), &verdict);
    scalar_number_text(verdict.values[0].number, value);
    const check_answer_t answer = {
        .present = CONDITION_BIT(CONDITION_OUTPUT) | CONDITION_BIT(CONDITION_VALUE),
        .output = verdict.text,
        .n_output = strlen(verdict.text),
        .value = value,
        .values = verdict.values,
        .n_values = verdict.n_values,
        .verdict = verdict.verdict,
        .reason = verdict.reason,
        .text = verdict.text,
        .said_by = CONDITION_CAPTURED,
    };
    check_outcome_t outcome = {.answer = &answer};
    finish(probe, &outcome);
}

static void on_reading(void *context, uint32_t events)
{
    (void)events;
    probe_t *probe = context;
    host_reading_t reading;
    int rc = host_reader_take(probe->fd, &reading);
    epoll_remove(&probe->source);
    (void)close(probe->fd);
    if (rc)
        fail(probe, REASON_RESOURCES, STATUS_DOWN, "the reading failed");
    else if (reading.fault)
        fail_by_errno(probe, reading.fault);
    else
        answer(probe, &reading);
}

static void on_deadline(void *context)
{
    probe_t *probe = context;
    epoll_remove(&probe->source);
    keep_stuck(probe->owner, probe);
    fail(probe, REASON_TIMEOUT_RESPONSE, STATUS_DOWN, NULL);
}

/* --- the begin of a check --- */

/* Each of them may be stuck before long. */
static size_t n_under_way(const self_t *self)
{
    size_t n = 0;
    for (size_t i = 0; i < HOST_READINGS_MAX; i++)
        n += self->probes[i].source != NULL;
    return n;
}

static void begin_probe(void *context, size_t at, const target_t *target)
{
    self_t *self = context;
    probe_t *probe = &self->probes[at];
    probe->target = target;
    probe->started_us = clock_mono_us();
    if (host_url_parse(target->url, &probe->form, &probe->subject)) {
        fail(probe, REASON_PROTOCOL, STATUS_DOWN, "Not a host URL");
        return;
    }
    drop_ended(self);
    probe->fd = take_stuck(self, target->url);
    if (probe->fd < 0 && self->n_stuck + n_under_way(self) >= HOST_STUCK_MAX) {
        fail(probe, REASON_RESOURCES, STATUS_DOWN, "too many readings do not end");
        return;
    }
    if (probe->fd < 0)
        probe->fd = host_reader_start(probe->form, probe->subject);
    if (probe->fd >= 0)
        probe->source = epoll_add(actor_epoll(self->actor), probe->fd, EPOLLIN, on_reading, probe);
    if (probe->source) {
        actor_timer_set(probe->timer, (int64_t)target->timeout_ms * 1000);
        return;
    }
    if (probe->fd >= 0)
        (void)close(probe->fd);
    fail(probe, REASON_RESOURCES, STATUS_DOWN, "no thread or open file is left");
}

static int grow(void *context, size_t n_probes)
{
    (void)context;
    (void)n_probes; /* all places are there */
    return 0;
}

void host_collector_actor(zsock_t *pipe, void *args)
{
    self_t self = {.actor = actor_new(pipe, "host_collector", args)};
    const collector_handlers_t collector = {.type = PROBE_HOST,
                                            .n_most = HOST_READINGS_MAX,
                                            .begin = begin_probe,
                                            .grow = grow,
                                            .context = &self};
    self.collector = collector_new(self.actor, args, &collector);
    self.workspace = actor_must(self.actor, condition_workspace_new());
    for (size_t i = 0; i < HOST_READINGS_MAX; i++) {
        self.probes[i] = (probe_t){.owner = &self, .at = i, .fd = -1};
        self.probes[i].timer = actor_timer_new(self.actor, on_deadline, &self.probes[i]);
    }
    actor_run(self.actor);
    for (size_t i = 0; i < HOST_READINGS_MAX; i++) {
        if (self.probes[i].source)
            (void)close(self.probes[i].fd);
        epoll_remove(&self.probes[i].source);
        actor_timer_destroy(&self.probes[i].timer);
    }
    while (self.n_stuck > 0) {
        (void)close(self.stuck[0].fd);
        forget_stuck(&self, 0);
    }
    condition_workspace_destroy(&self.workspace);
    collector_destroy(&self.collector);
    actor_destroy(&self.actor);
}
