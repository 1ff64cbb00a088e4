#include "core/config.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

/* Milliseconds that a check of environment-only mode may take in all. */
enum { CHECK_TIMEOUT_MS = 5000 };
/* Bytes of a URL's scheme with its "://" that are shown before a hidden password, at most. */
enum { SCHEME_SHOWN_MAX = 16 };

/* A target of environment-only mode: where its URL comes from. */
typedef struct {
    const char *name;
    target_kind_t kind;
    probe_type_t type;
    const char *variable; /* that holds the URL */
    const char *fallback; /* its default; NULL where an earlier row of the variable has it */
    const char *path;     /* appended to the URL */
    bool is_critical;
    const char *error_prefix;
} builtin_target_t;

#define BASE  "BASE_SERVICE_URL", "http://localhost:8000"
#define INFRA KIND_INFRASTRUCTURE

/* The contract's section 2, in its order. */
static const builtin_target_t builtin_targets[] = {
    {"main_backend", KIND_SERVICE, PROBE_HTTP, BASE, "/health", true, ""},
    {"scheduler", KIND_SERVICE, PROBE_HTTP, BASE, "/health/scheduler", true, ""},
    {"risk_guard", KIND_SERVICE, PROBE_HTTP, BASE, "/health/risk", true, ""},
    {"ai_system", KIND_SERVICE, PROBE_HTTP, BASE, "/health/ai", true, ""},
    {"system_health_monitor", KIND_SERVICE, PROBE_HTTP, BASE, "/health/system", false, ""},
    {"redis", INFRA, PROBE_REDIS, "REDIS_URL", "redis://localhost:6379", "", true,
     "Redis ping failed: "},
    {"postgres", INFRA, PROBE_HTTP, "POSTGRES_HEALTH_URL", "http://localhost:8000/health", "", true,
     "Postgres check failed: "},
    {"binance_api", INFRA, PROBE_HTTP, "BINANCE_HEALTH_URL", "https://api.binance.com/api/v3/ping",
     "", true, "Binance API check failed: "},
    {EMERGENCY_STOP, KIND_NONE, PROBE_PASSIVE, NULL, NULL, "", true, ""},
};

/* Open addressing over the positions of the targets; half empty, so that a look-up ends. */
struct config_index {
    size_t n_slots; /* a power of two */
    long *slots;    /* position, or -1 */
};

const char *probe_type_name(probe_type_t type)
{
    static const char *const names[PROBE_TYPE_COUNT] = {
        [PROBE_HTTP] = "http", [PROBE_REDIS] = "redis", [PROBE_PASSIVE] = "passive"};
    return names[type];
}

/* FNV-1a, 64 bits. */
static size_t hash_of(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return (size_t)hash;
}

static int make_index(config_t *config)
{
    config_index_t *index = calloc(1, sizeof *index);
    config->index = index;
    if (!index)
        return -1;
    index->n_slots = 8;
    while (index->n_slots < 2 * config->n_targets)
        index->n_slots *= 2;
    index->slots = malloc(index->n_slots * sizeof *index->slots);
    if (!index->slots)
        return -1;
    for (size_t i = 0; i < index->n_slots; i++)
        index->slots[i] = -1;
    for (size_t i = 0; i < config->n_targets; i++) {
        size_t slot = hash_of(config->targets[i].name) & (index->n_slots - 1);
        while (index->slots[slot] != -1)
            slot = (slot + 1) & (index->n_slots - 1);
        index->slots[slot] = (long)i;
    }
    return 0;
}

long config_target_at(const config_t *config, const char *name)
{
    const config_index_t *index = config->index;
    size_t slot = hash_of(name) & (index->n_slots - 1);
    for (; index->slots[slot] != -1; slot = (slot + 1) & (index->n_slots - 1)) {
        if (strcmp(config->targets[index->slots[slot]].name, name) == 0)
            return index->slots[slot];
    }
    return -1;
}

/* --- reading the environment --- */

typedef struct {
    config_lookup_fn *lookup;
    void *context;
    config_error_t *error;
} reader_t;

/* Value of VARIABLE, or FALLBACK where it is unset or empty. */
static const char *value_of(const reader_t *reader, const char *variable, const char *fallback)
{
    const char *value = reader->lookup(variable, reader->context);
    return value && *value ? value : fallback;
}

/*
 * VALUE as it may be shown: what stands before its last '@' could hold a password, however the URL
 * is malformed, and is hidden but for the scheme; what is not printable becomes '?'.
 */
