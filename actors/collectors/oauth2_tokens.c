#include "actors/collectors/oauth2_tokens.h"

#include <stdlib.h>
#include <string.h>

#include "actors/collectors/http_fault.h"
#include "core/oauth2.h"
#include "core/text.h"

#define ANSWER_MAX_BYTES (64 << 10)
/* How long the server of tokens may take, whoever waits. */
#define FETCH_TIMEOUT_US ((int64_t)30 * 1000000)

typedef struct waiter waiter_t;
struct waiter {
    oauth2_fn *fn;
    void *context;
    int64_t deadline_us; /* monotonic */
    waiter_t *next;
};

/* One set of credentials. */
typedef struct {
    oauth2_tokens_t *owner;
    http_settings_t settings; /* of the request for the token; owned */
    http_header_t header;
    char *url;
    char *token; /* NULL: none */
    int64_t renew_at_us;
    bool is_wanted; /* by waiters, and not asked for yet */
    bool is_fetching;
    waiter_t *waiters;
} entry_t;

struct oauth2_tokens {
    curl_io_t *curl;
    actor_timer_t *timer;
    zhashx_t *entries; /* key_of -> entry_t */
    unsigned n_fetches;
};

/* --- entries --- */

/* What makes a token another one, for free(); NULL where memory ran out. */
static char *key_of(const http_settings_t *settings)
{
    const char *const parts[] = {
        settings->token_url, settings->client_id, settings->client_secret,  settings->scope,
        settings->proxy,     settings->no_proxy,  settings->source_address, settings->tls.ca_file};
    text_t key = {.size = 0};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        text_append_string(&key, parts[i] ? parts[i] : "");
        text_append_string(&key, parts[i] ? "\n" : "\r");
    }
    text_appendf(&key, "%d%d", (int)settings->tls.min_version, (int)settings->tls.skip_verify);
    return text_take(&key);
}

static void destroy_entry(void **item)
{
    entry_t *entry = *item;
    while (entry->waiters) {
        waiter_t *next = entry->waiters->next;
        free(entry->waiters);
        entry->waiters = next;
    }
    http_settings_t *settings = &entry->settings;
    char *const texts[] = {
        entry->url,           entry->token,    settings->body,     settings->username,
        settings->password,   settings->proxy, settings->no_proxy, settings->source_address,
        settings->tls.ca_file};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    free(entry);
    *item = NULL;
}

/* Copies TEXT, which may be NULL, to *RET. 0, or -1 where memory ran out. */
static int copy(const char *text, char **ret)
{
    *ret = text ? strdup(text) : NULL;
    return text && !*ret ? -1 : 0;
}

/* How the token for FROM is asked for: without what is meant for the target itself, and never
 * elsewhere. */
static int fill(entry_t *entry, const http_settings_t *from)
{
    static char method[] = "POST";
    static char name[] = "Content-Type";
    static char value[] = "application/x-www-form-urlencoded";
    http_settings_t *settings = &entry->settings;
    entry->header = (http_header_t){.name = name, .value = value};
    *settings = (http_settings_t){
        .method = method,
        .headers = &entry->header,
        .n_headers = 1,
        .auth = HTTP_AUTH_BASIC,
        .body_limit_bytes = ANSWER_MAX_BYTES,
        .tls = {.min_version = from->tls.min_version, .skip_verify = from->tls.skip_verify}};
    settings->body = oauth2_body(from->scope);
    settings->username = oauth2_encode(from->client_id);
    settings->password = oauth2_encode(from->client_secret);
    if (!settings->body || !settings->username || !settings->password)
        return -1;
    settings->n_body = strlen(settings->body);
    return copy(from->token_url, &entry->url) || copy(from->proxy, &settings->proxy) ||
                   copy(from->no_proxy, &settings->no_proxy) ||
                   copy(from->source_address, &settings->source_address) ||
                   copy(from->tls.ca_file, &settings->tls.ca_file)
               ? -1
               : 0;
}

/* Makes room where there are too many. */
static void forget_idle(oauth2_tokens_t *self)
{
    if (zhashx_size(self->entries) < OAUTH2_TOKENS_MAX)
        return;
    zlistx_t *keys = zhashx_keys(self->entries);
    for (const char *key = keys ? zlistx_first(keys) : NULL; key; key = zlistx_next(keys)) {
        const entry_t *entry = zhashx_lookup(self->entries, key);
        if (!entry->waiters && !entry->is_fetching)
            zhashx_delete(self->entries, key);
    }
    zlistx_destroy(&keys);
}

/* The entry of SETTINGS, made now if there is none. NULL where memory ran out. */
static entry_t *entry_of(oauth2_tokens_t *self, const http_settings_t *settings)
{
    char *key = key_of(settings);
    entry_t *entry = key ? zhashx_lookup(self->entries, key) : NULL;
    if (key && !entry) {
        forget_idle(self);
        entry = calloc(1, sizeof *entry);
        if (entry && (fill(entry, settings) || zhashx_insert(self->entries, key, entry)))
            destroy_entry((void **)&entry);
        if (entry)
            entry->owner = self;
    }
    free(key);
    return entry;
}

/* --- answers --- */

static void tell(entry_t *entry, const oauth2_answer_t *answer)
{
    waiter_t *waiters = entry->waiters; /* who asks meanwhile waits for the next token */
    entry->waiters = NULL;
    while (waiters) {
        waiter_t *next = waiters->next;
        waiters->fn(waiters->context, answer);
        free(waiters);
        waiters = next;
    }
}

static void fetch_wanted(oauth2_tokens_t *self);

