#include "actors/io/resolve.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/io/ares_loop.h"

/* One name that c-ares looks up, for all who wait for it; it lives until c-ares is done with it. */
typedef struct lookup lookup_t;
struct lookup {
    resolve_t *owner;
    char *host;
    resolve_answer_t answer;
    lookup_t *next_finished;
};

struct resolve_waiter {
    resolve_t *owner;
    lookup_t *lookup;
    int64_t deadline_us; /* monotonic */
    resolve_fn *fn;
    void *context;
    void *handle; /* in the list of waiters */
};

typedef struct {
    int64_t expires_us; /* monotonic */
    resolve_answer_t answer;
} cached_t;

struct resolve {
    ares_loop_t *ares;
    actor_timer_t *timer;
    int64_t timer_at_us;      /* monotonic; INT64_MAX: not set */
    zhashx_t *cache;          /* host -> cached_t */
    zhashx_t *lookups;        /* host -> lookup_t under way, borrowed from c-ares' callback */
    lookup_t *finished;       /* c-ares is done, the waiters do not know yet */
    zlistx_t *waiters;        /* of resolve_waiter_t, the oldest first */
    resolve_answer_t numeric; /* what resolve_known gave */
};

/* --- time --- */

static void wake_at(resolve_t *self, int64_t at_us)
{
    if (at_us >= self->timer_at_us)
        return;
    self->timer_at_us = at_us;
    int64_t after_us = at_us - clock_mono_us();
    actor_timer_set(self->timer, after_us > 0 ? after_us : 0);
}

/* --- the answer of c-ares --- */

static void add_address(resolve_answer_t *answer, const struct sockaddr *address)
{
    if (answer->n_addresses == RESOLVE_ADDRESSES_MAX)
        return;
    char *text = answer->addresses[answer->n_addresses];
    const void *bytes = NULL;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        bytes = &v4.sin_addr;
    } else if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        bytes = &v6.sin6_addr;
    }
    if (!bytes || !inet_ntop(address->sa_family, bytes, text, INET6_ADDRSTRLEN))
        return;
    for (size_t i = 0; i < answer->n_addresses; i++)
        if (strcmp(answer->addresses[i], text) == 0)
            return;
    answer->n_addresses++;
}

static void fail(resolve_answer_t *answer, reason_t failure, const char *text)
{
    *answer = (resolve_answer_t){.failure = failure, .text = text};
}

static void read_answer(resolve_answer_t *answer, int status, const struct ares_addrinfo *info)
{
    *answer = (resolve_answer_t){.failure = REASON_NONE};
    if (status == ARES_SUCCESS)
        for (const struct ares_addrinfo_node *node = info->nodes; node; node = node->ai_next)
            add_address(answer, node->ai_addr);
    if (answer->n_addresses)
        return;
    if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME ||
        status == ARES_SUCCESS)
        fail(answer, REASON_DNS_NXDOMAIN, "Name or service not known");
    else if (status == ARES_ETIMEOUT)
        fail(answer, REASON_DNS_FAILURE, "No answer from the name server");
    else
        fail(answer, REASON_DNS_FAILURE, "Name lookup failed");
}

static void keep(resolve_t *self, const char *host, const resolve_answer_t *answer)
{
    if (answer->failure)
        return;
    if (zhashx_size(self->cache) >= RESOLVE_CACHE_MAX)
        zhashx_purge(self->cache);
    cached_t *cached = calloc(1, sizeof *cached);
    if (!cached)
        return; /* then the name is looked up again */
    cached->expires_us = clock_mono_us() + RESOLVE_CACHE_US;
    cached->answer = *answer;
    zhashx_update(self->cache, host, cached);
}

static void on_ares_answer(void *context, int status, struct ares_addrinfo *info)
{
    lookup_t *lookup = context;
    resolve_t *self = lookup->owner;
    read_answer(&lookup->answer, status, info);
    ares_freeaddrinfo(info);
    keep(self, lookup->host, &lookup->answer);
    zhashx_delete(self->lookups, lookup->host);
    lookup->next_finished = self->finished;
    self->finished = lookup;
}

/* --- waiters --- */

static void answer_waiter(resolve_waiter_t *waiter, const resolve_answer_t *answer)
{
    (void)zlistx_detach(waiter->owner->waiters, waiter->handle);
    waiter->fn(waiter->context, answer);
    free(waiter);
}

static resolve_waiter_t *waiter_of(const resolve_t *self, const lookup_t *lookup)
{
    resolve_waiter_t *waiter = zlistx_first(self->waiters);
    while (waiter && waiter->lookup != lookup)
        waiter = zlistx_next(self->waiters);
    return waiter;
}

static void destroy_lookup(lookup_t *lookup)
{
    free(lookup->host);
    free(lookup);
}

/* An answer may start and cancel waiters: each step looks at the lists anew. */
static void deliver(void *context)
{
    resolve_t *self = context;
    while (self->finished) {
        lookup_t *lookup = self->finished;
        self->finished = lookup->next_finished;
        for (resolve_waiter_t *waiter = waiter_of(self, lookup); waiter;
             waiter = waiter_of(self, lookup))
            answer_waiter(waiter, &lookup->answer);
        destroy_lookup(lookup);
    }
}

