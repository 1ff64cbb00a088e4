#include "gateway/views.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http_clients.h"

/* Requests that wait for one round; one connection has one request at a time. */
typedef struct {
    uint64_t ids[HTTP_CONNECTIONS_MAX];
    size_t n;
} waiters_t;

typedef struct view view_t;

/* One owner's part of a round. */
typedef struct {
    view_t *view;
    answer_t *answer;
} part_t;

struct view {
    views_t *owner;
    view_kind_t kind;
    int64_t limit;
    uint64_t used_at; /* of the last use, counted in uses */

    reply_t *reply; /* kept; NULL: none */
    versions_t versions;

    unsigned n_missing; /* answers of the round under way; 0: none is */
    bool is_failed;     /* an owner cannot be asked, or did not answer in time */
    bool is_starting;   /* so that the round does not end while it is being started */
    versions_t asked;   /* the newest that was known when it began */
    part_t parts[ASK_OWNER_COUNT];
    waiters_t now;         /* for this round */
    waiters_t next;        /* came when it was too old for them already */
    int64_t next_since_us; /* when the first of these came; monotonic */
    view_t *sibling;
};

struct views {
    asks_t *asks;
    char start_id[32];
    const view_type_t *types;
    view_deliver_fn *deliver;
    void *context;
    uint64_t n_uses;
    view_t *first;
};

static void begin_round(view_t *view, int64_t deadline_us);

/* --- what is kept --- */

static const view_type_t *type_of(const view_t *view)
{
    return &view->owner->types[view->kind];
}

/* Whether a state at VERSIONS is as new as NEWEST in what the view shows. */
static bool is_as_new(const view_t *view, versions_t versions, versions_t newest)
{
    const view_type_t *type = type_of(view);
    return (!type->asks_health || versions.snapshot_version >= newest.snapshot_version) &&
           (!type->asks_alerts || versions.alert_seq >= newest.alert_seq);
}

static bool is_current(const view_t *view)
{
    return view->reply && is_as_new(view, view->versions, asks_newest(view->owner->asks));
}

static reply_t *no_answer(void)
{
    static const char detail[] = "No answer in time, try again";
    reply_t *reply = reply_error(503, detail, sizeof detail - 1);
    if (reply && reply_add_header(reply, "Retry-After", "1"))
        reply_release(&reply);
    return reply;
}

/* Makes the reply of the round that has ended and keeps it where that is right. Gives it. */
static reply_t *render(view_t *view)
{
    view_input_t input = {.health = view->parts[ASK_HEALTH].answer,
                          .alerts = view->parts[ASK_ALERTS].answer,
                          .limit = view->limit,
                          .context = view->owner->context,
                          .is_kept = true};
    if (view->is_failed && !type_of(view)->shows_silence)
        return no_answer();
    reply_t *reply = type_of(view)->render(&input);
    reply_release(&view->reply);
    if (!reply || !input.is_kept || reply->code != 200)
        return reply;
    view->versions = (versions_t){0};
    if (input.health)
        view->versions.snapshot_version = input.health->snapshot_version;
    if (input.alerts)
        view->versions.alert_seq = input.alerts->alert_seq;
    (void)snprintf(reply->etag, sizeof reply->etag, "%s-%" PRIu64 "-%" PRIu64,
                   view->owner->start_id, view->versions.snapshot_version,
                   view->versions.alert_seq);
    view->reply = reply_share(reply);
    return reply;
}

/* --- rounds --- */

static void deliver(view_t *view, waiters_t *waiters, reply_t *reply)
{
    views_t *self = view->owner;
    for (size_t i = 0; i < waiters->n; i++)
        self->deliver(self->context, view->kind, waiters->ids[i], reply);
    waiters->n = 0;
}

static void add_waiter(view_t *view, waiters_t *waiters, uint64_t request_id)
{
    if (waiters->n < HTTP_CONNECTIONS_MAX) {
        waiters->ids[waiters->n++] = request_id;
        return;
    }
    CLEANUP(reply_release) reply_t *reply = no_answer();
    view->owner->deliver(view->owner->context, view->kind, request_id, reply);
}

static void end_round(view_t *view)
{
    CLEANUP(reply_release) reply_t *reply = render(view);
    bool is_failed = view->is_failed;
    view->is_failed = false;
    for (size_t i = 0; i < ASK_OWNER_COUNT; i++)
        answer_destroy(&view->parts[i].answer);
    deliver(view, &view->now, reply);
    if (view->next.n == 0)
        return;
    if (is_failed || is_current(view)) { /* an owner that is silent is not asked at once again */
        deliver(view, &view->next, reply);
        return;
    }
    view->now = view->next;
    view->next.n = 0;
    begin_round(view, view->next_since_us + ASK_ANSWER_US);
}