static void on_answer(void *context, const curl_io_answer_t *answer)
{
    entry_t *entry = context;
    oauth2_tokens_t *self = entry->owner;
    entry->is_fetching = false;
    self->n_fetches--;
    char error[OAUTH2_ERROR_BYTES];
    int64_t keep_us = 0;
    char *token = NULL;
    oauth2_answer_t told = {.is_fresh = true, .fault = http_fault_of(answer), .text = answer->text};
    if (!told.fault &&
        oauth2_read(answer->response_code, answer->body, answer->n_body, &token, &keep_us, error)) {
        told.fault = REASON_AUTHENTICATION;
        told.text = error;
    }
    if (token) {
        free(entry->token);
        entry->token = token;
        entry->renew_at_us = clock_mono_us() + keep_us;
    }
    char *lent = token ? strdup(token) : NULL; /* a waiter may have it refused */
    if (token && !lent)
        told = (oauth2_answer_t){.fault = REASON_RESOURCES, .text = "Out of memory"};
    told.token = lent;
    tell(entry, &told);
    free(lent);
    fetch_wanted(self);
}

/* Begins to fetch what is wanted, as far as requests are free. */
static void fetch_wanted(oauth2_tokens_t *self)
{
    for (entry_t *entry = zhashx_first(self->entries);
         entry && self->n_fetches < OAUTH2_FETCHES_MAX; entry = zhashx_next(self->entries)) {
        if (!entry->is_wanted || entry->is_fetching)
            continue;
        const curl_io_request_t request = {
            .url = entry->url, .timeout_us = FETCH_TIMEOUT_US, .settings = &entry->settings};
        if (curl_io_begin(self->curl, &request, on_answer, entry))
            return; /* asked for again when the next one ends */
        entry->is_wanted = false;
        entry->is_fetching = true;
        self->n_fetches++;
    }
}

/* --- waiting --- */

static void set_timer(oauth2_tokens_t *self)
{
    int64_t at_us = INT64_MAX;
    for (const entry_t *entry = zhashx_first(self->entries); entry;
         entry = zhashx_next(self->entries))
        for (const waiter_t *waiter = entry->waiters; waiter; waiter = waiter->next)
            at_us = waiter->deadline_us < at_us ? waiter->deadline_us : at_us;
    int64_t now_us = clock_mono_us();
    if (at_us == INT64_MAX)
        actor_timer_cancel(self->timer);
    else
        actor_timer_set(self->timer, at_us > now_us ? at_us - now_us : 0);
}

/* Takes one who has waited too long out of the lists, for free(); NULL: there is none. */
static waiter_t *take_late(const oauth2_tokens_t *self, int64_t now_us)
{
    for (entry_t *entry = zhashx_first(self->entries); entry; entry = zhashx_next(self->entries))
        for (waiter_t **place = &entry->waiters; *place; place = &(*place)->next)
            if ((*place)->deadline_us <= now_us) {
                waiter_t *late = *place;
                *place = late->next;
                return late;
            }
    return NULL;
}

static void on_timer(void *context)
{
    oauth2_tokens_t *self = context;
    int64_t now_us = clock_mono_us();
    static const oauth2_answer_t late = {.fault = REASON_TIMEOUT_RESPONSE,
                                         .text = "No token in time"};
    for (waiter_t *waiter = take_late(self, now_us); waiter; waiter = take_late(self, now_us)) {
        waiter->fn(waiter->context, &late);
        free(waiter);
    }
    set_timer(self);
}

void oauth2_tokens_ask(oauth2_tokens_t *self, const http_settings_t *settings, int64_t timeout_us,
                       oauth2_fn *fn, void *context)
{
    entry_t *entry = entry_of(self, settings);
    int64_t now_us = clock_mono_us();
    if (entry && entry->token && entry->renew_at_us > now_us) {
        fn(context, &(oauth2_answer_t){.token = entry->token});
        return;
    }
    waiter_t *waiter = entry ? calloc(1, sizeof *waiter) : NULL;
    if (!waiter) {
        fn(context, &(oauth2_answer_t){.fault = REASON_RESOURCES, .text = "Out of memory"});
        return;
    }
    *waiter = (waiter_t){
        .fn = fn, .context = context, .deadline_us = now_us + timeout_us, .next = entry->waiters};
    entry->waiters = waiter;
    entry->is_wanted = !entry->is_fetching;
    fetch_wanted(self);
    set_timer(self);
}

void oauth2_tokens_reject(oauth2_tokens_t *self, const http_settings_t *settings, const char *token)
{
    char *key = key_of(settings);
    entry_t *entry = key ? zhashx_lookup(self->entries, key) : NULL;
    free(key);
    if (!entry || !entry->token || strcmp(entry->token, token) != 0)
        return;
    free(entry->token);
    entry->token = NULL;
}

/* --- life --- */

oauth2_tokens_t *oauth2_tokens_new(actor_t *actor, curl_io_t *curl)
{
    oauth2_tokens_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->curl = curl;
    self->timer = actor_timer_new(actor, on_timer, self);
    self->entries = zhashx_new();
    if (self->entries)
        zhashx_set_destructor(self->entries, destroy_entry);
    else
        oauth2_tokens_destroy(&self);
    return self;
}

void oauth2_tokens_destroy(oauth2_tokens_t **self_p)
{
    oauth2_tokens_t *self = *self_p;
    if (!self)
        return;
    zhashx_destroy(&self->entries);
    actor_timer_destroy(&self->timer);
    free(self);
    *self_p = NULL;
}
