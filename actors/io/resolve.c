#include "actors/io/resolve.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actors/io/ares_loop.h"
#include "actors/io/resolve_answer.h"

/* How long the addresses of one family wait for those of the other (RFC 8305, section 3). */
#define OTHER_FAMILY_US ((int64_t)50 * 1000)

static const int families[RESOLVE_HALVES] = {
    [RESOLVE_HALF_V4] = AF_INET, [RESOLVE_HALF_V6] = AF_INET6};

typedef struct lookup lookup_t;

/* The question for one family of a name. */
typedef struct {
    lookup_t *lookup;
    int at; /* RESOLVE_HALF_V4 or _V6 */
} question_t;

/* One name that c-ares looks up, for all who wait for it; it lives until c-ares is done with both
 * questions. */
struct lookup {
    resolve_t *owner;
    char *host;
    question_t questions[RESOLVE_HALVES];
    resolve_half_t halves[RESOLVE_HALVES];
    bool is_being_asked;
    int64_t enough_us; /* monotonic, when the addresses that are there suffice; INT64_MAX: none */
    lookup_t *next_finished;
};

struct resolve_waiter {
    resolve_t *owner;
    lookup_t *lookup;
    resolve_family_t family;
    int64_t deadline_us; /* monotonic */
    resolve_fn *fn;
    void *context;
    void *handle; /* in the list of waiters */
};

/* What is known of a name that has an address. */
typedef struct {
    int64_t expires_us; /* monotonic */
    resolve_half_t halves[RESOLVE_HALVES];
} cached_t;