static void show_value(const char *value, char *shown, size_t size)
{
    const char *end = strrchr(value, '@');
    const char *scheme = strstr(value, "://");
    size_t scheme_n = end && scheme && scheme < end ? (size_t)(scheme + 3 - value) : 0;
    if (scheme_n > SCHEME_SHOWN_MAX)
        scheme_n = 0;
    memcpy(shown, value, scheme_n);
    (void)snprintf(shown + scheme_n, size - scheme_n, "%s%s", end ? "***" : "", end ? end : value);
    for (char *at = shown; *at; at++) {
        if (!isprint((unsigned char)*at))
            *at = '?';
    }
}

/* Writes "VARIABLE: "value" is EXPECTED". Returns -1. */
static int refuse(const reader_t *reader, const char *variable, const char *value,
                  const char *expected)
{
    char shown[160];
    show_value(value, shown, sizeof shown);
    (void)snprintf(reader->error->text, sizeof reader->error->text, "%s: \"%s\" is %s", variable,
                   shown, expected);
    return -1;
}

static int out_of_memory(const reader_t *reader)
{
    (void)snprintf(reader->error->text, sizeof reader->error->text, "out of memory");
    return -1;
}

static int copy_text(const reader_t *reader, const char *text, char **ret)
{
    *ret = strdup(text);
    return *ret ? 0 : out_of_memory(reader);
}

static int read_interval(const reader_t *reader, uint32_t *ret_ms)
{
    const char *variable = "HEALTH_CHECK_INTERVAL";
    const char *value = value_of(reader, variable, "60");
    unsigned seconds = 0;
    size_t n = strlen(value);
    bool is_number = n <= 5 && strspn(value, "0123456789") == n;
    for (size_t i = 0; is_number && i < n; i++)
        seconds = seconds * 10 + (unsigned)(value[i] - '0');
    if (!is_number || seconds < 1 || seconds > 86400)
        return refuse(reader, variable, value, "not a whole number of seconds from 1 to 86400");
    *ret_ms = seconds * 1000;
    return 0;
}

static int read_logging(const reader_t *reader, config_t *config)
{
    const char *format = value_of(reader, "LOG_FORMAT", "text");
    config->log_is_json = strcasecmp(format, "json") == 0;
    if (!config->log_is_json && strcasecmp(format, "text") != 0)
        return refuse(reader, "LOG_FORMAT", format, "neither text nor json");
    const char *level = value_of(reader, "LOG_LEVEL", "INFO");
    if (log_level_of(level, &config->log_level))
        return refuse(reader, "LOG_LEVEL", level, "none of DEBUG, INFO, WARNING, ERROR, CRITICAL");
    return 0;
}

/* A publish endpoint is tcp://address:port or ipc://path. */
static bool is_publish_endpoint(const char *value)
{
    if (strlen(value) > 255)
        return false;
    if (strncmp(value, "tcp://", 6) == 0) {
        char host[HOST_BYTES];
        uint16_t port;
        return listen_address_parse(value + 6, host, &port) == 0;
    }
    return strncmp(value, "ipc://", 6) == 0 && value[6] != '\0';
}

/* A bearer token is what fits an HTTP header. */
static bool is_token(const char *value)
{
    size_t n = strlen(value);
    for (size_t i = 0; i < n; i++) {
        if (value[i] <= ' ' || value[i] == 0x7f)
            return false;
    }
    return n <= 1024;
}

static int read_endpoints(const reader_t *reader, config_t *config)
{
    char host[HOST_BYTES];
    uint16_t port;
    const char *listen = value_of(reader, "HEALTHD_LISTEN", "0.0.0.0:8080");
    if (listen_address_parse(listen, host, &port))
        return refuse(reader, "HEALTHD_LISTEN", listen, "not address:port (IPv6 as [::]:8080)");
    const char *publish = value_of(reader, "HEALTHD_PUBLISH", "tcp://127.0.0.1:5556");
    if (!is_publish_endpoint(publish))
        return refuse(reader, "HEALTHD_PUBLISH", publish,
                      "neither tcp://address:port nor ipc://path");
    const char *state_dir = value_of(reader, "HEALTHD_STATE_DIR", "/var/lib/healthd");
    if (strlen(state_dir) > 3072)
        return refuse(reader, "HEALTHD_STATE_DIR", state_dir, "longer than 3072 bytes");
    const char *token = value_of(reader, "HEALTHD_TOKEN", NULL);
    if (token && !is_token(token)) /* the value itself is a secret */
        return refuse(reader, "HEALTHD_TOKEN", "...",
                      "not 1 to 1024 printable characters without spaces");
    if (token && copy_text(reader, token, &config->token))
        return -1;
    return copy_text(reader, listen, &config->listen) ||
                   copy_text(reader, publish, &config->publish) ||
                   copy_text(reader, state_dir, &config->state_dir)
               ? -1
               : 0;
}

