/*
 * The PostgreSQL collector: a login by libpq and, where the options say so, a query, on a new
 * connection for each check. Names are resolved here, as libpq would block; the socket of each
 * connection lives in the actor's epoll. Owns the connections; emits probe_results.
 */
#include "core/probes/postgres.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/io/resolve.h"
#include "actors/io/tls_chain.h"

/* Bytes that come on one connection, at most: libpq keeps a row whole, however long. */
#define ANSWER_MAX_BYTES ((uint64_t)1 << 20)
/* Bytes that the kernel takes in ahead: libpq reads on as long as there are more, so that little
 * can come before we look again. */
#define RECEIVE_BUFFER_BYTES (64 << 10)
/* Bytes of a row that are shown; of a value. */
#define OUTPUT_BYTES 4096
#define VALUE_BYTES  256
/* Where Debian keeps the authorities: libpq has none of its own. */
#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

typedef struct self self_t;

typedef enum { PHASE_RESOLVE, PHASE_CONNECT, PHASE_TLS, PHASE_FIRST_BYTE, PHASE_TRANSFER } phase_t;
_Static_assert(PHASE_TRANSFER + 1 == CONDITION_PHASES, "the phases of a check");

typedef struct {
    self_t *owner;
    size_t at;
    const target_t *target; /* NULL: no check is under way */
    postgres_url_t url;
    resolve_waiter_t *waiter;
    PGconn *connection;
    epoll_source_t *source;
    int fd; /* that SOURCE watches */
    actor_timer_t *deadline;
    int64_t started_us; /* monotonic, as the next */
    int64_t phase_from_us;
    phase_t phase; /* under way */
    bool is_logged_in;
    check_seen_t seen;
    char ip[INET6_ADDRSTRLEN];
    char tls_version[TLS_VERSION_BYTES];
    check_answer_t answer;
    char output[OUTPUT_BYTES];
    char value[VALUE_BYTES];
} probe_t;

struct self {
    collector_t *collector;
    resolve_t *resolve;
    condition_workspace_t *workspace;
    actor_t *actor;
    probe_t *probes[COLLECTOR_PROBES_MAX]; /* by place */
    size_t n_probes;
};

/* --- the end of a check --- */

static void close_connection(probe_t *probe)
{
    resolve_cancel(&probe->waiter);
    actor_timer_cancel(probe->deadline);
    epoll_remove(&probe->source);
    PQfinish(probe->connection);
    probe->connection = NULL;
}

static void finish(probe_t *probe, reason_t fault, const char *text)
{
    int64_t latency_us = clock_mono_us() - probe->started_us;
    close_connection(probe);
    check_outcome_t outcome = {.fault = fault,
                               .fault_text = text,
                               .latency_us = latency_us,
                               .answer = fault ? NULL : &probe->answer,
                               .seen = &probe->seen,
                               .workspace = probe->owner->workspace};
    probe->target = NULL;
    collector_finish(probe->owner->collector, probe->at, &outcome, check_answer);
}

/* Ends the check with what libpq or the server says in MESSAGE. */
static void fail(probe_t *probe, const char *message)
{
    char sqlstate[6];
    char line[ERROR_MAX_BYTES + 1];
    const char *text = NULL;
    size_t n = 0;
    postgres_message_split(message, sqlstate, &text, &n);
    if (n >= sizeof line)
        n = sizeof line - 1;
    memcpy(line, text, n);
    line[n] = '\0';
    finish(probe, postgres_reason(sqlstate, message), line);
}

static void on_deadline(void *context)
{
    static const reason_t faults[CONDITION_PHASES] = {[PHASE_RESOLVE] = REASON_TIMEOUT_RESOLVE,
                                                      [PHASE_CONNECT] = REASON_TIMEOUT_CONNECT,
                                                      [PHASE_TLS] = REASON_TIMEOUT_TLS,
                                                      [PHASE_FIRST_BYTE] = REASON_TIMEOUT_RESPONSE,
                                                      [PHASE_TRANSFER] = REASON_TIMEOUT_RESPONSE};
    probe_t *probe = context;
    finish(probe, faults[probe->phase], NULL);
}

/* --- phases --- */

/* The phase under way has ended, and NEXT begins. */
static void turn_phase(probe_t *probe, phase_t next)
{
    int64_t now_us = clock_mono_us();
    probe->seen.phase_us[probe->phase] = now_us - probe->phase_from_us;
    probe->phase = next;
    probe->phase_from_us = now_us;
}