struct resolve {
    ares_loop_t *ares;
    actor_timer_t *timer;
    int64_t timer_at_us;    /* monotonic; INT64_MAX: not set */
    zhashx_t *cache;        /* host -> cached_t */
    zhashx_t *lookups;      /* host -> lookup_t to join, borrowed from c-ares' callback */
    lookup_t *finished;     /* c-ares is done with both questions */
    bool is_changed;        /* an answer came that the waiters do not know yet */
    zlistx_t *waiters;      /* of resolve_waiter_t, the oldest first */
    resolve_answer_t known; /* what resolve_known gave */
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

/* --- the cache --- */

/* Whether HALVES answer who wants FAMILY without asking again. */
static bool suffices(const resolve_half_t halves[RESOLVE_HALVES], resolve_family_t family)
{
    const resolve_half_t *v4 = &halves[RESOLVE_HALF_V4];
    const resolve_half_t *v6 = &halves[RESOLVE_HALF_V6];
    switch (family) {
    case RESOLVE_V4:
        return resolve_half_is_certain(v4);
    case RESOLVE_V6:
        return resolve_half_is_certain(v6);
    case RESOLVE_BOTH:
        return resolve_half_is_certain(v4) && resolve_half_is_certain(v6);
    case RESOLVE_ANY:
    default:
        return resolve_half_has_addresses(v4) || resolve_half_has_addresses(v6);
    }
}

static void keep(resolve_t *self, const lookup_t *lookup)
{
    if (!suffices(lookup->halves, RESOLVE_ANY))
        return;
    if (zhashx_size(self->cache) >= RESOLVE_CACHE_MAX)
        zhashx_purge(self->cache);
    cached_t *cached = calloc(1, sizeof *cached);
    if (!cached)
        return; /* then the name is looked up again */
    cached->expires_us = clock_mono_us() + RESOLVE_CACHE_US;
    memcpy(cached->halves, lookup->halves, sizeof cached->halves);
    zhashx_update(self->cache, lookup->host, cached);
}

/* --- the answers of c-ares --- */

/* Whether LOOKUP is the one that others may join. */
static bool is_joinable(const lookup_t *lookup)
{
    return zhashx_lookup(lookup->owner->lookups, lookup->host) == lookup;
}

static void on_ares_answer(void *context, int status, struct ares_addrinfo *info)
{
    const question_t *question = context;
    lookup_t *lookup = question->lookup;
    resolve_t *self = lookup->owner;
    resolve_half_t *half = &lookup->halves[question->at];
    resolve_half_read(half, families[question->at], status, info);
    ares_freeaddrinfo(info);
    self->is_changed = true;
    /* What is known inside the call comes from /etc/hosts, where nothing more will come. */
    if (resolve_half_has_addresses(half) && lookup->enough_us == INT64_MAX)
        lookup->enough_us = clock_mono_us() + (lookup->is_being_asked ? 0 : OTHER_FAMILY_US);
    if (is_joinable(lookup))
        keep(self, lookup);
    if (!lookup->halves[RESOLVE_HALF_V4].is_done || !lookup->halves[RESOLVE_HALF_V6].is_done)
        return;
    if (is_joinable(lookup))
        zhashx_delete(self->lookups, lookup->host);
    lookup->next_finished = self->finished;
    self->finished = lookup;
}

/* --- waiters --- */

/* Whether WAITER has its answer at NOW_US. */
static bool is_answered(const resolve_waiter_t *waiter, int64_t now_us)
{
    const resolve_half_t *halves = waiter->lookup->halves;
    bool has_v4 = halves[RESOLVE_HALF_V4].is_done;
    bool has_v6 = halves[RESOLVE_HALF_V6].is_done;
    switch (waiter->family) {
    case RESOLVE_V4:
        return has_v4;
    case RESOLVE_V6:
        return has_v6;
    case RESOLVE_BOTH:
        return has_v4 && has_v6;
    case RESOLVE_ANY:
    default:
        return (has_v4 && has_v6) || waiter->lookup->enough_us <= now_us;
    }
}

/* When WAITER must be looked at again. */
static int64_t next_look_us(const resolve_waiter_t *waiter)
{
    int64_t enough_us = waiter->family == RESOLVE_ANY ? waiter->lookup->enough_us : INT64_MAX;
    return enough_us < waiter->deadline_us ? enough_us : waiter->deadline_us;
}

static resolve_waiter_t *ready_waiter(const resolve_t *self, int64_t now_us)
{
    resolve_waiter_t *waiter = zlistx_first(self->waiters);
    while (waiter && waiter->deadline_us > now_us && !is_answered(waiter, now_us))
        waiter = zlistx_next(self->waiters);
    return waiter;
}

static void answer_waiter(resolve_waiter_t *waiter, int64_t now_us)
{
    resolve_answer_t answer;
    if (is_answered(waiter, now_us))
        resolve_merge(waiter->lookup->halves, waiter->family, &answer);
    else
        resolve_fail(&answer, REASON_TIMEOUT_RESOLVE, "Name lookup timed out");
    (void)zlistx_detach(waiter->owner->waiters, waiter->handle);
    waiter->fn(waiter->context, &answer);
    free(waiter);
}

static void destroy_lookup(lookup_t *lookup)
{
    free(lookup->host);
    free(lookup);
}

/* An answer may start and cancel waiters: each step looks at the lists anew. */
static void serve(resolve_t *self)
{
    int64_t now_us = clock_mono_us();
    self->is_changed = false;
    for (resolve_waiter_t *waiter = ready_waiter(self, now_us); waiter;
         waiter = ready_waiter(self, now_us))
        answer_waiter(waiter, now_us);
    for (const resolve_waiter_t *waiter = zlistx_first(self->waiters); waiter;
         waiter = zlistx_next(self->waiters))
        wake_at(self, next_look_us(waiter));
    /* Nobody waits for these any more: both answers were there. */
    while (self->finished) {
        lookup_t *lookup = self->finished;
        self->finished = lookup->next_finished;
        destroy_lookup(lookup);
    }
}

static void on_settled(void *context)
{
    resolve_t *self = context;
    if (self->is_changed)
        serve(self);
}

static void on_timer(void *context)
{
    resolve_t *self = context;
    self->timer_at_us = INT64_MAX;
    serve(self);
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
    self->ares = ares_loop_new(actor, on_settled, self);
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

const resolve_answer_t *resolve_known(resolve_t *self, const char *host, resolve_family_t family)
{
    if (resolve_numeric(host, family, &self->known) == 0)
        return &self->known;
    const cached_t *cached = zhashx_lookup(self->cache, host);
    if (!cached)
        return NULL;
    if (cached->expires_us <= clock_mono_us()) {
        zhashx_delete(self->cache, host);
        return NULL;
    }
    if (!suffices(cached->halves, family))
        return NULL;
    resolve_merge(cached->halves, family, &self->known);
    return &self->known;
}

void resolve_forget(resolve_t *self, const char *host)
{
    zhashx_delete(self->cache, host);
    zhashx_delete(self->lookups, host); /* who waits for it still hears of it */
}

/* --- questions --- */

/* c-ares 1.18 loses memory where it is asked for localhost in a family that /etc/hosts has not. */
static bool is_localhost(const char *host)
{
    static const char name[] = "localhost";
    size_t n = strlen(host);
    if (n < sizeof name - 1 || strcasecmp(host + n - (sizeof name - 1), name) != 0)
        return false;
    return n == sizeof name - 1 || host[n - sizeof name] == '.';
}

static void ask(resolve_t *self, lookup_t *lookup, int at)
{
    question_t *question = &lookup->questions[at];
    *question = (question_t){.lookup = lookup, .at = at};
    if (ares_loop_ask(self->ares, lookup->host,
                      is_localhost(lookup->host) ? AF_UNSPEC : families[at], on_ares_answer,
                      question))
        on_ares_answer(question, ARES_ENOMEM, NULL);
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
    lookup->enough_us = INT64_MAX;
    lookup->is_being_asked = true;
    ask(self, lookup, RESOLVE_HALF_V6); /* first, as RFC 8305 has it */
    ask(self, lookup, RESOLVE_HALF_V4);
    lookup->is_being_asked = false;
    return lookup;
}

resolve_waiter_t *resolve_start(resolve_t *self, const char *host, resolve_family_t family,
                                int64_t timeout_us, resolve_fn *fn, void *context)
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
    int64_t now_us = clock_mono_us();
    *waiter = (resolve_waiter_t){.owner = self,
                                 .lookup = lookup,
                                 .family = family,
                                 .deadline_us = now_us + timeout_us,
                                 .fn = fn,
                                 .context = context};
    waiter->handle = zlistx_add_end(self->waiters, waiter);
    /* What is known already is told from the loop. */
    wake_at(self, is_answered(waiter, now_us) ? now_us : next_look_us(waiter));
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