/* REDIS_URL=none: no bus and no redis target. */
static int read_bus(const reader_t *reader, config_t *config)
{
    const char *url = value_of(reader, "REDIS_URL", "redis://localhost:6379");
    redis_url_t parsed;
    if (strcasecmp(url, "none") == 0)
        return 0;
    if (strncasecmp(url, "rediss://", 9) == 0)
        return refuse(reader, "REDIS_URL", url,
                      "a TLS address, which healthd cannot speak: put stunnel before Redis and "
                      "name it as redis://");
    if (redis_url_parse(url, &parsed))
        return refuse(reader, "REDIS_URL", url,
                      "neither redis://[user[:password]@]host[:port][/db] nor none");
    return copy_text(reader, url, &config->redis_url);
}

/* Builds the target's URL: the variable's without trailing slashes, then the path. */
static int make_url(const reader_t *reader, const builtin_target_t *row, char **ret)
{
    const char *base = value_of(reader, row->variable, row->fallback);
    http_url_t parsed;
    if (row->type == PROBE_HTTP && http_url_parse(base, &parsed))
        return refuse(reader, row->variable, base, "not an http or https URL");
    size_t n = strlen(base);
    while (*row->path && n > 0 && base[n - 1] == '/')
        n--;
    return asprintf(ret, "%.*s%s", (int)n, base, row->path) < 0 ? out_of_memory(reader) : 0;
}

static int make_target(const reader_t *reader, const builtin_target_t *row, uint32_t interval_ms,
                       target_t *target)
{
    *target = (target_t){
        .kind = row->kind,
        .type = row->type,
        .is_critical = row->is_critical,
        .check_interval_ms = interval_ms,
        .timeout_ms = CHECK_TIMEOUT_MS,
        .failure_threshold = 1,
        .success_threshold = 1,
    };
    if (copy_text(reader, row->name, &target->name) ||
        copy_text(reader, row->error_prefix, &target->error_prefix))
        return -1;
    return row->variable ? make_url(reader, row, &target->url) : 0;
}

static int make_targets(const reader_t *reader, config_t *config)
{
    size_t n_rows = sizeof builtin_targets / sizeof builtin_targets[0];
    config->targets = calloc(n_rows, sizeof *config->targets);
    if (!config->targets)
        return out_of_memory(reader);
    for (size_t i = 0; i < n_rows; i++) {
        const builtin_target_t *row = &builtin_targets[i];
        if (row->type == PROBE_REDIS && !config->redis_url)
            continue;
        target_t *target = &config->targets[config->n_targets++];
        if (make_target(reader, row, config->check_interval_ms, target))
            return -1;
    }
    return make_index(config) ? out_of_memory(reader) : 0;
}

int config_from_environment(config_lookup_fn *lookup, void *context, config_t **ret,
                            config_error_t *reterr)
{
    reader_t reader = {.lookup = lookup, .context = context, .error = reterr};
    config_t *config = calloc(1, sizeof *config);
    if (!config)
        return out_of_memory(&reader);
    config->latency_degraded_ms = 1000;
    config->latency_critical_ms = 5000;
    if (read_logging(&reader, config) || read_interval(&reader, &config->check_interval_ms) ||
        read_endpoints(&reader, config) || read_bus(&reader, config) ||
        make_targets(&reader, config)) {
        config_destroy(&config);
        return -1;
    }
    *ret = config;
    return 0;
}

void config_destroy(config_t **config_p)
{
    config_t *config = *config_p;
    if (!config)
        return;
    for (size_t i = 0; i < config->n_targets; i++) {
        free(config->targets[i].name);
        free(config->targets[i].url);
        free(config->targets[i].error_prefix);
    }
    free(config->targets);
    if (config->index)
        free(config->index->slots);
    free(config->index);
    free(config->redis_url);
    free(config->listen);
    free(config->publish);
    free(config->state_dir);
    free(config->token);
    free(config);
    *config_p = NULL;
}
