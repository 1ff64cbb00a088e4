/*
 * The DNS collector: asks name servers, which are not those of resolv.conf but targets themselves.
 * Owns the exchanges; emits probe_results.
 */
#include "core/probes/dns.h"

#include <stdlib.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/collectors/dns_exchange.h"
#include "actors/io/resolve.h"
#include "core/dns_check.h"
#include "core/url.h"

/* Parts of the time-out, at the end of each of which a question over UDP that has no answer is sent
 * again, to the next address where there are several. */
#define TRIES 3

typedef struct self self_t;

/* A question and the check that it is asked for. */
typedef struct {
    self_t *owner;
    size_t at;
    const target_t *target;
    dns_exchange_t *exchange;
    actor_timer_t *timer;
    resolve_waiter_t *waiter;
    resolve_answer_t addresses;
    size_t next_address; /* counts on past the last */
    size_t n_refused;    /* addresses of which one after another told us to go away */
    uint16_t port;
    bool is_answered;
    int64_t started_us; /* all monotonic */
    int64_t resolved_us;
    int64_t deadline_us;
} probe_t;

struct self {
    collector_t *collector;
    resolve_t *resolve;
    condition_workspace_t *workspace;
    actor_t *actor;
    uint8_t scratch[DNS_MESSAGE_MAX_BYTES];
    probe_t *probes[COLLECTOR_PROBES_MAX]; /* by place */
    size_t n_probes;
};

static const dns_settings_t *settings_of(const probe_t *probe)
{
    return probe->target->options;
}

/* --- the end --- */

static size_t put_numbers(const dns_answer_t *answer, measured_number_t numbers[4])
{
    numbers[0] = (measured_number_t){MEASURED_DNS_ANSWER_RRS, (int64_t)answer->n_answers};
    numbers[1] = (measured_number_t){MEASURED_DNS_AUTHORITY_RRS, (int64_t)answer->n_authority};
    numbers[2] = (measured_number_t){MEASURED_DNS_ADDITIONAL_RRS, (int64_t)answer->n_additional};
    numbers[3] = (measured_number_t){MEASURED_DNS_SERIAL, answer->serial};
    return answer->has_serial ? 4 : 3;
}

static check_seen_t seen_by(const probe_t *probe)
{
    check_seen_t seen = {.phase_us = {-1, -1, -1, -1, -1}, .content_length_bytes = MEASURED_NONE};
    bool was_asked = probe->next_address > 0;
    int64_t connected_us = was_asked ? dns_exchange_connected_us(probe->exchange) : 0;
    const resolve_answer_t *addresses = &probe->addresses;
    if (probe->resolved_us)
        seen.phase_us[0] = probe->resolved_us - probe->started_us;
    if (connected_us)
        seen.phase_us[1] = connected_us - probe->resolved_us;
    if (was_asked)
        seen.ip = addresses->addresses[(probe->next_address - 1) % addresses->n_addresses];
    seen.is_connected = connected_us || probe->is_answered;
    return seen;
}

/* Ends the check by FAULT or, where it is REASON_NONE, by ANSWER. */
static void finish(probe_t *probe, reason_t fault, const char *text, const dns_answer_t *answer)
{
    self_t *self = probe->owner;
    measured_number_t numbers[4];
    dns_check_t check = {.answers = NULL};
    probe->is_answered = answer != NULL;
    check_seen_t seen = seen_by(probe);
    if (answer && dns_check_init(&check, &settings_of(probe)->question, answer)) {
        fault = REASON_RESOURCES;
        text = "Out of memory";
    } else if (answer) {
        seen.numbers = numbers;
        seen.n_numbers = put_numbers(answer, numbers);
    }
    check_outcome_t outcome = {.fault = fault,
                               .fault_text = text,
                               .latency_us = clock_mono_us() - probe->started_us,
                               .answer = &check.answer,
                               .seen = &seen,
                               .workspace = self->workspace};
    dns_exchange_end(probe->exchange);
    actor_timer_cancel(probe->timer);
    resolve_cancel(&probe->waiter);
    collector_finish(self->collector, probe->at, &outcome, check_answer);
    dns_check_clear(&check);
}

/* --- asking --- */

/* Waits for the time to ask again, or for the end. */
static void wait_for_answer(probe_t *probe)
{
    int64_t now_us = clock_mono_us();
    int64_t left_us = probe->deadline_us - now_us;
    int64_t part_us = (int64_t)probe->target->timeout_ms * 1000 / TRIES;
    bool is_repeated = settings_of(probe)->transport == DNS_OVER_UDP && left_us > part_us;
    actor_timer_set(probe->timer, is_repeated ? part_us : left_us > 0 ? left_us : 0);
}

/* Asks the next address that does not refuse at once. */
static void ask_next(probe_t *probe)
{
    const resolve_answer_t *addresses = &probe->addresses;
    const dns_settings_t *settings = settings_of(probe);
    const char *text = NULL;
    reason_t fault = REASON_UNREACHABLE;
    while (probe->n_refused < addresses->n_addresses) {
        const char *address = addresses->addresses[probe->next_address++ % addresses->n_addresses];
        fault = dns_exchange_begin(probe->exchange, &settings->question, address, probe->port,
                                   settings->transport == DNS_OVER_TCP, &text);
        if (fault == REASON_RESOURCES)
            break;
        if (!fault) {
            wait_for_answer(probe);
            return;
        }
        probe->n_refused++;
    }
    finish(probe, fault, text, NULL);
}

