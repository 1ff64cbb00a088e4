#include "actors/io/redis_io.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/io/redis_channel.h"
#include "core/check.h"

/* A command that waits for its answer; answers come in the order of the commands. */
typedef struct pending pending_t;
struct pending {
    int64_t deadline_us;   /* monotonic */
    redis_io_reply_fn *fn; /* or NULL */
    void *context;
    pending_t *next;
};

typedef enum {
    STATE_CLOSED,
    STATE_RESOLVING,
    STATE_CONNECTING,
    STATE_AUTHENTICATING,
    STATE_SELECTING,
    STATE_READY,
    STATE_CLOSING /* awaited answers are being given NULL */
} state_t;

/* Why the connection ended, until `settle` tells it. */
typedef struct {
    bool is_set;
    reason_t reason;
    char text[REDIS_IO_TEXT_BYTES];
} loss_t;

struct redis_io {
    actor_t *actor;
    resolve_t *resolve;
    redis_io_handlers_t handlers;
    void *context;

    state_t state;
    redis_url_t url;
    int64_t open_deadline_us; /* monotonic, for everything before `ready` */
    resolve_waiter_t *waiter;
    resolve_answer_t addresses;
    size_t next_address;
    int64_t address_deadline_us; /* for the one being tried; the last one's is open_deadline_us */
    redis_channel_t *channel;
    loss_t loss;
    bool is_ready_untold;

    pending_t *first, *last;
    size_t n_pending;
    actor_timer_t *timer;
    int64_t timer_at_us; /* monotonic; INT64_MAX: not set */
};

/* --- small parts --- */

static void wake_at(redis_io_t *self, int64_t at_us)
{
    if (at_us >= self->timer_at_us)
        return;
    self->timer_at_us = at_us;
    int64_t after_us = at_us - clock_mono_us();
    actor_timer_set(self->timer, after_us > 0 ? after_us : 0);
}

static void set_loss(redis_io_t *self, reason_t reason, const char *text)
{
    if (self->loss.is_set)
        return; /* the first cause counts */
    self->loss.is_set = true;
    self->loss.reason = reason;
    (void)snprintf(self->loss.text, sizeof self->loss.text, "%s", text);
}

static bool is_opening(const redis_io_t *self)
{
    return self->state >= STATE_RESOLVING && self->state <= STATE_SELECTING;
}

static pending_t *shift(redis_io_t *self)
{
    pending_t *pending = self->first;
    if (!pending)
        return NULL;
    self->first = pending->next;
    if (!self->first)
        self->last = NULL;
    self->n_pending--;
    return pending;
}

static int send_command(redis_io_t *self, size_t n_args, const char *const *args,
                        const size_t *lengths, const pending_t *what)
{
    pending_t *pending = malloc(sizeof *pending);
    if (!pending)
        return -1;
    *pending = *what;
    if (redis_channel_send(self->channel, n_args, args, lengths)) {
        free(pending);
        return -1;
    }
    if (self->last)
        self->last->next = pending;
    else
        self->first = pending;
    self->last = pending;
    self->n_pending++;
    wake_at(self, pending->deadline_us);
    return 0;
}

/* --- the steps up to ready: each is sent when the one before was answered --- */

static void on_auth_reply(void *context, const redisReply *reply);
static void on_select_reply(void *context, const redisReply *reply);

static void send_step(redis_io_t *self, size_t n_args, const char *const *args,
                      redis_io_reply_fn *fn)
{
    pending_t step = {.deadline_us = self->open_deadline_us, .fn = fn, .context = self};
    if (send_command(self, n_args, args, NULL, &step))
        set_loss(self, REASON_RESOURCES, "Out of memory");
}

static void step_select(redis_io_t *self)
{
    if (self->url.database == 0) {
        self->state = STATE_READY;
        self->is_ready_untold = true;
        return;
    }
    char database[16];
    (void)snprintf(database, sizeof database, "%u", self->url.database);
    self->state = STATE_SELECTING;
    send_step(self, 2, (const char *[]){"SELECT", database}, on_select_reply);
}

static void step_auth(redis_io_t *self)
{
    if (!self->url.password[0]) {
        step_select(self);
        return;
    }
    self->state = STATE_AUTHENTICATING;
    if (self->url.user[0])
        send_step(self, 3, (const char *[]){"AUTH", self->url.user, self->url.password},
                  on_auth_reply);
    else
        send_step(self, 2, (const char *[]){"AUTH", self->url.password}, on_auth_reply);
}