static void note_connected(probe_t *probe)
{
    const int n_bytes = RECEIVE_BUFFER_BYTES;
    (void)setsockopt(PQsocket(probe->connection), SOL_SOCKET, SO_RCVBUF, &n_bytes,
                     sizeof n_bytes); /* one more bound: without it the check still ends */
    const char *ip = PQhostaddr(probe->connection);
    (void)snprintf(probe->ip, sizeof probe->ip, "%s", ip ? ip : "");
    probe->seen.ip = probe->ip;
    probe->seen.is_connected = true;
}

static void note_tls(probe_t *probe)
{
    const SSL *tls = PQsslStruct(probe->connection, "OpenSSL");
    if (!tls)
        return;
    const tls_chain_t chain = tls_chain_of(SSL_get_peer_cert_chain(tls));
    probe->seen.cert_expires_at_us = chain.earliest_us;
    probe->seen.cert_leaf_expires_at_us = chain.leaf_us;
    tls_version_text(tls, probe->tls_version);
    probe->seen.tls_version = probe->tls_version;
}

/* What libpq has come to. It asks a server first whether it speaks TLS, and goes to the next
 * address, or tries again without TLS, where that is allowed. */
static void follow_phases(probe_t *probe)
{
    ConnStatusType status = PQstatus(probe->connection);
    if (status == CONNECTION_BAD)
        return;
    if (status == CONNECTION_STARTED) {
        probe->phase = PHASE_CONNECT;
    } else if (probe->phase == PHASE_CONNECT) {
        note_connected(probe);
        turn_phase(probe, PHASE_FIRST_BYTE);
    } else if (status == CONNECTION_SSL_STARTUP) {
        probe->phase = PHASE_TLS;
    } else if (probe->phase == PHASE_TLS) {
        if (PQsslInUse(probe->connection)) {
            note_tls(probe);
            turn_phase(probe, PHASE_FIRST_BYTE);
        }
        probe->phase = PHASE_FIRST_BYTE;
    }
}

/* --- the query --- */

/* Cut where there is no room. */
static void append_output(probe_t *probe, const char *text)
{
    size_t n = strlen(text);
    size_t room = sizeof probe->output - probe->answer.n_output;
    if (n > room)
        n = room;
    memcpy(probe->output + probe->answer.n_output, text, n);
    probe->answer.n_output += n;
}

/* Takes the first row of RESULT: its first column is the value, all of them the output. */
static void take_row(probe_t *probe, const PGresult *result)
{
    int n_columns = PQnfields(result);
    probe->answer.output = probe->output;
    probe->answer.present = CONDITION_BIT(CONDITION_OUTPUT);
    for (int column = 0; column < n_columns; column++) {
        append_output(probe, column > 0 ? " | " : "");
        append_output(probe, PQgetvalue(result, 0, column));
    }
    if (n_columns == 0 || PQgetisnull(result, 0, 0))
        return;
    (void)snprintf(probe->value, sizeof probe->value, "%s", PQgetvalue(result, 0, 0));
    probe->answer.value = probe->value;
    probe->answer.present |= CONDITION_BIT(CONDITION_VALUE);
}

static void end_with_row(probe_t *probe)
{
    turn_phase(probe, PHASE_TRANSFER);
    finish(probe, REASON_NONE, NULL);
}

/* Takes RESULT (frees it); true: the check has ended. */
static bool take_result(probe_t *probe, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    bool is_row = status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK;
    bool is_done = is_row || status == PGRES_COPY_OUT || status == PGRES_COPY_IN ||
                   status == PGRES_COPY_BOTH || status == PGRES_FATAL_ERROR ||
                   status == PGRES_BAD_RESPONSE;
    char message[ERROR_MAX_BYTES];
    (void)snprintf(message, sizeof message, "%s", PQresultErrorMessage(result));
    if (is_row && PQntuples(result) > 0)
        take_row(probe, result);
    PQclear(result);
    if (is_row)
        end_with_row(probe);
    else if (is_done && message[0])
        fail(probe, message);
    else if (is_done)
        finish(probe, REASON_PROTOCOL, "The query gives no rows");
    return is_done;
}

static void watch(probe_t *probe, uint32_t events);

/* Whether more than ANSWER_MAX_BYTES have come. */
static bool is_flooded(const probe_t *probe)
{
    struct tcp_info info = {.tcpi_bytes_received = 0};
    socklen_t n = sizeof info;
    return getsockopt(PQsocket(probe->connection), IPPROTO_TCP, TCP_INFO, &info, &n) == 0 &&
           info.tcpi_bytes_received > ANSWER_MAX_BYTES;
}