static void on_exchange(void *context, reason_t fault, const char *text, const dns_answer_t *answer)
{
    probe_t *probe = context;
    bool is_refusal = fault == REASON_REFUSED || fault == REASON_UNREACHABLE;
    if (is_refusal && ++probe->n_refused < probe->addresses.n_addresses)
        ask_next(probe);
    else
        finish(probe, fault, text, answer);
}

/* Whether another address may be asked: not while one connects, nor while it sends what was cut off
 * over UDP. */
static bool may_turn(const probe_t *probe)
{
    bool is_asked_so = settings_of(probe)->transport == DNS_OVER_TCP;
    return !dns_exchange_is_tcp(probe->exchange) ||
           (is_asked_so && !dns_exchange_is_connecting(probe->exchange));
}

static void on_timer(void *context)
{
    probe_t *probe = context;
    if (clock_mono_us() < probe->deadline_us) {
        if (probe->addresses.n_addresses > 1 && may_turn(probe)) {
            probe->n_refused = 0;
            ask_next(probe);
        } else {
            dns_exchange_repeat(probe->exchange);
            wait_for_answer(probe);
        }
        return;
    }
    reason_t reason = !probe->resolved_us                           ? REASON_TIMEOUT_RESOLVE
                      : dns_exchange_is_connecting(probe->exchange) ? REASON_TIMEOUT_CONNECT
                                                                    : REASON_TIMEOUT_RESPONSE;
    finish(probe, reason, NULL, NULL);
}

/* --- the begin --- */

static void on_resolved(void *context, const resolve_answer_t *answer)
{
    probe_t *probe = context;
    probe->waiter = NULL;
    if (answer->failure) {
        finish(probe, answer->failure, answer->text, NULL);
        return;
    }
    probe->resolved_us = clock_mono_us();
    probe->addresses = *answer;
    ask_next(probe);
}

static resolve_family_t family_of(const target_t *target)
{
    return target->ip_protocol == IP_V4   ? RESOLVE_V4
           : target->ip_protocol == IP_V6 ? RESOLVE_V6
                                          : RESOLVE_ANY;
}

static void begin_probe(void *context, size_t at, const target_t *target)
{
    self_t *self = context;
    probe_t *probe = self->probes[at];
    int64_t timeout_us = (int64_t)target->timeout_ms * 1000;
    int64_t now_us = clock_mono_us();
    probe->at = at;
    probe->target = target;
    probe->next_address = probe->n_refused = 0;
    probe->resolved_us = 0;
    probe->started_us = now_us;
    probe->deadline_us = now_us + timeout_us;
    endpoint_url_t url;
    if (endpoint_url_parse(target->url, "dns", DNS_PORT, &url)) {
        finish(probe, REASON_PROTOCOL, "Not a dns URL", NULL);
        return;
    }
    probe->port = url.port;
    const resolve_answer_t *known = resolve_known(self->resolve, url.host, family_of(target));
    if (known) {
        on_resolved(probe, known);
        return;
    }
    probe->waiter =
        resolve_start(self->resolve, url.host, family_of(target), timeout_us, on_resolved, probe);
    if (!probe->waiter)
        finish(probe, REASON_RESOURCES, "Too many names to look up", NULL);
}

/* --- life --- */

static void destroy_probe(probe_t *probe)
{
    if (!probe)
        return;
    dns_exchange_destroy(&probe->exchange);
    if (probe->timer)
        actor_timer_destroy(&probe->timer);
    free(probe);
}

static probe_t *new_probe(self_t *self)
{
    probe_t *probe = calloc(1, sizeof *probe);
    if (!probe)
        return NULL;
    probe->owner = self;
    probe->exchange = dns_exchange_new(self->actor, self->scratch, on_exchange, probe);
    if (!probe->exchange) {
        destroy_probe(probe);
        return NULL;
    }
    probe->timer = actor_timer_new(self->actor, on_timer, probe);
    return probe;
}

static int grow(void *context, size_t n_probes)
{
    self_t *self = context;
    size_t n = self->n_probes;
    for (; n < n_probes; n++) {
        if (!self->probes[n])
            self->probes[n] = new_probe(self);
        if (!self->probes[n])
            return -1;
    }
    self->n_probes = n_probes;
    return 0;
}

void dns_collector_actor(zsock_t *pipe, void *args)
{
    self_t self = {.actor = actor_new(pipe, "dns_collector", args)};
    const collector_handlers_t collector = {
        .type = PROBE_DNS, .begin = begin_probe, .grow = grow, .context = &self};
    self.collector = collector_new(self.actor, args, &collector);
    self.resolve = resolve_new(self.actor);
    self.workspace = condition_workspace_new();
    if (self.resolve && self.workspace && !grow(&self, collector_n_probes(self.collector)))
        actor_run(self.actor);
    else
        actor_failed(self.actor, "dns collector: out of memory, or no name resolver");
    for (size_t i = 0; i < COLLECTOR_PROBES_MAX; i++)
        destroy_probe(self.probes[i]);
    resolve_destroy(&self.resolve);
    condition_workspace_destroy(&self.workspace);
    collector_destroy(&self.collector);
    actor_destroy(&self.actor);
}