static bool is_ok(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, "OK") == 0;
}

static void refuse_step(redis_io_t *self, const redisReply *reply)
{
    if (reply->type != REDIS_REPLY_ERROR) {
        set_loss(self, REASON_PROTOCOL, "Unexpected answer");
        return;
    }
    /* Proxies and old servers repeat the arguments of a command that they do not know. */
    bool tells_password = self->url.password[0] && strstr(reply->str, self->url.password);
    set_loss(self, check_redis_error_reason(reply->str, reply->len),
             tells_password ? "AUTH refused" : reply->str);
}

static void on_auth_reply(void *context, const redisReply *reply)
{
    redis_io_t *self = context;
    if (reply && is_ok(reply))
        step_select(self);
    else if (reply)
        refuse_step(self, reply);
}

static void on_select_reply(void *context, const redisReply *reply)
{
    redis_io_t *self = context;
    if (reply && is_ok(reply)) {
        self->state = STATE_READY;
        self->is_ready_untold = true;
    } else if (reply) {
        refuse_step(self, reply);
    }
}

/* --- events of the channel --- */

static void on_connected(void *owner)
{
    step_auth(owner);
}

static void on_replied(void *owner, const redisReply *reply)
{
    redis_io_t *self = owner;
    if (self->loss.is_set)
        return;
    pending_t *pending = shift(self);
    assert(pending); /* the channel lets no answer through that nobody asked for */
    if (pending->fn)
        pending->fn(pending->context, reply);
    free(pending);
}

static void on_lost(void *owner, reason_t reason, const char *text)
{
    redis_io_t *self = owner;
    self->channel = NULL;
    set_loss(self, reason, text);
}

static void settle(redis_io_t *self);

static void on_settled(void *owner)
{
    settle(owner);
}

static const redis_channel_events_t channel_events = {
    .connected = on_connected, .replied = on_replied, .lost = on_lost, .settled = on_settled};

/* --- connecting --- */

static bool has_next_address(const redis_io_t *self)
{
    return self->state == STATE_CONNECTING && self->next_address < self->addresses.n_addresses;
}

/* Tries the addresses from the next one on until one does not fail at once. The time that is left
 * is shared by those that are left, so that a silent one does not take it all. */
static void connect_next(redis_io_t *self)
{
    self->state = STATE_CONNECTING;
    redis_channel_error_t error = {.reason = REASON_UNREACHABLE};
    while (!self->channel && has_next_address(self)) {
        int64_t now_us = clock_mono_us();
        int64_t n_left = (int64_t)(self->addresses.n_addresses - self->next_address);
        self->address_deadline_us = now_us + (self->open_deadline_us - now_us) / n_left;
        const char *address = self->addresses.addresses[self->next_address++];
        self->channel = redis_channel_open(actor_epoll(self->actor), address, self->url.port,
                                           &channel_events, self, &error);
    }
    if (self->channel) {
        wake_at(self, self->address_deadline_us);
        return;
    }
    set_loss(self, error.reason, error.text);
    wake_at(self, 0);
}

static void on_resolved(void *context, const resolve_answer_t *answer)
{
    redis_io_t *self = context;
    self->waiter = NULL;
    self->addresses = *answer;
    if (answer->failure) {
        set_loss(self, answer->failure, answer->text);
        wake_at(self, 0);
        return;
    }
    connect_next(self);
}

void redis_io_open(redis_io_t *self, const redis_url_t *url, int64_t timeout_us)
{
    assert(self->state == STATE_CLOSED && timeout_us > 0);
    self->url = *url;
    self->open_deadline_us = clock_mono_us() + timeout_us;
    self->loss.is_set = false;
    self->is_ready_untold = false;
    self->next_address = 0;
    self->state = STATE_RESOLVING;
    wake_at(self, self->open_deadline_us);

    const resolve_answer_t *known = resolve_known(self->resolve, url->host, RESOLVE_ANY);
    if (known) {
        on_resolved(self, known);
        return;
    }
    self->waiter =
        resolve_start(self->resolve, url->host, RESOLVE_ANY, timeout_us, on_resolved, self);
    if (!self->waiter) {
        set_loss(self, REASON_RESOURCES, "Too many name lookups");
        wake_at(self, 0);
    }
}

/* --- the end of a connection --- */

static void drop_connection(redis_io_t *self)
{
    resolve_cancel(&self->waiter);
    redis_channel_drop(&self->channel);
}

