#include "gateway/gateway.h"

#include "core/shares.h"
#include "gateway/http_listen.h"
#include "gateway/negotiate.h"
#include "gateway/routes.h"

/* Label of the requests that found no route. */
static const char unknown_route[] = "other";

static void on_request(void *context, http_request_t *request)
{
    routes_handle(context, request);
}

/* Writes are worth a line for people, reads one for who looks into a fault. What a stranger wrote
 * stands in no line but as a sane id. */
static void log_request(const gateway_t *self, const http_request_t *request, const route_t *route,
                        unsigned code)
{
    bool is_write = route && route->role == ROLE_OPERATOR;
    const char *id = http_request_header(request, "X-Request-Id");
    log_write(actor_log(self->actor), is_write ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "http_request",
              "%s %s: %u in %.3f ms, request %s",
              request_method_label(http_request_method(request)),
              route ? route->pattern : unknown_route, code,
              (double)(clock_mono_us() - http_request_asked_us(request)) / 1000,
              request_id_is_sane(id) ? id : "-");
}

static void on_answered(void *context, const http_request_t *request, unsigned code)
{
    gateway_t *self = context;
    int number = http_request_route(request);
    const route_t *route = number >= 0 ? route_at(number) : NULL;
    const char *pattern = route ? route->pattern : unknown_route;
    request_counts_add(&self->counts, pattern, http_request_method(request), code,
                       clock_mono_us() - http_request_asked_us(request));
    log_request(self, request, route, code);
}

/* Answers and news have been handled: what they made ready goes out. */
static void on_turn(void *context)
{
    gateway_t *self = context;
    http_run(self->http);
}

static void on_vitals_of(void *context, void *message, zframe_t *peer)
{
    (void)peer;
    gateway_t *self = context;
    const vitals_t *borrowed = message;
    vitals_t *kept = calloc(1, sizeof *kept);
    if (kept && vitals_copy(borrowed, kept)) {
        free(kept);
        kept = NULL;
    }
    if (kept) /* else the next ones come soon */
        vitals_book_keep(&self->vitals, kept);
}

static void on_vitals(void *context)
{
    gateway_t *self = context;
    actor_receive(self->actor, self->vitals_in, &vitals_schema, on_vitals_of, self);
}

static void on_begin(void *context)
{
    gateway_t *self = context;
    if (http_begin(self->http) == 0)
        return;
    log_write(actor_log(self->actor), LOG_LEVEL_CRITICAL, "gateway_failed",
              "REST cannot begin: out of memory or descriptors; the gateway ends");
    actor_stop(self->actor);
}

/* The socket and the connections are made at the start alone; all else is looked up when it is
 * needed. */
static actor_reload_t on_reload(void *context, const actor_args_t *args)
{
    gateway_t *self = context;
    auth_tokens_t tokens;
    if (auth_tokens_init(&tokens, args->config))
        return ACTOR_NEEDS_RESTART;
    auth_tokens_clear(&self->tokens);
    self->tokens = tokens;
    self->args = args;
    self->loaded_at_us = clock_wall_us();
    self->is_load_refused = false;
    return ACTOR_RELOADED;
}

static void on_kept(void *context)
{
    gateway_t *self = context;
    self->is_load_refused = true;
}

static void warn_if_open(const gateway_t *self)
{
    const config_t *config = self->args->config;
    if (!config->token && config->anonymous_role == ROLE_OPERATOR &&
        !http_listen_is_loopback(config->listen))
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "writes_open",
                  "%s: anybody who reaches %s may clear alerts; set HEALTHD_TOKEN or "
                  "listen on 127.0.0.1",
                  config->file ? "gateway.listen" : "HEALTHD_LISTEN", config->listen);
}

/* 0, or -1 with the reason told to the supervisor. */
static int construct(gateway_t *self)
{
    const config_t *config = self->args->config;
    const char *reason = NULL;
    int fd = http_listen(config->listen, &reason);
    if (fd == -1) {
        actor_failed(self->actor, "%s: cannot listen on %s: %s",
                     config->file ? "gateway.listen" : "HEALTHD_LISTEN", config->listen, reason);
        return -1;
    }
    const http_callbacks_t callbacks = {
        .on_request = on_request, .on_answered = on_answered, .context = self};
    size_t n_connections = shares_connections(self->args->n_descriptors, config->max_connections);
    if (n_connections < config->max_connections)
        log_write(actor_log(self->actor), LOG_LEVEL_WARNING, "connections_fewer",
                  "REST takes %zu connections at once instead of %u: %llu open files are allowed "
                  "(ulimit -n, LimitNOFILE)",
                  n_connections, config->max_connections,
                  (unsigned long long)self->args->n_descriptors);
    self->http = http_new(self->actor, fd, (unsigned)n_connections, &callbacks);
    self->vitals_in = actor_socket(ZMQ_PULL, ENDPOINT_VITALS, true);
    actor_read(self->actor, self->vitals_in, on_vitals, self);
    self->asks = asks_new(self->actor, on_turn, self);
    if (self->asks)
        self->live = live_new(self->asks);
    if (self->live)
        self->views = views_new(self->asks, self->args->start_id, view_types, routes_deliver, self);
    if (self->http && self->views && auth_tokens_init(&self->tokens, config) == 0)
        return 0;
    actor_failed(self->actor, "the gateway cannot start: out of memory or descriptors");
    return -1;
}

static void destruct(gateway_t *self)
{
    asks_destroy(&self->asks); /* who still waits is answered that no answer came */
    http_destroy(&self->http);
    views_destroy(&self->views);
    live_destroy(&self->live);
    if (self->vitals_in) /* so that another gateway can bind at once */
        (void)zsock_unbind(self->vitals_in, "%s", ENDPOINT_VITALS);
    zsock_destroy(&self->vitals_in);
    vitals_book_clear(&self->vitals);
    auth_tokens_clear(&self->tokens);
    actor_destroy(&self->actor);
}

void gateway_actor(zsock_t *pipe, void *args)
{
    gateway_t self = {.actor = actor_new(pipe, "gateway", args),
                      .args = args,
                      .started_at_us = clock_mono_us(),
                      .started_at_wall_us = clock_wall_us(),
                      .loaded_at_us = clock_wall_us()};
    if (construct(&self) == 0) {
        warn_if_open(&self);
        actor_on_begin(self.actor, on_begin, &self);
        actor_on_reload(self.actor, on_reload, &self);
        actor_on_kept(self.actor, on_kept, &self);
        actor_run(self.actor);
    }
    destruct(&self);
}