static void read_results(probe_t *probe)
{
    int flushed = PQflush(probe->connection);
    bool is_read = flushed >= 0 && PQconsumeInput(probe->connection);
    if (is_flooded(probe)) {
        finish(probe, REASON_PROTOCOL, "The answer is longer than 1 MiB");
        return;
    }
    if (!is_read) {
        fail(probe, PQerrorMessage(probe->connection));
        return;
    }
    while (!PQisBusy(probe->connection)) {
        PGresult *result = PQgetResult(probe->connection);
        if (!result) { /* statements, and no row among them */
            end_with_row(probe);
            return;
        }
        if (take_result(probe, result))
            return;
    }
    watch(probe, flushed ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void ask(probe_t *probe)
{
    const postgres_settings_t *settings = probe->target->options;
    text_t sql = {0};
    turn_phase(probe, PHASE_TRANSFER);
    if (settings)
        postgres_sql(settings, probe->target->timeout_ms, &sql);
    if (sql.size == 0 && !sql.is_failed) {
        finish(probe, REASON_NONE, NULL);
        return;
    }
    char *text = text_take(&sql);
    bool is_sent = text && PQsendQuery(probe->connection, text) == 1 &&
                   PQsetSingleRowMode(probe->connection) == 1;
    free(text);
    if (is_sent)
        read_results(probe);
    else
        fail(probe, text ? PQerrorMessage(probe->connection) : "out of memory");
}

/* --- the login --- */

static void go_on(probe_t *probe)
{
    /* It may close the socket and open another of the same number, which is not watched then. */
    epoll_remove(&probe->source);
    PostgresPollingStatusType polling = PQconnectPoll(probe->connection);
    follow_phases(probe);
    switch (polling) {
    case PGRES_POLLING_OK:
        probe->is_logged_in = true;
        ask(probe);
        break;
    case PGRES_POLLING_FAILED:
        fail(probe, PQerrorMessage(probe->connection));
        break;
    case PGRES_POLLING_WRITING:
        watch(probe, EPOLLOUT);
        break;
    case PGRES_POLLING_READING:
    case PGRES_POLLING_ACTIVE:
        watch(probe, EPOLLIN);
        break;
    }
}

static void on_event(void *context, uint32_t events)
{
    probe_t *probe = context;
    (void)events; /* libpq finds out itself */
    if (probe->is_logged_in)
        read_results(probe);
    else
        go_on(probe);
}

/* Watches the socket. */
static void watch(probe_t *probe, uint32_t events)
{
    int fd = PQsocket(probe->connection);
    epoll_t *epoll = actor_epoll(probe->owner->actor);
    if (probe->source && fd == probe->fd && epoll_change(probe->source, events) == 0)
        return;
    epoll_remove(&probe->source);
    probe->fd = fd;
    probe->source = fd >= 0 ? epoll_add(epoll, fd, events, on_event, probe) : NULL;
    if (!probe->source)
        finish(probe, REASON_RESOURCES, "The connection cannot be watched");
}

/* "address,address" of ANSWER, and HOST as often. */
static void join(const resolve_answer_t *answer, const char *host, text_t *addresses, text_t *hosts)
{
    for (size_t i = 0; i < answer->n_addresses; i++) {
        text_appendf(addresses, "%s%s", i ? "," : "", answer->addresses[i]);
        text_appendf(hosts, "%s%s", i ? "," : "", host);
    }
}

static PGconn *start(const probe_t *probe, const char *hosts, const char *addresses)
{
    static const postgres_settings_t none = {.sslmode = "prefer"};
    const postgres_settings_t *settings = probe->target->options ? probe->target->options : &none;
    const tls_settings_t *tls = probe->target->tls;
    const endpoint_url_t *place = &probe->url.place;
    bool is_verified = strncmp(settings->sslmode, "verify", 6) == 0;
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)place->port);
    const struct {
        const char *key, *value;
    } rows[] = {
        {"host", hosts},
        {"hostaddr", addresses},
        {"port", port},
        {"user", settings->user ? settings->user : place->user},
        {"password", settings->password ? settings->password : place->password},
        {"passfile", "/dev/null/none"}, /* nobody's home is looked into */
        {"dbname", probe->url.database},
        {"sslmode", settings->sslmode},
        {"sslrootcert", tls && tls->ca_file ? tls->ca_file
                        : is_verified       ? SYSTEM_AUTHORITIES
                                            : ""},
        {"sslcert", tls && tls->cert_file ? tls->cert_file : ""},
        {"sslkey", tls && tls->key_file ? tls->key_file : ""},
        {"gssencmode", "disable"},
        {"client_encoding", "UTF8"},
        {"application_name", "healthd"},
    };
    enum { N_ROWS = sizeof rows / sizeof rows[0] };
    const char *keys[N_ROWS + 1] = {NULL};
    const char *values[N_ROWS + 1] = {NULL};
    for (size_t i = 0; i < N_ROWS; i++) {
        keys[i] = rows[i].key;
        values[i] = rows[i].value;
    }
    return PQconnectStartParams(keys, values, 0);
}

