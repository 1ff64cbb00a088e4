#include "core/config_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/config_fault.h"
#include "core/config_text.h"
#include "core/text.h"

/* Bytes of the longest path that the compiled-in file puts behind BASE_SERVICE_URL. */
#define BASE_PATH_BYTES (sizeof "/health/scheduler" - 1)

const char *config_environment_at(const config_environment_t *environment, const char *variable)
{
    const char *value = environment->lookup(variable, environment->context);
    return value && *value ? value : NULL;
}

const char *config_environment_lookup(const char *variable, void *context)
{
    config_environment_t *environment = context;
    const char *value = config_environment_at(environment, variable);
    if (!value)
        return NULL;
    if (strcmp(variable, "HEALTH_CHECK_INTERVAL") == 0) {
        while (value[0] == '0' && value[1] != '\0')
            value++;
    } else if (strcmp(variable, "BASE_SERVICE_URL") == 0) {
        size_t n = strlen(value);
        while (n > 0 && value[n - 1] == '/')
            n--;
        if (n >= sizeof environment->base_url)
            return value;
        memcpy(environment->base_url, value, n);
        environment->base_url[n] = '\0';
        return environment->base_url;
    }
    return value;
}

/* --- checks --- */

typedef struct {
    const config_environment_t *environment;
    config_error_t *error;
} check_t;

/* Writes "VARIABLE: "value" is EXPECTED". Returns -1. */
static int refuse(const check_t *check, const char *variable, const char *value,
                  const char *expected)
{
    char shown[160];
    config_show_value(value, shown, sizeof shown);
    (void)snprintf(check->error->text, sizeof check->error->text, "%s: \"%s\" is %s", variable,
                   shown, expected);
    return -1;
}

static const char *value_of(const check_t *check, const char *variable)
{
    return config_environment_at(check->environment, variable);
}

static int check_logging(const check_t *check)
{
    const char *format = value_of(check, "LOG_FORMAT");
    if (format && strcasecmp(format, "json") != 0 && strcasecmp(format, "text") != 0)
        return refuse(check, "LOG_FORMAT", format, "neither text nor json");
    const char *level = value_of(check, "LOG_LEVEL");
    log_level_t ignored;
    if (level && log_level_of(level, &ignored))
        return refuse(check, "LOG_LEVEL", level, "none of DEBUG, INFO, WARNING, ERROR, CRITICAL");
    return 0;
}

static int check_interval(const check_t *check)
{
    const char *value = value_of(check, "HEALTH_CHECK_INTERVAL");
    if (!value)
        return 0;
    unsigned seconds = 0;
    size_t n = strlen(value);
    bool is_number = n <= 5 && strspn(value, "0123456789") == n;
    for (size_t i = 0; is_number && i < n; i++)
        seconds = seconds * 10 + (unsigned)(value[i] - '0');
    if (!is_number || seconds < 1 || seconds > 86400)
        return refuse(check, "HEALTH_CHECK_INTERVAL", value,
                      "not a whole number of seconds from 1 to 86400");
    return 0;
}

static int check_endpoints(const check_t *check)
{
    const char *listen = value_of(check, "HEALTHD_LISTEN");
    if (listen && !config_text_is(SCHEMA_ADDRESS, listen))
        return refuse(check, "HEALTHD_LISTEN", listen, "not address:port (IPv6 as [::]:8080)");
    const char *publish = value_of(check, "HEALTHD_PUBLISH");
    if (publish && !config_text_is(SCHEMA_ENDPOINT, publish))
        return refuse(check, "HEALTHD_PUBLISH", publish,
                      "neither tcp://address:port nor ipc://path");
    const char *state_dir = value_of(check, "HEALTHD_STATE_DIR");
    if (state_dir && !config_text_is(SCHEMA_PATH, state_dir))
        return refuse(check, "HEALTHD_STATE_DIR", state_dir, "longer than 3072 bytes");
    const char *token = value_of(check, "HEALTHD_TOKEN");
    if (token && !config_text_is(SCHEMA_TOKEN, token)) /* the value itself is a secret */
        return refuse(check, "HEALTHD_TOKEN", "...",
                      "not 1 to 1024 printable characters without spaces");
    return 0;
}

static int check_bus(const check_t *check)
{
    const char *url = value_of(check, "REDIS_URL");
    if (!url || config_text_is(SCHEMA_REDIS_URL, url))
        return 0;
    if (strncasecmp(url, "rediss://", 9) == 0)
        return refuse(check, "REDIS_URL", url,
                      "a TLS address, which healthd cannot speak: put stunnel before Redis and "
                      "name it as redis://");
    return refuse(check, "REDIS_URL", url,
                  "neither redis://[user[:password]@]host[:port][/db] nor none");
}

