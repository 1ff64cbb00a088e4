#include <stdlib.h>

#include "core/config.h"

/* Adds a zeroed thing of SIZE bytes to the N things in *LIST; NULL: out of memory. */
static void *add(void ***list, size_t *n, size_t size)
{
    if ((*n & (*n - 1)) == 0) { /* full at each power of two */
        void **grown = realloc(*list, (*n ? 2 * *n : 1) * sizeof(void *));
        if (!grown)
            return NULL;
        *list = grown;
    }
    void *thing = calloc(1, size);
    if (thing)
        (*list)[(*n)++] = thing;
    return thing;
}

http_settings_t *config_shared_http(config_shared_t *shared)
{
    void **list = (void **)shared->http;
    http_settings_t *settings = add(&list, &shared->n_http, sizeof *settings);
    shared->http = (http_settings_t **)list;
    return settings;
}

conditions_t *config_shared_conditions(config_shared_t *shared)
{
    void **list = (void **)shared->conditions;
    conditions_t *conditions = add(&list, &shared->n_conditions, sizeof *conditions);
    shared->conditions = (conditions_t **)list;
    return conditions;
}

tls_settings_t *config_shared_tls(config_shared_t *shared)
{
    void **list = (void **)shared->tls;
    tls_settings_t *settings = add(&list, &shared->n_tls, sizeof *settings);
    shared->tls = (tls_settings_t **)list;
    return settings;
}

void *config_shared_options(config_shared_t *shared, const probe_type_row_t *row)
{
    void **list = (void **)shared->options;
    shared_options_t *options = add(&list, &shared->n_options, sizeof *options);
    shared->options = (shared_options_t **)list;
    if (!options)
        return NULL;
    options->row = row;
    options->settings = calloc(1, row->settings_bytes);
    return options->settings;
}

static void clear_tls(const tls_settings_t *tls)
{
    free(tls->ca_file);
    free(tls->cert_file);
    free(tls->key_file);
    free(tls->server_name);
}

static void destroy_options(shared_options_t *options)
{
    if (options->settings && options->row->clear)
        options->row->clear(options->settings);
    free(options->settings);
    free(options);
}

static void destroy_http(http_settings_t *http)
{
    for (size_t i = 0; i < http->n_headers; i++) {
        free(http->headers[i].name);
        free(http->headers[i].value);
    }
    free(http->headers);
    char *texts[] = {http->method,         http->body,       http->user_agent, http->username,
                     http->password,       http->token,      http->token_url,  http->client_id,
                     http->client_secret,  http->scope,      http->proxy,      http->no_proxy,
                     http->source_address, http->unix_socket};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    clear_tls(&http->tls);
    free(http);
}

void config_shared_clear(config_shared_t *shared)
{
    for (size_t i = 0; i < shared->n_http; i++)
        destroy_http(shared->http[i]);
    free(shared->http);
    for (size_t i = 0; i < shared->n_conditions; i++) {
        conditions_clear(shared->conditions[i]);
        free(shared->conditions[i]);
    }
    free(shared->conditions);
    for (size_t i = 0; i < shared->n_tls; i++) {
        clear_tls(shared->tls[i]);
        free(shared->tls[i]);
    }
    free(shared->tls);
    for (size_t i = 0; i < shared->n_options; i++)
        destroy_options(shared->options[i]);
    free(shared->options);
    *shared = (config_shared_t){.n_http = 0};
}