static void connect_to(probe_t *probe, const resolve_answer_t *answer)
{
    text_t hosts = {0};
    text_t addresses = {0};
    if (answer->failure) {
        finish(probe, answer->failure, answer->text);
        return;
    }
    turn_phase(probe, PHASE_CONNECT);
    join(answer, probe->url.place.host, &addresses, &hosts);
    char *host_list = text_take(&hosts);
    char *address_list = text_take(&addresses);
    if (host_list && address_list)
        probe->connection = start(probe, host_list, address_list);
    free(host_list);
    free(address_list);
    if (!probe->connection) {
        finish(probe, REASON_RESOURCES, "Out of memory");
        return;
    }
    (void)PQsetErrorVerbosity(probe->connection, PQERRORS_VERBOSE);
    if (PQstatus(probe->connection) == CONNECTION_BAD || PQsetnonblocking(probe->connection, 1))
        fail(probe, PQerrorMessage(probe->connection));
    else
        watch(probe, EPOLLOUT);
}

static void on_resolved(void *context, const resolve_answer_t *answer)
{
    probe_t *probe = context;
    probe->waiter = NULL;
    connect_to(probe, answer);
}

static void begin_probe(void *context, size_t at, const target_t *target)
{
    static const resolve_family_t families[] = {[IP_ANY] = RESOLVE_ANY,
                                                [IP_V4] = RESOLVE_V4,
                                                [IP_V6] = RESOLVE_V6,
                                                [IP_EACH] = RESOLVE_BOTH};
    self_t *self = context;
    probe_t *probe = self->probes[at];
    actor_timer_t *deadline = probe->deadline;
    int64_t timeout_us = (int64_t)target->timeout_ms * 1000;
    int64_t now_us = clock_mono_us();
    *probe = (probe_t){
        .owner = self,
        .at = at,
        .target = target,
        .deadline = deadline,
        .started_us = now_us,
        .phase_from_us = now_us,
        .seen = {.phase_us = {LATENCY_NONE, LATENCY_NONE, LATENCY_NONE, LATENCY_NONE, LATENCY_NONE},
                 .content_length_bytes = MEASURED_NONE}};
    if (postgres_url_parse(target->url, &probe->url)) {
        finish(probe, REASON_PROTOCOL, "Not a postgresql URL");
        return;
    }
    actor_timer_set(deadline, timeout_us);
    const char *host = probe->url.place.host;
    resolve_family_t family = families[target->ip_protocol];
    const resolve_answer_t *known = resolve_known(self->resolve, host, family);
    if (known) {
        connect_to(probe, known);
        return;
    }
    probe->waiter = resolve_start(self->resolve, host, family, timeout_us, on_resolved, probe);
    if (!probe->waiter)
        finish(probe, REASON_RESOURCES, "Out of memory");
}

/* --- life --- */

static int grow(void *context, size_t n_probes)
{
    self_t *self = context;
    for (; self->n_probes < n_probes; self->n_probes++) {
        probe_t *probe = calloc(1, sizeof *probe);
        if (!probe)
            return -1;
        probe->deadline = actor_timer_new(self->actor, on_deadline, probe);
        self->probes[self->n_probes] = probe;
    }
    return 0;
}

void postgres_collector_actor(zsock_t *pipe, void *args)
{
    self_t self = {.actor = actor_new(pipe, "postgres_collector", args)};
    const collector_handlers_t collector = {
        .type = PROBE_POSTGRES, .begin = begin_probe, .grow = grow, .context = &self};
    self.collector = collector_new(self.actor, args, &collector);
    self.resolve = resolve_new(self.actor);
    self.workspace = condition_workspace_new();
    if (self.resolve && self.workspace && grow(&self, collector_n_probes(self.collector)) == 0)
        actor_run(self.actor);
    else
        actor_failed(self.actor, "postgres collector: memory or the name resolver is not there");
    for (size_t i = 0; i < self.n_probes; i++) {
        close_connection(self.probes[i]);
        actor_timer_destroy(&self.probes[i]->deadline);
        free(self.probes[i]);
    }
    resolve_destroy(&self.resolve);
    condition_workspace_destroy(&self.workspace);
    collector_destroy(&self.collector);
    actor_destroy(&self.actor);
}