static int check_url(const check_t *check, const char *variable)
{
    const char *url = value_of(check, variable);
    http_url_t parsed;
    if (url && http_url_parse(url, &parsed))
        return refuse(check, variable, url, "not an http or https URL");
    return 0;
}

static int check_urls(const check_t *check)
{
    if (check_url(check, "BASE_SERVICE_URL"))
        return -1;
    const char *base = value_of(check, "BASE_SERVICE_URL");
    if (base && strlen(base) > URL_MAX_BYTES - BASE_PATH_BYTES)
        return refuse(check, "BASE_SERVICE_URL", base, "too long for the paths behind it");
    return check_url(check, "POSTGRES_HEALTH_URL") || check_url(check, "BINANCE_HEALTH_URL") ? -1
                                                                                             : 0;
}

int config_environment_check(const config_environment_t *environment, bool has_file,
                             config_error_t *reterr)
{
    const check_t check = {.environment = environment, .error = reterr};
    if (check_logging(&check) || (!has_file && check_interval(&check)) || check_endpoints(&check) ||
        check_bus(&check) || (!has_file && check_urls(&check)))
        return -1;
    return 0;
}

/* --- overrides --- */

/* Replaces *TEXT by VALUE where it is set. 1 where it was, 0, or -1: out of memory. */
static int replace(const char *value, char **text)
{
    if (!value)
        return 0;
    char *copy = strdup(value);
    if (!copy)
        return -1;
    free(*text);
    *text = copy;
    return 1;
}

static void note(text_t *notes, const char *key, const char *variable)
{
    text_appendf(notes, "%s%s by %s", notes->size ? ", " : "", key, variable);
}

static int override_publish(const char *value, config_t *config)
{
    if (!value)
        return 0;
    for (size_t i = 1; i < config->n_publish; i++)
        free(config->publish[i]);
    config->n_publish = 1;
    return replace(value, &config->publish[0]);
}

static void override_logging(const config_environment_t *environment, const config_given_t *given,
                             config_t *config, text_t *notes)
{
    const char *level = config_environment_at(environment, "LOG_LEVEL");
    const char *format = config_environment_at(environment, "LOG_FORMAT");
    if (level && log_level_of(level, &config->log_level) == 0 && given->level)
        note(notes, "logging.level", "LOG_LEVEL");
    if (format)
        config->log_is_json = strcasecmp(format, "json") == 0;
    if (format && given->format)
        note(notes, "logging.format", "LOG_FORMAT");
}

int config_environment_override(const config_environment_t *environment,
                                const config_given_t *given, config_t *config)
{
    const struct {
        const char *key, *variable;
        bool is_given;
        char **text;
    } rows[] = {
        {"bus.url", "REDIS_URL", given->bus_url, &config->redis_url},
        {"gateway.listen", "HEALTHD_LISTEN", given->listen, &config->listen},
        {"gateway.token", "HEALTHD_TOKEN", given->token, &config->token},
        {"instance.state_dir", "HEALTHD_STATE_DIR", given->state_dir, &config->state_dir},
    };
    text_t notes = {0};
    int rc = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc >= 0; i++) {
        rc = replace(config_environment_at(environment, rows[i].variable), rows[i].text);
        if (rc > 0 && rows[i].is_given)
            note(&notes, rows[i].key, rows[i].variable);
    }
    if (rc >= 0)
        rc = override_publish(config_environment_at(environment, "HEALTHD_PUBLISH"), config);
    if (rc > 0 && given->endpoints)
        note(&notes, "publish.endpoints", "HEALTHD_PUBLISH");
    override_logging(environment, given, config, &notes);
    bool has_notes = notes.size > 0;
    char *text = text_take(&notes);
    if (rc < 0 || !text) {
        free(text);
        return -1;
    }
    config->overridden = has_notes ? text : NULL;
    if (!has_notes)
        free(text);
    return 0;
}

char *config_environment_keys(const config_environment_t *environment)
{
    static const struct {
        const char *key, *variable;
    } rows[] = {
        {"bus.url", "REDIS_URL"},
        {"gateway.listen", "HEALTHD_LISTEN"},
        {"gateway.token", "HEALTHD_TOKEN"},
        {"instance.state_dir", "HEALTHD_STATE_DIR"},
        {"logging.format", "LOG_FORMAT"},
        {"logging.level", "LOG_LEVEL"},
        {"publish.endpoints", "HEALTHD_PUBLISH"},
    };
    text_t keys = {0};
    text_append_string(&keys, "[");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!config_environment_at(environment, rows[i].variable))
            continue;
        text_append_string(&keys, keys.size > 1 ? "," : "");
        text_append_json(&keys, rows[i].key);
    }
    text_append_string(&keys, "]");
    return text_take(&keys);
}