static void on_answer(void *context, answer_t **answer)
{
    part_t *part = context;
    view_t *view = part->view;
    part->answer = *answer;
    *answer = NULL;
    if (!part->answer || part->answer->outcome != ANSWER_OK)
        view->is_failed = true;
    view->n_missing--;
    if (view->n_missing == 0 && !view->is_starting)
        end_round(view);
}

static void ask(view_t *view, ask_owner_t owner, int verb, int64_t deadline_us)
{
    query_t query = {.verb = verb, .limit = view->limit > 0 ? view->limit : 1};
    if (asks_send(view->owner->asks, owner, &query, deadline_us, on_answer, &view->parts[owner]))
        view->is_failed = true;
    else
        view->n_missing++;
}

static void begin_round(view_t *view, int64_t deadline_us)
{
    view->asked = asks_newest(view->owner->asks);
    view->is_starting = true;
    if (type_of(view)->asks_health)
        ask(view, ASK_HEALTH, QUERY_WHOLE_STATE, deadline_us);
    if (type_of(view)->asks_alerts)
        ask(view, ASK_ALERTS,
            view->kind == VIEW_ALERTS_HISTORY ? QUERY_ALERTS_HISTORY : QUERY_ALERTS_ACTIVE,
            deadline_us);
    view->is_starting = false;
    if (view->n_missing == 0)
        end_round(view);
}

/* --- the views --- */

static view_t *new_view(views_t *self, view_kind_t kind, int64_t limit)
{
    view_t *view = calloc(1, sizeof *view);
    if (!view)
        return NULL;
    view->owner = self;
    view->kind = kind;
    view->limit = limit;
    for (size_t i = 0; i < ASK_OWNER_COUNT; i++)
        view->parts[i].view = view;
    view->sibling = self->first;
    self->first = view;
    return view;
}

static void end_view(view_t *view)
{
    reply_release(&view->reply);
    for (size_t i = 0; i < ASK_OWNER_COUNT; i++)
        answer_destroy(&view->parts[i].answer);
    free(view);
}

/* Where in the list the idle history view is that was used longest ago; NULL where there are fewer
 * than VIEWS_HISTORY_MAX, or none of them is idle. */
static view_t **forgettable(views_t *self)
{
    size_t n = 0;
    view_t **oldest = NULL;
    for (view_t **at = &self->first; *at; at = &(*at)->sibling) {
        if ((*at)->kind != VIEW_ALERTS_HISTORY)
            continue;
        n++;
        if ((*at)->n_missing == 0 && (!oldest || (*at)->used_at < (*oldest)->used_at))
            oldest = at;
    }
    return n < VIEWS_HISTORY_MAX ? NULL : oldest;
}

static void forget_history(views_t *self)
{
    view_t **at;
    while ((at = forgettable(self))) {
        view_t *forgotten = *at;
        *at = forgotten->sibling;
        end_view(forgotten);
    }
}

static view_t *view_at(views_t *self, view_kind_t kind, int64_t limit)
{
    for (view_t *view = self->first; view; view = view->sibling)
        if (view->kind == kind && view->limit == limit)
            return view;
    if (kind == VIEW_ALERTS_HISTORY)
        forget_history(self);
    return new_view(self, kind, limit);
}

void views_show(views_t *self, view_kind_t kind, int64_t limit, uint64_t request_id)
{
    view_t *view = view_at(self, kind, limit);
    if (!view) {
        self->deliver(self->context, kind, request_id, NULL);
        return;
    }
    view->used_at = ++self->n_uses;
    int64_t now_us = clock_mono_us();
    if (is_current(view)) {
        self->deliver(self->context, kind, request_id, view->reply);
    } else if (view->n_missing == 0) {
        add_waiter(view, &view->now, request_id);
        begin_round(view, now_us + ASK_ANSWER_US);
    } else if (is_as_new(view, view->asked, asks_newest(self->asks))) {
        add_waiter(view, &view->now, request_id);
    } else {
        if (view->next.n == 0)
            view->next_since_us = now_us;
        add_waiter(view, &view->next, request_id);
    }
}

views_t *views_new(asks_t *asks, const char *start_id, const view_type_t *types,
                   view_deliver_fn *deliver_fn, void *context)
{
    views_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->asks = asks;
    self->types = types;
    self->deliver = deliver_fn;
    self->context = context;
    (void)snprintf(self->start_id, sizeof self->start_id, "%s", start_id); /* 16 digits */
    return self;
}

void views_destroy(views_t **self_p)
{
    views_t *self = *self_p;
    if (!self)
        return;
    while (self->first) {
        view_t *next = self->first->sibling;
        end_view(self->first);
        self->first = next;
    }
    free(self);
    *self_p = NULL;
}
