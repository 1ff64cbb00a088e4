#include "core/config_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <healthd/snapshot.h>

#include "core/url.h"

bool config_text_is_none(const char *value)
{
    return strcasecmp(value, "none") == 0;
}

/* A publish endpoint is tcp://address:port or ipc://path. */
static bool is_endpoint(const char *value)
{
    if (strlen(value) > CONFIG_ENDPOINT_MAX_BYTES)
        return false;
    if (strncmp(value, "tcp://", 6) == 0) {
        char host[HOST_BYTES];
        uint16_t port;
        return listen_address_parse(value + 6, host, &port) == 0;
    }
    return strncmp(value, "ipc://", 6) == 0 && value[6] != '\0';
}

static bool is_address(const char *value)
{
    char host[HOST_BYTES];
    uint16_t port;
    return listen_address_parse(value, host, &port) == 0;
}

/* A bearer token is what fits an HTTP header. */
static bool is_token(const char *value)
{
    size_t n = strlen(value);
    for (size_t i = 0; i < n; i++) {
        if (value[i] <= ' ' || value[i] == 0x7f)
            return false;
    }
    return n >= 1 && n <= 1024;
}

static bool is_name(const char *value)
{
    size_t n = strlen(value);
    for (size_t i = 0; i < n; i++) {
        if (!isalnum((unsigned char)value[i]) && !strchr("._:/@+-", value[i]))
            return false;
    }
    return n >= 1 && n <= TARGET_NAME_MAX_BYTES;
}

static bool is_word(const char *value)
{
    for (const char *at = value; *at; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return false;
    }
    return true;
}

static bool is_redis_url(const char *value)
{
    redis_url_t parsed;
    return config_text_is_none(value) || redis_url_parse(value, &parsed) == 0;
}

static bool is_target_url(const char *value)
{
    if (config_text_is_none(value))
        return true;
    probe_type_t type = probe_type_of_url(value);
    return type != PROBE_TYPE_COUNT && probe_type_row(type)->is_url(value);
}

static bool is_http_url(const char *value)
{
    http_url_t parsed;
    return http_url_parse(value, &parsed) == 0;
}

/* What stands behind the scheme is host, port and credentials, as in an http URL. */
static bool is_proxy(const char *value)
{
    static const char *const schemes[] = {"http://", "https://", "socks5://", "socks5h://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t n = strlen(schemes[i]);
        char url[SCHEMA_TEXT_MAX_BYTES + 8];
        if (strncasecmp(value, schemes[i], n) != 0 || strlen(value) > SCHEMA_TEXT_MAX_BYTES)
            continue;
        (void)snprintf(url, sizeof url, "http://%s", value + n);
        return is_http_url(url);
    }
    return false;
}

/* One line that fits an HTTP header. */
static bool is_field(const char *value)
{
    for (const char *at = value; *at; at++) {
        if (((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f)
            return false;
    }
    return strlen(value) <= SCHEMA_TEXT_MAX_BYTES;
}

static bool is_secret(const char *value)
{
    return strlen(value) <= SCHEMA_SECRET_MAX_BYTES;
}

static bool is_condition(const char *value)
{
    return strlen(value) <= CONDITION_TEXT_MAX_BYTES;
}

static bool is_matcher(const char *value)
{
    return strlen(value) <= MATCHER_TEXT_MAX_BYTES;
}

static bool is_path(const char *value)
{
    size_t n = strlen(value);
    return n >= 1 && n <= SCHEMA_TEXT_MAX_BYTES;
}

bool config_text_is_label(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        bool is_letter = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z');
        if (!is_letter && name[i] != '_' && (i == 0 || name[i] < '0' || name[i] > '9'))
            return false;
    }
    return n >= 1 && n <= 64;
}

bool config_text_is_header(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        if (!isalnum((unsigned char)name[i]) && !strchr("!#$%&'*+-.^_`|~", name[i]))
            return false;
    }
    return n >= 1 && n <= 128;
}

bool config_text_is(schema_type_t type, const char *value)
{
    typedef bool is_fn(const char *value);
    static is_fn *const tests[SCHEMA_TYPE_COUNT] = {
        [SCHEMA_NAME] = is_name,           [SCHEMA_WORD] = is_word,
        [SCHEMA_PATH] = is_path,           [SCHEMA_TARGET_URL] = is_target_url,
        [SCHEMA_REDIS_URL] = is_redis_url, [SCHEMA_ENDPOINT] = is_endpoint,
        [SCHEMA_ADDRESS] = is_address,     [SCHEMA_TOKEN] = is_token,
        [SCHEMA_SECRET] = is_secret,       [SCHEMA_HTTP_URL] = is_http_url,
        [SCHEMA_PROXY] = is_proxy,         [SCHEMA_FIELD] = is_field,
        [SCHEMA_CONDITION] = is_condition, [SCHEMA_MATCHER] = is_matcher,
    };
    if (type == SCHEMA_TEXT)
        return strlen(value) <= SCHEMA_TEXT_MAX_BYTES;
    return tests[type](value);
}
