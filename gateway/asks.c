#include "gateway/asks.h"

#include <stdlib.h>
#include <string.h>

#include "proto/frame.h"

/* A question under way. */
typedef struct pending {
    struct pending *next;
    uint64_t request_id;
    int64_t deadline_us;
    ask_owner_t owner;
    ask_fn *fn;
    void *context;
} pending_t;

typedef struct {
    zsock_t *socket;
    unsigned n_unanswered;
    int64_t answered_at_us; /* monotonic; 0: never */
} owner_t;

struct asks {
    actor_t *actor;
    void (*on_turn)(void *context);
    void *turn_context;
    void (*on_snapshot)(void *context, snapshot_t *snapshot); /* or NULL */
    void *snapshot_context;
    owner_t owners[ASK_OWNER_COUNT];
    zsock_t *health_news;
    zsock_t *alert_news;
    versions_t newest;
    bool is_ending;
    uint64_t n_asked;
    pending_t *pending;
    actor_timer_t *timer;
};

/* --- news: all that is read of an alert event is its number --- */

typedef struct {
    uint64_t seq;
} alert_news_t;

static const wire_field_t alert_news_fields[] = {
    WIRE_U64_ROW(alert_news_t, seq, true),
};

/* It carries the name of the message that it is a part of. */
static const wire_schema_t alert_news_schema = {.name = "alert_event",
                                                .size = sizeof(alert_news_t),
                                                .fields = alert_news_fields,
                                                .n_fields = 1};

static void raise_newest(asks_t *self, uint64_t snapshot_version, uint64_t alert_seq)
{
    if (snapshot_version > self->newest.snapshot_version)
        self->newest.snapshot_version = snapshot_version;
    if (alert_seq > self->newest.alert_seq)
        self->newest.alert_seq = alert_seq;
}

/* Reads one message of SOCKET as SCHEMA: 1 with *RET, 0 with NULL where it is another message or
 * none of ours, -1 where nothing is waiting. */
static int read_message(asks_t *self, zsock_t *socket, const wire_schema_t *schema, void **ret)
{
    frame_t frame = {0};
    int rc = frame_recv(socket, &frame);
    if (rc == 0)
        return -1;
    *ret = NULL;
    wire_error_t error;
    if (rc == 1 && strcmp(frame.name, schema->name) == 0 &&
        frame_decode(&frame, schema, ret, &error))
        actor_refused(self->actor, &error);
    frame_clear(&frame);
    return *ret ? 1 : 0;
}

void asks_hear(asks_t *self)
{
    void *message;
    for (int rc; (rc = read_message(self, self->health_news, &snapshot_schema, &message)) >= 0;) {
        if (rc == 0)
            continue;
        snapshot_t *snapshot = message;
        raise_newest(self, snapshot->version, 0);
        if (self->on_snapshot)
            self->on_snapshot(self->snapshot_context, snapshot);
        snapshot_destroy(&snapshot);
    }
}

void asks_on_snapshot(asks_t *self, void (*fn)(void *context, snapshot_t *snapshot), void *context)
{
    self->on_snapshot = fn;
    self->snapshot_context = context;
}

static void on_health_news(void *context)
{
    asks_t *self = context;
    asks_hear(self);
    self->on_turn(self->turn_context);
}

static void on_alert_news(void *context)
{
    asks_t *self = context;
    void *message;
    for (int rc; (rc = read_message(self, self->alert_news, &alert_news_schema, &message)) >= 0;) {
        if (rc == 0)
            continue;
        raise_newest(self, 0, ((alert_news_t *)message)->seq);
        wire_destroy(&alert_news_schema, &message);
    }
    self->on_turn(self->turn_context);
}

/* --- questions and answers --- */

/* Takes the question of REQUEST_ID out of the list; NULL where it is not there (any more). */
static pending_t *take_pending(asks_t *self, uint64_t request_id)
{
    for (pending_t **at = &self->pending; *at; at = &(*at)->next) {
        pending_t *found = *at;
        if (found->request_id != request_id)
            continue;
        *at = found->next;
        return found;
    }
    return NULL;
}

static void set_timer(asks_t *self)
{
    int64_t first_us = INT64_MAX;
    for (const pending_t *at = self->pending; at; at = at->next)
        if (at->deadline_us < first_us)
            first_us = at->deadline_us;
    if (first_us == INT64_MAX)
        actor_timer_cancel(self->timer);
    else
        actor_timer_set(self->timer, first_us - clock_mono_us());
}

static pending_t *take_overdue(asks_t *self, int64_t now_us)
{
    for (const pending_t *at = self->pending; at; at = at->next)
        if (at->deadline_us <= now_us)
            return take_pending(self, at->request_id);
    return NULL;
}

static void finish(pending_t *pending, answer_t *answer)
{
    pending->fn(pending->context, &answer);
    answer_destroy(&answer);
    free(pending);
}

