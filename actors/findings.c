#include "actors/findings.h"

#include <stdlib.h>
#include <string.h>

#include "actors/actor.h"
#include "proto/frame.h"

struct findings {
    zloop_t *loop; /* borrowed, as log and source */
    const log_t *log;
    const char *source;
    zsock_t *socket; /* PUSH */
    int timer;
    finding_t held[FINDINGS_OF_SOURCE_MAX]; /* owned */
    size_t n_held;
};

static void send_finding(const findings_t *self, const finding_t *finding)
{
    if (frame_send(self->socket, &finding_schema, finding, NULL))
        log_write(self->log, LOG_LEVEL_ERROR, "finding_lost",
                  "%s: \"%s\" of %s cannot be sent; what holds is repeated", self->source,
                  finding->title, finding->component);
}

static int on_repeat(zloop_t *loop, int id, void *context)
{
    (void)loop;
    (void)id;
    const findings_t *self = context;
    for (size_t i = 0; i < self->n_held; i++)
        send_finding(self, &self->held[i]);
    return 0;
}

findings_t *findings_new(zloop_t *loop, const log_t *log, const char *source)
{
    findings_t *self = calloc(1, sizeof *self);
    if (!self)
        abort(); /* at start; the supervisor reports how the process ended */
    self->loop = loop;
    self->log = log;
    self->source = source;
    self->socket = actor_socket(ZMQ_PUSH, ENDPOINT_FINDINGS, false);
    self->timer = zloop_timer(loop, FINDING_REPEAT_US / 1000, 0, on_repeat, self);
    if (self->timer < 0)
        abort(); /* likewise */
    return self;
}

static finding_t *held_at(findings_t *self, const char *component)
{
    for (size_t i = 0; i < self->n_held; i++)
        if (strcmp(self->held[i].component, component) == 0)
            return &self->held[i];
    return NULL;
}

/* WORDS cut to what a finding may hold. 0, or -1: out of memory. */
static int fill(const findings_t *self, const finding_words_t *words, finding_t *ret)
{
    finding_t finding = {
        .source = strndup(self->source, FINDING_SOURCE_MAX_BYTES),
        .component = strndup(words->component, ALERT_COMPONENT_MAX_BYTES),
        .kind = (int)words->kind,
        .severity = (int)words->severity,
        .is_active = true,
        .title = strndup(words->title, ALERT_TITLE_MAX_BYTES),
        .message = strndup(words->message, FINDING_MESSAGE_MAX_BYTES),
        .details = words->details ? strdup(words->details) : NULL,
        .at_us = clock_wall_us(),
    };
    if (!finding.source || !finding.component || !finding.title || !finding.message ||
        (words->details && !finding.details)) {
        finding_clear(&finding);
        return -1;
    }
    *ret = finding;
    return 0;
}

void findings_say(findings_t *self, const finding_words_t *words)
{
    finding_t *held = held_at(self, words->component);
    finding_t finding = {0};
    if ((!held && self->n_held == FINDINGS_OF_SOURCE_MAX) || fill(self, words, &finding)) {
        log_write(self->log, LOG_LEVEL_ERROR, "finding_lost",
                  "%s: \"%s\" of %s becomes no alert: too many of them, or out of memory",
                  self->source, words->title, words->component);
        return;
    }
    if (held)
        finding_clear(held);
    else
        held = &self->held[self->n_held++];
    *held = finding;
    send_finding(self, held);
}

void findings_over(findings_t *self, const char *component)
{
    finding_t *held = held_at(self, component);
    if (!held)
        return;
    held->is_active = false;
    send_finding(self, held); /* one that is lost is over when it is repeated no more */
    finding_clear(held);
    *held = self->held[--self->n_held];
}

void findings_destroy(findings_t **self_p)
{
    findings_t *self = *self_p;
    if (!self)
        return;
    (void)zloop_timer_end(self->loop, self->timer);
    for (size_t i = 0; i < self->n_held; i++)
        finding_clear(&self->held[i]);
    zsock_destroy(&self->socket);
    free(self);
    *self_p = NULL;
}
