#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/config_draft.h"

static const schema_key_t *row_at(schema_section_t section, size_t key)
{
    size_t n;
    return &schema_keys(section, &n)[key];
}

static char *http_text(const draft_t *draft, size_t key)
{
    return draft_text(draft, row_at(SECTION_HTTP, key), &draft->http[key]);
}

static char *tls_file(const draft_t *draft, size_t key)
{
    return draft_file(draft, row_at(SECTION_TLS, key), &draft->tls[key]);
}

/* --- headers --- */

/* Whether a layer above LAYER sets the header NAME too. */
static bool is_overruled(const draft_stack_t *headers, size_t layer, const char *name)
{
    for (size_t i = layer + 1; i < headers->n; i++) {
        for (size_t j = 0; j < headers->layers[i]->n_texts; j++) {
            if (strcasecmp(headers->layers[i]->name_nodes[j]->text, name) == 0)
                return true;
        }
    }
    return false;
}

static void add_headers(const draft_t *draft, http_settings_t *http)
{
    const draft_stack_t *headers = &draft->headers;
    size_t n = 0;
    for (size_t i = 0; i < headers->n; i++)
        n += headers->layers[i]->n_texts;
    http->headers = calloc(n + 1, sizeof *http->headers);
    for (size_t i = 0; http->headers && i < headers->n; i++) {
        const config_value_t *layer = headers->layers[i];
        for (size_t j = 0; j < layer->n_texts; j++) {
            const char *name = layer->name_nodes[j]->text;
            if (is_overruled(headers, i, name))
                continue;
            http_header_t *header = &http->headers[http->n_headers++];
            header->name = strdup(name);
            if (!header->name)
                draft_out_of_memory(draft);
            header->value = draft_expand(draft, name, layer->text_nodes[j], layer->texts[j]);
        }
    }
    if (!http->headers)
        draft_out_of_memory(draft);
}

/* --- credentials and body --- */

static void add_basic(const draft_t *draft, const config_section_t *basic, http_settings_t *http)
{
    http->auth = HTTP_AUTH_BASIC;
    http->username =
        draft_text(draft, row_at(SECTION_BASIC, BASIC_USERNAME), &basic->values[BASIC_USERNAME]);
    http->password =
        draft_text(draft, row_at(SECTION_BASIC, BASIC_PASSWORD), &basic->values[BASIC_PASSWORD]);
    if (http->username && strchr(http->username, ':'))
        config_fault(draft->work->reader->faults,
                     basic->values[BASIC_USERNAME].text_nodes[0]->place,
                     "username: a colon cannot stand in it (RFC 7617)");
}

static void add_oauth2(const draft_t *draft, const config_section_t *oauth2, http_settings_t *http)
{
    const struct {
        size_t key;
        char **ret;
    } rows[] = {
        {OAUTH2_TOKEN_URL, &http->token_url},
        {OAUTH2_CLIENT_ID, &http->client_id},
        {OAUTH2_CLIENT_SECRET, &http->client_secret},
        {OAUTH2_SCOPE, &http->scope},
    };
    http->auth = HTTP_AUTH_OAUTH2;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        *rows[i].ret =
            draft_text(draft, row_at(SECTION_OAUTH2, rows[i].key), &oauth2->values[rows[i].key]);
}

static void add_auth(const draft_t *draft, http_settings_t *http)
{
    const config_section_t *basic = draft->http[HTTP_BASIC].section;
    const config_section_t *oauth2 = draft->http[HTTP_OAUTH2].section;
    bool has_token = draft->http[HTTP_BEARER_TOKEN].node;
    if ((basic != NULL) + (oauth2 != NULL) + has_token > 1) {
        config_fault(draft->work->reader->faults, config_hidden_place(draft->node->place),
                     "http: only one of basic, bearer_token and oauth2 can be given");
        return;
    }
    if (basic)
        add_basic(draft, basic, http);
    if (oauth2)
        add_oauth2(draft, oauth2, http);
    if (!has_token)
        return;
    http->auth = HTTP_AUTH_BEARER;
    http->token = http_text(draft, HTTP_BEARER_TOKEN);
}

static void add_body(const draft_t *draft, http_settings_t *http)
{
    const config_reader_t *reader = draft->work->reader;
    const config_value_t *body_file = &draft->http[HTTP_BODY_FILE];
    const char *reason = NULL;
    if (draft->http[HTTP_BODY].node && body_file->node) {
        config_fault(reader->faults, body_file->node->place,
                     "body_file: the body is given already, by \"body\"");
        return;
    }
    http->body = http_text(draft, HTTP_BODY);
    char *path = http_text(draft, HTTP_BODY_FILE);
    if (path) {
        http->body = reader->values.read_file(path, reader->values.file_context, &reason);
        if (!http->body)
            config_fault(reader->faults, body_file->text_nodes[0]->place,
                         "body_file: it cannot be read: %s", reason);
        free(path);
    }
    http->n_body = http->body ? strlen(http->body) : 0;
}