static void on_deadline(void *context)
{
    asks_t *self = context;
    int64_t now_us = clock_mono_us();
    pending_t *overdue;
    while ((overdue = take_overdue(self, now_us))) {
        owner_t *owner = &self->owners[overdue->owner];
        if (overdue->owner == ASK_HEARTBEATS && owner->n_unanswered > 0)
            owner->n_unanswered--; /* it may have been started anew, and has lost the question */
        finish(overdue, NULL);
    }
    set_timer(self);
    self->on_turn(self->turn_context);
}

static void drain_answers(asks_t *self, owner_t *owner)
{
    void *message;
    for (int rc; (rc = read_message(self, owner->socket, &answer_schema, &message)) >= 0;) {
        if (owner->n_unanswered > 0)
            owner->n_unanswered--;
        if (rc == 0)
            continue;
        answer_t *answer = message;
        owner->answered_at_us = clock_mono_us();
        raise_newest(self, answer->snapshot_version, answer->alert_seq);
        pending_t *pending = take_pending(self, answer->request_id);
        if (pending)
            finish(pending, answer);
        else
            answer_destroy(&answer); /* it came after its deadline */
    }
    set_timer(self);
    self->on_turn(self->turn_context);
}

static void on_health_answers(void *context)
{
    asks_t *self = context;
    drain_answers(self, &self->owners[ASK_HEALTH]);
}

static void on_alert_answers(void *context)
{
    asks_t *self = context;
    drain_answers(self, &self->owners[ASK_ALERTS]);
}

static void on_heartbeat_answers(void *context)
{
    asks_t *self = context;
    drain_answers(self, &self->owners[ASK_HEARTBEATS]);
}

static void on_supervisor_answers(void *context)
{
    asks_t *self = context;
    drain_answers(self, &self->owners[ASK_SUPERVISOR]);
}

int asks_send(asks_t *self, ask_owner_t owner_id, query_t *query, int64_t deadline_us, ask_fn *fn,
              void *context)
{
    owner_t *owner = &self->owners[owner_id];
    if (self->is_ending || owner->n_unanswered >= ASK_UNANSWERED_MAX)
        return -1;
    pending_t *pending = malloc(sizeof *pending);
    if (!pending)
        return -1;
    query->request_id = ++self->n_asked;
    *pending = (pending_t){.next = self->pending,
                           .request_id = query->request_id,
                           .deadline_us = deadline_us,
                           .owner = owner_id,
                           .fn = fn,
                           .context = context};
    if (frame_send(owner->socket, &query_schema, query, NULL)) {
        free(pending);
        return -1;
    }
    owner->n_unanswered++;
    self->pending = pending;
    set_timer(self);
    return 0;
}

versions_t asks_newest(const asks_t *self)
{
    return self->newest;
}

bool asks_has_answered(const asks_t *self, ask_owner_t owner, int64_t within_us)
{
    int64_t at_us = self->owners[owner].answered_at_us;
    return at_us != 0 && clock_mono_us() - at_us <= within_us;
}

/* --- construct and destruct --- */

asks_t *asks_new(actor_t *actor, void (*on_turn)(void *context), void *context)
{
    asks_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->actor = actor;
    self->on_turn = on_turn;
    self->turn_context = context;
    self->timer = actor_timer_new(actor, on_deadline, self);
    self->owners[ASK_HEALTH].socket = actor_socket(ZMQ_DEALER, ENDPOINT_ASK_HEALTH, false);
    self->owners[ASK_ALERTS].socket = actor_socket(ZMQ_DEALER, ENDPOINT_ASK_ALERTS, false);
    self->owners[ASK_SUPERVISOR].socket = actor_socket(ZMQ_DEALER, ENDPOINT_ASK_SUPERVISOR, false);
    self->owners[ASK_HEARTBEATS].socket = actor_socket(ZMQ_DEALER, ENDPOINT_ASK_HEARTBEATS, true);
    self->health_news = actor_socket(ZMQ_SUB, ENDPOINT_HEALTH, false);
    self->alert_news = actor_socket(ZMQ_SUB, ENDPOINT_ALERTS, false);
    actor_read(actor, self->owners[ASK_HEALTH].socket, on_health_answers, self);
    actor_read(actor, self->owners[ASK_ALERTS].socket, on_alert_answers, self);
    actor_read(actor, self->owners[ASK_SUPERVISOR].socket, on_supervisor_answers, self);
    actor_read(actor, self->owners[ASK_HEARTBEATS].socket, on_heartbeat_answers, self);
    actor_read(actor, self->health_news, on_health_news, self);
    actor_read(actor, self->alert_news, on_alert_news, self);
    return self;
}

void asks_destroy(asks_t **self_p)
{
    asks_t *self = *self_p;
    if (!self)
        return;
    self->is_ending = true;
    pending_t *pending;
    while ((pending = take_overdue(self, INT64_MAX)))
        finish(pending, NULL);
    if (self->owners[ASK_HEARTBEATS].socket) /* so that another gateway can bind at once */
        (void)zsock_unbind(self->owners[ASK_HEARTBEATS].socket, "%s", ENDPOINT_ASK_HEARTBEATS);
    for (size_t i = 0; i < ASK_OWNER_COUNT; i++)
        zsock_destroy(&self->owners[i].socket);
    zsock_destroy(&self->health_news);
    zsock_destroy(&self->alert_news);
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}
