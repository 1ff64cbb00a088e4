/*
 * The environment: "NAME=value" lines. What is refused is refused with one printable line that
 * names a variable; what is taken holds the bounds of the contract (section 1).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/snapshot.h>

#include "actors/supervisor/config_load.h"

enum { VARIABLES_MAX = 16 };

static const char *const names[] = {
    "REDIS_URL",        "LOG_LEVEL",           "LOG_FORMAT",         "HEALTH_CHECK_INTERVAL",
    "BASE_SERVICE_URL", "POSTGRES_HEALTH_URL", "BINANCE_HEALTH_URL", "HEALTHD_LISTEN",
    "HEALTHD_PUBLISH",  "HEALTHD_STATE_DIR",   "HEALTHD_TOKEN",
};

typedef struct {
    const char *lines[VARIABLES_MAX];
    size_t n;
} environment_t;

static void require(int holds)
{
    if (!holds)
        abort();
}

static const char *lookup(const char *name, void *context)
{
    const environment_t *environment = context;
    size_t n = strlen(name);
    for (size_t i = 0; i < environment->n; i++) {
        const char *line = environment->lines[i];
        if (strncmp(line, name, n) == 0 && line[n] == '=')
            return line + n + 1;
    }
    return NULL;
}

static void check_refusal(const config_error_t *error)
{
    bool names_one = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        names_one = names_one || strncmp(error->text, names[i], strlen(names[i])) == 0;
    require(names_one);
    for (const char *at = error->text; *at; at++)
        require(isprint((unsigned char)*at));
    require(strnlen(error->text, sizeof error->text) < sizeof error->text);
}

static void check_config(const config_t *config)
{
    require(config->check_interval_ms >= 1000 && config->check_interval_ms <= 86400000);
    require(config->check_interval_ms % 1000 == 0);
    require(config->n_targets == (config->redis_url ? 9 : 8));
    require(config->listen && config->publish[0] && config->state_dir);
    for (size_t i = 0; i < config->n_targets; i++) {
        const target_t *target = &config->targets[i];
        require(config_target_at(config, target->name) == (long)i);
        http_url_t http;
        redis_url_t redis;
        if (target->type == PROBE_HTTP)
            require(strlen(target->url) > URL_MAX_BYTES || http_url_parse(target->url, &http) == 0);
        else if (target->type == PROBE_REDIS)
            require(redis_url_parse(target->url, &redis) == 0);
        else
            require(!target->url);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    environment_t environment = {.n = 0};
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line && environment.n < VARIABLES_MAX;
         line = strsep(&rest, "\n"))
        environment.lines[environment.n++] = line;
    config_t *config = NULL;
    config_error_t error = {.text = ""};
    if (config_from_environment(lookup, &environment, &config, &error)) {
        require(!config);
        check_refusal(&error);
    } else {
        check_config(config);
    }
    config_destroy(&config);
    free(text);
    return 0;
}