/* --- the rest --- */

static void add_tls(const draft_t *draft, tls_settings_t *tls)
{
    const config_value_t *values = draft->tls;
    tls->ca_file = tls_file(draft, TLS_CA_FILE);
    tls->cert_file = tls_file(draft, TLS_CERT_FILE);
    tls->key_file = tls_file(draft, TLS_KEY_FILE);
    tls->server_name =
        draft_text(draft, row_at(SECTION_TLS, TLS_SERVER_NAME), &values[TLS_SERVER_NAME]);
    tls->min_version = (tls_min_t)values[TLS_MIN_VERSION].integer;
    tls->skip_verify = values[TLS_SKIP_VERIFY].integer != 0;
    if (values[TLS_CERT_FILE].node && !values[TLS_KEY_FILE].node)
        config_fault(draft->work->reader->faults, values[TLS_CERT_FILE].node->place,
                     "cert_file: its key_file is missing");
    if (values[TLS_KEY_FILE].node && !values[TLS_CERT_FILE].node)
        config_fault(draft->work->reader->faults, values[TLS_KEY_FILE].node->place,
                     "key_file: its cert_file is missing");
    if (tls->skip_verify)
        config_warn(draft->work->reader->faults, values[TLS_SKIP_VERIFY].node->place,
                    "skip_verify: whoever stands between answers for the target unseen");
}

static char *method_of(const draft_t *draft)
{
    const schema_key_t *row = row_at(SECTION_HTTP, HTTP_METHOD);
    return strdup(row->choices[draft->http[HTTP_METHOD].integer]);
}

static void fill(const draft_t *draft, http_settings_t *http)
{
    const config_value_t *values = draft->http;
    http->method = method_of(draft);
    if (!http->method)
        draft_out_of_memory(draft);
    http->user_agent = http_text(draft, HTTP_USER_AGENT);
    http->keeps_cookies = values[HTTP_COOKIES].integer != 0;
    http->follows_redirects = values[HTTP_FOLLOW_REDIRECTS].integer != 0;
    http->redirects_max = (uint32_t)values[HTTP_MAX_REDIRECTS].integer;
    http->redirect_scope = (redirect_scope_t)values[HTTP_ALLOW_REDIRECT_TO].integer;
    http->body_limit_bytes = (uint32_t)values[HTTP_BODY_LIMIT].integer;
    http->decompresses = values[HTTP_DECOMPRESS].integer != 0;
    http->version = (http_version_t)values[HTTP_VERSION].integer;
    http->reuses_connection = draft->values[TARGET_CONNECTION].integer != 0;
    http->ip_protocol = (ip_protocol_t)draft->values[TARGET_IP_PROTOCOL].integer;
    http->proxy = http_text(draft, HTTP_PROXY);
    http->no_proxy = http_text(draft, HTTP_NO_PROXY);
    http->source_address = http_text(draft, HTTP_SOURCE_ADDRESS);
    http->unix_socket = http_text(draft, HTTP_UNIX_SOCKET);
    add_headers(draft, http);
    add_auth(draft, http);
    add_body(draft, http);
    add_tls(draft, &http->tls);
}

static bool depends_on_combination(const draft_t *draft)
{
    for (size_t i = 0; i < draft->headers.n; i++) {
        if (draft_has_variable(draft->headers.layers[i], 1))
            return true;
    }
    return draft_has_variable(draft->http, HTTP_KEYS) || draft_has_variable(draft->tls, TLS_KEYS);
}

const http_settings_t *draft_http(draft_t *draft)
{
    if (draft->http_settings)
        return draft->http_settings;
    http_settings_t *http = config_shared_http(draft->work->shared);
    if (!http) {
        draft_out_of_memory(draft);
        return NULL;
    }
    fill(draft, http);
    if (!depends_on_combination(draft))
        draft->http_settings = http;
    return http;
}

const tls_settings_t *draft_tls(draft_t *draft)
{
    bool is_given = false;
    for (size_t i = 0; i < TLS_KEYS; i++)
        is_given = is_given || draft->tls[i].node;
    if (!is_given || draft->tls_settings)
        return draft->tls_settings;
    tls_settings_t *tls = config_shared_tls(draft->work->shared);
    if (!tls) {
        draft_out_of_memory(draft);
        return NULL;
    }
    add_tls(draft, tls);
    if (!draft_has_variable(draft->tls, TLS_KEYS))
        draft->tls_settings = tls;
    return tls;
}