static resolve_waiter_t *expired_waiter(const resolve_t *self, int64_t now_us)
{
    resolve_waiter_t *waiter = zlistx_first(self->waiters);
    while (waiter && waiter->deadline_us > now_us)
        waiter = zlistx_next(self->waiters);
    return waiter;
}

static void on_timer(void *context)
{
    resolve_t *self = context;
    self->timer_at_us = INT64_MAX;
    deliver(self);

    resolve_answer_t late;
    fail(&late, REASON_TIMEOUT_RESOLVE, "Name lookup timed out");
    int64_t now_us = clock_mono_us();
    for (resolve_waiter_t *waiter = expired_waiter(self, now_us); waiter;
         waiter = expired_waiter(self, now_us))
        answer_waiter(waiter, &late);
    for (const resolve_waiter_t *waiter = zlistx_first(self->waiters); waiter;
         waiter = zlistx_next(self->waiters))
        wake_at(self, waiter->deadline_us);
}

/* --- life --- */

static void free_item(void **item)
{
    free(*item);
    *item = NULL;
}

resolve_t *resolve_new(actor_t *actor)
{
    resolve_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->timer_at_us = INT64_MAX;
    self->ares = ares_loop_new(actor, deliver, self);
    if (!self->ares) {
        free(self);
        return NULL;
    }
    self->timer = actor_timer_new(actor, on_timer, self);
    self->cache = zhashx_new();
    self->lookups = zhashx_new();
    self->waiters = zlistx_new();
    if (!self->cache || !self->lookups || !self->waiters) {
        resolve_destroy(&self);
        return NULL;
    }
    zhashx_set_destructor(self->cache, free_item);
    zlistx_set_destructor(self->waiters, free_item);
    return self;
}

int resolve_use_file(resolve_t *self, const char *path, uint16_t port)
{
    return ares_loop_use_file(self->ares, path, port);
}

void resolve_destroy(resolve_t **self_p)
{
    resolve_t *self = *self_p;
    if (!self)
        return;
    ares_loop_destroy(&self->ares); /* ends each lookup by its callback */
    while (self->finished) {
        lookup_t *next = self->finished->next_finished;
        destroy_lookup(self->finished);
        self->finished = next;
    }
    zlistx_destroy(&self->waiters);
    zhashx_destroy(&self->lookups);
    zhashx_destroy(&self->cache);
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}

const resolve_answer_t *resolve_known(resolve_t *self, const char *host)
{
    struct in6_addr address;
    if (inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1) {
        self->numeric = (resolve_answer_t){.failure = REASON_NONE, .n_addresses = 1};
        size_t n = strlen(host);
        assert(n < INET6_ADDRSTRLEN);
        memcpy(self->numeric.addresses[0], host, n + 1);
        return &self->numeric;
    }
    const cached_t *cached = zhashx_lookup(self->cache, host);
    if (!cached)
        return NULL;
    if (cached->expires_us > clock_mono_us())
        return &cached->answer;
    zhashx_delete(self->cache, host);
    return NULL;
}

/* The lookup of HOST that is under way, begun now if there is none. NULL where memory ran out. */
static lookup_t *join_lookup(resolve_t *self, const char *host)
{
    lookup_t *lookup = zhashx_lookup(self->lookups, host);
    if (lookup)
        return lookup;
    lookup = calloc(1, sizeof *lookup);
    char *name = strdup(host);
    if (!lookup || !name || zhashx_insert(self->lookups, name, lookup)) {
        free(lookup);
        free(name);
        return NULL;
    }
    lookup->owner = self;
    lookup->host = name;
    if (ares_loop_ask(self->ares, name, on_ares_answer, lookup)) {
        zhashx_delete(self->lookups, name);
        destroy_lookup(lookup);
        return NULL;
    }
    if (self->finished) /* known from /etc/hosts: the waiters hear it from the loop */
        wake_at(self, 0);
    return lookup;
}

resolve_waiter_t *resolve_start(resolve_t *self, const char *host, int64_t timeout_us,
                                resolve_fn *fn, void *context)
{
    assert(timeout_us > 0);
    if (zlistx_size(self->waiters) == RESOLVE_WAITERS_MAX)
        return NULL;
    resolve_waiter_t *waiter = calloc(1, sizeof *waiter);
    lookup_t *lookup = waiter ? join_lookup(self, host) : NULL;
    if (!lookup) {
        free(waiter);
        return NULL;
    }
    *waiter = (resolve_waiter_t){.owner = self,
                                 .lookup = lookup,
                                 .deadline_us = clock_mono_us() + timeout_us,
                                 .fn = fn,
                                 .context = context};
    waiter->handle = zlistx_add_end(self->waiters, waiter);
    wake_at(self, waiter->deadline_us);
    return waiter;
}

void resolve_cancel(resolve_waiter_t **waiter_p)
{
    resolve_waiter_t *waiter = *waiter_p;
    *waiter_p = NULL;
    if (!waiter)
        return;
    (void)zlistx_delete(waiter->owner->waiters, waiter->handle); /* frees it */
}