static void finish(redis_io_t *self)
{
    drop_connection(self);
    if (self->state == STATE_CONNECTING) /* no address was of use */
        resolve_forget(self->resolve, self->url.host);
    loss_t loss = self->loss;
    self->loss.is_set = false;
    self->state = STATE_CLOSING;
    /* An answer function may close for good; then nothing more is told. */
    for (pending_t *pending = shift(self); pending; pending = shift(self)) {
        if (pending->fn)
            pending->fn(pending->context, NULL);
        free(pending);
        if (self->state != STATE_CLOSING)
            return;
    }
    self->state = STATE_CLOSED;
    self->handlers.closed(self->context, loss.reason, loss.text);
}

/* Tells the owner what happened, when hiredis is not on the stack. */
static void settle(redis_io_t *self)
{
    if (self->loss.is_set) {
        if (!has_next_address(self)) {
            finish(self);
            return;
        }
        self->loss.is_set = false;
        connect_next(self);
    }
    if (self->is_ready_untold) {
        self->is_ready_untold = false;
        self->handlers.ready(self->context);
    }
}

static reason_t timeout_of(const redis_io_t *self)
{
    if (self->state == STATE_RESOLVING)
        return REASON_TIMEOUT_RESOLVE;
    return self->state == STATE_CONNECTING ? REASON_TIMEOUT_CONNECT : REASON_TIMEOUT_RESPONSE;
}

static void on_timer(void *context)
{
    redis_io_t *self = context;
    self->timer_at_us = INT64_MAX;
    if (self->state == STATE_CLOSED)
        return;
    int64_t now_us = clock_mono_us();
    bool is_late = is_opening(self) && now_us >= self->open_deadline_us;
    for (const pending_t *pending = self->first; pending && !is_late; pending = pending->next)
        is_late = now_us >= pending->deadline_us;
    if (is_late) {
        set_loss(self, timeout_of(self), "Request timeout");
        finish(self);
        return;
    }
    if (has_next_address(self) && now_us >= self->address_deadline_us) {
        redis_channel_drop(&self->channel);
        connect_next(self);
    }
    settle(self);
    if (is_opening(self))
        wake_at(self, has_next_address(self) ? self->address_deadline_us : self->open_deadline_us);
    for (const pending_t *pending = self->first; pending; pending = pending->next)
        wake_at(self, pending->deadline_us);
}

/* --- life and use --- */

redis_io_t *redis_io_new(actor_t *actor, resolve_t *resolve, const redis_io_handlers_t *handlers,
                         void *context)
{
    redis_io_t *self = actor_must(actor, calloc(1, sizeof *self));
    self->actor = actor;
    self->resolve = resolve;
    self->handlers = *handlers;
    self->context = context;
    self->timer_at_us = INT64_MAX;
    self->timer = actor_timer_new(actor, on_timer, self);
    return self;
}

void redis_io_destroy(redis_io_t **self_p)
{
    redis_io_t *self = *self_p;
    if (!self)
        return;
    redis_io_close(self);
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}

bool redis_io_is_ready(const redis_io_t *self)
{
    return self->state == STATE_READY && !self->loss.is_set && !self->is_ready_untold;
}

bool redis_io_is_closed(const redis_io_t *self)
{
    return self->state == STATE_CLOSED;
}

size_t redis_io_n_pending(const redis_io_t *self)
{
    return self->n_pending;
}

/* NOLINTNEXTLINE(readability-function-size): its texts, its deadline and who hears the answer */
int redis_io_command(redis_io_t *self, size_t n_args, const char *const *args,
                     const size_t *lengths, int64_t timeout_us, redis_io_reply_fn *fn,
                     void *context)
{
    assert(timeout_us > 0);
    if (!redis_io_is_ready(self) || self->n_pending == REDIS_IO_PENDING_MAX)
        return -1;
    pending_t command = {.deadline_us = clock_mono_us() + timeout_us, .fn = fn, .context = context};
    return send_command(self, n_args, args, lengths, &command);
}

void redis_io_close(redis_io_t *self)
{
    self->state = STATE_CLOSED;
    self->loss.is_set = false;
    self->is_ready_untold = false;
    drop_connection(self);
    for (pending_t *pending = shift(self); pending; pending = shift(self))
        free(pending);
    actor_timer_cancel(self->timer);
    self->timer_at_us = INT64_MAX;
}
